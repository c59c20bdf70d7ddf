"""Every fault that can be ordered, and what an unmodified client does then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import discord as library
import pytest
import yarl

from bot.local import Channel, LocalDiscord, Person
from tests.local.conftest import Bare, Connect


def world(discord: LocalDiscord) -> tuple[Channel, Person]:
    """A channel and somebody in it."""
    server = discord.server()
    return server.channel("general"), server.member("asker")


RETRIED: dict[str, Callable[[LocalDiscord], Any]] = {
    "429": lambda d: d.faults.rate_limit(0.1, "POST", "/channels/*/messages"),
    "429, global": lambda d: d.faults.rate_limit(0.1, "POST", "/channels/*/messages", scope="global"),
    "500": lambda d: d.faults.status(500, "POST", "/channels/*/messages"),
    "502": lambda d: d.faults.status(502, "POST", "/channels/*/messages"),
}


@pytest.mark.parametrize("fault", RETRIED)
async def test_what_the_client_waits_out(discord: LocalDiscord, connect: Connect, fault: str) -> None:
    client = await connect(Bare())
    channel, _ = world(discord)
    order = RETRIED[fault](discord)
    await client.get_partial_messageable(channel.id).send("through")
    assert order.struck == 1
    assert [post.text for post in channel.posted()] == ["through"]


async def test_what_the_client_raises(discord: LocalDiscord, connect: Connect) -> None:
    client = await connect(Bare())
    channel, _ = world(discord)
    target = client.get_partial_messageable(channel.id)
    discord.faults.ban("POST", "/channels/*/messages")
    with pytest.raises(library.HTTPException) as banned:
        await target.send("x")
    assert banned.value.status == 429
    discord.faults.status(403, "POST", "/channels/*/messages", code=50013)
    with pytest.raises(library.Forbidden):
        await target.send("x")
    discord.faults.abort("POST", "/channels/*/messages")
    with pytest.raises((aiohttp.ClientError, OSError)):
        await target.send("x")
    assert channel.posted() == []
    discord.faults.abort("POST", "/channels/*/messages", after=True)
    with pytest.raises((aiohttp.ClientError, OSError)):
        await target.send("arrived")
    assert [post.text for post in channel.posted()] == ["arrived"]


async def test_a_call_that_hangs_until_it_is_let_go(discord: LocalDiscord, connect: Connect) -> None:
    client = await connect(Bare())
    channel, _ = world(discord)
    order = discord.faults.hang("POST", "/channels/*/messages")
    sending = asyncio.create_task(client.get_partial_messageable(channel.id).send("late"))
    await discord.until(lambda: order.struck == 1)
    assert channel.posted() == []
    order.released.set()
    await sending
    assert len(channel.posted()) == 1


async def test_a_fault_for_a_time_lasts_until_it_is_taken_back(discord: LocalDiscord, connect: Connect) -> None:
    client = await connect(Bare())
    channel, _ = world(discord)
    target = client.get_partial_messageable(channel.id)
    order = discord.faults.status(403, "POST", "/channels/*/messages", times=None)
    for _ in range(3):
        with pytest.raises(library.Forbidden):
            await target.send("x")
    discord.faults.take_back(order)
    await target.send("x")


RESUMED: dict[str, Callable[[LocalDiscord], Any]] = {
    "drop": lambda d: d.gateway.drop(),
    "drop mid-frame": lambda d: d.gateway.drop(mid_frame=True),
    "op 7": lambda d: d.gateway.ask_to_reconnect(),
    "op 9, resumable": lambda d: d.gateway.invalidate(resumable=True),
    "close 4000": lambda d: d.gateway.close(4000),
    "close 1012": lambda d: d.gateway.close(1012),
}


@pytest.mark.parametrize("fault", RESUMED)
async def test_a_resume_brings_what_was_missed_exactly_once(
    discord: LocalDiscord, connect: Connect, fault: str
) -> None:
    client = await connect(Bare(intents=library.Intents.all()))
    channel, asker = world(discord)
    await asker.say(channel, "before")
    await client.hears(1)
    RESUMED[fault](discord)
    await discord.until(lambda: len(discord.gateway.ready_shards()) == 0 or discord.gateway.resumed)
    await asker.say(channel, "meanwhile")
    await discord.until(lambda: len(discord.gateway.resumed) == 1)
    await asker.say(channel, "after")
    assert await client.hears(3) == ["before", "meanwhile", "after"]
    assert len(discord.gateway.identified) == 1


async def test_events_can_come_twice(discord: LocalDiscord, connect: Connect) -> None:
    client = await connect(Bare(intents=library.Intents.all()))
    channel, asker = world(discord)
    await asker.say(channel, "one")
    await client.hears(1)
    discord.gateway.repeat(1)
    assert await client.hears(2) == ["one", "one"]
    discord.gateway.repeats_after_resume = 1
    discord.gateway.drop()
    assert await client.hears(3) == ["one", "one", "one"]


@pytest.mark.parametrize("late", [False, True])
async def test_a_session_that_is_gone_is_identified_anew(discord: LocalDiscord, connect: Connect, late: bool) -> None:
    client = await connect(Bare(intents=library.Intents.all()))
    channel, asker = world(discord)
    if late:
        discord.gateway.shut = True
        discord.gateway.drop()
        await discord.until(lambda: discord.gateway.refused > 0)
        discord.advance(600)
        discord.gateway.shut = False
    else:
        discord.gateway.invalidate(resumable=False)
    await discord.until(lambda: len(discord.gateway.identified) == 2, 20)
    await asker.say(channel, "again")
    assert "again" in await client.hears(1)


async def test_a_heartbeat_without_an_answer_reconnects(connect: Connect) -> None:
    async with LocalDiscord(heartbeat_interval=0.2) as discord:
        library.http.Route.BASE = discord.api_url
        library.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(discord.gateway_url)
        client = Bare(heartbeat_timeout=0.6)
        task = asyncio.create_task(client.start(discord.token))
        await discord.ready()
        discord.gateway.ignores_heartbeats = True
        await discord.until(lambda: len(discord.gateway.resumed) > 0, 15)
        await client.close()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_malformed_event_ends_an_unguarded_client(discord: LocalDiscord) -> None:
    client = Bare()
    task = asyncio.create_task(client.start(discord.token))
    await discord.ready()
    await client.wait_until_ready()
    discord.gateway.malformed()
    with pytest.raises(KeyError):
        await task
    await client.close()
