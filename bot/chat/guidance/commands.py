"""`/guidance`: a server's own entries, for those who manage it and for the editors that it named."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from typing import NamedTuple

import discord
from discord import app_commands

from bot.advice.advisor import Advice, Advisor, Inspection
from bot.advice.editing import MOST_BYTES, export_yaml, plan_import
from bot.chat.guidance.drafts import offer
from bot.chat.guidance.entries import ask_to_remove, entry_parts, history_card, list_parts
from bot.chat.guidance.form import NewForm, edit_form
from bot.chat.guidance.imports import Import, import_parts
from bot.chat.guidance.inbox import inbox_parts
from bot.chat.guidance.proposals import Restored
from bot.chat.kit.card import COLOR, add_question, plain
from bot.chat.kit.errors import Refusal
from bot.chat.kit.host import host_of
from bot.chat.kit.item import Interaction
from bot.chat.kit.origin import channels_of
from bot.chat.kit.permissions import editors, store_of
from bot.chat.kit.sending import answer, choices
from bot.chat.kit.suggestions import is_hurried
from bot.chat.kit.text import safe, shorten
from bot.chat.kit.thinking import patiently, think, think_long
from bot.chat.kit.words import percent, told, words
from bot.documents.faults import UnusableFile
from bot.guidance.models import Entry
from bot.matching.policies import Outcome
from bot.matching.ranking import Match
from bot.storage import StorageFault, StoredEntry, Version

MAX_FAULTS = 12
"""Faults of a file that an answer lists."""
MAX_FAULT = 400
"""Characters of each."""

Choice = app_commands.Choice[str]


class _EntryOption(app_commands.Transformer, ABC):
    """An option that names an entry by its id, suggested by its question to those who may edit."""

    @property
    def min_value(self) -> int:
        return 1

    @property
    def max_value(self) -> int:
        return 64

    @abstractmethod
    async def known(self, interaction: Interaction) -> list[tuple[str, str]]:
        """Returns the ids and questions of the entries that can be named. May raise StorageFault."""

    async def autocomplete(self, interaction: Interaction, value: int | float | str, /) -> list[Choice]:  # type: ignore[override]  # of texts, as the option is
        try:
            # each letter is a look at all entries
            found = await self.known(interaction) if not is_hurried(interaction) and await editors(interaction) else []
        except StorageFault:
            return []
        wanted = str(value).lower().split()
        fitting = [
            (name, question) for name, question in found if all(word in f"{name} {question}".lower() for word in wanted)
        ]
        return choices((question or name, name) for name, question in fitting)


class OwnEntry(_EntryOption):
    """One of the server's own entries."""

    async def known(self, interaction: Interaction) -> list[tuple[str, str]]:
        return [(each.entry_id, str(each.document["question"])) for each in await store_of(interaction).entries.all()]

    async def transform(self, interaction: Interaction, value: str, /) -> StoredEntry:
        return await store_of(interaction).entries.get(value)


class History(NamedTuple):
    """An entry's versions, the newest first."""

    entry_id: str
    versions: list[Version]


class EverKnown(_EntryOption):
    """One of the server's entries, removed ones too."""

    async def known(self, interaction: Interaction) -> list[tuple[str, str]]:
        return [(each.entry_id, each.question) for each in await store_of(interaction).entries.ever_known()]

    async def transform(self, interaction: Interaction, value: str, /) -> History:
        return History(value, await store_of(interaction).entries.history(value))


class BuiltIn(_EntryOption):
    """A built-in entry."""

    async def known(self, interaction: Interaction) -> list[tuple[str, str]]:
        return [(entry.id, entry.question) for entry in host_of(interaction).advisor.library.entries]

    async def transform(self, interaction: Interaction, value: str, /) -> Entry:
        found = host_of(interaction).advisor.library.by_id.get(value)
        if found is None:
            raise Refusal("guidance.no_such_built_in")
        return found


class Hidden(_EntryOption):
    """A built-in entry that this server hides: its id, for it may be gone meanwhile."""

    async def known(self, interaction: Interaction) -> list[tuple[str, str]]:
        known = host_of(interaction).advisor.library.by_id
        hidden = sorted(await store_of(interaction).entries.hidden())
        return [(name, known[name].question if name in known else name) for name in hidden]

    async def transform(self, interaction: Interaction, value: str, /) -> str:
        return value


