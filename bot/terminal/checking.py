"""`rsvno check`: every YAML file of the project is known by its keys; what was looked at, and what is wrong there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bot.configuration import Settings, knowledge_folders, load_settings
from bot.documents.faults import MOST_FAULTS, Fault, UnusableFile
from bot.documents.validation import validate
from bot.documents.yaml_text import Document, read_yaml
from bot.evaluation.questions import LabelledQuestions, LabelledServers
from bot.evaluation.talks import LabelledTalks
from bot.guidance.danger import DangerFile
from bot.guidance.facts import FactsFile
from bot.guidance.follow_ups import FollowUpsFile
from bot.guidance.loading import (
    DANGER_FOLDER,
    FACTS_FOLDER,
    FOLLOW_UPS_FOLDER,
    NEGATIVES_FOLDER,
    WORDS_FOLDER,
    Placed,
    declared_topics,
    double_ids,
    faults_of_facts,
    faults_of_follow_ups,
    load_library,
    load_placed,
    placed_entries,
    shipped_knowledge,
)
from bot.guidance.models import Entry, Known, Library, MessagesFile, SourcesFile, TopicFile, WordsFile
from bot.guidance.review import review

YAML = (".yaml", ".yml")
LANGUAGES_FOLDER = "languages"
MOST_KEYS = 30
"""Keys of a file that are looked at to see of what kind it is: no kind has more."""
OF_A_LIBRARY = (WORDS_FOLDER, NEGATIVES_FOLDER, DANGER_FOLDER, FACTS_FOLDER, FOLLOW_UPS_FOLDER)
"""Folders in a knowledge folder that are read together with it."""


@dataclass
class Report:
    """`lines` say what is fine, `faults` what is not, `hints` what could be better; `more`: there are more faults."""

    lines: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    hints: list[Fault] = field(default_factory=list)
    more: bool = False

    def add(self, error: UnusableFile) -> None:
        """Takes over what is wrong with a file."""
        self.faults.extend(error.faults)
        self.more |= error.more


def check_all(paths: Sequence[Path], config: Path | None) -> Report:
    """Checks `config` (when given) and `paths`; without paths, every knowledge folder in use, together.

    Raises `UnusableFile` for a path that is not there.
    """
    missing = [Fault(str(path), 0, "can't be read: No such file or directory") for path in paths if not path.exists()]
    if missing:
        raise UnusableFile(missing)
    checking = _Checking(Report())
    if config is not None:
        checking.file(config)
    if paths:
        for path in paths:
            checking.folder(path) if path.is_dir() else checking.file(path)
    elif not checking.report.faults:
        checking.libraries(knowledge_folders(load_settings(config)), None)
    return checking.report


def check_examples(report: Report, settings: Settings) -> None:
    """Adds hints at the examples that another entry wins, in the guidance that is in use."""
    from bot.advice.advisor import Advisor
    from bot.terminal.contested import hints_at_examples

    _, placed = load_placed(knowledge_folders(settings))
    hints, summary = hints_at_examples(Advisor.open(settings).base, placed)
    report.hints.extend(hints)
    report.lines.append(summary)


@dataclass(frozen=True)
class _Kind:
    """A kind of file: what it is called, its model, and what to count in it."""

    name: str
    model: type[BaseModel]
    count: Callable[[Any], str]


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _questions(file: LabelledQuestions) -> str:
    asked = (*file.on_topic, *file.near_miss, *file.safety, *file.chatter)
    return _count(len(asked), "question", "questions")


_GUIDANCE = _Kind("guidance", TopicFile, lambda file: _count(len(file.entries), "entry", "entries"))
_CONFIGURATION = _Kind("configuration", Settings, lambda _: "configuration")
_KINDS = (
    _GUIDANCE,
    _Kind("words", WordsFile, lambda file: _count(_size(file), "word list", "word lists")),
    _Kind("messages", MessagesFile, lambda file: _count(len(file.messages), "message", "messages")),
    _Kind("danger", DangerFile, lambda file: _count(len(file.messages) + len(file.harmless), "message", "messages")),
    _Kind("facts", FactsFile, lambda file: _count(len(file.facts), "fact", "facts")),
    _Kind("follow-ups", FollowUpsFile, lambda file: _count(len(file.follow_ups), "follow-up", "follow-ups")),
    _Kind("servers", LabelledServers, lambda file: _count(len(file.labelled_servers), "server", "servers")),
    _Kind("talks", LabelledTalks, lambda file: _count(len(file.talks), "talk", "talks")),
    _Kind("sources", SourcesFile, lambda file: _count(len(file.sources), "source", "sources")),
    _Kind("questions", LabelledQuestions, _questions),
    _CONFIGURATION,
)


def _size(file: WordsFile) -> int:
    single = (file.slang, file.grammar, file.plain, file.invitations)
    return len(file.people) + len(file.platforms) + sum(map(bool, single))


def _kind_of(document: Document) -> _Kind | None:
    """The kind that has most of the file's keys, or else keys that look most like them; None: of no kind."""
    if not isinstance(document.data, dict):
        return None
    for cutoff in (1.0, 0.75):
        known = {kind.name: _alike(document.data, kind.model, cutoff) for kind in _KINDS}
        best = max(_KINDS, key=lambda kind: known[kind.name])
        if known[best.name]:
            return best
    return None


def _alike(data: Mapping[str, Any], model: type[BaseModel], cutoff: float) -> int:
    keys = islice(data, MOST_KEYS)
    return sum(bool(get_close_matches(key[:40], model.model_fields, 1, cutoff)) for key in keys)


