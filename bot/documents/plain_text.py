"""Text that holds nothing but text: no escapes for a terminal, no halves of characters, no turned-around letters."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""C0 and C1 controls, ends of lines and paragraphs, what turns the direction of writing, and halves of characters."""
_CONTROL_IN_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""The same, but for the tab and the line feed."""
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What YAML refuses."""
_LINE_END = re.compile(r"\r\n?|[\x85\u2028\u2029]")


def printable(text: str) -> str:
    """Returns `text` in one line, fit for a terminal and for Discord: controls and runs of spaces become one space."""
    return " ".join(_CONTROL.sub(" ", text).split())


def printable_lines(text: str) -> str:
    """Returns `text` as it is, line by line, with a space for each control."""
    return _CONTROL_IN_LINES.sub(" ", text)


def without_controls(text: str) -> str:
    """Returns `text` as a file can hold it: each end of a line is a line feed, and a space stands for what it can't."""
    return _UNWRITABLE.sub(" ", _LINE_END.sub("\n", text))


def storable(text: str) -> str:
    """Returns `text` as any database takes it: without NUL, and with '?' for halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
