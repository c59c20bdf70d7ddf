"""Advice as Discord shows it: one embed, whose headline says the verdict in a symbol, in words and in a colour."""

from __future__ import annotations

import re
from collections.abc import Sequence

import discord

from bot.advice.advisor import Advice, words_to_send
from bot.chat.kit.words import words
from bot.guidance.models import Entry, Library, Tone, Verdict

COLORS = {
    Verdict.YES: 0x2E8B57,
    Verdict.NO: 0xC0392B,
    Verdict.NO_OBLIGATION: 0x2A9DB5,
    Verdict.DEPENDS: 0xD9A400,
    Verdict.HOW_TO: 0x4C6EF5,
}
SAFETY_COLOR = 0xB00020
QUIET_COLOR = 0x8A8F98

MOST_ASKED = 200
"""Characters of a question that a card repeats; it is there so that 'not my question' still knows it."""

_ESCAPED = re.compile(r"\\([\\*_`~|>#\[\]()<:@-])")


def safe(text: str) -> str:
    """Returns what a person typed with all that Discord would format, link or mention made harmless."""
    flat = discord.utils.escape_mentions(discord.utils.escape_markdown(" ".join(text.split())))
    return flat.replace("<", "\\<").replace("://", ":\u200b//")


def read_back(text: str) -> str:
    """Returns what `safe` was given, as far as it matters for matching."""
    return _ESCAPED.sub(r"\1", text.replace("\u200b", ""))


def shorten(text: str, most: int) -> str:
    """Returns `text` with at most so many characters, cut between words."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0] + "…"


def headline(entry: Entry, locale: discord.Locale | None = None) -> str:
    """Returns an entry's verdict as symbol and words."""
    return words("verdict.safety" if entry.safety else f"verdict.{entry.verdict}", locale)


def source_line(entry: Entry, locale: discord.Locale | None = None, *, own: bool = False) -> str:
    """Returns where an entry comes from, in words; a server's `own` is marked as such, whatever it cites."""
    if own:
        return words("card.own", locale)
    numbers: dict[str, list[int]] = {"essay": [], "comment": []}
    for source in entry.sources:
        kind, _, number = source.partition(":")
        if kind in numbers:
            numbers[kind].append(int(number))
    places = [
        words(f"card.{kind}_{'one' if len(found) == 1 else 'many'}", locale, numbers=", ".join(map(str, sorted(found))))
        for kind, found in numbers.items()
        if found
    ]
    if places:
        return words("card.source", locale, places=", ".join(places))
    return words("card.spirit", locale)


def answer_card(
    advice: Advice,
    tone: Tone = Tone.WARM,
    *,
    asked: str = "",
    locale: discord.Locale | None = None,
    note: str = "",
) -> discord.Embed:
    """Returns the card of an answer.

    `asked` is the question to repeat at its top (for private cards), `note` a line of ours below the advice. Raises
    ValueError for advice without an entry.
    """
    entry = advice.entry
    if entry is None:
        raise ValueError("only an answer has a card of its own")
    card = discord.Embed(
        title=headline(entry, locale),
        description=entry.advice + (f"\n\n*{note}*" if note else ""),
        color=SAFETY_COLOR if entry.safety else COLORS[entry.verdict],
    )
    if asked:
        card.set_author(name=words("card.asked", locale, question=shorten(safe(asked), MOST_ASKED)))
    for label, text in advice.adaptations:
        card.add_field(name=label, value=text, inline=False)
    if entry.reason:
        card.add_field(name=words("card.why", locale), value=entry.reason, inline=False)
    add_words(card, words_to_send(entry, tone), tone_of(entry, tone), locale)
    sure = "" if advice.confidence >= 1 else words("card.sure", locale, percent=f"{advice.confidence:.0%}")
    about = words("card.about", locale, question=entry.question)
    card.set_footer(text=" · ".join(part for part in (about, source_line(entry, locale, own=advice.own), sure) if part))
    return card


def tone_of(entry: Entry, tone: Tone) -> Tone | None:
    """Returns the tone of the words that are shown when `tone` was asked for; None: there are none to send."""
    return tone if tone in entry.say else next(iter(entry.say), None)


def add_words(card: discord.Embed, text: str | None, tone: Tone | None, locale: discord.Locale | None) -> None:
    """Adds words to send to a card, as a quote that is easy to copy."""
    if text is None or tone is None:
        return
    name = words("card.say", locale, tone=words(f"tone.{tone}", locale))
    card.add_field(name=name, value=f">>> {with_visible_blanks(text)}", inline=False)


def with_visible_blanks(text: str) -> str:
    """Returns words to send with the blanks that are left to fill in shown in brackets."""
    return re.sub(r"\{(\w+)\}", r"[\1]", text)


def question_on(card: discord.Embed) -> str:
    """Returns the question that a card repeats, or an empty text."""
    name = card.author.name or ""
    prefix, _, _ = words("card.asked", question="\0").partition("\0")
    return read_back(name.removeprefix(prefix)) if name.startswith(prefix) else ""


def choices_card(*, asked: str = "", locale: discord.Locale | None = None) -> discord.Embed:
    """Returns the card that asks which of several questions was meant."""
    card = discord.Embed(
        title=words("choices.title", locale), description=words("choices.text", locale), color=QUIET_COLOR
    )
    if asked:
        card.set_author(name=words("card.asked", locale, question=shorten(safe(asked), MOST_ASKED)))
    return card


def none_card(library: Library, locale: discord.Locale | None = None) -> discord.Embed:
    """Returns the card that says what we do know about."""
    titles = ", ".join(title[:1].lower() + title[1:] for title in library.titles.values())
    return discord.Embed(
        title=words("none.title", locale), description=words("none.text", locale, topics=titles), color=QUIET_COLOR
    )


def plain(title: str, text: str, color: int = QUIET_COLOR) -> discord.Embed:
    """Returns a simple card."""
    return discord.Embed(title=title, description=text, color=color)


def as_words_first(card: discord.Embed, title: str) -> None:
    """Turns an answer's card into one whose first lines are the words to send; the advice stands below them."""
    position = next((at for at, field in enumerate(card.fields) if (field.value or "").startswith(">>> ")), None)
    if position is not None:
        field = card.fields[position]
        card.remove_field(position).insert_field_at(0, name=field.name, value=field.value, inline=False)
    card.title = title


def as_text(cards: Sequence[discord.Embed]) -> str:
    """Returns cards as plain text of at most 2,000 characters, for channels where embeds may not be shown."""
    lines: list[str] = []
    for card in cards:
        lines += [f"**{card.title}**" if card.title else "", card.description or ""]
        lines += [f"**{field.name}**\n{field.value}" for field in card.fields]
        lines.append(f"-# {card.footer.text}" if card.footer.text else "")
    return shorten("\n".join(line for line in lines if line), 2000)
