"""Who may edit a server's guidance, and what its forms and lists have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord

from bot.advice.advisor import ServerGuidance
from bot.advice.editing import Refused, as_document, entry_from_form, new_id, text_from_words, warnings
from bot.chat.advice import card as cards
from bot.chat.kit.errors import NotPermitted, Refusal, answer_error
from bot.chat.kit.host import host_of
from bot.chat.kit.item import Interaction
from bot.chat.kit.origin import server_of
from bot.chat.kit.words import words
from bot.guidance.models import MAX_ADVICE, MAX_QUESTION, Entry, Verdict
from bot.storage import ServerStore

MOST_WORDINGS = 3000
MOST_WORDS = 1200
"""Characters of a form's fields for wordings and for words to send."""

Saved = Callable[[Interaction, Entry], Awaitable[None]]


async def editors_server(interaction: Interaction) -> ServerStore:
    """Returns the server's store for who may edit its guidance: those who manage it, and the roles that it named.

    Raises NotPermitted for everybody else, and wherever the bot was not invited by the server itself.
    """
    server = server_of(interaction)
    if server is None:
        raise NotPermitted
    bot = host_of(interaction)
    if not interaction.permissions.manage_guild:
        member = interaction.user
        roles = {role.id for role in member.roles} if isinstance(member, discord.Member) else set()
        if not roles & (await bot.desk.settings(server)).editor_roles:
            raise NotPermitted
    return bot.desk.database.server(server)


def managers_server(interaction: Interaction) -> ServerStore:
    """Returns the server's store for those who manage it. Raises NotPermitted for everybody else."""
    server = server_of(interaction)
    if server is None or not interaction.permissions.manage_guild:
        raise NotPermitted
    return host_of(interaction).desk.database.server(server)


async def taken_ids(interaction: Interaction, store: ServerStore) -> set[str]:
    """Returns all ids that an entry of this server's own may not take anew."""
    return {known.entry_id for known in await store.ever_known()} | set(host_of(interaction).advisor.library.by_id)


async def warning_lines(interaction: Interaction, entry: Entry) -> list[str]:
    """Returns what whoever saved an entry should know, as lines."""
    bot = host_of(interaction)
    guidance = await bot.desk.guidance(server_of(interaction))
    others = None
    if guidance is not None:
        rest = [each for each in guidance.own.entries if each.id != entry.id]
        others = bot.advisor.server_guidance(rest, guidance.hidden, ServerGuidance(guidance.own))
    found = warnings(bot.advisor, entry, others)
    lines: list[str] = []
    if found.answered_by is not None:
        other, wording = found.answered_by
        lines.append(
            words(
                "guidance.warn_answered", interaction.locale, wording=cards.safe(wording),
                question=cards.safe(other.question),
            )
        )  # fmt: skip
    if found.width is not None:
        share, example = found.width
        lines.append(
            words("guidance.warn_wide", interaction.locale, percent=f"{share:.1%}", example=cards.safe(example))
        )
    return lines


class EntryForm(discord.ui.Modal):
    """The form of one entry: empty, filled in with an entry that is edited, or with a question from the inbox."""

    def __init__(
        self,
        *,
        entry_id: str | None = None,
        document: Mapping[str, Any] | None = None,
        saved: Saved | None = None,
        locale: discord.Locale | None = None,
    ) -> None:
        super().__init__(title=words("guidance.form_edit" if entry_id else "guidance.form_add", locale), timeout=3600.0)
        self.entry_id = entry_id
        self.document = dict(document or {})
        self.saved = saved
        chosen = self.document.get("verdict", Verdict.NO_OBLIGATION)
        self.question: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="question", max_length=MAX_QUESTION, default=self.document.get("question")
        )
        self.verdict: discord.ui.Select[Any] = discord.ui.Select(
            custom_id="verdict",
            options=[
                discord.SelectOption(
                    label=words(f"verdict.{verdict}", locale), value=verdict, default=verdict == chosen
                )
                for verdict in Verdict
            ],
        )
        self.advice: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="advice", style=discord.TextStyle.long, max_length=MAX_ADVICE, default=self.document.get("advice")
        )
        self.wordings: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="wordings", style=discord.TextStyle.long, required=False, max_length=MOST_WORDINGS,
            default="\n".join(self.document.get("examples", []))[:MOST_WORDINGS] or None,
        )  # fmt: skip
        self.words: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="words", style=discord.TextStyle.long, required=False, max_length=MOST_WORDS,
            default=text_from_words(self.document.get("say", {}))[:MOST_WORDS] or None,
        )  # fmt: skip
        for name, component in (
            ("question", self.question),
            ("verdict", self.verdict),
            ("advice", self.advice),
            ("wordings", self.wordings),
            ("words", self.words),
        ):
            self.add_item(discord.ui.Label(text=words(f"guidance.field_{name}", locale), component=component))

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Saves the entry, says what to know of it, and tells whoever opened the form."""
        with host_of(interaction).in_flight():
            await self._save(interaction)

    async def _save(self, interaction: Interaction) -> None:
        store = await editors_server(interaction)
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
            lines = "\n".join(f"- {cards.safe(line)}" for line in error.lines)
            raise Refusal("guidance.refused", lines=cards.shorten(lines, 1800)) from None
        # encoding its wordings takes a moment
        await interaction.response.defer(ephemeral=True, thinking=True)
        if self.entry_id is None:
            await store.add_entry(as_document(entry), editor=interaction.user.id)
        else:
            await store.edit_entry(entry_id, as_document(entry), editor=interaction.user.id)
        key = "guidance.changed" if self.entry_id else "guidance.added"
        lines_said = [words(key, interaction.locale, question=cards.safe(entry.question))]
        lines_said += await warning_lines(interaction, entry)
        if self.saved is not None:
            await self.saved(interaction, entry)
        await interaction.followup.send("\n".join(lines_said), ephemeral=True)

    async def on_error(  # type: ignore[override]  # a form has no item, as discord.py's own class of forms says too
        self, interaction: Interaction, error: Exception, /
    ) -> None:
        """Tells the person, in words."""
        await answer_error(interaction, error)
