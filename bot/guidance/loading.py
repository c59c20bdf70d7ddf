"""From folders of YAML to a `Library`, or to every fault with its file and line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from bot.documents.faults import Fault, UnusableFile, nearest
from bot.documents.yaml_text import Document, Path_, parse_yaml, read_yaml
from bot.guidance.grammar import Grammar
from bot.guidance.models import (
    SOURCES,
    TOPICS,
    Entry,
    Identifier,
    Lexicon,
    Library,
    Negatives,
    Tone,
    TopicFile,
    Verdict,
    Wordlist,
    not_empty,
)

WORDS_FOLDER = "words"
NEGATIVES_FOLDER = "negatives"
EVALUATION_FOLDER = "evaluation"
FITTED_FOLDER = "fitted"
"""Folders inside a knowledge folder whose files are no guidance entries."""

Model = TypeVar("Model", bound=BaseModel)
_Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
_Message = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class _NamedWords(BaseModel):
    model_config = ConfigDict(extra="forbid")
    label: _Phrase
    words: Annotated[tuple[_Phrase, ...], BeforeValidator(not_empty)]


class _WordsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    people: dict[Identifier, _NamedWords] = Field(default_factory=dict)
    platforms: dict[Identifier, _NamedWords] = Field(default_factory=dict)
    slang: dict[_Phrase, _Phrase] = Field(default_factory=dict)
    grammar: Grammar | None = None


class _MessagesFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    messages: Annotated[tuple[_Message, ...], BeforeValidator(not_empty)]


def shipped_knowledge() -> Path:
    """The folder of the knowledge base that came with the program: inside the wheel, or beside the checkout's code."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "knowledge"
    return inside if inside.is_dir() else package.parent / "knowledge"


def load_library(folders: Sequence[Path]) -> Library:
    """Loads whole knowledge folders: `*.yaml` at their top are guidance, `words/` and `negatives/` what belongs to it.

    Raises `UnusableFile` with the faults of all files; nothing is half-loaded.
    """
    documents: list[Document] = []
    faults: list[Fault] = []
    entries: list[tuple[Document, int, Entry]] = []
    titles: dict[str, str] = {}
    words = _WordsFile()
    messages: dict[str, list[str]] = {"near_misses": [], "chatter": []}
    for folder in folders:
        found = _yaml_files(folder, faults)
        if not found:
            continue
        for path in found:
            try:
                document, topic_file = read_file(path, TopicFile)
            except UnusableFile as error:
                faults.extend(error.faults)
                continue
            documents.append(document)
            if topic_file.topic and topic_file.title:
                titles.setdefault(topic_file.topic, topic_file.title)
            entries.extend((document, at, entry) for at, entry in enumerate(_with_topic(topic_file)))
        for path in sorted((folder / WORDS_FOLDER).glob("*.y*ml")):
            try:
                _, more = read_file(path, _WordsFile)
            except UnusableFile as error:
                faults.extend(error.faults)
                continue
            words.people.update(more.people)
            words.platforms.update(more.platforms)
            words.slang.update(more.slang)
            words.grammar = more.grammar or words.grammar
        for path in sorted((folder / NEGATIVES_FOLDER).glob("*.y*ml")):
            try:
                _, more_messages = read_file(path, _MessagesFile)
            except UnusableFile as error:
                faults.extend(error.faults)
                continue
            kind = "near_misses" if path.stem.startswith("near_miss") else "chatter"
            messages[kind].extend(more_messages.messages)
    lexicon = Lexicon(
        people=MappingProxyType(_wordlists(words.people)),
        platforms=MappingProxyType(_wordlists(words.platforms)),
        slang=MappingProxyType({key.lower(): value for key, value in words.slang.items()}),
        grammar=words.grammar or Grammar(),
    )
    faults.extend(_across_files(entries, lexicon))
    if faults:
        raise UnusableFile(faults)
    return Library(
        entries=tuple(entry for _, _, entry in entries),
        titles=MappingProxyType(titles),
        lexicon=lexicon,
        negatives=Negatives(tuple(messages["near_misses"]), tuple(messages["chatter"])),
    )


def parse_entries(raw: bytes, name: str) -> tuple[Entry, ...]:
    """The entries of one guidance file given as bytes, e.g. of an import; `name` is what faults call it.

    Raises `UnusableFile`. References between entries (`see_also`, `adapt`) are left to the caller, who knows what
    else there is.
    """
    document = parse_yaml(raw, name)
    topic_file = validate(document, TopicFile)
    listed = [(document, at, entry) for at, entry in enumerate(_with_topic(topic_file))]
    faults = list(_double_ids(listed))
    if faults:
        raise UnusableFile(faults)
    return tuple(entry for _, _, entry in listed)


def check_path(path: Path) -> tuple[int, tuple[Fault, ...]]:
    """Checks one knowledge folder or one guidance file. Returns the number of entries and the faults (none: fine)."""
    try:
        if path.is_dir():
            return len(load_library([path]).entries), ()
        document, topic_file = read_file(path, TopicFile)
        listed = [(document, at, entry) for at, entry in enumerate(_with_topic(topic_file))]
        faults = tuple(sorted(_double_ids(listed)))
        return len(listed), faults
    except UnusableFile as error:
        return 0, error.faults


def _yaml_files(folder: Path, faults: list[Fault]) -> list[Path]:
    if not folder.is_dir():
        problem = "is not a folder" if folder.exists() else "no such folder"
        faults.append(Fault(str(folder), 0, problem))
        return []
    found = sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".yml"} and path.is_file())
    if not found:
        faults.append(Fault(str(folder), 0, "no guidance here: the folder holds no .yaml file"))
    return found


