"""A server's own entries as an index, asked beside the base, and in one competition with it.

The base's machines are learned from its thousands of examples; an admin writes one to five wordings. So an own entry
is judged by likeness alone: how much nearer the message is to its nearest wording than to the base's nearest one, how
near that is at all, and how many of the telling words they share, each weighed by how rare it is in the base: a
channel's or an event's name is what tells a server's question from everybody's. A logistic regression on the three,
fitted in `learning`, makes one score of them. Texts in a script that the encoder cannot read match by their letters.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import log

import numpy as np
from numpy.typing import NDArray

from bot.guidance.models import Entry
from bot.matching.encoder.encoder import Vectors
from bot.matching.model.model import OwnWeights
from bot.matching.ranking import Match
from bot.matching.reading import Reader, Reading
from bot.matching.text import WORD, is_foreign

_COMMON = (
    "a an the i i'm im me my mine you your he his she her they them their it its we us our is are was were be been am "
    "do does did to of in on at for from with about by as and or but if so how what why when who which should shall "
    "can may must have has had will would could that this these those not no don't dont there here just get got some "
    "any someone somebody people person okay ok"
)
COMMON = frozenset(_COMMON.split())
"""Words that tell nothing of what a question is about."""
_NO_ROWS = np.zeros(0, dtype=np.intp)
LEAST_ALIKE = 0.75
"""Of texts that the encoder cannot read: from this share of common letter pairs on, they are the same question."""


def telling_words(prepared: str) -> frozenset[str]:
    """Returns a prepared text's words without those that tell nothing; all of them if none are left."""
    found = frozenset(WORD.findall(prepared)) - {"?", "!"}
    return (found - COMMON) or found


@dataclass(frozen=True)
class Rarity:
    """How much a word tells: the inverse document frequency in the base's texts (Spärck Jones 1972), smoothed."""

    weights: Mapping[str, float]
    unknown: float

    @classmethod
    def of(cls, texts: Sequence[str]) -> Rarity:
        """Of words in these prepared texts; a word that is in none of them tells most."""
        frequency = Counter(word for text in texts for word in telling_words(text))
        unknown = 1.0 + log(1 + len(texts))
        return cls({word: unknown - log(1 + count) for word, count in frequency.items()}, unknown)

    def weight(self, word: str) -> float:
        """What a word tells."""
        return self.weights.get(word, self.unknown)

    def rarest(self, words: frozenset[str]) -> frozenset[str]:
        """Those of these words that tell most: one, or several that tell the same."""
        most = max((self.weights.get(word, self.unknown) for word in words), default=0.0)
        return frozenset(word for word in words if self.weights.get(word, self.unknown) >= most)

    def sum(self, words: Iterable[str]) -> float:
        """What these words tell together."""
        return sum(self.weights.get(word, self.unknown) for word in words)


def _rows_by_word(held: Sequence[frozenset[str]]) -> Mapping[str, NDArray[np.intp]]:
    """The numbers of the sets that hold a word, by word."""
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for number, words in enumerate(held):
        for word in words:
            rows[word].append(number)
    return {word: np.array(numbers, dtype=np.intp) for word, numbers in rows.items()}


def letter_pairs(text: str) -> frozenset[str]:
    """Returns a text's pairs of neighboring signs, without spaces and punctuation; a single sign is itself a pair."""
    signs = "".join(sign for sign in text if not sign.isspace() and unicodedata.category(sign)[0] not in "PZC")
    return frozenset(map("".join, pairwise(signs))) or frozenset(filter(None, [signs]))


@dataclass(frozen=True, slots=True)
class Likeness:
    """How an own entry is like a message: what `OwnWeights.score` takes.

    `may_answer`: the message holds the word by which one of its wordings stands out, e.g. a channel's or an event's
    name, or it is nearer than the base's nearest wording.
    """

    entry: Entry
    lead: float
    cosine: float
    telling: float
    may_answer: bool


