"""A server's own entries, matched beside the shipped base: by likeness of meaning and by words in common.

The models of the shipped base are learned from its thousands of examples; an admin writes one to five wordings. So an
own entry is judged by two likenesses alone, of the message to its nearest wording: the cosine of their sentence
vectors, and the share of their telling words that both have. A logistic regression on the two, fitted by
`benchmarks/own_guidance.py` on the shipped base (each of its entries in turn reduced to a few wordings), makes one
score of them; the thresholds are where that benchmark measured the error rates given beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from bot.guidance.models import Entry
from bot.matching.encoder.minilm import Encoder, Vectors
from bot.matching.features import prepare
from bot.matching.text import WORD, Slang

COSINE_WEIGHT = 14.67
SHARED_WEIGHT = 2.33
OFFSET = -4.37
"""The logistic regression's coefficients. Printed by `python -m benchmarks.own_guidance`."""
ANSWER = 0.9
"""From this score on, an own entry answers: 42% of quite other wordings reach it, and 3.4% of questions for others."""
CLOSE = 0.6
"""From this score on, it is among the choices; and it answers if no built-in wording is much nearer (`LEAD`)."""
UNASKED = 0.97
"""From this score on, it answers unasked: 1 in 10,000 messages of the shipped chatter reaches it."""
LEAD = 0.1
"""A built-in wording that is nearer by more than this (cosine) goes before an own entry that is only close."""

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


@dataclass(frozen=True, slots=True)
class OwnMatch:
    """One own entry, how well it matches (0 to 1), and the cosine to its nearest wording."""

    entry: Entry
    score: float
    cosine: float


def score_of(cosine: float, shared: float) -> float:
    """Returns the logistic regression's score, 0 to 1, of a cosine and a share of telling words (both 0 to 1)."""
    return 1.0 / (1.0 + exp(-(COSINE_WEIGHT * cosine + SHARED_WEIGHT * shared + OFFSET)))


class OwnGuidance:
    """The index of one server's entries. Made anew when they change; wordings already known are not encoded again."""

    def __init__(
        self, entries: Sequence[Entry], encode: Callable[[str], Vectors], slang: Slang, known: Mapping[str, Vectors]
    ) -> None:
        self.entries = tuple(entries)
        self.vectors_by_text: dict[str, Vectors] = {}
        owners: list[int] = []
        rows: list[Vectors] = []
        self._words: list[frozenset[str]] = []
        for number, entry in enumerate(self.entries):
            for wording in dict.fromkeys(prepare(text, slang) for text in entry.wordings):
                vector = known.get(wording)
                if vector is None:
                    vector = encode(wording)
                self.vectors_by_text[wording] = vector
                owners.append(number)
                rows.append(vector)
                self._words.append(telling_words(wording))
        self._owners = np.array(owners, dtype=np.int32)
        self._vectors = np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)

    @classmethod
    def build(
        cls, entries: Sequence[Entry], encoder: Encoder, slang: Slang, known: Mapping[str, Vectors] | None = None
    ) -> OwnGuidance:
        """Returns the index of `entries`; `known` are the vectors of an earlier one."""
        return cls(entries, encoder.encode, slang, known or {})

    def match(self, prepared: str, vector: Vectors, most: int = 10) -> list[OwnMatch]:
        """Returns the entries that match a prepared message best, best first, whatever their score."""
        if not len(self._owners) or not prepared:
            return []
        cosines = self._vectors @ vector
        asked = telling_words(prepared)
        best: dict[int, OwnMatch] = {}
        # words in common can lift a wording by no more than this in cosine: below it, none can come before
        floor = float(np.sort(cosines)[-min(len(cosines), 50)]) - SHARED_WEIGHT / COSINE_WEIGHT
        for row in np.flatnonzero(cosines >= floor):
            number = int(self._owners[row])
            held = self._words[row]
            shared = len(asked & held) / len(asked | held) if asked or held else 0.0
            cosine = float(cosines[row])
            score = score_of(cosine, shared)
            if number not in best or score > best[number].score:
                best[number] = OwnMatch(self.entries[number], score, cosine)
        return sorted(best.values(), key=lambda match: -match.score)[:most]
