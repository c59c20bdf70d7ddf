"""What each server keeps: settings, guidance, inbox and counters. The only room with SQL.

One code for a SQLite file (the default) and for PostgreSQL. A server's rows are reached only through
`database.server(guild_id)`.
"""

from bot.storage.core import CountRow
from bot.storage.database import Database
from bot.storage.faults import (
    AlreadyExists,
    DatabaseTooNew,
    DatabaseUnavailable,
    LimitReached,
    NotFound,
    StorageFault,
)
from bot.storage.schema import OPERATOR
from bot.storage.server_store import Known, ServerStore, StoredEntry, Unanswered, Version
from bot.storage.settings import ServerSettings

__all__ = [
    "OPERATOR",
    "AlreadyExists",
    "CountRow",
    "Database",
    "DatabaseTooNew",
    "DatabaseUnavailable",
    "Known",
    "LimitReached",
    "NotFound",
    "ServerSettings",
    "ServerStore",
    "StorageFault",
    "StoredEntry",
    "Unanswered",
    "Version",
]
