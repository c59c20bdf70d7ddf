"""From raw scores to probabilities. Every number here was fitted by `benchmarks/calibrate.py`.

Platt scaling (Platt 1999): the probability is the logistic function of a weighted sum of scores.
"""

from __future__ import annotations

from math import exp, log

OURS = (4.299, -0.085)
"""Slope and intercept: the decision value of the `ours` machine to the probability that a message is for us."""
DANGER = (5.936, 1.376)
"""Slope and intercept: the decision value of the `danger` machine to the probability of danger."""
SPREAD = 3.0
"""Entries' scores are divided by this before they share out the probability among them."""
CONFIDENCE = (0.878, 0.197, 1.127)
"""Weights of the log-odds of the topic's share and of the `ours` decision value, and the intercept."""


def logistic(value: float) -> float:
    """1 / (1 + e^-value), safe for any value."""
    if value >= 0:
        return 1.0 / (1.0 + exp(-min(value, 700.0)))
    power = exp(max(value, -700.0))
    return power / (1.0 + power)


def scaled(score: float, line: tuple[float, float]) -> float:
    """The probability for a decision value under one of the lines above."""
    return logistic(line[0] * score + line[1])


def confidence(topic_share: float, ours: float) -> float:
    """The probability that an answer is of the right topic for a message that is ours.

    `topic_share` is the topic's share of all entries' probability, `ours` the decision value of that machine.
    """
    share = min(max(topic_share, 1e-6), 1 - 1e-6)
    slope, trust, intercept = CONFIDENCE
    return logistic(slope * log(share / (1 - share)) + trust * ours + intercept)
