"""What each server keeps: settings, guidance, inbox and counters. The only room with SQL.

One code for a SQLite file (the default) and for PostgreSQL. A server's rows are reached only through
`database.server(guild_id)`: its `.settings`, `.entries`, `.inbox`, `.waiting` and `.counters`.
"""

from bot.storage.core import UNREADABLE, CountRow, Remembered
from bot.storage.counting import JUDGED, CountKey, Delta
from bot.storage.database import Database
from bot.storage.faults import (
    AlreadyExists,
    ChangedMeanwhile,
    DatabaseInUse,
    DatabaseTooNew,
    DatabaseUnavailable,
    LimitReached,
    NotFound,
    StorageFault,
    TooLarge,
    TooManyWordings,
)
from bot.storage.schema import OPERATOR
from bot.storage.server import ServerStore
from bot.storage.server.entries import Known, Latest, StoredEntry, Version
from bot.storage.server.inbox import Unanswered
from bot.storage.settings import ServerSettings

__all__ = [
    "JUDGED",
    "OPERATOR",
    "UNREADABLE",
    "AlreadyExists",
    "ChangedMeanwhile",
    "CountKey",
    "CountRow",
    "Database",
    "DatabaseInUse",
    "DatabaseTooNew",
    "DatabaseUnavailable",
    "Delta",
    "Known",
    "Latest",
    "LimitReached",
    "NotFound",
    "Remembered",
    "ServerSettings",
    "ServerStore",
    "StorageFault",
    "StoredEntry",
    "TooLarge",
    "TooManyWordings",
    "Unanswered",
    "Version",
]
