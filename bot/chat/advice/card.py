"""Advice as Discord shows it, in Components V2: an answer, choices, nothing, topics. A card follows from its state."""

from __future__ import annotations

import re
from typing import Any

import discord

from bot.advice.advisor import Advice, Advisor, words_to_send
from bot.chat.advice.buttons import (
    NO_ENTRY,
    Back,
    BackToTopics,
    BrowseTopics,
    Choose,
    EntryMenu,
    Frightened,
    Helpful,
    More,
    Neither,
    Next,
    NotHelpful,
    Remove,
    Say,
    TopicMenu,
    TopicPage,
    Undo,
    choices_of,
)
from bot.chat.advice.shown import MOST_COUNT, Mark, Part, Shown, asked_line
from bot.chat.kit.card import COLOR, COLORS, QUIET_COLOR, SAFETY_COLOR, headline, plain
from bot.chat.kit.desk import Judgement
from bot.chat.kit.layout import Layout, code_block, line, row, text
from bot.chat.kit.text import safe, shorten
from bot.chat.kit.words import words
from bot.guidance.blanks import blanks_in, fill
from bot.guidance.danger import Link
from bot.guidance.follow_ups import FollowUpAnswer
from bot.guidance.models import Entry, Library, Tone
from bot.guidance.sources import places
from bot.matching.policies import Outcome

MOST_NEXT = 3
"""Questions that people ask next: more of them would fill a phone's screen."""
LINE = 30
"""Letters of buttons that a phone shows in one line: what follows after any answer goes on no second one."""
MOST_ADAPTED = 3
"""People and platforms for whom a card says what changes."""
MOST_ADAPTATION = 300
MOST_WORDS = 1000
MOST_GISTS = 3
"""Places of the essay that 'Why' tells of."""
MOST_LINKS = 5
PAGE = 25
"""Options that a menu holds."""

_BLANK = re.compile(r"\{(\w{1,20})\}")

UI = discord.ui.Item[Any]


def reply_card(
    advice: Advice,
    advisor: Advisor,
    *,
    asker: int,
    private: bool,
    direct: bool = False,
    tone: Tone = Tone.WARM,
    marks: frozenset[Mark] = frozenset(),
    note: str = "",
    above: str = "",
    making: bool = False,
) -> Layout:
    """Returns the card of any of the three outcomes.

    `private`: only the asker sees it, and it repeats the question. `direct`: it stays in a direct message with them.
    `note` is a line of ours below the advice, `above` one above the card. `making`: the server's own guidance is not at
    hand yet, which is said where nothing was found.
    """
    asked = asked_line(advice.question) if private and advice.question else None
    remover = None if private else asker
    if advice.outcome is Outcome.ANSWER and advice.entry is not None:
        marks |= {Mark.WORRY} if advice.worry and (private or direct) else set()
        marks |= {Mark.DIRECT} if direct and not private else set()
        shown = Shown(advice.entry.id, tone_of(advice.entry, tone), marks, asker=remover)
        return answer_card(advice, advisor, shown, asked=asked, note=note, above=above)
    if advice.outcome is Outcome.CHOICES:
        return choices_card(advice, asked=asked, presser=asker, asker=remover)
    short = not (private or direct)
    library = advisor.library
    return none_card(advice, library, asked=asked, presser=asker, asker=remover, short=short, making=making)


# ------------------------------------------------------------------------ answer


def answer_card(
    advice: Advice,
    advisor: Advisor,
    shown: Shown,
    *,
    asked: tuple[str, int] | None = None,
    note: str = "",
    above: str = "",
) -> Layout:
    """Returns the card of an answer, as `shown` says.

    `asked` is the line that repeats the question, with its number; see `asked_line`. Raises ValueError for advice
    without an entry.
    """
    entry = advice.entry
    if entry is None:
        raise ValueError("only an answer has a card of its own")
    first = Mark.WORDS_FIRST in shown.marks and not entry.safety and bool(entry.say)
    # what the words do stands where the verdict does: of some, they turn something down
    ready = words("decline.title" if entry.declines else "card.ready") if first else ""
    verdict = ready or headline(entry)
    card = discord.ui.Container[Any](accent_color=SAFETY_COLOR if entry.safety else COLORS[entry.verdict])
    whose = f" · {words('card.own')}" if advice.own else ""
    card.add_item(text(f"**{verdict}**{whose}\n### {safe(entry.question)}", Part.HEADING))
    if asked is not None:
        card.add_item(text(*asked))
    told = [*_advice(advice, entry, note), *_help(advice), *_worry(shown)]
    said = _words(advice, entry, shown)
    for number, block in enumerate(filter(None, (said, told) if first else (told, said))):
        for item in [*([line()] if number else []), *block]:
            card.add_item(item)
    related = _asked_next(advisor, entry)
    if related:
        card.add_item(line()).add_item(text(f"-# {words('card.next')}", Part.NEXT))
        card.add_item(row(*(Next(each.id, label=each.asked_next or each.question) for each in related)))
    why = why_text(entry, advisor.library, own=advice.own)
    if Mark.WHY in shown.marks and why and not entry.safety:
        card.add_item(line()).add_item(text(why, Part.WHY))
    card.add_item(line()).add_item(row(*_judgement(shown)))
    choices = choices_of(
        private=shown.asker is None, danger=entry.safety, why=Mark.WHY in shown.marks if why else None,
        shared=Mark.SHARED in shown.marks, reported=shown.judgement is Judgement.REPORTED,
    )  # fmt: skip
    state = (entry.id, shown.tone, shown.letters, min(shown.helpful, MOST_COUNT), min(shown.unhelpful, MOST_COUNT))
    card.add_item(row(More(*state, choices=list(choices))))
    return Layout(*([text(above, Part.ABOVE)] if above else []), card)


