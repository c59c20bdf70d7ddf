"""Labelled questions to measure on: what is asked, and what a fair judge expects."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.documents.faults import Fault, UnusableFile
from bot.documents.reading import read_whole
from bot.documents.validation import Lines, validate
from bot.documents.yaml_text import read_yaml
from bot.guidance.loading import EVALUATION_FOLDER, load_library, shipped_knowledge
from bot.guidance.models import Entry, Identifier, Known, Library, TopicName, Verdict

_Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
MAX_CHATTER_BYTES = 256 * 1024 * 1024


class _Labelled(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    q: _Question
    origin: str | None = None
    """Where the question comes from: a note for whoever keeps the file."""


class OnTopic(_Labelled):
    """A question that is for us.

    `entries` are those that would serve who asks, best first; `never` those that must not be shown, for the reason that
    `kind` names. A set that knows only topics gives `topic`, `also` (others that a fair judge accepts) and `verdict`.
    """

    entries: tuple[Identifier, ...] = ()
    never: tuple[Identifier, ...] = ()
    kind: Literal["plain", "sibling", "direction", "fact"] = "plain"
    topic: TopicName | None = None
    also: tuple[TopicName, ...] = ()
    verdict: Verdict | None = None

    @model_validator(mode="after")
    def _labelled(self) -> OnTopic:
        if not self.entries and (self.topic is None or self.verdict is None):
            raise ValueError("needs 'entries', or 'topic' and 'verdict'")
        return self

    def topics(self, library: Library) -> frozenset[str]:
        """Every topic that counts as right."""
        named = {self.topic, *self.also, *(library.by_id[name].topic for name in self.entries if name in library.by_id)}
        return frozenset(topic for topic in named if topic is not None)

    def verdicts(self, library: Library) -> frozenset[Verdict]:
        """Every verdict that counts as right."""
        if self.verdict is not None:
            return frozenset({self.verdict})
        return frozenset(library.by_id[name].verdict for name in self.entries if name in library.by_id)


class OffTopic(_Labelled):
    """A message that is not for us, though it may share words with ours; or, under `safety`, one about danger."""


class LabelledEntry(Entry):
    """A server's own entry, with questions that members would ask for it."""

    paraphrases: tuple[_Question, ...]


class LabelledServer(BaseModel):
    """A server's own guidance as it really is. `others` are questions and messages that are not for its entries."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    entries: tuple[LabelledEntry, ...]
    others: tuple[_Question, ...] = ()


class LabelledServers(BaseModel):
    """One file of labelled servers."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    labelled_servers: tuple[LabelledServer, ...]


class LabelledQuestions(BaseModel):
    """One file of labelled questions. `harmless` are messages that sound near danger and are not."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    on_topic: tuple[OnTopic, ...] = Field(default=())
    near_miss: tuple[OffTopic, ...] = Field(default=())
    safety: tuple[OffTopic, ...] = Field(default=())
    harmless: tuple[OffTopic, ...] = Field(default=())
    chatter: Lines[_Question] = Field(default=())


def shipped_questions() -> Path:
    """The labelled set that comes with the program. No loader takes it for guidance."""
    return shipped_knowledge() / EVALUATION_FOLDER / "questions.yaml"


def calibration_questions() -> LabelledQuestions:
    """The labelled questions on which confidence is fitted; never those that `shipped_questions` names."""
    return load_labelled(shipped_knowledge() / EVALUATION_FOLDER / "calibration.yaml")


def calibration_servers() -> LabelledServers:
    """The labelled servers on which the competition of own entries with built-in ones is fitted."""
    return load_servers(shipped_knowledge() / EVALUATION_FOLDER / "calibration_servers.yaml")


def load_servers(path: Path) -> LabelledServers:
    """Reads labelled servers. Raises `UnusableFile` with every fault and its line."""
    return validate(read_yaml(path), LabelledServers)


def load_labelled(path: Path, library: Library | None = None) -> LabelledQuestions:
    """Reads labelled questions, whose topics are those of `library` (None: the shipped one).

    Raises `UnusableFile` with every fault and its line.
    """
    document = read_yaml(path)
    library = library or load_library([shipped_knowledge()])
    questions = validate(document, LabelledQuestions, Known(library.titles, library.sources))
    if not (questions.on_topic or questions.near_miss or questions.safety or questions.chatter):
        raise UnusableFile([Fault(str(path), 0, "no questions here: on_topic, near_miss and safety are all empty")])
    return questions


def read_chatter(path: Path) -> tuple[str, ...]:
    """Ordinary messages, one a line; blank lines are left out. Raises `UnusableFile`."""
    text = read_whole(path, MAX_CHATTER_BYTES).decode("utf-8-sig", errors="replace")
    messages = tuple(line for line in text.splitlines() if line.strip())
    if not messages:
        raise UnusableFile([Fault(str(path), 0, "the file is empty")])
    return messages