class Own:
    """The index of one server's entries. Made anew when they change; wordings already known are not encoded again."""

    def __init__(
        self,
        entries: Sequence[Entry],
        reader: Reader,
        rarity: Rarity,
        weights: OwnWeights,
        known: Mapping[str, Vectors] | None = None,
    ) -> None:
        """`known`: the vectors of an earlier index, by prepared wording."""
        self.entries = self._every = tuple(entries)
        self.vectors_by_text: dict[str, Vectors] = {}
        self._reader = reader
        self._rarity = rarity
        self._weights = weights
        self._owners: list[int] = []
        self._texts: list[str] = []
        for number, entry in enumerate(self.entries):
            readings = {reading.prepared: reading for reading in map(reader.read, entry.wordings) if reading.prepared}
            for wording, reading in readings.items():
                vector = (known or {}).get(wording)
                self.vectors_by_text[wording] = reading.vector if vector is None else vector
                self._owners.append(number)
                self._texts.append(wording)
        self._telling = [telling_words(text) for text in self._texts]
        self._owner = np.array(self._owners, dtype=np.intp)
        self._tells = np.array([rarity.sum(words) for words in self._telling], dtype=np.float64)
        self._telling_rows = _rows_by_word(self._telling)
        self._naming_rows = _rows_by_word([rarity.rarest(words) for words in self._telling])
        self._foreign = np.array([is_foreign(text) for text in self._texts], dtype=bool)
        self._rows: Sequence[int] = range(len(self._texts))
        self._limits = frozenset(channel for entry in self.entries for channel in entry.channels)
        self._places: dict[frozenset[int], Own] = {}

    def at(self, channels: Collection[int]) -> Own:
        """The index of those entries that answer in a place: in any of these channels, or everywhere.

        Cheap: the vectors are the same ones, and each place that differs is looked at once.
        """
        if not self._limits:
            return self
        here = self._limits.intersection(channels)
        if here not in self._places:
            answering = [entry.id for entry in self.entries if not entry.channels or here.intersection(entry.channels)]
            self._places[here] = self.only(answering)
        return self._places[here]

    def only(self, ids: Collection[str]) -> Own:
        """The same index with the entries of these ids alone; nothing is encoded or copied."""
        wanted = frozenset(ids)
        if self._texts:
            # made here, so that the parts share it
            _ = self._vectors
        part = copy(self)
        for made in ("telling", "_readable"):
            part.__dict__.pop(made, None)
        part.entries = tuple(entry for entry in self.entries if entry.id in wanted)
        part._rows = [row for row in self._rows if self._every[self._owners[row]].id in wanted]
        part._limits, part._places = frozenset(), {}
        return part

    @cached_property
    def telling(self) -> frozenset[str]:
        """All words that tell what the entries are about."""
        return frozenset().union(*(self._telling[row] for row in self._rows))

    @property
    def vectors(self) -> Vectors:
        """The sentence vectors of the wordings that the encoder can read, shape (n, d); n may be 0."""
        rows = [row for row in self._rows if not self._foreign[row]]
        return self._vectors[rows] if rows else np.zeros((0, 0), dtype=np.float32)

    @cached_property
    def _vectors(self) -> Vectors:
        return np.stack([self.vectors_by_text[text] for text in self._texts])

    def reading(self, wording: str) -> Reading:
        """A wording of one of the entries, read; not encoded again."""
        reading = self._reader.read(wording)
        if reading.prepared in self.vectors_by_text:
            reading.vector = self.vectors_by_text[reading.prepared]
        return reading

    def may_match(self, reading: Reading) -> bool:
        """Whether a message that nobody addressed to us could be about an entry at all; found without the encoder."""
        return is_foreign(reading.prepared) or bool(self.telling & telling_words(reading.prepared))

    def match(self, reading: Reading, nearest: float, most: int = 10) -> list[Match]:
        """The entries that match best, best first, whatever their score, which is `Match.confidence`.

        `nearest` is the cosine of the message to the base's nearest wording.
        """
        if not self._rows or not reading.prepared:
            return []
        if is_foreign(reading.prepared):
            return self._by_letters(reading.prepared)[:most]
        matches = [
            Match(each.entry, self._score(each), each.cosine, own=True) for each in self.likenesses(reading, nearest)
        ]
        return sorted(matches, key=lambda match: -match.confidence)[:most]

    def likenesses(self, reading: Reading, nearest: float) -> list[Likeness]:
        """How each entry that can be read is like a message; `nearest` as for `match`."""
        rows, count = self._readable, len(self._every)
        if not len(rows):
            return []
        asked = telling_words(reading.prepared)
        common, named = np.zeros(len(self._texts)), np.zeros(len(self._texts), dtype=bool)
        for word in asked:
            common[self._telling_rows.get(word, _NO_ROWS)] += self._rarity.weight(word)
            named[self._naming_rows.get(word, _NO_ROWS)] = True
        # of all that message and wording tell, the share that they have in common
        shared = common / np.maximum(self._rarity.sum(asked) + self._tells - common, 1e-9)
        # of each entry the nearest wording by meaning, the most that any has in common, and what any is named by
        owner = self._owner[rows]
        cosine, most, is_named = np.full(count, -1.0), np.zeros(count), np.zeros(count, dtype=bool)
        np.maximum.at(cosine, owner, (self._vectors @ reading.vector)[rows])
        np.maximum.at(most, owner, shared[rows])
        np.logical_or.at(is_named, owner, named[rows])
        return [
            Likeness(
                self._every[number],
                float(cosine[number]) - nearest,
                float(cosine[number]),
                float(most[number]),
                bool(is_named[number]) or float(cosine[number]) >= nearest,
            )
            for number in np.unique(owner)
        ]

    @cached_property
    def _readable(self) -> NDArray[np.intp]:
        """The rows of the wordings that the encoder can read."""
        return np.array([row for row in self._rows if not self._foreign[row]], dtype=np.intp)

    def _score(self, likeness: Likeness) -> float:
        score = self._weights.score(likeness.lead, likeness.cosine, likeness.telling)
        # what shares all but the name is another thing of the same kind: a choice at most
        return score if likeness.may_answer else min(score, (self._weights.answer + self._weights.close) / 2)

    def _by_letters(self, prepared: str) -> list[Match]:
        asked = letter_pairs(prepared)
        best: dict[int, Match] = {}
        for row in self._rows:
            number, held = self._owners[row], letter_pairs(self._texts[row])
            alike = len(asked & held) / max(len(asked | held), 1)
            if alike >= LEAST_ALIKE and (number not in best or alike > best[number].confidence):
                best[number] = Match(self._every[number], max(alike, self._weights.answer), alike, own=True)
        return sorted(best.values(), key=lambda match: -match.confidence)
