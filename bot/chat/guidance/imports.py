"""Imports of guidance: what a file would change is shown, and done after a press."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

import discord
from cachetools import LRUCache

from bot.advice.editing import ImportPlan
from bot.chat.kit.card import COLOR, plain
from bot.chat.kit.errors import Refusal
from bot.chat.kit.item import Button, Interaction
from bot.chat.kit.permissions import editors, store_of
from bot.chat.kit.text import safe, shorten
from bot.chat.kit.words import words

MAX_WAITING = 100

PlanName = Annotated[str, r"[0-9a-f]{16}"]


class PendingImports:
    """Imports that wait for a press: in memory, the last hundred. After a restart the file is uploaded again."""

    def __init__(self, size: int = MAX_WAITING) -> None:
        self._plans: LRUCache[str, tuple[int, ImportPlan]] = LRUCache(size)

    def keep(self, server: int, plan: ImportPlan) -> str:
        """Keeps a plan and returns the name under which it can be taken."""
        name = secrets.token_hex(8)
        self._plans[name] = (server, plan)
        return name

    def take(self, server: int, name: str) -> ImportPlan | None:
        """Returns a server's plan, once."""
        found = self._plans.get(name)
        if found is None or found[0] != server:
            return None
        del self._plans[name]
        return found[1]


PENDING = PendingImports()
"""Of all bots in this process: a plan's name is random, and only its own server can take it."""


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


class ConfirmImport(Button, name="import", permission=editors):
    """Carries out an import that was shown."""

    plan: PlanName

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
