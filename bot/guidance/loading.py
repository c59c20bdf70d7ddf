"""From folders of YAML to a `Library`, or to every fault with its file and line.

Folders are read one after the other, and one rule holds for all that is named twice: an entry's id may not be (that is
a fault), and of everything else, a topic's title, a list of people or platforms, a chat word, the grammar, a source,
what comes later takes the earlier one's place as a whole. Messages that are not for us, and facts, add up; so do
follow-ups, of which a later one with an earlier one's id takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType

from bot.documents.faults import MOST_FAULTS, Fault, UnusableFile, nearest
from bot.documents.validation import Collector, validate
from bot.documents.yaml_text import MAX_NODES, Document, parse_yaml
from bot.guidance.danger import DangerFile, join_danger
from bot.guidance.facts import FactsFile
from bot.guidance.follow_ups import DANGER, FollowUpsFile
from bot.guidance.grammar import Grammar
from bot.guidance.models import (
    Entry,
    Known,
    Lexicon,
    Library,
    MessagesFile,
    NamedWords,
    Negatives,
    PlainWords,
    SourcesFile,
    TopicFile,
    Wordlist,
    WordsFile,
)

YAML = "*.y*ml"
SOURCES_FILE = "sources.yaml"
"""The file of a knowledge folder that says what its entries may cite."""
WORDS_FOLDER = "words"
NEGATIVES_FOLDER = "negatives"
DANGER_FOLDER = "danger"
FACTS_FOLDER = "facts"
FOLLOW_UPS_FOLDER = "follow_ups"
EVALUATION_FOLDER = "evaluation"
FITTED_FOLDER = "fitted"
"""Folders inside a knowledge folder whose files are no guidance entries."""
NEAR_MISSES = "near_miss"
"""How the name of a file of near-misses begins; every other file of negatives is chatter."""
MOST_TOPICS = 25
"""Discord's limit for the options of a menu, from which people choose a topic."""

Placed = tuple[Document, int, Entry]
"""An entry, the document it stands in, and its number there."""


