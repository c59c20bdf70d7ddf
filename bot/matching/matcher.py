"""The engine: fitted once from a library, then asked message by message. Pure and deterministic."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.guidance.models import Entry, Library
from bot.matching.encoder.minilm import Encoder, Vectors
from bot.matching.encoder.vectors import Progress, VectorStore
from bot.matching.features import prepare
from bot.matching.model import calibration
from bot.matching.model.learning import (
    Fitted,
    TrainingSet,
    fingerprint,
    fit,
    read_fitted,
    training_set,
    write_fitted,
)
from bot.matching.ranking import Ranked, Ranking
from bot.matching.text import Slang

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
    """What the models say of one message: decision values of ours and danger, and a score an entry."""

    ours: float
    danger: float
    entries: NDArray[np.float32]


@dataclass(frozen=True)
class Matcher:
    """Ranks a library's entries for a message. `vectors` are those of `data.texts`, ours first, in entry order."""

    library: Library
    encoder: Encoder
    slang: Slang
    data: TrainingSet
    vectors: Vectors
    fitted: Fitted

    def rank(self, text: str) -> Ranking:
        """The ranking for any text; without words in it, an empty one."""
        return self._rank(prepare(text, self.slang))

    def look(self, text: str) -> tuple[str, Vectors, float]:
        """A text prepared, its sentence vector, and the cosine to the nearest wording of the base (-1: no words)."""
        prepared = prepare(text, self.slang)
        vector = self.encoder.encode(prepared)
        if not prepared or not vector.any() or not self.data.ours:
            return prepared, vector, -1.0
        return prepared, vector, float((self.vectors[: self.data.ours] @ vector).max())

    def likeness(self, text: str) -> dict[str, float]:
        """The cosine, -1 to 1, between a text and the nearest wording of each entry, by the entry's id."""
        _, vector, _ = self.look(text)
        if not self.library.entries:
            return {}
        nearest = np.maximum.reduceat(self.vectors[: self.data.ours] @ vector, self._starts)
        return {entry.id: float(value) for entry, value in zip(self.library.entries, nearest, strict=True)}

    def order(self, text: str) -> tuple[Entry, ...]:
        """All entries, the best match first, for a text that is known to be ours; without words, in their own order."""
        scores = self.score(prepare(text, self.slang))
        if scores is None:
            return self.library.entries
        return tuple(self.library.entries[index] for index in np.argsort(-scores.entries, kind="stable"))

    def rank_if_likely(self, text: str, least: float) -> Ranking | None:
        """The same for a message that is probably not for us: None, cheaply, when `ours` would be below `least`."""
        prepared = prepare(text, self.slang)
        if not prepared or not self.fitted.gate.passes(prepared, self.fitted.vocabulary):
            return None
        vector = self.encoder.encode(prepared)
        ours = self.fitted.ours.score(self._supports[0] @ vector)
        return self._rank(prepared) if calibration.scaled(ours, calibration.OURS) >= least else None

    def _rank(self, prepared: str) -> Ranking:
        scores = self.score(prepared)
        if scores is None:
            return Ranking(0.0, 0.0, ())
        return Ranking(
            ours=calibration.scaled(scores.ours, calibration.OURS),
            danger=calibration.scaled(scores.danger, calibration.DANGER),
            ranked=self._ranked(scores),
        )

    def score(self, prepared: str) -> Scores | None:
        """The raw scores of a prepared message, before calibration; None when it holds no words."""
        if not prepared or not self.library.entries:
            return None
        vector = self.encoder.encode(prepared)
        if not vector.any():
            return None
        likeness = self._centers @ vector
        indices, values = self.fitted.vocabulary.sparse(prepared)
        topic = self.fitted.topic.log_probabilities(vector, indices, values)
        verdict = self.fitted.verdict.log_probabilities(vector, indices, values)
        entries = (
            topic[self._topic_of]
            + VERDICT_WEIGHT * verdict[self._verdict_of]
            + CENTER_WEIGHT * likeness
            + NEAREST_WEIGHT * self._nearest(vector, likeness)
        )
        entries -= PEOPLE_WEIGHT * self._about_others(prepared)
        ours, danger = (
            kernel.score(supports @ vector)
            for kernel, supports in zip((self.fitted.ours, self.fitted.danger), self._supports, strict=True)
        )
        return Scores(ours, danger, entries)

    def _about_others(self, prepared: str) -> NDArray[np.float32]:
        """1 for each entry that is about certain people, none of whom the message names, though it names others."""
        named, _ = self.library.lexicon.mentioned(prepared)
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
                named, _ = lexicon.mentioned(prepare(wording, self.slang))
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
        """How the probability divides among topics (in the order of the fitted classes), by all entries' scores."""
        shares = np.exp((entries - entries.max()) / calibration.SPREAD)
        by_topic = np.bincount(self._topic_of, weights=shares, minlength=len(self.fitted.topic.classes))
        result: NDArray[np.float64] = by_topic / by_topic.sum()
        return result

    def _ranked(self, scores: Scores) -> tuple[Ranked, ...]:
        by_topic = self.topic_shares(scores.entries)
        order = np.argsort(-scores.entries, kind="stable")
        numbers = [int(number) for number in order[:KEPT]]
        # safety wins over etiquette when both match: its best entry is always among those ranked
        dangers = [int(number) for number in order[self._is_danger[order]][:1]]
        numbers.extend(number for number in dangers if number not in numbers)
        ranked = []
        for number in numbers:
            confidence = calibration.confidence(float(by_topic[self._topic_of[number]]), scores.ours)
            ranked.append(Ranked(self.library.entries[number], confidence))
        return tuple(ranked)

    @cached_property
    def _supports(self) -> tuple[Vectors, Vectors]:
        return self.vectors[self.fitted.ours.supports], self.vectors[self.fitted.danger.supports]

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
        numbers = {name: number for number, name in enumerate(self.fitted.topic.classes)}
        return np.array([numbers[entry.topic or ""] for entry in self.library.entries])

    @cached_property
    def _verdict_of(self) -> NDArray[np.intp]:
        numbers = {name: number for number, name in enumerate(self.fitted.verdict.classes)}
        return np.array([numbers[str(entry.verdict)] for entry in self.library.entries])


def open_matcher(
    library: Library,
    encoder: Encoder,
    shipped: Path | None = None,
    cache: Path | None = None,
    progress: Progress = iter,
) -> Matcher:
    """A matcher for `library`, from kept vectors and models where they fit, learned anew where they don't.

    `shipped` and `cache` are folders that may hold `vectors.npz` and `models.npz`; the first is only read, the second
    also written. `progress` wraps the texts that must still be encoded.
    """
    slang = Slang(library.lexicon.slang)
    data = training_set(library, slang)
    store = VectorStore(encoder, *(folder / "vectors.npz" if folder else None for folder in (shipped, cache)))
    vectors = store.vectors(data.texts, progress)
    mark = fingerprint(library, data, encoder.name)
    for folder in (shipped, cache):
        fitted = read_fitted(folder / "models.npz", mark) if folder else None
        if fitted is not None:
            return Matcher(library, encoder, slang, data, vectors, fitted)
    fitted = fit(library, data, vectors)
    if cache is not None:
        # a folder that can't be written costs seconds at the next start, nothing else
        with suppress(OSError):
            write_fitted(cache / "models.npz", fitted, mark)
    return Matcher(library, encoder, slang, data, vectors, fitted)
