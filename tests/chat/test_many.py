"""Two hundred people at once, and several shards."""

from __future__ import annotations

import asyncio

from bot.chat.client import RsvnoBot
from bot.configuration import ShardSettings
from bot.local import LocalDiscord
from bot.storage import Database
from tests.chat.conftest import Start

OWED = "someone followed me, do i owe a follow back"


async def test_two_hundred_people_at_once_are_answered_once_each(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    server = discord.server()
    channel = server.channel("general")
    people = [server.member(f"member {number}") for number in range(200)]
    # `run` raises NotAnswered for whoever gets nothing
    answers = await asyncio.gather(*(person.run(channel, "etiquette ask", question=OWED) for person in people))
    assert all("No obligation" in answer.text and answer.private for answer in answers)
    assert len(discord.traffic.calls("POST /interactions")) == 200
    await bot.idle()
    store = database.server(server.id)
    today = await store.counters.today()
    assert sum(row.questions for row in await store.counters.between(today, today)) == 200


async def test_each_shard_answers_its_own_servers(discord: LocalDiscord, start: Start) -> None:
    servers = [discord.server(f"server {shard}", shard=(shard, 2)) for shard in (0, 1)]
    bot = await start(connected=2, shards=ShardSettings(count=2))
    assert {shard for _, shard in discord.gateway.identified} == {(0, 2), (1, 2)}
    for server in servers:
        channel = server.channel("general")
        answer = await server.member("asker").run(channel, "etiquette ask", question=OWED)
        assert "No obligation" in answer.text
    assert {guild.shard_id for guild in bot.guilds} == {0, 1}


async def test_one_process_can_serve_some_shards(discord: LocalDiscord, start: Start) -> None:
    first, second = (discord.server(f"server {shard}", shard=(shard, 2)) for shard in (0, 1))
    bot = await start(shards=ShardSettings(count=2, ids=(1,)))
    assert [guild.id for guild in bot.guilds] == [second.id]
    assert first.id not in [guild.id for guild in bot.guilds]
    # the commands are registered by the process of shard 0
    assert discord.traffic.calls("PUT /applications") == []
