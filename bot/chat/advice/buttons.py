"""Buttons and menus under an answer. All that they need is in their custom id and on their card: they survive restarts.

A custom id is `rsvno:WHAT:ENTRY:...` and at most 100 characters; an entry's id has at most 64.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Self, cast

import discord

from bot.advice.advisor import Advice, words_to_send
from bot.chat.advice import card as cards
from bot.chat.kit.desk import Route
from bot.chat.kit.errors import Refusal
from bot.chat.kit.host import Host, host_of
from bot.chat.kit.item import Interaction, Item
from bot.chat.kit.origin import server_of
from bot.chat.kit.words import words
from bot.guidance.blanks import blanks_in, fill
from bot.guidance.models import Entry, Tone
from bot.matching.policies import Outcome

_ENTRY = r"(?P<entry>[a-z0-9_-]{1,64})"
_TONE = r"(?P<tone>warm|brief|firm)"


def answer_view(entry: Entry, *, tone: Tone = Tone.WARM, private: bool, asker: int) -> discord.ui.View:
    """Returns what stands under an answer: the tone's menu, sharing or removing, other matches, helpful or not."""
    view = discord.ui.View(timeout=None)
    shown = cards.tone_of(entry, tone)
    if len(entry.say) > 1 and shown is not None:
        view.add_item(ToneMenu(entry.id, tuple(entry.say), shown))
    if private:
        view.add_item(Share(entry.id, shown or Tone.WARM))
    view.add_item(Other(entry.id))
    view.add_item(Helpful(entry.id, True))
    view.add_item(Helpful(entry.id, False))
    if not private:
        view.add_item(Remove(asker))
    return view


def choices_view(entries: Sequence[Entry], *, private: bool, asker: int) -> discord.ui.View:
    """Returns one button for each question that may have been meant, and one to browse."""
    view = discord.ui.View(timeout=None)
    for number, entry in enumerate(entries):
        view.add_item(Choose(entry.id, asker, label=cards.shorten(entry.question, 80), row=number))
    view.add_item(BrowseTopics())
    if not private:
        view.add_item(Remove(asker))
    return view


def none_view(*, private: bool, asker: int) -> discord.ui.View:
    """Returns what stands under 'that is outside what I know'."""
    view = discord.ui.View(timeout=None)
    view.add_item(BrowseTopics())
    if not private:
        view.add_item(Remove(asker))
    return view


def may_remove(interaction: Interaction, asker: int) -> bool:
    """Returns whether who pressed is the asker, or may manage messages there."""
    return interaction.user.id == asker or interaction.permissions.manage_messages


async def picked_entry(interaction: Interaction, entry_id: str) -> Entry:
    entry = await host_of(interaction).desk.find(entry_id, server_of(interaction))
    if entry is None:
        raise Refusal("error.gone")
    return entry


def _card_on(interaction: Interaction) -> discord.Embed:
    message = interaction.message
    if message is None or not message.embeds:
        raise Refusal("error.gone")
    return message.embeds[0]


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
    return host_of(interaction).without_mention(asked.content) or (entry.question if entry else "")


