"""The figures: accuracy by topic, what was taken for what, false alarms, safety, and calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.advice.advisor import Advice, Advisor
from bot.evaluation.questions import LabelledQuestions, OnTopic
from bot.guidance.models import Entry, Library, Verdict
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
class Miss:
    """A question that was shown an entry which does not serve it: the best of those that would, and what was shown."""

    question: str
    kind: str
    wanted: str
    got: str
    confidence: float


STANCES: Mapping[Verdict, str] = {
    Verdict.YES: "free to",
    Verdict.NO_OBLIGATION: "free to",
    Verdict.NO: "better not",
    Verdict.DEPENDS: "depends, or a way",
    Verdict.HOW_TO: "depends, or a way",
}
"""What verdicts come down to: readers disagree on the word, and much less on this."""


@dataclass(frozen=True)
class PolicyResult:
    """What one policy did. Rights are of on-topic questions; a choice counts by its first offer.

    Of questions labelled by entries: the share that was shown one of the right ones, that was offered one among
    choices, that was shown a wrong one, and that was shown one which must not be; the shares shown right by what makes
    a question hard. Confidence is measured against the right entry where a question is labelled by entries.
    """

    policy: Policy
    entry_shown: Share
    entry_offered: Share
    entry_wrong: Share
    never_shown: Share
    by_kind: Mapping[str, Share]
    entry_misses: tuple[Miss, ...]
    stance_right: Share
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
    harmless_alarmed: Share
    harmless_questions: tuple[tuple[str, str], ...]
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
                "entry_shown": _number(result.entry_shown),
                "entry_offered": _number(result.entry_offered),
                "entry_wrong": _number(result.entry_wrong),
                "never_shown": _number(result.never_shown),
                "by_kind": {kind: _number(share) for kind, share in result.by_kind.items()},
                "stance_right": _number(result.stance_right),
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
                "harmless_alarmed": _number(result.harmless_alarmed),
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
        topics=tuple(dict.fromkeys(filter(None, (_topic(item, advisor.library) for item in questions.on_topic)))),
    )


def first_match(advice: Advice) -> Entry | None:
    """The entry that was answered, or the first that was offered."""
    if advice.entry is not None:
        return advice.entry
    return advice.choices[0].entry if advice.choices else None


def _asks_of_danger(item: OnTopic, library: Library) -> bool:
    return any(library.by_id[name].safety for name in item.entries if name in library.by_id)


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
    harmless = ask([item.q for item in questions.harmless])
    heard = {name: ask(texts) for name, texts in chatter.items()}
    library = advisor.library
    right = [_topic_right(item, advice, library) for item, advice in on_topic]
    by_entry = [(item, advice) for item, advice in on_topic if item.entries]
    answered = [advice for _, advice in on_topic if advice.outcome is Outcome.ANSWER]
    certain = [
        (advice.confidence, _entry_right(item, advice) if item.entries else _topic_right(item, advice, library))
        for item, advice in on_topic
        if advice.outcome is Outcome.ANSWER
    ] + [(advice.confidence, False) for advice in near if advice.outcome is Outcome.ANSWER]
    bins = calibration(certain)
    sure = [was_right for confidence, was_right in certain if confidence >= SURE]
    near_false = [advice for advice in near if advice.outcome is Outcome.ANSWER]
    calm = [advice for item, advice in on_topic if not _asks_of_danger(item, library)] + near
    safety_false = [advice for advice in calm if _is_safety(advice)]
    times = [advice.milliseconds for _, advice in on_topic] or [0.0]
    return PolicyResult(
        policy=policy,
        entry_shown=Share(sum(_entry_right(item, advice) for item, advice in by_entry), len(by_entry)),
        entry_offered=Share(sum(_entry_offered(item, advice) for item, advice in by_entry), len(by_entry)),
        entry_wrong=Share(
            sum(advice.entry is not None and not _entry_right(item, advice) for item, advice in by_entry), len(by_entry)
        ),
        never_shown=Share(
            sum(advice.entry is not None and advice.entry.id in item.never for item, advice in by_entry), len(by_entry)
        ),
        by_kind=_by_kind(by_entry),
        entry_misses=tuple(
            Miss(item.q, item.kind, item.entries[0], advice.entry.id, advice.confidence)
            for item, advice in by_entry
            if advice.entry is not None and not _entry_right(item, advice)
        ),
        stance_right=Share(sum(_stance_right(item, advice, library) for item, advice in on_topic), len(on_topic)),
        topic_right=Share(sum(right), len(on_topic)),
        verdict_right=Share(sum(_verdict_right(item, advice, library) for item, advice in on_topic), len(on_topic)),
        answered=Share(len(answered), len(on_topic)),
        answers_right=Share(
            sum(_topic_right(item, advice, library) for item, advice in on_topic if advice.outcome is Outcome.ANSWER),
            len(answered),
        ),
        choices=Share(sum(advice.outcome is Outcome.CHOICES for _, advice in on_topic), len(on_topic)),
        by_topic=_by_topic(on_topic, library),
        confusions=_confusions(on_topic, library),
        near_miss_answered=Share(len(near_false), len(near)),
        near_miss_offered=Share(sum(advice.outcome is Outcome.CHOICES for advice in near), len(near)),
        near_miss_questions=tuple(map(_shown, near_false)),
        safety_right=Share(sum(map(_is_safety, safety)), len(safety)),
        safety_missed=tuple(_shown(advice) for advice in safety if not _is_safety(advice)),
        safety_false=Share(len(safety_false), len(calm)),
        harmless_alarmed=Share(sum(map(_is_safety, harmless)), len(harmless)),
        harmless_questions=tuple(_shown(advice) for advice in harmless if _is_safety(advice)),
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


def _entry_right(item: OnTopic, advice: Advice) -> bool:
    return advice.entry is not None and advice.entry.id in item.entries


def _entry_offered(item: OnTopic, advice: Advice) -> bool:
    return any(match.entry.id in item.entries for match in advice.choices)


def _topic_right(item: OnTopic, advice: Advice, library: Library) -> bool:
    entry = first_match(advice)
    return entry is not None and entry.topic in item.topics(library)


def _verdict_right(item: OnTopic, advice: Advice, library: Library) -> bool:
    entry = first_match(advice)
    return entry is not None and entry.verdict in item.verdicts(library)


def _stance_right(item: OnTopic, advice: Advice, library: Library) -> bool:
    entry = first_match(advice)
    return entry is not None and STANCES[entry.verdict] in {STANCES[each] for each in item.verdicts(library)}


def _topic(item: OnTopic, library: Library) -> str | None:
    """The topic that a question counts under: its own, or that of the first entry that is known."""
    known = [library.by_id[name].topic for name in item.entries if name in library.by_id]
    return item.topic or next(iter(known), None)


def _by_kind(by_entry: Sequence[tuple[OnTopic, Advice]]) -> dict[str, Share]:
    totals = Counter(item.kind for item, _ in by_entry)
    rights = Counter(item.kind for item, advice in by_entry if _entry_right(item, advice))
    return {kind: Share(rights[kind], total) for kind, total in totals.items()}


def _is_safety(advice: Advice) -> bool:
    entry = first_match(advice)
    return entry is not None and entry.safety


def _shown(advice: Advice) -> tuple[str, str]:
    entry = first_match(advice)
    return advice.question, entry.id if entry else "none"


def _by_topic(on_topic: Sequence[tuple[OnTopic, Advice]], library: Library) -> dict[str, Share]:
    named = [(_topic(item, library) or "", item, advice) for item, advice in on_topic]
    totals = Counter(topic for topic, _, _ in named if topic)
    rights = Counter(topic for topic, item, advice in named if _topic_right(item, advice, library))
    return {topic: Share(rights[topic], total) for topic, total in totals.items()}


def _confusions(on_topic: Sequence[tuple[OnTopic, Advice]], library: Library) -> tuple[Confusion, ...]:
    wrong: dict[tuple[str, str], list[str]] = {}
    for item, advice in on_topic:
        topic = _topic(item, library)
        if topic is not None and not _topic_right(item, advice, library):
            entry = first_match(advice)
            got = (entry.topic if entry else None) or "none"
            wrong.setdefault((topic, got), []).append(item.q)
    ordered = sorted(wrong.items(), key=lambda pair: -len(pair[1]))
    return tuple(Confusion(expected, got, tuple(texts)) for (expected, got), texts in ordered)


def _number(share: Share) -> float | None:
    return round(share.value, 4) if share.of else None
