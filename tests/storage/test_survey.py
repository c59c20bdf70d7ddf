"""At start, one query tells which servers listen and which have guidance of their own, however many there are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from bot.storage import Database
from bot.storage.core import Core
from bot.storage.schema import servers

DOCUMENT = {"id": "own-a", "question": "A?", "verdict": "no", "advice": "No."}


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    said: list[str] = []

    def keep(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            said.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", keep)
    yield said
    event.remove(database.engine.sync_engine, "before_cursor_execute", keep)


async def test_one_query_for_all_servers(database: Database) -> None:
    for guild_id in range(1, 40):
        await database.server(guild_id).settings.change(inbox=True)
    await database.server(7).settings.change(listening="channels", listening_channels={1})
    await database.server(8).settings.change(listening="never")
    for guild_id in (9, 10):
        await database.server(guild_id).entries.add(DOCUMENT, editor=1)
    assert all(database.listens(guild_id) for guild_id in (7, 8, 99))
    with statements_of(database) as said:
        assert sorted(await database.survey()) == [9, 10]
    assert len(said) == 1
    with statements_of(database) as said:
        assert [guild_id for guild_id in range(50) if database.listens(guild_id)] == [7]
    assert said == []


async def test_what_is_chosen_and_what_is_seen_afterwards_counts(database: Database) -> None:
    await database.survey()
    store = database.server(7)
    await store.settings.change(listening="channels", listening_channels={1})
    assert database.listens(7)
    await store.settings.change(listening="mentioned")
    assert not database.listens(7)
    # another program chose
    other = Database(Core(database.engine, database.core.url, database.now))
    await other.server(7).settings.change(listening="channels", listening_channels={1})
    database.core.cache.clear()
    await store.settings.get()
    assert database.listens(7)
    await store.forget()
    assert not database.listens(7)


async def test_what_is_chosen_while_it_looks_is_not_lost(database: Database) -> None:
    await database.server(7).settings.change(listening="channels", listening_channels={1})
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def note(*_: Any) -> None:
        # between what the query saw and its end
        database.core.chosen(7, None)
        loop.call_soon_threadsafe(changed.set)

    event.listen(database.engine.sync_engine, "after_cursor_execute", note)
    await database.survey()
    event.remove(database.engine.sync_engine, "after_cursor_execute", note)
    assert changed.is_set() or await changed.wait()
    assert not database.listens(7)


async def test_odd_settings_listen_nowhere(database: Database) -> None:
    for guild_id, stored in ((1, []), (2, {"listening": 5}), (3, "channels"), (4, {"listening": ["channels"]})):
        async with database.engine.begin() as connection:
            row: dict[str, Any] = {"guild_id": guild_id, "settings": stored, "entries_version": 1}
            await connection.execute(servers.insert(), row)
    assert sorted(await database.survey()) == [1, 2, 3, 4]
    assert not any(database.listens(guild_id) for guild_id in (1, 2, 3, 4))
