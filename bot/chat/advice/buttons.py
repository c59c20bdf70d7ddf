"""Buttons and menus under an answer. All that they need is in their custom id and on their card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Any, ClassVar

import discord

from bot.advice.advisor import Advice, words_to_send
from bot.chat.advice import card as cards
from bot.chat.advice.said import text_of
from bot.chat.kit.card import Card, plain
from bot.chat.kit.desk import Route
from bot.chat.kit.errors import Refusal
from bot.chat.kit.host import Host, advisor_of, host_of
from bot.chat.kit.item import Button, EntryId, Interaction, Item, Menu, Person, View, chosen
from bot.chat.kit.origin import server_of
from bot.chat.kit.permissions import may_post
from bot.chat.kit.sending import answer, change
from bot.chat.kit.text import safe, shorten
from bot.chat.kit.thinking import think
from bot.chat.kit.words import words
from bot.guidance.blanks import blanks_in, fill
from bot.guidance.danger import Link
from bot.guidance.models import Entry, Tone
from bot.matching.policies import Outcome

NO_ENTRY = "-"
"""Stands for no entry in a custom id."""

# ----------------------------------------------------------------------- views


def answer_view(entry: Entry, *, tone: Tone = Tone.WARM, private: bool, asker: int, links: Sequence[Link] = ()) -> View:
    """Returns what stands under an answer: the tone's menu, sharing or removing, other matches, helpful or not.

    What is about danger is not shared; `links` lead to help.
    """
    shown = cards.tone_of(entry, tone)
    items: list[Item[Any]] = []
    if len(entry.say) > 1 and shown is not None:
        items.append(ToneMenu(entry.id, tones=tuple(entry.say), shown=shown))
    if private and not entry.safety:
        items.append(Share(entry.id, shown or Tone.WARM))
    items += [Other(entry.id), Helpful(entry.id), NotHelpful(entry.id)]
    view = View(*items, *_removal(private, asker))
    for link in links[:5]:
        view.add_item(discord.ui.Button(label=link.label, url=link.address, row=3))
    return view


def choices_view(advice: Advice, *, private: bool, asker: int, besides: str = NO_ENTRY) -> View:
    """Returns one button for each question that may have been meant, and one to browse.

    Where a fact is asked for, there is a button an answer instead, and one to say that none is right. `besides` is the
    id of an entry that was meant neither.
    """
    if advice.asked is None:
        labelled = [(match.entry.question, match.entry) for match in advice.choices]
    else:
        labelled = [(label, match.entry) for label, match in advice.asked.answers]
    choices = [Choose(asker, entry.id, label=label, at=at) for at, (label, entry) in enumerate(labelled)]
    neither = [Neither(besides)] if advice.asked is not None else []
    return View(*choices, *neither, BrowseTopics(), *_removal(private, asker))


def none_view(*, private: bool, asker: int) -> View:
    """Returns what stands under 'that is outside what I know'."""
    return View(BrowseTopics(), *_removal(private, asker))


def _removal(private: bool, asker: int) -> list[Item[Any]]:
    """Returns the button to remove a public answer; a private one goes by itself."""
    return [] if private else [Remove(asker)]


def reply_parts(
    advice: Advice,
    bot: Host,
    *,
    private: bool,
    asker: int,
    note: str = "",
    tone: Tone = Tone.WARM,
    server: int | None = None,
) -> tuple[discord.Embed, View]:
    """Returns the card and what stands under it for any of the three outcomes.

    Where nothing was found, it is said if the guidance of `server` is just being made ready.
    """
    asked = advice.question if private else ""
    if advice.outcome is Outcome.ANSWER and advice.entry is not None:
        worried = words("worry.line") if advice.worry and private else ""
        card = cards.answer_card(
            advice, tone, asked=asked, note=" ".join(filter(None, (note, worried))), library=bot.advisor.library
        )
        links = advice.help.links if advice.help is not None else ()
        view = answer_view(advice.entry, tone=tone, private=private, asker=asker, links=links)
        if worried:
            view.add_item(Frightened())
        return card, view
    if advice.outcome is Outcome.CHOICES:
        return _choices_card(advice, asked), choices_view(advice, private=private, asker=asker)
    making = bot.desk.is_making(server)
    card = cards.none_card(bot.advisor.library, foreign=advice.foreign, making=making)
    return card, none_view(private=private, asker=asker)


def _choices_card(advice: Advice, asked: str) -> Card:
    return cards.choices_card(asked=asked, fact=advice.asked.question if advice.asked is not None else "")


async def _offer_others(interaction: Interaction, advice: Advice, besides: str = NO_ENTRY) -> None:
    """Shows, privately, what else may have been meant."""
    if advice.outcome is Outcome.NONE:
        card = plain(words("none.title"), words("choices.none_left"))
        view = none_view(private=True, asker=interaction.user.id)
    else:
        card = _choices_card(advice, advice.question)
        view = choices_view(advice, private=True, asker=interaction.user.id, besides=besides)
    await answer(interaction, embed=card, view=view)


# ----------------------------------------------------------- what a press is about


def may_remove(interaction: Interaction, asker: int) -> bool:
    """Returns whether who pressed is the asker, or may manage messages there."""
    return interaction.user.id == asker or interaction.permissions.manage_messages


async def picked_entry(interaction: Interaction, entry_id: str) -> Entry:
    """Returns the entry that a button or menu names. Raises Refusal if it is no longer there."""
    entry = (await advisor_of(interaction)).find(entry_id)
    if entry is None:
        raise Refusal("error.gone")
    return entry


def _card_on(interaction: Interaction) -> discord.Embed:
    message = interaction.message
    if message is None or not message.embeds:
        raise Refusal("error.gone")
    return message.embeds[0]


def _offered(interaction: Interaction) -> set[str]:
    """Returns the ids of the entries that the choices on a message lead to."""
    rows = interaction.message.components if interaction.message is not None else []
    buttons = [each for row in rows if isinstance(row, discord.ActionRow) for each in row.children]
    ids = [each.custom_id or "" for each in buttons if isinstance(each, discord.Button)]
    found = [Choose.__discord_ui_compiled_template__.fullmatch(custom_id) for custom_id in ids]
    return {match["entry"] for match in found if match is not None}


def _is_private(interaction: Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral


async def _question(interaction: Interaction, entry: Entry | None = None) -> str:
    """Returns what was asked: from a private card, or from the message that a public one answers.

    Where that message cannot be read (it is gone, or the permission is missing), the entry's own question stands in.
    """
    on_card = cards.question_on(_card_on(interaction))
    message = interaction.message
    if on_card or message is None or message.reference is None or message.reference.message_id is None:
        return on_card or (entry.question if entry else "")
    try:
        asked = message.reference.cached_message or await message.channel.fetch_message(message.reference.message_id)
    except discord.HTTPException:
        return entry.question if entry else ""
    said = host_of(interaction).without_mention(text_of(asked), interaction.guild)
    return said or (entry.question if entry else "")


# --------------------------------------------------------------------- buttons


class ToneMenu(Menu, name="tone"):
    """Chooses how the words to send should sound."""

    entry: EntryId
    tones: Sequence[Tone] = field(kw_only=True)
    shown: Tone = field(kw_only=True)

    def draw(self) -> discord.ui.Select[Any]:
        options = [
            discord.SelectOption(label=words(f"tone.{tone}").capitalize(), value=tone, default=tone is self.shown)
            for tone in self.tones
        ]
        return discord.ui.Select(placeholder=words("tone.menu"), options=options, row=0)

    async def act(self, interaction: Interaction) -> None:
        tone = Tone(chosen(interaction)[0])
        entry = await picked_entry(interaction, self.entry)
        card = _card_on(interaction)
        position, text = cards.words_on(card), words_to_send(entry, tone)
        if position is None or text is None:
            raise Refusal("error.gone")
        filled = cards.quoted(fill(text, blanks_in(await _question(interaction)), safe))
        card.set_field_at(position, name=words("card.say", tone=words(f"tone.{tone}")), value=filled, inline=False)
        view = answer_view(entry, tone=tone, private=True, asker=interaction.user.id)
        if _is_private(interaction):
            await change(interaction, embed=card, view=view)
        else:
            # the card of somebody else stays as it is
            await answer(interaction, embed=card, view=view)


class Share(Button, name="share"):
    """Shows a private answer to the whole channel, without the question that led to it."""

    entry: EntryId
    tone: Tone

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("button.share"), emoji="📣", row=1)

    async def act(self, interaction: Interaction) -> None:
        if not may_post(interaction):
            raise Refusal("error.not_yours_to_post")
        entry = await picked_entry(interaction, self.entry)
        card = _card_on(interaction)
        limits, message = host_of(interaction).limits, interaction.message
        if message is not None and limits.shared.wait(message.id):
            raise Refusal("error.shared")
        limits.shares.check((interaction.user.id, interaction.channel_id))
        if message is not None:
            limits.shared.use(message.id)
        await answer(
            interaction,
            content=words("card.shared", name=safe(interaction.user.display_name)),
            embed=card.copy().remove_author(),
            view=answer_view(entry, tone=self.tone, private=False, asker=interaction.user.id),
            ephemeral=False,
        )


class Other(Button, name="other"):
    """'Not my question': offers other answers."""

    entry: EntryId

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("button.other"), emoji="🔀", row=1)

    async def act(self, interaction: Interaction) -> None:
        advisor = await advisor_of(interaction)
        question = await _question(interaction, advisor.find(self.entry))
        advice = await think(interaction, advisor.alternatives, question, {self.entry})
        await _offer_others(interaction, advice, besides=self.entry)


class Frightened(Button, name="frightened"):
    """'Does this frighten you?': what to do in danger, and where help is."""

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("worry.button"), emoji="🫂", row=2)

    async def act(self, interaction: Interaction) -> None:
        advisor = await advisor_of(interaction)
        advice = await think(interaction, advisor.advise_in_danger, await _question(interaction))
        card, view = reply_parts(advice, host_of(interaction), private=True, asker=interaction.user.id)
        await answer(interaction, embed=card, view=view)


class _Judge(Button):
    """Counts what a person thinks of an answer, once, and thanks."""

    helpful: ClassVar[bool]
    thanks: ClassVar[str]
    entry: EntryId

    async def act(self, interaction: Interaction) -> None:
        entry = await picked_entry(interaction, self.entry)
        question = "" if self.helpful else await _question(interaction)
        await answer(interaction, words(self.thanks))
        await host_of(interaction).desk.count_helpful(
            entry,
            self.helpful,
            question=question,
            person=interaction.user.id,
            server=server_of(interaction),
        )


class Helpful(_Judge, name="helpful:1"):
    """Helpful."""

    helpful = True
    thanks = "thanks.helpful"

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("button.helpful"), emoji="👍", row=2)


class NotHelpful(_Judge, name="helpful:0"):
    """Not helpful: where the inbox is on, the question is kept for the server's editors."""

    helpful = False
    thanks = "thanks.unhelpful"

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("button.unhelpful"), emoji="👎", row=2)


