"""Several shards: each hears its own servers, and direct messages are shard 0's."""

from __future__ import annotations

import discord as library

from bot.local import LocalDiscord
from tests.local.conftest import Bare, Connect


async def test_each_shard_hears_its_own(discord: LocalDiscord, connect: Connect) -> None:
    servers = [discord.server(f"server {shard}", shard=(shard, 2)) for shard in (0, 1)]
    client = await connect(Bare(intents=library.Intents.all(), shard_count=2))
    assert sorted(shard for _, shard in discord.gateway.identified) == [(0, 2), (1, 2)]
    for shard, server in enumerate(servers):
        assert (server.id >> 22) % 2 == shard
        channel, asker = server.channel("general"), server.member("asker")
        await asker.say(channel, f"on {shard}")
    await asker.say(asker.direct, "direct")
    # shards are connections of their own: there is no order between them
    assert sorted(await client.hears(3)) == ["direct", "on 0", "on 1"]
    assert {guild.name: guild.shard_id for guild in client.guilds} == {"server 0": 0, "server 1": 1}


async def test_one_shard_can_fall_and_the_other_goes_on(discord: LocalDiscord, connect: Connect) -> None:
    servers = [discord.server(f"server {shard}", shard=(shard, 2)) for shard in (0, 1)]
    client = await connect(Bare(intents=library.Intents.all(), shard_count=2))
    discord.gateway.drop(1)
    await servers[0].member("asker").say(servers[0].channel("general"), "still here")
    await client.hears(1)
    await servers[1].member("reader").say(servers[1].channel("general"), "back")
    assert await client.hears(2) == ["still here", "back"]
    assert [shard for _, shard in discord.gateway.resumed] == [(1, 2)]
