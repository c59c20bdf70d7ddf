"""The inbox: questions that went unanswered, like ones together; written into an entry, added to one, or dismissed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Any

import discord

from bot.advice.fields import fields_of
from bot.chat.guidance.drafts import offer
from bot.chat.guidance.form import InboxForm
from bot.chat.guidance.groups import group_of, grouped
from bot.chat.guidance.proposals import Worded
from bot.chat.kit.card import COLOR, plain
from bot.chat.kit.custom_id import Position, RowId
from bot.chat.kit.errors import Refusal
from bot.chat.kit.host import whole_advisor_of
from bot.chat.kit.item import Button, Interaction, Item, Menu, View, chosen
from bot.chat.kit.permissions import editors, store_of
from bot.chat.kit.sending import answer, change
from bot.chat.kit.text import safe, shorten
from bot.chat.kit.thinking import patiently, think
from bot.chat.kit.words import words
from bot.guidance.models import MAX_QUESTION
from bot.storage import ServerStore, StoredEntry, Unanswered

MAX_LISTED = 8
"""Questions of a group that its card lists."""
MAX_DRAFTED = 20
"""Questions of a group that become the wordings of a draft."""


async def inbox_parts(interaction: Interaction, store: ServerStore, position: int) -> tuple[discord.Embed, View]:
    """Returns one group of the inbox with what can be done about it; `position` counts from 0 and wraps around."""
    groups, unread = await grouped(interaction, store)
    if not groups:
        key = "inbox.empty" if (await store.settings.get()).inbox else "inbox.off"
        return plain(words("inbox.title", position=0, total=0), words(key)), View()
    position %= len(groups)
    group = groups[position]
    asked = words("inbox.asked", count=len(group))
    for reason in ("unhelpful", "reported"):
        if any(each.reason == reason for each in group):
            asked = f"{asked} {words(f'inbox.{reason}')}"
    lines = [f"- {shorten(safe(each.question), 300)}" for each in group[:MAX_LISTED]]
    title = words("inbox.title", position=position + 1, total=len(groups))
    if unread:
        lines.append(words("inbox.unread", count=len(unread)))
    first = group[0].id
    items: list[Item[Any]] = [WriteEntry(first), AddWording(first), Dismiss(first)]
    if len(groups) > 1:
        items.append(InboxPage(position + 1))
    return plain(title, "\n".join([asked, *lines]), COLOR), View(*items)


class InboxPage(Button, name="inbox:page", permission=editors):
    """The next group."""

    position: Position

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("inbox.next"), row=1)

    async def act(self, interaction: Interaction) -> None:
        parts = inbox_parts(interaction, store_of(interaction), self.position)
        card, view = await patiently(interaction, parts, in_place=True)
        await change(interaction, embed=card, view=view)


class WriteEntry(Button, name="inbox:write", permission=editors):
    """Opens a form that a group of questions has filled in."""

    first: RowId

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("inbox.write"), style=discord.ButtonStyle.primary)

    async def act(self, interaction: Interaction) -> None:
        group = await group_of(interaction, store_of(interaction), self.first)
        await inbox_form(group).open(interaction)


def inbox_form(group: Sequence[Unanswered]) -> InboxForm:
    """Returns the form of an entry that answers a group of questions, of which it holds as many as fit."""
    questions = list(dict.fromkeys(each.question for each in group))
    document = {"question": shorten(questions[0], MAX_QUESTION), "examples": questions[:MAX_DRAFTED]}
    return InboxForm(group[0].id, held=fields_of(document))


class AddWording(Button, name="inbox:wording", permission=editors):
    """Asks to which entry a group's wordings are to be added; the likeliest first."""

    first: RowId

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("inbox.wording"))

    async def act(self, interaction: Interaction) -> None:
        store = store_of(interaction)
        group = await patiently(interaction, group_of(interaction, store, self.first))
        own = await store.entries.all()
        if not own:
            raise Refusal("inbox.no_entries")
        advisor = await whole_advisor_of(interaction)
        best = [entry.id for entry in await think(interaction, advisor.own_order, group[0].question, 25)]
        own.sort(key=lambda stored: best.index(stored.entry_id) if stored.entry_id in best else len(best))
        view = View(WordingMenu(self.first, entries=own[:25]))
        await answer(interaction, words("inbox.choose"), view=view)


class WordingMenu(Menu, name="inbox:to", permission=editors):
    """Chooses the entry to which a group's wordings are added."""

    first: RowId
    entries: Sequence[StoredEntry] = field(kw_only=True)

    def draw(self) -> discord.ui.Select[Any]:
        return discord.ui.Select(
            options=[
                discord.SelectOption(label=shorten(str(each.document["question"]), 100), value=each.entry_id)
                for each in self.entries
            ]
        )

    async def act(self, interaction: Interaction) -> None:
        store = store_of(interaction)
        group = await patiently(interaction, group_of(interaction, store, self.first), in_place=True)
        questions = list(dict.fromkeys(each.question for each in group))
        proposal = Worded(entry=chosen(interaction)[0], questions=questions, first=self.first)
        await offer(interaction, proposal, in_place=True)


class Dismiss(Button, name="inbox:dismiss", permission=editors):
    """Takes a group out of the inbox."""

    first: RowId

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("inbox.dismiss"))

    async def act(self, interaction: Interaction) -> None:
        store = store_of(interaction)
        group = await patiently(interaction, group_of(interaction, store, self.first), in_place=True)
        count = await store.inbox.dismiss([each.id for each in group])
        card, view = await patiently(interaction, inbox_parts(interaction, store, 0), in_place=True)
        text = words("inbox.dismissed", count=count)
        await change(interaction, content=text, embed=card, view=view)