class Remove(Button, name="remove"):
    """Takes a public answer away: for the asker, and for who may manage messages."""

    asker: Person

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("button.remove"), emoji="🗑️", row=4)

    async def act(self, interaction: Interaction) -> None:
        if not may_remove(interaction, self.asker):
            raise Refusal("error.asker_only")
        # an interaction's own token may delete its message also where the bot is not a member
        await interaction.response.defer()
        await interaction.delete_original_response()


class Choose(Button, name="choose"):
    """One of the questions that may have been meant, or one answer to the fact that tells them apart."""

    asker: Person
    entry: EntryId
    label: str = field(kw_only=True)
    at: int = field(kw_only=True)

    def draw(self) -> discord.ui.Button[Any]:
        label = shorten(self.label, 80)
        return discord.ui.Button(label=label, style=discord.ButtonStyle.primary, row=self.at)

    async def act(self, interaction: Interaction) -> None:
        bot = host_of(interaction)
        entry = await picked_entry(interaction, self.entry)
        question = await _question(interaction)
        advice = bot.advisor.explain(entry, question)
        private = _is_private(interaction)
        if private or interaction.user.id == self.asker:
            await change(
                interaction,
                embed=cards.answer_card(advice, asked=question if private else "", library=bot.advisor.library),
                view=answer_view(entry, private=private, asker=interaction.user.id),
            )
        else:
            await answer(
                interaction,
                embed=cards.answer_card(advice, library=bot.advisor.library),
                view=answer_view(entry, private=True, asker=interaction.user.id),
            )
        await bot.desk.count(advice, Route.COMMAND, server_of(interaction))


class Neither(Button, name="neither"):
    """No answer to the fact is right: lists, privately, what is near but for the entries that the answers lead to."""

    besides: EntryId

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("button.neither"), row=3)

    async def act(self, interaction: Interaction) -> None:
        advisor = await advisor_of(interaction)
        without = {self.besides, *_offered(interaction)}
        question = await _question(interaction)
        advice = await think(interaction, advisor.alternatives, question, without, asking=False)
        await _offer_others(interaction, advice)


class BrowseTopics(Button, name="topics"):
    """Opens the list of topics, privately."""

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("button.topics"), emoji="📚", row=3)

    async def act(self, interaction: Interaction) -> None:
        # a topic leads to an answer, and what stands under an answer leads back here
        from bot.chat.advice.topics import show_topics

        await show_topics(interaction)
