"""Our client: discord.py's, sharded, with the few intents that are needed, and nothing that could ping anybody."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import discord

from bot.advice.advisor import Advisor
from bot.chat.advice.listener import Listener
from bot.chat.kit.cooldown import SeenBefore
from bot.chat.kit.desk import Desk
from bot.chat.kit.discord_time import DiscordTime
from bot.chat.kit.ending import end
from bot.chat.kit.form import submit
from bot.chat.kit.item import Item
from bot.chat.kit.limits import Limits
from bot.chat.kit.logs import log_out_of_reach
from bot.chat.kit.metrics import Metrics
from bot.chat.kit.origin import without_mentions
from bot.chat.kit.servers import Payload, State
from bot.chat.kit.words import CommandWords
from bot.chat.settings.hello import say_hello
from bot.chat.tree import CommandTree, sync_if_changed
from bot.configuration import ShardSettings
from bot.storage import Database, StorageFault

log = logging.getLogger(__name__)

IDENTIFY_SECONDS = 5.0
"""Discord lets a bot identify one shard in so many seconds."""
MOST_SECONDS_LIMITED = 30.0
"""Where Discord asks us to wait longer before something is sent, it is not sent (discord.py's least)."""
CLOSE_SECONDS = 0.7
"""How long Discord may take to part from us."""
TELLING_SHARE = 0.3
"""Of the time for answers in flight: for telling those who still wait that they must ask again."""
SETTLE_SECONDS = 10.0
"""Until the next try to find out what the database holds of our servers."""
END_SECONDS = 0.4
"""How long what was cancelled may take to end."""


def intents(*, message_content: bool) -> discord.Intents:
    """Returns the events that we ask for, and why."""
    wanted = discord.Intents.none()
    # servers joined and left; channels, and our own permissions in them
    wanted.guilds = True
    # mentions, and listening where a server turned it on
    wanted.guild_messages = True
    # questions written to us directly
    wanted.dm_messages = True
    # privileged: only for answering unasked; mentions and direct messages carry their text without it
    wanted.message_content = message_content
    return wanted


class RsvnoBot(discord.AutoShardedClient):
    """The bot on Discord. `identify_seconds` is the pause between two shards that identify themselves; `on_start` is
    called when all of them have told of their servers."""

    def __init__(
        self,
        advisor: Advisor,
        database: Database,
        metrics: Metrics,
        *,
        message_content: bool = True,
        shards: ShardSettings | None = None,
        identify_seconds: float = IDENTIFY_SECONDS,
        on_start: Callable[[], None] = lambda: None,
        **options: Any,
    ) -> None:
        shards = shards or ShardSettings()
        self.time = DiscordTime()
        super().__init__(
            intents=intents(message_content=message_content),
            # nobody is ever pinged, whatever is echoed
            allowed_mentions=discord.AllowedMentions.none(),
            # members are not needed: who asks comes with the message
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            # questions are answered as they come: an old message is never looked up here
            max_messages=None,
            # whoever waits longer for an answer has gone on
            max_ratelimit_timeout=MOST_SECONDS_LIMITED,
            shard_count=shards.count,
            shard_ids=list(shards.ids) if shards.ids is not None else None,  # type: ignore[arg-type]  # None: all
            http_trace=self.time.watch(metrics.trace()),
            **options,
        )
        self.tree = CommandTree(self)
        self.advisor = advisor
        self.metrics = metrics
        self.desk = Desk(advisor, database, metrics)
        self.limits = Limits()
        self.listener = Listener(self)
        self._forms = SeenBefore()
        self._identify_seconds = identify_seconds
        self._on_start = on_start
        self._identified_at = -IDENTIFY_SECONDS
        self._identify_lock = asyncio.Lock()
        self._at_work: Counter[asyncio.Task[Any] | None] = Counter()
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False
        self._connecting: asyncio.Task[None] | None = None
        self.add_dynamic_items(*Item.registered())

    def _get_state(self, **options: Any) -> State:
        self._servers = State(
            dispatch=self.dispatch, handlers=self._handlers, hooks=self._hooks, http=self.http, **options
        )
        self._servers.look = self._concerns_us
        return self._servers

    def _concerns_us(self, data: Payload) -> bool:
        """Returns whether a message's data are worth being made into a message: of most nobody ever asks."""
        guild_id = data.get("guild_id")
        if guild_id is None or self.desk.database.listens(int(guild_id)):
            return True
        ours = self._connection.self_id
        if any(int(each["id"]) == ours for each in data["mentions"]):
            return True
        return bool(data["mention_roles"]) or "<@&" in data["content"]

    # ---------------------------------------------------------------- names

    @property
    def mention(self) -> str:
        """What people write to mention us."""
        return self.user.mention if self.user is not None else "@RSVNo"

    def without_mention(self, text: str, guild: discord.Guild | None = None) -> str:
        """Returns `text` without the mentions of ourselves (and of our role in a server)."""
        return without_mentions(text, self.user, guild)

    def serves(self, guild_id: int) -> bool:
        """Returns whether a server's events come to this process, if we are in it."""
        if self.shard_ids is None or self.shard_count is None:
            return True
        return (guild_id >> 22) % self.shard_count in self.shard_ids

    @property
    def server_ids(self) -> list[int]:
        """The servers that we are in."""
        return list(self._servers.servers)

    def is_in(self, guild_id: int) -> bool | None:
        """Returns whether we are in a server; None before Discord has told, and where another process knows."""
        if guild_id in self._servers.servers:
            return True
        return False if self.is_ready() and self.serves(guild_id) else None

    # ------------------------------------------------------------ start, stop

    async def start(self, token: str, *, reconnect: bool = True) -> None:
        """As discord.py's, but `stop` ends it in any case.

        discord.py notices that it was closed only between two attempts: while it waits to connect anew (up to 17
        minutes), or cannot connect at all, its own `start` would go on.
        """
        self._connecting = connecting = asyncio.create_task(super().start(token, reconnect=reconnect))
        try:
            await asyncio.wait((connecting,))
        finally:
            await end((connecting,), END_SECONDS)
        if not self._stopping:
            # what a connection raises that is being cut says nothing
            connecting.result()

    async def setup_hook(self) -> None:
        """Registers the commands, if they changed."""
        await self.tree.set_translator(CommandWords())
        assert self.application_id is not None
        if (self.shard_ids is None or 0 in self.shard_ids) and await sync_if_changed(
            self.tree, self.desk.database, self.application_id
        ):
            log.info("commands registered: %s", ", ".join(command.name for command in self.tree.get_commands()))

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Keeps Discord's pause between two shards that identify themselves, but waits no longer than that."""
        async with self._identify_lock:
            pause = self._identified_at + self._identify_seconds - time.monotonic()
            if pause > 0:
                await asyncio.sleep(pause)
            self._identified_at = time.monotonic()

    @contextlib.contextmanager
    def in_flight(self) -> Iterator[None]:
        """Marks that an answer is being made: a stop waits for it."""
        # what ends it may be a callback, where there is no task
        task = asyncio.current_task()
        self._at_work[task] += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._at_work[task] -= 1
            if not self._at_work[task]:
                del self._at_work[task]
            if not self._at_work:
                self._idle.set()

    async def idle(self) -> None:
        """Waits until no answer is being made, and all that is to be counted is."""
        await self._idle.wait()

    async def _idle_within(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.idle(), seconds)

    async def stop(self, seconds: float = 3.5) -> None:
        """Takes no new questions, waits so long for answers in flight, closes, and leaves nothing at work behind.

        Whoever still waits for a turn then is told to ask again.
        """
        self._stopping = True
        self.desk.work.matching.hush()
        telling = TELLING_SHARE * seconds
        await self._idle_within(seconds - telling)
        self.desk.work.close()
        await self._idle_within(telling)
        await end((*self._at_work, *self.desk.at_work), END_SECONDS)
        self.desk.work.end()
        closing = asyncio.create_task(self.close())
        _, late = await asyncio.wait((closing,), timeout=CLOSE_SECONDS)
        if late:
            log.warning("the connection did not close within %.1f s, and is cut", CLOSE_SECONDS)
        await end((closing, self._connecting), END_SECONDS)
        # again, for a close that was cut: it closes nothing twice
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.http.close(), END_SECONDS)

    # --------------------------------------------------------------- events

    async def on_message(self, message: discord.Message, /) -> None:
        """Hands a message to the listener."""
        if self._stopping:
            return
        # what is written also tells how late it is at Discord
        self.time.age(message.created_at)
        with self.in_flight():
            await self.listener.hear(message)

    async def on_interaction(self, interaction: discord.Interaction[Any], /) -> None:
        """Takes a form that somebody sent: discord.py knows only those that it opened since the last start."""
        if interaction.type is discord.InteractionType.modal_submit and self._forms.add(interaction.id):
            await submit(interaction)

    async def on_permissions(self, guild_id: int) -> None:
        """Tries again where a server refused us: what we may do there has changed."""
        self.listener.forget_refusals(guild_id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Says hello."""
        if self._stopping:
            return
        log.info("joined a server; now in %d", len(self.guilds))
        with self.in_flight():
            await say_hello(self, guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Notes that a server's data may go in 30 days."""
        if self._stopping:
            return
        log.info("left a server; now in %d", len(self.guilds))
        with self.in_flight():
            try:
                await self.desk.database.left(guild.id)
            except StorageFault as fault:
                log_out_of_reach(fault)

    async def on_ready(self) -> None:
        """Says that all shards are up, and finds out which servers were left while we were away."""
        if self._stopping:
            return
        log.info("connected as %s: %d servers, %d shards", self.user, len(self.guilds), len(self.shards))
        for shard in self.shards:
            self.metrics.shard_up.labels(str(shard)).set(1)
        self._on_start()
        self.desk.begin(self._settle_in())

    async def _settle_in(self) -> None:
        """Finds out which servers were left while we were away, which listen and which have guidance of their own, and
        makes that ready. While the database is away, it tries again."""
        while True:
            try:
                with self.in_flight():
                    marked = await self.desk.database.still_in(
                        self.server_ids, application=self.application_id, served=self.serves
                    )
                    guided = await self.desk.database.survey()
                break
            except StorageFault as fault:
                log_out_of_reach(fault)
            await asyncio.sleep(SETTLE_SECONDS)
        if marked:
            log.info("%d servers were left while away; their data goes in 30 days", len(marked))
        await self.desk.guidance.warm(guild_id for guild_id in guided if guild_id in self._servers.servers)

    async def on_shard_connect(self, shard_id: int) -> None:
        self.metrics.shard_up.labels(str(shard_id)).set(1)

    async def on_shard_resumed(self, shard_id: int) -> None:
        log.info("shard %d resumed", shard_id)
        self.metrics.shard_up.labels(str(shard_id)).set(1)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        log.info("shard %d disconnected", shard_id)
        self.metrics.shard_up.labels(str(shard_id)).set(0)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Logs what an event's handler let through, without what people wrote."""
        self.metrics.errors.labels("event").inc()
        log.exception("in %s", event_method)
