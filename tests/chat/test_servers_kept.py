"""What is kept of servers: ids, however many channels they have; and what we build on of discord.py's inside."""

from __future__ import annotations

import asyncio
import gc
import inspect
from typing import Any

import discord as library
import pytest
from discord.state import AutoShardedConnectionState, ConnectionState

from bot.chat.client import RsvnoBot
from bot.chat.kit.servers import Known, Server, State, has_channel
from bot.local import LocalDiscord
from tests.chat.conftest import Start

HEAVY = (library.abc.GuildChannel, library.Thread, library.Role, library.Member, library.Guild)
ASKED = "someone followed me, do i owe a follow back"


def held(bot: RsvnoBot) -> list[Any]:
    """What the bot holds of servers beyond ids."""
    gc.collect()
    return [each for each in gc.get_objects() if isinstance(each, HEAVY) and each._state is bot._connection]


async def nothing_is_held(bot: RsvnoBot) -> None:
    """Waits until what was made of servers for the events under way is gone: what is kept never is."""
    await bot.idle()
    while held(bot):
        await asyncio.sleep(0.05)


async def test_no_channel_no_role_and_no_member_is_kept(discord: LocalDiscord, start: Start) -> None:
    servers = [discord.server(f"server {number}") for number in range(5)]
    for server in servers:
        for number in range(20):
            server.channel(f"channel {number}")
    bot = await start()
    later = discord.server("later")
    asker, channel = later.member("asker"), later.channel("general")
    await asker.run(channel, "etiquette ask", question=ASKED)
    await asker.say(channel, f"{discord.bot_mention} {ASKED}")
    await channel.next_post()
    await nothing_is_held(bot)
    assert set(bot.server_ids) == {server.id for server in (*servers, later)}
    assert len(bot.guilds) == 6


async def test_what_is_kept_follows_what_happens_there(discord: LocalDiscord, start: Start) -> None:
    server = discord.server(locale="de")
    first, second = server.channel("first"), server.channel("second")
    reader = server.member("reader")
    thread = first.thread("talk", reader)
    bot = await start()
    known = bot._servers.servers.known(server.id)
    assert known is not None
    assert known.locale == "de"
    assert known.parent_of(thread.id) == first.id
    assert known.parent_of(first.id) is None
    third = server.channel("third")
    later = second.thread("more", reader)
    first.delete()
    await discord.settled()
    await reader.say(second, f"{discord.bot_mention} {ASKED}")
    await second.next_post()
    assert [known.has(each.id) for each in (first, thread, second, later, third)] == [False, False, True, True, True]
    assert known.parent_of(later.id) == second.id
    guild = bot.get_guild(server.id)
    assert guild is not None
    assert guild.preferred_locale is library.Locale.german
    assert has_channel(guild, second.id)
    server.kick_bot()
    await bot.idle()
    await discord.until(lambda: server.id not in bot.server_ids)


async def test_a_new_session_keeps_what_it_is_told_anew(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    thread = channel.thread("talk", asker)
    discord.gateway.invalidate(resumable=False)
    await discord.until(lambda: len(discord.gateway.identified) == 2)
    await asker.say(thread, f"{discord.bot_mention} {ASKED}")
    await thread.next_post()
    known = bot._servers.servers.known(server.id)
    assert known is not None
    assert known.parent_of(thread.id) == channel.id
    await nothing_is_held(bot)


def payload(**more: Any) -> dict[str, Any]:
    return {"id": "5", "preferred_locale": "fr", "roles": [], "channels": [], **more}


def test_our_own_role_is_known_and_no_other() -> None:
    known = Known()
    roles = [{"id": "5"}, {"id": "7", "tags": {"bot_id": "1"}}, {"id": "9", "tags": {"bot_id": "42"}}]
    known.note(payload(roles=roles), 42)
    assert known.role == 9
    known.note({"id": "5"}, 42)
    assert (known.role, known.locale) == (9, "fr")


async def test_a_server_made_anew_has_our_role_and_nothing_else(bot: RsvnoBot) -> None:
    assert bot.user is not None
    servers = bot._servers.servers
    servers.note(
        payload(roles=[{"id": "9", "tags": {"bot_id": str(bot.user.id)}}], channels=[{"id": "11"}]), bot.user.id
    )
    guild = servers[5]
    assert guild.self_role is not None
    assert guild.self_role.id == 9
    assert list(guild.channels) == []
    assert has_channel(guild, 11)
    bot._servers.parse_guild_role_delete({"guild_id": "5", "role_id": "9"})
    assert servers[5].self_role is None


def test_a_thread_list_replaces_the_threads_of_its_channels() -> None:
    known = Known()
    known.note(payload(threads=[{"id": str(n), "parent_id": str(n % 2 + 1)} for n in (11, 12, 13)]), None)
    known.keep_threads(lambda _, parent: parent != 2, [{"id": "15", "parent_id": "2"}])
    assert {each: known.parent_of(each) for each in (11, 12, 13, 15)} == {11: None, 12: 1, 13: None, 15: 2}


# ------------------------------------------------------- discord.py's own inside


@pytest.mark.parametrize("name", ["_get_guild", "_add_guild", "_remove_guild", "_get_or_create_unavailable_guild"])
def test_servers_are_reached_through_one_mapping(name: str) -> None:
    assert "_guilds" in inspect.getsource(getattr(ConnectionState, name))


def test_the_library_is_built_as_we_take_it_to_be() -> None:
    assert "_get_state" in vars(library.AutoShardedClient)
    assert "self._guilds: Dict[int, Guild] = {}" in inspect.getsource(ConnectionState.clear)
    assert "parsers[attr[6:].upper()] = func" in inspect.getsource(ConnectionState.__init__)
    assert "_ready_states" in inspect.getsource(AutoShardedConnectionState._add_ready_state)
    assert list(inspect.signature(ConnectionState._get_guild_channel).parameters) == ["self", "data", "guild_id"]
    assert "_get_guild_channel" in inspect.getsource(ConnectionState.parse_message_create)
    assert "_roles" in library.Member.__slots__
    assert issubclass(Server, library.Guild)


async def test_only_events_of_which_something_is_made_are_parsed(bot: RsvnoBot) -> None:
    parsed = set(bot._connection.parsers)
    assert parsed < {name[6:].upper() for name in dir(State) if name.startswith("parse_")}
    assert not parsed & {"PRESENCE_UPDATE", "MESSAGE_UPDATE", "GUILD_MEMBER_ADD", "VOICE_STATE_UPDATE", "TYPING_START"}
    assert {"MESSAGE_CREATE", "INTERACTION_CREATE", "GUILD_CREATE", "GUILD_DELETE", "READY", "RESUMED"} <= parsed
