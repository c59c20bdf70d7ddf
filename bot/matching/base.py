"""The base's entries as an index: learned once from a library, then asked message by message. Deterministic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.guidance.danger import DangerKind
from bot.guidance.models import Entry, Library
from bot.matching.encoder.encoder import Encoder, Vectors
from bot.matching.encoder.session import give_memory_back
from bot.matching.encoder.vectors import PackedVectors, Progress, VectorStore
from bot.matching.language import Tongue
from bot.matching.model.files import UnusableModel, read_model, write_model
from bot.matching.model.fitting import DANGER_WORDS, fit
from bot.matching.model.model import Model
from bot.matching.model.training import TrainingSet, fingerprint, training_set
from bot.matching.own import Rarity
from bot.matching.ranking import NOTHING, Match, Ranking
from bot.matching.reading import Reader, Reading
from bot.matching.text import Slang

MODEL_FILE = "model.npz"
VECTORS_FILE = "vectors.npy"
ABOUT_PEOPLE = 0.5
"""An entry is about certain people if this share of its wordings names somebody."""
ALSO_ABOUT = 0.05
"""It is about a kind of people, too, from this share of its wordings on."""
SHORTLIST_FROM = 2000
SHORTLIST = 200
"""Above so many entries, so many of them are looked at example by example."""
PARTS_WEIGHT = 1.0
"""How much the most dangerous part of a message counts beside the whole."""
PARTS = 3
"""So many sentences of a message are looked at one by one: those whose words tell most of danger."""
MOST_READ_WHOLE = 100
"""Messages of so many words the encoder reads whole; longer ones are looked at in parts, too."""
PART = 256
"""So many texts are compared with others at once."""
KEPT = 10
"""So many entries are ranked for a message."""
KIND_NEAREST = 10
"""By so many of its texts that are most like a message, each kind of danger is judged."""


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
    vectors: PackedVectors
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
        ours = self._ours(reading.vector, self._products(reading.vector))
        if self.model.meaning.calibration.ours.probability(ours) < least:
            return NOTHING
        return self.rank(reading)

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
        return float(self.vectors.products(reading.vector, self.data.ours).max())

    def near(self, vectors: Vectors, most: int) -> Iterator[tuple[Entry, Reading]]:
        """The base's wordings most like any of some sentence vectors, shape (n, d), each with its entry.

        At most so many, in no order.
        """
        ours = self.data.ours
        if not len(vectors) or not ours:
            return
        # by parts, so that not all of them are unpacked at once
        parts = (self.vectors[at : min(at + PART, ours)] for at in range(0, ours, PART))
        likeness = np.concatenate([(part @ vectors.T).max(axis=1) for part in parts])
        rows = np.argpartition(-likeness, most)[:most] if most < ours else np.arange(ours)
        for row in rows:
            entry = self.library.entries[int(self.data.entry[row])]
            yield entry, self.reader.known(self.data.texts[row], self.vectors[int(row)])

    def negatives(self) -> Iterator[Reading]:
        """What the base learned silence from: messages that are not for us."""
        for row in range(self.data.ours, self.data.judged):
            yield self.reader.known(self.data.texts[row], self.vectors[row])

    @cached_property
    def nearest_of_negatives(self) -> list[float]:
        """What `nearest` says of each of them."""
        first, last = self.data.ours, self.data.judged
        if not first:
            return [-1.0] * last
        ours = self.vectors[:first]
        # by parts: all products at once would take a hundred megabytes
        parts = (self.vectors[at : min(at + PART, last)] @ ours.T for at in range(first, last, PART))
        return [float(value) for part in parts for value in part.max(axis=1)]

    def score(self, reading: Reading) -> Scores | None:
        """The raw scores of a message, before calibration; None when it holds no words."""
        if not self.library.entries or not reading.is_readable:
            return None
        signals = self.model.meaning.signals
        entries = np.zeros(len(self.library.entries), dtype=np.float32)
        products = self._products(reading.vector)
        found = self.signals(reading, products)
        for name, values in found.items():
            entries += getattr(signals, name) * values
        ours = self._ours(reading.vector, products)
        return Scores(ours, self.danger(reading, products), entries, found["nearest"])

    def danger(self, reading: Reading, products: Vectors | None = None) -> float:
        """The decision value of danger: what the vector and the words tell.

        Of what is too long for the encoder, the sentences whose words tell most are looked at by themselves, too.
        """
        whole = self._danger(reading, products)
        if reading.prepared.count(" ") < MOST_READ_WHOLE:
            return whole
        telling = nlargest(PARTS, reading.parts, key=lambda part: self.model.danger_words.score(part.prepared))
        parts = max(map(self._danger, telling), default=whole)
        return (whole + PARTS_WEIGHT * max(whole, parts)) / (1 + PARTS_WEIGHT)

    def is_in_another_language(self, reading: Reading) -> bool:
        """Whether a text is in another language than our texts, so that its vector means little."""
        return self._tongue.is_another(reading.prepared)

    def danger_kind(self, reading: Reading) -> DangerKind | None:
        """The kind of danger whose nearest texts are most like the message; None where no kinds are known.

        One nearest text tells the kind too often by a word that it shares.
        """
        rows = np.flatnonzero(self.data.kinds >= 0)
        if not len(rows) or not reading.is_readable:
            return None
        cosines, kinds = self.vectors[rows] @ reading.vector, self.data.kinds[rows]
        likeness = {int(kind): np.sort(cosines[kinds == kind])[-KIND_NEAREST:].mean() for kind in np.unique(kinds)}
        return self.library.danger.kinds[max(likeness, key=likeness.__getitem__)]

    def _danger(self, reading: Reading, products: Vectors | None = None) -> float:
        products = self._products(reading.vector) if products is None else products
        kernel = self.model.danger
        by_vector = kernel.score(self._supports[1] @ reading.vector if products is None else products[kernel.supports])
        return by_vector + DANGER_WORDS * self.model.danger_words.score(reading.prepared)

    def _ours(self, vector: Vectors, products: Vectors | None) -> float:
        kernel = self.model.ours
        return kernel.score(self._supports[0] @ vector if products is None else products[kernel.supports])

    def _products(self, vector: Vectors) -> Vectors | None:
        """The cosines to all texts of the base, of which each machine takes some; None: the base is too large."""
        if len(self.library.entries) > SHORTLIST_FROM:
            return None
        return self.vectors.products(vector)

    def signals(self, reading: Reading, products: Vectors | None = None) -> dict[str, NDArray[np.float32]]:
        """What each signal of `model.Signals` says of every entry, for a message that can be read.

        `products`: the cosines to all texts of the base, where they are known.
        """
        vector = reading.vector
        center = self._centers @ vector
        return {
            "topic": self.model.topic.log_probabilities(vector, reading.sparse)[self._topic_of],
            "center": center,
            "nearest": self._nearest(vector, center, products),
            "discriminant": self.model.discriminant.scores(vector),
            "words": self.model.words.scores(reading.sparse),
            "relations": self.model.relations.scores(reading.sparse),
            "others": self._about_others(reading),
        }

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
        sizes = np.maximum(np.bincount(self.data.entry[: self.data.ours], minlength=len(shares)), 1)
        for text, row in zip(self.data.texts, self.data.entry[: self.data.ours], strict=False):
            named, _ = lexicon.mentioned(text)
            for person in named:
                shares[row, columns[person]] += 1 / sizes[row]
            shares[row, -1] += bool(named) / sizes[row]
        for row, entry in enumerate(self.library.entries):
            for person in entry.adapt:
                if person in columns:
                    shares[row, columns[person]] = 1.0
        return columns, shares

    def _nearest(self, vector: Vectors, likeness: NDArray[np.float32], products: Vectors | None) -> NDArray[np.float32]:
        """Of each entry, the cosine to its example most like the message; `likeness` holds those to the centers."""
        result: NDArray[np.float32]
        if len(likeness) <= SHORTLIST_FROM:
            products = self.vectors.products(vector, self.data.ours) if products is None else products
            result = np.maximum.reduceat(products[: self.data.ours], self._starts)
            return result
        # of a large library, only the entries whose centers are near are worth the look at each of their examples
        result = likeness.copy()
        ends = np.append(self._starts[1:], self.data.ours)
        for number in np.argpartition(-likeness, SHORTLIST)[:SHORTLIST]:
            result[number] = (self.vectors[self._starts[number] : ends[number]] @ vector).max()
        return result

    def _matches(self, scores: Scores) -> tuple[Match, ...]:
        shares = np.exp(scores.entries - scores.entries.max())
        shares /= shares.sum()
        order = np.argsort(-scores.entries, kind="stable")
        numbers = [int(number) for number in order[:KEPT]]
        # safety wins over etiquette when both match: its best entry is always among those ranked
        dangers = [int(number) for number in order[self._is_danger[order]][:1]]
        numbers.extend(number for number in dangers if number not in numbers)
        confidence_of = self.model.meaning.calibration.confidence_of
        return tuple(
            Match(
                self.library.entries[number],
                confidence_of(float(shares[number]), scores.ours),
                float(scores.nearest[number]),
            )
            for number in numbers
        )

    @cached_property
    def _tongue(self) -> Tongue:
        platforms = self.library.lexicon.platforms.values()
        return Tongue.of(self.data.texts, [word for platform in platforms for word in platform.words])

    @cached_property
    def rarity(self) -> Rarity:
        """How much each word tells among the base's own texts."""
        return Rarity.of(self.data.texts[: self.data.ours])

    @cached_property
    def _supports(self) -> tuple[Vectors, Vectors]:
        """The rows that the machines of ours and of danger need, for a base that is too large to multiply whole."""
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


