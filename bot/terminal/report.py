"""`rsvno evaluate` for a person at a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.evaluation.measures import Evaluation, PolicyResult, Share
from bot.evaluation.talks import TalkFigures

SHOWN = 12
"""So many questions of each kind are printed; the page (`--html`) holds them all."""


def print_report(console: Console, evaluation: Evaluation) -> None:
    """Writes the figures of every policy, then what went wrong, worst first."""
    console.print(_summary(evaluation))
    console.print(_by_topic(evaluation))
    console.print(_by_kind(evaluation))
    for result in evaluation.policies:
        _details(console, result)


def print_talks(console: Console, figures: TalkFigures) -> None:
    """Writes how well second messages are understood, and those that are not."""
    table = Table(title="Talks of two turns", title_justify="left")
    table.add_column("what was said then")
    table.add_column("right", justify="right")
    table.add_row("a follow-up", _share(figures.follow_ups))
    table.add_row("a new question", _share(figures.new))
    table.add_row("chat: no advice", _share(figures.chat))
    table.add_row("danger: safety answer", _share(figures.danger))
    console.print(table)
    for talk, got in figures.missed[:SHOWN]:
        console.print(Text(f"  {talk.then[:80]!r}: {got}, and not {' or '.join(talk.means)}"))


def _summary(evaluation: Evaluation) -> Table:
    table = Table(title="Every policy", title_justify="left")
    table.add_column("figure")
    for result in evaluation.policies:
        table.add_column(str(result.policy), justify="right")
    rows: list[tuple[str, list[str]]] = [
        ("right entry shown", [_share(r.entry_shown) for r in evaluation.policies]),
        ("right entry offered", [_share(r.entry_offered) for r in evaluation.policies]),
        ("wrong entry shown", [_share(r.entry_wrong) for r in evaluation.policies]),
        ("shown what must not be", [_share(r.never_shown) for r in evaluation.policies]),
        ("on topic: right stance", [_share(r.stance_right) for r in evaluation.policies]),
        ("on topic: right topic", [_share(r.topic_right) for r in evaluation.policies]),
        ("on topic: right verdict", [_share(r.verdict_right) for r in evaluation.policies]),
        ("on topic: answered", [_share(r.answered) for r in evaluation.policies]),
        ("on topic: offered choices", [_share(r.choices) for r in evaluation.policies]),
        ("answers with the right topic", [_share(r.answers_right) for r in evaluation.policies]),
        ("near-misses answered", [_share(r.near_miss_answered) for r in evaluation.policies]),
        ("near-misses offered choices", [_share(r.near_miss_offered) for r in evaluation.policies]),
        ("danger: safety answer", [_share(r.safety_right) for r in evaluation.policies]),
        ("sounds near danger: safety answer", [_share(r.harmless_alarmed) for r in evaluation.policies]),
        ("ordinary: safety answer", [_share(r.safety_false) for r in evaluation.policies]),
        ("calibration error", [f"{r.calibration_error:.3f}" for r in evaluation.policies]),
        ("right, of answers at 0.9 or more", [_share(r.sure_right) for r in evaluation.policies]),
        ("median milliseconds", [f"{r.median_milliseconds:.2f}" for r in evaluation.policies]),
    ]
    for name in dict.fromkeys(name for r in evaluation.policies for name in r.chatter):
        shares = [r.chatter[name] for r in evaluation.policies]
        rows.append((f"answers in 10,000 of {name}", [f"{10_000 * s.value:.1f}  ({s.count})" for s in shares]))
    for label, cells in rows:
        table.add_row(label, *cells)
    return table


def _by_topic(evaluation: Evaluation) -> Table:
    table = Table(title="Right topic, by topic", title_justify="left")
    table.add_column("topic")
    for result in evaluation.policies:
        table.add_column(str(result.policy), justify="right")
    for topic in evaluation.topics:
        table.add_row(topic, *[_share(result.by_topic[topic]) for result in evaluation.policies])
    return table


def _by_kind(evaluation: Evaluation) -> Table:
    table = Table(title="Right entry shown, by what makes a question hard", title_justify="left")
    table.add_column("kind")
    for result in evaluation.policies:
        table.add_column(str(result.policy), justify="right")
    for kind in dict.fromkeys(kind for result in evaluation.policies for kind in result.by_kind):
        table.add_row(kind, *[_share(result.by_kind[kind]) for result in evaluation.policies])
    return table


def _details(console: Console, result: PolicyResult) -> None:
    console.rule(Text(str(result.policy)), align="left")
    table = Table(title="Confidence and accuracy", title_justify="left")
    for column in ("confidence", "answers", "said", "was"):
        table.add_column(column, justify="right")
    for item in result.calibration:
        table.add_row(
            f"{item.low:.1f} to {item.high:.1f}",
            str(item.count),
            f"{item.confidence:.2f}",
            f"{item.accuracy:.2f}",
        )
    console.print(table)
    console.print(Text("The confusions that hurt most", style="bold"))
    for confusion in result.confusions[:SHOWN]:
        console.print(Text(f"  {confusion.expected} taken for {confusion.got}: {len(confusion.questions)}"))
        for question in confusion.questions[:3]:
            console.print(Text(f"      {_short(question)}", style="dim"))
    if result.entry_misses:
        console.print(Text(f"Wrong entries shown: {len(result.entry_misses)}", style="bold"))
        for miss in sorted(result.entry_misses, key=lambda each: -each.confidence)[:SHOWN]:
            console.print(Text(f"  {_short(miss.question)}"))
            seen = f"      {miss.confidence:.0%} {miss.got}, wanted {miss.wanted} ({miss.kind})"
            console.print(Text(seen, style="dim"))
    for title, questions in (
        ("Near-misses answered", result.near_miss_questions),
        ("Chatter answered", result.chatter_questions),
        ("Danger missed", result.safety_missed),
        ("Safety answers to what sounds near danger", result.harmless_questions),
        ("Safety answers to ordinary questions", result.safety_false_questions),
    ):
        if questions:
            console.print(Text(f"{title}: {len(questions)}", style="bold"))
            for question, entry in questions[:SHOWN]:
                console.print(Text(f"  {_short(question)}  → {entry}", style="dim"))


def _share(share: Share) -> str:
    return str(share).strip() if share.of else "none asked"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:99]}…"
