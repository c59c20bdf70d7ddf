"""What can go wrong with stored data, in one clear line each: never a password, never what a person wrote."""

from __future__ import annotations

from bot.documents.faults import RsvnoError


class StorageFault(RsvnoError):
    """Something about stored data did not work; nothing was half-written. `values` are the facts in its message."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message)
        self.values = values

    @property
    def lines(self) -> tuple[str, ...]:
        """One line, for whoever runs the program."""
        return (f"database: {self}",)


class DatabaseUnavailable(StorageFault):
    """The database cannot be reached, is locked, or its disk is full."""


class DatabaseInUse(StorageFault):
    """Another program works on the database, where only one may."""


class DatabaseTooNew(StorageFault):
    """The database was written by a newer version of the program."""


class BackupFault(StorageFault):
    """A backup could not be written, or what should be put back is none, or would overwrite what is there."""


class NotFound(StorageFault):
    """There is no such entry or version."""


class AlreadyExists(StorageFault):
    """There is already an entry of that id."""


class ChangedMeanwhile(StorageFault):
    """An entry is not any more as whoever changes it saw it; nothing was changed."""


class LimitReached(StorageFault):
    """The server has as many entries as it may."""


class TooManyWordings(LimitReached):
    """The server's entries would have more wordings together than they may."""


class TooLarge(LimitReached):
    """The server's entries would be larger together than they may be."""
