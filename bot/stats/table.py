"""Counters as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from bot.storage import CountRow

COLUMNS = ("day", "route", "outcome", "topic", "entry", "verdict", "questions", "helpful", "unhelpful")


def as_csv(rows: Sequence[CountRow], *, with_server: bool = False) -> str:
    """Returns counters as CSV with a header, by day; judgements are rows of the outcome `judged`."""
    columns = ("guild_id", *COLUMNS) if with_server else COLUMNS
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["server" if column == "guild_id" else column for column in columns])
    key = lambda row: (row.guild_id, row.day, row.route, row.outcome, row.topic, row.entry)  # noqa: E731
    for row in sorted(rows, key=key):
        writer.writerow([getattr(row, column) for column in columns])
    return text.getvalue()
