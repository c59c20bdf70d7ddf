"""The picture of `/stats`: questions over time, stacked by topic, and the share that was answered.

Colours are those of Okabe and Ito (2008), which the colour-blind can tell apart; the stacks also differ in hatching.
The ground is opaque and dark, so that it reads alike on Discord's dark and light themes; the type is large enough for a
phone, where Discord shows the picture about 350 points wide.
"""

from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import babel
from babel.dates import format_skeleton
from babel.numbers import format_percent

from bot.stats.summary import Span, Summary

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

    `titles` names topics, and `labels` (questions, answered, others, none, own) the rest, if it is not in English;
    days and percents are written as in `locale`.

    Raises ValueError for a summary without questions: an empty picture says nothing.
    """
    # imported when first needed: 30 MB, and most of a second
    from matplotlib import rc_context

    if not summary.questions:
        raise ValueError("there is nothing to draw")
    said = {
        "questions": "Questions", "answered": "Answered", "others": "Other topics", "none": "No topic found",
        "own": "This server's own", **(labels or {}),
    }  # fmt: skip
    spans = _spans(summary)
    topics = [topic for topic, _ in summary.topics]
    shown, rest = topics[: len(COLORS)], topics[len(COLORS) :]
    stacks = [
        Stack(titles.get(topic, said["own"]), color, hatch, [span.topics[topic] for span in spans])
        for topic, color, hatch in zip(shown, COLORS, HATCHES, strict=False)
    ]
    if rest:
        values = [sum(span.topics[topic] for topic in rest) for span in spans]
        stacks.append(Stack(said["others"], OTHERS, "", values))
    stacks.append(Stack(said["none"], UNANSWERED, "", [span.topics[""] for span in spans]))
    settings: dict[Any, Any] = {
        "font.size": 15, "text.color": TEXT, "axes.labelcolor": TEXT, "xtick.color": TEXT, "ytick.color": TEXT,
        "hatch.linewidth": 0.6, "hatch.color": GROUND,
    }  # fmt: skip
    # the settings of matplotlib hold for the whole process, and two servers may ask at once
    with _DRAWING, rc_context(settings):
        return _paint(spans, [stack for stack in stacks if any(stack.values)], said, locale)


@dataclass(frozen=True, slots=True)
class Stack:
    """One colour of the bars: its name in the legend, and its questions in each span."""

    name: str
    color: str
    hatch: str
    values: Sequence[int]


def _spans(summary: Summary) -> Sequence[Span]:
    """Returns the days, or the weeks (from Monday) where there are too many days for a bar each."""
    if len(summary.days) <= MOST_BARS:
        return summary.days
    weeks: dict[date, Span] = {}
    for day in summary.days:
        monday = day.since - timedelta(days=day.since.weekday())
        week = weeks.setdefault(monday, Span(monday, Counter(), Counter()))
        week.topics.update(day.topics)
        week.outcomes.update(day.outcomes)
    return list(weeks.values())


def _paint(spans: Sequence[Span], stacks: Sequence[Stack], said: Mapping[str, str], locale: babel.Locale) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    figure = Figure(figsize=(8, 6), dpi=150, facecolor=GROUND, layout="constrained")
    FigureCanvasAgg(figure)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    places = range(len(spans))
    floor = [0] * len(spans)
    for stack in stacks:
        upper.bar(places, stack.values, bottom=floor, color=stack.color, hatch=stack.hatch, width=0.85,
                  label=stack.name, edgecolor=GROUND, linewidth=0.5)  # fmt: skip
        floor = [low + value for low, value in zip(floor, stack.values, strict=True)]
    upper.set_ylabel(said["questions"])
    upper.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    # as many columns as keep the names readable
    upper.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False, fontsize=13, labelcolor=TEXT,
        columnspacing=1.2, handlelength=1.6,
    )  # fmt: skip
    # where nothing was asked, the line has a gap
    shares = [float("nan") if span.answered_share is None else 100 * span.answered_share for span in spans]
    lower.plot(places, shares, color=TEXT, marker="o", markersize=6, linewidth=2)
    lower.set_ylim(-5, 105)
    lower.set_ylabel(said["answered"])
    lower.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_percent(value / 100, locale=locale)))
    lower.set_yticks([0, 50, 100])
    step = max(1, -(-len(spans) // 7))
    lower.set_xticks(
        list(places)[::step], [format_skeleton("MMMd", span.since, locale=locale) for span in spans[::step]]
    )
    for axes in (upper, lower):
        axes.set_facecolor(GROUND)
        axes.grid(axis="y", color=GRID)
        axes.set_axisbelow(True)
        for side in axes.spines.values():
            side.set_color(GRID)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", facecolor=GROUND)
    return buffer.getvalue()
