"""Advice as Discord shows it: one embed, whose headline says the verdict in a sign, in words and in a colour."""

from __future__ import annotations

import re

import discord

from bot.advice.advisor import Advice, words_to_send
from bot.chat.kit.card import COLOR, COLORS, MOST_FIELD, QUIET_COLOR, SAFETY_COLOR, Card, headline, plain
from bot.chat.kit.text import read_back, shorten
from bot.chat.kit.words import percent, read_out, words
from bot.documents.plain_text import printable
from bot.guidance.models import Entry, Library, Tone

MAX_ASKED = 200
"""Characters of a question that a card repeats; it is there so that 'not my question' still knows it."""
MAX_RELATED = 5
"""Other questions that a card refers to."""
MAX_ADAPTED = 5
"""People and platforms for whom a card says what changes: with more of them, it would have no room for the words."""

_BLANK = re.compile(r"\{(\w{1,20})\}")


def source_line(entry: Entry, *, own: bool = False) -> str:
    """Returns where an entry comes from, in words; a server's `own` is marked as such, whatever it cites."""
    if own:
        return words("card.own")
    numbers: dict[str, list[int]] = {"essay": [], "comment": []}
    for source in entry.sources:
        kind, _, number = source.partition(":")
        if kind in numbers:
            numbers[kind].append(int(number))
    places = [
        words(f"card.{kind}", count=len(found), numbers=", ".join(map(str, sorted(found))))
        for kind, found in numbers.items()
        if found
    ]
    return words("card.source", places=", ".join(places)) if places else words("card.spirit")


def answer_card(
    advice: Advice, tone: Tone = Tone.WARM, *, asked: str = "", note: str = "", library: Library | None = None
) -> discord.Embed:
    """Returns the card of an answer.

    `asked` is the question to repeat at its top (for private cards), `note` a line of ours below the advice, `library`
    holds the entries that it refers to. Raises ValueError for advice without an entry.
    """
    entry = advice.entry
    if entry is None:
        raise ValueError("only an answer has a card of its own")
    card = Card(
        title=headline(entry),
        description=entry.advice + (f"\n\n*{note}*" if note else ""),
        color=SAFETY_COLOR if entry.safety else COLORS[entry.verdict],
    )
    add_question(card, asked)
    for label, text in advice.adaptations[:MAX_ADAPTED]:
        card.add_field(name=label, value=text, inline=False)
    if entry.reason:
        card.add_field(name=words("card.why"), value=entry.reason, inline=False)
    said, shown = words_to_send(entry, tone), tone_of(entry, tone)
    if said is not None and shown is not None:
        card.add_field(name=words("card.say", tone=words(f"tone.{shown}")), value=quoted(said), inline=False)
    if advice.help is not None and advice.help.lines:
        steps = "\n".join(f"- {line}" for line in advice.help.lines)
        card.add_field(name=words("card.help"), value=shorten(steps, 1024), inline=False)
    related = library.see_also(entry) if library is not None else ()
    if related:
        questions = "\n".join(f"• {each.question}" for each in related[:MAX_RELATED])
        card.add_field(name=words("card.see_also"), value=questions, inline=False)
    # in danger nobody needs a figure
    sure = "" if advice.confidence >= 1 or entry.safety else words("card.sure", percent=percent(advice.confidence))
    about = words("card.about", question=entry.question)
    card.set_footer(text=" · ".join(part for part in (about, source_line(entry, own=advice.own), sure) if part))
    # cut to what Discord takes now, and not only when it is sent: more is added to it
    return card.copy()


def tone_of(entry: Entry, tone: Tone) -> Tone | None:
    """Returns the tone of the words that are shown when `tone` was asked for; None: there are none to send."""
    return tone if tone in entry.say else next(iter(entry.say), None)


def quoted(text: str) -> str:
    """Returns words to send as a quote that is easy to copy, the blanks that are left to fill in shown in brackets."""
    return ">>> " + shorten(_BLANK.sub(r"[\1]", text), MOST_FIELD - len(">>> "))


def words_on(card: discord.Embed) -> int | None:
    """Returns the position of the field that holds words to send, or None."""
    return next((at for at, field in enumerate(card.fields) if (field.value or "").startswith(">>> ")), None)


def add_question(card: discord.Embed, asked: str) -> None:
    """Repeats at a card's top what was asked, if anything: as typed, for Discord formats nothing there."""
    if asked:
        card.set_author(name=words("card.asked", question=shorten(printable(asked), MAX_ASKED)))


def question_on(card: discord.Embed) -> str:
    """Returns the question that a card repeats, in whatever language it does so, or an empty text."""
    # cards of an earlier version hold it escaped
    return read_back(read_out("card.asked", card.author.name or "") or "")


def choices_card(*, asked: str = "", fact: str = "") -> Card:
    """Returns the card that asks which of several questions was meant, or for the `fact` that tells them apart."""
    if fact:
        card = plain(words("choices.fact", ask=fact), words("choices.pick"))
    else:
        card = plain(words("choices.title"), words("choices.text"))
    add_question(card, asked)
    return card


def none_card(library: Library, *, foreign: bool = False, making: bool = False) -> discord.Embed:
    """Returns the card that says what we do know about; or that we do not know the `foreign` language of a question.

    `making`: the server's own guidance is not at hand yet.
    """
    if foreign:
        return plain(words("none.foreign_title"), words("none.foreign"), QUIET_COLOR)
    titles = ", ".join(title[:1].lower() + title[1:] for title in library.titles.values())
    text = words("none.text", topics=titles)
    return plain(words("none.title"), f"{words('none.making')}\n{text}" if making else text, QUIET_COLOR)


def as_words_first(card: discord.Embed, title: str) -> None:
    """Turns an answer's card into one whose first lines are the words to send; the advice stands below them."""
    position = words_on(card)
    if position is not None:
        field = card.fields[position]
        card.remove_field(position).insert_field_at(0, name=field.name, value=field.value, inline=False)
    card.title = title


def help_card(mention: str) -> discord.Embed:
    """Returns the card that says what the bot can do. `mention` is what people write to mention it."""
    return plain(words("help.title"), words("help.text", mention=mention), COLOR)
