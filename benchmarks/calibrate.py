"""Fits the numbers of `bot/matching/calibration.py` and shows what thresholds would do: python -m benchmarks.calibrate

OURS and DANGER are fitted out of fold: each of the base's own texts, ours and not ours, is scored by a matcher that was
fitted without it. CONFIDENCE is fitted on `knowledge/evaluation/calibration.yaml`. The set that `evaluate` reports on
is never looked at.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from bot.evaluation.questions import load_labelled
from bot.guidance.loading import EVALUATION_FOLDER, load_library, shipped_knowledge
from bot.matching.encoder.minilm import Vectors, default_encoder
from bot.matching.encoder.vectors import VectorStore
from bot.matching.features import prepare
from bot.matching.matcher import Matcher
from bot.matching.model import calibration
from bot.matching.model.learning import TrainingSet, fit, training_set
from bot.matching.policies import ASK
from bot.matching.text import Slang

FOLDS = 5
SEED = 7


class Remembered:
    """An encoder for texts whose vectors are known already."""

    def __init__(self, texts: tuple[str, ...], vectors: Vectors) -> None:
        self.name, self.dimensions = "remembered", vectors.shape[1]
        self._vectors = dict(zip(texts, vectors, strict=True))

    def encode(self, text: str) -> Vectors:
        """The vector of one of the texts."""
        vector: Vectors = self._vectors[text]
        return vector


def main() -> None:
    """Prints the fitted numbers, and the share of each kind of text above a row of thresholds."""
    library = load_library([shipped_knowledge()])
    slang = Slang(library.lexicon.slang)
    data = training_set(library, slang)
    folder = shipped_knowledge() / "fitted"
    store = VectorStore(default_encoder(), folder / "vectors.npz")
    vectors = store.vectors(data.texts)
    encoder = Remembered(data.texts, vectors)
    near = set(data.texts[data.ours : data.ours + len(library.negatives.near_misses)])
    rows: list[tuple[str, float, float, bool]] = []
    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for kept, held in splitter.split(data.texts, np.maximum(data.entry, -1)):
        part = TrainingSet(tuple(data.texts[n] for n in kept), data.entry[kept])
        matcher = Matcher(library, encoder, slang, part, vectors[kept], fit(library, part, vectors[kept]))
        for number in held:
            text, entry = data.texts[number], int(data.entry[number])
            scores = matcher.score(text)
            if scores is None:
                continue
            best = library.entries[int(np.argmax(scores.entries))]
            kind = "near" if text in near else "chatter"
            if entry >= 0:
                kind = "danger" if library.entries[entry].safety else "ours"
            right = entry >= 0 and library.entries[entry].topic == best.topic
            rows.append((kind, scores.ours, scores.danger, right))
    kinds = np.array([row[0] for row in rows])
    ours, danger = (np.array([row[at] for row in rows]) for at in (1, 2))
    rights = np.array([row[3] for row in rows])
    is_ours = np.isin(kinds, ["ours", "danger"])
    print("OURS", _line(ours, is_ours))
    print("DANGER", _line(danger, kinds == "danger"))
    print(
        "CONFIDENCE",
        _confidence(Matcher(library, default_encoder(), slang, data, vectors, fit(library, data, vectors))),
    )
    print(f"right topic, out of fold: {rights[kinds == 'ours'].mean():.3f}")
    for name, values in (("ours", ours), ("danger", danger)):
        print(name, "above:", *(f"{kind:>9}" for kind in ("ours", "danger", "near", "chatter")))
        for threshold in np.arange(-1.0, 1.31, 0.1):
            shares = [(values[kinds == kind] >= threshold).mean() for kind in ("ours", "danger", "near", "chatter")]
            print(f"{threshold:11.1f}", *(f"{item:9.4f}" for item in shares))


def _confidence(matcher: Matcher) -> tuple[float, ...]:
    """Fitted on questions of their own: out of fold, every fourth answer to a base's example counts as wrong only
    because the base gives it one topic where a fair judge would accept two."""
    questions = load_labelled(shipped_knowledge() / EVALUATION_FOLDER / "calibration.yaml")
    rows: list[tuple[float, float]] = []
    right: list[bool] = []
    asked = [(item.q, item.topics) for item in questions.on_topic]
    asked += [(item.q, frozenset[str]()) for item in questions.near_miss]
    for text, topics in asked:
        scores = matcher.score(prepare(text, matcher.slang))
        assert scores is not None
        if calibration.scaled(scores.ours, calibration.OURS) < ASK.offered:
            continue  # never answered, so that its confidence is never read
        best = matcher.library.entries[int(np.argmax(scores.entries))]
        share = float(matcher.topic_shares(scores.entries)[matcher.fitted.topic.classes.index(best.topic or "")])
        share = min(max(share, 1e-6), 1 - 1e-6)
        rows.append((float(np.log(share / (1 - share))), scores.ours))
        right.append(best.topic in topics)
    model = LogisticRegression(C=1.0).fit(np.array(rows), right)
    print(f"fitted on {len(rows)} questions, right {np.mean(right):.3f}")
    return (*model.coef_[0].round(3).tolist(), float(model.intercept_[0].round(3)))


def _line(values: NDArray[np.float64], labels: NDArray[np.bool_]) -> tuple[float, float]:
    model = LogisticRegression(C=1e6).fit(values.reshape(-1, 1), labels)
    return round(float(model.coef_[0][0]), 3), round(float(model.intercept_[0]), 3)


if __name__ == "__main__":
    main()