class _Checking:
    def __init__(self, report: Report) -> None:
        self.report = report
        self._shipped: Library | None = None

    @property
    def shipped(self) -> Library:
        """The shipped library, whose topics, sources and words any file may name; nothing, if it is what is broken."""
        if self._shipped is None:
            try:
                self._shipped = load_library([shipped_knowledge()])
            except UnusableFile:
                self._shipped = Library.empty()
        return self._shipped

    def folder(self, folder: Path) -> None:
        """Checks every YAML file in a folder and below it: guidance by the folder, with its words and negatives."""
        paths = list(_yaml_files(folder))
        if not paths:
            self.report.faults.append(Fault(str(folder), 0, "no guidance here: the folder holds no .yaml file"))
        libraries = {path.parent for path in paths if self._is_guidance(path)}
        within = {library: self.libraries([library], self.shipped) for library in sorted(libraries)}
        for path in paths:
            read_already = path.parent in within or (path.parent.name in OF_A_LIBRARY and path.parent.parent in within)
            if not read_already:
                self.file(path, within.get(path.parent.parent), strict=False)

    def libraries(self, folders: Sequence[Path], beside: Library | None) -> Library | None:
        """Checks knowledge folders that are used together; returns their library if it is fine."""
        try:
            library, placed = load_placed(folders, beside)
        except UnusableFile as error:
            self.report.add(error)
            return None
        self._review(placed, library)
        number_of = {str(folder): 0 for folder in folders}
        for document, _, _ in placed:
            number_of[str(Path(document.file).parent)] += 1
        for name, number in number_of.items():
            self.report.lines.append(f"{name}: {_count(number, 'entry', 'entries')}, fine")
        return library

    def file(self, path: Path, library: Library | None = None, *, strict: bool = True) -> None:
        """Checks one file by its kind, which may name what is in `library`. `strict`: it must be of some kind."""
        try:
            said = self._file(path, library or self.shipped, strict)
            self.report.lines.append(f"{path}: {said}")
        except UnusableFile as error:
            self.report.add(error)

    def _file(self, path: Path, library: Library, strict: bool) -> str:
        document = read_yaml(path)
        if path.parent.name == LANGUAGES_FOLDER:
            from bot.chat.kit.language_file import language_model

            validate(document, language_model())
            return "language, fine"
        kind = _CONFIGURATION if path.stem.startswith("config") else _kind_of(document)
        if kind is None and strict:
            known = "; ".join(f"{kind.name} have {', '.join(kind.model.model_fields)}" for kind in _KINDS)
            raise UnusableFile([document.fault((), f"this is no file of ours, by its keys: {known}")])
        if kind is None:
            return "no file of ours, left alone"
        if kind is _CONFIGURATION:
            load_settings(path)
            return "configuration, fine"
        topics = {**library.titles, **_topics_beside(path)} if kind is _GUIDANCE else library.titles
        file = validate(document, kind.model, Known(topics, library.sources))
        if isinstance(file, TopicFile):
            placed = tuple(placed_entries(document, file))
            self.report.faults.extend(islice(double_ids(placed), MOST_FAULTS))
            self._review(placed, self.shipped)
        if isinstance(file, FactsFile | FollowUpsFile):
            entries = {**library.by_id, **_entries_above(path)}
            faults = tuple(islice(_astray(document, file, entries, library), MOST_FAULTS))
            if faults:
                raise UnusableFile(faults)
        return f"{kind.count(file)}, fine"

    def _is_guidance(self, path: Path) -> bool:
        try:
            return path.parent.name != LANGUAGES_FOLDER and _kind_of(read_yaml(path)) is _GUIDANCE
        except UnusableFile:
            return False

    def _review(self, placed: Iterable[Placed], library: Library) -> None:
        for document, at, entry in placed:
            for place, message in review(entry, library.lexicon):
                self.report.hints.append(document.fault(("entries", at, *place), f"{entry.id}: {message}"))


def _astray(
    document: Document, file: FactsFile | FollowUpsFile, entries: Mapping[str, Entry], library: Library
) -> Iterable[Fault]:
    """A fault for whatever a file of facts or of follow-ups names that is not there."""
    if isinstance(file, FactsFile):
        return faults_of_facts(document, file, entries)
    return faults_of_follow_ups(document, file, entries, Known(library.titles, library.sources))


def _yaml_files(folder: Path) -> Iterator[Path]:
    """The YAML files in a folder and below it, but for hidden ones."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix in YAML and not hidden and path.is_file():
            yield path


def _entries_above(path: Path) -> Mapping[str, Entry]:
    """The entries of the knowledge folder that a file of facts or follow-ups belongs to; none, if it is no such one."""
    entries: dict[str, Entry] = {}
    folder = path.resolve().parent
    naming = folder.name in (FACTS_FOLDER, FOLLOW_UPS_FOLDER)
    for each in sorted(folder.parent.glob("*.y*ml")) if naming else ():
        try:
            file = validate(read_yaml(each), TopicFile)
        except UnusableFile:
            continue
        entries.update((entry.id, entry) for entry in file.entries)
    return entries


def _topics_beside(path: Path) -> Mapping[str, str]:
    """The topics that a guidance file and those beside it make."""
    documents = []
    for each in sorted(path.parent.glob("*.y*ml")):
        try:
            documents.append(read_yaml(each))
        except UnusableFile:
            continue
    return declared_topics(documents, [])
