"""`/settings` and `/stats`, through the local Discord: who may, what changes, what is shown."""

from __future__ import annotations

import csv
import io
import struct
from datetime import timedelta

import pytest

from bot.chat.client import RsvnoBot
from bot.local import Channel, LocalDiscord, NotAllowed, Person, Server
from bot.storage import Database
from bot.storage.counting import CountKey, Delta, add_counts
from bot.storage.engine import writing

OWED = "someone followed me, do i owe a follow back"
Place = tuple[Server, Channel, Person, Person]


@pytest.fixture
def place(discord: LocalDiscord) -> Place:
    """A server, a channel, an admin and a member."""
    server = discord.server()
    return server, server.channel("general"), server.member("admin", "manage_guild"), server.member("member")


async def test_only_managers_are_offered_the_settings(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    _, channel, admin, member = place
    assert "settings" in admin.commands(channel)
    assert "settings" not in member.commands(channel)
    with pytest.raises(NotAllowed):
        await member.run(channel, "settings")


async def test_every_setting_is_shown_and_changed_in_place(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, place: Place
) -> None:
    server, channel, admin, member = place
    store = database.server(server.id)
    shown = await admin.run(channel, "settings")
    assert shown.private
    for words in ("Only when mentioned", "Privately", "Off: nothing is kept", "UTC", "nobody else"):
        assert words in shown.text
    ids = {menu.custom_id.split(":")[-1]: menu.custom_id for menu in shown.seen.menus}
    await admin.choose(shown.seen, "never", custom_id=ids["listening"])
    assert (await store.settings.get()).listening == "never"
    await admin.choose(shown.seen, channel, custom_id=ids["channels"])
    chosen = await store.settings.get()
    assert chosen.listening == "channels"
    assert chosen.listening_channels == {channel.id}
    await admin.choose(shown.seen, "eager", custom_id=ids["eagerness"])
    public = await admin.choose(shown.seen, "public", custom_id=ids["answers"])
    assert "For everyone in the channel" in public.text
    assert channel.mention in public.text
    assert not (await member.run(channel, "etiquette ask", question=OWED)).private
    more = await admin.press(shown.seen, "More settings")
    ids = {menu.custom_id.split(":")[-1]: menu.custom_id for menu in more.seen.menus}
    role = server.role("editors")
    await admin.choose(more.seen, role, custom_id=ids["roles"])
    await admin.choose(more.seen, "14", custom_id=ids["inbox"])
    await admin.choose(more.seen, "everyone", custom_id=ids["audience"])
    form = await admin.press(more.seen, "Change the time zone")
    refused = await admin.submit(form, zone="Moon/Base")
    assert "no time zone Moon/Base" in refused.text
    form = await admin.press(more.seen, "Change the time zone")
    done = await admin.submit(form, zone="Asia/Tokyo")
    assert "Asia/Tokyo" in done.text
    final = await store.settings.get()
    assert final.editor_roles == {role.id}
    assert (final.inbox, final.inbox_days) == (True, 14)
    assert final.stats_audience == "everyone"
    assert final.eagerness == "eager"
    back = await admin.press(more.seen, "Back")
    assert "kept 14 days" in back.text


async def fill(database: Database, server: int, days: int) -> None:
    """Counts questions on each of the last days."""
    today = await database.server(server).counters.today()
    topics = ["follow_back", "friend_request", "decline_invitation", "unfollow", "overload", "guilt_trip", "own", ""]
    async with writing(database.engine) as connection:
        for back in range(days):
            deltas = {
                CountKey(
                    server, today - timedelta(days=back), "command", "answer" if topic else "none", topic,
                    f"entry-{topic}" if topic else "", "no" if topic else "",
                ): Delta(questions=1 + (back * 7 + at * 3) % 9)
                for at, topic in enumerate(topics)
            }  # fmt: skip
            await add_counts(connection, deltas)


def size_of_png(data: bytes) -> tuple[int, int]:
    """Returns a PNG's width and height."""
    assert data.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


async def test_stats_for_those_who_manage_it(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, place: Place
) -> None:
    server, channel, admin, member = place
    empty = await admin.run(channel, "stats")
    assert "Nothing was asked yet" in empty.text
    assert empty.seen.files == []
    await fill(database, server.id, 90)
    answer = await member.run(channel, "etiquette ask", question=OWED)
    await member.press(answer.seen, "Helpful")
    await bot.idle()
    await database.server(server.id).settings.change(inbox=True)
    await member.run(channel, "etiquette ask", question="what is the best pasta recipe")
    await bot.idle()
    shown = await admin.run(channel, "stats", period="week", csv=True)
    assert shown.private
    for words in (
        "7 days",
        "Found helpful",
        "100% of 1",
        "Following back",
        "Waiting in the inbox",
        "against the 7 days",
    ):
        assert words in shown.text, words
    files = dict(shown.seen.files)
    assert set(files) == {"stats.png", "stats.csv"}
    assert size_of_png(await bot.http.get_from_cdn(files["stats.png"])) == (1200, 900)
    rows = list(csv.DictReader(io.StringIO((await bot.http.get_from_cdn(files["stats.csv"])).decode())))
    assert sum(int(row["questions"]) for row in rows if row["outcome"] == "none") > 0
    assert {row["outcome"] for row in rows} == {"answer", "none", "judged"}
    alt = discord.engine.message(channel.id, shown.seen.id)
    assert alt is not None
    assert "Questions a day" in str(alt.attachments[0]["description"])
    public = await admin.run(channel, "stats", period="year", public=True)
    assert not public.private


async def test_members_see_the_summary_only_where_the_server_allows_it(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, place: Place
) -> None:
    server, channel, _, member = place
    await fill(database, server.id, 3)
    assert "for those who manage it" in (await member.run(channel, "stats")).text
    await database.server(server.id).settings.change(stats_audience="everyone", inbox=True)
    await database.server(server.id).inbox.keep("something", "none")
    shown = await member.run(channel, "stats")
    assert shown.private
    assert "Questions" in shown.text
    assert "inbox" not in shown.text
    assert "for those who manage it" in (await member.run(channel, "stats", csv=True)).text
    assert "for those who manage it" in (await member.run(channel, "stats", public=True)).text
