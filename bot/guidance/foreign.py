"""Files that people have, as guidance: tables, lists of questions and answers, a chatbot's training data.

Taken are our own form; CSV and its kin with a line of names such as `question,answer`; a list of questions and
answers in YAML, JSON or JSON lines, also under a key or as `question: answer`; and Rasa's `nlu` with its `responses`.
Each part keeps its line, so that a fault points into the file as it was written.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bot.documents.faults import MOST_FAULTS, Fault, UnusableFile
from bot.documents.validation import validate
from bot.documents.yaml_text import Block, Document, Location, parse_yaml
from bot.guidance.loading import double_ids, placed_entries
from bot.guidance.models import Entry, Known, Library, TopicFile, Verdict

SMALL = '{question: "Do we follow back in the promo corner?", verdict: "yes", advice: "Yes, that is what it is for."}'
SMALL_FILE = f"entries: [{SMALL}]"
"""A whole file of guidance, in one line."""
SMALL_TABLE = '"question,answer", and below it one entry a line, such as "May I ask twice?,Yes: once a week."'

_QUESTION = ("question", "questions", "q", "prompt", "input", "patterns", "utterance")
_ANSWER = ("answer", "answers", "a", "response", "responses", "reply", "output", "completion")
_NAMES: Mapping[str, str] = {
    **{name: name for name in Entry.model_fields},
    **dict.fromkeys(_QUESTION, "question"),
    **dict.fromkeys(_ANSWER, "advice"),
    **dict.fromkeys(("wordings", "alternatives", "utterances", "variations", "variants"), "examples"),
    **dict.fromkeys(("tag", "intent"), "id"),
}
"""What the parts of an entry are called, here and elsewhere."""
_FIELDS = frozenset(Entry.model_fields)
_LISTS = ("entries", "faq", "faqs", "questions", "items", "data", "qa", "intents", "pairs", "rows")
_DELIMITERS = "\t;,|"
_TABLES = (".csv", ".tsv", ".tab")
_ESCAPED_PAIR = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
_ENTITY = re.compile(r"\[([^\[\]]{1,100})\](?:\([^()]{1,100}\)|\{[^{}]{1,200}\})")
"""How Rasa marks a part of an example: `[coworker](person)`, `[boss]{"entity": "person"}`."""
_VERDICTS = tuple(
    (re.compile(rf"{begins}(?!\w)", re.IGNORECASE), verdict)
    for begins, verdict in (
        ("no obligation", Verdict.NO_OBLIGATION), ("you don'?t have to", Verdict.NO_OBLIGATION), ("yes", Verdict.YES),
        ("no", Verdict.NO), ("it depends|that depends|depends", Verdict.DEPENDS),
    )
)  # fmt: skip

IdFor = Callable[[str, str], str]
"""Makes the id of an entry that has none: of its question, or of the name that it has elsewhere, unless that is ''."""


@dataclass(frozen=True, slots=True)
class Imported:
    """The entries of a file, and the names of those of its parts for which an entry has no place."""

    entries: tuple[Entry, ...]
    left_out: tuple[str, ...] = ()


def parse_import(raw: bytes, name: str, library: Library, id_for: IdFor, most_parts: int) -> Imported:
    """Reads the entries of a file of any kind that is taken; `name` is what faults call it.

    `library` has the topics and sources that may be named, `id_for` gives an entry an id.
    Raises `UnusableFile` with the first faults, each with its line; where the file's shape is at fault, one of them
    shows a whole small entry.
    """
    reshaped = _Reshaped(*_read(raw, name, most_parts), id_for)
    document = reshaped.document
    try:
        file = validate(document, TopicFile, Known(library.titles, library.sources))
    except UnusableFile as error:
        raise UnusableFile([*reshaped.to_copy(), *error.faults], more=error.more) from None
    placed = tuple(placed_entries(document, file))
    faults = tuple(islice(double_ids(placed), MOST_FAULTS + 1))
    if faults:
        raise UnusableFile(faults)
    return Imported(tuple(entry for _, _, entry in placed), tuple(reshaped.left_out))


# --------------------------------------------------------------------- reading


def _read(raw: bytes, name: str, most_parts: int) -> tuple[Document, bool]:
    """Any of the files as plain data, with lines, and whether it is a table. Raises `UnusableFile`."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        # as spreadsheets save 'Unicode text'
        raw = raw.decode("utf-16", "replace").encode("utf-8", "replace")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return parse_yaml(raw, name, most_parts), False
    table = _as_table(text, name, most_parts)
    if table is not None:
        return table, True
    if text.lstrip()[:1] in ("[", "{"):
        raw = _json_as_yaml(text).encode("utf-8", "replace")
    return parse_yaml(raw, name, most_parts), False


def _json_as_yaml(text: str) -> str:
    """JSON, or JSON lines, as YAML can read it, each part on its own line: nearly all JSON is YAML already."""
    lines = text.strip().split("\n")
    if len(lines) > 1 and all(line.strip()[:1] + line.strip()[-1:] in ("{}", "") for line in lines):
        commas = "\n".join(f"{line}," if line.strip() else "" for line in lines)
        text = f"{text[: len(text) - len(text.lstrip())]}[{commas}]"
    # a tab is no indentation in YAML, and stands in no text in JSON; JSON writes a picture as two halves
    return _ESCAPED_PAIR.sub(_joined, text.replace("\t", " "))


