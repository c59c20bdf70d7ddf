"""The base's entries as an index: learned once from a library, then asked message by message. Deterministic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.guidance.models import Entry, Library
from bot.matching.encoder.encoder import Encoder, Vectors
from bot.matching.encoder.vectors import Progress, VectorStore
from bot.matching.features import prepare
from bot.matching.model.files import UnusableModel, read_model, write_model
from bot.matching.model.fitting import fit
from bot.matching.model.model import Model
from bot.matching.model.training import TrainingSet, fingerprint, training_set
from bot.matching.ranking import NOTHING, Match, Ranking
from bot.matching.reading import Reader, Reading
from bot.matching.text import Slang

MODEL_FILE = "model.npz"
VECTORS_FILE = "vectors.npy"
VERDICT_WEIGHT = 0.5
NEAREST_WEIGHT = 10.0
CENTER_WEIGHT = 10.0
"""How much the verdict's log-probability and the cosines to an entry's nearest example and center count beside the
topic's log-probability."""
PEOPLE_WEIGHT = 2.0
"""What an entry loses that is about other people than those whom the message names: words for an old friend would
embarrass whoever sends them to a coworker."""
ABOUT_PEOPLE = 0.5
"""An entry is about certain people if this share of its wordings names somebody."""
ALSO_ABOUT = 0.05
"""It is about a kind of people, too, from this share of its wordings on."""
SHORTLIST_FROM = 2000
SHORTLIST = 200
"""Above so many entries, so many of them are looked at example by example."""
KEPT = 10
"""So many entries are ranked for a message."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What the machines say of one message: decision values of ours and danger, a score and a cosine an entry."""

    ours: float
    danger: float
    entries: NDArray[np.float32]
    nearest: NDArray[np.float32]


