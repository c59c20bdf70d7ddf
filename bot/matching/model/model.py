"""All that was learned from one base: the machines, what their scores mean, and from where on they count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log

from bot.matching.features import Vocabulary
from bot.matching.model.gate import Gate
from bot.matching.model.machines import Discriminant, Kernel, Likelihoods, Linear, Words


@dataclass(frozen=True, slots=True)
class Line:
    """From a decision value to a probability (Platt 1999): the logistic function of slope * value + intercept."""

    slope: float
    intercept: float

    def probability(self, score: float) -> float:
        """Of yes, 0 to 1."""
        return logistic(self.slope * score + self.intercept)


@dataclass(frozen=True, slots=True)
class Signals:
    """What each signal weighs in an entry's score, fitted so that the softmax of the scores is likely to name the entry
    that a text was written for (a conditional logit, McFadden 1974).

    `topic`: log-probability of the entry's topic; `center` and `nearest`: cosines to the center of the entry's wordings
    and to the nearest of them; `discriminant`, `words`, `relations`: what those machines say; `others`: that the entry
    is about other people than those whom the message names.
    """

    topic: float
    center: float
    nearest: float
    discriminant: float
    words: float
    relations: float
    others: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What raw scores mean.

    `ours` and `danger`: their machines' decision values as probabilities. `confidence`: weights of the log-odds of the
    best entry's share of the probability among entries and of the `ours` decision value, and the intercept, of the
    probability that the best entry is right.
    """

    ours: Line
    danger: Line
    confidence: tuple[float, float, float]

    def confidence_of(self, share: float, ours: float) -> float:
        """The probability, 0 to 1, that an entry is right for a message.

        `share` is the entry's share of all entries' probability, `ours` the decision value of that machine.
        """
        share = min(max(share, 1e-6), 1 - 1e-6)
        slope, trust, intercept = self.confidence
        return logistic(slope * log(share / (1 - share)) + trust * ours + intercept)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a policy asks of a ranking, each 0 to 1.

    `ours` and `confidence` are the least for an answer; below them, `offered` is the least `ours` for choices (1.1:
    never). `alarm` is the least probability of danger for a safety answer, `worry` for a word about it below another
    answer (1.1: never).
    """

    ours: float
    confidence: float
    offered: float
    alarm: float
    worry: float


@dataclass(frozen=True, slots=True)
class OwnWeights:
    """How a server's own entry competes with the best built-in one: a logistic regression's weights.

    `lead`: of the cosine to its nearest wording less that to the nearest built-in one; `cosine`: of the former itself;
    `telling`: of the share of the message's telling words that the wording has, each weighed by how rare it is in the
    base; `offset`. From `answer` on it answers; from `close` on it is a choice; from `unasked` on it answers unasked.
    """

    lead: float
    cosine: float
    telling: float
    offset: float
    answer: float
    close: float
    unasked: float

    def score(self, lead: float, cosine: float, telling: float) -> float:
        """The probability, 0 to 1, that a message is asked of this entry."""
        return logistic(self.lead * lead + self.cosine * cosine + self.telling * telling + self.offset)


@dataclass(frozen=True, slots=True)
class FollowUpMargins:
    """From which margin on (see `follow_ups.Said`) a message after an answer is a follow-up, by what it would get as a
    first question: an answer, choices, or nothing. The defaults serve where no talks were learned from."""

    answer: float = -1.5
    choices: float = -1.5
    none: float = -1.0

    def least(self, outcome: str) -> float:
        """The least margin for an outcome, by its name."""
        return {"answer": self.answer, "choices": self.choices, "none": self.none}[outcome]


@dataclass(frozen=True)
class Meaning:
    """What the machines' scores mean, and from where on they count: fitted with the base it is shipped with.

    A base that was edited keeps the meaning of the shipped one until `rsvno learn` fits its own.
    """

    signals: Signals
    calibration: Calibration
    ask: Thresholds
    overhear: Thresholds
    own: OwnWeights
    follow_ups: FollowUpMargins = FollowUpMargins()


@dataclass(frozen=True)
class Model:
    """Everything learned from one base. `card` holds the figures it was learned with, by name."""

    vocabulary: Vocabulary
    gate: Gate
    ours: Kernel
    danger: Kernel
    danger_words: Words
    topic: Linear
    discriminant: Discriminant
    words: Likelihoods
    relations: Likelihoods
    meaning: Meaning
    card: Mapping[str, str]


def logistic(value: float) -> float:
    """1 / (1 + e^-value), safe for any value."""
    if value >= 0:
        return 1.0 / (1.0 + exp(-min(value, 700.0)))
    power = exp(max(value, -700.0))
    return power / (1.0 + power)