def shipped_knowledge() -> Path:
    """The folder of the knowledge base that came with the program: inside the wheel, or beside the checkout's code."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "knowledge"
    return inside if inside.is_dir() else package.parent / "knowledge"


def load_library(folders: Sequence[Path]) -> Library:
    """Loads whole knowledge folders: `*.yaml` at their top are guidance, its other folders what belongs to it.

    Raises `UnusableFile` with the faults of all files; nothing is half-loaded.
    """
    library, _ = load_placed(folders)
    return library


def load_placed(folders: Sequence[Path], beside: Library | None = None) -> tuple[Library, tuple[Placed, ...]]:
    """The same, and where each of its entries stands.

    What `beside` holds may be named, too, though it is not part of the library. Raises `UnusableFile`.
    """
    in_use, beside = beside is None, beside or Library.empty()
    collector = Collector()
    sources = collector.validate(collector.read(_files(folders, SOURCES_FILE)), SourcesFile)
    guidance = collector.read(chain.from_iterable(_guidance_files(folder, collector.faults) for folder in folders))
    known = Known(
        topics=declared_topics(guidance, collector.faults),
        sources={locator: gist for _, file in sources for locator, gist in file.sources.items()},
    )
    nameable = Known({**beside.titles, **known.topics}, {**beside.sources, **known.sources})
    topic_files = collector.validate(guidance, TopicFile, nameable)
    words = collector.validate(collector.read(_files(folders, f"{WORDS_FOLDER}/{YAML}")), WordsFile)
    negatives = collector.validate(collector.read(_files(folders, f"{NEGATIVES_FOLDER}/{YAML}")), MessagesFile)
    danger = collector.validate(collector.read(_files(folders, f"{DANGER_FOLDER}/{YAML}")), DangerFile)
    facts = collector.validate(collector.read(_files(folders, f"{FACTS_FOLDER}/{YAML}")), FactsFile)
    follow_ups = collector.validate(
        collector.read(_files(folders, f"{FOLLOW_UPS_FOLDER}/{YAML}")), FollowUpsFile, nameable
    )
    lexicon = Lexicon(
        people=_wordlists(file.people for _, file in words),
        platforms=_wordlists(file.platforms for _, file in words),
        slang=MappingProxyType({word.lower(): plain for _, file in words for word, plain in file.slang.items()}),
        invitations=MappingProxyType({kind: names for _, file in words for kind, names in file.invitations.items()}),
        grammar=next((file.grammar for _, file in reversed(words) if file.grammar is not None), Grammar()),
        plain=next((file.plain for _, file in reversed(words) if file.plain is not None), PlainWords()),
    )
    placed = tuple(each for document, file in topic_files for each in placed_entries(document, file))
    collector.faults.extend(islice(double_ids(placed), MOST_FAULTS + 1))
    collector.faults.extend(islice(_dangling(placed, lexicon, beside), MOST_FAULTS + 1))
    if in_use:
        collector.faults.extend(islice(_limited(placed), MOST_FAULTS + 1))
    entries = {**beside.by_id, **{entry.id: entry for _, _, entry in placed}}
    astray = chain.from_iterable(faults_of_facts(document, file, entries) for document, file in facts)
    collector.faults.extend(islice(astray, MOST_FAULTS + 1))
    lost = chain.from_iterable(faults_of_follow_ups(document, file, entries, nameable) for document, file in follow_ups)
    collector.faults.extend(islice(lost, MOST_FAULTS + 1))
    collector.stop_at_faults()
    library = Library(
        entries=tuple(entry for _, _, entry in placed),
        titles=MappingProxyType(known.topics),
        lexicon=lexicon,
        negatives=Negatives(
            near_misses=tuple(_messages(negatives, near=True)), chatter=tuple(_messages(negatives, near=False))
        ),
        sources=MappingProxyType(known.sources),
        danger=join_danger([file for _, file in danger]),
        facts=tuple(fact for _, file in facts for fact in file.facts),
        follow_ups=tuple({each.id: each for _, file in follow_ups for each in file.follow_ups}.values()),
        no_follow_ups=tuple(message for _, file in follow_ups for message in file.neither),
    )
    return library, placed


def parse_entries(raw: bytes, name: str, library: Library, most_parts: int = MAX_NODES) -> tuple[Entry, ...]:
    """The entries of one guidance file given as bytes, e.g. of an import; `name` is what faults call it.

    They may name `library`'s topics and sources. A file of more than `most_parts` parts is not read on. Raises
    `UnusableFile`. References between entries (`see_also`,
    `adapt`) are left to the caller, who knows what else there is.
    """
    document = parse_yaml(raw, name, most_parts)
    file = validate(document, TopicFile, Known(library.titles, library.sources))
    placed = tuple(placed_entries(document, file))
    faults = tuple(islice(double_ids(placed), MOST_FAULTS + 1))
    if faults:
        raise UnusableFile(faults)
    return tuple(entry for _, _, entry in placed)


def _files(folders: Sequence[Path], pattern: str) -> Iterable[Path]:
    return chain.from_iterable(sorted(folder.glob(pattern)) for folder in folders)


def _guidance_files(folder: Path, faults: list[Fault]) -> list[Path]:
    if not folder.is_dir():
        problem = "is not a folder" if folder.exists() else "no such folder"
        faults.append(Fault(str(folder), 0, problem))
        return []
    found = [path for path in sorted(folder.glob(YAML)) if path.name != SOURCES_FILE]
    if not found:
        faults.append(Fault(str(folder), 0, "no guidance here: the folder holds no .yaml file"))
    return found


def declared_topics(documents: Iterable[Document], faults: list[Fault]) -> dict[str, str]:
    """The topics that these files declare, with their titles: a file with both makes a topic."""
    titles: dict[str, str] = {}
    for document in documents:
        data = document.data if isinstance(document.data, dict) else {}
        topic, title = data.get("topic"), data.get("title")
        if not isinstance(topic, str) or not isinstance(title, str):
            continue
        if topic not in titles and len(titles) == MOST_TOPICS:
            faults.append(document.fault(("topic",), f"there are {MOST_TOPICS} topics already, and no room for more"))
        titles[topic] = " ".join(title.split())
    return titles


def placed_entries(document: Document, file: TopicFile) -> Iterable[Placed]:
    """The entries of a file, each with its place, and with the file's topic unless it has one of its own."""
    for at, entry in enumerate(file.entries):
        yield document, at, entry if entry.topic else entry.model_copy(update={"topic": file.topic})