def read_file(path: Path, model: type[Model]) -> tuple[Document, Model]:
    """Reads one YAML file as `model`. Raises `UnusableFile` with every fault and its line."""
    document = read_yaml(path)
    return document, validate(document, model)


def validate(document: Document, model: type[Model]) -> Model:
    """The document's data as `model`. Raises `UnusableFile` with every fault and its line."""
    if not isinstance(document.data, dict):
        raise UnusableFile([document.fault((), "the file must be a mapping, such as 'topic: follow_back'")])
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise UnusableFile(_in_words(document, detail) for detail in error.errors(include_url=False)) from None


def _with_topic(topic_file: TopicFile) -> Iterable[Entry]:
    for entry in topic_file.entries:
        yield entry if entry.topic else entry.model_copy(update={"topic": topic_file.topic})


_KNOWN_KEYS: dict[str, Sequence[str]] = {
    "TopicFile": tuple(TopicFile.model_fields),
    "Entry": tuple(Entry.model_fields),
    "say": tuple(Tone),
    "words": tuple(_WordsFile.model_fields),
}


def _in_words(document: Document, detail: Any) -> Fault:
    """One pydantic error as one line for a writer."""
    location: Path_ = tuple(part for part in detail["loc"] if part != "[key]")
    name = str(location[-1])[:60] if location else "the file"
    inside_entry = len(location) == 3 and location[0] == "entries"
    kind = detail["type"]
    value = detail.get("input")
    if kind == "extra_forbidden":
        known = _KNOWN_KEYS["Entry" if inside_entry else "TopicFile"]
        if len(location) == 1 and "entries" not in document.data:
            known = (*known, *_KNOWN_KEYS["words"], "messages")
        message = f"unknown key '{name}'{nearest(name, known)}; known are {', '.join(known)}"
    elif kind == "missing":
        message = f"'{name}' is missing"
        # the whole entry stands at its list item, which is where the missing key would go
        location = location[:-1]
    elif kind == "enum":
        known = [str(tone) for tone in Tone] if "say" in location else [str(verdict) for verdict in Verdict]
        message = f"unknown {'tone' if 'say' in location else name} '{str(value)[:60]}'{nearest(str(value), known)}"
        message += f"; known are {', '.join(known)}"
    elif kind == "string_too_long":
        message = f"'{name}' is too long: {len(str(value))} characters, at most {detail['ctx']['max_length']}"
    elif kind == "string_too_short":
        message = f"'{name}' is empty"
    elif kind == "string_pattern_mismatch":
        message = f"'{str(value)[:60]}' is no identifier: use lower-case letters, digits, '-' and '_'"
    elif kind in {"too_short", "too_long"}:
        limit = detail["ctx"].get("min_length") or detail["ctx"].get("max_length")
        message = f"'{name}' needs {'at least' if kind == 'too_short' else 'at most'} {limit} item(s)"
    elif kind == "value_error":
        message = str(detail["ctx"]["error"])
        if message.startswith("needs "):
            message = f"'{name}' {message}"
        if message.startswith("unknown topic"):
            message += nearest(str(value), TOPICS) + f"; known are {', '.join(TOPICS)}"
        elif message.startswith("unknown source"):
            message += nearest(str(value), SOURCES) + "; known are essay:1 to essay:14, comment:1 to comment:7, spirit"
    elif kind == "string_type":
        message = f"'{name}' must be text" + (", and is empty" if value is None else f", not {_called(value)}")
    elif kind in {"tuple_type", "list_type"}:
        message = f"'{name}' must be a list" + (", and is empty" if value is None else f", not {_called(value)}")
    elif kind in {"mapping_type", "dict_type", "model_type", "model_attributes_type"}:
        message = f"'{name}' must be a mapping (key: value)" + (
            ", and is empty" if value is None else f", not {_called(value)}"
        )
    elif kind.startswith("bool"):
        message = f"'{name}' must be true or false"
    else:
        message = f"'{name}': {detail['msg']}"
    return document.fault(location, " ".join(message.split()))


def _called(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else "text"


def _across_files(entries: Sequence[tuple[Document, int, Entry]], lexicon: Lexicon) -> Iterable[Fault]:
    yield from _double_ids(entries)
    ids = [entry.id for _, _, entry in entries]
    known = set(ids)
    adaptable = (*lexicon.people, *lexicon.platforms)
    for document, at, entry in entries:
        for place, other in enumerate(entry.see_also):
            if other not in known:
                path = ("entries", at, "see_also", place)
                yield document.fault(path, f"see_also names '{other}', which does not exist{nearest(other, ids)}")
        for key in entry.adapt:
            if key not in adaptable:
                message = f"adapt names '{key}', which is no known person or platform{nearest(key, adaptable)}"
                yield document.fault(("entries", at, "adapt", key), message)


def _double_ids(entries: Iterable[tuple[Document, int, Entry]]) -> Iterable[Fault]:
    first: dict[str, str] = {}
    for document, at, entry in entries:
        fault = document.fault(("entries", at, "id"), "")
        if entry.id in first:
            yield Fault(fault.file, fault.line, f"the id '{entry.id}' is taken: first used at {first[entry.id]}")
        else:
            first[entry.id] = f"{fault.file}:{fault.line}"


def _wordlists(named: dict[str, _NamedWords]) -> dict[str, Wordlist]:
    return {key: Wordlist(key, item.label, item.words) for key, item in named.items()}
