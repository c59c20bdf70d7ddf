"""What is kept of a server, on both engines."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage import AlreadyExists, Database, LimitReached, NotFound, ServerSettings, core
from bot.storage.core import FRESH_SECONDS
from bot.storage.engine import reading
from tests.storage.conftest import Clock

DOCUMENT = {"id": "own-a", "question": "A?", "verdict": "no", "advice": "No."}


def changed(**changes: Any) -> dict[str, Any]:
    """The document, changed."""
    return {**DOCUMENT, **changes}


async def test_settings_are_kept_all_or_none(database: Database, url: str) -> None:
    store = database.server(7)
    assert await store.settings.get() == ServerSettings()
    await store.settings.change(listening="channels", listening_channels={3, 2**63 - 1}, editor_roles={9})
    with pytest.raises(ValidationError):
        await store.settings.change(inbox=True, time_zone="Moon/Base")
    again = await Database.open(url)
    kept = await again.server(7).settings.get()
    await again.close()
    assert kept.listening_channels == {3, 2**63 - 1}
    assert kept.editor_roles == {9}
    assert not kept.inbox
    assert await database.server(8).settings.get() == ServerSettings()


async def test_a_change_by_another_program_is_seen_when_what_was_remembered_is_old(
    database: Database, url: str
) -> None:
    store = database.server(7)
    await store.settings.get()
    other = await Database.open(url)
    await other.server(7).settings.change(inbox=True)
    await other.close()
    assert not (await store.settings.get()).inbox
    database.core.cache.expire(time.monotonic() + FRESH_SECONDS)
    assert (await store.settings.get()).inbox


async def test_what_is_changed_during_a_look_is_not_remembered_as_it_was(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = database.server(7)

    @asynccontextmanager
    async def reading_slowly(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        async with reading(engine) as connection:
            yield connection
        await store.settings.change(inbox=True)

    with monkeypatch.context() as patch:
        patch.setattr(core, "reading", reading_slowly)
        assert not (await store.settings.get()).inbox
    assert (await store.settings.get()).inbox


async def test_entries_are_added_changed_removed_and_restored(database: Database) -> None:
    store = database.server(7)
    first = await store.entries.revision()
    await store.entries.add(DOCUMENT, editor=1)
    with pytest.raises(AlreadyExists):
        await store.entries.add(DOCUMENT, editor=1)
    await store.entries.edit("own-a", changed(question="B?"), editor=2)
    await store.entries.add(changed(id="own-b"), editor=1)
    assert [each.document["question"] for each in await store.entries.all()] == ["B?", "A?"]
    await store.entries.remove("own-a", editor=3)
    with pytest.raises(NotFound):
        await store.entries.get("own-a")
    assert [(each.number, each.action, each.editor) for each in await store.entries.history("own-a")] == [
        (3, "removed", 3),
        (2, "edited", 2),
        (1, "added", 1),
    ]
    restored = await store.entries.restore("own-a", 1, editor=4)
    assert (restored.version, restored.document["question"]) == (4, "A?")
    assert [(each.entry_id, each.removed) for each in await store.entries.ever_known()] == [
        ("own-b", False),
        ("own-a", False),
    ]
    assert await store.entries.revision() == first + 5
    for missing in (
        store.entries.restore("own-a", 99, editor=1),
        store.entries.restore("never", 1, editor=1),
        store.entries.history("never"),
    ):
        with pytest.raises(NotFound):
            await missing


async def test_an_import_is_all_or_none(database: Database) -> None:
    store = database.server(7)
    await store.settings.change(entries_limit=3)
    await store.entries.add(DOCUMENT, editor=None)
    with pytest.raises(LimitReached):
        await store.entries.import_all(
            [changed(id=f"own-{number}") for number in range(3)], [changed(advice="X")], editor=1
        )
    with pytest.raises(NotFound):
        await store.entries.import_all([changed(id="own-new")], [changed(id="own-missing")], editor=1)
    assert [each.document for each in await store.entries.all()] == [DOCUMENT]
    await store.entries.import_all([changed(id="own-new")], [changed(advice="X")], editor=1)
    assert [each.document["advice"] for each in await store.entries.all()] == ["X", "No."]


async def test_built_in_entries_are_hidden_and_shown(database: Database) -> None:
    store = database.server(7)
    for _ in range(2):
        await store.entries.hide("some-entry")
    assert await store.entries.hidden() == {"some-entry"}
    await store.entries.unhide("some-entry")
    with pytest.raises(NotFound):
        await store.entries.unhide("some-entry")


async def test_counting_by_the_servers_own_day(database: Database, clock: Clock) -> None:
    store = database.server(7)
    await store.counters.count(route="command", outcome="answer", topic="t", entry="e", verdict="no")
    await store.settings.change(time_zone="Asia/Tokyo")
    await store.counters.count(route="command", outcome="answer", topic="t", entry="e", verdict="no")
    rows = await store.counters.between(date(2026, 5, 1), date(2026, 5, 31))
    assert [(row.day, row.questions) for row in rows] == [(date(2026, 5, 17), 1), (date(2026, 5, 18), 1)]
    assert await store.counters.between(date(2026, 5, 19), date(2026, 5, 31)) == []


async def test_many_at_once_are_all_counted(database: Database) -> None:
    stores = [database.server(number) for number in range(5)]
    await asyncio.gather(
        *(
            store.counters.count(route="command", outcome="answer", entry=f"e{n % 3}")
            for n in range(100)
            for store in stores
        )
    )
    for store in stores:
        today = await store.counters.today()
        assert sum(row.questions for row in await store.counters.between(today, today)) == 100
    assert sum(row.questions for row in await database.stats_of_all(date(2026, 1, 1), date(2026, 12, 31))) == 500


async def test_the_first_questions_of_a_server_cost_no_transaction_each(database: Database) -> None:
    """However many come at once to servers of which nothing is kept yet."""
    begun: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        begun.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    calls = [database.server(n % 3).counters.count(route="command", outcome="none") for n in range(300)]
    await asyncio.gather(*calls)
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    assert len([each for each in begun if each.startswith("INSERT INTO servers")]) <= 3
    assert await database.server_ids() == {0, 1, 2}
    for number in range(3):
        store = database.server(number)
        today = await store.counters.today()
        assert [row.questions for row in await store.counters.between(today, today)] == [100]
        assert (await store.row()).there


async def test_helpful_counts_once_and_can_be_changed(database: Database) -> None:
    store = database.server(7)

    async def judge(person: int, helpful: bool) -> bool:
        return await store.counters.judge(person=person, entry="e", topic="t", helpful=helpful)

    assert [await judge(1, True), await judge(1, True), await judge(1, False), await judge(2, True)] == [
        True,
        False,
        True,
        True,
    ]
    today = await store.counters.today()
    rows = await store.counters.between(today, today)
    assert (sum(row.helpful for row in rows), sum(row.unhelpful for row in rows)) == (1, 1)
    assert sum(row.questions for row in rows) == 0


async def test_a_judgement_is_taken_back_with_what_was_counted_of_it(database: Database) -> None:
    counters, others = database.server(7).counters, database.server(8).counters
    await others.judge(person=1, entry="e", topic="t", helpful=True)
    assert await counters.take_back(person=1, entry="e") is None
    today = await counters.today()
    for helpful in (True, False):
        assert await counters.judgement(person=1, entry="e") is None
        assert await counters.judge(person=1, entry="e", topic="t", helpful=helpful)
        assert await counters.judgement(person=1, entry="e") is helpful
        assert await counters.judgement(person=2, entry="e") is None
        assert await counters.judgement(person=1, entry="f") is None
        assert await counters.take_back(person=1, entry="e") is helpful
        rows = await counters.between(today, today)
        assert (sum(row.helpful for row in rows), sum(row.unhelpful for row in rows)) == (0, 0)
    assert await others.judgement(person=1, entry="e") is True


async def test_what_an_answer_did_not_help_is_taken_back_from_the_inbox_once(database: Database) -> None:
    inbox = database.server(7).inbox
    await database.server(7).settings.change(inbox=True)
    for question, reason in (("q", "none"), ("q", "unhelpful"), ("q", "reported"), ("r", "unhelpful")):
        await inbox.keep(question, reason)  # type: ignore[arg-type]  # these are reasons
    assert await inbox.take_back("q")
    assert await inbox.take_back("q")
    assert not await inbox.take_back("q")
    assert sorted((each.question, each.reason) for each in await inbox.all()) == [("q", "none"), ("r", "unhelpful")]


async def test_the_inbox_is_off_until_it_is_on_and_forgets(database: Database, clock: Clock) -> None:
    store = database.server(7)
    assert not await store.inbox.keep("q", "none")
    await store.settings.change(inbox=True, inbox_days=7)
    assert await store.inbox.keep("q" * 2000, "none")
    assert [len(each.question) for each in await store.inbox.all()] == [500]
    clock.advance(6)
    await store.inbox.keep("r", "unhelpful")
    clock.advance(2)
    assert [each.question for each in await store.inbox.all()] == ["r"]
    assert (await database.purge())["unanswered"] == 1
    waiting = await store.inbox.all()
    assert await store.inbox.dismiss([waiting[0].id, 12345]) == 1
    assert await store.inbox.all() == []


async def test_a_person_is_forgotten_everywhere(database: Database) -> None:
    for server in (7, 8):
        store = database.server(server)
        await store.entries.add(DOCUMENT, editor=42)
        await store.counters.judge(person=42, entry="e", topic="t", helpful=True)
        await store.counters.judge(person=43, entry="e", topic="t", helpful=True)
    assert await database.forget_person(42) == 4
    assert await database.forget_person(42) == 0
    assert [each.editor for each in await database.server(7).entries.history("own-a")] == [None]
    today = await database.server(7).counters.today()
    # what that person said is taken back, or they could say it again and again
    assert sum(row.helpful for row in await database.server(7).counters.between(today, today)) == 1


async def test_a_server_that_was_left_is_kept_for_thirty_days(database: Database, clock: Clock) -> None:
    for server in (7, 8, 9):
        await database.server(server).settings.change(inbox=True)
        await database.server(server).counters.count(route="command", outcome="none")
    await database.left(7)
    clock.advance(20)
    assert await database.still_in([8]) == [9]
    assert await database.still_in([8]) == []
    clock.advance(11)
    assert (await database.purge())["servers"] == 1
    assert await database.server_ids() == {8, 9}
    await database.joined(9)
    clock.advance(40)
    await database.purge()
    assert await database.server_ids() == {8, 9}
    assert (await database.server(9).settings.get()).inbox


async def test_votes_are_dropped_after_thirty_days(database: Database, clock: Clock) -> None:
    store = database.server(7)
    await store.counters.judge(person=1, entry="e", topic="t", helpful=True)
    clock.advance(31)
    assert (await database.purge())["votes"] == 1
    rows = await store.counters.between(date(2026, 1, 1), (await store.counters.today()) + timedelta(days=1))
    assert sum(row.helpful for row in rows) == 1


async def test_notes_and_the_key_of_the_hashes(database: Database, url: str) -> None:
    assert await database.note("commands") is None
    await database.keep_note("commands", "one")
    await database.keep_note("commands", "two")
    assert await database.note("commands") == "two"
    again = await Database.open(url)
    assert await again.core.secret() == await database.core.secret()
    assert len(await database.core.secret()) == 32
    await again.close()
