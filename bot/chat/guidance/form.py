"""The form of one entry: empty, filled in with an entry that is edited, or with a question from the inbox.

What is sent is tried against the built-in guidance first. If it would take questions from there, it is a draft that
waits for a press; else it is saved at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.advice.editing import Refused, as_document, entry_from_form, new_id, warnings
from bot.advice.taking import Taken, takes
from bot.chat.guidance.channels import channel_menu
from bot.chat.kit.card import verdict_words
from bot.chat.kit.errors import NotPermitted, Refusal
from bot.chat.kit.form import Form
from bot.chat.kit.host import host_of, whole_advisor_of
from bot.chat.kit.item import Button, Interaction, View
from bot.chat.kit.pending import Pending, PendingName
from bot.chat.kit.permissions import editors, store_of
from bot.chat.kit.text import MOST_CONTENT, safe, shorten
from bot.chat.kit.thinking import patiently, think_long
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
MOST_LISTED = 4
"""Built-in entries that are named of those from which a draft would take something."""

Saved = Callable[[Interaction, ServerStore], Awaitable[None]]
"""What is left to do once an entry is saved: for a form of another origin."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form held: the entry that is edited (None: a new one), and the form's fields as text."""

    entry_id: str | None
    fields: Mapping[str, str]
    saved: Saved | None = None


DRAFTS = Pending[Draft]()


class EntryForm(Form):
    """Asks for an entry's fields, tries what is sent, and saves it or says what it would take."""

    def __init__(
        self,
        *,
        entry_id: str | None = None,
        fields: Mapping[str, str] | None = None,
        saved: Saved | None = None,
        draft: str = "",
    ) -> None:
        """`entry_id`: the entry that is edited, None for a new one. `fields`: what the form holds at first.

        `draft`: the name of the draft that is edited again, on whose message the form was opened.
        """
        super().__init__(title=words("guidance.form_edit" if entry_id else "guidance.form_add"), timeout=SECONDS)
        self.entry_id = entry_id
        self.saved = saved
        self.draft = draft
        held = dict(fields or {})
        verdict = held.get("verdict") or Verdict.NO_OBLIGATION
        self.question: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="question", max_length=MAX_QUESTION, default=held.get("question")
        )
        self.verdict: discord.ui.Select[Any] = discord.ui.Select(
            custom_id="verdict",
            options=[
                discord.SelectOption(label=verdict_words(each), value=each, default=each == verdict) for each in Verdict
            ],
        )
        self.advice: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="advice", style=discord.TextStyle.long, max_length=MAX_ADVICE, default=held.get("advice")
        )
        self.wordings: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="wordings", style=discord.TextStyle.long, required=False, max_length=MAX_WORDINGS,
            default=held.get("wordings", "")[:MAX_WORDINGS] or None,
        )  # fmt: skip
        self.words: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="words", style=discord.TextStyle.long, required=False, max_length=MAX_WORDS,
            default=held.get("words", "")[:MAX_WORDS] or None,
        )  # fmt: skip
        for component in (self.question, self.verdict, self.advice, self.wordings, self.words):
            text = words(f"guidance.field_{component.custom_id}")
            self.add_item(discord.ui.Label(text=text, component=component))

    async def submitted(self, interaction: Interaction) -> None:
        """Saves the entry, and says what to know of it; or says what it would take, and waits for a press."""
        if not await editors(interaction):
            raise NotPermitted
        store = store_of(interaction)
        fields = {
            "question": self.question.value,
            "verdict": self.verdict.values[0] if self.verdict.values else str(Verdict.NO_OBLIGATION),
            "advice": self.advice.value,
            "wordings": self.wordings.value,
            "words": self.words.value,
        }
        draft = Draft(self.entry_id, fields, self.saved)
        again = bool(self.draft)
        if again:
            # what was written last is what is edited again, also if it cannot be an entry
            DRAFTS.put_back(store.guild_id, self.draft, draft)
        entry = await entry_of(interaction, draft)
        # encoding its wordings takes a moment
        await interaction.response.defer(ephemeral=True, thinking=not again)
        text = await doubts(interaction, entry)
        if text:
            name = DRAFTS.keep(store.guild_id, draft)
            view = View(SaveDraft(name), EditDraft(name), CancelDraft(name))
        else:
            text, view = await saved_parts(interaction, draft, await save(interaction, draft))
        if again:
            DRAFTS.take(store.guild_id, self.draft)
            await interaction.edit_original_response(content=text, view=view)
        else:
            await interaction.followup.send(text, view=view, ephemeral=True)


async def entry_of(interaction: Interaction, draft: Draft) -> Entry:
    """Returns the entry that a draft describes. Raises Refusal if it describes none, and NotFound."""
    store = store_of(interaction)
    try:
        if draft.entry_id is not None:
            stored = await store.entries.get(draft.entry_id)
            return entry_from_form(draft.entry_id, draft.fields, stored.document)
        own = {known.entry_id for known in await store.entries.ever_known()}
        taken = own | set(host_of(interaction).advisor.library.by_id)
        return entry_from_form(new_id(draft.fields["question"], taken), draft.fields)
    except Refused as error:
        lines = "\n".join(f"- {safe(line)}" for line in error.lines)
        raise Refusal("guidance.refused", lines=shorten(lines, 1800)) from None