@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
class Guidance(app_commands.Group, name="guidance", description=told("command.guidance")):
    """The commands of a server's editors; only where the server itself installed the bot."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Lets editors pass, whatever the command."""
        return await editors(interaction)

    @app_commands.command(description=told("command.guidance_add"))
    async def add(self, interaction: Interaction) -> None:
        """Opens an empty form."""
        await NewForm(held={}).open(interaction)

    @app_commands.command(description=told("command.guidance_edit"))
    @app_commands.describe(entry=told("command.guidance_entry"))
    async def edit(self, interaction: Interaction, entry: app_commands.Transform[StoredEntry, OwnEntry]) -> None:
        """Opens the form, filled in."""
        await edit_form(entry).open(interaction)

    @app_commands.command(description=told("command.guidance_remove"))
    @app_commands.describe(entry=told("command.guidance_entry"))
    async def remove(self, interaction: Interaction, entry: app_commands.Transform[StoredEntry, OwnEntry]) -> None:
        """Asks, and then removes an entry."""
        await ask_to_remove(interaction, entry)

    @app_commands.command(name="list", description=told("command.guidance_list"))
    @app_commands.describe(search=told("command.guidance_list_search"))
    async def list_entries(self, interaction: Interaction, search: app_commands.Range[str, 1, 60] = "") -> None:
        """Shows the first page of the server's entries."""
        card, view = await list_parts(store_of(interaction), 0, search)
        await answer(interaction, embed=card, view=view)

    @app_commands.command(description=told("command.guidance_show"))
    @app_commands.describe(entry=told("command.guidance_entry"))
    async def show(self, interaction: Interaction, entry: app_commands.Transform[StoredEntry, OwnEntry]) -> None:
        """Shows an entry as its card, with its wordings."""
        card, view = entry_parts(host_of(interaction), interaction.guild, entry)
        await answer(interaction, embed=card, view=view)

    @app_commands.command(description=told("command.guidance_history"))
    @app_commands.describe(entry=told("command.guidance_entry"))
    async def history(self, interaction: Interaction, entry: app_commands.Transform[History, EverKnown]) -> None:
        """Shows who changed an entry, when, and what."""
        await answer(interaction, embed=history_card(*entry))

    @app_commands.command(description=told("command.guidance_restore"))
    @app_commands.describe(entry=told("command.guidance_entry"), version=told("command.guidance_restore_version"))
    async def restore(
        self,
        interaction: Interaction,
        entry: app_commands.Transform[History, EverKnown],
        version: app_commands.Range[int, 1] | None = None,
    ) -> None:
        """Brings an earlier version back, of a removed entry too."""
        if version is None:
            version = entry.versions[min(1, len(entry.versions) - 1)].number
        await offer(interaction, Restored(entry=entry.entry_id, number=version, seen=entry.versions[0].number))

    @app_commands.command(description=told("command.guidance_hide"))
    @app_commands.describe(entry=told("command.guidance_entry"))
    async def hide(self, interaction: Interaction, entry: app_commands.Transform[Entry, BuiltIn]) -> None:
        """Hides a built-in entry on this server."""
        await store_of(interaction).entries.hide(entry.id)
        await answer(interaction, words("guidance.hidden", question=entry.question))

    @app_commands.command(description=told("command.guidance_unhide"))
    @app_commands.describe(entry=told("command.guidance_entry"))
    async def unhide(self, interaction: Interaction, entry: app_commands.Transform[str, Hidden]) -> None:
        """Shows a hidden entry again."""
        await store_of(interaction).entries.unhide(entry)
        found = host_of(interaction).advisor.library.by_id.get(entry)
        text = words("guidance.shown", question=found.question if found else entry)
        await answer(interaction, text)

    @app_commands.command(description=told("command.guidance_test"))
    @app_commands.describe(
        question=told("command.guidance_test_question"), channel=told("command.guidance_test_channel")
    )
    async def test(
        self,
        interaction: Interaction,
        question: app_commands.Range[str, 1, 1000],
        channel: app_commands.AppCommandChannel | app_commands.AppCommandThread | None = None,
    ) -> None:
        """Shows the ranking with scores, and what would be answered in a channel: in this one, if none is named."""
        desk = host_of(interaction).desk
        place = channels_of(channel or interaction.channel)
        advisor = await desk.advisor_for(store_of(interaction).guild_id, place)
        seen = await think(interaction, advisor.inspect, question)
        await answer(interaction, embed=self._ranking(advisor, seen, question))

    def _ranking(self, advisor: Advisor, seen: Inspection, question: str) -> discord.Embed:
        heard = seen.overheard.outcome is Outcome.ANSWER
        unasked = words(f"guidance.test_unasked_{'yes' if heard else 'no'}")
        lines = [
            _in_words(seen.asked),
            words("guidance.test_unasked", outcome=unasked),
        ]
        card = plain(words("guidance.test_title"), "\n".join(lines), COLOR)
        add_question(card, question)
        for key, matches in (("test_own", seen.own), ("test_built_in", seen.built_in)):
            listed = [_match_line(match, hidden=match.entry.id in advisor.hidden) for match in matches]
            value = "\n".join(listed) or words("guidance.test_nobody")
            card.add_field(name=words(f"guidance.{key}"), value=value, inline=False)
        return card

    @app_commands.command(description=told("command.guidance_export"))
    async def export(self, interaction: Interaction) -> None:
        """Gives the server's entries as a file."""
        store = store_of(interaction)
        entries = await store.entries.all()
        if not entries:
            raise Refusal("guidance.list_none")
        text = await think_long(interaction, export_yaml, [each.document for each in entries])
        file = discord.File(io.BytesIO(text.encode()), filename="guidance.yaml")
        said = words("guidance.exported", count=len(entries))
        await answer(interaction, said, file=file)

    @app_commands.command(name="import", description=told("command.guidance_import"))
    @app_commands.describe(file=told("command.guidance_import_file"))
    async def import_file(self, interaction: Interaction, file: discord.Attachment) -> None:
        """Checks a file, shows what it would change, and waits for a press."""
        store = store_of(interaction)
        bot = host_of(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        raw = await file.read() if file.size <= MOST_BYTES else b" " * (MOST_BYTES + 1)
        stored = await store.entries.all()
        existing = {each.entry_id: each.document for each in stored}
        room = (await store.settings.get()).entries_limit - len(existing)
        name = file.filename
        try:
            plan = await think_long(interaction, plan_import, raw, name, existing, bot.advisor.library, room)
        except UnusableFile as error:
            lines = [f"- {shorten(safe(str(fault)), MAX_FAULT)}" for fault in error.faults[:MAX_FAULTS]]
            if len(error.faults) > MAX_FAULTS:
                count = len(error.faults) - MAX_FAULTS
                lines.append(f"- {words('guidance.import_more', count=count)}{'+' if error.more else ''}")
            raise Refusal("guidance.import_faults", lines=shorten("\n".join(lines), 1800)) from None
        if not plan.add and not plan.change:
            raise Refusal("guidance.import_nothing", count=len(plan.same))
        card, view = await import_parts(interaction, Import.of(name, plan, stored), len(stored), plan.same)
        await answer(interaction, embed=card, view=view)

    @app_commands.command(description=told("command.guidance_inbox"))
    async def inbox(self, interaction: Interaction) -> None:
        """Shows what went unanswered, like questions together."""
        store = store_of(interaction)
        card, view = await patiently(interaction, inbox_parts(interaction, store, 0))
        await answer(interaction, embed=card, view=view)


def _match_line(match: Match, *, hidden: bool) -> str:
    struck = "~~" if hidden else ""
    return f"`{match.confidence:4.0%} {match.cosine:.2f}` {struck}{safe(match.entry.question)}{struck}"


def _in_words(advice: Advice) -> str:
    if advice.outcome is Outcome.ANSWER and advice.entry is not None:
        kind = words("guidance.own_entry" if advice.own else "guidance.built_in_entry")
        return words(
            "guidance.test_answer", question=safe(advice.entry.question), own=kind,
            percent=percent(advice.confidence),
        )  # fmt: skip
    if advice.outcome is Outcome.CHOICES:
        questions = "; ".join(safe(each.entry.question) for each in advice.choices)
        return words("guidance.test_choices", questions=questions)
    return words("guidance.test_none")