def _asked_next(advisor: Advisor, entry: Entry) -> list[Entry]:
    """What people ask next, as much as has room: what the entry refers to, then what follows after any answer."""
    found: list[Entry] = []
    for each in advisor.asked_next(entry)[:MOST_NEXT]:
        letters = sum(len(one.asked_next or one.question) for one in [*found, each])
        if letters <= LINE or not isinstance(each, FollowUpAnswer):
            found.append(each)
    return found


def tone_of(entry: Entry, tone: Tone) -> Tone:
    """Returns the tone of the words that are shown when `tone` was asked for."""
    return tone if tone in entry.say else next(iter(entry.say), tone)


def _advice(advice: Advice, entry: Entry, note: str) -> list[UI]:
    found: list[UI] = [text(entry.advice, Part.ADVICE)]
    if note:
        found.append(text(f"-# {note}", Part.NOTE))
    if advice.adaptations:
        lines = [f"**{label}:** {shorten(said, MOST_ADAPTATION)}" for label, said in advice.adaptations[:MOST_ADAPTED]]
        found.append(text("\n".join(lines), Part.ADAPTED))
    return found


def _help(advice: Advice) -> list[UI]:
    """What to do in danger, and where help is."""
    if advice.help is None or not advice.help.lines:
        return []
    steps = "\n".join(f"- {step}" for step in advice.help.lines)
    found: list[UI] = [text(f"**{words('card.help')}**\n{steps}", Part.HELP)]
    if advice.help.links:
        found.append(row(*map(_link, advice.help.links[:MOST_LINKS])))
    return found


def _link(link: Link) -> UI:
    return discord.ui.Button(label=link.label, url=link.address)


def _worry(shown: Shown) -> list[UI]:
    if Mark.WORRY not in shown.marks:
        return []
    return [discord.ui.Section(text(words("worry.line"), Part.WORRY), accessory=Frightened())]


def _words(advice: Advice, entry: Entry, shown: Shown) -> list[UI]:
    """The words to send, in a block that a tap copies, with a button a tone."""
    said = words_to_send(entry, shown.tone)
    if said is None:
        return []
    filled = fill(said, blanks_in(advice.question))
    left = "{" in filled
    block = code_block(_BLANK.sub(r"[\1]", filled), MOST_WORDS)
    hint = f"-# {words('decline.fill')}\n" if left else ""
    found: list[UI] = [text(f"**{words('card.say')}**\n{hint}{block}", Part.WORDS)]
    if len(entry.say) > 1:
        found.append(row(*(Say(entry.id, tone, shown=tone is shown.tone) for tone in entry.say)))
    return found


def _judgement(shown: Shown) -> list[UI]:
    """Back, helpful or not, removing."""
    found: list[UI] = []
    if shown.back is not None:
        found.append(Back(shown.back.entry, shown.back.tone, shown.back.letters))
    if Mark.TOPICS in shown.marks:
        found.append(BackToTopics())
    judged = None if shown.is_for_all else shown.judgement
    if judged is None:
        found += [Helpful(shown.entry, count=shown.helpful), NotHelpful(shown.entry, count=shown.unhelpful)]
    else:
        emoji = {Judgement.HELPFUL: "👍", Judgement.UNHELPFUL: "👎", Judgement.REPORTED: "🚩"}[judged]
        pressed = judged is Judgement.HELPFUL
        style = discord.ButtonStyle.success if pressed else discord.ButtonStyle.primary
        found.append(Undo(shown.entry, thanks=words(f"thanks.{judged}"), emoji=emoji, style=style))
    return [*found, *_removal(shown.asker)]


def why_text(entry: Entry, library: Library, *, own: bool) -> str:
    """Returns the reason of an entry and where it comes from, in words; an empty text if there is neither.

    A server's `own` is marked as such, whatever it cites.
    """
    reason = [f"**{words('card.why')}** {entry.reason}"] if entry.reason else []
    if own:
        return "\n".join([*reason, f"-# {words('card.own')}"])
    named = [
        words(f"card.{kind}", count=len(numbers), numbers=", ".join(map(str, numbers)))
        for kind, numbers in places(entry.sources).items()
    ]
    source = words("card.source", places=", ".join(named)) if named else words("card.spirit")
    gists = [library.sources[each] for each in entry.sources if each in library.sources and ":" in each]
    return "\n".join([*reason, f"-# {source}", *(f"-# · {gist}" for gist in gists[:MOST_GISTS])])


