"""The one use case: a question in, advice out. The terminal, Discord and the tests all come through here."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from bot.configuration import Settings, knowledge_folders
from bot.guidance.blanks import blanks_in, fill, names_a_kind
from bot.guidance.loading import FITTED_FOLDER, load_library, shipped_knowledge
from bot.guidance.models import Entry, Library, Tone
from bot.matching.encoder.minilm import default_encoder
from bot.matching.encoder.vectors import Progress
from bot.matching.matcher import Matcher, open_matcher
from bot.matching.own import ANSWER, CLOSE, LEAD, UNASKED, OwnGuidance
from bot.matching.policies import (
    ALARM_OURS,
    ASK,
    MAX_CHOICES,
    OVERHEAR,
    Decision,
    Outcome,
    decide_ask,
    decide_overhear,
)
from bot.matching.ranking import Ranked, Ranking

GENERAL_ENTRY = "no-debt-in-a-follow"
"""What is answered when somebody asks for advice and says nothing more."""
GENERAL_DECLINE = "how-to-decline-in-general"
"""Whose words turn down an invitation of which nothing is known."""
DECLINING_TOPICS = ("decline_invitation", "friend_request", "overload", "follow_for_follow")
LEAST_LIKE_AN_INVITATION = 0.1
"""Below this probability of being ours, and with no word for an event, a group, a page or an app, an invitation is
taken for one of which nothing is known."""
NEAR = 4
"""So many of the best matches are near enough to an invitation to choose among them by the names it gives."""
OWN_FIRST = 10
"""So many of a server's own questions are suggested before the first letter."""
LEAST_TO_MATCH = 3
"""Characters typed before suggestions follow the meaning, and not only the letters."""


class Policy(StrEnum):
    """`ask`: somebody asked us, always say something useful. `overhear`: nobody did, be silent unless sure."""

    ASK = "ask"
    OVERHEAR = "overhear"


@dataclass(frozen=True, slots=True)
class Advice:
    """What is answered to one question.

    `entry` is set when `outcome` is answer; `choices` (best first) when it is choices. `confidence` is the calibrated
    probability, 0 to 1, that the first match is the right one. `adaptations` are the parts of the entry's `adapt`
    for the people and platforms that the question names, as (label, text).
    """

    question: str
    outcome: Outcome
    entry: Entry | None
    confidence: float
    choices: tuple[Ranked, ...] = ()
    adaptations: tuple[tuple[str, str], ...] = ()
    milliseconds: float = 0.0
    own: bool = False
    """Whether the entry is the server's own."""

    @property
    def advice(self) -> str | None:
        """The entry's advice, and what changes for whom or where the question named."""
        if self.entry is None:
            return None
        return " ".join([self.entry.advice, *(text for _, text in self.adaptations)])

    def as_json(self) -> dict[str, Any]:
        """The terminal's JSON answer, whose keys are a contract; what does not apply is null or empty."""
        entry = self.entry
        return {
            "question": self.question,
            "outcome": str(self.outcome),
            "entry": entry.id if entry else None,
            "topic": entry.topic if entry else None,
            "verdict": str(entry.verdict) if entry else None,
            "confidence": round(self.confidence, 4),
            "advice": self.advice,
            "reason": entry.reason if entry else None,
            "say": {str(tone): text for tone, text in entry.say.items()} if entry else {},
            "sources": list(entry.sources) if entry else [],
            "safety": entry.safety if entry else False,
            "choices": [
                {
                    "entry": ranked.entry.id,
                    "topic": ranked.entry.topic,
                    "confidence": round(ranked.confidence, 4),
                }
                for ranked in self.choices
            ],
            "milliseconds": round(self.milliseconds, 3),
        }


@dataclass(frozen=True, slots=True)
class Declined:
    """Words to decline: an advice whose entry's words have their blanks filled, and the key of a note (or '')."""

    advice: Advice
    note: str


