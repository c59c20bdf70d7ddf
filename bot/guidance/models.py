"""The shape of guidance: one entry, one topic's file, and the whole library."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationInfo

from bot.documents.plain_text import without_controls
from bot.documents.validation import Lines, NotEmpty, SomeLines, at_most, mistake
from bot.guidance.danger import Danger
from bot.guidance.facts import Fact
from bot.guidance.grammar import Grammar, Words

if TYPE_CHECKING:
    # its answers are entries themselves
    from bot.guidance.follow_ups import FollowUp, FollowUpAnswer

BLANKS = ("name", "group", "event", "page", "app", "platform")
"""What may stand in braces in words to send."""

MAX_QUESTION = 100
"""Characters. Discord's limit for an autocomplete choice and for the label of a menu's option."""
MAX_ASKED_NEXT = 40
"""Characters of a question on a button below another answer: a phone shows three of them."""
MAX_EXAMPLE = 1000
MAX_ADVICE = 700
MAX_REASON = 500
MAX_WORDS = 400
"""Characters of one message to send, or of one adaptation."""
MAX_EXAMPLES = 200
MAX_SOURCES = 20
MAX_RELATED = 20
"""Other entries that an entry refers to."""
MAX_ADAPTED = 100
"""People and platforms for whom an entry says what changes."""
MAX_CHANNELS = 25
"""Channels to which an entry may be limited: as many as can be chosen from a menu on Discord."""

_BLANK = re.compile(r"\{([^{}]*)\}")
_CHANNEL = re.compile(r"(\d{15,20})|<#(\d{15,20})>")


class Verdict(StrEnum):
    """The answer in a word."""

    YES = "yes"
    NO = "no"
    NO_OBLIGATION = "no_obligation"
    DEPENDS = "depends"
    HOW_TO = "how_to"

    @classmethod
    def _missing_(cls, value: object) -> Verdict | None:
        """The verdict that was written in other letters, such as `No`, `no obligation` or `It depends`."""
        plain = "_".join(re.findall(r"[a-z]+", value[:40].lower())) if isinstance(value, str) else ""
        plain = plain.removeprefix("it_")
        return next((each for each in cls if each.value == plain), None)


class Declined(StrEnum):
    """What an entry's words to send turn down."""

    EVENT = "event"
    CELEBRATION = "celebration"
    WORK_EVENT = "work_event"
    WEDDING = "wedding"
    HEN_PARTY = "hen_party"
    SHOWER = "shower"
    BIRTHDAY = "birthday"
    MILESTONE = "milestone"
    CHILDRENS_PARTY = "childrens_party"
    HOLIDAY = "holiday"
    RELIGIOUS = "religious"
    CHURCH = "church"
    FUNERAL = "funeral"
    TRIP = "trip"
    GROUP = "group"
    POD = "pod"
    SERVER = "server"
    PAGE = "page"
    APP = "app"
    GAME = "game"
    FAVOUR = "favour"
    HOSTING = "hosting"
    REVIEW = "review"
    FREE_WORK = "free_work"
    MONEY = "money"
    LOAN = "loan"
    DONATION = "donation"
    COLLECTION = "collection"
    DATE = "date"
    ROLE = "role"
    WEDDING_ROLE = "wedding_role"
    GODPARENT = "godparent"
    COLLABORATION = "collaboration"
    PITCH = "pitch"
    FOLLOW = "follow"
    FRIEND_REQUEST = "friend_request"
    OTHER = "other"

    @property
    def broader(self) -> frozenset[Declined]:
        """The kinds that this is one of: words that turn those down turn this down, too."""
        return _BROADER.get(self, frozenset())


