"""The figures: accuracy by topic, what was taken for what, false alarms, safety, and calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.advice.advisor import Advice, Advisor
from bot.evaluation.questions import LabelledQuestions, OnTopic
from bot.guidance.models import Entry
from bot.matching.policies import Outcome, Policy

CALIBRATION_BINS = 10
SURE = 0.9
Progress = Callable[[Sequence[Any]], Iterable[Any]]


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """The share, 0 to 1; 0 of nothing is 0."""
        return self.count / self.of if self.of else 0.0

    def __str__(self) -> str:
        return f"{self.value:6.1%}  ({self.count} of {self.of})"


@dataclass(frozen=True)
class Confusion:
    """Questions of one topic that got another ("none": no answer)."""

    expected: str
    got: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class CalibrationBin:
    """Answers whose confidence lay between `low` and `high`: how sure we said we were, and how often we were right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class PolicyResult:
    """What one policy did. Rights are of on-topic questions; a choice counts by its first offer."""

    policy: Policy
    topic_right: Share
    verdict_right: Share
    answered: Share
    answers_right: Share
    choices: Share
    by_topic: Mapping[str, Share]
    confusions: tuple[Confusion, ...]
    near_miss_answered: Share
    near_miss_offered: Share
    near_miss_questions: tuple[tuple[str, str], ...]
    safety_right: Share
    safety_missed: tuple[tuple[str, str], ...]
    safety_false: Share
    safety_false_questions: tuple[tuple[str, str], ...]
    chatter: Mapping[str, Share]
    chatter_offered: Mapping[str, Share]
    chatter_questions: tuple[tuple[str, str], ...]
    calibration: tuple[CalibrationBin, ...]
    calibration_error: float
    sure_right: Share
    median_milliseconds: float


