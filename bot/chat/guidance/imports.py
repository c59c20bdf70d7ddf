"""Imports of guidance: what a file would change is shown, and done after a press."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import discord

from bot.advice.editing import ImportPlan
from bot.chat.guidance.channels import present
from bot.chat.guidance.form import taken_by
from bot.chat.kit.card import COLOR, plain
from bot.chat.kit.errors import Refusal
from bot.chat.kit.item import Button, Interaction
from bot.chat.kit.pending import Pending, PendingName
from bot.chat.kit.permissions import editors, store_of
from bot.chat.kit.text import safe, shorten
from bot.chat.kit.words import words
from bot.chat.kit.work import Crowded
from bot.guidance.models import Entry

MOST_TRIED = 300
"""So many wordings of a file are tried against the built-in entries: each must be encoded first."""
MOST_NAMED = 5
"""Entries that a warning names."""

PENDING = Pending[ImportPlan]()
"""After a restart the file is uploaded again."""


def plan_card(name: str, plan: ImportPlan, existing: int) -> discord.Embed:
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
        plan = PENDING.take(store.guild_id, self.plan)
        if plan is None:
            raise Refusal("guidance.import_gone")
        await store.entries.import_all(plan.add, plan.change, editor=interaction.user.id)
        text = words("guidance.imported", add=len(plan.add), change=len(plan.change))
        await interaction.response.edit_message(content=text, embed=None, view=None)