_CELEBRATIONS = (
    Declined.WORK_EVENT, Declined.WEDDING, Declined.HEN_PARTY, Declined.SHOWER, Declined.BIRTHDAY, Declined.MILESTONE,
    Declined.CHILDRENS_PARTY, Declined.HOLIDAY, Declined.RELIGIOUS, Declined.CHURCH, Declined.FUNERAL,
)  # fmt: skip
_BROADER: Mapping[Declined, frozenset[Declined]] = MappingProxyType(
    {
        **dict.fromkeys(_CELEBRATIONS, frozenset({Declined.CELEBRATION, Declined.EVENT})),
        **dict.fromkeys((Declined.CELEBRATION, Declined.TRIP), frozenset({Declined.EVENT})),
        **dict.fromkeys((Declined.POD, Declined.SERVER), frozenset({Declined.GROUP})),
        Declined.GAME: frozenset({Declined.APP}),
        **dict.fromkeys((Declined.HOSTING, Declined.REVIEW, Declined.FREE_WORK), frozenset({Declined.FAVOUR})),
        **dict.fromkeys((Declined.LOAN, Declined.DONATION, Declined.COLLECTION), frozenset({Declined.MONEY})),
        **dict.fromkeys((Declined.WEDDING_ROLE, Declined.GODPARENT), frozenset({Declined.ROLE})),
    }
)
_OCCASIONS = frozenset({Declined.EVENT, Declined.CELEBRATION, Declined.TRIP, *_CELEBRATIONS})


class Tone(StrEnum):
    """How words to send may sound."""

    WARM = "warm"
    BRIEF = "brief"
    FIRM = "firm"


@dataclass(frozen=True)
class Known:
    """What a file may name, as the context of its validation: topics' titles by id, and sources by locator.

    Where no topic or no source is known, any may be named.
    """

    topics: Mapping[str, str]
    sources: Mapping[str, str]


def _known_topic(value: str, info: ValidationInfo) -> str:
    if isinstance(info.context, Known) and info.context.topics and value not in info.context.topics:
        raise mistake("unknown_topic", value=value, known=list(info.context.topics))
    return value


def _known_source(value: str, info: ValidationInfo) -> str:
    if isinstance(info.context, Known) and info.context.sources and value not in info.context.sources:
        raise mistake("unknown_source", value=value, known=list(info.context.sources))
    return value


def _known_blanks(value: str) -> str:
    for blank in _BLANK.findall(value):
        if blank not in BLANKS:
            raise mistake("unknown_blank", value=f"{{{blank}}}", known=BLANKS)
    if "{" in _BLANK.sub("", value) or "}" in _BLANK.sub("", value):
        raise mistake("lonely_brace")
    return value


def _tidy(value: object) -> object:
    return without_controls(value) if isinstance(value, str) and not value.isprintable() else value


TIDY = BeforeValidator(_tidy)
"""Marks text that has no controls, whoever wrote it: a file could not hold them."""


def _channel_id(value: object) -> int:
    """The id in a channel's number or mention."""
    found = _CHANNEL.fullmatch(str(value).strip())
    if found is None or int(found[1] or found[2]) >= 2**63:
        raise mistake("no_channel", value=value)
    return int(found[1] or found[2])


def _several(value: object) -> object:
    """A cell of a table, or whatever else is one text, as the ids in it."""
    return re.findall(r"[^\s,;|]+", value) if isinstance(value, str) else value


def _once(values: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(values))


