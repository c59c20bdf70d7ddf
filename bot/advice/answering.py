"""What to answer to a message that somebody got: it is read as what was said to them, and not as what they say."""

from __future__ import annotations

from dataclasses import replace

from bot.advice.advisor import Advice, Advisor
from bot.matching.policies import Outcome, Policy

FRAME = 'got this message: "{}" what do i say'
"""As people ask who got a message. Without it, 'will you follow me back?' is taken for a wish of their own."""


def answer_message(advisor: Advisor, text: str) -> Advice:
    """The advice to somebody who got `text` from another person. Any text will do; an empty one gets the outcome none.

    What tells of danger is answered as such. `Advice.question` is the text alone.
    """
    reading = advisor.read(FRAME.format(text))
    if not advisor.read(text).prepared:
        return Advice(text, Outcome.NONE, None, 0.0)
    return replace(advisor.advise(reading, Policy.ASK), question=text)
