"""The form of one entry: empty, or filled in with an entry that is edited, questions of the inbox, or a draft."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Annotated, Any

import discord

from bot.advice.fields import FIELDS, MOST_WRITTEN, fields_of, not_shown
from bot.chat.guidance.drafts import offer
from bot.chat.guidance.proposals import DRAFTS, Proposal, Written
from bot.chat.kit.card import verdict_words
from bot.chat.kit.custom_id import EntryId, RowId
from bot.chat.kit.errors import Refusal
from bot.chat.kit.form import Field, Form
from bot.chat.kit.item import Interaction
from bot.chat.kit.pending import PendingName
from bot.chat.kit.permissions import editors, store_of
from bot.chat.kit.words import words
from bot.guidance.models import MAX_ADVICE, MAX_QUESTION, Verdict
from bot.storage import ServerStore, StoredEntry

VersionNumber = Annotated[int, r"\d{1,9}"]


class EntryForm(Form):
    """Asks for an entry's fields. `held`: what it holds at first. `more`: wordings that it has no room for."""

    held: Mapping[str, str] = field(kw_only=True)
    more: int = field(kw_only=True, default=0)

    def title(self) -> str:
        return words("guidance.form_edit")

    def fields(self) -> Sequence[Field]:
        held = self.held
        verdict = held.get("verdict") or Verdict.NO_OBLIGATION
        inputs: dict[str, discord.ui.TextInput[Any] | discord.ui.Select[Any]] = {
            "question": discord.ui.TextInput(max_length=MAX_QUESTION, default=held.get("question")),
            "verdict": discord.ui.Select(
                options=[
                    discord.SelectOption(label=verdict_words(each), value=each, default=each == verdict)
                    for each in Verdict
                ]
            ),
            "advice": discord.ui.TextInput(
                style=discord.TextStyle.long, max_length=MAX_ADVICE, default=held.get("advice")
            ),
        }
        for name in ("wordings", "words"):
            inputs[name] = discord.ui.TextInput(
                style=discord.TextStyle.long, required=False, max_length=MOST_WRITTEN, default=held.get(name) or None
            )
        more = words("guidance.form_more", count=self.more) if self.more else None
        labels = []
        for name, component in inputs.items():
            component.custom_id = name
            text = words(f"guidance.field_{name}")
            description = more if name == "wordings" else None
            labels.append(discord.ui.Label(text=text, description=description, component=component))
        return labels

    @abstractmethod
    async def proposal(self, store: ServerStore, written: dict[str, str]) -> Written:
        """Returns what was written, for the entry that the form is about. Raises Refusal if that is gone."""

    async def submitted(self, interaction: Interaction, written: Mapping[str, str]) -> None:
        """Saves the entry, and says what to know of it; or says what it would take, and waits for a press."""
        fields = {name: written.get(name, "") for name in FIELDS}
        fields["verdict"] = fields["verdict"] or str(Verdict.NO_OBLIGATION)
        proposal = await self.proposal(store_of(interaction), fields)
        # encoding its wordings takes a moment
        again = isinstance(self, DraftForm)
        await interaction.response.defer(ephemeral=True, thinking=not again)
        await offer(interaction, proposal, in_place=again)


class NewForm(EntryForm, name="add", permission=editors):
    """Of a new entry."""

    def title(self) -> str:
        return words("guidance.form_add")

    async def proposal(self, store: ServerStore, written: dict[str, str]) -> Written:
        return Written(written=written)


class InboxForm(NewForm, name="inbox", permission=editors):
    """Of a new entry that answers questions of the inbox: once it is saved, they are no longer waiting."""

    first: RowId

    async def proposal(self, store: ServerStore, written: dict[str, str]) -> Written:
        return Written(written=written, first=self.first)


class EditForm(EntryForm, name="edit", permission=editors):
    """Of an entry that is edited, filled in with one of its versions."""

    entry: EntryId
    version: VersionNumber

    async def proposal(self, store: ServerStore, written: dict[str, str]) -> Written:
        return Written(written=written, entry=self.entry, shown=self.version, seen=self.version)


class DraftForm(EntryForm, name="draft", permission=editors):
    """Of a draft that is edited again, opened on its message."""

    draft: PendingName

    async def proposal(self, store: ServerStore, written: dict[str, str]) -> Written:
        found: Proposal | None = await DRAFTS.get(store, self.draft)
        if not isinstance(found, Written):
            raise Refusal("guidance.draft_gone")
        return found.model_copy(update={"written": written, "doubted": False})


def edit_form(stored: StoredEntry) -> EditForm:
    """Returns the form, filled in with an entry."""
    held = fields_of(stored.document)
    return EditForm(stored.entry_id, stored.version, held=held, more=not_shown(stored.document))


async def draft_form(store: ServerStore, name: str, draft: Written) -> DraftForm:
    """Returns the form, filled in with a draft."""
    shown = await store.entries.version(draft.entry, draft.shown) if draft.entry is not None else None
    return DraftForm(name, held=draft.written, more=not_shown(shown.document) if shown is not None else 0)