def _text(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", min_length=1, max_length=64)]
TopicName = Annotated[Identifier, AfterValidator(_known_topic)]
Locator = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Source = Annotated[Locator, AfterValidator(_known_source)]
ChannelId = Annotated[int, BeforeValidator(_channel_id)]
Sendable = Annotated[str, _text(MAX_WORDS), TIDY, AfterValidator(_known_blanks)]


class Entry(BaseModel):
    """One piece of guidance: a question in its many wordings, and the answer to it.

    The same form serves the shipped base and a server's own entries; `topic` may be left out by the latter, and is
    taken from the file by the former. Text lengths are those that a Discord card holds. Which topics and sources there
    are is checked where validation is given a `Known`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Identifier
    question: Annotated[str, _text(MAX_QUESTION), TIDY]
    examples: Annotated[Lines[Annotated[str, _text(MAX_EXAMPLE), TIDY]], at_most(MAX_EXAMPLES)] = Field(
        default=(), max_length=MAX_EXAMPLES
    )
    verdict: Verdict
    advice: Annotated[str, _text(MAX_ADVICE), TIDY]
    reason: Annotated[str, _text(MAX_REASON), TIDY] | None = None
    say: Annotated[Mapping[Tone, Sendable], at_most(len(Tone))] = Field(default_factory=dict)
    adapt: Annotated[Mapping[Identifier, Annotated[str, _text(MAX_WORDS), TIDY]], at_most(MAX_ADAPTED)] = Field(
        default_factory=dict
    )
    sources: Annotated[tuple[Source, ...], at_most(MAX_SOURCES)] = ()
    declines: Annotated[tuple[Declined, ...], at_most(len(Declined))] = ()
    """What the words to send turn down; empty: they turn down nothing."""
    presumes: Annotated[str, _text(120), TIDY] | None = None
    """What the words to send take for granted, such as a yes that was given before."""
    see_also: Annotated[tuple[Identifier, ...], at_most(MAX_RELATED)] = ()
    asked_next: Annotated[str, _text(MAX_ASKED_NEXT), TIDY] | None = None
    """The question in a few words, as the button of an entry that refers to this one; None: its own question."""
    safety: bool = False
    topic: TopicName | None = None
    channels: Annotated[
        tuple[ChannelId, ...], AfterValidator(_once), at_most(MAX_CHANNELS), BeforeValidator(_several)
    ] = ()
    """Of a server's own entry: the ids of the only Discord channels, with their threads, in which it answers; empty:
    it answers everywhere."""

    @property
    def wordings(self) -> tuple[str, ...]:
        """Every way in which this entry says that people ask it: the question first, then the examples."""
        return (self.question, *self.examples)


class TopicFile(BaseModel):
    """One file of guidance as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: TopicName | None = None
    title: Annotated[str, _text(80), TIDY] | None = None
    entries: Annotated[tuple[Entry, ...], NotEmpty]


_Phrase = Annotated[str, _text(80), TIDY]
_Message = Annotated[str, _text(4000), TIDY]


class NamedWords(BaseModel):
    """The names of one kind of person or platform, as they are written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: _Phrase
    words: Annotated[tuple[_Phrase, ...], NotEmpty]


class PlainWords(BaseModel):
    """Words by which a review of texts tells a yes from a no, and an acceptance from a refusal, in lower case."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    yes: Lines[_Phrase] = ()
    no: Lines[_Phrase] = ()
    accepting: Lines[_Phrase] = ()
    """Only somebody who accepts says this."""
    declining: Lines[_Phrase] = ()
    """A question with one of these is about declining."""
    unsaid: Lines[_Phrase] = ()
    """Before an acceptance, in the same sentence, these take it back or put it off."""


class WordsFile(BaseModel):
    """One file of words as it is written; any of its parts will do."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    people: Mapping[Identifier, NamedWords] = Field(default_factory=dict)
    platforms: Mapping[Identifier, NamedWords] = Field(default_factory=dict)
    slang: Mapping[_Phrase, _Phrase] = Field(default_factory=dict)
    grammar: Grammar | None = None
    plain: PlainWords | None = None
    invitations: Mapping[Declined, Words] = Field(default_factory=dict)


class MessagesFile(BaseModel):
    """One file of messages that are not for us, as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    messages: SomeLines[_Message]


class SourcesFile(BaseModel):
    """The file that says what entries may cite: each locator, and in a line what stands there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: Mapping[Locator, Annotated[str, _text(300), TIDY]]


@dataclass(frozen=True, slots=True)
class Wordlist:
    """The names of one kind of person or platform: `label` is shown, `words` are how people write it."""

    id: str
    label: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Lexicon:
    """The domain's words, all from YAML: people and platforms by id, slang with its plain reading, and grammar."""

    people: Mapping[str, Wordlist] = field(default_factory=lambda: MappingProxyType({}))
    platforms: Mapping[str, Wordlist] = field(default_factory=lambda: MappingProxyType({}))
    slang: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    grammar: Grammar = field(default_factory=Grammar)
    plain: PlainWords = field(default_factory=PlainWords)
    invitations: Mapping[Declined, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))

    def invited_to(self, text: str) -> frozenset[Declined]:
        """What the words of `text` say that somebody is invited to, of whom or of what kind; empty: they do not say."""
        words = re.findall(r"[^\W_]+", text.lower())
        pairs = {"-".join(pair) for pair in pairwise(words)}
        held = pairs.union(words)
        found = frozenset(kind for kind, names in self.invitations.items() if held & names)
        # 'a group for the wedding' is a group, and 'a birthday party' a birthday: what says most is left
        found = found - _OCCASIONS or found
        return found.difference(*(kind.broader for kind in found))

    def mentioned(self, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The ids of the people and of the platforms that `text` names, each in order of appearance."""
        lowered = text.lower()
        return _named(self._people_pattern, lowered), _named(self._platforms_pattern, lowered)

    @cached_property
    def _people_pattern(self) -> tuple[re.Pattern[str], Mapping[str, str]]:
        return _pattern(self.people)

    @cached_property
    def _platforms_pattern(self) -> tuple[re.Pattern[str], Mapping[str, str]]:
        return _pattern(self.platforms)


def _pattern(lists: Mapping[str, Wordlist]) -> tuple[re.Pattern[str], Mapping[str, str]]:
    owner = {word.lower(): item.id for item in lists.values() for word in item.words}
    # longest first, so that 'ex boss' is found before 'boss'
    ordered = sorted(owner, key=len, reverse=True)
    body = "|".join(re.escape(word) for word in ordered) or r"(?!)"
    return re.compile(rf"(?<!\w)(?:{body})(?!\w)"), owner


def _named(pattern: tuple[re.Pattern[str], Mapping[str, str]], text: str) -> tuple[str, ...]:
    expression, owner = pattern
    return tuple(dict.fromkeys(owner[match] for match in expression.findall(text)))


@dataclass(frozen=True)
class Negatives:
    """Messages that are not for us. The matcher learns silence from them.

    `near_misses` share words with our subject; `chatter` is anything else that people write.
    """

    near_misses: tuple[str, ...] = ()
    chatter: tuple[str, ...] = ()


@dataclass(frozen=True)
class Library:
    """Everything that is known: entries in file order, topics' titles, words, what is not for us, danger, facts, and
    what people say next.

    `titles` are by topic, in the order in which people browse them; `sources` say by locator what stands there.
    `no_follow_ups` are messages that people write after an answer and that are none of the follow-ups.
    """

    entries: tuple[Entry, ...]
    titles: Mapping[str, str]
    lexicon: Lexicon
    negatives: Negatives
    sources: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    danger: Danger = field(default_factory=Danger)
    facts: tuple[Fact, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    no_follow_ups: tuple[str, ...] = ()

    @classmethod
    def empty(cls) -> Library:
        """A library in which nothing is known."""
        return cls((), MappingProxyType({}), Lexicon(), Negatives())

    @cached_property
    def by_id(self) -> Mapping[str, Entry]:
        """The entries by their ids."""
        return MappingProxyType({entry.id: entry for entry in self.entries})

    @cached_property
    def follow_up_answers(self) -> Mapping[str, FollowUpAnswer]:
        """The answers to follow-ups by their ids, none of which is an entry's; buttons name them as their follow-up."""
        return MappingProxyType(
            {
                answer.id: answer.model_copy(update={"asked_next": answer.asked_next or each.label})
                for each in self.follow_ups
                for answer in each.answers
            }
        )

    def see_also(self, entry: Entry) -> tuple[Entry, ...]:
        """The entries of this library that an entry refers to, in its order."""
        return tuple(self.by_id[each] for each in entry.see_also if each in self.by_id)

    def in_topic(self, topic: str) -> tuple[Entry, ...]:
        """The entries of one topic, in file order."""
        return tuple(entry for entry in self.entries if entry.topic == topic)
