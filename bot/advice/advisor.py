"""The one use case: a question in, advice out. The terminal, Discord and the tests all come through here."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from bot.advice.asking import Asked, fact_to_ask
from bot.configuration import Settings, knowledge_folders
from bot.guidance.danger import Link
from bot.guidance.loading import FITTED_FOLDER, load_library, shipped_knowledge
from bot.guidance.models import Entry, Library, Tone
from bot.matching.base import Base, open_base
from bot.matching.encoder.choosing import default_encoder
from bot.matching.encoder.conversion import Busy
from bot.matching.encoder.encoder import Vectors
from bot.matching.encoder.vectors import Progress
from bot.matching.follow_ups import FollowUps, open_follow_ups
from bot.matching.own import Own
from bot.matching.policies import MAX_CHOICES, Decision, Outcome, Policy, decide, is_danger, thresholds
from bot.matching.ranking import Match, Ranking
from bot.matching.reading import Reading

GENERAL_ENTRY = "no-debt-in-a-follow"
"""What is answered when somebody asks for advice and says nothing more."""


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
    choices: tuple[Match, ...] = ()
    adaptations: tuple[tuple[str, str], ...] = ()
    milliseconds: float = 0.0
    own: bool = False
    """Whether the entry is the server's own."""
    worry: bool = False
    """Whether the question may tell of danger, too little to say so at once."""
    help: Help | None = None
    """What to do and where help is, for an answer to danger."""
    foreign: bool = False
    """Whether the question is in a language that we do not know; the outcome is none then."""
    guesses: tuple[Entry, ...] = ()
    """Where a question gets the outcome none: what is nearest all the same, best first; never danger."""
    asked: Asked | None = None
    """The fact to ask for, where one tells the choices apart: they are what its answers lead to."""

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
            "ask": self.asked.question if self.asked else None,
            "choices": [
                {
                    "entry": match.entry.id,
                    "topic": match.entry.topic,
                    "confidence": round(match.confidence, 4),
                    "answer": self.asked.label_of(match.entry) if self.asked else None,
                }
                for match in self.choices
            ],
            "milliseconds": round(self.milliseconds, 3),
        }


