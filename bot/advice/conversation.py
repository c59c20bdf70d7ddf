"""What is answered to a message that follows an answer: 'why?', 'and if she asks again?', 'softer', 'thanks'.

Nothing is remembered but which entry was answered: the caller knows it from the card.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.advice.advisor import Advice, Advisor
from bot.guidance.models import Entry, Tone
from bot.matching.policies import Outcome, Policy
from bot.matching.reading import Reading

MOST_WORDS = 60
"""A message of more words tells a story of its own: it is a new question."""


SURE_DANGER = 0.8
"""From this probability of danger on, a message is answered as one about danger, whatever else it may be."""
CLEAR = 4.0
"""Below it, one that is a follow-up by such a margin is answered as that, with a word about danger: 'he'll be furious'
follows many an answer, and says more of the person than of a threat."""
AFTER_DANGER = 3.0
"""So much less of a margin will do after an answer about danger: how to stay safe is better said twice than manners."""


class Wish(StrEnum):
    """What somebody wants who follows an answer up; the ids of the follow-ups in the YAML that have no answers."""

    NEW = "new"
    """A question of its own."""
    ANSWER = "answer"
    """What to do about what happens next: the advice is a follow-up's answer."""
    WHY = "why"
    SURE = "are-you-sure"
    WORDS = "what-to-say"
    SOFTER = "softer"
    SHORTER = "shorter"
    FIRMER = "firmer"
    FOR_SOMEBODY = "for-somebody"
    THANKS = "thanks"
    HELLO = "hello"
    HELP = "help"
    GOODBYE = "goodbye"


TONES = {Wish.SOFTER: Tone.WARM, Wish.SHORTER: Tone.BRIEF, Wish.FIRMER: Tone.FIRM}
SMALL_TALK = frozenset({Wish.THANKS, Wish.HELLO, Wish.HELP, Wish.GOODBYE})
"""What is no question."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What to say to a second message: what is wished for, the advice, and the tone of its words where one was named.

    `advice` is that of the earlier entry again where the wish is about it, a follow-up's answer, or one to a new
    question. To small talk it is what a first question would have got, and need not be shown.
    """

    wish: Wish
    advice: Advice
    tone: Tone | None = None


def follow_up(advisor: Advisor, earlier: Entry, text: str) -> Turn:
    """What to say to `text`, written by somebody who was answered with the entry `earlier`. Any text will do.

    Danger goes first, and a server's own entry that answers the text before any follow-up. The text is encoded once.
    """
    reading = advisor.read(text)
    asked = advisor.advise(reading, Policy.ASK)
    new = Turn(Wish.NEW, asked)
    said = advisor.follow_ups.look(reading)
    if said is None or asked.own or reading.prepared.count(" ") >= MOST_WORDS:
        return new
    least = advisor.base.model.meaning.follow_ups.least(str(asked.outcome))
    if said.margin < (least - AFTER_DANGER if earlier.safety else least):
        return new
    danger = asked.entry is not None and asked.entry.safety
    if danger and (asked.confidence >= SURE_DANGER or said.margin < CLEAR):
        return new
    kind = advisor.library.follow_ups[said.kind]
    if kind.answers:
        answer = kind.answer_to(earlier)
        if answer is None:
            return new
        return Turn(Wish.ANSWER, _advice(advisor, answer.model_copy(update={"topic": earlier.topic}), asked, reading))
    wish = next((each for each in Wish if each == kind.id), Wish.NEW)
    if wish is Wish.NEW:
        return new
    if wish in SMALL_TALK:
        return Turn(wish, asked)
    if wish is Wish.FOR_SOMEBODY:
        return Turn(wish, _for_somebody(advisor, earlier, reading))
    return Turn(wish, _advice(advisor, earlier, asked, reading), TONES.get(wish))


def _advice(advisor: Advisor, entry: Entry, asked: Advice, reading: Reading) -> Advice:
    help = advisor.help(reading) if entry.safety else None
    advice = advisor.explain(entry, asked.question)
    worry = asked.worry or (asked.entry is not None and asked.entry.safety)
    return replace(advice, milliseconds=asked.milliseconds, worry=worry and not entry.safety, help=help)


def _for_somebody(advisor: Advisor, earlier: Entry, reading: Reading) -> Advice:
    """The earlier answer as it is for other people or elsewhere: what it says of them, or an entry that is about them.

    Only where the earlier entry says nothing of them, its question is asked anew with theirs added.
    """
    people, platforms = advisor.library.lexicon.mentioned(reading.text)
    again = replace(advisor.explain(earlier, reading.text), question=reading.text)
    if again.adaptations or not (people or platforms):
        return again
    other = advisor.advise(advisor.read(f"{earlier.question} {reading.text}"), Policy.ASK)
    found = other.entry is not None and other.outcome is Outcome.ANSWER and not other.entry.safety
    return replace(other, question=reading.text) if found else again