@dataclass(frozen=True)
class ServerGuidance:
    """A server's own entries, ready to be matched, and the ids of built-in ones that it hides."""

    own: OwnGuidance
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Advisor:
    """Joins what we know with how a question is matched. Holds no state of its own."""

    library: Library
    matcher: Matcher = field(repr=False)

    @classmethod
    def open(cls, settings: Settings, progress: Progress = iter) -> Advisor:
        """An advisor for the knowledge that `settings` name. Raises `UnusableFile` and `EncoderUnavailable`.

        `progress` wraps the texts that must be encoded when guidance has changed since it was last opened.
        """
        library = load_library(knowledge_folders(settings))
        cache = settings.data_folder / "matching"
        shipped = shipped_knowledge() / FITTED_FOLDER
        return cls(library, open_matcher(library, default_encoder(cache), shipped, cache, progress))

    def ask(self, question: str, server: ServerGuidance | None = None) -> Advice:
        """Answers a question that was put to us. Any text will do; an empty one gets the outcome none."""
        return self.advise(question, Policy.ASK, server)

    def overhear(self, message: str, server: ServerGuidance | None = None) -> Advice:
        """Answers a message that nobody addressed to us, or (nearly always) stays silent: the outcome none."""
        return self.advise(message, Policy.OVERHEAR, server)

    def explain(self, entry: Entry, question: str = "") -> Advice:
        """The advice of an entry that a person picked, e.g. among choices."""
        own = entry.id not in self.library.by_id
        return Advice(question, Outcome.ANSWER, entry, 1.0, adaptations=self._adaptations(entry, question), own=own)

    def general_entry(self) -> Entry:
        """The answer to no question in particular: must one follow back? Raises LookupError for an empty library."""
        for entry in (
            self.library.by_id.get(GENERAL_ENTRY),
            *self.library.in_topic("follow_back"),
            *self.library.entries,
        ):
            if entry is not None and not entry.safety:
                return entry
        raise LookupError("there is no guidance at all")

    def alternatives(self, question: str, without: str, server: ServerGuidance | None = None) -> list[Entry]:
        """What else a question may have meant, best first: a server's own entries that are close, then built-in."""
        hidden = server.hidden if server is not None else frozenset()
        found: list[Entry] = []
        if server is not None:
            prepared, vector, _ = self.matcher.look(question)
            found = [match.entry for match in server.own.match(prepared, vector, MAX_CHOICES) if match.score >= CLOSE]
        found += [item.entry for item in self.matcher.rank(question).ranked if item.entry.id not in hidden]
        return [entry for entry in found if entry.id != without and not entry.safety]

    def decline(self, invitation: str, who: str = "", server: ServerGuidance | None = None) -> Declined:
        """Words to turn down what `invitation` describes, from whom `who` says.

        Whoever asks for words has an invitation, so the border between ours and not ours does not apply here; only
        danger still comes before manners. An invitation that nothing known resembles gets words for any.
        """
        text = f"{invitation} from {who}" if who and who.lower() not in invitation.lower() else invitation
        ranking = self.matcher.rank(text)
        if ranking.danger >= ASK.alarm and ranking.ours >= ALARM_OURS:
            danger = next((entry for entry in self.matcher.order(text) if entry.safety), None)
            if danger is not None:
                return Declined(self.explain(danger, text), "")
        hidden = server.hidden if server is not None else frozenset()
        if server is not None:
            prepared, vector, nearest = self.matcher.look(text)
            own = [match for match in server.own.match(prepared, vector) if match.entry.say and match.score >= CLOSE]
            if own and own[0].cosine >= nearest - LEAD:
                return Declined(self.explain(with_filled_blanks(own[0].entry, text), text), "")
        offers = [
            entry for entry in self.matcher.order(text) if entry.say and not entry.safety and entry.id not in hidden
        ]
        named = blanks_in(text)
        near = [entry for entry in offers if entry.topic in DECLINING_TOPICS][:NEAR]
        # among the nearest, words that can say the name that was given are the more personal ones
        fitting = next((entry for entry in near if any(_has_blank(entry, blank) for blank in named)), None)
        fitting = fitting or next(iter(near), None)
        general = self.library.by_id.get(GENERAL_DECLINE)
        unlike_any = ranking.ours < LEAST_LIKE_AN_INVITATION and not names_a_kind(text)
        if general is not None and general.say and (fitting is None or unlike_any):
            fitting = general
        if fitting is None:
            return Declined(Advice(text, Outcome.NONE, None, 0.0), "")
        note = "decline.unsure" if fitting is general else ""
        if not note and any("{" in fill(words, named) for words in fitting.say.values()):
            note = "decline.fill"
        return Declined(self.explain(with_filled_blanks(fitting, text), text), note)

    def suggest(self, typed: str, server: ServerGuidance | None = None, most: int = 25) -> list[Entry]:
        """Known questions for what a person has typed so far, best first; before the first letter, one a topic.

        A server's own come first among those that hold what was typed.
        """
        own = list(server.own.entries) if server is not None else []
        hidden = server.hidden if server is not None else frozenset()
        ordinary = [entry for entry in self.library.entries if not entry.safety and entry.id not in hidden]
        typed = " ".join(typed.lower().split())
        if not typed:
            firsts = {entry.topic: entry for entry in reversed(ordinary)}
            return [*own[:OWN_FIRST], *reversed(firsts.values())][:most]
        literal = [entry for entry in (*own, *ordinary) if _holds(entry, typed.split())]
        if len(typed) < LEAST_TO_MATCH:
            return literal[:most]
        alike = [*own, *(entry for entry in self.matcher.order(typed) if not entry.safety and entry.id not in hidden)]
        if own:
            prepared, vector, _ = self.matcher.look(typed)
            near = (
                {match.entry.id for match in server.own.match(prepared, vector) if match.score >= CLOSE}
                if server
                else ()
            )
            mine = {entry.id for entry in own} - {entry.id for entry in literal} - set(near)
            alike = [entry for entry in alike if entry.id not in mine]
        # those that begin so come first, then those that hold every word so far, each group by how well it matches
        holding = {entry.id for entry in literal}
        begins = {entry.id for entry in literal if entry.question.lower().startswith(typed)}
        return sorted(alike, key=lambda entry: (entry.id not in begins, entry.id not in holding))[:most]

    def server_guidance(
        self, entries: Sequence[Entry], hidden: Collection[str], earlier: ServerGuidance | None = None
    ) -> ServerGuidance:
        """Makes a server's own guidance ready to be matched; wordings that `earlier` knows are not encoded again."""
        known = earlier.own.vectors_by_text if earlier is not None else {}
        own = OwnGuidance.build(entries, self.matcher.encoder, self.matcher.slang, known)
        return ServerGuidance(own, frozenset(hidden))

    def find(self, entry_id: str, server: ServerGuidance | None = None) -> Entry | None:
        """Returns a server's own entry of that id, or else the built-in one; None if there is none, or it is hidden."""
        if server is not None:
            for entry in server.own.entries:
                if entry.id == entry_id:
                    return entry
            if entry_id in server.hidden:
                return None
        return self.library.by_id.get(entry_id)

    def advise(self, text: str, policy: Policy, server: ServerGuidance | None = None) -> Advice:
        """`ask` or `overhear`, by name, with a server's own guidance beside the built-in one.

        Danger goes before everything. Then a server's entry that matches well goes before a built-in one; one that is
        only close does so if no built-in wording is much nearer, and is otherwise offered as a choice.
        """
        started = time.perf_counter()
        decision: Decision
        if policy is Policy.ASK:
            decision = decide_ask(self._without_hidden(self.matcher.rank(text), server))
        else:
            ranking = self.matcher.rank_if_likely(text, OVERHEAR.ours)
            decision = Decision(Outcome.NONE, 0.0)
            if ranking is not None:
                decision = decide_overhear(self._without_hidden(ranking, server))
        if server is not None and server.own.entries and not (decision.entry is not None and decision.entry.safety):
            decision = self._with_own(text, policy, server, decision)
        entry = decision.entry
        return Advice(
            question=text,
            outcome=decision.outcome,
            entry=entry,
            confidence=decision.confidence,
            choices=tuple(decision.choices),
            adaptations=self._adaptations(entry, text) if entry else (),
            milliseconds=(time.perf_counter() - started) * 1000,
            own=entry is not None and entry.id not in self.library.by_id,
        )

    def _without_hidden(self, ranking: Ranking, server: ServerGuidance | None) -> Ranking:
        if server is None or not server.hidden:
            return ranking
        return replace(ranking, ranked=tuple(item for item in ranking.ranked if item.entry.id not in server.hidden))

    def _with_own(self, text: str, policy: Policy, server: ServerGuidance, decision: Decision) -> Decision:
        prepared, vector, nearest = self.matcher.look(text)
        matches = server.own.match(prepared, vector, MAX_CHOICES)
        if not matches:
            return decision
        best = matches[0]
        is_close = best.score >= CLOSE and best.cosine >= nearest - LEAD
        if policy is Policy.OVERHEAR:
            sure = best.score >= UNASKED and best.cosine >= nearest - LEAD
            return Decision(Outcome.ANSWER, best.score, best.entry) if sure else decision
        if best.score >= ANSWER or is_close:
            return Decision(Outcome.ANSWER, best.score, best.entry)
        if best.score >= CLOSE and decision.outcome is not Outcome.ANSWER:
            offered = [Ranked(match.entry, match.score) for match in matches if match.score >= CLOSE]
            choices = (*offered, *decision.choices)[:MAX_CHOICES]
            return Decision(Outcome.CHOICES, max(best.score, decision.confidence), choices=choices)
        return decision

    def _adaptations(self, entry: Entry, question: str) -> tuple[tuple[str, str], ...]:
        if not entry.adapt or not question:
            return ()
        people, platforms = self.library.lexicon.mentioned(question)
        labels: Mapping[str, str] = {
            key: item.label
            for lists in (self.library.lexicon.people, self.library.lexicon.platforms)
            for key, item in lists.items()
        }
        named: Sequence[str] = [*people, *platforms]
        return tuple((labels[key], entry.adapt[key]) for key in named if key in entry.adapt)


def with_filled_blanks(entry: Entry, text: str) -> Entry:
    """The entry, with the blanks in its words filled by what `text` names."""
    named = blanks_in(text)
    return entry.model_copy(update={"say": {tone: fill(words, named) for tone, words in entry.say.items()}})


def _has_blank(entry: Entry, blank: str) -> bool:
    return any(f"{{{blank}}}" in words for words in entry.say.values())


def _holds(entry: Entry, typed: Sequence[str]) -> bool:
    words = entry.question.lower().split()
    return all(any(word.strip("'\"(?").startswith(part) for word in words) for part in typed)


def words_to_send(entry: Entry, tone: Tone) -> str | None:
    """The entry's words in `tone`, or in the first tone that it has; None when there is nothing to send."""
    return entry.say.get(tone) or next(iter(entry.say.values()), None)
