"""What can go wrong on either side: for the bot, Discord's own errors; for a person, what their client would forbid."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An error as Discord words it on the wire: an HTTP status, a JSON error code, a message, and details by field."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} (error code {code}): {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def as_json(self) -> dict[str, Any]:
        """Returns the body of the answer, `{"message", "code", "errors"?}`."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.errors is not None:
            body["errors"] = self.errors
        return body


def invalid_form(path: str, message: str, code: str = "BASE_TYPE_BAD_LENGTH") -> ApiError:
    """Returns Discord's 50035 'Invalid Form Body', with `message` at the dotted `path` of the offending field."""
    errors: dict[str, Any] = {}
    here = errors
    for key in path.split("."):
        here = here.setdefault(key, {})
    here["_errors"] = [{"code": code, "message": message}]
    return ApiError(400, 50035, "Invalid Form Body", errors)


class NotAllowed(Exception):
    """A person tried what Discord's client would not let them do: a hidden command, a channel they may not write in."""


class NotAnswered(Exception):
    """Nothing happened in time: 'The application did not respond', or a message that never came."""
