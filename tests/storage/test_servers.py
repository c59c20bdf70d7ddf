"""What is kept of a server, on both engines."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.storage import AlreadyExists, Database, LimitReached, NotFound, ServerSettings
from tests.storage.conftest import Clock

DOCUMENT = {"id": "own-a", "question": "A?", "verdict": "no", "advice": "No."}


def changed(**changes: Any) -> dict[str, Any]:
    """The document, changed."""
    return {**DOCUMENT, **changes}


async def test_settings_are_kept_all_or_none(database: Database, url: str) -> None:
    store = database.server(7)
    assert await store.settings() == ServerSettings()
    await store.change_settings(listening="channels", listening_channels={3, 2**63 - 1}, editor_roles={9})
    with pytest.raises(ValidationError):
        await store.change_settings(inbox=True, time_zone="Moon/Base")
    again = await Database.open(url)
    kept = await again.server(7).settings()
    await again.close()
    assert kept.listening_channels == {3, 2**63 - 1}
    assert kept.editor_roles == {9}
    assert not kept.inbox
    assert await database.server(8).settings() == ServerSettings()


async def test_a_change_by_another_program_is_seen_when_what_was_remembered_is_old(
    database: Database, url: str
) -> None:
    store = database.server(7)
    await store.settings()
    other = await Database.open(url)
    await other.server(7).change_settings(inbox=True)
    await other.close()
    database.core.cache[7].until = 0.0
    assert (await store.settings()).inbox


async def test_entries_are_added_changed_removed_and_restored(database: Database) -> None:
    store = database.server(7)
    first = await store.entries_version()
    await store.add_entry(DOCUMENT, editor=1)
    with pytest.raises(AlreadyExists):
        await store.add_entry(DOCUMENT, editor=1)
    await store.edit_entry("own-a", changed(question="B?"), editor=2)
    await store.add_entry(changed(id="own-b"), editor=1)
    assert [each.document["question"] for each in await store.entries()] == ["B?", "A?"]
    await store.remove_entry("own-a", editor=3)
    with pytest.raises(NotFound):
        await store.entry("own-a")
    assert [(each.number, each.action, each.editor) for each in await store.history("own-a")] == [
        (3, "removed", 3),
        (2, "edited", 2),
        (1, "added", 1),
    ]
    restored = await store.restore("own-a", 1, editor=4)
    assert (restored.version, restored.document["question"]) == (4, "A?")
    assert [(each.entry_id, each.removed) for each in await store.ever_known()] == [("own-b", False), ("own-a", False)]
    assert await store.entries_version() == first + 5
    for missing in (store.restore("own-a", 99, editor=1), store.restore("never", 1, editor=1), store.history("never")):
        with pytest.raises(NotFound):
            await missing


async def test_an_import_is_all_or_none(database: Database) -> None:
    store = database.server(7)
    await store.change_settings(entries_limit=3)
    await store.add_entry(DOCUMENT, editor=None)
    with pytest.raises(LimitReached):
        await store.import_entries(
            [changed(id=f"own-{number}") for number in range(3)], [changed(advice="X")], editor=1
        )
    with pytest.raises(NotFound):
        await store.import_entries([changed(id="own-new")], [changed(id="own-missing")], editor=1)
    assert [each.document for each in await store.entries()] == [DOCUMENT]
    await store.import_entries([changed(id="own-new")], [changed(advice="X")], editor=1)
    assert [each.document["advice"] for each in await store.entries()] == ["X", "No."]


async def test_built_in_entries_are_hidden_and_shown(database: Database) -> None:
    store = database.server(7)
    for _ in range(2):
        await store.hide("some-entry")
    assert await store.hidden() == {"some-entry"}
    await store.unhide("some-entry")
    with pytest.raises(NotFound):
        await store.unhide("some-entry")


async def test_counting_by_the_servers_own_day(database: Database, clock: Clock) -> None:
    store = database.server(7)
    await store.count(route="command", outcome="answer", topic="t", entry="e", verdict="no")
    await store.change_settings(time_zone="Asia/Tokyo")
    await store.count(route="command", outcome="answer", topic="t", entry="e", verdict="no")
    rows = await store.stats(date(2026, 5, 1), date(2026, 5, 31))
    assert [(row.day, row.questions) for row in rows] == [(date(2026, 5, 17), 1), (date(2026, 5, 18), 1)]
    assert await store.stats(date(2026, 5, 19), date(2026, 5, 31)) == []


async def test_many_at_once_are_all_counted(database: Database) -> None:
    stores = [database.server(number) for number in range(5)]
    await asyncio.gather(
        *(store.count(route="command", outcome="answer", entry=f"e{n % 3}") for n in range(100) for store in stores)
    )
    for store in stores:
        today = await store.today()
        assert sum(row.questions for row in await store.stats(today, today)) == 100
    assert sum(row.questions for row in await database.stats_of_all(date(2026, 1, 1), date(2026, 12, 31))) == 500


async def test_helpful_counts_once_and_can_be_changed(database: Database) -> None:
    store = database.server(7)

    async def judge(person: int, helpful: bool) -> bool:
        return await store.count_helpful(person=person, answer=5, entry="e", topic="t", helpful=helpful)

    assert [await judge(1, True), await judge(1, True), await judge(1, False), await judge(2, True)] == [
        True,
        False,
        True,
        True,
    ]
    today = await store.today()
    rows = await store.stats(today, today)
    assert (sum(row.helpful for row in rows), sum(row.unhelpful for row in rows)) == (1, 1)
    assert sum(row.questions for row in rows) == 0


async def test_the_inbox_is_off_until_it_is_on_and_forgets(database: Database, clock: Clock) -> None:
    store = database.server(7)
    assert not await store.keep_unanswered("q", "none")
    await store.change_settings(inbox=True, inbox_days=7)
    assert await store.keep_unanswered("q" * 2000, "none")
    assert [len(each.question) for each in await store.unanswered()] == [500]
    clock.advance(6)
    await store.keep_unanswered("r", "unhelpful")
    clock.advance(2)
    assert [each.question for each in await store.unanswered()] == ["r"]
    assert (await database.purge())["unanswered"] == 1
    waiting = await store.unanswered()
    assert await store.dismiss([waiting[0].id, 12345]) == 1
    assert await store.unanswered() == []


async def test_a_person_is_forgotten_everywhere(database: Database) -> None:
    for server in (7, 8):
        store = database.server(server)
        await store.add_entry(DOCUMENT, editor=42)
        await store.count_helpful(person=42, answer=5, entry="e", topic="t", helpful=True)
        await store.count_helpful(person=43, answer=5, entry="e", topic="t", helpful=True)
    assert await database.forget_person(42) == 4
    assert await database.forget_person(42) == 0
    assert [each.editor for each in await database.server(7).history("own-a")] == [None]
    today = await database.server(7).today()
    assert sum(row.helpful for row in await database.server(7).stats(today, today)) == 2


async def test_a_server_that_was_left_is_kept_for_thirty_days(database: Database, clock: Clock) -> None:
    for server in (7, 8, 9):
        await database.server(server).change_settings(inbox=True)
        await database.server(server).count(route="command", outcome="none")
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
    assert (await database.server(9).settings()).inbox


async def test_votes_are_dropped_after_thirty_days(database: Database, clock: Clock) -> None:
    store = database.server(7)
    await store.count_helpful(person=1, answer=5, entry="e", topic="t", helpful=True)
    clock.advance(31)
    assert (await database.purge())["votes"] == 1
    rows = await store.stats(date(2026, 1, 1), (await store.today()) + timedelta(days=1))
    assert sum(row.helpful for row in rows) == 1


async def test_notes_and_the_key_of_the_hashes(database: Database, url: str) -> None:
    assert await database.note("commands") is None
    await database.keep_note("commands", "one")
    await database.keep_note("commands", "two")
    assert await database.note("commands") == "two"
    again = await Database.open(url)
    assert await again.secret() == await database.secret()
    assert len(await database.secret()) == 32
    await again.close()
