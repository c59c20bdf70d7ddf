"""Words to turn an invitation down, for whoever has one in hand."""

from __future__ import annotations

from dataclasses import dataclass

from bot.advice.advisor import Advice, Advisor
from bot.guidance.blanks import blanks_in, fill, names_a_kind
from bot.guidance.models import Entry
from bot.matching.policies import Outcome, is_danger, is_near

GENERAL_DECLINE = "how-to-decline-in-general"
"""Whose words turn down an invitation of which nothing is known."""
DECLINING_TOPICS = ("decline_invitation", "friend_request", "overload", "follow_for_follow")
LEAST_LIKE_AN_INVITATION = 0.1
"""Below this probability of being ours, and with no word for an event, a group, a page or an app, an invitation is
taken for one of which nothing is known."""
NEAR = 4
"""So many of the best matches are near enough to an invitation to choose among them by the names it gives."""


@dataclass(frozen=True, slots=True)
class Declined:
    """Words to decline: an advice whose entry's words have their blanks filled, and the key of a note (or '')."""

    advice: Advice
    note: str


def decline(advisor: Advisor, invitation: str, who: str = "") -> Declined:
    """Words to turn down what `invitation` describes, from whom `who` says.

    Whoever asks for words has an invitation, so the border between ours and not ours does not apply here; only
    danger still comes before manners. An invitation that nothing known resembles gets words for any.
    """
    text = f"{invitation} from {who}" if who and who.lower() not in invitation.lower() else invitation
    reading = advisor.read(text)
    ranking = advisor.rank(reading)
    meaning = advisor.base.model.meaning
    order = advisor.order(reading)
    if is_danger(ranking, meaning.ask):
        danger = next((entry for entry in advisor.base.order(reading) if entry.safety), None)
        if danger is not None:
            return Declined(advisor.explain(danger, text), "")
    own = [match for match in advisor.close_own(reading) if match.entry.say]
    if own and is_near(own[0], ranking, meaning.own):
        return Declined(advisor.explain(with_filled_blanks(own[0].entry, text), text), "")
    offers = [entry for entry in order if entry.say and not entry.safety]
    named = blanks_in(text)
    near = [entry for entry in offers if entry.topic in DECLINING_TOPICS][:NEAR]
    # among the nearest, words that can say the name that was given are the more personal ones
    fitting = next((entry for entry in near if any(_has_blank(entry, blank) for blank in named)), None)
    fitting = fitting or next(iter(near), None)
    general = advisor.library.by_id.get(GENERAL_DECLINE)
    unlike_any = ranking.ours < LEAST_LIKE_AN_INVITATION and not names_a_kind(text)
    if general is not None and general.say and (fitting is None or unlike_any):
        fitting = general
    if fitting is None:
        return Declined(Advice(text, Outcome.NONE, None, 0.0), "")
    note = "decline.unsure" if fitting is general else ""
    if not note and any("{" in fill(words, named) for words in fitting.say.values()):
        note = "decline.fill"
    return Declined(advisor.explain(with_filled_blanks(fitting, text), text), note)


def with_filled_blanks(entry: Entry, text: str) -> Entry:
    """The entry, with the blanks in its words filled by what `text` names."""
    named = blanks_in(text)
    return entry.model_copy(update={"say": {tone: fill(words, named) for tone, words in entry.say.items()}})


def _has_blank(entry: Entry, blank: str) -> bool:
    return any(f"{{{blank}}}" in words for words in entry.say.values())
