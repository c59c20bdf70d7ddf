"""All that was learned from one base: the machines, what their scores mean, and from where on they count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log

from bot.matching.features import Vocabulary
from bot.matching.model.machines import Gate, Kernel, Linear


@dataclass(frozen=True, slots=True)
class Line:
    """From a decision value to a probability (Platt 1999): the logistic function of slope * value + intercept."""

    slope: float
    intercept: float

    def probability(self, score: float) -> float:
        """Of yes, 0 to 1."""
        return logistic(self.slope * score + self.intercept)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What raw scores mean.

    `ours` and `danger`: their machines' decision values as probabilities. `spread`: entries' scores are divided by it
    before they share out the probability among them. `confidence`: weights of the log-odds of the topic's share and of
    the `ours` decision value, and the intercept, of the probability that an answer is right.
    """

    ours: Line
    danger: Line
    spread: float
    confidence: tuple[float, float, float]

    def confidence_of(self, topic_share: float, ours: float) -> float:
        """The probability, 0 to 1, that an answer is of the right topic for a message that is ours.

        `topic_share` is the topic's share of all entries' probability, `ours` the decision value of that machine.
        """
        share = min(max(topic_share, 1e-6), 1 - 1e-6)
        slope, trust, intercept = self.confidence
        return logistic(slope * log(share / (1 - share)) + trust * ours + intercept)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a policy asks of a ranking, each 0 to 1.

    `ours` and `confidence` are the least for an answer; below them, `offered` is the least `ours` for choices (1.1:
    never). `alarm` is the least probability of danger for a safety answer, `alarm_ours` the least `ours` for one.
    """

    ours: float
    confidence: float
    offered: float
    alarm: float
    alarm_ours: float


@dataclass(frozen=True, slots=True)
class OwnWeights:
    """How a server's own entries are judged: a logistic regression's weights, and from which score on they count.

    `cosine`: of the likeness of meaning to the nearest wording; `shared`: of the share of telling words in common.
    From `answer` on an own entry answers; from `close` on it is a choice, and answers if no built-in wording is nearer
    by more than `lead` (cosine); from `unasked` on it answers unasked.
    """

    cosine: float
    shared: float
    offset: float
    answer: float
    close: float
    unasked: float
    lead: float

    def score(self, cosine: float, shared: float) -> float:
        """The score, 0 to 1, of a cosine and a share of telling words (both 0 to 1)."""
        return logistic(self.cosine * cosine + self.shared * shared + self.offset)


@dataclass(frozen=True)
class Meaning:
    """What the machines' scores mean, and from where on they count: fitted with the base it is shipped with.

    A base that was edited keeps the meaning of the shipped one until `rsvno learn` fits its own.
    """

    calibration: Calibration
    ask: Thresholds
    overhear: Thresholds
    own: OwnWeights


@dataclass(frozen=True)
class Model:
    """Everything learned from one base. `card` holds the figures it was learned with, by name."""

    vocabulary: Vocabulary
    gate: Gate
    ours: Kernel
    danger: Kernel
    topic: Linear
    verdict: Linear
    meaning: Meaning
    card: Mapping[str, str]


def logistic(value: float) -> float:
    """1 / (1 + e^-value), safe for any value."""
    if value >= 0:
        return 1.0 / (1.0 + exp(-min(value, 700.0)))
    power = exp(max(value, -700.0))
    return power / (1.0 + power)
