"""Which follow-up a message is that somebody wrote after an answer, if it is one at all.

Follow-ups are short and say nothing of the subject: 'why', 'and if she asks again'. Whether a message is one is told by
how densely their wordings lie around its vector, beside those of first questions and of chat: a kernel density estimate
(Parzen 1962) on the unit sphere (Hall, Watson and Cabrera 1987). Which one it is, linear discriminant analysis tells.
Both are closed forms: a wording that is added counts at the next start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path

import numpy as np

from bot.guidance.models import Library
from bot.matching.base import Base
from bot.matching.encoder.encoder import Encoder, Vectors
from bot.matching.encoder.vectors import PackedVectors, Progress, VectorStore
from bot.matching.features import prepare
from bot.matching.model.fitting import discriminant
from bot.matching.model.machines import Discriminant
from bot.matching.reading import Reading
from bot.matching.text import Slang

FOLLOW_UPS_FILE = "follow_ups.npy"
CONCENTRATION = 30.0
"""Of the kernel exp(concentration * cosine): from 20 to 40 the two lists of talks are told apart equally well."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a message is, were it a follow-up: the number of the kind in `Library.follow_ups`, and the `margin` by which
    follow-ups are denser around it than anything else, in natural logarithms."""

    kind: int
    margin: float


@dataclass(frozen=True)
class FollowUps:
    """The follow-ups' wordings as an index. `vectors`: those of the wordings, then those of what is none of them."""

    base: Base
    vectors: PackedVectors
    kinds: Discriminant
    wordings: int

    def look(self, reading: Reading) -> Said | None:
        """What a message is, were it a follow-up; None where there is nothing to read, or no follow-ups are known."""
        if not self.wordings or not reading.is_readable:
            return None
        products = self.vectors.products(reading.vector)
        of_base = self.base.vectors.products(reading.vector, self.base.data.judged)
        ours = self.base.data.ours
        elsewhere = [of_base[:ours], of_base[ours:], products[self.wordings :]]
        margin = _density(products[: self.wordings]) - max(_density(part) for part in elsewhere)
        return Said(int(self.kinds.scores(reading.vector).argmax()), margin)


def wordings_of(library: Library) -> tuple[list[str], list[int], list[str]]:
    """The prepared wordings of all follow-ups, each one's kind by number, and the messages that are none."""
    slang = Slang(library.lexicon.slang)
    first: dict[str, int] = {}
    for number, follow_up in enumerate(library.follow_ups):
        for example in follow_up.examples:
            first.setdefault(prepare(example, slang), number)
    first.pop("", None)
    others = {prepare(message, slang) for message in library.no_follow_ups} - first.keys() - {""}
    return list(first), list(first.values()), sorted(others)


def open_follow_ups(
    library: Library, base: Base, encoder: Encoder, shipped: Path, cache: Path | None = None, progress: Progress = iter
) -> FollowUps:
    """The index of a library's follow-ups, from kept vectors where they fit; folders and `progress` as `open_base`."""
    store = VectorStore(
        encoder,
        shipped / encoder.short_name / FOLLOW_UPS_FILE,
        cache / encoder.short_name / FOLLOW_UPS_FILE if cache is not None else None,
    )
    return follow_ups_of(library, base, store, progress)


def follow_ups_of(library: Library, base: Base, store: VectorStore, progress: Progress = iter) -> FollowUps:
    """The index of a library's follow-ups, with the vectors that a store has or makes."""
    texts, kinds, others = wordings_of(library)
    vectors = store.vectors([*texts, *others], progress)
    return FollowUps(base, vectors, _told_apart(vectors[: len(texts)], kinds, len(library.follow_ups)), len(texts))


def _told_apart(vectors: Vectors, kinds: Sequence[int], count: int) -> Discriminant:
    if not len(vectors):
        return Discriminant(np.zeros((0, 0), np.float32), np.zeros(0, np.float32))
    return discriminant(vectors, np.array(kinds, dtype=np.int32), count)


def _density(cosines: Vectors) -> float:
    """The logarithm of the density, up to a constant; of no texts at all, one of next to nothing."""
    if not len(cosines):
        return -CONCENTRATION
    most = float(cosines.max())
    return CONCENTRATION * most + log(float(np.exp(CONCENTRATION * (cosines - most)).mean()))
