"""What pressing and choosing under advice does.

A card that only one person sees changes in place, and can be changed back. A card that others see stays as it is: who
presses gets one of their own, in which all else then happens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import discord

from bot.advice.advisor import Advice, Advisor
from bot.chat.advice.buttons import (
    NO_ENTRY,
    Back,
    Choice,
    Choose,
    Frightened,
    Helpful,
    More,
    Neither,
    Next,
    NotHelpful,
    Other,
    Remove,
    Say,
    Share,
    ToneMenu,
    Undo,
)
from bot.chat.advice.card import answer_card, choices_card, tone_of, why_card
from bot.chat.advice.said import text_of
from bot.chat.advice.shown import (
    Mark,
    Part,
    Shown,
    above_on,
    asked_line,
    asked_on,
    marks_of,
    offered_on,
    remover_on,
    shown_on,
)
from bot.chat.kit.desk import Judgement, Route
from bot.chat.kit.errors import UNREACHABLE, Refusal
from bot.chat.kit.host import advisor_of, host_of
from bot.chat.kit.item import Interaction, chosen
from bot.chat.kit.layout import Layout, text_on
from bot.chat.kit.origin import server_of
from bot.chat.kit.permissions import may_post
from bot.chat.kit.sending import answer, redraw
from bot.chat.kit.text import safe
from bot.chat.kit.thinking import patiently, think, think_in_place
from bot.chat.kit.words import words
from bot.guidance.models import Entry, Tone

Result = TypeVar("Result")

# ----------------------------------------------------------- what a press is about


def may_remove(interaction: Interaction, asker: int) -> bool:
    """Returns whether who pressed is the asker, or may manage messages there."""
    return interaction.user.id == asker or interaction.permissions.manage_messages


def is_alone(interaction: Interaction) -> bool:
    """Returns whether nobody but who pressed sees the message: it is private, or stands in a direct message to them."""
    private = interaction.message is not None and interaction.message.flags.ephemeral
    return private or interaction.context.dm_channel


def picked_entry(advisor: Advisor, entry_id: str) -> Entry:
    """Returns the entry that a button or menu names. Raises Refusal if it is no longer there."""
    entry = advisor.find(entry_id)
    if entry is None:
        raise Refusal("error.gone")
    return entry


async def question_of(interaction: Interaction) -> str:
    """Returns what was asked: from the card, or from the message that it answers; empty where neither is there."""
    message = interaction.message
    on_card = asked_on(message)
    if on_card or message is None or message.reference is None or message.reference.message_id is None:
        return on_card
    try:
        asked = message.reference.cached_message or await message.channel.fetch_message(message.reference.message_id)
    except discord.HTTPException:
        return ""
    return host_of(interaction).without_mention(text_of(asked), interaction.guild)


def _present(interaction: Interaction, entry_id: str = "") -> Shown:
    """What the card shows that was pressed on. Raises Refusal if that cannot be read."""
    shown = shown_on(interaction.message)
    if shown is None and not entry_id:
        raise Refusal("error.gone")
    shown = shown or Shown(entry_id)
    return shown.marked(Mark.DIRECT) if is_alone(interaction) and shown.asker is not None else shown


def _beside(interaction: Interaction, shown: Shown) -> Shown:
    """The same where only one person sees it; else what that person gets for themselves."""
    return shown if is_alone(interaction) else Shown(shown.entry, shown.tone, shown.marks & {Mark.WORDS_FIRST})


def instead(interaction: Interaction, entry: Entry, tone: Tone = Tone.WARM, *, back: Shown | None = None) -> Shown:
    """Another entry in the place of what is there: it can be removed by whom that could be removed."""
    if not is_alone(interaction):
        return Shown(entry.id, tone, back=back)
    asker = remover_on(interaction.message)
    if asker is None and interaction.message is not None and not interaction.message.flags.ephemeral:
        asker = interaction.user.id
    marks = back.marks & {Mark.TOPICS} if back is not None else frozenset()
    shown = Shown(entry.id, tone, marks, back=back, asker=asker)
    return shown.marked(Mark.DIRECT) if asker is not None else shown


async def _think(interaction: Interaction, function: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    """See `think`: the answer changes the message in place where only one person sees it."""
    thinking = think_in_place if is_alone(interaction) else think
    return await thinking(interaction, function, *args, **kwargs)


async def explained(interaction: Interaction, advisor: Advisor, entry: Entry, question: str) -> Advice:
    """Returns the advice of an entry; where it is about danger, the question is read to say what helps."""
    if entry.safety:
        return await _think(interaction, advisor.explain, entry, question)
    return advisor.explain(entry, question)


# ------------------------------------------------------------------- what is shown


async def _show(interaction: Interaction, layout: Layout) -> None:
    """Shows a card in place where only one person sees the message, and else beside it, for who pressed alone."""
    if is_alone(interaction):
        await redraw(interaction, layout)
    else:
        await answer(interaction, view=layout)


async def _draw(interaction: Interaction, advisor: Advisor, shown: Shown) -> Layout:
    """Returns the card of `shown`. What was said above and below the card that was pressed on stays on the same one."""
    question, message = await question_of(interaction), interaction.message
    entry = picked_entry(advisor, shown.entry)
    advice = await explained(interaction, advisor, entry, question)
    before = shown_on(message)
    same = before is not None and before.entry == entry.id and before.asker == shown.asker
    return answer_card(
        advice,
        advisor,
        replace(shown, tone=tone_of(entry, shown.tone)),
        asked=_asked(interaction, question, for_all=shown.is_for_all),
        note=text_on(message, Part.NOTE).removeprefix("-# ") if same else "",
        above=above_on(message) if same else "",
    )


def _asked(interaction: Interaction, question: str, *, for_all: bool = False) -> tuple[str, int] | None:
    """The line that repeats the question: not where the card answers the message in which it stands."""
    message = interaction.message
    held = asked_on(message)
    if message is None or for_all or not question:
        return asked_line(held) if held else None
    if held or message.flags.ephemeral:
        return asked_line(question)
    if is_alone(interaction):
        return None
    answered = message.reference.resolved if message.reference is not None else None
    asker = answered.author.id if isinstance(answered, discord.Message) else None
    return asked_line(question, others=asker != interaction.user.id)


# --------------------------------------------------------------------- the answer


@Say.pressed
async def say(item: Say, interaction: Interaction) -> None:
    """The words, as they sound in this tone."""
    await _say(interaction, _present(interaction), item.tone)


@ToneMenu.pressed
async def say_from_menu(item: ToneMenu, interaction: Interaction) -> None:
    """The same, from the menu of an earlier version."""
    await _say(interaction, _present(interaction, item.entry), Tone(chosen(interaction)[0]))


async def _say(interaction: Interaction, shown: Shown, tone: Tone) -> None:
    advisor = await advisor_of(interaction)
    await _show(interaction, await _draw(interaction, advisor, replace(_beside(interaction, shown), tone=tone)))


@Next.pressed
async def go_on(item: Next, interaction: Interaction) -> None:
    """What people ask next, with a way back."""
    advisor, back = await advisor_of(interaction), _beside(interaction, _present(interaction))
    entry = picked_entry(advisor, item.entry)
    await _show(interaction, await _draw(interaction, advisor, instead(interaction, entry, back.tone, back=back)))
    await host_of(interaction).desk.count(advisor.explain(entry), Route.TOPICS, server_of(interaction))


@Back.pressed
async def go_back(item: Back, interaction: Interaction) -> None:
    """The answer that stood there before."""
    advisor = await advisor_of(interaction)
    shown = instead(interaction, picked_entry(advisor, item.entry), item.tone)
    before = replace(shown, marks=shown.marks | (marks_of(item.marks) - {Mark.DIRECT}))
    await _show(interaction, await _draw(interaction, advisor, before))


@More.pressed
async def more(item: More, interaction: Interaction) -> None:
    """Everything else."""
    choice, shown = Choice(chosen(interaction)[0]), _present(interaction)
    if choice in (Choice.WHY, Choice.NO_WHY):
        await _tell_why(interaction, shown, told=choice is Choice.WHY)
    elif choice is Choice.SHARE:
        await _share(interaction, shown)
    elif choice is Choice.OTHER:
        await _offer_others(interaction, shown)
    else:
        await _judge(interaction, shown, Judgement.REPORTED)


async def _tell_why(interaction: Interaction, shown: Shown, *, told: bool) -> None:
    advisor = await advisor_of(interaction)
    if is_alone(interaction):
        await redraw(interaction, await _draw(interaction, advisor, shown.marked(Mark.WHY, there=told)))
        return
    advice = advisor.explain(picked_entry(advisor, shown.entry))
    await answer(interaction, view=why_card(advice, advisor.library))


@Share.pressed
async def share(item: Share, interaction: Interaction) -> None:
    """Shows a private answer to all, from the button of an earlier version."""
    await _share(interaction, _present(interaction, item.entry))


async def _share(interaction: Interaction, shown: Shown) -> None:
    """Shows a private answer to the whole channel, without the question that led to it, once."""
    if not may_post(interaction):
        raise Refusal("error.not_yours_to_post")
    advisor = await advisor_of(interaction)
    entry = picked_entry(advisor, shown.entry)
    if entry.safety or not is_alone(interaction):
        raise Refusal("error.gone")
    limits, message = host_of(interaction).limits, interaction.message
    this = (message.id if message is not None else None, entry.id)
    if limits.shared.wait(this):
        raise Refusal("error.shared")
    limits.shares.check((interaction.user.id, interaction.channel_id))
    limits.shared.use(this)
    advice = advisor.explain(entry, await question_of(interaction))
    public = Shown(entry.id, tone_of(entry, shown.tone), shown.marks & {Mark.WORDS_FIRST}, asker=interaction.user.id)
    above = words("card.shared", name=safe(interaction.user.display_name))
    await redraw(interaction, await _draw(interaction, advisor, shown.marked(Mark.SHARED)))
    try:
        await answer(interaction, view=answer_card(advice, advisor, public, above=above), ephemeral=False)
    except UNREACHABLE:
        await redraw(interaction, await _draw(interaction, advisor, shown))
        raise


@Other.pressed
async def offer_others(item: Other, interaction: Interaction) -> None:
    """'Not my question', from the button of an earlier version."""
    await _offer_others(interaction, _present(interaction, item.entry))


async def _offer_others(interaction: Interaction, shown: Shown) -> None:
    """Shows what else may have been meant, with a way back."""
    advisor = await advisor_of(interaction)
    question = await question_of(interaction)
    entry = advisor.find(shown.entry)
    sought = question or (entry.question if entry is not None else "")
    advice = await _think(interaction, advisor.alternatives, sought, {shown.entry})
    await _show_choices(interaction, advice, question, back=_beside(interaction, shown), besides=shown.entry)


async def _show_choices(
    interaction: Interaction, advice: Advice, question: str, *, back: Shown | None, besides: str = NO_ENTRY
) -> None:
    remover = remover_on(interaction.message) if is_alone(interaction) else None
    asked = _asked(interaction, question)
    presser = interaction.user.id
    layout = choices_card(advice, presser=presser, asked=asked, asker=remover, back=back, besides=besides)
    await _show(interaction, layout)


@Frightened.pressed
async def help_in_danger(item: Frightened, interaction: Interaction) -> None:
    """What to do in danger, and where help is."""
    advisor = await advisor_of(interaction)
    question = await question_of(interaction)
    advice = await _think(interaction, advisor.advise_in_danger, question)
    if advice.entry is None:
        raise Refusal("error.gone")
    before = shown_on(interaction.message)
    back = _beside(interaction, before) if before is not None else None
    shown = instead(interaction, advice.entry, back=back)
    await _show(interaction, answer_card(advice, advisor, shown, asked=_asked(interaction, question)))


# ----------------------------------------------------------------------- judging


@Helpful.pressed
async def helpful(item: Helpful, interaction: Interaction) -> None:
    """It helped."""
    await _judge(interaction, _present(interaction, item.entry), Judgement.HELPFUL)


@NotHelpful.pressed
async def not_helpful(item: NotHelpful, interaction: Interaction) -> None:
    """It did not help."""
    await _judge(interaction, _present(interaction, item.entry), Judgement.UNHELPFUL)


@Undo.pressed
async def undo(item: Undo, interaction: Interaction) -> None:
    """It is as if nothing had been said."""
    shown = _present(interaction, item.entry)
    await _judge(interaction, shown, None)


async def _judge(interaction: Interaction, shown: Shown, judgement: Judgement | None) -> None:
    """Shows a judgement and keeps it; None, or where others see the card the same again, takes it back."""
    advisor = await advisor_of(interaction)
    entry = picked_entry(advisor, shown.entry)
    if is_alone(interaction):
        before = shown.judgement
        judged = shown.judged(judgement)
    else:
        before = await _judged_before(interaction, entry, shown)
        judgement = None if _is_good(before) is _is_good(judgement) else judgement
        judged = replace(
            shown,
            helpful=max(0, shown.helpful + (_is_good(judgement) is True) - (_is_good(before) is True)),
            unhelpful=max(0, shown.unhelpful + (_is_good(judgement) is False) - (_is_good(before) is False)),
        )
    await redraw(interaction, await _draw(interaction, advisor, judged))
    desk, question = host_of(interaction).desk, await question_of(interaction) or entry.question
    person, server = interaction.user.id, server_of(interaction)
    await desk.judge(entry, judgement, before=before, question=question, person=person, server=server)


def _is_good(judgement: Judgement | None) -> bool | None:
    return None if judgement is None else judgement is Judgement.HELPFUL


async def _judged_before(interaction: Interaction, entry: Entry, shown: Shown) -> Judgement | None:
    """How who pressed judged the entry before; where nothing is kept, what the card says stands for that."""
    server = server_of(interaction)
    if server is None:
        return Judgement.HELPFUL if shown.helpful else Judgement.UNHELPFUL if shown.unhelpful else None
    looked = host_of(interaction).desk.judgement(entry, person=interaction.user.id, server=server)
    return await patiently(interaction, looked, in_place=True)


# ------------------------------------------------------------- choosing, removing


@Choose.pressed
async def choose(item: Choose, interaction: Interaction) -> None:
    """The answer to the question that was meant; who asked changes the card for all, but not to one about danger."""
    advisor = await advisor_of(interaction)
    entry = picked_entry(advisor, item.entry)
    question = await question_of(interaction)
    advice = await explained(interaction, advisor, entry, question)
    for_all = not is_alone(interaction) and interaction.user.id == item.asker and not entry.safety
    shown = Shown(entry.id, asker=item.asker) if for_all else instead(interaction, entry)
    asked = _asked(interaction, question, for_all=for_all)
    layout = answer_card(advice, advisor, replace(shown, tone=tone_of(entry, shown.tone)), asked=asked)
    if for_all:
        await redraw(interaction, layout)
    else:
        await _show(interaction, layout)
    await host_of(interaction).desk.count(advice, Route.COMMAND, server_of(interaction))


@Neither.pressed
async def neither(item: Neither, interaction: Interaction) -> None:
    """What else is near but for the entries that the answers lead to."""
    advisor = await advisor_of(interaction)
    without = {item.besides, *offered_on(interaction.message)}
    question = await question_of(interaction)
    besides = advisor.find(item.besides)
    advice = await _think(interaction, advisor.alternatives, question, without, asking=False)
    await _show_choices(interaction, advice, question, back=Shown(besides.id) if besides is not None else None)


@Remove.pressed
async def remove(item: Remove, interaction: Interaction) -> None:
    """Takes the answer away."""
    if not may_remove(interaction, item.asker):
        raise Refusal("error.asker_only")
    # an interaction's own token may delete its message also where the bot is not a member
    await interaction.response.defer()
    await interaction.delete_original_response()