@dataclass(frozen=True)
class Evaluation:
    """The figures of both policies."""

    policies: tuple[PolicyResult, ...]
    topics: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The figures without the questions, for programs."""
        return {
            str(result.policy): {
                "topic_right": _number(result.topic_right),
                "verdict_right": _number(result.verdict_right),
                "answered": _number(result.answered),
                "answers_right": _number(result.answers_right),
                "choices": _number(result.choices),
                "by_topic": {topic: _number(share) for topic, share in result.by_topic.items()},
                "near_miss_answered": _number(result.near_miss_answered),
                "near_miss_offered": _number(result.near_miss_offered),
                "safety_right": _number(result.safety_right),
                "safety_false": _number(result.safety_false),
                "chatter_per_10000": {name: round(10_000 * share.value, 3) for name, share in result.chatter.items()},
                "calibration_error": round(result.calibration_error, 4),
                "sure_right": _number(result.sure_right),
                "median_milliseconds": round(result.median_milliseconds, 3),
            }
            for result in self.policies
        }


def measure(
    advisor: Advisor,
    questions: LabelledQuestions,
    chatter: Mapping[str, Sequence[str]] | None = None,
    progress: Progress = iter,
) -> Evaluation:
    """Asks every question under both policies.

    `chatter` maps a name to ordinary messages; the set's own are added as "shipped". `progress` wraps the sequence
    of texts while it is worked through, e.g. to draw a bar.
    """
    messages = dict(chatter or {})
    if questions.chatter:
        messages["shipped"] = questions.chatter
    return Evaluation(
        policies=tuple(_measure(advisor, policy, questions, messages, progress) for policy in Policy),
        topics=tuple(dict.fromkeys(question.topic for question in questions.on_topic)),
    )


def first_match(advice: Advice) -> Entry | None:
    """The entry that was answered, or the first that was offered."""
    if advice.entry is not None:
        return advice.entry
    return advice.choices[0].entry if advice.choices else None


def _measure(
    advisor: Advisor,
    policy: Policy,
    questions: LabelledQuestions,
    chatter: Mapping[str, Sequence[str]],
    progress: Progress,
) -> PolicyResult:
    def ask(texts: Sequence[str]) -> list[Advice]:
        return [advisor.advise(advisor.read(text), policy) for text in progress(texts)]

    on_topic = list(zip(questions.on_topic, ask([item.q for item in questions.on_topic]), strict=True))
    near = ask([item.q for item in questions.near_miss])
    safety = ask([item.q for item in questions.safety])
    heard = {name: ask(texts) for name, texts in chatter.items()}
    right = [_topic_right(item, advice) for item, advice in on_topic]
    answered = [advice for _, advice in on_topic if advice.outcome is Outcome.ANSWER]
    certain = [
        (advice.confidence, _topic_right(item, advice)) for item, advice in on_topic if advice.outcome is Outcome.ANSWER
    ] + [(advice.confidence, False) for advice in near if advice.outcome is Outcome.ANSWER]
    bins = calibration(certain)
    sure = [was_right for confidence, was_right in certain if confidence >= SURE]
    near_false = [advice for advice in near if advice.outcome is Outcome.ANSWER]
    safety_false = [advice for _, advice in on_topic if _is_safety(advice)] + [
        advice for advice in near if _is_safety(advice)
    ]
    ordinary = len(on_topic) + len(near)
    times = [advice.milliseconds for _, advice in on_topic] or [0.0]
    return PolicyResult(
        policy=policy,
        topic_right=Share(sum(right), len(on_topic)),
        verdict_right=Share(sum(_verdict_right(item, advice) for item, advice in on_topic), len(on_topic)),
        answered=Share(len(answered), len(on_topic)),
        answers_right=Share(
            sum(_topic_right(item, advice) for item, advice in on_topic if advice.outcome is Outcome.ANSWER),
            len(answered),
        ),
        choices=Share(sum(advice.outcome is Outcome.CHOICES for _, advice in on_topic), len(on_topic)),
        by_topic=_by_topic(on_topic),
        confusions=_confusions(on_topic),
        near_miss_answered=Share(len(near_false), len(near)),
        near_miss_offered=Share(sum(advice.outcome is Outcome.CHOICES for advice in near), len(near)),
        near_miss_questions=tuple(map(_shown, near_false)),
        safety_right=Share(sum(map(_is_safety, safety)), len(safety)),
        safety_missed=tuple(_shown(advice) for advice in safety if not _is_safety(advice)),
        safety_false=Share(len(safety_false), ordinary),
        safety_false_questions=tuple(map(_shown, safety_false)),
        chatter={
            name: Share(sum(advice.outcome is Outcome.ANSWER for advice in advices), len(advices))
            for name, advices in heard.items()
        },
        chatter_offered={
            name: Share(sum(advice.outcome is Outcome.CHOICES for advice in advices), len(advices))
            for name, advices in heard.items()
        },
        chatter_questions=tuple(
            _shown(advice) for advices in heard.values() for advice in advices if advice.outcome is Outcome.ANSWER
        ),
        calibration=bins,
        calibration_error=calibration_error(bins),
        sure_right=Share(sum(sure), len(sure)),
        median_milliseconds=float(np.median(times)),
    )


def calibration(answers: Sequence[tuple[float, bool]]) -> tuple[CalibrationBin, ...]:
    """Equal-width bins of (confidence, was it right); empty bins are left out."""
    bins = []
    for number in range(CALIBRATION_BINS):
        low, high = number / CALIBRATION_BINS, (number + 1) / CALIBRATION_BINS
        inside = [
            (confidence, right)
            for confidence, right in answers
            if low <= confidence < high or (confidence >= 1.0 and number == CALIBRATION_BINS - 1)
        ]
        if inside:
            confidence = float(np.mean([confidence for confidence, _ in inside]))
            accuracy = float(np.mean([right for _, right in inside]))
            bins.append(CalibrationBin(low, high, len(inside), confidence, accuracy))
    return tuple(bins)


def calibration_error(bins: Sequence[CalibrationBin]) -> float:
    """Expected calibration error (Naeini et al. 2015): the bins' |confidence - accuracy|, weighted by their sizes."""
    total = sum(item.count for item in bins)
    return sum(item.count * abs(item.confidence - item.accuracy) for item in bins) / total if total else 0.0


def _topic_right(item: OnTopic, advice: Advice) -> bool:
    entry = first_match(advice)
    return entry is not None and entry.topic in item.topics


def _verdict_right(item: OnTopic, advice: Advice) -> bool:
    entry = first_match(advice)
    return entry is not None and entry.verdict is item.verdict


def _is_safety(advice: Advice) -> bool:
    entry = first_match(advice)
    return entry is not None and entry.safety


def _shown(advice: Advice) -> tuple[str, str]:
    entry = first_match(advice)
    return advice.question, entry.id if entry else "none"


def _by_topic(on_topic: Sequence[tuple[OnTopic, Advice]]) -> dict[str, Share]:
    totals = Counter(item.topic for item, _ in on_topic)
    rights = Counter(item.topic for item, advice in on_topic if _topic_right(item, advice))
    return {topic: Share(rights[topic], total) for topic, total in totals.items()}


def _confusions(on_topic: Sequence[tuple[OnTopic, Advice]]) -> tuple[Confusion, ...]:
    wrong: dict[tuple[str, str], list[str]] = {}
    for item, advice in on_topic:
        if not _topic_right(item, advice):
            entry = first_match(advice)
            got = (entry.topic if entry else None) or "none"
            wrong.setdefault((item.topic, got), []).append(item.q)
    ordered = sorted(wrong.items(), key=lambda pair: -len(pair[1]))
    return tuple(Confusion(expected, got, tuple(texts)) for (expected, got), texts in ordered)


def _number(share: Share) -> float | None:
    return round(share.value, 4) if share.of else None
