"""A server's own entries: shown, edited, removed after asking, listed in pages, and their history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import discord

from bot.advice.editing import changed_fields, stored_entries
from bot.chat.guidance.channels import channel_menu, few_channels, limit_of
from bot.chat.guidance.drafts import editor_of
from bot.chat.guidance.form import edit_form
from bot.chat.kit.card import COLOR, COLORS, SAFETY_COLOR, Card, headline, plain, sign
from bot.chat.kit.custom_id import EntryId
from bot.chat.kit.errors import Refusal
from bot.chat.kit.host import Host
from bot.chat.kit.item import Button, Interaction, Item, View
from bot.chat.kit.permissions import editors, store_of
from bot.chat.kit.sending import answer, change
from bot.chat.kit.text import safe, shorten
from bot.chat.kit.words import words
from bot.guidance.models import Entry
from bot.storage import ServerStore, StoredEntry, Version

PAGE = 10
"""Entries that a page of the list shows."""
MAX_HISTORY = 12
"""Versions that a history shows."""

PageNumber = Annotated[int, r"\d{1,4}"]
Search = Annotated[str, r"[\s\S]{0,60}"]


def as_entry(stored: StoredEntry) -> Entry:
    """Returns a stored entry in its full form. Raises Refusal for one that only another version can read."""
    entries, _ = stored_entries([stored.document])
    if not entries:
        raise Refusal("error.unreadable", entry=stored.entry_id)
    return entries[0]


def question_of(stored: StoredEntry) -> str:
    """Returns a stored entry's question, made harmless."""
    return safe(str(stored.document.get("question", stored.entry_id)))


# ------------------------------------------------------------------- one entry


def entry_parts(bot: Host, guild: discord.Guild | None, stored: StoredEntry) -> tuple[discord.Embed, View]:
    """Returns all of an entry, with its wordings, and what can be done with it."""
    entry = as_entry(stored)
    card = Card(
        title=f"{headline(entry)} · {entry.question}",
        description=entry.advice,
        color=SAFETY_COLOR if entry.safety else COLORS[entry.verdict],
    )
    if entry.reason:
        card.add_field(name=words("field.reason"), value=entry.reason, inline=False)
    for key, text in entry.adapt.items():
        card.add_field(name=key, value=text, inline=False)
    for tone, text in entry.say.items():
        card.add_field(name=f"{words('card.say')} · {words(f'tone.{tone}')}", value=text, inline=False)
    if entry.examples:
        lines = shorten("\n".join(f"- {safe(example)}" for example in entry.examples), 1000)
        card.add_field(name=words("guidance.field_wordings"), value=lines, inline=False)
    limit = limit_of(guild, entry)
    if limit:
        card.add_field(name=words("guidance.channels"), value=limit, inline=False)
    menu = channel_menu(guild, entry)
    return card, View(menu, EditEntry(entry.id), RemoveEntry(entry.id), EntryHistory(entry.id))


async def ask_to_remove(interaction: Interaction, stored: StoredEntry) -> None:
    """Asks before an entry is removed."""
    text = words("guidance.ask_remove", question=question_of(stored))
    view = View(ConfirmRemoval(stored.entry_id))
    await answer(interaction, text, view=view)


class EditEntry(Button, name="own:edit", permission=editors):
    """Opens an entry's form."""

    entry: EntryId

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("guidance.edit"))

    async def act(self, interaction: Interaction) -> None:
        await edit_form(await store_of(interaction).entries.get(self.entry)).open(interaction)


class RemoveEntry(Button, name="own:remove", permission=editors):
    """Asks whether to remove an entry."""

    entry: EntryId

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("guidance.remove"), style=discord.ButtonStyle.danger)

    async def act(self, interaction: Interaction) -> None:
        await ask_to_remove(interaction, await store_of(interaction).entries.get(self.entry))


class ConfirmRemoval(Button, name="own:yes_remove", permission=editors):
    """Removes an entry."""

    entry: EntryId

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("guidance.yes_remove"), style=discord.ButtonStyle.danger)

    async def act(self, interaction: Interaction) -> None:
        store = store_of(interaction)
        stored = await store.entries.get(self.entry)
        await store.entries.remove(self.entry, editor=interaction.user.id)
        text = words("guidance.removed", question=question_of(stored))
        await change(interaction, content=text, view=None, embed=None)


# --------------------------------------------------------------------- history


class EntryHistory(Button, name="own:history", permission=editors):
    """Shows who changed an entry, when, and what."""

    entry: EntryId

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("guidance.history"))

    async def act(self, interaction: Interaction) -> None:
        card = history_card(self.entry, await store_of(interaction).entries.history(self.entry))
        await answer(interaction, embed=card)


def history_card(entry_id: str, versions: Sequence[Version]) -> discord.Embed:
    """Returns who changed an entry, when, and which of its fields; the newest first."""
    older: list[Mapping[str, Any] | None] = [*(version.document for version in versions[1:]), None]
    lines = [
        words(
            "guidance.history_line",
            number=version.number,
            action=words(f"guidance.action_{version.action}"),
            when=discord.utils.format_dt(version.at, "f"),
            editor=editor_of(version),
            fields=", ".join(words(f"field.{name}") for name in changed_fields(before, version.document)) or "-",
        )
        for version, before in zip(versions[:MAX_HISTORY], older, strict=False)
    ]
    title = words("guidance.history_title", entry=entry_id)
    return plain(title, shorten("\n".join(lines), 4000), COLOR)


# ------------------------------------------------------------------------ list


def _texts_of(stored: StoredEntry) -> list[str]:
    """What is searched: not the whole entry is read, for a server may have hundreds."""
    return [stored.entry_id, str(stored.document["question"]), *stored.document.get("examples", ())]


async def list_parts(store: ServerStore, page: int, search: str) -> tuple[discord.Embed, View]:
    """Returns one page of a server's entries, those that hold every word of `search`."""
    wanted = search.lower().split()
    everything = await store.entries.all()
    found = [stored for stored in everything if all(word in " ".join(_texts_of(stored)).lower() for word in wanted)]
    title = words("guidance.list_title")
    if not found:
        return plain(title, words("guidance.list_not_found" if everything else "guidance.list_none")), View()
    page = max(0, min(page, (len(found) - 1) // PAGE))
    shown = found[page * PAGE : (page + 1) * PAGE]
    lines = [_list_line(stored) for stored in shown]
    card = plain(title, "\n".join(lines), COLOR)
    limit = (await store.settings.get()).entries_limit
    first = page * PAGE + 1
    foot = words("guidance.list_foot", first=first, last=first + len(shown) - 1, total=len(found), limit=limit)
    card.set_footer(text=foot)
    ways: list[Item[Any]] = [EarlierEntries(page - 1, search)] if page else []
    if len(found) > (page + 1) * PAGE:
        ways.append(LaterEntries(page + 1, search))
    return card, View(*ways)


def _list_line(stored: StoredEntry) -> str:
    entry = as_entry(stored)
    limit = f" · {few_channels(entry.channels)}" if entry.channels else ""
    return f"{sign(entry)} **{question_of(stored)}** · `{stored.entry_id}`{limit}"


class _ListPage(Button):
    """Another page of the list."""

    page: PageNumber
    search: Search

    async def act(self, interaction: Interaction) -> None:
        card, view = await list_parts(store_of(interaction), self.page, self.search)
        await change(interaction, embed=card, view=view)


class EarlierEntries(_ListPage, name="list:earlier", permission=editors):
    """The page before."""

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("guidance.earlier"))


class LaterEntries(_ListPage, name="list:later", permission=editors):
    """The next page."""

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("guidance.later"))
