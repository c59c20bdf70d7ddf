"""A proposal on its way: tried, saved, or kept as a draft with what can be done about it, and nothing of it is lost."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import field
from typing import Any

import discord

from bot.advice.fields import FIELDS, Refused, fields_of
from bot.chat.guidance.channels import channel_menu
from bot.chat.guidance.proposals import DRAFTS, Clash, Proposal, Restored, Written
from bot.chat.guidance.trial import doubts
from bot.chat.kit.card import COLOR, plain, verdict_words
from bot.chat.kit.errors import Refusal, describe
from bot.chat.kit.host import host_of
from bot.chat.kit.item import Button, Interaction, Item, View
from bot.chat.kit.logs import where_it_happened
from bot.chat.kit.pending import PendingName
from bot.chat.kit.permissions import editors, store_of
from bot.chat.kit.sending import answer, change
from bot.chat.kit.text import MOST_CONTENT, safe, shorten
from bot.chat.kit.words import words
from bot.guidance.models import Entry, Verdict
from bot.storage import OPERATOR, Latest, StorageFault, Version

log = logging.getLogger(__name__)

MAX_BOTH = 480
"""Characters of a field, when theirs and mine are looked at."""


async def offer(interaction: Interaction, proposal: Proposal, *, in_place: bool = False) -> None:
    """Tries a proposal and saves it; or keeps it as a draft, says why, and lets choose.

    `in_place`: in the message that something was pressed on. Raises Refusal and StorageFault for what holds nothing
    that somebody wrote.
    """
    text, view = await outcome(interaction, proposal, in_place=in_place)
    if in_place:
        await change(interaction, content=text, view=view)
    else:
        await answer(interaction, text, view=view)


async def outcome(
    interaction: Interaction, proposal: Proposal, *, sure: bool = False, in_place: bool = False
) -> tuple[str, View]:
    """Returns what became of a proposal, in words, and what can be done next. `sure`: saved, whatever it takes."""
    store = store_of(interaction)
    try:
        await proposal.check(store)
        # whatever it is, it can be an entry
        await proposal.result(interaction)
        tried = None if sure else await proposal.tried(interaction)
        doubt = await doubts(interaction, tried, in_place=in_place) if tried is not None else ""
        if doubt:
            return doubt, View(*await _choices(interaction, proposal))
        entry = await proposal.save(interaction)
    except Clash as clash:
        return await _clash_parts(interaction, proposal, clash.latest)
    except Refused as error:
        lines = "\n".join(f"- {safe(line)}" for line in error.lines)
        refusal = Refusal("guidance.refused", lines=shorten(lines, 1800))
        if not proposal.editable:
            raise refusal from None
        return await _refused_parts(interaction, proposal, refusal)
    except StorageFault as fault:
        if not proposal.editable:
            raise
        return await _refused_parts(interaction, proposal, fault)
    return await _saved_parts(interaction, proposal, entry)


async def _saved_parts(interaction: Interaction, proposal: Proposal, entry: Entry) -> tuple[str, View]:
    try:
        lines = await proposal.said(interaction, entry)
        await proposal.answered(interaction)
    except Exception as error:
        # it is saved: that is what matters, and what is said
        log.error("after an entry was saved\n%s", where_it_happened(error))
        lines = [words("guidance.changed", question=safe(entry.question))]
    items: list[Item[Any]] = [channel_menu(interaction.guild, entry)] if proposal.editable else []
    return shorten("\n".join(lines), MOST_CONTENT), View(*items)


async def _refused_parts(interaction: Interaction, proposal: Proposal, error: Exception) -> tuple[str, View]:
    kind, text = describe(error)
    host_of(interaction).metrics.errors.labels(kind).inc()
    name = await DRAFTS.keep(store_of(interaction), proposal)
    again: list[Item[Any]] = [] if isinstance(error, Refusal) else [SaveDraft(name, label="guidance.draft_try")]
    return shorten(text, MOST_CONTENT), View(*again, EditDraft(name), CancelDraft(name))


async def _choices(interaction: Interaction, proposal: Proposal) -> list[Item[Any]]:
    name = await DRAFTS.keep(store_of(interaction), proposal.model_copy(update={"doubted": True}))
    edit: list[Item[Any]] = [EditDraft(name)] if proposal.editable else []
    return [SaveDraft(name), *edit, CancelDraft(name)]


async def _clash_parts(interaction: Interaction, proposal: Proposal, latest: Latest) -> tuple[str, View]:
    store = store_of(interaction)
    version = await store.entries.version(latest.entry_id, latest.version)
    name = await DRAFTS.keep(store, proposal.told(latest.version))
    text = words(
        "guidance.clash_removed" if latest.removed else "guidance.clash",
        question=safe(str(latest.document.get("question", latest.entry_id))),
        editor=editor_of(version) if version is not None else words("guidance.history_someone"),
        when=discord.utils.format_dt(version.at, "R") if version is not None else "",
    )
    edit: list[Item[Any]] = [EditDraft(name)] if proposal.editable else []
    mine = SaveDraft(name, label="guidance.clash_mine")
    return text, View(KeepTheirs(name), mine, LookAtBoth(name), *edit)


def editor_of(version: Version) -> str:
    """Returns who made a version, as Discord shows them, or in words."""
    if version.editor is None:
        return words("guidance.history_someone")
    return words("guidance.history_terminal") if version.editor == OPERATOR else f"<@{version.editor}>"


# --------------------------------------------------------------------- buttons


class _OfDraft(Button):
    """What can be done with a draft that waits."""

    draft: PendingName

    async def waiting(self, interaction: Interaction) -> Proposal:
        """Returns the draft. Raises Refusal if it is no longer there."""
        found = await DRAFTS.get(store_of(interaction), self.draft)
        if found is None:
            raise Refusal("guidance.draft_gone")
        return found


class SaveDraft(_OfDraft, name="draft:save", permission=editors):
    """Saves a draft, whatever it takes, if that was told."""

    label: str = field(kw_only=True, default="guidance.draft_save")

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words(self.label), style=discord.ButtonStyle.primary)

    async def act(self, interaction: Interaction) -> None:
        await self.waiting(interaction)
        await interaction.response.defer()
        # once, however often it is pressed; but if it cannot be saved, it waits again
        store = store_of(interaction)
        draft = await DRAFTS.take(store, self.draft)
        if draft is None:
            return
        try:
            text, view = await outcome(interaction, draft, sure=draft.doubted, in_place=True)
        except Exception:
            await DRAFTS.keep(store, draft, self.draft)
            raise
        await change(interaction, content=text, view=view)


class EditDraft(_OfDraft, name="draft:edit", permission=editors):
    """Opens the form again, with all that was written."""

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("guidance.draft_edit"))

    async def act(self, interaction: Interaction) -> None:
        # a form leads to a draft, and a draft back to its form
        from bot.chat.guidance.form import draft_form

        found = await self.waiting(interaction)
        if not isinstance(found, Written):
            raise Refusal("guidance.draft_gone")
        await (await draft_form(store_of(interaction), self.draft, found)).open(interaction)


class CancelDraft(_OfDraft, name="draft:cancel", permission=editors):
    """Drops a draft."""

    said = "guidance.draft_cancelled"

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("guidance.draft_cancel"))

    async def act(self, interaction: Interaction) -> None:
        await DRAFTS.take(store_of(interaction), self.draft)
        await change(interaction, content=words(self.said), view=None)


class KeepTheirs(CancelDraft, name="draft:theirs", permission=editors):
    """Drops a draft for what somebody else made of the entry."""

    said = "guidance.clash_kept"

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("guidance.clash_theirs"))


class LookAtBoth(_OfDraft, name="draft:both", permission=editors):
    """Shows, field by field, how the entry is now and how it would be."""

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("guidance.clash_both"))

    async def act(self, interaction: Interaction) -> None:
        store, found = store_of(interaction), await self.waiting(interaction)
        if not isinstance(found, Written | Restored) or found.entry is None:
            raise Refusal("guidance.draft_gone")
        latest = await store.entries.latest(found.entry)
        theirs, mine = fields_of(latest.document), await found.fields(store, latest)
        card = plain(words("guidance.both_title"), "", COLOR)
        for name in FIELDS:
            if theirs.get(name, "") != mine.get(name, ""):
                sides = [
                    words(f"guidance.both_{side}", text=_shown(name, held.get(name, "")))
                    for side, held in (("theirs", theirs), ("mine", mine))
                ]
                card.add_field(name=words(f"guidance.field_{name}"), value="\n".join(sides), inline=False)
        if not card.fields:
            card.description = words("guidance.both_same")
        await answer(interaction, embed=card)


def _shown(name: str, text: str) -> str:
    if name == "verdict":
        with contextlib.suppress(ValueError):
            return verdict_words(Verdict(text))
    return shorten(safe(text), MAX_BOTH) or "-"