class ToneMenu(Item[discord.ui.Select[Any]], template=rf"rsvno:tone:{_ENTRY}"):
    """Chooses how the words to send should sound."""

    def __init__(self, entry_id: str, tones: Sequence[Tone], shown: Tone) -> None:
        self.entry_id = entry_id
        super().__init__(
            discord.ui.Select(
                custom_id=f"rsvno:tone:{entry_id}",
                placeholder=words("tone.menu"),
                options=[
                    discord.SelectOption(label=words(f"tone.{tone}").capitalize(), value=tone, default=tone is shown)
                    for tone in tones
                ],
                row=0,
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls(match["entry"], (Tone.WARM,), Tone.WARM)

    async def act(self, interaction: Interaction) -> None:
        data = cast("dict[str, Any]", interaction.data)
        tone = Tone(data["values"][0])
        entry = await picked_entry(interaction, self.entry_id)
        card = _card_on(interaction)
        position = next((at for at, field in enumerate(card.fields) if (field.value or "").startswith(">>> ")), None)
        text = words_to_send(entry, tone)
        if position is None or text is None:
            raise Refusal("error.gone")
        filled = fill(text, blanks_in(await _question(interaction)))
        card.set_field_at(
            position,
            name=words("card.say", interaction.locale, tone=words(f"tone.{tone}", interaction.locale)),
            value=f">>> {cards.with_visible_blanks(filled)}",
            inline=False,
        )
        view = answer_view(entry, tone=tone, private=True, asker=interaction.user.id)
        if _is_private(interaction):
            await interaction.response.edit_message(embed=card, view=view)
        else:
            # the card of somebody else stays as it is
            await interaction.response.send_message(embed=card, view=view, ephemeral=True)


class Share(Item[discord.ui.Button[Any]], template=rf"rsvno:share:{_ENTRY}:{_TONE}"):
    """Shows a private answer to the whole channel, without the question that led to it."""

    def __init__(self, entry_id: str, tone: Tone) -> None:
        self.entry_id, self.tone = entry_id, tone
        super().__init__(
            discord.ui.Button(
                label=words("button.share"), custom_id=f"rsvno:share:{entry_id}:{tone}", emoji="📣", row=1
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls(match["entry"], Tone(match["tone"]))

    async def act(self, interaction: Interaction) -> None:
        entry = await picked_entry(interaction, self.entry_id)
        card = _card_on(interaction).copy().remove_author()
        name = cards.safe(interaction.user.display_name)
        await interaction.response.send_message(
            content=words("card.shared", interaction.locale, name=name),
            embed=card,
            view=answer_view(entry, tone=self.tone, private=False, asker=interaction.user.id),
        )


class Other(Item[discord.ui.Button[Any]], template=rf"rsvno:other:{_ENTRY}"):
    """'Not my question': offers other answers."""

    def __init__(self, entry_id: str) -> None:
        self.entry_id = entry_id
        super().__init__(
            discord.ui.Button(label=words("button.other"), custom_id=f"rsvno:other:{entry_id}", emoji="🔀", row=1)
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls(match["entry"])

    async def act(self, interaction: Interaction) -> None:
        server = server_of(interaction)
        desk = host_of(interaction).desk
        question = await _question(interaction, await desk.find(self.entry_id, server))
        others = await desk.alternatives(question, self.entry_id, server) if question else []
        if not others:
            card = cards.plain(words("none.title", interaction.locale), words("choices.none_left", interaction.locale))
            view = none_view(private=True, asker=interaction.user.id)
        else:
            card = cards.choices_card(asked=question, locale=interaction.locale)
            view = choices_view(others, private=True, asker=interaction.user.id)
        await interaction.response.send_message(embed=card, view=view, ephemeral=True)


class Helpful(Item[discord.ui.Button[Any]], template=rf"rsvno:helpful:(?P<yes>[01]):{_ENTRY}"):
    """Helpful, or not."""

    def __init__(self, entry_id: str, helpful: bool) -> None:
        self.entry_id, self.helpful = entry_id, helpful
        super().__init__(
            discord.ui.Button(
                label=words("button.helpful" if helpful else "button.unhelpful"),
                custom_id=f"rsvno:helpful:{int(helpful)}:{entry_id}",
                emoji="👍" if helpful else "👎",
                row=2,
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls(match["entry"], match["yes"] == "1")

    async def act(self, interaction: Interaction) -> None:
        entry = await picked_entry(interaction, self.entry_id)
        question = "" if self.helpful else await _question(interaction)
        message = interaction.message
        await interaction.response.send_message(
            words("thanks.helpful" if self.helpful else "thanks.unhelpful", interaction.locale), ephemeral=True
        )
        await host_of(interaction).desk.count_helpful(
            entry,
            self.helpful,
            question=question,
            person=interaction.user.id,
            answer=message.id if message else interaction.id,
            server=server_of(interaction),
        )


class Remove(Item[discord.ui.Button[Any]], template=r"rsvno:remove:(?P<asker>\d{1,20})"):
    """Takes a public answer away: for the asker, and for who may manage messages."""

    def __init__(self, asker: int) -> None:
        self.asker = asker
        super().__init__(
            discord.ui.Button(
                label=words("button.remove"), custom_id=f"rsvno:remove:{asker}", emoji="🗑️", row=4,
            )
        )  # fmt: skip

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls(int(match["asker"]))

    async def act(self, interaction: Interaction) -> None:
        if not may_remove(interaction, self.asker):
            raise Refusal("error.asker_only")
        # an interaction's own token may delete its message also where the bot is not a member
        await interaction.response.defer()
        await interaction.delete_original_response()


class Choose(Item[discord.ui.Button[Any]], template=rf"rsvno:choose:(?P<asker>\d{{1,20}}):{_ENTRY}"):
    """One of the questions that may have been meant."""

    def __init__(self, entry_id: str, asker: int, *, label: str = "?", row: int | None = None) -> None:
        self.entry_id, self.asker = entry_id, asker
        super().__init__(
            discord.ui.Button(
                label=label,
                custom_id=f"rsvno:choose:{asker}:{entry_id}",
                style=discord.ButtonStyle.primary,
                row=row,
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls(match["entry"], int(match["asker"]))

    async def act(self, interaction: Interaction) -> None:
        bot = host_of(interaction)
        server = server_of(interaction)
        entry = await picked_entry(interaction, self.entry_id)
        question = await _question(interaction)
        advice = bot.advisor.explain(entry, question)
        if _is_private(interaction) or interaction.user.id == self.asker:
            private = _is_private(interaction)
            await interaction.response.edit_message(
                embed=cards.answer_card(advice, asked=question if private else "", locale=interaction.locale),
                view=answer_view(entry, private=private, asker=interaction.user.id),
            )
        else:
            await interaction.response.send_message(
                embed=cards.answer_card(advice, locale=interaction.locale),
                view=answer_view(entry, private=True, asker=interaction.user.id),
                ephemeral=True,
            )
        await bot.desk.count(advice, Route.COMMAND, server)


class BrowseTopics(Item[discord.ui.Button[Any]], template=r"rsvno:topics"):
    """Opens the list of topics, privately."""

    def __init__(self) -> None:
        super().__init__(discord.ui.Button(label=words("button.topics"), custom_id="rsvno:topics", emoji="📚", row=3))

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls()

    async def act(self, interaction: Interaction) -> None:
        await host_of(interaction).show_topics(interaction)


ITEMS = (ToneMenu, Share, Other, Helpful, Remove, Choose, BrowseTopics)
"""All that must be registered with the client so that it works after a restart."""


def reply_parts(
    advice: Advice, bot: Host, *, private: bool, asker: int, locale: discord.Locale | None = None, note: str = "",
    tone: Tone = Tone.WARM,
) -> tuple[discord.Embed, discord.ui.View]:  # fmt: skip
    """Returns the card and what stands under it for any of the three outcomes."""
    if advice.outcome is Outcome.ANSWER and advice.entry is not None:
        card = cards.answer_card(advice, tone, asked=advice.question if private else "", locale=locale, note=note)
        return card, answer_view(advice.entry, tone=tone, private=private, asker=asker)
    if advice.outcome is Outcome.CHOICES:
        card = cards.choices_card(asked=advice.question if private else "", locale=locale)
        return card, choices_view([each.entry for each in advice.choices], private=private, asker=asker)
    return cards.none_card(bot.advisor.library, locale), none_view(private=private, asker=asker)