def _joined(pair: re.Match[str]) -> str:
    return chr(0x10000 + ((int(pair[1], 16) & 0x3FF) << 10) + (int(pair[2], 16) & 0x3FF))


def _as_table(text: str, name: str, most_parts: int) -> Document | None:
    """A table as a list of mappings by its columns' names; None if it is none. Raises `UnusableFile`."""
    begin = text.lstrip("\r\n")
    first = begin.split("\n", 1)[0].rstrip("\r")[:4000]
    for delimiter in _DELIMITERS:
        names = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter), [])]
        columns = {_NAMES.get(cell.casefold()) for cell in names}
        if {"question", "advice"} <= columns:
            skipped = text.count("\n", 0, len(text) - len(begin))
            return _rows(begin, names, delimiter, name, skipped, most_parts)
    if name.lower().endswith(_TABLES):
        raise UnusableFile([Fault(name, 1, f"the first line must name the columns: {SMALL_TABLE}")])
    return None


def _rows(text: str, names: Sequence[str], delimiter: str, name: str, skipped: int, most_parts: int) -> Document:
    document = Document(name, [])
    reader = csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), delimiter=delimiter)
    parts, read = 0, 0
    try:
        for cells in reader:
            line, read = skipped + read + 1, reader.line_num
            parts += max(1, len(cells))
            if parts > most_parts:
                raise UnusableFile([Fault(name, line, f"too many parts: more than {most_parts:,}")])
            if any(cell.strip() for cell in cells[len(names) :]):
                problem = (
                    f"{len(cells)} cells in {len(names)} columns: put quotes around a text that holds '{delimiter}'"
                )
                raise UnusableFile([Fault(name, line, problem)])
            if read > 1 and any(cell.strip() for cell in cells):
                document.lines[(len(document.data),)] = line
                held = zip(names, cells, strict=False)
                document.data.append({column: cell for column, cell in held if column and cell.strip()})
    except csv.Error as error:
        raise UnusableFile([Fault(name, skipped + reader.line_num, f"this is no table: {error}")]) from None
    return document


# ------------------------------------------------------------------- reshaping


