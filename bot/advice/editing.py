"""Editing a server's own guidance: as it is stored, to and from a file, and what to be warned of. No Discord.

The form of an entry is that of `knowledge/`; a file that is exported and imported again is the same file.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bot.advice.advisor import Advisor
from bot.documents.faults import Fault, UnusableFile
from bot.documents.yaml_writing import one_a_line, write_yaml
from bot.guidance.foreign import parse_import
from bot.guidance.models import MAX_EXAMPLE, Entry, Library
from bot.matching.own import Own
from bot.matching.policies import Outcome, Policy

Document = dict[str, Any]

PREFIX = "own-"
WIDE = 0.003
"""An entry that this share of ordinary messages would set off is too wide."""
MOST_BYTES = 1_000_000
"""Of a file to import."""
MOST_PARTS = 20_000
"""Of a file to import: entries, and whatever stands in them."""


def new_id(question: str, taken: Collection[str], numbers: Counter[str] | None = None) -> str:
    """Returns an id made of a question's words that no other entry has.

    `numbers`: how often each was given before, for whoever asks for many: they are not all tried again.
    """
    plain = unicodedata.normalize("NFKD", question[:MAX_EXAMPLE].lower()).encode("ascii", "ignore").decode()
    slug = PREFIX + ("-".join(re.findall(r"[a-z0-9]+", plain))[:48].strip("-") or "entry")
    numbers = Counter() if numbers is None else numbers
    candidate = ""
    while not candidate or candidate in taken:
        numbers[slug] += 1
        candidate = slug if numbers[slug] == 1 else f"{slug}-{numbers[slug]}"
    return candidate


def as_document(entry: Entry) -> Document:
    """Returns an entry as it is stored and exported: without what is at its default."""
    return entry.model_dump(mode="json", exclude_defaults=True)


def stored_entries(documents: Iterable[Mapping[str, Any]]) -> tuple[list[Entry], list[str]]:
    """Returns stored entries, and the ids of those that this version refuses: another one may have written them, and
    they must not keep the others from answering."""
    entries: list[Entry] = []
    refused: list[str] = []
    for document in documents:
        try:
            entries.append(Entry.model_validate(dict(document)))
        except ValidationError:
            refused.append(str(document.get("id", "")))
    return entries, refused


# ---------------------------------------------------------------------- files


def export_yaml(documents: Sequence[Mapping[str, Any]]) -> str:
    """Returns entries as a file in the knowledge format; the same entries always give the same text."""
    return write_yaml({"entries": [_as_written(each) for each in documents]})


def _as_written(stored: Mapping[str, Any]) -> Document:
    document = _in_full(stored)
    ordered = {key: document[key] for key in (*Entry.model_fields, *document) if key in document}
    if "examples" in ordered:
        ordered["examples"] = one_a_line(ordered["examples"])
    return ordered


def _in_full(stored: Mapping[str, Any]) -> Document:
    """Returns a stored entry as `as_document` does, and one that this version refuses as it is."""
    entries, _ = stored_entries([stored])
    return as_document(entries[0]) if entries else dict(stored)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do: entries to add and to change, and the ids of those that are the same already.

    `left_out`: names of columns or keys in the file for which an entry has no place.
    """

    add: tuple[Document, ...]
    change: tuple[Document, ...]
    same: tuple[str, ...]
    left_out: tuple[str, ...] = ()

    def anew(self, existing: Mapping[str, Mapping[str, Any]]) -> ImportPlan:
        """Returns what the same entries would do on a server whose entries (by id) are others meanwhile.

        What was the same then is not in question any more.
        """
        return _compared([*self.add, *self.change], existing, self.left_out)


