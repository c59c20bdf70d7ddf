"""Two servers never see each other's rows: whatever is done to both, each is as if it were alone."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.storage import Database, ServerStore, StorageFault
from bot.storage.schema import OF_SERVERS, metadata
from tests.storage.conftest import Clock

IDS = st.sampled_from(["own-a", "own-b"])
OPERATIONS = st.one_of(
    st.tuples(st.just("add"), IDS),
    st.tuples(st.just("edit"), IDS),
    st.tuples(st.just("remove"), IDS),
    st.tuples(st.just("restore"), IDS),
    st.tuples(st.just("hide"), IDS),
    st.tuples(st.just("unhide"), IDS),
    st.tuples(st.just("count"), IDS),
    st.tuples(st.just("judge"), IDS),
    st.tuples(st.just("unanswered"), IDS),
    st.tuples(st.just("dismiss"), IDS),
    st.tuples(st.just("settings"), IDS),
    st.tuples(st.just("forget"), IDS),
)
SCRIPTS = st.lists(st.tuples(st.sampled_from([7, 8]), OPERATIONS), max_size=14)


async def do(store: ServerStore, operation: tuple[str, str], step: int) -> None:
    """Carries out one operation; what is refused is refused."""
    name, entry = operation
    document = {"id": entry, "question": f"Question {step}?"}
    try:
        match name:
            case "add":
                await store.add_entry(document, editor=step)
            case "edit":
                await store.edit_entry(entry, document, editor=step)
            case "remove":
                await store.remove_entry(entry, editor=step)
            case "restore":
                await store.restore(entry, 1, editor=step)
            case "hide":
                await store.hide(entry)
            case "unhide":
                await store.unhide(entry)
            case "count":
                await store.count(route="command", outcome="answer", entry=entry)
            case "judge":
                await store.count_helpful(person=1, answer=1, entry=entry, topic="t", helpful=step % 2 == 0)
            case "unanswered":
                await store.keep_unanswered(f"question {step}", "none")
            case "dismiss":
                await store.dismiss([each.id for each in await store.unanswered()])
            case "settings":
                await store.change_settings(inbox=True, inbox_days=1 + step % 30)
            case "forget":
                await store.forget()
    except StorageFault:
        pass


async def seen(store: ServerStore) -> Any:
    """Everything that a server can see of itself."""
    today = await store.today()
    return (
        await store.settings(),
        await store.entries(),
        await store.ever_known(),
        [await store.history(known.entry_id) for known in await store.ever_known()],
        await store.hidden(),
        sorted((each.question, each.reason) for each in await store.unanswered()),
        [
            (row.outcome, row.entry, row.questions, row.helpful, row.unhelpful)
            for row in sorted(await store.stats(today, today), key=lambda row: (row.outcome, row.entry))
        ],
    )


@settings(max_examples=40, deadline=None)
@given(SCRIPTS)
def test_each_server_is_as_if_it_were_alone(script: list[tuple[int, tuple[str, str]]]) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            clock = Clock()
            together = await Database.open(f"sqlite:///{Path(folder) / 'together.sqlite3'}", now=clock)
            for step, (server, operation) in enumerate(script):
                await do(together.server(server), operation, step)
            for server in (7, 8):
                alone = await Database.open(f"sqlite:///{Path(folder) / f'{server}.sqlite3'}", now=clock)
                for step, (whose, operation) in enumerate(script):
                    if whose == server:
                        await do(alone.server(server), operation, step)
                assert await seen(together.server(server)) == await seen(alone.server(server))
                await alone.close()
            await together.close()

    asyncio.run(run())


def test_every_servers_table_begins_its_key_with_the_server() -> None:
    for table in OF_SERVERS:
        assert next(iter(table.primary_key.columns)).name == "guild_id"
    assert {table.name for table in metadata.sorted_tables} - {table.name for table in OF_SERVERS} == {"keys", "notes"}
