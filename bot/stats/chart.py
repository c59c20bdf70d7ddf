"""The picture of `/stats`: questions over time, stacked by topic, and the share that was answered.

Colours are those of Okabe and Ito (2008), which the colour-blind can tell apart; the stacks also differ in hatching.
The ground is opaque and dark, so that it reads alike on Discord's dark and light themes; the type is large enough for a
phone, where Discord shows the picture about 350 points wide.
"""

from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import babel
from babel.dates import format_skeleton
from babel.numbers import format_percent
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from bot.stats.summary import ANSWER, Summary

COLORS = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#D55E00")
"""Of the topics asked most; the others share one."""
HATCHES = ("", "///", "..", "\\\\\\", "xx", "--")
OTHERS = "#6E7681"
UNANSWERED = "#C9D1D9"
GROUND, TEXT, GRID = "#1F2128", "#F2F3F5", "#3A3D46"
_DRAWING = threading.Lock()
MOST_BARS = 31
"""More days than this are summed by the week."""


ENGLISH = babel.Locale("en", "US")


def draw(
    summary: Summary,
    titles: Mapping[str, str],
    labels: Mapping[str, str] | None = None,
    locale: babel.Locale = ENGLISH,
) -> bytes:
    """Returns the picture as PNG, 1,200 by 900 pixels.

    `titles` names topics; `labels` may translate the rest; days and percents are written as in `locale`.

    Raises ValueError for a summary without questions: an empty picture says nothing.
    """
    if not summary.questions:
        raise ValueError("there is nothing to draw")
    said = {
        "questions": "Questions", "answered": "Answered", "others": "Other topics", "none": "No topic found",
        "own": "This server's own", **(labels or {}),
    }  # fmt: skip
    bars = _bars(summary)
    topics = [topic for topic, _ in summary.topics]
    shown, rest = topics[: len(COLORS)], topics[len(COLORS) :]
    stacks: list[tuple[str, str, str, list[int]]] = [
        (titles.get(topic, said["own"]), COLORS[at], HATCHES[at], [counted[topic] for _, counted, _ in bars])
        for at, topic in enumerate(shown)
    ]
    if rest:
        values = [sum(counted[topic] for topic in rest) for _, counted, _ in bars]
        stacks.append((said["others"], OTHERS, "", values))
    stacks.append((said["none"], UNANSWERED, "", [counted[""] for _, counted, _ in bars]))
    settings: dict[Any, Any] = {
        "font.size": 15, "text.color": TEXT, "axes.labelcolor": TEXT, "xtick.color": TEXT, "ytick.color": TEXT,
        "hatch.linewidth": 0.6, "hatch.color": GROUND,
    }  # fmt: skip
    # the settings of matplotlib hold for the whole process, and two servers may ask at once
    with _DRAWING, rc_context(settings):
        return _paint(bars, [stack for stack in stacks if any(stack[3])], said, locale)


Bar = tuple[date, Counter[str], Counter[str]]


def _bars(summary: Summary) -> list[Bar]:
    if len(summary.days) <= MOST_BARS:
        return [(day, topics, outcomes) for day, topics, outcomes in summary.days]
    weeks: dict[date, tuple[Counter[str], Counter[str]]] = {}
    for day, topics, outcomes in summary.days:
        held = weeks.setdefault(day - timedelta(days=day.weekday()), (Counter(), Counter()))
        held[0].update(topics)
        held[1].update(outcomes)
    return [(monday, *held) for monday, held in sorted(weeks.items())]


def _paint(
    bars: list[Bar], stacks: list[tuple[str, str, str, list[int]]], said: Mapping[str, str], locale: babel.Locale
) -> bytes:
    figure = Figure(figsize=(8, 6), dpi=150, facecolor=GROUND, layout="constrained")
    FigureCanvasAgg(figure)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    places = range(len(bars))
    floor = [0] * len(bars)
    for name, color, hatch, values in stacks:
        upper.bar(places, values, bottom=floor, color=color, hatch=hatch, width=0.85, label=name, edgecolor=GROUND,
                  linewidth=0.5)  # fmt: skip
        floor = [low + value for low, value in zip(floor, values, strict=True)]
    upper.set_ylabel(said["questions"])
    upper.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    # as many columns as keep the names readable
    upper.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False, fontsize=13, labelcolor=TEXT,
        columnspacing=1.2, handlelength=1.6,
    )  # fmt: skip
    shares = [
        100 * outcomes[ANSWER] / outcomes.total() if outcomes.total() else float("nan") for _, _, outcomes in bars
    ]
    lower.plot(places, shares, color=TEXT, marker="o", markersize=6, linewidth=2)
    lower.set_ylim(-5, 105)
    lower.set_ylabel(said["answered"])
    lower.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_percent(value / 100, locale=locale)))
    lower.set_yticks([0, 50, 100])
    step = max(1, -(-len(bars) // 7))
    lower.set_xticks(list(places)[::step], [format_skeleton("MMMd", day, locale=locale) for day, _, _ in bars[::step]])
    for axes in (upper, lower):
        axes.set_facecolor(GROUND)
        axes.grid(axis="y", color=GRID)
        axes.set_axisbelow(True)
        for side in axes.spines.values():
            side.set_color(GRID)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", facecolor=GROUND)
    return buffer.getvalue()