def plan_import(
    raw: bytes, name: str, existing: Mapping[str, Mapping[str, Any]], library: Library, room: int
) -> ImportPlan:
    """Reads a file and compares it with a server's entries (by id); nothing is written.

    `library` is the built-in guidance, whose topics and sources the file may name; `room` is how many entries may still
    be added. An entry without an id is the one that has its question already, or gets an id made of it. Raises
    UnusableFile with the first faults, also when an id is a built-in entry's, when the file is too large, or when there
    is no room.
    """
    if len(raw) > MOST_BYTES:
        raise UnusableFile([Fault(name, 0, f"the file has {len(raw):,} bytes; at most {MOST_BYTES:,} can be read")])
    by_question = {_comparable(str(each["question"])): entry_id for entry_id, each in existing.items()}
    taken = {*existing, *library.by_id}
    numbers: Counter[str] = Counter()

    def id_for(question: str, called: str) -> str:
        # the same question twice is the same entry twice, and that is a fault
        key = _comparable(question)
        if key not in by_question:
            by_question[key] = new_id(called or question, taken, numbers)
            taken.add(by_question[key])
        return by_question[key]

    read = parse_import(raw, name, library, id_for, MOST_PARTS)
    entries = read.entries
    faults = [
        Fault(name, 0, f"'{entry.id}' is the id of a built-in entry: hide that one, and give yours another id")
        for entry in entries
        if entry.id in library.by_id
    ]
    documents = [as_document(entry) for entry in entries]
    add = tuple(document for document in documents if document["id"] not in existing)
    if len(add) > room:
        faults.append(Fault(name, 0, f"{len(add)} entries would be added, and there is room for {room}"))
    if faults:
        raise UnusableFile(faults)
    return _compared(documents, existing, read.left_out)


def _compared(
    documents: Sequence[Document], existing: Mapping[str, Mapping[str, Any]], left_out: tuple[str, ...]
) -> ImportPlan:
    known = {entry_id: _in_full(document) for entry_id, document in existing.items()}
    add = tuple(document for document in documents if document["id"] not in known)
    change = tuple(document for document in documents if known.get(document["id"], document) != document)
    same = tuple(document["id"] for document in documents if known.get(document["id"]) == document)
    return ImportPlan(add, change, same, left_out)


def _comparable(question: str) -> str:
    return " ".join(question.split()).casefold()


def changed_fields(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> list[str]:
    """Returns the names of the fields in which two versions differ; all of them if there is no older one."""
    if old is None:
        return sorted(key for key in new if key != "id")
    return sorted(key for key in {*old, *new} if old.get(key) != new.get(key))


# ------------------------------------------------------------------- warnings


@dataclass(frozen=True, slots=True)
class Warnings:
    """What whoever adds an entry should know: who answers its wordings now, and how wide it is.

    `answered_by`: the entry that answers one of its wordings already, and that wording. `width`: the share of ordinary
    messages that would set it off (0 to 1), if that is too many, with one of them.
    """

    answered_by: tuple[Entry, str] | None = None
    width: tuple[float, str] | None = None


def warnings(advisor: Advisor, entry: Entry) -> Warnings:
    """Looks at a new entry as the matcher will: `advisor` is the server's, which may hold the entry already."""
    there = advisor.at(entry.channels) if entry.channels else advisor
    others = there.within([each for each in there.own_entries if each.id != entry.id], advisor.hidden)
    alone = advisor.within([entry], ())
    assert alone.own is not None
    taken = None
    for wording in entry.wordings:
        advice = others.advise(alone.own.reading(wording), Policy.ASK)
        if advice.outcome is Outcome.ANSWER and advice.entry is not None and advice.entry.id != entry.id:
            taken = (advice.entry, wording)
            break
    return Warnings(taken, _width(alone, alone.own))


def _width(advisor: Advisor, own: Own) -> tuple[float, str] | None:
    """The share of ordinary messages that an index of one own entry would answer, if that is too much, and one."""
    least = advisor.base.model.meaning.own.answer
    messages = list(advisor.base.negatives())
    caught = [
        message.text
        for message, nearest in zip(messages, advisor.base.nearest_of_negatives, strict=True)
        if any(match.confidence >= least for match in own.match(message, nearest, 1))
    ]
    share = len(caught) / len(messages) if messages else 0.0
    return (share, caught[0]) if share >= WIDE else None
