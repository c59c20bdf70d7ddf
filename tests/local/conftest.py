"""A local Discord and a bare discord.py client, with nothing of this project's bot."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import discord as library
import pytest
import yarl
from discord import app_commands

from bot.local import LocalDiscord


class Bare(library.AutoShardedClient):
    """Echoes messages that mention it, and has a command of each kind that the tests use."""

    def __init__(self, *, intents: library.Intents | None = None, **options: Any) -> None:
        super().__init__(intents=intents or library.Intents.default(), guild_ready_timeout=0.1, **options)
        self.tree = app_commands.CommandTree(self)
        self.heard: list[library.Message] = []
        self.seen: list[tuple[str, Any]] = []
        self.news = asyncio.Event()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Does not wait: the tests have few shards."""

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_message(self, message: library.Message) -> None:
        if self.user is not None and message.author.id != self.user.id and not message.is_system():
            self.heard.append(message)
            self.news.set()

    async def hears(self, count: int) -> list[str]:
        """Waits until so many messages were heard; returns their texts."""
        while len(self.heard) < count:
            self.news.clear()
            await self.news.wait()
        return [message.content for message in self.heard]


Connect = Callable[[Bare], Awaitable[Bare]]


@pytest.fixture
async def discord() -> AsyncIterator[LocalDiscord]:
    """A Discord of the test's own, to which the library points."""
    async with LocalDiscord() as discord:
        library.http.Route.BASE = discord.api_url
        library.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(discord.gateway_url)
        yield discord


@pytest.fixture
async def connect(discord: LocalDiscord) -> AsyncIterator[Connect]:
    """Connects a client; all are closed before Discord ends."""
    running: list[tuple[Bare, asyncio.Task[None]]] = []

    async def connect(client: Bare) -> Bare:
        task = asyncio.create_task(client.start(discord.token))
        running.append((client, task))
        ready = asyncio.create_task(discord.ready(client.shard_count or 1))
        await asyncio.wait((ready, task), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            ready.cancel()
            task.result()
        await client.wait_until_ready()
        return client

    yield connect
    for client, task in running:
        await client.close()
        with contextlib.suppress(BaseException):
            await task
