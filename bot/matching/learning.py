"""Learns a base whole: its machines, what their scores mean, and a card of the figures. Takes minutes; deterministic.

What scores mean is fitted on texts that the machines did not learn from: `ours` and `danger` out of fold, confidence on
labelled questions of their own, and the weights of servers' own entries on the base's entries in turn, each reduced to
a few wordings. The questions that `evaluate` reports on are never looked at.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import SVC

from bot.guidance.models import Library
from bot.matching.base import Base
from bot.matching.encoder.encoder import Encoder, Vectors
from bot.matching.encoder.vectors import Progress, VectorStore
from bot.matching.model.fitting import KERNEL_C, KERNEL_GAMMA, fit
from bot.matching.model.model import Calibration, Line, Meaning, Model, OwnWeights, Thresholds
from bot.matching.model.training import TrainingSet, fingerprint, training_set
from bot.matching.own import telling_words
from bot.matching.reading import Reader
from bot.matching.text import Slang

FOLDS = 5
SEED = 7
SPREAD = 3.0
ASK = Thresholds(ours=0.96, confidence=0.25, offered=0.84, alarm=0.25, alarm_ours=0.2)
OVERHEAR = Thresholds(ours=0.977, confidence=0.25, offered=1.1, alarm=0.8, alarm_ours=0.977)
OWN = OwnWeights(cosine=1.0, shared=0.0, offset=0.0, answer=0.9, close=0.6, unasked=0.97, lead=0.1)
"""From where on scores count: chosen where an answer's error is worth its silence, on out-of-fold scores alone."""
OWN_SIZES = (1, 2, 3, 5)
"""So many wordings an own entry is tried with."""

Asked = tuple[str, frozenset[str]]
"""A question, and the topics that are right for it (none: it is not for us)."""
Rows = list[tuple[float, float]]


def learn(
    library: Library, encoder: Encoder, store: VectorStore, asked: Sequence[Asked], progress: Progress = iter
) -> tuple[Model, str]:
    """A model of `library` with a meaning of its own, and its fingerprint.

    `asked` are labelled questions that the base does not hold. `progress` wraps the texts that must still be encoded.
    """
    data = training_set(library, Slang(library.lexicon.slang))
    vectors = store.vectors(data.texts, progress)
    neutral = Meaning(Calibration(Line(1.0, 0.0), Line(1.0, 0.0), SPREAD, (1.0, 0.0, 0.0)), ASK, OVERHEAR, OWN)
    model = fit(library, data, vectors, neutral)
    danger = np.array([number >= 0 and library.entries[number].safety for number in data.entry])
    calibration = Calibration(_line(vectors, data.entry >= 0), _line(vectors, danger), SPREAD, (1.0, 0.0, 0.0))
    model = replace(model, meaning=replace(neutral, calibration=calibration))
    reader = Reader(Slang(library.lexicon.slang), encoder, model.vocabulary)
    confidence, answered, right = _confidence(Base(library, reader, data, vectors, model), asked)
    own, won, taken = _own_weights(library, data, vectors)
    card = {
        "entries": str(len(library.entries)),
        "texts": f"{len(data.texts):,}, of which {data.ours:,} are ours",
        "encoder": encoder.name,
        "calibrated on": f"{len(asked)} questions, {answered} answered, right topic {right:.3f}",
        "own entries' paraphrases that win": f"{won:.3f}",
        "other questions that own entries take": f"{taken:.3f}",
    }
    meaning = replace(model.meaning, calibration=replace(calibration, confidence=confidence), own=own)
    return replace(model, meaning=meaning, card=card), fingerprint(library, data, encoder.name)


def _line(vectors: Vectors, labels: NDArray[np.bool_]) -> Line:
    """Platt scaling, out of fold, of the machine for these labels; a base with one label alone has nothing to scale."""
    if min(labels.sum(), (~labels).sum()) < FOLDS:
        return Line(1.0, 0.0)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    machine = SVC(C=KERNEL_C, gamma=KERNEL_GAMMA, cache_size=400)
    scaled = CalibratedClassifierCV(machine, method="sigmoid", cv=folds, ensemble=False).fit(vectors, labels)
    (sigmoid,) = scaled.calibrated_classifiers_[0].calibrators
    # scikit-learn's is 1 / (1 + exp(a * score + b))
    return Line(-float(sigmoid.a_), -float(sigmoid.b_))


