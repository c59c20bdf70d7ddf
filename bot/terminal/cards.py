"""One piece of advice as a card for a person at a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from bot.advice.advisor import Advice, words_to_send
from bot.advice.conversation import SMALL_TALK, Turn, Wish
from bot.guidance.models import Entry, Library, Verdict
from bot.guidance.sources import places
from bot.matching.policies import Outcome

HEADLINES: dict[Verdict, tuple[str, str, str]] = {
    Verdict.YES: ("✔", "Yes", "green"),
    Verdict.NO: ("✘", "No", "red"),
    Verdict.NO_OBLIGATION: ("○", "No obligation", "cyan"),
    Verdict.DEPENDS: ("◐", "It depends", "yellow"),
    Verdict.HOW_TO: ("➜", "Here is how", "blue"),
}
"""Symbol, words and color of each verdict: never the color alone."""
_WIDTH = 88
"""Columns of a card, where there are so many."""

Card = tuple[str, Sequence[RenderableType], str]
"""What stands in a card's upper edge, what stands inside, and its style."""
SAFETY_HEADLINE = ("▲", "Your safety comes first", "bold red")


def print_advice(console: Console, advice: Advice, library: Library) -> None:
    """Writes the card of one answer; plain lines when the console is no terminal."""
    if advice.outcome is Outcome.ANSWER and advice.entry is not None:
        card = _answer(advice, advice.entry, library)
    elif advice.outcome is Outcome.CHOICES:
        card = _choices(advice)
    else:
        card = _foreign() if advice.foreign else _nothing(library)
    console.print(_panel(*card, width=min(_WIDTH, console.width)))


SMALL_TALK_LINES = {
    Wish.THANKS: "You're welcome.",
    Wish.HELLO: "Hello! What would you like to know?",
    Wish.HELP: "Ask about following back, friend requests and invitations. `rsvno ask --help` has the rest.",
    Wish.GOODBYE: "Take care!",
}


def print_turn(console: Console, turn: Turn, library: Library) -> None:
    """Writes what is answered to a second message: a line, words alone where a tone was wished for, or a card."""
    entry = turn.advice.entry
    words = words_to_send(entry, turn.tone) if entry is not None and turn.tone is not None else None
    if turn.wish in SMALL_TALK:
        console.print(Text(SMALL_TALK_LINES[turn.wish]))
    elif words is not None:
        console.print(Text(words))
    else:
        print_advice(console, turn.advice, library)


def _answer(advice: Advice, entry: Entry, library: Library) -> Card:
    symbol, words, style = SAFETY_HEADLINE if entry.safety else HEADLINES[entry.verdict]
    parts: list[RenderableType] = [Text(entry.question, style="bold"), Text(entry.advice)]
    parts.extend(Text.assemble((f"{label}: ", "bold"), text) for label, text in advice.adaptations)
    if advice.help is not None:
        parts.append(Text("What to do now:", style="bold"))
        links = [f"{link.label}: {link.address}" for link in advice.help.links]
        parts.extend(Padding(Text(step), (0, 0, 0, 2)) for step in (*advice.help.lines, *links))
    if entry.reason:
        parts.append(Text.assemble(("Why: ", "bold"), entry.reason))
    if entry.say:
        parts.append(Text("Words to send:", style="bold"))
        parts.extend(
            Padding(Text.assemble((f"{tone}: ", "italic"), text), (0, 0, 0, 2)) for tone, text in entry.say.items()
        )
    related = library.see_also(entry)
    if related:
        parts.append(Text("See also:", style="bold"))
        parts.extend(Padding(Text(each.question), (0, 0, 0, 2)) for each in related)
    title = library.titles.get(entry.topic or "", "")
    source = "this server's own guidance" if advice.own else source_in_words(entry.sources)
    foot = f"{title} · {source} · confidence {advice.confidence:.0%}".lstrip(" ·")
    parts.append(Text(foot, style="dim"))
    spaced: list[RenderableType] = []
    for part in parts:
        spaced.extend([part] if isinstance(part, Padding) or not spaced else [Text(), part])
    return f"{symbol} {words}", spaced, style


def source_in_words(sources: Sequence[str]) -> str:
    """Where an entry comes from, such as `The Art Of No, paragraphs 1 and 10, comment 7`."""
    places_found = places(sources)
    if not places_found:
        return "in the spirit of The Art Of No" if sources else "without a source"
    named = [
        f"{_NAMES[kind]}{'s' if len(numbers) > 1 else ''} {_listed(numbers)}" for kind, numbers in places_found.items()
    ]
    return ", ".join(["The Art Of No", *named])


_NAMES = {"essay": "paragraph", "comment": "comment"}


def _listed(numbers: Sequence[int]) -> str:
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last}" if most else last


def _panel(title: str, lines: Sequence[RenderableType], style: str, *, width: int) -> Panel:
    """A card so many columns wide. A title that is too long for its edge stands whole inside, and there with an '…'."""
    edge = Text(title)
    edge.truncate(width - 6, overflow="ellipsis")
    inside = lines if edge.plain == title else [Text(title, style="bold"), Text(), *lines]
    return Panel(Group(*inside), title=edge, title_align="left", border_style=style, width=width)


def _choices(advice: Advice) -> Card:
    if advice.asked is not None:
        title = advice.asked.question
        lines: list[RenderableType] = [Text("The advice depends on it; ask again in the words of the one that fits:")]
        answers = advice.asked.answers
    else:
        title = "Which of these is it?"
        lines = [Text("I am not sure which of these you mean:")]
        answers = tuple(("", match) for match in advice.choices)
    lines.append(Text())
    for number, (label, match) in enumerate(answers, start=1):
        symbol, words, _ = HEADLINES[match.entry.verdict]
        about = Text.assemble(f"{match.entry.question} ", (f"{symbol} {words}", "dim"))
        if label:
            lines += [Text(f"{number}. {label}"), Padding(about, (0, 0, 0, 3))]
        else:
            lines.append(Text.assemble(f"{number}. ", about))
    return f"? {title}", lines, "yellow"


def _foreign() -> Card:
    text = Text("That seems to be another language, and I would only guess at it. Put it in English, and I will try.")
    return "· I know English only", [text], "dim"


def _nothing(library: Library) -> Card:
    titles = ", ".join(title[:1].lower() + title[1:] for title in library.titles.values())
    text = Text(
        "That is outside what I know. I can help with following back and with kind ways to say no: "
        f"{titles}. Tell me who did what, and what you would like to do."
    )
    return "· No advice on that", [text], "dim"