def _messages(files: Iterable[tuple[Document, MessagesFile]], *, near: bool) -> Iterable[str]:
    for document, file in files:
        if Path(document.file).stem.startswith(NEAR_MISSES) == near:
            yield from file.messages


def _dangling(placed: Sequence[Placed], lexicon: Lexicon, beside: Library) -> Iterable[Fault]:
    """References to entries, people and platforms that do not exist."""
    known = sorted({*beside.by_id, *(entry.id for _, _, entry in placed)})
    there = frozenset(known)
    people_and_platforms = (lexicon.people, lexicon.platforms, beside.lexicon.people, beside.lexicon.platforms)
    adaptable = tuple(dict.fromkeys(chain.from_iterable(people_and_platforms)))
    for document, at, entry in placed:
        for place, other in enumerate(entry.see_also):
            if other not in there:
                message = f"see_also names '{other}', which does not exist{nearest(other, known)}"
                yield document.fault(("entries", at, "see_also", place), message)
        for key in entry.adapt:
            if key not in adaptable:
                message = f"adapt names '{key}', which is no known person or platform{nearest(key, adaptable)}"
                yield document.fault(("entries", at, "adapt", key), message)


def _limited(placed: Iterable[Placed]) -> Iterable[Fault]:
    """Entries of a base that are limited to channels: it belongs to no server."""
    for document, at, entry in placed:
        if entry.channels:
            message = "'channels' limits a server's own entry; one of the base answers everywhere: take it out"
            yield document.fault(("entries", at, "channels"), message)


def double_ids(placed: Iterable[Placed]) -> Iterable[Fault]:
    """A fault for each entry whose id an earlier one has."""
    first: dict[str, Fault] = {}
    for document, at, entry in placed:
        here = document.fault(("entries", at, "id"), "")
        there = first.setdefault(entry.id, here)
        if there is not here:
            message = f"the id '{entry.id}' is taken: first used at {there.file}:{there.line}"
            yield Fault(here.file, here.line, message)


def faults_of_facts(document: Document, file: FactsFile, entries: Mapping[str, Entry]) -> Iterable[Fault]:
    """A fault for each id in a file of facts that leads nowhere: to no entry, to danger, or to two answers at once."""
    known = sorted(entries)
    for at, fact in enumerate(file.facts):
        first: dict[str, str] = {}
        for label, place, name in fact.named():
            message = ""
            if name not in entries:
                message = f"'{name}' does not exist{nearest(name, known)}"
            elif entries[name].safety:
                message = f"'{name}' is about danger, which is never one answer among others"
            elif name in first:
                message = f"'{name}' is named already, under '{first[name]}': an entry has one place in a fact"
            first.setdefault(name, label)
            if message:
                yield document.fault(("facts", at, "answers", label, place), message)


def faults_of_follow_ups(
    document: Document, file: FollowUpsFile, entries: Mapping[str, Entry], known: Known
) -> Iterable[Fault]:
    """A fault for each answer to a follow-up that is for nothing there is, or whose id is taken."""
    nameable = sorted({DANGER, *entries, *known.topics})
    there = frozenset(nameable)
    taken: set[str] = set()
    for at, place, answer in file.answers():
        where = ("follow_ups", at, "answers", place)
        if answer.id in entries or answer.id in taken:
            yield document.fault((*where, "id"), f"the id '{answer.id}' is taken")
        taken.add(answer.id)
        for number, name in enumerate(answer.to):
            if name not in there:
                message = f"'{name}' is no topic and no entry{nearest(name, nameable)}"
                yield document.fault((*where, "to", number), message)


def _wordlists(files: Iterable[Mapping[str, NamedWords]]) -> Mapping[str, Wordlist]:
    named = {key: words for file in files for key, words in file.items()}
    return MappingProxyType({key: Wordlist(key, words.label, words.words) for key, words in named.items()})