@dataclass(frozen=True, slots=True)
class Help:
    """What to do in danger, line by line, and where help is."""

    lines: tuple[str, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Inspection:
    """How a question is matched: what would be answered, asked and unasked, and the best matches of both indexes."""

    asked: Advice
    overheard: Advice
    own: tuple[Match, ...]
    built_in: tuple[Match, ...]


@dataclass(frozen=True)
class Advisor:
    """What we know and how a question is matched with it: a base, and perhaps one server's own entries beside it.

    Immutable. `hidden` are the ids of built-in entries that the server does not want.
    """

    library: Library
    base: Base = field(repr=False)
    follow_ups: FollowUps = field(repr=False)
    own: Own | None = field(default=None, repr=False)
    hidden: frozenset[str] = frozenset()

    @classmethod
    def open(cls, settings: Settings, progress: Progress = iter, busy: Busy | None = None) -> Advisor:
        """An advisor for the knowledge that `settings` name.

        Raises `UnusableFile`, `EncoderUnavailable` and `UnusableModel`. `progress` wraps the texts that must be encoded
        when guidance has changed since it was last opened; `busy` is told what is done while the encoder is made
        ready, which happens once on a machine and takes up to a minute.
        """
        library = load_library(knowledge_folders(settings))
        cache = settings.data_folder / "matching"
        shipped = shipped_knowledge() / FITTED_FOLDER
        encoder = default_encoder(cache, busy)
        base = open_base(library, encoder, shipped, cache, progress)
        return cls(library, base, open_follow_ups(library, base, encoder, shipped, cache, progress))

    def within(
        self, own: Sequence[Entry], hidden: Collection[str], encoded: Mapping[str, Vectors] | None = None
    ) -> Advisor:
        """An advisor for one server: its own entries compete with the base's, and some of those are hidden.

        Wordings that this advisor's own entries have already, and those in `encoded` (see `encode`), are not encoded.
        """
        known = {**(self.own.vectors_by_text if self.own is not None else {}), **(encoded or {})}
        index = Own(own, self.base.reader, self.base.rarity, self.base.model.meaning.own, known) if own else None
        return replace(self, own=index, hidden=frozenset(hidden))

    def at(self, channels: Collection[int]) -> Advisor:
        """This advisor as it answers in one place of its server: without own entries that are limited to other ones.

        `channels` are the ids of the place's channel and, for a thread, of the channel that it belongs to. Nothing is
        encoded.
        """
        here = self.own.at(channels) if self.own is not None else None
        return self if here is self.own else replace(self, own=here if here is not None and here.entries else None)

    @property
    def own_entries(self) -> tuple[Entry, ...]:
        """The server's own entries."""
        return self.own.entries if self.own is not None else ()

    def read(self, text: str) -> Reading:
        """A text, to be asked about more than once."""
        return self.base.reader.read(text)

    def encode(self, texts: Iterable[str], known: Mapping[str, Vectors] | None = None) -> dict[str, Vectors]:
        """The vectors of texts, by their prepared form; none of what holds no words. `known` ones are not encoded."""
        read = self.own.reading if self.own is not None else self.read
        found: dict[str, Vectors] = {}
        for reading in map(read, texts):
            if reading.prepared:
                vector = (known or {}).get(reading.prepared)
                found[reading.prepared] = reading.vector if vector is None else vector
        return found

    def ask(self, text: str) -> Advice:
        """Answers a question that was put to us. Any text will do; an empty one gets the outcome none."""
        return self.advise(self.read(text), Policy.ASK)

    def overhear(self, text: str) -> Advice:
        """Answers a message that nobody addressed to us, or (nearly always) stays silent: the outcome none."""
        return self.advise(self.read(text), Policy.OVERHEAR)

    def advise(self, reading: Reading, policy: Policy) -> Advice:
        """`ask` or `overhear`, by name, of a text that was read."""
        started = time.perf_counter()
        meaning = self.base.model.meaning
        if policy is Policy.ASK:
            ranking = self.base.rank(reading)
        else:
            ranking = self.base.rank_if_likely(reading, thresholds(policy, meaning).ours)
        own: list[Match] = []
        # what nobody addressed to us is encoded for a server's own entries only if it names what they are about
        if self.own is not None and (policy is Policy.ASK or ranking.matches or self.own.may_match(reading)):
            own = self._own_matches(reading)
        ranking = ranking.without(self.hidden)
        decision = decide(policy, ranking, own, meaning)
        foreign = self._is_foreign(reading, decision) if policy is Policy.ASK else False
        if foreign:
            decision = Decision(Outcome.NONE, decision.confidence)
        asked = fact_to_ask(self.library.facts, decision.choices, ranking.matches)
        milliseconds = (time.perf_counter() - started) * 1000
        advice = self._advice(reading, decision, milliseconds, asked, foreign=foreign)
        if policy is not Policy.ASK or decision.outcome is not Outcome.NONE or foreign:
            return advice
        nearest = (match.entry for match in ranking.matches if not match.entry.safety)
        return replace(advice, guesses=tuple(islice(nearest, MAX_CHOICES)))

    def inspect(self, text: str, most: int = 5) -> Inspection:
        """How a question is matched: both policies' advice, and the best matches of each index, at most so many."""
        reading = self.read(text)
        return Inspection(
            asked=self.advise(reading, Policy.ASK),
            overheard=self.advise(reading, Policy.OVERHEAR),
            own=tuple(self._own_matches(reading, most)),
            built_in=self.base.rank(reading).matches[:most],
        )

    def is_alarming(self, text: str) -> bool:
        """Whether a text tells of danger, so that it must be answered whatever else holds."""
        reading = self.read(text)
        return reading.is_readable and is_danger(self.base.rank(reading), self.base.model.meaning.ask)

    def advise_in_danger(self, text: str) -> Advice:
        """The safety answer to a text, whatever the machines say of it: for whoever says that it frightens them.

        Without any safety entry in the base, the outcome is none.
        """
        reading = self.read(text)
        entry = next((entry for entry in self.base.order(reading) if entry.safety), None)
        if entry is None:
            return Advice(text, Outcome.NONE, None, 0.0)
        return self._advice(reading, Decision(Outcome.ANSWER, 1.0, entry), 0.0)

    def explain(self, entry: Entry, question: str = "") -> Advice:
        """The advice of an entry that a person picked, e.g. among choices; for danger, `question` is read for help."""
        own = entry.id not in self.library.by_id and entry.id not in self.library.follow_up_answers
        adaptations = self._adaptations(entry, question)
        aid = self.help(self.read(question)) if entry.safety else None
        return Advice(question, Outcome.ANSWER, entry, 1.0, adaptations=adaptations, own=own, help=aid)

    def asked_next(self, entry: Entry) -> tuple[Entry, ...]:
        """What people ask after an entry: those it refers to, in its order, without what is not there or is hidden.

        Then the follow-ups that are likeliest after it: those with an answer for its topic, and the others.
        """
        referred = tuple(found for each in entry.see_also if (found := self.find(each)) is not None)
        if entry.safety or entry.id in self.library.follow_up_answers:
            return referred
        answers = [answer for each in self.library.follow_ups if (answer := each.answer_to(entry)) is not None]
        answers.sort(key=lambda answer: not answer.to)
        labelled = [self.library.follow_up_answers[answer.id] for answer in answers]
        labels = {each.asked_next for each in referred}
        return (*referred, *(each for each in labelled if each.asked_next not in labels))

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

    def alternatives(self, question: str, without: Collection[str], *, asking: bool = True) -> Advice:
        """What else than the entries `without` a question may have meant: choices, or the outcome none.

        A server's own entries that are close come first, then built-in ones. `asking`: a fact may be asked for.
        """
        reading = self.read(question)
        ranked = [*self.close_own(reading), *self.rank(reading).matches] if question else []
        left = [match for match in ranked if match.entry.id not in without and not match.entry.safety]
        if not left:
            return self._advice(reading, Decision(Outcome.NONE, 0.0), 0.0)
        decision = Decision(Outcome.CHOICES, left[0].confidence, choices=tuple(left[:MAX_CHOICES]))
        facts = self.library.facts if asking else ()
        return self._advice(reading, decision, 0.0, fact_to_ask(facts, decision.choices, left))

    def find(self, entry_id: str) -> Entry | None:
        """The server's own entry of that id, or else the built-in one, or the answer to a follow-up.

        None if there is none, or it is hidden.
        """
        for entry in self.own_entries:
            if entry.id == entry_id:
                return entry
        built_in = None if entry_id in self.hidden else self.library.by_id.get(entry_id)
        return built_in or self.library.follow_up_answers.get(entry_id)

    def rank(self, reading: Reading) -> Ranking:
        """The base's ranking, without what is hidden."""
        return self.base.rank(reading).without(self.hidden)

    def order(self, reading: Reading) -> list[Entry]:
        """All of the base's entries that are not hidden, the best match first."""
        return [entry for entry in self.base.order(reading) if entry.id not in self.hidden]

    def close_own(self, reading: Reading) -> list[Match]:
        """The server's own entries that are close to a text, best first, at most as many as can be offered."""
        close = self.base.model.meaning.own.close
        return [match for match in self._own_matches(reading) if match.confidence >= close]

    def own_order(self, text: str, most: int) -> list[Entry]:
        """The server's own entries, those most like `text` first, at most so many."""
        return [match.entry for match in self._own_matches(self.read(text), most)]

    def _own_matches(self, reading: Reading, most: int = MAX_CHOICES) -> list[Match]:
        return self.own.match(reading, self.base.nearest(reading), most) if self.own is not None else []

    def _is_foreign(self, reading: Reading, decision: Decision) -> bool:
        """Whether a text is in another language, so that what the base says of it means nothing; danger does."""
        told = decision.own or any(match.own for match in decision.choices)
        danger = decision.entry is not None and decision.entry.safety
        return not told and not danger and self.base.is_in_another_language(reading)

    def _advice(
        self,
        reading: Reading,
        decision: Decision,
        milliseconds: float,
        asked: Asked | None = None,
        *,
        foreign: bool = False,
    ) -> Advice:
        entry, question = decision.entry, reading.text
        return Advice(
            question=question,
            outcome=decision.outcome,
            entry=entry,
            confidence=decision.confidence,
            choices=asked.choices if asked is not None else decision.choices,
            adaptations=self._adaptations(entry, question) if entry else (),
            milliseconds=milliseconds,
            own=decision.own,
            worry=decision.worry,
            help=self.help(reading) if entry is not None and entry.safety else None,
            foreign=foreign,
            asked=asked,
        )

    def help(self, reading: Reading) -> Help:
        """What to do and where help is, by the kind of danger that is most like a text."""
        danger = self.library.danger
        kind = self.base.danger_kind(reading)
        _, platforms = self.library.lexicon.mentioned(reading.text)
        steps = [danger.platforms[name] for name in platforms if name in danger.platforms]
        lines = [danger.emergency, *((kind.block, kind.report) if kind is not None else ()), *steps[:1]]
        return Help(tuple(line for line in lines if line), kind.links if kind is not None else ())

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


def words_to_send(entry: Entry, tone: Tone) -> str | None:
    """The entry's words in `tone`, or in the first tone that it has; None when there is nothing to send."""
    return entry.say.get(tone) or next(iter(entry.say.values()), None)
