"""Counters as figures, a table and a picture."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from matplotlib import image

from bot.stats import PERIODS, as_csv, draw, summarize
from bot.stats.chart import COLORS, GROUND
from bot.storage import CountRow

TODAY = date(2026, 3, 2)


def row(day: date, outcome: str, topic: str, questions: int, helpful: int = 0, unhelpful: int = 0) -> CountRow:
    """One counter."""
    entry = f"e-{topic}" if topic else ""
    return CountRow(1, day, "command", outcome, topic, entry, "no", questions, helpful, unhelpful)


ROWS = [
    row(TODAY, "answer", "unfollow", 6),
    row(TODAY, "choices", "", 1),
    row(TODAY - timedelta(days=6), "none", "", 3),
    row(TODAY, "judged", "unfollow", 0, 3, 1),
    row(TODAY - timedelta(days=7), "answer", "overload", 5),
    row(TODAY - timedelta(days=14), "answer", "overload", 500),
]


def test_a_summary_of_a_week() -> None:
    summary = summarize(ROWS, TODAY, 7)
    assert (summary.questions, summary.answered, summary.choices, summary.unanswered) == (10, 6, 1, 3)
    assert summary.answered_share == pytest.approx(0.6)
    assert summary.helpful_share == pytest.approx(0.75)
    assert summary.before == 5
    assert summary.change == pytest.approx(1.0)
    assert summary.topics == (("unfollow", 6),)
    assert summary.entries == (("e-unfollow", 6),)
    assert [day.since for day in summary.days] == [TODAY - timedelta(days=back) for back in range(6, -1, -1)]


def test_nothing_counted() -> None:
    summary = summarize([], TODAY, 30)
    assert summary.answered_share is None
    assert summary.helpful_share is None
    assert summary.change is None
    with pytest.raises(ValueError, match="nothing to draw"):
        draw(summary, {})


def test_a_table_has_a_header_and_a_line_a_counter() -> None:
    lines = as_csv(ROWS, with_server=True).splitlines()
    assert lines[0] == "server,day,route,outcome,topic,entry,verdict,questions,helpful,unhelpful"
    assert len(lines) == len(ROWS) + 1
    assert lines[1].startswith("1,2026-02-16,command,answer,overload")


@pytest.mark.parametrize("period", PERIODS)
def test_the_picture_really_shows_the_stacks(period: str) -> None:
    days = PERIODS[period]
    rows = [
        row(TODAY - timedelta(days=back), "answer", topic, 3)
        for back in range(days)
        for topic in ("a", "b", "c", "d", "e", "f", "g", "h")
    ]
    picture = image.imread(io.BytesIO(draw(summarize(rows, TODAY, days), {"a": "First topic"})))
    assert picture.shape[:2] == (900, 1200)
    seen = {
        "#" + "".join(f"{round(float(part) * 255):02X}" for part in pixel[:3])
        for pixel in picture[::3, ::3].reshape(-1, 4)
    }
    assert GROUND in seen
    assert set(COLORS) <= seen
