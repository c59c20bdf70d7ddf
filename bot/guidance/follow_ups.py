"""What people say next, once they were answered: the files of `knowledge/follow_ups/`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.documents.validation import Lines, NotEmpty, at_most
from bot.guidance.models import MAX_EXAMPLES, Entry

MAX_LABEL = 40
"""Characters of a label: a button that a phone shows whole."""
MAX_TO = 100
"""Topics and entries that one answer is for."""

DANGER = "danger"
"""In `to`: after any entry that is about danger."""

_Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=64)]
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", max_length=64)]
_Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_LABEL)]
_Wording = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class FollowUpAnswer(Entry):
    """An answer to a follow-up: an entry that is found by what was answered before, and not by its wordings.

    `to` names the topics and the entries after which it is right, or `danger`; empty: after any but those about danger.
    """

    to: Annotated[tuple[_Name, ...], at_most(MAX_TO)] = ()


class FollowUp(BaseModel):
    """One thing that people say next: how they word it, what a button calls it, and the answers, most particular first.

    Without answers, it is about the earlier answer itself, or no question at all: see `advice/conversation.py`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: _Id
    label: _Label
    examples: Annotated[Lines[_Wording], NotEmpty, at_most(MAX_EXAMPLES)]
    answers: tuple[FollowUpAnswer, ...] = Field(default=())

    def answer_to(self, earlier: Entry) -> FollowUpAnswer | None:
        """The answer that is right after an earlier entry: one that names it, or its topic, or else a general one.

        After danger, only one for it. None where there is none.
        """
        # what is said after danger must be written for it: what else is said asks for kindness
        of_its_kind = {DANGER} if earlier.safety else {earlier.topic, *getattr(earlier, "to", ())}
        for named in ({earlier.id}, of_its_kind):
            for answer in self.answers:
                if named.intersection(answer.to):
                    return answer
        return None if earlier.safety else next((answer for answer in self.answers if not answer.to), None)


class FollowUpsFile(BaseModel):
    """One file of follow-ups as it is written.

    `neither`: what people also write after an answer, new questions and chat, from which follow-ups are told.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    follow_ups: tuple[FollowUp, ...] = ()
    neither: Lines[_Wording] = ()

    def answers(self) -> Iterator[tuple[int, int, FollowUpAnswer]]:
        """Every answer, with its follow-up's number and its own."""
        for at, follow_up in enumerate(self.follow_ups):
            for place, answer in enumerate(follow_up.answers):
                yield at, place, answer