def open_base(
    library: Library, encoder: Encoder, shipped: Path, cache: Path | None = None, progress: Progress = iter
) -> Base:
    """The index of `library`, from kept vectors and a kept model where they fit, learned anew where they don't.

    `shipped` and `cache` are folders that hold a model and vectors, those of each encoder in a folder of its own; the
    first is only read, the second also written, and may lack both. A base that the shipped model was not learned from
    gets machines of its own, and keeps what the shipped one says of their scores. `progress` wraps the texts that must
    still be encoded. Raises `UnusableModel` when nothing shipped can be read.
    """
    shipped = shipped / encoder.short_name
    cache = cache / encoder.short_name if cache is not None else None
    slang = Slang(library.lexicon.slang)
    data = training_set(library, slang)
    store = VectorStore(encoder, *(folder / VECTORS_FILE if folder else None for folder in (shipped, cache)))
    vectors = store.vectors(data.texts, progress)
    mark = fingerprint(library, data, encoder.name)
    model, learned_from = read_model(shipped / MODEL_FILE, library.lexicon.grammar)
    if learned_from != mark:
        model = _learned_before(cache, library, mark) or _learn_now(cache, library, data, vectors, mark, model)
    del store
    give_memory_back()
    return Base(library, Reader(slang, encoder, model.vocabulary), data, vectors, model)


def _learned_before(cache: Path | None, library: Library, mark: str) -> Model | None:
    if cache is None:
        return None
    with suppress(UnusableModel):
        model, learned_from = read_model(cache / MODEL_FILE, library.lexicon.grammar)
        return model if learned_from == mark else None
    return None


def _learn_now(
    cache: Path | None, library: Library, data: TrainingSet, vectors: PackedVectors, mark: str, shipped: Model
) -> Model:
    model = fit(library, data, vectors[:], shipped.meaning)
    if cache is not None:
        # a folder that can't be written costs seconds at the next start, nothing else
        with suppress(OSError):
            write_model(cache / MODEL_FILE, model, mark)
    return model