def _confidence(base: Base, asked: Sequence[Asked]) -> tuple[tuple[float, float, float], int, float]:
    """The weights of `Calibration.confidence`, how many questions they were fitted on, and the share that was right.

    Questions of their own: out of fold, every fourth answer to a base's example counts as wrong only because the base
    gives it one topic where a fair judge would accept two.
    """
    rows: Rows = []
    right: list[bool] = []
    meaning = base.model.meaning
    for text, topics in asked:
        scores = base.score(base.reader.read(text))
        if scores is None or meaning.calibration.ours.probability(scores.ours) < meaning.ask.offered:
            continue  # never answered, so that its confidence is never read
        best = base.library.entries[int(np.argmax(scores.entries))]
        share = float(base.topic_shares(scores.entries)[base.model.topic.classes.index(best.topic or "")])
        share = min(max(share, 1e-6), 1 - 1e-6)
        rows.append((float(np.log(share / (1 - share))), scores.ours))
        right.append(best.topic in topics)
    if len(set(right)) < 2:
        return (1.0, 0.0, 0.0), len(rows), float(np.mean(right)) if right else 0.0
    fitted = LogisticRegression(C=1.0).fit(np.array(rows), right)
    slope, trust = fitted.coef_[0].tolist()
    return (slope, trust, float(fitted.intercept_[0])), len(rows), float(np.mean(right))


def _own_weights(library: Library, data: TrainingSet, vectors: Vectors) -> tuple[OwnWeights, float, float]:
    """The weights of own entries, and on the other half of the base's: paraphrases won, other questions taken."""
    chance = random.Random(SEED)
    numbers = list(range(len(library.entries)))
    chance.shuffle(numbers)
    half = len(numbers) // 2
    win, leave, never = _as_own(data, vectors, numbers[:half], OWN, chance)
    if not win or not leave + never:
        return OWN, 0.0, 0.0
    labels = [True] * len(win) + [False] * (len(leave) + len(never))
    # as many questions for the own entry as for all else: whoever adds an entry expects it to be asked
    fitted = LogisticRegression(class_weight="balanced").fit(np.array(win + leave + never), labels)
    cosine, shared = fitted.coef_[0].tolist()
    weights = replace(OWN, cosine=cosine, shared=shared, offset=float(fitted.intercept_[0]))
    win, leave, _ = _as_own(data, vectors, numbers[half:], weights, chance)
    won, taken = (np.mean([weights.score(*row) >= weights.answer for row in rows] or [False]) for rows in (win, leave))
    return weights, float(won), float(taken)


def _as_own(
    data: TrainingSet, vectors: Vectors, numbers: Sequence[int], weights: OwnWeights, chance: random.Random
) -> tuple[Rows, Rows, Rows]:
    """(cosine, shared) of the best wording for: questions to win, other questions, messages that are not for us."""
    telling = [telling_words(text) for text in data.texts]
    win: Rows = []
    leave: Rows = []
    never: Rows = []
    for number in numbers:
        mine = np.flatnonzero(data.entry == number).tolist()
        for size in OWN_SIZES:
            if len(mine) < size + 5:
                continue
            rest = mine[1:]
            chance.shuffle(rest)
            own = [mine[0], *rest[: size - 1]]
            others = [index for index in chance.sample(range(data.ours), 40) if data.entry[index] != number]
            negatives = chance.sample(range(data.ours, len(data.texts)), min(40, len(data.texts) - data.ours))
            for target, tested in ((win, rest[size - 1 : size + 5]), (leave, others), (never, negatives)):
                for index in tested:
                    options = [
                        (
                            float(vectors[held] @ vectors[index]),
                            len(telling[held] & telling[index]) / max(1, len(telling[held] | telling[index])),
                        )
                        for held in own
                    ]
                    target.append(max(options, key=lambda option: weights.score(*option)))
    return win, leave, never