class _Reshaped:
    """A document in our own form, as far as it can be brought into it. What can't be is left for validation to name."""

    def __init__(self, document: Document, is_table: bool, id_for: IdFor) -> None:
        self.left_out: dict[str, None] = {}
        self._is_table = is_table
        self._id_for = id_for
        self._from = document
        # where a part of the new document stood in the old one
        self._moved: dict[Location, Location] = {}
        self._entries: list[Any] = []
        data = self._reshape(document.data)
        self.document = Document(document.file, data, self._lines()) if data is not document.data else document

    def to_copy(self) -> Iterator[Fault]:
        """A whole small entry to copy, where something is at fault that it explains."""
        needed = {"question", "verdict", "advice"}
        if not self._entries:
            yield Fault(self.document.file, 0, f"guidance is written so: {SMALL_FILE}")
        elif not all(isinstance(each, dict) and needed <= each.keys() <= _FIELDS for each in self._entries):
            yield Fault(self.document.file, 0, f"an entry is written so: {SMALL}")

    def _reshape(self, data: Any) -> Any:
        if isinstance(data, list):
            return self._with_entries({}, data, ())
        if not isinstance(data, dict):
            return data
        if isinstance(data.get("nlu"), list):
            return self._with_intents(data["nlu"], data.get("responses"))
        named = {str(key).casefold(): key for key in data}
        key = next((named[name] for name in _LISTS if name in named and isinstance(data[named[name]], list)), None)
        if key is not None:
            kept = {other: value for other, value in data.items() if other != key}
            if key != "entries":
                kept = self._known_parts(kept, TopicFile.model_fields)
            return self._with_entries(kept, data[key], (key,))
        if data and all(isinstance(value, str) for value in data.values()) and any("?" in key for key in data):
            # 'question: answer'
            for at, question in enumerate(data):
                self._moved[("entries", at)] = self._moved[("entries", at, "advice")] = (question,)
            return self._with_entries({}, [{"question": each, "answer": text} for each, text in data.items()], None)
        return data

    def _with_entries(self, kept: Mapping[str, Any], items: Sequence[Any], origin: Location | None) -> dict[str, Any]:
        for at, item in enumerate(items):
            if origin is not None:
                self._moved[("entries", at)] = (*origin, at)
            self._entries.append(self._entry(item, at, (*origin, at) if origin is not None else None))
        if origin:
            self._moved[("entries",)] = origin
        for key in kept:
            self._moved[(key,)] = (key,)
        return {**kept, "entries": self._entries}

    def _entry(self, item: Any, at: int, origin: Location | None) -> Any:
        if isinstance(item, list) and len(item) == 2 and all(isinstance(each, str) for each in item):
            item = dict(zip(("question", "answer"), item, strict=True))
            origin = None
        if not isinstance(item, dict):
            return item
        made: dict[str, Any] = {}
        names: dict[str, str] = {}
        for key, value in item.items():
            name = _NAMES.get(key.strip().casefold(), key)
            # an entry of ours has its own key for it, and the other is a mistake
            name = key if name in made or (name != key and name in item) else name
            made[name], names[name] = value, key
            if origin is not None:
                self._moved[("entries", at, name)] = (*origin, key)
        is_foreign = names.get("advice", "advice").casefold() != "advice"
        self._split(made, is_ours=names.get("question", "question").casefold() == "question")
        if is_foreign:
            made = self._known_parts(made, _FIELDS)
            if made.get("verdict") is None and isinstance(made.get("advice"), str):
                made["verdict"] = str(_verdict_of(made["advice"]))
        if made.get("id") is None or (is_foreign and names.get("id", "id").casefold() != "id"):
            made["id"] = self._id_for(str(made.get("question") or ""), str(made.get("id") or ""))
        return made

    def _split(self, made: dict[str, Any], is_ours: bool) -> None:
        """Several questions become one with examples; one answer in a list, the answer; examples in a cell, a list."""
        asked, advice, examples = made.get("question"), made.get("advice"), made.get("examples")
        if isinstance(asked, Block) and not is_ours:
            asked = [text for _, text in asked.items()]
        if isinstance(asked, list) and asked and "examples" not in made:
            made["question"] = asked[0]
            if len(asked) > 1:
                made["examples"] = asked[1:]
        if isinstance(advice, list) and len(advice) == 1:
            made["advice"] = advice[0]
        if isinstance(examples, str) and self._is_table:
            made["examples"] = [each.strip() for each in re.split(r"[\n|]", examples) if each.strip()]

    def _known_parts(self, parts: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
        self.left_out.update(dict.fromkeys(str(key) for key in parts if key not in known))
        return {key: value for key, value in parts.items() if key in known}

    def _with_intents(self, intents: Sequence[Any], responses: Any) -> dict[str, Any]:
        """Rasa's intents as entries: the first example is the question, and `utter_INTENT` the answer."""
        faults: list[Fault] = []
        for at, item in enumerate(intents):
            if not isinstance(item, dict) or "intent" not in item:
                # synonyms, lookup tables and the like
                self.left_out.update(dict.fromkeys(map(str, item)) if isinstance(item, dict) else {})
                continue
            intent = str(item["intent"])
            asked = list(_examples_of(item.get("examples")))
            answer = _response_to(intent, responses)
            if not asked or answer is None:
                lacks = (
                    "questions (examples)" if not asked else f"an answer (responses: utter_{intent[:60]}: - text: ...)"
                )
                message = f"the intent '{intent[:60]}' has not {lacks}: guidance needs both, such as {SMALL_FILE}"
                faults.append(self._from.fault(("nlu", at), message))
                continue
            number = len(self._entries)
            self._moved[("entries", number)] = ("nlu", at)
            self._entries.append(
                {
                    "id": self._id_for(asked[0], intent), "question": asked[0], "examples": asked[1:],
                    "verdict": str(_verdict_of(answer)), "advice": answer,
                }
            )  # fmt: skip
        if faults:
            raise UnusableFile(faults)
        return {"entries": self._entries}

    def _lines(self) -> dict[Location, int]:
        """The new document's lines: of each part, that of the part in the old one that became it."""
        inner: dict[Location, list[tuple[Location, int]]] = {}
        origins = set(self._moved.values())
        for place, line in self._from.lines.items():
            for cut in range(len(place), -1, -1):
                if place[:cut] in origins:
                    inner.setdefault(place[:cut], []).append((place[cut:], line))
                    break
        lines: dict[Location, int] = {(): self._from.line(())}
        for new, old in self._moved.items():
            lines[new] = self._from.line(old)
            lines.update({(*new, *rest): line for rest, line in inner.get(old, ())})
        return lines


def _examples_of(examples: Any) -> Iterator[str]:
    """Rasa's examples, without the dash before each and without marks of what they name."""
    lines = [text for _, text in examples.items()] if isinstance(examples, Block) else examples
    for line in lines if isinstance(lines, list) else ():
        text = line.get("text") if isinstance(line, dict) else line
        if isinstance(text, str) and text.strip():
            yield _ENTITY.sub(r"\1", text.strip().removeprefix("- ").strip())


def _response_to(intent: str, responses: Any) -> str | None:
    found = responses.get(f"utter_{intent}") if isinstance(responses, dict) else None
    first = found[0] if isinstance(found, list) and found else found
    text = first.get("text") if isinstance(first, dict) else first
    return text if isinstance(text, str) and text.strip() else None


def _verdict_of(answer: str) -> Verdict:
    """The verdict with which an answer begins; how to do it, if it begins with none."""
    return next((verdict for begins, verdict in _VERDICTS if begins.match(answer.strip())), Verdict.HOW_TO)