async def save(interaction: Interaction, draft: Draft) -> Entry:
    """Saves a draft and returns its entry. Raises Refusal, NotFound and StorageFault."""
    store = store_of(interaction)
    entry = await entry_of(interaction, draft)
    if draft.entry_id is None:
        await store.entries.add(as_document(entry), editor=interaction.user.id)
    else:
        await store.entries.edit(entry.id, as_document(entry), editor=interaction.user.id)
    return entry


async def saved_parts(interaction: Interaction, draft: Draft, entry: Entry) -> tuple[str, View]:
    """Does what is left once a draft is saved; returns what to know of the entry, and the menu of its channels."""
    key = "guidance.added" if draft.entry_id is None else "guidance.changed"
    said = [words(key, question=safe(entry.question)), *await warning_lines(interaction, entry)]
    if draft.saved is not None:
        await draft.saved(interaction, store_of(interaction))
    return shorten("\n".join(said), MOST_CONTENT), View(channel_menu(interaction.guild, entry))


async def warning_lines(interaction: Interaction, entry: Entry) -> list[str]:
    """Returns what whoever saved an entry should know, as lines."""
    try:
        found = await think_long(interaction, warnings, await whole_advisor_of(interaction), entry)
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


async def taken_by(interaction: Interaction, entries: Sequence[Entry]) -> Mapping[str, tuple[Taken, ...]]:
    """Returns what each of some entries, by id, would take from the built-in ones on this server. Raises Crowded."""
    advisor, guidance = await whole_advisor_of(interaction), host_of(interaction).desk.guidance
    encoded = await patiently(interaction, guidance.try_out(store_of(interaction).guild_id, advisor, entries))
    return await think_long(interaction, takes, advisor, entries, encoded)


async def doubts(interaction: Interaction, entry: Entry) -> str:
    """Returns what an entry would take, in words, or that this cannot be found out now; an empty text for nothing."""
    try:
        taken = (await taken_by(interaction, [entry]))[entry.id]
    except Crowded:
        return words("guidance.untried")
    return taken_text(taken) if taken else ""


def taken_text(taken: Sequence[Taken]) -> str:
    """Returns what an entry would take, in words."""
    lines = [
        words(
            "guidance.taken_line",
            questions=", ".join(words("guidance.quoted", text=safe(shorten(each, 90))) for each in built_in.questions),
            title=safe(built_in.entry.question),
        )
        for built_in in taken[:MOST_LISTED]
    ]
    if len(taken) > MOST_LISTED:
        lines.append(words("guidance.taken_more", count=len(taken) - MOST_LISTED))
    return shorten("\n".join([words("guidance.taken"), *lines, words("guidance.taken_hint")]), MOST_CONTENT)


# ---------------------------------------------------------------------- drafts


class _OfDraft(Button):
    """What can be done with a draft that waits."""

    draft: PendingName

    def waiting(self, interaction: Interaction) -> Draft:
        """Returns the draft. Raises Refusal if it is no longer there."""
        found = DRAFTS.get(store_of(interaction).guild_id, self.draft)
        if found is None:
            raise Refusal("guidance.draft_gone")
        return found


class SaveDraft(_OfDraft, name="draft:save", permission=editors):
    """Saves a draft, whatever it takes."""

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("guidance.draft_save"), style=discord.ButtonStyle.primary)

    async def act(self, interaction: Interaction) -> None:
        self.waiting(interaction)
        await interaction.response.defer()
        # once, however often it is pressed; but if it cannot be saved, it waits again
        server = store_of(interaction).guild_id
        draft = DRAFTS.take(server, self.draft)
        if draft is None:
            return
        try:
            entry = await save(interaction, draft)
        except Exception:
            DRAFTS.put_back(server, self.draft, draft)
            raise
        text, view = await saved_parts(interaction, draft, entry)
        await interaction.edit_original_response(content=text, view=view)


class EditDraft(_OfDraft, name="draft:edit", permission=editors):
    """Opens the form again, with all that was written."""

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("guidance.draft_edit"))

    async def act(self, interaction: Interaction) -> None:
        draft = self.waiting(interaction)
        form = EntryForm(entry_id=draft.entry_id, fields=draft.fields, saved=draft.saved, draft=self.draft)
        await interaction.response.send_modal(form)


class CancelDraft(_OfDraft, name="draft:cancel", permission=editors):
    """Drops a draft."""

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("guidance.draft_cancel"))

    async def act(self, interaction: Interaction) -> None:
        DRAFTS.take(store_of(interaction).guild_id, self.draft)
        await interaction.response.edit_message(content=words("guidance.draft_cancelled"), view=None)