def why_card(advice: Advice, library: Library) -> Layout:
    """Returns the reason of an answer, for whoever asks beside a card that others see."""
    entry = advice.entry
    if entry is None:
        raise ValueError("only an answer has a reason")
    card = discord.ui.Container[Any](accent_color=SAFETY_COLOR if entry.safety else COLORS[entry.verdict])
    card.add_item(text(f"### {safe(entry.question)}", Part.HEADING))
    return Layout(card.add_item(text(why_text(entry, library, own=advice.own), Part.WHY)))


# --------------------------------------------------------------- choices and none


def choices_card(
    advice: Advice,
    *,
    presser: int,
    asked: tuple[str, int] | None = None,
    asker: int | None = None,
    back: Shown | None = None,
    besides: str = NO_ENTRY,
) -> Layout:
    """Returns the card that asks which of several questions was meant, or for the fact that tells them apart.

    There is a button each, and one to say that none is right. `presser` may press so that the card itself changes,
    `asker` may remove it, `back` leads to the answer that was not meant; `besides` is an entry that was meant neither.
    """
    if advice.asked is None:
        title, hint = words("choices.other" if back is not None else "choices.title"), words("choices.text")
        labelled = [(match.entry.question, match.entry) for match in advice.choices]
    else:
        title, hint = words("choices.fact", ask=safe(advice.asked.question)), words("choices.pick")
        labelled = [(label, match.entry) for label, match in advice.asked.answers]
    if not labelled:
        hint = words("choices.none_left")
    card = _asking(title, hint, asked)
    for label, entry in labelled:
        card.add_item(row(Choose(presser, entry.id, label=label)))
    last: list[UI] = [Back(back.entry, back.tone, back.letters)] if back is not None else []
    last += [Neither(besides)] if advice.asked is not None else []
    card.add_item(row(*last, BrowseTopics(), *_removal(asker)))
    return Layout(card)


def none_card(
    advice: Advice,
    library: Library,
    *,
    presser: int,
    asked: tuple[str, int] | None = None,
    asker: int | None = None,
    short: bool = False,
    making: bool = False,
) -> Layout:
    """Returns the card that says that we do not know, with the best guesses and all topics.

    `short`: in a line, where others read it. `making`: see `reply_card`; `presser`, `asker`: see `choices_card`.
    """
    if advice.foreign:
        card = _asking(words("none.foreign_title"), words("none.foreign"), asked)
        return Layout(card.add_item(row(*_removal(asker))) if asker is not None else card)
    if short:
        return Layout(text(words("none.making" if making else "none.short")), row(BrowseTopics(), *_removal(asker)))
    hint = words("none.text" if advice.guesses else "none.nothing")
    card = _asking(words("none.title"), f"{words('none.making')}\n{hint}" if making else hint, asked)
    for entry in advice.guesses:
        card.add_item(row(Choose(presser, entry.id, label=entry.question)))
    card.add_item(row(TopicMenu(titles=library.titles)))
    if asker is not None:
        card.add_item(row(*_removal(asker)))
    return Layout(card)


def _asking(title: str, hint: str, asked: tuple[str, int] | None) -> discord.ui.Container[Any]:
    card = discord.ui.Container[Any](text(f"### {title}", Part.HEADING), accent_color=QUIET_COLOR)
    if asked is not None:
        card.add_item(text(*asked))
    return card.add_item(text(hint, Part.ADVICE))


def _removal(asker: int | None) -> list[UI]:
    """The button to remove a card that others see; a private one goes by itself."""
    return [] if asker is None else [Remove(asker)]


# ------------------------------------------------------------------------- topics


def topics_card(library: Library) -> Layout:
    """Returns the menu of topics."""
    card = discord.ui.Container[Any](text(f"### {words('topics.title')}", Part.HEADING), accent_color=COLOR)
    card.add_item(text(words("topics.text"), Part.ADVICE)).add_item(row(TopicMenu(titles=library.titles)))
    return Layout(card)


def topic_card(library: Library, topic: str, page: int) -> Layout | None:
    """Returns one page of a topic's questions; None if there is no such page."""
    entries = library.in_topic(topic)
    listed = entries[page * PAGE : (page + 1) * PAGE]
    if not listed:
        return None
    title = words(
        "topics.page", title=library.titles[topic], first=page * PAGE + 1, last=page * PAGE + len(listed),
        total=len(entries),
    )  # fmt: skip
    card = discord.ui.Container[Any](text(f"### {title}", Part.HEADING), accent_color=COLOR)
    card.add_item(row(EntryMenu(topic, entries=listed)))
    buttons: list[UI] = [BackToTopics()]
    if len(entries) > (page + 1) * PAGE:
        buttons.append(TopicPage(topic, page + 1))
    elif page:
        buttons.append(TopicPage(topic, 0))
    return Layout(card.add_item(row(*buttons)))


# ------------------------------------------------------------------------ the bot


def help_card(mention: str) -> discord.Embed:
    """Returns the card that says what the bot can do. `mention` is what people write to mention it."""
    return plain(words("help.title"), words("help.text", mention=mention), COLOR)
