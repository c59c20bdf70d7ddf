"""Buttons and menus of `/guidance`: pages, edit, remove, history, import, and the inbox."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Self, cast

import discord
import numpy as np

from bot.advice.editing import alike, as_document, changed_fields
from bot.chat.advice import card as cards
from bot.chat.guidance.form import EntryForm, editors_server
from bot.chat.kit.errors import Refusal
from bot.chat.kit.host import host_of
from bot.chat.kit.item import Interaction, Item
from bot.chat.kit.words import words
from bot.guidance.models import MAX_EXAMPLES, Entry, Verdict
from bot.storage import ServerStore, StoredEntry, Unanswered, Version

PAGE = 10
MOST_HISTORY = 12
COLOR = cards.COLORS[Verdict.HOW_TO]

_ENTRY = r"(?P<entry>[a-z0-9_-]{1,64})"


def as_entry(stored: StoredEntry) -> Entry:
    """Returns a stored entry in its full form."""
    return Entry.model_validate(dict(stored.document))


# ------------------------------------------------------------------- one entry


def entry_view(entry_id: str) -> discord.ui.View:
    """Returns what can be done with an entry that is shown."""
    view = discord.ui.View(timeout=None)
    for verb in ("edit", "remove", "history"):
        view.add_item(EntryButton(verb, entry_id))
    return view


class EntryButton(
    Item[discord.ui.Button[Any]], template=rf"rsvno:own:(?P<verb>edit|remove|yes_remove|history):{_ENTRY}"
):
    """Edits an entry, removes it (after asking), or shows its history."""

    def __init__(self, verb: str, entry_id: str) -> None:
        self.verb, self.entry_id = verb, entry_id
        danger = verb in ("remove", "yes_remove")
        super().__init__(
            discord.ui.Button(
                label=words(f"guidance.{verb}"),
                custom_id=f"rsvno:own:{verb}:{entry_id}",
                style=discord.ButtonStyle.danger if danger else discord.ButtonStyle.secondary,
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls(match["verb"], match["entry"])

    async def act(self, interaction: Interaction) -> None:
        store = await editors_server(interaction)
        if self.verb == "history":
            card = history_card(self.entry_id, await store.history(self.entry_id), interaction)
            await interaction.response.send_message(embed=card, ephemeral=True)
            return
        stored = await store.entry(self.entry_id)
        question = cards.safe(str(stored.document["question"]))
        if self.verb == "edit":
            await interaction.response.send_modal(edit_form(stored, interaction))
        elif self.verb == "remove":
            await ask_to_remove(interaction, stored)
        else:
            await store.remove_entry(self.entry_id, editor=interaction.user.id)
            await interaction.response.edit_message(
                content=words("guidance.removed", interaction.locale, question=question), view=None, embed=None
            )


def edit_form(stored: StoredEntry, interaction: Interaction) -> EntryForm:
    """Returns the form, filled in with an entry."""
    return EntryForm(entry_id=stored.entry_id, document=stored.document, locale=interaction.locale)


async def ask_to_remove(interaction: Interaction, stored: StoredEntry) -> None:
    """Asks before an entry is removed."""
    view = discord.ui.View(timeout=None)
    view.add_item(EntryButton("yes_remove", stored.entry_id))
    question = cards.safe(str(stored.document["question"]))
    await interaction.response.send_message(
        words("guidance.ask_remove", interaction.locale, question=question), view=view, ephemeral=True
    )


def history_card(entry_id: str, versions: Sequence[Version], interaction: Interaction) -> discord.Embed:
    """Returns who changed an entry, when, and which of its fields; the newest first."""
    lines: list[str] = []
    older: list[Mapping[str, Any] | None] = [*(version.document for version in versions[1:]), None]
    for version, before in zip(versions[:MOST_HISTORY], older, strict=False):
        if version.editor is not None:
            editor = f"<@{version.editor}>"
        else:
            editor = words("guidance.history_someone", interaction.locale)
        lines.append(
            words(
                "guidance.history_line", interaction.locale, number=version.number,
                action=words(f"guidance.action_{version.action}", interaction.locale),
                when=discord.utils.format_dt(version.at, "f"), editor=editor,
                fields=", ".join(changed_fields(before, version.document)) or "-",
            )
        )  # fmt: skip
    title = words("guidance.history_title", interaction.locale, entry=entry_id)
    return cards.plain(title, cards.shorten("\n".join(lines), 4000), COLOR)


# ------------------------------------------------------------------------ list


async def list_parts(
    interaction: Interaction, store: ServerStore, page: int, search: str
) -> tuple[discord.Embed, discord.ui.View]:
    """Returns one page of a server's entries, those that hold every word of `search`."""
    wanted = search.lower().split()
    everything = await store.entries()
    found = [
        stored
        for stored in everything
        if all(word in " ".join([stored.entry_id, *as_entry(stored).wordings]).lower() for word in wanted)
    ]
    title = words("guidance.list_title", interaction.locale)
    view = discord.ui.View(timeout=None)
    if not found:
        key = "guidance.list_not_found" if everything else "guidance.list_none"
        return cards.plain(title, words(key, interaction.locale)), view
    page = max(0, min(page, (len(found) - 1) // PAGE))
    shown = found[page * PAGE : (page + 1) * PAGE]
    lines = [
        f"{cards.headline(as_entry(stored)).split()[0]} **{cards.safe(str(stored.document['question']))}** "
        f"· `{stored.entry_id}`"
        for stored in shown
    ]
    card = cards.plain(title, "\n".join(lines), COLOR)
    limit = (await store.settings()).entries_limit
    first = page * PAGE + 1
    card.set_footer(
        text=words(
            "guidance.list_foot", interaction.locale, first=first, last=first + len(shown) - 1, total=len(found),
            limit=limit,
        )
    )  # fmt: skip
    if page:
        view.add_item(ListPage("earlier", page - 1, search))
    if len(found) > (page + 1) * PAGE:
        view.add_item(ListPage("later", page + 1, search))
    return card, view


class ListPage(
    Item[discord.ui.Button[Any]],
    template=r"rsvno:list:(?P<way>earlier|later):(?P<page>\d{1,4}):(?P<search>[\s\S]{0,60})",
):
    """Another page of the list."""

    def __init__(self, way: str, page: int, search: str) -> None:
        self.page, self.search = page, search
        super().__init__(
            discord.ui.Button(label=words(f"guidance.{way}"), custom_id=f"rsvno:list:{way}:{page}:{search[:60]}")
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls(match["way"], int(match["page"]), match["search"])

    async def act(self, interaction: Interaction) -> None:
        store = await editors_server(interaction)
        card, view = await list_parts(interaction, store, self.page, self.search)
        await interaction.response.edit_message(embed=card, view=view)


# ---------------------------------------------------------------------- import


class ConfirmImport(Item[discord.ui.Button[Any]], template=r"rsvno:import:(?P<name>[0-9a-f]{16})"):
    """Carries out an import that was shown."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            discord.ui.Button(
                label=words("guidance.import_yes"), custom_id=f"rsvno:import:{name}", style=discord.ButtonStyle.primary
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls(match["name"])

    async def act(self, interaction: Interaction) -> None:
        store = await editors_server(interaction)
        plan = host_of(interaction).pending_imports.take(store.guild_id, self.name)
        if plan is None:
            raise Refusal("guidance.import_gone")
        await store.import_entries(plan.add, plan.change, editor=interaction.user.id)
        text = words("guidance.imported", interaction.locale, add=len(plan.add), change=len(plan.change))
        await interaction.response.edit_message(content=text, embed=None, view=None)


# ----------------------------------------------------------------------- inbox


async def grouped(interaction: Interaction, store: ServerStore) -> list[list[Unanswered]]:
    """Returns the inbox with like questions together, most asked first."""
    waiting = await store.unanswered()
    if not waiting:
        return []
    matcher = host_of(interaction).advisor.matcher
    vectors = np.stack([matcher.look(each.question)[1] for each in waiting])
    return [[waiting[row] for row in group] for group in alike(vectors)]


async def inbox_parts(interaction: Interaction, store: ServerStore, position: int) -> tuple[discord.Embed, Any]:
    """Returns one group of the inbox with what can be done about it; `position` counts from 0 and wraps around."""
    groups = await grouped(interaction, store)
    if not groups:
        key = "inbox.empty" if (await store.settings()).inbox else "inbox.off"
        return cards.plain(words("inbox.title", position=0, total=0), words(key, interaction.locale)), None
    position %= len(groups)
    group = groups[position]
    unhelpful = any(each.reason == "unhelpful" for each in group)
    asked = words(
        "inbox.asked", interaction.locale, count=len(group),
        reason=words("inbox.unhelpful", interaction.locale) if unhelpful else "",
    )  # fmt: skip
    lines = [f"- {cards.shorten(cards.safe(each.question), 300)}" for each in group[:8]]
    title = words("inbox.title", interaction.locale, position=position + 1, total=len(groups))
    view = discord.ui.View(timeout=None)
    for verb in ("write", "wording", "dismiss"):
        view.add_item(InboxButton(verb, group[0].id))
    if len(groups) > 1:
        view.add_item(InboxPage(position + 1))
    return cards.plain(title, "\n".join([asked, *lines]), COLOR), view


async def _group_of(interaction: Interaction, store: ServerStore, first: int) -> list[Unanswered]:
    for group in await grouped(interaction, store):
        if any(each.id == first for each in group):
            return group
    raise Refusal("error.gone")


class InboxPage(Item[discord.ui.Button[Any]], template=r"rsvno:inbox:page:(?P<position>\d{1,5})"):
    """The next group."""

    def __init__(self, position: int) -> None:
        self.position = position
        super().__init__(discord.ui.Button(label=words("inbox.next"), custom_id=f"rsvno:inbox:page:{position}", row=1))

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls(int(match["position"]))

    async def act(self, interaction: Interaction) -> None:
        card, view = await inbox_parts(interaction, await editors_server(interaction), self.position)
        await interaction.response.edit_message(embed=card, view=view)


class InboxButton(
    Item[discord.ui.Button[Any]], template=r"rsvno:inbox:(?P<verb>write|wording|dismiss):(?P<first>\d{1,20})"
):
    """Writes an entry from a group, adds its wording to an entry, or dismisses it."""

    def __init__(self, verb: str, first: int) -> None:
        self.verb, self.first = verb, first
        style = discord.ButtonStyle.primary if verb == "write" else discord.ButtonStyle.secondary
        super().__init__(
            discord.ui.Button(label=words(f"inbox.{verb}"), custom_id=f"rsvno:inbox:{verb}:{first}", style=style)
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls(match["verb"], int(match["first"]))

    async def act(self, interaction: Interaction) -> None:
        store = await editors_server(interaction)
        group = await _group_of(interaction, store, self.first)
        if self.verb == "dismiss":
            count = await store.dismiss([each.id for each in group])
            card, view = await inbox_parts(interaction, store, 0)
            await interaction.response.edit_message(
                content=words("inbox.dismissed", interaction.locale, count=count), embed=card, view=view
            )
        elif self.verb == "write":
            questions = list(dict.fromkeys(each.question for each in group))
            draft = {"question": cards.shorten(questions[0], 100), "examples": questions[:20]}
            ids = [each.id for each in group]

            async def saved(later: Interaction, entry: Entry) -> None:
                await store.dismiss(ids)

            form = EntryForm(document=draft, saved=saved, locale=interaction.locale)
            await interaction.response.send_modal(form)
        else:
            own = await store.entries()
            if not own:
                raise Refusal("inbox.no_entries")
            guidance = await host_of(interaction).desk.guidance(store.guild_id)
            best: list[str] = []
            if guidance is not None:
                prepared, vector, _ = host_of(interaction).advisor.matcher.look(group[0].question)
                best = [match.entry.id for match in guidance.own.match(prepared, vector, 25)]
            own.sort(key=lambda stored: best.index(stored.entry_id) if stored.entry_id in best else len(best))
            menu = discord.ui.View(timeout=None)
            menu.add_item(WordingMenu(self.first, own[:25]))
            await interaction.response.send_message(
                words("inbox.choose", interaction.locale), view=menu, ephemeral=True
            )


class WordingMenu(Item[discord.ui.Select[Any]], template=r"rsvno:inbox:to:(?P<first>\d{1,20})"):
    """Chooses the entry to which a group's wordings are added."""

    def __init__(self, first: int, entries: Sequence[StoredEntry] = ()) -> None:
        self.first = first
        super().__init__(
            discord.ui.Select(
                custom_id=f"rsvno:inbox:to:{first}",
                options=[
                    discord.SelectOption(label=cards.shorten(str(each.document["question"]), 100), value=each.entry_id)
                    for each in entries
                ]
                or [discord.SelectOption(label="-")],
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls(int(match["first"]))

    async def act(self, interaction: Interaction) -> None:
        store = await editors_server(interaction)
        group = await _group_of(interaction, store, self.first)
        data = cast("dict[str, Any]", interaction.data)
        entry = as_entry(await store.entry(data["values"][0]))
        wordings = list(dict.fromkeys([*entry.examples, *(each.question for each in group)]))[:MAX_EXAMPLES]
        changed = entry.model_copy(update={"examples": tuple(wordings)})
        await store.edit_entry(entry.id, as_document(changed), editor=interaction.user.id)
        await store.dismiss([each.id for each in group])
        await interaction.response.edit_message(
            content=words("inbox.worded", interaction.locale, question=cards.safe(entry.question)), view=None
        )


ITEMS = (EntryButton, ListPage, ConfirmImport, InboxPage, InboxButton, WordingMenu)
