"""Imports of guidance: what a file would change is shown, and done after a press."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
from pydantic import BaseModel, ConfigDict

from bot.advice.editing import ImportPlan
from bot.chat.guidance.channels import present
from bot.chat.guidance.trial import taken_by
from bot.chat.kit.card import COLOR, Card, plain
from bot.chat.kit.errors import Refusal
from bot.chat.kit.host import host_of
from bot.chat.kit.item import Button, Interaction, View
from bot.chat.kit.pending import Pending, PendingName
from bot.chat.kit.permissions import editors, store_of
from bot.chat.kit.sending import change
from bot.chat.kit.text import safe, shorten
from bot.chat.kit.thinking import patiently
from bot.chat.kit.words import words
from bot.chat.kit.work import Crowded
from bot.guidance.models import Entry
from bot.storage import AlreadyExists, ChangedMeanwhile, NotFound, StoredEntry

MOST_TRIED = 300
"""So many wordings of a file are tried against the built-in entries: each must be encoded first."""
MOST_NAMED = 5
"""Entries that a warning names."""


class Import(BaseModel):
    """An import that waits for a press: the file's name, the plan, and the versions of the entries that it changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    add: list[dict[str, Any]]
    change: list[dict[str, Any]]
    left_out: list[str]
    versions: dict[str, int]

    @classmethod
    def of(cls, name: str, plan: ImportPlan, stored: Sequence[StoredEntry]) -> Import:
        """Returns the import of a plan on a server with these entries."""
        changed = {document["id"] for document in plan.change}
        versions = {each.entry_id: each.version for each in stored if each.entry_id in changed}
        return cls(name=name, add=[*plan.add], change=[*plan.change], left_out=[*plan.left_out], versions=versions)

    @property
    def plan(self) -> ImportPlan:
        """What it would do."""
        return ImportPlan(tuple(self.add), tuple(self.change), (), tuple(self.left_out))


IMPORTS = Pending[Import]("import", Import)
"""What waits for a press to be imported."""


async def import_parts(
    interaction: Interaction, wanted: Import, existing: int, same: Sequence[str] = ()
) -> tuple[Card, View]:
    """Returns what an import would do, on a server that has so many entries, and the button that does it."""
    plan = replace(wanted.plan, same=tuple(same))
    card = plan_card(wanted.name, plan, existing)
    for line in await plan_warnings(interaction, plan):
        card.description = f"{card.description}\n{line}"
    name = await IMPORTS.keep(store_of(interaction), wanted)
    return card, View(ConfirmImport(name))


def plan_card(name: str, plan: ImportPlan, existing: int) -> Card:
    """Returns what the file `name` would change on a server that has so many entries."""
    left = existing - len(plan.change) - len(plan.same)
    text = words(
        "guidance.import_plan", add=len(plan.add), change=len(plan.change), same=len(plan.same), left=left
    )  # fmt: skip
    if plan.left_out:
        named = shorten(", ".join(safe(each[:60]) for each in plan.left_out), 300)
        text = f"{text}\n{words('guidance.import_left_out', names=named)}"
    card = plain(words("guidance.import_title", name=safe(name)), text, COLOR)
    for sign, documents in (("+", plan.add), ("~", plan.change)):
        if documents:
            listed = "\n".join(f"{sign} {safe(str(document['question']))}" for document in documents)
            card.add_field(name=sign, value=shorten(listed, 1000), inline=False)
    return card


async def plan_warnings(interaction: Interaction, plan: ImportPlan) -> list[str]:
    """Returns what whoever imports should know: entries that take from built-in ones, and that answer nowhere here."""
    lines: list[str] = []
    entries = [Entry.model_validate(document) for document in (*plan.add, *plan.change)]
    few = sum(len(entry.wordings) for entry in entries) <= MOST_TRIED
    taken = None
    with contextlib.suppress(Crowded):
        taken = await taken_by(interaction, entries) if few else None
    if taken is None:
        lines.append(words("guidance.import_untried"))
    else:
        taking = [entry for entry in entries if taken[entry.id]]
        if taking:
            lines.append(words("guidance.import_takes", count=len(taking), questions=_named(taking)))
    far = [entry for entry in entries if entry.channels and not present(interaction.guild, entry.channels)]
    if far:
        lines.append(words("guidance.import_far", count=len(far), questions=_named(far)))
    return lines


def _named(entries: Sequence[Entry]) -> str:
    more = [f"+{len(entries) - MOST_NAMED}"] if len(entries) > MOST_NAMED else []
    return ", ".join([*(words("guidance.quoted", text=safe(entry.question)) for entry in entries[:MOST_NAMED]), *more])


class ConfirmImport(Button, name="import", permission=editors):
    """Carries out an import that was shown."""

    plan: PendingName

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("guidance.import_yes"), style=discord.ButtonStyle.primary)

    async def act(self, interaction: Interaction) -> None:
        store = store_of(interaction)
        wanted = await IMPORTS.take(store, self.plan)
        if wanted is None:
            raise Refusal("guidance.import_gone")
        importing = store.entries.import_all(
            wanted.add, wanted.change, editor=interaction.user.id, expected=wanted.versions
        )
        try:
            await patiently(interaction, importing, in_place=True)
        except (AlreadyExists, ChangedMeanwhile, NotFound):
            await self._show_anew(interaction, wanted)
            return
        except Exception:
            await IMPORTS.keep(store, wanted, self.plan)
            raise
        text = words("guidance.imported", add=len(wanted.add), change=len(wanted.change))
        wordings = sum(1 + len(document.get("examples") or ()) for document in (*wanted.add, *wanted.change))
        if wordings > MOST_TRIED:
            text = f"{text}\n{words('guidance.imported_soon')}"
        desk = host_of(interaction).desk
        # begun at once, not by whoever asks next
        desk.begin(desk.whole_advisor_for(store.guild_id))
        await change(interaction, content=text, embed=None, view=None)

    async def _show_anew(self, interaction: Interaction, wanted: Import) -> None:
        """Somebody changed the entries since: nothing was done, and what it would do now is shown."""
        stored = await store_of(interaction).entries.all()
        plan = wanted.plan.anew({each.entry_id: each.document for each in stored})
        if not plan.add and not plan.change:
            text = words("guidance.import_nothing", count=len(plan.same))
            await change(interaction, content=text, embed=None, view=None)
            return
        anew = import_parts(interaction, Import.of(wanted.name, plan, stored), len(stored), plan.same)
        card, view = await patiently(interaction, anew, in_place=True)
        await change(interaction, content=words("guidance.import_changed"), embed=card, view=view)
