"""What goes to a terminal: lines that act on none, in characters that it has."""

from __future__ import annotations

import codecs
import json
import re
import sys
import unicodedata
from collections.abc import Mapping
from typing import Any

from bot.documents.plain_text import printable_lines

SIGNS: Mapping[str, str] = {
    "✔": "+", "✘": "x", "○": "o", "◐": "~", "➜": ">", "▲": "!", "→": ">", "·": "-", "•": "*", "…": "...", "–": "-",
    "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"', "─": "-", "━": "-", "╸": "-", "╺": "-",
    "│": "|", "┃": "|",
}  # fmt: skip
"""What stands for a sign that a console's encoding does not have."""
_HANDLER = "rsvno.signs"
_UNSEEN_IN_JSON = re.compile(r"[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """Gives the characters that an encoding lacks as signs or letters that every one has."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_in_ascii, error.object[error.start : error.end])), error.end


def _in_ascii(character: str) -> str:
    return SIGNS.get(character) or unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode() or "?"


def show_in_any_encoding() -> None:
    """Lets whatever is printed reach standard output and error in any encoding that these may have."""
    codecs.register_error(_HANDLER, _plainer)
    for stream in (sys.stdout, sys.stderr):
        # None, or something else in its place, where there is no console
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=_HANDLER)


def say(line: object, *, error: bool = False) -> None:
    """Prints one line, on standard error if asked to: whatever it repeats, it stays one, and acts on no terminal."""
    print(printable_lines(str(line)).replace("\n", " "), file=sys.stderr if error else sys.stdout, flush=True)


def say_lines(text: str) -> None:
    """Prints a text of several lines in the same way."""
    for line in text.split("\n"):
        say(line)


def as_json(value: Mapping[str, Any]) -> str:
    """Returns a value as one line of JSON that acts on no terminal; in ASCII where a console has not every letter."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    text = json.dumps(value, ensure_ascii=not encoding.startswith("utf"))
    return _UNSEEN_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
