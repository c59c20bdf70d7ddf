"""What one server may keep is bounded, and whatever is written is stored or refused in words."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.storage import Database, LimitReached, NotFound, TooLarge, TooManyWordings
from bot.storage.engine import reading
from bot.storage.schema import entries, entry_versions
from bot.storage.server import entries as bounds
from tests.storage.conftest import Clock

DOCUMENT = {"id": "own-a", "question": "A?", "verdict": "no", "advice": "No."}


def entry(name: str, *, wordings: int = 1, size: int = 0) -> dict[str, Any]:
    """A document with so many wordings, and at least so many bytes."""
    return {**DOCUMENT, "id": name, "examples": [f"w{each}" for each in range(wordings - 1)], "advice": "x" * size}


async def kept(database: Database) -> tuple[int, int]:
    """How many entries and versions there are, removed ones included."""
    async with reading(database.engine) as connection:
        numbers = [
            await connection.scalar(select(func.count()).select_from(each)) for each in (entries, entry_versions)
        ]
    return numbers[0] or 0, numbers[1] or 0


async def test_an_entry_keeps_its_last_fifty_versions(database: Database) -> None:
    store = database.server(7)
    await store.entries.add(DOCUMENT, editor=1)
    await store.entries.add(entry("own-b"), editor=1)
    for number in range(2, 61):
        await store.entries.edit("own-a", {**DOCUMENT, "advice": f"{number}"}, editor=1)
    assert [each.number for each in await store.entries.history("own-a")] == list(range(60, 10, -1))
    assert [each.number for each in await store.entries.history("own-b")] == [1]
    with pytest.raises(NotFound):
        await store.entries.restore("own-a", 10, editor=1)
    await store.entries.restore("own-a", 11, editor=1)
    assert (await store.entries.get("own-a")).document["advice"] == "11"


async def test_what_a_server_has_together_is_bounded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_WORDINGS", 10)
    monkeypatch.setattr(bounds, "MOST_BYTES", 2000)
    store = database.server(7)
    await store.entries.add(entry("own-a", wordings=8), editor=1)
    with pytest.raises(TooManyWordings, match="would have 11 wordings together, and may have 10"):
        await store.entries.add(entry("own-b", wordings=3), editor=1)
    with pytest.raises(TooManyWordings):
        await store.entries.edit("own-a", entry("own-a", wordings=11), editor=1)
    with pytest.raises(TooManyWordings):
        await store.entries.import_all([entry("own-b"), entry("own-c", wordings=2)], [], editor=1)
    with pytest.raises(TooLarge, match=r"bytes together, and may have 2,000") as fault:
        await store.entries.add(entry("own-b", size=2000), editor=1)
    assert fault.value.values["limit"] == 2000
    assert [each.entry_id for each in await store.entries.all()] == ["own-a"]
    assert await kept(database) == (1, 1)
    await store.entries.add(entry("own-b", wordings=2), editor=1)
    # a removed entry makes room
    await store.entries.remove("own-a", editor=1)
    await store.entries.add(entry("own-c", wordings=8), editor=1)
    with pytest.raises(TooManyWordings):
        await store.entries.restore("own-a", 1, editor=1)
    # another server has its own
    await database.server(8).entries.add(entry("own-a", wordings=10), editor=1)


async def test_who_has_too_much_already_may_make_it_less(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    store = database.server(7)
    await store.entries.add(entry("own-a", wordings=20), editor=1)
    await store.entries.add(entry("own-b", wordings=20), editor=1)
    monkeypatch.setattr(bounds, "MOST_WORDINGS", 10)
    await store.entries.edit("own-a", entry("own-a", wordings=19), editor=1)
    await store.entries.edit("own-a", {**entry("own-a", wordings=19), "advice": "as many"}, editor=1)
    with pytest.raises(LimitReached):
        await store.entries.edit("own-a", entry("own-a", wordings=20), editor=1)
    await store.entries.remove("own-b", editor=1)


async def test_a_server_with_more_entries_has_more_room_for_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_WORDINGS", 10)
    store = database.server(7)
    await store.settings.change(entries_limit=1000)
    await store.entries.add(entry("own-a", wordings=20), editor=1)
    with pytest.raises(TooManyWordings, match="may have 20"):
        await store.entries.add(entry("own-b"), editor=1)


async def test_a_history_is_bounded_in_bytes(database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_HISTORY_BYTES", 5000)
    store = database.server(7)
    await store.entries.add(entry("own-old", size=500), editor=1)
    for number in range(40):
        clock.advance(0.01)
        await store.entries.add(entry(f"own-{number}", size=500), editor=1)
        await store.entries.remove(f"own-{number}", editor=1)
    number, versions = await kept(database)
    assert number < 10
    assert versions < 10
    # what is in use is never taken, and the newest of the others stay
    assert [each.entry_id for each in await store.entries.all()] == ["own-old"]
    assert [each.number for each in await store.entries.history("own-old")] == [1]
    await store.entries.restore("own-39", 1, editor=1)


async def test_removed_entries_go_after_ninety_days(database: Database, clock: Clock) -> None:
    store = database.server(7)
    for name in ("own-a", "own-b", "own-c"):
        await store.entries.add(entry(name), editor=1)
    await store.entries.remove("own-a", editor=1)
    await store.entries.remove("own-b", editor=1)
    await store.entries.restore("own-b", 1, editor=1)
    clock.advance(89)
    assert (await database.purge())["entries"] == 0
    await store.entries.restore("own-a", 1, editor=1)
    await store.entries.remove("own-a", editor=1)
    clock.advance(91)
    assert (await database.purge())["entries"] == 1
    assert [each.entry_id for each in await store.entries.ever_known()] == ["own-c", "own-b"]
    with pytest.raises(NotFound):
        await store.entries.history("own-a")
    await store.entries.add(entry("own-a"), editor=1)
    assert [each.number for each in await store.entries.history("own-a")] == [1]


# --------------------------------------------------------------------- judgements


async def helpful(database: Database) -> tuple[int, int]:
    """The judgements of a server."""
    store = database.server(7)
    today = await store.counters.today()
    rows = await store.counters.between(today, today)
    return sum(row.helpful for row in rows), sum(row.unhelpful for row in rows)


async def test_a_person_counts_once_however_often_they_ask_or_are_forgotten(database: Database) -> None:
    counters = database.server(7).counters
    for turn in range(5):
        assert await counters.judge(person=1, entry="e", topic="t", helpful=True)
        assert not await counters.judge(person=1, entry="e", topic="t", helpful=True)
        assert await helpful(database) == (1, 0)
        assert await database.forget_person(1) == 1
        assert await helpful(database) == (0, 0), turn
    await counters.judge(person=1, entry="e", topic="t", helpful=True)
    await counters.judge(person=1, entry="e", topic="t", helpful=False)
    await counters.judge(person=1, entry="f", topic="t", helpful=False)
    assert await helpful(database) == (0, 2)


async def test_being_forgotten_twice_at_once_takes_nothing_back_twice(database: Database) -> None:
    for person in range(5):
        await database.server(7).counters.judge(person=person, entry="e", topic="t", helpful=True)
    await asyncio.gather(*(database.forget_person(1) for _ in range(5)))
    assert await helpful(database) == (4, 0)


# -------------------------------------------------------------------------- texts

ODD = ["half \ud83d of an emoji", "\udc00", "nul \x00 byte", "\U0001f600 whole", "\x85 \u2028 \ufeff", "\ud83d\ude00"]


@pytest.mark.parametrize("odd", ODD)
async def test_every_text_is_stored_whatever_signs_it_holds(database: Database, odd: str) -> None:
    store = database.server(7)
    await store.settings.change(inbox=True)
    assert await store.inbox.keep(odd, "none")
    (held,) = await store.inbox.all()
    held.question.encode()
    assert "\x00" not in held.question
    document = {**DOCUMENT, "question": odd, "examples": [odd], "say": {"warm": odd}}
    await store.entries.add(document, editor=1)
    stored = (await store.entries.get("own-a")).document
    assert stored["question"] == stored["examples"][0] == stored["say"]["warm"] == held.question
    # as a member may type it where an entry's id belongs
    for ask in (store.entries.get(odd), store.entries.history(odd), store.entries.unhide(odd)):
        with pytest.raises(NotFound):
            await ask
    await store.counters.count(route="command", outcome="answer", entry=odd)
    await database.keep_note(odd, odd)
    assert await database.note(odd) == held.question
