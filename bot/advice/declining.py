"""Words to turn an invitation down, for whoever has one in hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.advice.advisor import Advice, Advisor
from bot.guidance.blanks import blanks_in, fill
from bot.guidance.models import Declined as Kind
from bot.guidance.models import Entry
from bot.matching.policies import Outcome, is_danger
from bot.matching.ranking import Ranking

GENERAL_DECLINE = "how-to-decline-in-general"
"""Whose words turn down an invitation of which nothing is known."""
NEAR = 4
"""So many of the entries that fit are near enough to choose among them by the names that are given."""
LEAST_CONFIDENCE = 0.3
"""Where the invitation's words do not say what it is to, the best match must be so sure for its words to be used."""
LEAST_TO_PRESUME = 0.5
"""So sure must it be for words that take something for granted."""
NO_INVITATION = frozenset({Kind.FOLLOW, Kind.FRIEND_REQUEST})
"""What is nothing that people call an invitation: it is meant only where it is named."""


@dataclass(frozen=True, slots=True)
class Declined:
    """Words to decline: an advice whose entry's words have their blanks filled. `is_general`: for any invitation."""

    advice: Advice
    is_general: bool = False


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
            return Declined(advisor.explain(danger, text))
    own = [match for match in advisor.close_own(reading) if match.entry.say]
    if own and own[0].confidence >= meaning.own.answer:
        return Declined(advisor.explain(with_filled_blanks(own[0].entry, text), text))
    lexicon = advisor.library.lexicon
    # whom it is from tells what it is only where the invitation itself does not: 'lunch', from coworkers
    wanted = lexicon.invited_to(invitation) or lexicon.invited_to(text)
    fitting = _fitting(ranking, order, wanted, blanks_in(text))
    general = advisor.library.by_id.get(GENERAL_DECLINE)
    if fitting is None and general is not None and general.say and general.id not in advisor.hidden:
        fitting = general
    if fitting is None:
        return Declined(Advice(text, Outcome.NONE, None, 0.0))
    return Declined(advisor.explain(with_filled_blanks(fitting, text), text), is_general=fitting is general)


def _fitting(
    ranking: Ranking, order: Sequence[Entry], wanted: frozenset[Kind], named: Mapping[str, str]
) -> Entry | None:
    """The best entry whose words turn down just this, or None.

    `wanted` is what the invitation's words say that it is to. Words for just that go before words for anything of the
    sort. Words that take something for granted, such as a yes that was given before, serve only if their entry is the
    very best match.
    """
    broader = wanted.union(*(kind.broader for kind in wanted))
    best = ranking.matches[0] if ranking.matches else None
    useful = [entry for entry in order if entry.say and not entry.safety and entry.declines]
    first = next((entry for entry in useful if best is not None and entry.id == best.entry.id), None)
    if best is not None and first is not None:
        kinds = frozenset(first.declines)
        fits = kinds & broader if wanted else kinds - NO_INVITATION
        if fits and best.confidence >= (LEAST_TO_PRESUME if first.presumes else LEAST_CONFIDENCE):
            return first
    for kinds in (wanted, broader):
        fitting = [entry for entry in useful if kinds & frozenset(entry.declines) and not entry.presumes]
        # among the nearest, words that can say the name that was given are the more personal ones
        near = sorted(
            fitting[:NEAR], key=lambda entry: (not _blanks(entry) & named.keys(), bool(_blanks(entry) - named.keys()))
        )
        if near:
            return near[0]
    return None


def with_filled_blanks(entry: Entry, text: str) -> Entry:
    """The entry, with the blanks in its words filled by what `text` names."""
    named = blanks_in(text)
    return entry.model_copy(update={"say": {tone: fill(words, named) for tone, words in entry.say.items()}})


def _blanks(entry: Entry) -> frozenset[str]:
    return frozenset(blank for words in entry.say.values() for blank in re.findall(r"\{(\w+)\}", words))
