"""Messages: answered where somebody mentions the bot or writes to it; unasked only where a server turned that on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import TypedDict, TypeVar

import discord
from discord import app_commands

from bot.advice.advisor import Advice, Advisor
from bot.advice.conversation import SMALL_TALK, TONES, Turn, Wish, follow_up
from bot.chat.advice.card import help_card, reply_card
from bot.chat.advice.earlier import answered_before
from bot.chat.advice.posting import Posting
from bot.chat.advice.replies import MAX_CHARACTERS, check_length
from bot.chat.advice.said import Courtesy, courtesy_in, is_question, text_of
from bot.chat.advice.shown import Mark, Shown
from bot.chat.kit import thinking
from bot.chat.kit.cooldown import Cooldowns, SeenBefore
from bot.chat.kit.desk import Route
from bot.chat.kit.errors import UNREACHABLE, describe, tell
from bot.chat.kit.host import Host
from bot.chat.kit.layout import Layout
from bot.chat.kit.origin import channels_of, names_us, server_of_message
from bot.chat.kit.sending import post
from bot.chat.kit.words import speak, words
from bot.chat.kit.work import MOST_SECONDS, Crowded, Late
from bot.guidance.models import Tone
from bot.matching.policies import Outcome
from bot.storage import ServerSettings

QUESTIONS = (6, 30.0)
"""Questions that one person may put by mention in so many seconds."""
PERSON_SECONDS = {"careful": 600.0, "eager": 120.0}
CHANNEL_SECONDS = {"careful": 120.0, "eager": 20.0}
"""After an unasked answer, so long none for the same person, and none in the same channel, by a server's eagerness."""


OVERHEARD_SECONDS = 60.0
"""After so long, nobody remembers what was said: it is not answered unasked any more."""

Result = TypeVar("Result")


def _owner_of(message: discord.Message) -> int:
    """Whose turn it is when something of this message is done: the server's, or the person's."""
    return server_of_message(message) or message.author.id


class _Manner(TypedDict):
    """How a card shows its answer."""

    tone: Tone
    marks: frozenset[Mark]


def _manner(turn: Turn, before: Shown | None) -> _Manner:
    """How the card of a turn shows its answer: with the reason where that was asked for, or the words first."""
    marks: set[Mark] = set()
    if turn.wish in (Wish.WHY, Wish.SURE):
        marks.add(Mark.WHY)
    if turn.wish is Wish.WORDS or turn.wish in TONES:
        marks.add(Mark.WORDS_FIRST)
    return {"tone": turn.tone or (before.tone if before is not None else Tone.WARM), "marks": frozenset(marks)}


