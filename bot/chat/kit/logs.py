"""The log: what matters to an operator. Never a token, an interaction's token, or what people wrote."""

from __future__ import annotations

import logging
import re
import sys
import time
import traceback
from collections.abc import Callable

log = logging.getLogger(__name__)

_SECRETS = re.compile(
    r"(?P<path>/(?:interactions|webhooks)/\d+/)[^/\s'\"]+"
    r"|(?P<bot>Bot )[\w.-]{20,}"
    r"|(?P<url>://[^:/@\s]{1,200}:)[^@\s]{1,400}(?=@)"
    r"|[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"
)


def without_secrets(text: str) -> str:
    """Returns `text` with every token, in a path, a header or an address, put out."""
    return _SECRETS.sub(lambda found: (found["path"] or found["bot"] or found["url"] or "") + "***", text)


class Seldom:
    """Logs what may happen a thousand times a minute once a minute, with how often it happened.

    `text` is the line, which holds no value of its own where lines are to be taken for the same. `now`: seconds on a
    clock that only goes forward.
    """

    def __init__(self, text: str, seconds: float = 60.0, now: Callable[[], float] = time.monotonic) -> None:
        self._text = text
        self._seconds = seconds
        self._now = now
        self._said_at = -float("inf")
        self._unsaid = 0

    def warn(self, *values: object) -> None:
        """Logs the line with these values, or counts it."""
        if self._now() - self._said_at < self._seconds:
            self._unsaid += 1
            return
        more = f" ({self._unsaid} more since the last such line)" if self._unsaid else ""
        self._said_at, self._unsaid = self._now(), 0
        log.warning(self._text + more, *values)


OUT_OF_REACH = Seldom("what servers keep is out of reach: %s")
DROPPED = Seldom("an interaction was %.1f s old before anything was done: dropped")
LATE = Seldom("an answer came too late, or twice (code %s)")


def log_out_of_reach(fault: Exception) -> None:
    """Says that the database did not answer, in the fault's own clear line (a time-out has none: its name)."""
    OUT_OF_REACH.warn(str(fault) or type(fault).__name__)


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))

    def formatException(self, ei: object) -> str:  # the standard library's name
        error = ei[1] if isinstance(ei, tuple) else None
        return where_it_happened(error) if isinstance(error, BaseException) else ""


def where_it_happened(error: BaseException) -> str:
    """Returns an error's kind and the places it came through, without its message: that may quote what was written."""
    lines: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(lines) < 60:
        status = getattr(seen, "status", None)
        code = getattr(seen, "code", None)
        detail = f" (status {status}, code {code})" if isinstance(status, int) else ""
        lines.append(f"{type(seen).__name__}{detail}")
        frames = traceback.extract_tb(seen.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(lines)


def set_up_logging(level: str = "INFO") -> None:
    """Sends the log to stderr, our own lines from `level` on.

    Libraries are never heard below INFO: there discord.py prints interactions' tokens, and the database what is stored.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.INFO, logging.getLevelNamesMapping()[level]))
    logging.getLogger("bot").setLevel(level)
    logging.getLogger("aiohttp").setLevel(logging.WARNING)
