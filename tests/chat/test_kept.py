"""What servers keep, as the running bot meets it: rows that cannot be read, bounds, and servers that it left."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from bot.advice.editing import export_yaml
from bot.chat.client import RsvnoBot
from bot.configuration import ShardSettings
from bot.local import LocalDiscord
from bot.storage import Database
from bot.storage.core import utc_now
from bot.storage.engine import writing
from bot.storage.schema import entries, servers
from bot.storage.server import entries as bounds

GOOD = {"id": "own-good", "question": "May I hum during the tea ceremony?", "verdict": "yes", "advice": "Hum softly."}
BAD = {"id": "own-bad", "question": "Which?", "verdict": "perhaps", "advice": "x", "of_a_newer_version": [1]}


async def test_an_entry_that_cannot_be_read_keeps_no_other_from_answering(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    server = discord.server()
    channel, admin = server.channel("general"), server.member("admin", "manage_guild")
    store = database.server(server.id)
    for document in (GOOD, {**BAD, "verdict": "no"}):
        await store.entries.add(document, editor=1)
    async with writing(database.engine) as connection:
        wrong = update(entries).where(entries.c.entry_id == "own-bad").values(document=BAD)
        await connection.execute(wrong)
        unknown = {"inbox": True, "of_a_newer_version": 1}
        await connection.execute(
            update(servers).values(settings=unknown, entries_version=servers.c.entries_version + 1)
        )
    database.core.forget(server.id)
    answer = await admin.run(channel, "etiquette ask", question="may i hum during the tea ceremony")
    assert "Hum softly." in answer.text
    assert "by another version of me" in (await admin.run(channel, "guidance show", entry="own-bad")).text
    assert (database.unreadable("entry"), database.unreadable("setting")) == (1, 1)
    assert bot.metrics.registry.get_sample_value("rsvno_unreadable", {"kind": "entry"}) == 1
    # and it leaves the server as it came
    assert "perhaps" in export_yaml([each.document for each in await store.entries.all()])
    await store.entries.remove("own-bad", editor=1)


async def test_who_has_too_many_wordings_is_told_so(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_WORDINGS", 1)
    server = discord.server()
    channel, admin = server.channel("general"), server.member("admin", "manage_guild")
    await database.server(server.id).entries.add(GOOD, editor=1)
    form = await admin.run(channel, "guidance add")
    refused = await admin.submit(form, question="May I whistle?", verdict="yes", advice="Softly.")
    assert "2 wordings in this server's entries, and they may have 1 together" in refused.text


async def test_a_server_is_kept_while_the_bot_is_there_and_only_left_ones_go(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    here, left = discord.server("here"), discord.server("left")
    for server in (here, left):
        await database.server(server.id).settings.change(inbox=True)
    left.kick_bot()
    await discord.settled()
    await database.left(here.id)
    assert (bot.is_in(here.id), bot.is_in(left.id)) == (True, False)
    assert (await database.purge(present=bot.is_in))["servers"] == 0
    database.core.now = lambda: utc_now() + timedelta(days=31)
    assert (await database.purge(present=bot.is_in))["servers"] == 1
    assert await database.server_ids() == {here.id}


async def test_joining_is_noted_though_the_database_was_away_at_that_moment(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    server = discord.server()
    server.channel("general")
    await database.server(server.id).settings.change(greeted=True)
    server.kick_bot()
    await discord.settled()
    away = True

    def fail(*_: Any) -> None:
        if away:
            raise OSError(5, "broken")

    event.listen(database.engine.sync_engine, "before_cursor_execute", fail)
    server.add_bot()
    await discord.settled()
    away = False
    await database.purge(present=bot.is_in)
    assert await database.still_in([server.id]) == []
    assert await database.still_in([]) == [server.id]


async def test_each_process_knows_the_servers_of_its_own_shards(
    discord: LocalDiscord, start: Any, database: Database
) -> None:
    ours, others = (0 << 22) + 5, (1 << 22) + 5
    for server_id in (ours, others):
        await database.server(server_id).settings.change(inbox=True)
    bot = await start(shards=ShardSettings(count=2, ids=(0,)))
    assert (bot.is_in(ours), bot.is_in(others)) == (False, None)
    # once more, and until it is over: only ours is marked
    await bot.on_ready()
    await asyncio.gather(*bot.desk.at_work)
    assert await database.still_in([]) == [others]
