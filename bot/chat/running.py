"""`run`: connects to Discord, and comes back by itself after every fault that is not the operator's to mend."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import logging
import os
import signal
import threading
from collections.abc import Callable

import discord
from discord.backoff import ExponentialBackoff

from bot.advice.advisor import Advisor
from bot.chat.client import RsvnoBot
from bot.chat.connection import point_library_at
from bot.chat.kit.ending import end, names
from bot.chat.kit.health import Health
from bot.chat.kit.logs import where_it_happened
from bot.chat.kit.memory import look_at_all_again, set_aside
from bot.chat.kit.metrics import Metrics
from bot.configuration import Settings
from bot.documents.faults import UnusableEnvironment
from bot.storage import Database

log = logging.getLogger(__name__)

MOST_PAUSE = 60.0
STABLE_SECONDS = 300.0
"""After so long a run, the pauses begin anew with the shortest."""
STOP_SECONDS = 5.0
LAST_RESORT_SECONDS = 25.0
"""Container platforms kill after 30."""
NOT_GRANTED = 4014

_FATAL_CLOSES = {
    4010: "this shard's number does not exist: see 'shards' in the settings",
    4011: "Discord wants more shards: leave 'shards.count' out, or raise it",
    4012: "Discord no longer knows this version of its gateway: update discord.py",
    4013: "Discord does not know the intents asked for: update discord.py",
}


class Fatal(UnusableEnvironment):
    """What only the operator can mend: it ends `run` at once."""

    def __init__(self, message: str) -> None:
        super().__init__("Discord", message)


class Runner:
    """Keeps one bot running. `stop()` ends it; `make` builds a client (told whether message content was granted)."""

    def __init__(
        self,
        settings: Settings,
        advisor: Advisor,
        database: Database,
        *,
        make: Callable[..., RsvnoBot] = RsvnoBot,
        first_pause: float = 1.0,
    ) -> None:
        self._settings = settings
        self._advisor = advisor
        self._database = database
        self._make = make
        self._first_pause = first_pause
        self._stopped = asyncio.Event()
        self._message_content = settings.discord.message_content != "off"
        self.metrics = Metrics()
        self.bot: RsvnoBot | None = None

    async def run(self, token: str) -> None:
        """Runs until `stop()`. Raises Fatal when the token is refused, or when what is needed is not granted."""
        loop = asyncio.get_running_loop()
        backoff = ExponentialBackoff(base=1)
        while not self._stopped.is_set():
            # nobody waits now, and all who are answered later wait for no collector
            look_at_all_again()
            set_aside()
            started = loop.time()
            bot = self._make(
                self._advisor,
                self._database,
                self.metrics,
                message_content=self._message_content,
                shards=self._settings.shards,
                on_start=set_aside,
            )
            self.bot = bot
            try:
                await self._run_once(bot, token)
            except discord.PrivilegedIntentsRequired:
                self._without_message_content()
                continue
            except (Exception, asyncio.CancelledError) as error:
                if self._stopped.is_set() or isinstance(error, asyncio.CancelledError):
                    raise
                self._raise_if_fatal(error)
                log.error("the connection ended, and begins anew\n%s", where_it_happened(error))
            if self._stopped.is_set():
                return
            self.metrics.reconnects.inc()
            if loop.time() - started > STABLE_SECONDS:
                backoff = ExponentialBackoff(base=1)
            pause = min(MOST_PAUSE, self._first_pause * float(backoff.delay()))
            log.info("trying again in %.1f s", pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), pause)

    async def _run_once(self, bot: RsvnoBot, token: str) -> None:
        running = asyncio.create_task(bot.start(token))
        stopping = asyncio.create_task(self._stopped.wait())
        try:
            await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
            if self._stopped.is_set():
                await bot.stop()
            else:
                running.result()
        finally:
            await bot.stop(1.0)
            await end((stopping, running), 1.0)

    def _without_message_content(self) -> None:
        if not self._message_content or self._settings.discord.message_content == "required":
            raise Fatal(
                "the message content intent is not granted: turn it on for this bot at "
                "https://discord.com/developers/applications (Bot, Privileged Gateway Intents), "
                "or set discord.message_content to 'auto'"
            )
        self._message_content = False
        log.warning(
            "the message content intent is not granted: the bot answers commands, mentions and direct messages, "
            "but cannot listen in channels; turn the intent on at https://discord.com/developers/applications"
        )

    def _raise_if_fatal(self, error: BaseException) -> None:
        if isinstance(error, discord.LoginFailure) or (
            isinstance(error, discord.ConnectionClosed) and error.code == 4004
        ):
            raise Fatal(
                "the token is refused: copy it anew from https://discord.com/developers/applications (Bot, Reset Token)"
            ) from None
        if isinstance(error, discord.ConnectionClosed) and error.code in _FATAL_CLOSES:
            raise Fatal(_FATAL_CLOSES[error.code]) from None
        if isinstance(error, discord.ConnectionClosed) and error.code == NOT_GRANTED:
            self._without_message_content()

    def stop(self) -> None:
        """Ends `run` within five seconds, with the answers in flight delivered."""
        self._stopped.set()


async def run(settings: Settings, token: str, advisor: Advisor, health_port: int | None) -> None:
    """Connects and stays until SIGTERM or SIGINT. Raises Fatal, UnusableEnvironment for a port, and
    StorageFault (DatabaseInUse: another bot runs on that SQLite file)."""
    point_library_at(settings.discord)
    database = await Database.open(settings.database_url(), serving=True)
    runner = Runner(settings, advisor, database)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        runner.stop()
        _end_at_the_latest(LAST_RESORT_SECONDS, loop)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    health = Health(runner.metrics, lambda: runner.bot)
    housekeeping = asyncio.create_task(_keep_house(database, runner))
    try:
        if health_port is not None:
            try:
                await health.start(health_port)
            except OSError as error:
                message = f"port {health_port} can't be used: {error.strerror}; choose another with --health"
                raise UnusableEnvironment("--health", message) from None
            log.info("health on http://127.0.0.1:%d/healthz and /metrics", health.port)
        await runner.run(token)
    finally:
        await end((housekeeping,), 1.0)
        await health.stop()
        try:
            await asyncio.wait_for(database.close(), STOP_SECONDS)
        except TimeoutError:
            log.warning("the database did not close within %.0f s", STOP_SECONDS)
        log.info("stopped")


def _end_at_the_latest(seconds: float, loop: asyncio.AbstractEventLoop) -> None:
    """Ends the process after so many seconds, if it has not ended by itself: something does not let go.

    All that was acknowledged is stored by then; an operator's stop must not wait for a task that goes on.
    """

    def end_now() -> None:
        log.error(
            "still running %.0f s after the stop: ended at once; at work: %s; the threads are on stderr",
            seconds,
            names(asyncio.all_tasks(loop)),
        )
        faulthandler.dump_traceback()
        logging.shutdown()
        os._exit(1)

    timer = threading.Timer(seconds, end_now)
    timer.daemon = True
    timer.start()


async def _keep_house(database: Database, runner: Runner) -> None:
    """Deletes once an hour what is past its days; a little at a time, where that is much."""

    def present(guild_id: int) -> bool | None:
        return None if runner.bot is None else runner.bot.is_in(guild_id)

    while True:
        pause = 3600.0
        try:
            if (await database.purge(present=present))["waiting"]:
                pause = 60.0
        except Exception as error:
            log.warning("what is past its days could not all be deleted: %s", type(error).__name__)
        await asyncio.sleep(pause)
