"""A form's fields: what of an entry they show, and what becomes of the entry when they were filled in. No Discord.

What a form did not show, or what nobody touched in it, stays exactly as it is.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from bot.documents.faults import RsvnoError
from bot.documents.validation import in_words
from bot.guidance.models import Entry, Tone

Document = Mapping[str, Any]

MOST_WRITTEN = 4000
"""Characters of a form's field: Discord's limit."""
FIELDS: Mapping[str, str] = {
    "question": "question", "verdict": "verdict", "advice": "advice", "wordings": "examples", "words": "say"
}  # fmt: skip
"""A form's fields, and what they are called in an entry."""

_MARKS = " -•\t"
"""What people put before the lines of a list."""
_TONE = re.compile(rf"({'|'.join(Tone)})\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)


class Refused(RsvnoError):
    """What was written cannot be an entry; `lines` say what is wrong, one line a fault."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("; ".join(lines))
        self._lines = tuple(lines)

    @property
    def lines(self) -> tuple[str, ...]:
        """One line a fault."""
        return self._lines


def entry_of(document: Document) -> Entry:
    """Returns the entry that a document holds. Raises Refused."""
    try:
        return Entry.model_validate(dict(document))
    except ValidationError as error:
        raise Refused([message for _, message in in_words(error, Entry)]) from None


# ---------------------------------------------------------------------- shown


def fields_of(document: Document) -> dict[str, str]:
    """Returns what a form shows of a document, which may lack some of it; see `entry_from_form`."""
    held = {key: str(document[key]) for key in ("question", "verdict", "advice") if key in document}
    return {
        **held,
        "wordings": "\n".join(line for line, _ in _shown(document)),
        "words": text_from_words(document.get("say", {})),
    }


def not_shown(document: Document) -> int:
    """Returns how many of a document's wordings do not fit into the form."""
    return len(document.get("examples", ())) - sum(1 for _ in _shown(document))


def _shown(document: Document) -> Iterator[tuple[str, str]]:
    """The first wordings that fit, each as its line in the form and as it is."""
    length = 0
    for wording in document.get("examples", ()):
        line = _one_line(wording)
        length += len(line) + 1
        if length > MOST_WRITTEN:
            return
        yield line, wording


def _one_line(text: str) -> str:
    return " ".join(text.split())


# --------------------------------------------------------------------- filled in


def touched(fields: Mapping[str, str], shown: Document) -> frozenset[str]:
    """Returns the fields in which something else stands than a form showed of a document."""
    before = fields_of(shown)
    return frozenset(name for name in FIELDS if _plain(fields[name]) != _plain(before.get(name, "")))


def _plain(text: str) -> list[str]:
    """A field's lines without what Discord, or who looks at it, may change at their ends."""
    return [line.rstrip() for line in text.strip().splitlines()]


def entry_from_form(
    entry_id: str, fields: Mapping[str, str], shown: Document | None = None, present: Document | None = None
) -> Entry:
    """Returns the entry that a form describes.

    `fields`: question, verdict, advice, wordings (one a line) and words (to send: one text, or lines that begin with
    `warm:`, `brief:` or `firm:`). `shown` is the document that the form was filled in with, and `present` the one that
    is changed now, if that is another. Raises Refused.
    """
    document: dict[str, Any] = {**(present or shown or {}), "id": entry_id}
    changed = touched(fields, shown) if shown is not None else frozenset(FIELDS)
    document |= {key: fields[key].strip() for key in ("question", "verdict", "advice") if key in changed}
    if "wordings" in changed:
        document["examples"] = _wordings(fields["wordings"], shown or {})
    if "words" in changed:
        document["say"] = words_from_text(fields["words"])
    return entry_of(document)


def _wordings(text: str, shown: Document) -> list[str]:
    """The wordings in a field; lines that stood there before are the wordings that they stood for."""
    held: dict[str, deque[str]] = defaultdict(deque)
    number = 0
    for line, wording in _shown(shown):
        held[line].append(wording)
        number += 1
    found: list[str] = []
    for line in map(_one_line, text.splitlines()):
        bare = line.strip(_MARKS)
        if held[line]:
            found.append(held[line].popleft())
        elif bare:
            found.append(bare)
    return [*found, *shown.get("examples", ())[number:]]


# ------------------------------------------------------------------ words to send


def words_from_text(text: str) -> dict[str, str]:
    """Returns words to send by tone: lines that begin with a tone's name, or else the whole text as the warm one."""
    found: dict[str, list[str]] = {}
    tone = str(Tone.WARM)
    for line in re.split(r"\r\n?|\n", text.strip()):
        named = _TONE.fullmatch(line.lstrip())
        if named:
            tone, line = named[1].lower(), named[2]
        elif line.startswith("\\") and _is_like_a_tone(line):
            line = line[1:]
        found.setdefault(tone, []).append(line)
    said = {tone: "\n".join(lines).strip() for tone, lines in found.items()}
    return {tone: words for tone, words in said.items() if words}


def text_from_words(say: Mapping[Tone, str] | Mapping[str, str]) -> str:
    """Returns the text of a form's field for words to send; the inverse of `words_from_text`."""
    return "\n".join(f"{tone}: {_unmistakable(words)}" for tone, words in say.items())


def _unmistakable(words: str) -> str:
    """Words in which no line but the first can be taken for the beginning of a tone."""
    first, *rest = words.split("\n")
    return "\n".join([first, *(f"\\{line}" if _is_like_a_tone(line) else line for line in rest)])


def _is_like_a_tone(line: str) -> bool:
    """Whether a line of words to send would be read as the beginning of a tone, but for backslashes before it."""
    return _TONE.match(line.lstrip("\\").lstrip()) is not None
