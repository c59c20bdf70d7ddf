"""The form of one entry: empty, filled in with an entry that is edited, or with a question from the inbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord

from bot.advice.editing import Refused, as_document, entry_from_form, new_id, text_from_words, warnings
from bot.chat.kit.card import verdict_words
from bot.chat.kit.errors import NotPermitted, Refusal
from bot.chat.kit.form import Form
from bot.chat.kit.host import advisor_of, host_of
from bot.chat.kit.item import Interaction
from bot.chat.kit.permissions import editors, store_of
from bot.chat.kit.text import MOST_CONTENT, safe, shorten
from bot.chat.kit.thinking import think_long
from bot.chat.kit.words import percent, words
from bot.chat.kit.work import Crowded
from bot.guidance.models import MAX_ADVICE, MAX_QUESTION, Entry, Verdict
from bot.storage import ServerStore

MAX_WORDINGS = 3000
"""Characters of a form's field for wordings."""
MAX_WORDS = 1200
"""Characters of a form's field for words to send."""
MAX_SHOWN = 300
"""Characters of a wording or a message that a warning repeats."""
SECONDS = 3600.0
"""How long a form waits to be sent."""


async def taken_ids(interaction: Interaction, store: ServerStore) -> set[str]:
    """Returns all ids that an entry of this server's own may not take anew."""
    own = {known.entry_id for known in await store.entries.ever_known()}
    return own | set(host_of(interaction).advisor.library.by_id)


async def warning_lines(interaction: Interaction, entry: Entry) -> list[str]:
    """Returns what whoever saved an entry should know, as lines."""
    try:
        found = await think_long(interaction, warnings, await advisor_of(interaction), entry)
    except Crowded:
        # it is saved: that is what matters
        return []
    lines: list[str] = []
    if found.answered_by is not None:
        other, wording = found.answered_by
        shown = shorten(safe(wording), MAX_SHOWN)
        lines.append(words("guidance.warn_answered", wording=shown, question=safe(other.question)))
    if found.width is not None:
        share, example = found.width
        lines.append(words("guidance.warn_wide", percent=percent(share, 1), example=shorten(safe(example), MAX_SHOWN)))
    return lines


class EntryForm(Form):
    """Asks for an entry's fields; what is sent is saved, and answered with what to know of it."""

    def __init__(self, *, entry_id: str | None = None, document: Mapping[str, Any] | None = None) -> None:
        """`entry_id`: the entry that is edited, None for a new one. `document`: what the fields hold at first."""
        super().__init__(title=words("guidance.form_edit" if entry_id else "guidance.form_add"), timeout=SECONDS)
        self.entry_id = entry_id
        self.document = dict(document or {})
        verdict = self.document.get("verdict", Verdict.NO_OBLIGATION)
        self.question: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="question", max_length=MAX_QUESTION, default=self.document.get("question")
        )
        self.verdict: discord.ui.Select[Any] = discord.ui.Select(
            custom_id="verdict",
            options=[
                discord.SelectOption(label=verdict_words(each), value=each, default=each == verdict) for each in Verdict
            ],
        )
        self.advice: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="advice", style=discord.TextStyle.long, max_length=MAX_ADVICE, default=self.document.get("advice")
        )
        self.wordings: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="wordings", style=discord.TextStyle.long, required=False, max_length=MAX_WORDINGS,
            default="\n".join(self.document.get("examples", []))[:MAX_WORDINGS] or None,
        )  # fmt: skip
        self.words: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="words", style=discord.TextStyle.long, required=False, max_length=MAX_WORDS,
            default=text_from_words(self.document.get("say", {}))[:MAX_WORDS] or None,
        )  # fmt: skip
        for component in (self.question, self.verdict, self.advice, self.wordings, self.words):
            text = words(f"guidance.field_{component.custom_id}")
            self.add_item(discord.ui.Label(text=text, component=component))

    async def submitted(self, interaction: Interaction) -> None:
        """Saves the entry, and says what to know of it."""
        if not await editors(interaction):
            raise NotPermitted
        store = store_of(interaction)
        entry_id = self.entry_id or new_id(self.question.value, await taken_ids(interaction, store))
        fields = {
            "question": self.question.value,
            "verdict": self.verdict.values[0] if self.verdict.values else str(Verdict.NO_OBLIGATION),
            "advice": self.advice.value,
            "wordings": self.wordings.value,
            "words": self.words.value,
        }
        try:
            entry = entry_from_form(entry_id, fields, self.document if self.entry_id else None)
        except Refused as error:
            lines = "\n".join(f"- {safe(line)}" for line in error.lines)
            raise Refusal("guidance.refused", lines=shorten(lines, 1800)) from None
        # encoding its wordings takes a moment
        await interaction.response.defer(ephemeral=True, thinking=True)
        if self.entry_id is None:
            await store.entries.add(as_document(entry), editor=interaction.user.id)
        else:
            await store.entries.edit(entry_id, as_document(entry), editor=interaction.user.id)
        key = "guidance.changed" if self.entry_id else "guidance.added"
        said = [words(key, question=safe(entry.question)), *await warning_lines(interaction, entry)]
        await self.saved(interaction, store)
        await interaction.followup.send(shorten("\n".join(said), MOST_CONTENT), ephemeral=True)

    async def saved(self, interaction: Interaction, store: ServerStore) -> None:
        """Does what is left to do once the entry is saved: for a form of another origin."""
