"""A server's own entries as an index, asked beside the base: by likeness of meaning and by words in common.

The base's machines are learned from its thousands of examples; an admin writes one to five wordings. So an own entry
is judged by two likenesses alone, of the message to its nearest wording: the cosine of their sentence vectors, and the
share of their telling words that both have. A logistic regression on the two, fitted by `calibrating` on the base (each
of its entries in turn reduced to a few wordings), makes one score of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bot.guidance.models import Entry
from bot.matching.encoder.encoder import Vectors
from bot.matching.model.model import OwnWeights
from bot.matching.ranking import Match
from bot.matching.reading import Reader, Reading
from bot.matching.text import WORD

_COMMON = (
    "a an the i i'm im me my mine you your he his she her they them their it its we us our is are was were be been am "
    "do does did to of in on at for from with about by as and or but if so how what why when who which should shall "
    "can may must have has had will would could that this these those not no don't dont there here just get got some "
    "any someone somebody people person okay ok"
)
COMMON = frozenset(_COMMON.split())
"""Words that tell nothing of what a question is about."""


def telling_words(prepared: str) -> frozenset[str]:
    """Returns a prepared text's words without those that tell nothing; all of them if none are left."""
    found = frozenset(WORD.findall(prepared))
    return (found - COMMON) or found


class Own:
    """The index of one server's entries. Made anew when they change; wordings already known are not encoded again."""

    def __init__(
        self, entries: Sequence[Entry], reader: Reader, weights: OwnWeights, known: Mapping[str, Vectors] | None = None
    ) -> None:
        """`known`: the vectors of an earlier index, by prepared wording."""
        self.entries = tuple(entries)
        self.vectors_by_text: dict[str, Vectors] = {}
        self._reader = reader
        self._weights = weights
        owners: list[int] = []
        rows: list[Vectors] = []
        self._words: list[frozenset[str]] = []
        for number, entry in enumerate(self.entries):
            readings = {reading.prepared: reading for reading in map(reader.read, entry.wordings)}
            for wording, reading in readings.items():
                vector = (known or {}).get(wording)
                self.vectors_by_text[wording] = reading.vector if vector is None else vector
                owners.append(number)
                rows.append(self.vectors_by_text[wording])
                self._words.append(telling_words(wording))
        self._owners = np.array(owners, dtype=np.int32)
        self._vectors = np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)

    def reading(self, wording: str) -> Reading:
        """A wording of one of the entries, read; not encoded again."""
        reading = self._reader.read(wording)
        if reading.prepared in self.vectors_by_text:
            reading.vector = self.vectors_by_text[reading.prepared]
        return reading

    def match(self, reading: Reading, most: int = 10) -> list[Match]:
        """See `Index.match`. Whatever their score: `Match.confidence` is the regression's."""
        if not len(self._owners) or not reading.prepared:
            return []
        cosines = self._vectors @ reading.vector
        asked = telling_words(reading.prepared)
        best: dict[int, Match] = {}
        # words in common can lift a wording by no more than this in cosine: below it, none can come before
        floor = float(np.sort(cosines)[-min(len(cosines), 50)]) - self._weights.shared / self._weights.cosine
        for row in np.flatnonzero(cosines >= floor):
            number = int(self._owners[row])
            held = self._words[row]
            shared = len(asked & held) / len(asked | held) if asked or held else 0.0
            cosine = float(cosines[row])
            score = self._weights.score(cosine, shared)
            if number not in best or score > best[number].confidence:
                best[number] = Match(self.entries[number], score, cosine, own=True)
        return sorted(best.values(), key=lambda match: -match.confidence)[:most]
