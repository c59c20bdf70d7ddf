"""`rsvno test`: how a question is matched, for whoever writes guidance."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.advice.advisor import Advice, Inspection
from bot.matching.policies import Outcome
from bot.matching.ranking import Match


def print_inspection(console: Console, seen: Inspection, hidden: Collection[str]) -> None:
    """Writes both rankings with their scores, then what would be answered, asked and unasked."""
    for title, matches in (("The server's own", seen.own), ("Built in", seen.built_in)):
        if matches:
            console.print(_ranking(title, matches, hidden))
    console.print(Text.assemble(("Asked: ", "bold"), _outcome(seen.asked)))
    console.print(Text.assemble(("Overheard: ", "bold"), _outcome(seen.overheard)))


def _ranking(title: str, matches: Sequence[Match], hidden: Collection[str]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("confidence", justify="right")
    table.add_column("likeness", justify="right")
    table.add_column("entry", overflow="fold")
    table.add_column("question", overflow="fold")
    for match in matches:
        name = f"{match.entry.id} (hidden)" if match.entry.id in hidden else match.entry.id
        table.add_row(f"{match.confidence:.0%}", f"{match.cosine:.2f}", name, Text(match.entry.question))
    return table


def _outcome(advice: Advice) -> str:
    if advice.outcome is Outcome.ANSWER and advice.entry is not None:
        whose = "the server's own" if advice.own else "built in"
        return f"answers with {advice.entry.id} ({whose}, confidence {advice.confidence:.0%})"
    if advice.asked is not None:
        answers = "; ".join(f"{label} -> {match.entry.id}" for label, match in advice.asked.answers)
        return f"asks: {advice.asked.question} {answers}"
    if advice.outcome is Outcome.CHOICES:
        return "offers " + ", ".join(match.entry.id for match in advice.choices)
    return "no answer"