class Listener:
    """Decides for each message whether it is answered, and answers it. `now`: seconds on a monotonic clock."""

    def __init__(self, bot: Host, now: Callable[[], float] = time.monotonic) -> None:
        self._bot = bot
        self._now = now
        self._posting = Posting(bot, now)
        self._seen = SeenBefore()
        self._asked = Cooldowns(*QUESTIONS, now)
        self._replied = Cooldowns(*QUESTIONS, now)
        self._told = Cooldowns(1, QUESTIONS[1], now)
        self._persons = {name: Cooldowns(1, seconds, now) for name, seconds in PERSON_SECONDS.items()}
        self._channels = {name: Cooldowns(1, seconds, now) for name, seconds in CHANNEL_SECONDS.items()}

    async def hear(self, message: discord.Message) -> None:
        """Answers `message` if it should be: never a bot's, a webhook's or a system's, and each only once."""
        if (
            message.author.bot
            or message.webhook_id is not None
            or message.is_system()
            or not self._seen.add(message.id)
        ):
            return
        started = time.perf_counter()
        # all in the channel read the answer: in the server's language
        speak(message.guild.preferred_locale if message.guild is not None else None)
        server = server_of_message(message)
        if server is None:
            # whoever writes to us can be written to
            self._posting.may_try_again(message.author.id)
            await self._answer(message, Route.DIRECT, None, started)
            return
        settings = await self._bot.desk.settings(server)
        if settings.listening != "never" and names_us(message, self._bot.user):
            await self._answer(message, Route.MENTION, server, started)
        elif settings.listening != "never" and self._bot.user in message.mentions:
            await self._answer_reply(message, server, started)
        elif (
            settings.listening == "channels"
            and message.content
            and channels_of(message.channel) & settings.listening_channels
        ):
            await self._overhear(message, server, settings, started)

    async def _answer(self, message: discord.Message, route: Route, server: int | None, started: float) -> None:
        if not self._posting.may_try(message.channel.id):
            return
        own, other = self._own_words(message), self._referenced(message)
        courtesy = courtesy_in(own)
        if other is not None and (courtesy is Courtesy.HELP or not own):
            # 'what about this?'
            message_asked, questions = other, [text_of(other)]
        else:
            message_asked, questions = message, [own] if own else []
        try:
            self._asked.check(message.author.id)
        except app_commands.CommandOnCooldown as error:
            # whoever is in danger is answered however often they ask
            if not (questions and await self._is_alarming(message, questions[0])):
                await self._tell_too_fast(message, error)
                return
        try:
            if not questions or (message_asked is message and courtesy is Courtesy.HELP):
                await self._talk(message, Wish.HELP)
                return
            if message_asked is message and courtesy is Courtesy.THANKS:
                await self._talk(message, Wish.THANKS)
                return
            check_length(questions[0])
            advisor = await self._bot.desk.advisor_for(server, channels_of(message.channel))
            turn, before = await self._turn(message, advisor, questions[0])
            if message_asked is message and turn.wish in SMALL_TALK:
                await self._talk(message, turn.wish)
                return
            advice = turn.advice
            if other is not None and message_asked is message and advice.outcome is not Outcome.ANSWER:
                # a few words about somebody else's question: 'thoughts?'
                about = await self._think(message, advisor.ask, text_of(other)[:MAX_CHARACTERS])
                if about.outcome is Outcome.ANSWER or about.confidence > advice.confidence:
                    message_asked, advice = other, about
            delivered = await self._deliver(message, message_asked, advice, advisor, **_manner(turn, before))
        except Crowded as error:
            await self._tell_once(self._bot.limits.crowded, message.channel.id, message, error)
            return
        except Exception as error:
            await tell(self._bot, error, lambda text: self._reply(message, text=text))
            return
        await self._count(advice, route, server, started, delivered)

    async def _answer_reply(self, message: discord.Message, server: int, started: float) -> None:
        """Answers who replies to us with the ping that Discord adds, though nobody asked for an answer to 'thank you'.

        Only what is about the answer there, a question that we can answer, and danger.
        """
        author, text = message.author.id, self._own_words(message)
        if not text or len(text) > MAX_CHARACTERS or courtesy_in(text) or self._replied.wait(author):
            return
        if not self._posting.may_try(message.channel.id):
            return
        self._replied.use(author)
        advisor = await self._bot.desk.advisor_for(server, channels_of(message.channel))
        try:
            turn, before = await self._turn(message, advisor, text, typing=False)
        except (Crowded, Late):
            return
        advice, goes_on = turn.advice, turn.wish is not Wish.NEW and turn.wish not in SMALL_TALK
        danger = advice.entry is not None and advice.entry.safety
        asks = turn.wish is Wish.NEW and is_question(text) and advice.outcome is not Outcome.NONE
        if danger or goes_on or asks:
            delivered = await self._deliver(message, message, advice, advisor, **_manner(turn, before))
            await self._count(advice, Route.MENTION, server, started, delivered)

    async def _turn(
        self, message: discord.Message, advisor: Advisor, text: str, *, typing: bool = True
    ) -> tuple[Turn, Shown | None]:
        """Returns what to say to a text, and what was answered before if it is about that. Raises Crowded, Late."""
        before = await answered_before(message, self._bot.user)
        earlier = advisor.find(before.entry) if before is not None else None
        if earlier is None:
            return Turn(Wish.NEW, await self._think(message, advisor.ask, text, typing=typing)), None
        turn = await self._think(message, partial(follow_up, advisor, earlier), text, typing=typing)
        return turn, before if turn.wish is not Wish.NEW else None

    async def _talk(self, message: discord.Message, wish: Wish) -> None:
        """Answers what is no question."""
        if wish in (Wish.HELLO, Wish.HELP):
            await self._reply(message, card=help_card(self._bot.mention))
        else:
            await self._reply(message, text=words("thanks.welcome" if wish is Wish.THANKS else "thanks.goodbye"))

    async def _deliver(
        self,
        message: discord.Message,
        asked: discord.Message,
        advice: Advice,
        advisor: Advisor,
        *,
        tone: Tone = Tone.WARM,
        marks: frozenset[Mark] = frozenset(),
    ) -> bool:
        """Sends advice to whoever wrote `message`, about what `asked` says; returns whether it arrived."""
        if server_of_message(message) is not None and advice.entry is not None and advice.entry.safety:
            return await self._answer_privately(message, advice, advisor)
        return await self._reply_advice(asked, advice, advisor, asker=message.author.id, tone=tone, marks=marks)

    async def _count(self, advice: Advice, route: Route, server: int | None, started: float, delivered: bool) -> None:
        """Counts an answer that arrived."""
        if delivered:
            self._bot.metrics.seconds.labels(str(route)).observe(time.perf_counter() - started)
            await self._bot.desk.count(advice, route, server)

    async def _tell_too_fast(self, message: discord.Message, error: app_commands.CommandOnCooldown) -> None:
        """Says it once: who floods is not answered each time."""
        await self._tell_once(self._told, message.author.id, message, error)

    async def _tell_once(self, told: Cooldowns, key: int, message: discord.Message, error: Exception) -> None:
        if told.wait(key):
            self._bot.metrics.errors.labels(describe(error)[0]).inc()
            return
        told.use(key)
        await tell(self._bot, error, lambda text: self._reply(message, text=text))

    async def _is_alarming(self, message: discord.Message, question: str) -> bool:
        try:
            self._bot.limits.alarms.check(message.author.id)
            return await self._think(message, self._bot.advisor.is_alarming, question)
        except (app_commands.CommandOnCooldown, Crowded, Late):
            return False

    async def _think(
        self, message: discord.Message, look: Callable[[str], Result], text: str, *, typing: bool = True
    ) -> Result:
        """Returns what `look` says of a text, in a thread; who waits long for it sees that we are typing.

        Raises Crowded when too many wait.
        """
        wanted = partial(self._is_recent, self._now(), MOST_SECONDS)
        done = self._bot.desk.work.matching.submit_if(wanted, _owner_of(message), look, text)
        await asyncio.wait((done,), timeout=thinking.THINKING_SECONDS)
        if not done.done() and typing:
            await self._posting.type_in(message)
        return await done

    def _is_recent(self, arrived: float, seconds: float) -> bool:
        return self._now() - arrived <= seconds

    async def _overhear(self, message: discord.Message, server: int, settings: ServerSettings, started: float) -> None:
        person, channel = (server, message.author.id), message.channel.id
        persons, channels = self._persons[settings.eagerness], self._channels[settings.eagerness]
        if len(message.content) > MAX_CHARACTERS or persons.wait(person) or channels.wait(channel):
            return
        if not self._posting.may_try(channel):
            return
        advisor = await self._bot.desk.advisor_for(server, channels_of(message.channel))
        arrived = self._now()

        def wanted() -> bool:
            return self._is_recent(arrived, OVERHEARD_SECONDS) and not (persons.wait(person) or channels.wait(channel))

        try:
            advice = await self._bot.desk.work.matching.overhear(wanted, server, advisor.overhear, message.content)
        except (Crowded, Late):
            return
        # others may have been answered meanwhile
        if advice.outcome is not Outcome.ANSWER or not wanted():
            return
        persons.use(person)
        channels.use(channel)
        note = words("card.overheard")
        delivered = await self._reply_advice(message, advice, advisor, asker=message.author.id, note=note)
        await self._count(advice, Route.LISTENING, server, started, delivered)

    def forget_refusals(self, server: int) -> None:
        """Lets what goes out on a server be tried again, wherever it was refused."""
        self._posting.forget(server)

    def _own_words(self, message: discord.Message) -> str:
        """Returns what a message asks: what it says, without the mention of ourselves."""
        return self._bot.without_mention(text_of(message), message.guild)

    def _referenced(self, message: discord.Message) -> discord.Message | None:
        """Returns the message of a person that this one replies to, if it says anything: 'what about this?'."""
        reference = message.reference
        if reference is None or not isinstance(reference.resolved, discord.Message):
            return None
        asked = reference.resolved
        return asked if not asked.author.bot and self._own_words(asked) else None

    async def _answer_privately(self, message: discord.Message, advice: Advice, advisor: Advisor) -> bool:
        """Writes what is about danger to whoever asked, and to nobody else; says where it is, or where to ask.

        Returns whether it arrived.
        """
        person = message.author
        card = reply_card(advice, advisor, private=True, asker=person.id)
        if self._posting.may_try(person.id):
            try:
                await post(person, view=card)
            except UNREACHABLE as error:
                self._posting.note(person.id, error)
            else:
                await self._reply(message, text=words("worry.elsewhere"))
                return True
        await self._reply(message, text=words("worry.write_me"))
        return False

    async def _reply_advice(
        self,
        message: discord.Message,
        advice: Advice,
        advisor: Advisor,
        *,
        asker: int,
        note: str = "",
        tone: Tone = Tone.WARM,
        marks: frozenset[Mark] = frozenset(),
    ) -> bool:
        server = server_of_message(message)
        making = self._bot.desk.is_making(server)

        def card(above: str) -> Layout:
            return reply_card(
                advice, advisor, private=False, direct=server is None, asker=asker, above=above, making=making,
                tone=tone, marks=marks,
            )  # fmt: skip

        return await self._posting.reply(message, asker=asker, layout=card, note=note)

    async def _reply(self, message: discord.Message, *, text: str = "", card: discord.Embed | None = None) -> None:
        await self._posting.reply(message, asker=message.author.id, text=text, card=card)
