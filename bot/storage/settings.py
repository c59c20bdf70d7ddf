"""What a server chose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

MOST_DAYS = 30
MOST_ENTRIES = 500
"""A server's own entries, unless the operator gives it more."""


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"unknown time zone '{name[:40]}': use a name such as Europe/Berlin")
    return name


class ServerSettings(BaseModel):
    """A server's settings; the defaults hold until somebody chooses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    listening: Literal["mentioned", "channels", "never"] = "mentioned"
    """Where messages are answered: only when mentioned, also unasked in the channels below, or nowhere."""
    listening_channels: frozenset[int] = frozenset()
    eagerness: Literal["careful", "eager"] = "careful"
    """How soon after one unasked answer there may be another."""
    private_answers: bool = True
    editor_roles: frozenset[int] = frozenset()
    """Who may edit the server's guidance beside those who manage the server."""
    inbox: bool = False
    """Whether questions that got no answer, or a thumbs-down, are kept for the admins."""
    inbox_days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = MOST_DAYS
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    stats_audience: Literal["admins", "everyone"] = "admins"
    entries_limit: Annotated[int, Field(ge=0, le=100_000)] = MOST_ENTRIES
    greeted: bool = False
    """Whether the hello was said."""

    @classmethod
    def read(cls, stored: Any) -> tuple[ServerSettings, frozenset[str]]:
        """Returns stored settings, and the names of those that this version does not know, or refuses.

        These are at their defaults: a setting of a newer version, or a time zone that the system has lost, must not
        keep a server from being answered.
        """
        there = dict(stored) if isinstance(stored, Mapping) else {}
        unreadable = {name for name in there if name not in cls.model_fields}
        while True:
            try:
                settings = cls.model_validate({name: there[name] for name in there if name not in unreadable})
            except ValidationError as error:
                wrong = {str(each["loc"][0]) for each in error.errors() if each["loc"]} - unreadable
                unreadable |= wrong or there.keys()
            else:
                return settings, frozenset(unreadable)
