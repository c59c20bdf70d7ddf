"""A local Discord, the real bot against it, and a database file of its own for each test."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.advice.advisor import Advisor
from bot.chat.advice.listener import Listener
from bot.chat.client import RsvnoBot
from bot.chat.connection import point_library_at
from bot.chat.kit.metrics import Metrics
from bot.configuration import DiscordSettings
from bot.local import LocalDiscord
from bot.matching.base import Base
from bot.matching.ranking import Ranking
from bot.matching.reading import Reading
from bot.storage import Database

Start = Callable[..., Awaitable[RsvnoBot]]


@pytest.fixture
async def discord() -> AsyncIterator[LocalDiscord]:
    """A Discord of the test's own, to which the library points."""
    async with LocalDiscord(bot_name="RSVNo") as discord:
        point_library_at(
            DiscordSettings.model_validate({"api_url": discord.api_url, "gateway_url": discord.gateway_url})
        )
        yield discord
        assert discord.rest.gaps == []


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty SQLite file."""
    database = await Database.open(f"sqlite:///{tmp_path / 'rsvno.sqlite3'}")
    yield database
    await database.close()


@pytest.fixture
async def start(discord: LocalDiscord, advisor: Advisor, database: Database) -> AsyncIterator[Start]:
    """Starts a bot and waits until it is connected; ends all that were started."""
    running: list[tuple[RsvnoBot, asyncio.Task[None]]] = []

    async def start(*, connected: int = 1, **options: Any) -> RsvnoBot:
        bot = RsvnoBot(advisor, database, Metrics(), identify_seconds=0.0, guild_ready_timeout=0.1, **options)
        # pauses between answers pass when the test moves the clock, however long it takes
        bot.listener = Listener(bot, now=lambda: discord.clock.elapsed)
        task = asyncio.create_task(bot.start(discord.token))
        running.append((bot, task))
        ready = asyncio.create_task(discord.ready(connected))
        await asyncio.wait((ready, task), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            ready.cancel()
            task.result()
        await ready
        await bot.wait_until_ready()
        return bot

    yield start
    for bot, task in running:
        await bot.stop()
        with contextlib.suppress(BaseException):
            await task


@pytest.fixture
def vague(monkeypatch: pytest.MonkeyPatch) -> str:
    """A question of which the matcher is never sure enough to answer, whatever the base learns."""
    text = "invitation to join a facebook group from a friend"
    rank = Base.rank

    def unsure(self: Base, reading: Reading) -> Ranking:
        ranking = rank(self, reading)
        ask = self.model.meaning.ask
        if reading.text == text:
            return replace(ranking, ours=ask.offered, danger=0.0)
        # and another, of which it is not sure that it tells of danger
        return replace(ranking, danger=(ask.worry + ask.alarm) / 2) if "friend of my" in reading.text else ranking

    monkeypatch.setattr(Base, "rank", unsure)
    return text


@pytest.fixture
async def bot(start: Start) -> RsvnoBot:
    """The bot, connected."""
    return await start()
