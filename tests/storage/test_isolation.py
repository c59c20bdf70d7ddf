"""Two servers never see each other's rows: whatever is done to both, each is as if it were alone."""

from __future__ import annotations

import ast
import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.storage import Database, Delta, ServerStore, StorageFault
from bot.storage.schema import OF_SERVERS, metadata
from bot.storage.server import scope
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
    st.tuples(st.just("wait"), IDS),
    st.tuples(st.just("take"), IDS),
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
                await store.entries.add(document, editor=step)
            case "edit":
                await store.entries.edit(entry, document, editor=step)
            case "remove":
                await store.entries.remove(entry, editor=step)
            case "restore":
                await store.entries.restore(entry, 1, editor=step)
            case "hide":
                await store.entries.hide(entry)
            case "unhide":
                await store.entries.unhide(entry)
            case "count":
                await store.counters.count(route="command", outcome="answer", entry=entry)
            case "judge":
                await store.counters.judge(person=1, entry=entry, topic="t", helpful=step % 2 == 0)
            case "unanswered":
                await store.inbox.keep(f"question {step}", "none")
            case "dismiss":
                await store.inbox.dismiss([each.id for each in await store.inbox.all()])
            case "wait":
                await store.waiting.keep("draft", document, entry)
            case "take":
                await store.waiting.take("draft", entry)
            case "settings":
                await store.settings.change(inbox=True, inbox_days=1 + step % 30)
            case "forget":
                await store.forget()
    except StorageFault:
        pass


async def seen(store: ServerStore) -> Any:
    """Everything that a server can see of itself."""
    today = await store.counters.today()
    return (
        await store.settings.get(),
        await store.entries.all(),
        await store.entries.ever_known(),
        [await store.entries.history(known.entry_id) for known in await store.entries.ever_known()],
        await store.entries.hidden(),
        sorted((each.question, each.reason) for each in await store.inbox.all()),
        [await store.waiting.get("draft", each) for each in ("own-a", "own-b")],
        [
            (row.outcome, row.entry, row.questions, row.helpful, row.unhelpful)
            for row in sorted(await store.counters.between(today, today), key=lambda row: (row.outcome, row.entry))
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


def test_only_the_scope_begins_a_statement() -> None:
    for module in Path(scope.__file__).parent.glob("*.py"):
        imported = {
            name.name
            for node in ast.walk(ast.parse(module.read_text()))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in node.names
        }
        begun = imported & {"select", "insert", "update", "delete", "text", "upsert", "sqlalchemy"}
        assert begun == ({"select", "update", "delete", "upsert"} if module.name == "scope.py" else set())


async def test_a_counter_of_another_server_is_refused(database: Database) -> None:
    here, there = database.server(7).counters, database.server(8).counters
    today = await here.today()
    mine, foreign = (counters.key(today, outcome="answer") for counters in (here, there))
    with pytest.raises(ValueError, match="another server"):
        await here.add({mine: Delta(questions=1), foreign: Delta(questions=1)})
    assert await here.between(today, today) == await there.between(today, today) == []
    await here.add({mine: Delta(questions=2)})
    assert [row.questions for row in await here.between(today, today)] == [2]


def test_every_servers_table_begins_its_key_with_the_server() -> None:
    for table in OF_SERVERS:
        assert next(iter(table.primary_key.columns)).name == "guild_id"
    assert {table.name for table in metadata.sorted_tables} - {table.name for table in OF_SERVERS} == {"keys", "notes"}