@dataclass(frozen=True)
class Base:
    """Ranks a library's entries for a message. `vectors` are those of `data.texts`, ours first, in entry order."""

    library: Library
    reader: Reader
    data: TrainingSet
    vectors: Vectors
    model: Model

    def rank(self, reading: Reading) -> Ranking:
        """The ranking for any text; without words in it, an empty one."""
        scores = self.score(reading)
        if scores is None:
            return NOTHING
        calibration = self.model.meaning.calibration
        return Ranking(
            ours=calibration.ours.probability(scores.ours),
            danger=calibration.danger.probability(scores.danger),
            matches=self._matches(scores),
            nearest=float(scores.nearest.max()),
        )

    def rank_if_likely(self, reading: Reading, least: float) -> Ranking:
        """The same for a message that is probably not for us: empty, cheaply, when `ours` would be below `least`."""
        if not reading.prepared or not self.model.gate.passes(reading):
            return NOTHING
        ours = self.model.ours.score(self._supports[0] @ reading.vector)
        if self.model.meaning.calibration.ours.probability(ours) < least:
            return NOTHING
        return self.rank(reading)

    def match(self, reading: Reading, most: int) -> Sequence[Match]:
        """See `Index.match`."""
        return self.rank(reading).matches[:most]

    def order(self, reading: Reading) -> tuple[Entry, ...]:
        """All entries, the best match first, for a text that is known to be ours; without words, in their own order."""
        scores = self.score(reading)
        if scores is None:
            return self.library.entries
        return tuple(self.library.entries[index] for index in np.argsort(-scores.entries, kind="stable"))

    def nearest(self, reading: Reading) -> float:
        """The cosine to the nearest wording of the base; -1 when there are no words to read."""
        if not reading.is_readable or not self.data.ours:
            return -1.0
        return float((self.vectors[: self.data.ours] @ reading.vector).max())

    def negatives(self) -> Iterator[Reading]:
        """What the base learned silence from: messages that are not for us."""
        for text, vector in zip(self.data.texts[self.data.ours :], self.vectors[self.data.ours :], strict=True):
            yield self.reader.known(text, vector)

    def score(self, reading: Reading) -> Scores | None:
        """The raw scores of a message, before calibration; None when it holds no words."""
        if not self.library.entries or not reading.is_readable:
            return None
        vector = reading.vector
        likeness = self._centers @ vector
        topic = self.model.topic.log_probabilities(vector, reading.sparse)
        verdict = self.model.verdict.log_probabilities(vector, reading.sparse)
        nearest = self._nearest(vector, likeness)
        entries = (
            topic[self._topic_of]
            + VERDICT_WEIGHT * verdict[self._verdict_of]
            + CENTER_WEIGHT * likeness
            + NEAREST_WEIGHT * nearest
        )
        entries -= PEOPLE_WEIGHT * self._about_others(reading)
        ours, danger = (
            kernel.score(supports @ vector)
            for kernel, supports in zip((self.model.ours, self.model.danger), self._supports, strict=True)
        )
        return Scores(ours, danger, entries, nearest)

    def _about_others(self, reading: Reading) -> NDArray[np.float32]:
        """1 for each entry that is about certain people, none of whom the message names, though it names others."""
        named, _ = self.library.lexicon.mentioned(reading.prepared)
        if not named:
            return np.zeros(len(self.library.entries), dtype=np.float32)
        people, shares = self._people
        columns = [people[person] for person in named if person in people]
        theirs = shares[:, columns].max(axis=1) if columns else np.zeros(len(shares), dtype=np.float32)
        return ((shares[:, -1] >= ABOUT_PEOPLE) & (theirs < ALSO_ABOUT)).astype(np.float32)

    @cached_property
    def _people(self) -> tuple[dict[str, int], NDArray[np.float32]]:
        """The column of each kind of people, and for each entry the share of its wordings that name them.

        Whom an entry adapts its advice to counts as named; the last column is the share that names anybody.
        """
        lexicon = self.library.lexicon
        columns = {person: at for at, person in enumerate(lexicon.people)}
        shares = np.zeros((len(self.library.entries), len(columns) + 1), dtype=np.float32)
        for row, entry in enumerate(self.library.entries):
            for wording in entry.wordings:
                named, _ = lexicon.mentioned(prepare(wording, self.reader.slang))
                for person in named:
                    shares[row, columns[person]] += 1 / len(entry.wordings)
                shares[row, -1] += bool(named) / len(entry.wordings)
            for person in entry.adapt:
                if person in columns:
                    shares[row, columns[person]] = 1.0
        return columns, shares

    def _nearest(self, vector: Vectors, likeness: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of each entry, the cosine to its example most like the message; `likeness` holds those to the centers."""
        result: NDArray[np.float32]
        if len(likeness) <= SHORTLIST_FROM:
            result = np.maximum.reduceat(self.vectors[: self.data.ours] @ vector, self._starts)
            return result
        # of a large library, only the entries whose centers are near are worth the look at each of their examples
        result = likeness.copy()
        ends = np.append(self._starts[1:], self.data.ours)
        for number in np.argpartition(-likeness, SHORTLIST)[:SHORTLIST]:
            result[number] = (self.vectors[self._starts[number] : ends[number]] @ vector).max()
        return result

    def topic_shares(self, entries: NDArray[np.float32]) -> NDArray[np.float64]:
        """How the probability divides among topics (in the order of the machine's classes), by all entries' scores."""
        shares = np.exp((entries - entries.max()) / self.model.meaning.calibration.spread)
        by_topic = np.bincount(self._topic_of, weights=shares, minlength=len(self.model.topic.classes))
        result: NDArray[np.float64] = by_topic / by_topic.sum()
        return result

    def _matches(self, scores: Scores) -> tuple[Match, ...]:
        by_topic = self.topic_shares(scores.entries)
        order = np.argsort(-scores.entries, kind="stable")
        numbers = [int(number) for number in order[:KEPT]]
        # safety wins over etiquette when both match: its best entry is always among those ranked
        dangers = [int(number) for number in order[self._is_danger[order]][:1]]
        numbers.extend(number for number in dangers if number not in numbers)
        confidence_of = self.model.meaning.calibration.confidence_of
        return tuple(
            Match(
                self.library.entries[number],
                confidence_of(float(by_topic[self._topic_of[number]]), scores.ours),
                float(scores.nearest[number]),
            )
            for number in numbers
        )

    @cached_property
    def _supports(self) -> tuple[Vectors, Vectors]:
        return self.vectors[self.model.ours.supports], self.vectors[self.model.danger.supports]

    @cached_property
    def _is_danger(self) -> NDArray[np.bool_]:
        return np.array([entry.safety for entry in self.library.entries])

    @cached_property
    def _starts(self) -> NDArray[np.intp]:
        return np.searchsorted(self.data.entry[: self.data.ours], np.arange(len(self.library.entries)))

    @cached_property
    def _centers(self) -> Vectors:
        sums = np.add.reduceat(self.vectors[: self.data.ours], self._starts, axis=0)
        centers: Vectors = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        return centers

    @cached_property
    def _topic_of(self) -> NDArray[np.intp]:
        numbers = {name: number for number, name in enumerate(self.model.topic.classes)}
        return np.array([numbers[entry.topic or ""] for entry in self.library.entries])

    @cached_property
    def _verdict_of(self) -> NDArray[np.intp]:
        numbers = {name: number for number, name in enumerate(self.model.verdict.classes)}
        return np.array([numbers[str(entry.verdict)] for entry in self.library.entries])


def open_base(
    library: Library, encoder: Encoder, shipped: Path, cache: Path | None = None, progress: Progress = iter
) -> Base:
    """The index of `library`, from kept vectors and a kept model where they fit, learned anew where they don't.

    `shipped` and `cache` are folders that hold a model and vectors; the first is only read, the second also written,
    and may lack both. A base that the shipped model was not learned from gets machines of its own, and keeps what the
    shipped one says of their scores. `progress` wraps the texts that must still be encoded. Raises `UnusableModel`
    when nothing shipped can be read.
    """
    slang = Slang(library.lexicon.slang)
    data = training_set(library, slang)
    store = VectorStore(encoder, *(folder / VECTORS_FILE if folder else None for folder in (shipped, cache)))
    vectors = store.vectors(data.texts, progress)
    mark = fingerprint(library, data, encoder.name)
    model, learned_from = read_model(shipped / MODEL_FILE, library.lexicon.grammar)
    if learned_from != mark:
        model = _learned_before(cache, library, mark) or _learn_now(cache, library, data, vectors, mark, model)
    return Base(library, Reader(slang, encoder, model.vocabulary), data, vectors, model)


def _learned_before(cache: Path | None, library: Library, mark: str) -> Model | None:
    if cache is None:
        return None
    with suppress(UnusableModel):
        model, learned_from = read_model(cache / MODEL_FILE, library.lexicon.grammar)
        return model if learned_from == mark else None
    return None


def _learn_now(
    cache: Path | None, library: Library, data: TrainingSet, vectors: Vectors, mark: str, shipped: Model
) -> Model:
    model = fit(library, data, vectors, shipped.meaning)
    if cache is not None:
        # a folder that can't be written costs seconds at the next start, nothing else
        with suppress(OSError):
            write_model(cache / MODEL_FILE, model, mark)
    return model
