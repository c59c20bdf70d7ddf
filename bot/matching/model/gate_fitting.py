"""Fits the gate to a base: evidence from its texts against chat, and thresholds that keep nearly all of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.matching.features import Vocabulary
from bot.matching.model.chat import Chat, Counts
from bot.matching.model.gate import OPEN_GATE, Buckets, Evidence, Floats, Gate, signs
from bot.matching.model.training import TrainingSet

FOLDS = 5
LOSSES = (0.001, 0.004, 0.0175)
"""The share of our own texts, out of fold, that the gate holds back up to each look. Most of these the full engine
would not answer unasked either: what is really lost is measured in `benchmarks/gate.py`."""
CHATTER_WEIGHT = 3.0
"""So many messages of chat each of the base's own chatter counts for: it is of more kinds than what was taught."""
FEATURES_C = 10.0
FEATURES_WEIGHT = 0.5
"""What the sparse features' decision value weighs beside the network's score. It knows the base's near-misses, and
nothing of chat."""


def fit_gate(data: TrainingSet, vocabulary: Vocabulary, chatter: Collection[str], chat: Chat) -> Gate:
    """The gate of a base. `chatter`: those of its prepared texts that are chat with no relation to it."""
    rows = Rows.of(data.texts[: data.judged], data.entry[: data.judged] >= 0, chatter)
    kinds = (rows.ours, ~rows.ours)
    if not vocabulary.size or any(len(np.unique(rows.folds[kind])) < FOLDS for kind in kinds):
        return OPEN_GATE  # too little to learn from
    matrix = vocabulary.matrix(data.texts[: data.judged])
    unseen = []
    for fold in range(FOLDS):
        kept = rows.folds != fold
        evidence = rows.evidence(chat, kept)
        weights, bias = _features(matrix[kept], rows.ours[kept])
        for row in np.flatnonzero(rows.ours & ~kept).tolist():
            if rows.buckets[row].words:
                score = chat.network.score(rows.signs(row, evidence))
                by_features = float((matrix[row] @ weights)[0]) + bias
                unseen.append((evidence[0].sum(rows.buckets[row].words), score, score + by_features))
    if not unseen:
        return OPEN_GATE
    first, second, third = _thresholds(np.array(unseen))
    words, pairs = rows.evidence(chat, np.ones(len(rows.folds), dtype=bool))
    weights, bias = _features(matrix, rows.ours)
    return Gate(words, pairs, chat.network, weights, (first, second, third - bias))


def _features(matrix: Any, ours: NDArray[np.bool_]) -> tuple[Floats, float]:
    """The weights of the sparse features, and the bias, as they join the network's score."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=FEATURES_C, max_iter=300, tol=1e-3, class_weight="balanced").fit(matrix, ours)
    # half precision is what is kept on disk: used at once as well, so that a fresh fit and a kept one are the same
    weights = (FEATURES_WEIGHT * model.coef_[0]).astype(np.float16).astype(np.float32)
    return weights, FEATURES_WEIGHT * float(model.intercept_[0])


def _thresholds(unseen: NDArray[np.float64]) -> list[float]:
    """The three looks' thresholds, from what each says of our own texts, shape (texts, 3)."""
    found = []
    passing = np.ones(len(unseen), dtype=bool)
    for values, loss in zip(unseen.T, LOSSES, strict=True):
        # what an earlier look holds back is lost, whatever the later ones would say
        found.append(float(np.quantile(np.where(passing, values, values.min()), loss)))
        passing &= values >= found[-1]
    return found


@dataclass(frozen=True)
class Rows:
    """Texts as the gate counts them: buckets, whether they are for us, whether they are chatter, and their fold."""

    buckets: tuple[Buckets, ...]
    ours: NDArray[np.bool_]
    chatter: NDArray[np.bool_]
    folds: NDArray[np.intp]

    @classmethod
    def of(cls, texts: Sequence[str], ours: NDArray[np.bool_], chatter: Collection[str]) -> Rows:
        """Of prepared texts. A text's fold is its own: it does not change with the texts around it."""
        is_chatter = np.array([text in chatter for text in texts], dtype=bool) & ~ours
        folds = np.array([fold_of(text) for text in texts], dtype=np.intp)
        return cls(tuple(map(Buckets, texts)), ours, is_chatter, folds)

    def evidence(self, chat: Chat, kept: NDArray[np.bool_]) -> tuple[Evidence, Evidence]:
        """The evidence of words and of pairs from some of the texts, and from all of chat."""
        ours, chatter = (
            [self.buckets[row] for row in np.flatnonzero(part & kept)] for part in (self.ours, self.chatter)
        )
        messages = chat.messages + CHATTER_WEIGHT * len(chatter)
        of_ours, of_chatter = count(ours, chat), count(chatter, chat)
        words, pairs = (
            Evidence.of(mine, len(ours), seen + CHATTER_WEIGHT * other, messages)
            for mine, seen, other in zip(of_ours, (chat.words, chat.pairs), of_chatter, strict=True)
        )
        return words, pairs

    def signs(self, row: int, evidence: tuple[Evidence, Evidence]) -> Floats:
        """The signs of one of the texts, by this evidence."""
        return signs(*evidence, self.buckets[row])


def fold_of(text: str) -> int:
    """In which of `FOLDS` parts a prepared text is."""
    return crc32(text.encode()) % FOLDS


def count(texts: Sequence[Buckets], chat: Chat) -> tuple[Counts, Counts]:
    """In how many of some texts each bucket of words and of pairs stands, in arrays of the same shapes as `chat`'s."""
    words = np.fromiter((bucket for text in texts for bucket in text.words), dtype=np.int64)
    pairs = np.fromiter((bucket for text in texts for bucket in text.pairs), dtype=np.int64)
    return (
        np.bincount(words, minlength=len(chat.words)).astype(np.float32),
        np.bincount(pairs, minlength=len(chat.pairs)).astype(np.float32),
    )
