"""The hello on joining a server, and its buttons for admins."""

from __future__ import annotations

from bot.chat.client import RsvnoBot
from bot.local import LocalDiscord, Person
from bot.storage import Database

SURE = "do i have to follow back everyone who follows me on instagram?"


async def test_one_hello_where_it_may_write_and_not_again(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    server = discord.server(with_bot=False)
    closed = server.channel("closed", denied={Person(discord, discord.engine.bot_id): ["send_messages"]})
    channel = server.channel("general")
    server.add_bot()
    hello = await channel.next_post()
    assert "/shouldifollowback" in hello.text
    assert "only when I am asked" in hello.text
    assert hello.labels == ["Listen in this channel", "Choose channels", "Only when mentioned"]
    assert closed.posted() == []
    server.kick_bot()
    await bot.idle()
    server.add_bot()
    asker = server.member("asker")
    await asker.say(channel, f"{discord.bot_mention} {SURE}")
    await channel.next_post(1)
    await bot.idle()
    assert len(channel.posted()) == 2


async def test_a_restart_says_no_second_hello(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel = server.channel("general")
    await server.member("asker").say(channel, f"{discord.bot_mention} {SURE}")
    await channel.next_post()
    discord.gateway.invalidate(resumable=False)
    await discord.until(lambda: len(discord.gateway.identified) == 2)
    await bot.idle()
    assert len(channel.posted()) == 1


async def test_admins_choose_where_it_listens_and_members_cannot(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    server = discord.server(with_bot=False)
    channel, second = server.channel("general"), server.channel("second")
    server.add_bot()
    hello = await channel.next_post()
    admin, member = server.member("admin", "manage_guild"), server.member("member")
    store = database.server(server.id)
    for label in hello.labels:
        refused = await member.press(hello, label)
        assert refused.private
        assert "manage this server" in refused.text
    assert (await store.settings.get()).listening == "mentioned"
    here = await admin.press(hello, "Listen in this channel")
    assert here.private
    assert channel.mention in here.text
    assert (await store.settings.get()).listening_channels == {channel.id}
    chosen = await admin.press(hello, "Choose channels")
    done = await admin.choose(chosen.seen, second)
    assert second.mention in done.text
    await member.say(second, SURE)
    await second.next_post()
    await admin.press(hello, "Only when mentioned")
    assert (await store.settings.get()).listening == "mentioned"


async def test_without_message_content_the_admin_is_told(
    discord: LocalDiscord, start: object, database: Database
) -> None:
    bot = await start(message_content=False)  # type: ignore[operator]
    server = discord.server(with_bot=False)
    channel = server.channel("general")
    server.add_bot()
    hello = await channel.next_post()
    answer = await server.member("admin", "manage_guild").press(hello, "Listen in this channel")
    assert "message content intent" in answer.text
    assert not bot.intents.message_content


async def test_a_server_that_was_left_is_marked_also_when_it_happened_offline(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    first, second = discord.server("first"), discord.server("second")
    for server in (first, second):
        await database.server(server.id).settings.change(inbox=True)
    first.kick_bot()
    await discord.settled()
    await bot.stop()
    second.kick_bot()
    assert await database.still_in([]) in ([second.id], [first.id, second.id])
