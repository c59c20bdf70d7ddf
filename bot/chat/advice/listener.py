"""Messages: answered where somebody mentions the bot or writes to it; unasked only where a server turned that on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import discord
from discord import app_commands

from bot.advice.advisor import Advice
from bot.chat.advice.buttons import reply_parts
from bot.chat.advice.card import help_card
from bot.chat.advice.replies import MAX_CHARACTERS, check_length
from bot.chat.kit import thinking
from bot.chat.kit.cooldown import Cooldowns, SeenBefore
from bot.chat.kit.desk import Route
from bot.chat.kit.errors import UNREACHABLE, describe, tell
from bot.chat.kit.host import Host
from bot.chat.kit.origin import channels_of
from bot.chat.kit.text import as_text
from bot.chat.kit.words import speak, words
from bot.chat.kit.work import MOST_SECONDS, Crowded, Late
from bot.matching.policies import Outcome
from bot.storage import ServerSettings

log = logging.getLogger(__name__)

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
    return message.guild.id if message.guild is not None else message.author.id


class Listener:
    """Decides for each message whether it is answered, and answers it. `now`: seconds on a monotonic clock."""

    def __init__(self, bot: Host, now: Callable[[], float] = time.monotonic) -> None:
        self._bot = bot
        self._now = now
        self._seen = SeenBefore()
        self._asked = Cooldowns(*QUESTIONS, now)
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
        server = message.guild.id if message.guild is not None else None
        settings = await self._bot.desk.settings(server)
        route = self._route(message, settings)
        if route is None:
            return
        if route is Route.LISTENING:
            await self._overhear(message, settings, started)
        else:
            await self._answer(message, route, server, started)

    def _route(self, message: discord.Message, settings: ServerSettings) -> Route | None:
        if message.guild is None:
            return Route.DIRECT
        # a mention in the text, or a reply that pings: not @everyone, and no role
        if self._bot.user in message.mentions:
            return None if settings.listening == "never" else Route.MENTION
        if settings.listening != "channels" or not message.content:
            return None
        return Route.LISTENING if channels_of(message.channel) & settings.listening_channels else None

    async def _answer(self, message: discord.Message, route: Route, server: int | None, started: float) -> None:
        question = self._bot.without_mention(message.content) or self._referenced(message)
        try:
            self._asked.check(message.author.id)
        except app_commands.CommandOnCooldown as error:
            # whoever is in danger is answered however often they ask
            if not (question and await self._is_alarming(message, question)):
                await self._tell_too_fast(message, error)
                return
        try:
            if not question:
                await self._reply(message, card=help_card(self._bot.mention))
                return
            check_length(question)
            advisor = await self._bot.desk.advisor_for(server, channels_of(message.channel))
            advice = await self._think(message, advisor.ask, question)
            if message.guild is not None and advice.entry is not None and advice.entry.safety:
                await self._answer_privately(message, advice)
            else:
                await self._reply_advice(message, advice)
        except Crowded as error:
            await self._tell_once(self._bot.limits.crowded, message.channel.id, message, error)
            return
        except Exception as error:
            await tell(self._bot, error, lambda text: self._reply(message, text=text))
            return
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

    async def _think(self, message: discord.Message, look: Callable[[str], Result], text: str) -> Result:
        """Returns what `look` says of a text, in a thread; who waits long for it sees that we are typing.

        Raises Crowded when too many wait.
        """
        wanted = partial(self._is_recent, self._now(), MOST_SECONDS)
        done = self._bot.desk.work.matching.submit_if(wanted, _owner_of(message), look, text)
        await asyncio.wait((done,), timeout=thinking.THINKING_SECONDS)
        if not done.done():
            with contextlib.suppress(*UNREACHABLE):
                await message.channel.typing()
        return await done

    def _is_recent(self, arrived: float, seconds: float) -> bool:
        return self._now() - arrived <= seconds

    async def _overhear(self, message: discord.Message, settings: ServerSettings, started: float) -> None:
        assert message.guild is not None
        server = message.guild.id
        person, channel = (server, message.author.id), message.channel.id
        persons, channels = self._persons[settings.eagerness], self._channels[settings.eagerness]
        if len(message.content) > MAX_CHARACTERS or persons.wait(person) or channels.wait(channel):
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
        await self._reply_advice(message, advice, note=words("card.overheard"))
        self._bot.metrics.seconds.labels(str(Route.LISTENING)).observe(time.perf_counter() - started)
        await self._bot.desk.count(advice, Route.LISTENING, server)

    def _referenced(self, message: discord.Message) -> str:
        """Returns the text of the message that a bare mention answers: 'what about this?'."""
        reference = message.reference
        if reference is None or not isinstance(reference.resolved, discord.Message):
            return ""
        asked = reference.resolved
        return "" if asked.author.bot else self._bot.without_mention(asked.content)

    async def _answer_privately(self, message: discord.Message, advice: Advice) -> None:
        """Writes what is about danger to whoever asked, and to nobody else; says where it is, or where to ask."""
        card, view = reply_parts(advice, self._bot, private=True, asker=message.author.id)
        try:
            await message.author.send(embed=card, view=view)
        except UNREACHABLE:
            await self._reply(message, text=words("worry.write_me"))
            return
        await self._reply(message, text=words("worry.elsewhere"))

    async def _reply_advice(self, message: discord.Message, advice: Advice, note: str = "") -> None:
        card, view = reply_parts(advice, self._bot, private=False, asker=message.author.id)
        await self._reply(message, card=card, view=view, note=note)

    async def _reply(
        self,
        message: discord.Message,
        *,
        text: str = "",
        card: discord.Embed | None = None,
        view: discord.ui.View | None = None,
        note: str = "",
    ) -> None:
        content = f"-# {note}" if note else text
        reply = partial(message.reply, view=view if view is not None else discord.utils.MISSING, mention_author=False)
        try:
            if card is None:
                await reply(content)
                return
            try:
                await reply(content or None, embed=card)
            except discord.Forbidden:
                # there may be no cards here, but words
                await reply(as_text([card]))
        except UNREACHABLE as error:
            # the message or the channel is gone, or Discord is: there is no other way to reach this person
            self._bot.metrics.errors.labels("unreachable").inc()
            log.warning("a reply could not be sent: %s", type(error).__name__)
