"""Servers' data at the operator's terminal: their guidance, their stats, and the database's life."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from bot.advice.advisor import Advisor
from bot.advice.editing import MOST_BYTES, export_yaml, plan_import, stored_entries
from bot.configuration import Settings
from bot.documents.faults import Fault, UnusableEnvironment, UnusableFile
from bot.documents.reading import read_whole
from bot.guidance.loading import load_library, shipped_knowledge
from bot.guidance.models import Entry, Library
from bot.stats import as_csv, draw, summarize
from bot.stats.summary import first_days
from bot.storage import OPERATOR, CountRow, Database

Result = TypeVar("Result")


async def with_database(settings: Settings, act: Callable[[Database], Awaitable[Result]]) -> Result:
    """Opens the database, acts, and closes it. Raises StorageFault."""
    database = await Database.open(settings.database_url())
    try:
        return await act(database)
    finally:
        await database.close()


async def within_server(database: Database, server: int, advisor: Advisor) -> Advisor:
    """Returns the advisor with a server's own guidance."""
    store = database.server(server)
    entries, refused = stored_entries(each.document for each in await store.entries.all())
    database.note_unreadable(server, "entry", refused)
    return advisor.within(entries, await store.entries.hidden())


async def list_guidance(database: Database, server: int) -> list[str]:
    """Returns a line for each of a server's entries, and for each built-in one that it hides."""
    store = database.server(server)
    lines: list[str] = []
    for each in await store.entries.all():
        entries, _ = stored_entries([each.document])
        lines.append(_listed(entries[0]) if entries else f"{each.entry_id}: can't be read by this version")
    return lines + [f"{name}: hidden" for name in sorted(await store.entries.hidden())]


def _listed(entry: Entry) -> str:
    limit = f" (only in {', '.join(map(str, entry.channels))})" if entry.channels else ""
    return f"{entry.id}: {entry.question}{limit}"


async def add_guidance(database: Database, server: int, file: Path, library: Library) -> str:
    """Adds and changes a server's entries from a file, all or none; returns what was done. Raises UnusableFile."""
    store = database.server(server)
    raw = read_whole(file, MOST_BYTES)
    existing = {each.entry_id: each.document for each in await store.entries.all()}
    room = (await store.settings.get()).entries_limit - len(existing)
    plan = plan_import(raw, str(file), existing, library, room)
    if plan.add or plan.change:
        await store.entries.import_all(plan.add, plan.change, editor=OPERATOR)
    return f"{len(plan.add)} added, {len(plan.change)} changed, {len(plan.same)} the same already"


async def export_guidance(database: Database, server: int) -> str:
    """Returns a server's entries as a file in the knowledge format."""
    entries = await database.server(server).entries.all()
    return export_yaml([each.document for each in entries]) if entries else "entries: []\n"


async def stats_lines(
    database: Database, server: int | None, days: int, csv: Path | None, chart: Path | None
) -> list[str]:
    """Returns a server's figures (None: all servers together) as lines; writes a table and a picture if asked to.

    Raises UnusableFile for a file that can't be written.
    """
    library = load_library([shipped_knowledge()])
    if server is None:
        today = database.now().date()
        _, earlier = first_days(today, days)
        rows: list[CountRow] = await database.stats_of_all(earlier, today)
    else:
        store = database.server(server)
        today = await store.counters.today()
        _, earlier = first_days(today, days)
        rows = await store.counters.between(earlier, today)
    summary = summarize(rows, today, days)
    whose = f"server {server}" if server is not None else f"{len({row.guild_id for row in rows})} servers"
    lines = [f"{whose}, {summary.since} to {summary.until}"]
    if not summary.questions:
        lines.append("nothing was asked in this time")
    else:
        assert summary.answered_share is not None
        change = "" if summary.change is None else f" ({summary.change:+.0%} against the {days} days before)"
        lines += [
            f"questions: {summary.questions:,}{change}",
            f"answered: {summary.answered_share:.0%}, choices: {summary.choices:,}, nothing: {summary.unanswered:,}",
            "helpful: " + ("nobody said" if summary.helpful_share is None else f"{summary.helpful_share:.0%}"),
            *(f"  {count:6,}  {library.titles.get(topic, 'own guidance')}" for topic, count in summary.topics),
        ]
    if csv is not None:
        wanted = [row for row in rows if row.day >= summary.since]
        _write(csv, as_csv(wanted, with_server=server is None).encode())
    if chart is not None:
        if not summary.questions:
            raise UnusableEnvironment("--chart", "there is nothing to draw: nothing was asked in this time")
        _write(chart, draw(summary, library.titles))
    return lines


def _write(file: Path, data: bytes) -> None:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise UnusableFile([Fault(str(file), 0, f"can't be written: {error.strerror}")]) from None
