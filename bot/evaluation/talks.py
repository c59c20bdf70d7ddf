"""Labelled talks of two turns: what somebody was answered, what they wrote then, and what a fair judge takes it for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.advice.advisor import Advice, Advisor
from bot.advice.conversation import SMALL_TALK, Turn, Wish, follow_up
from bot.documents.validation import validate
from bot.documents.yaml_text import read_yaml
from bot.evaluation.measures import Share
from bot.guidance.loading import EVALUATION_FOLDER, shipped_knowledge
from bot.guidance.models import Identifier
from bot.matching.policies import Outcome

NEW = "new"
NONE = "none"
DANGER = "danger"
NO_FOLLOW_UP = frozenset({NEW, NONE, DANGER})
"""What a second message may be besides the kinds of follow-ups: a new question, chat, and a matter of safety."""

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class Talk(BaseModel):
    """Two turns: the `first` question, the id of the `entry` it was answered with, and what was said `then`.

    `means`: the ids of the follow-ups, any of which is right, or one of `NO_FOLLOW_UP`; `entries`: those that would
    serve a new question.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: _Text
    entry: Identifier
    then: _Text
    means: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    entries: tuple[Identifier, ...] = ()

    @model_validator(mode="after")
    def _is_one(self) -> Talk:
        if NO_FOLLOW_UP.intersection(self.means) and len(self.means) > 1:
            raise ValueError("'new', 'none' and 'danger' stand alone")
        return self

    @property
    def is_follow_up(self) -> bool:
        """Whether what was said is about the first answer."""
        return not NO_FOLLOW_UP.intersection(self.means)


class LabelledTalks(BaseModel):
    """One file of labelled talks."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    talks: tuple[Talk, ...]


def shipped_talks() -> LabelledTalks:
    """The talks that `evaluate` reports on; nothing is fitted on them."""
    return load_talks(shipped_knowledge() / EVALUATION_FOLDER / "talks.yaml")


def calibration_talks() -> LabelledTalks:
    """The talks on which is fitted what counts as a follow-up."""
    return load_talks(shipped_knowledge() / EVALUATION_FOLDER / "calibration_talks.yaml")


def load_talks(path: Path) -> LabelledTalks:
    """Reads labelled talks. Raises `UnusableFile` with every fault and its line."""
    return validate(read_yaml(path), LabelledTalks)


@dataclass(frozen=True)
class TalkFigures:
    """How many second messages got what they should: `follow_ups` of the right kind, `new` questions one of the right
    entries (or it among choices), `chat` no advice of a follow-up, `danger` safety; `missed` are those that did not."""

    follow_ups: Share
    new: Share
    chat: Share
    danger: Share
    missed: tuple[tuple[Talk, str], ...]

    def as_json(self) -> dict[str, Any]:
        """The figures without the messages, for programs."""
        return {
            name: round(getattr(self, name).value, 4) if getattr(self, name).of else None
            for name in ("follow_ups", "new", "chat", "danger")
        }


def measure_talks(
    advisor: Advisor,
    talks: Sequence[Talk],
    progress: Callable[[Sequence[Any]], Iterable[Any]] = iter,
) -> TalkFigures:
    """Says each second message after its entry. A talk whose entry is not in the library is left out."""
    held: Counter[str] = Counter()
    right: Counter[str] = Counter()
    missed = []
    for talk in progress(talks):
        earlier = advisor.find(talk.entry)
        if earlier is None:
            continue
        turn = follow_up(advisor, earlier, talk.then)
        kind = "follow_ups" if talk.is_follow_up else talk.means[0]
        held[kind] += 1
        if _is_right(advisor, talk, turn):
            right[kind] += 1
        else:
            missed.append((talk, said(advisor, turn)))
    shares: Mapping[str, Share] = {kind: Share(right[kind], held[kind]) for kind in ("follow_ups", NEW, NONE, DANGER)}
    return TalkFigures(shares["follow_ups"], shares[NEW], shares[NONE], shares[DANGER], tuple(missed))


def said(advisor: Advisor, turn: Turn) -> str:
    """What a turn was taken for: a follow-up's id, or the outcome of a question of its own and its entry."""
    if turn.wish is Wish.ANSWER and turn.advice.entry is not None:
        of_answer = (
            each.id
            for each in advisor.library.follow_ups
            for answer in each.answers
            if answer.id == turn.advice.entry.id
        )
        return next(of_answer, "")
    if turn.wish is not Wish.NEW:
        return str(turn.wish)
    return f"{turn.advice.outcome} {turn.advice.entry.id if turn.advice.entry is not None else ''}".strip()


def _is_right(advisor: Advisor, talk: Talk, turn: Turn) -> bool:
    if talk.is_follow_up:
        return said(advisor, turn) in talk.means
    kind = talk.means[0]
    if kind == DANGER:
        return turn.advice.entry is not None and turn.advice.entry.safety
    if kind == NONE:
        return turn.wish in SMALL_TALK or (turn.wish is Wish.NEW and turn.advice.outcome is Outcome.NONE)
    return turn.wish is Wish.NEW and bool(set(talk.entries) & _shown(turn.advice))


def _shown(advice: Advice) -> set[str]:
    return {match.entry.id for match in advice.choices} | ({advice.entry.id} if advice.entry is not None else set())
