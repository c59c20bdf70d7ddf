"""`/guidance`: a server's own entries, for those who manage it and for the editors that it named."""

from __future__ import annotations

import io

import discord
from discord import app_commands

from bot.advice.advisor import Advice, Policy
from bot.advice.editing import MOST_BYTES, export_yaml, plan_import
from bot.chat.advice import card as cards
from bot.chat.guidance.entries import (
    COLOR,
    ConfirmImport,
    as_entry,
    ask_to_remove,
    edit_form,
    entry_view,
    history_card,
    inbox_parts,
    list_parts,
)
from bot.chat.guidance.form import EntryForm, editors_server
from bot.chat.kit.errors import NotPermitted, Refusal
from bot.chat.kit.host import host_of
from bot.chat.kit.item import Interaction
from bot.chat.kit.words import described, words
from bot.documents.faults import UnusableFile
from bot.guidance.models import Entry
from bot.matching.policies import Outcome
from bot.storage import StorageFault

Choice = app_commands.Choice[str]
EntryId = app_commands.Range[str, 1, 64]
MOST_FAULTS = 12


async def own_entries(interaction: Interaction, typed: str) -> list[Choice]:
    """Returns the server's own entries that hold what is typed."""
    try:
        store = await editors_server(interaction)
        found = [(each.entry_id, str(each.document["question"])) for each in await store.entries()]
    except (NotPermitted, StorageFault):
        return []
    return _choices(found, typed)


async def ever_known(interaction: Interaction, typed: str) -> list[Choice]:
    """Returns the server's entries, removed ones too."""
    try:
        store = await editors_server(interaction)
        found = [(each.entry_id, each.question) for each in await store.ever_known()]
    except (NotPermitted, StorageFault):
        return []
    return _choices(found, typed)


async def built_in(interaction: Interaction, typed: str) -> list[Choice]:
    """Returns built-in entries that hold what is typed."""
    entries = host_of(interaction).advisor.library.entries
    return _choices([(entry.id, entry.question) for entry in entries], typed)


async def hidden_entries(interaction: Interaction, typed: str) -> list[Choice]:
    """Returns the built-in entries that this server hides."""
    try:
        hidden = await (await editors_server(interaction)).hidden()
    except (NotPermitted, StorageFault):
        return []
    library = host_of(interaction).advisor.library
    found = [(name, library.by_id[name].question if name in library.by_id else name) for name in sorted(hidden)]
    return _choices(found, typed)


def _choices(found: list[tuple[str, str]], typed: str) -> list[Choice]:
    wanted = typed.lower().split()
    fitting = [
        (name, question) for name, question in found if all(word in f"{name} {question}".lower() for word in wanted)
    ]
    return [app_commands.Choice(name=cards.shorten(question or name, 100), value=name) for name, question in fitting][
        :25
    ]


class Guidance(app_commands.Group, name="guidance", description=words("command.guidance")):
    """The commands of a server's editors; only where the server itself installed the bot."""

    def __init__(self) -> None:
        super().__init__(
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        )

    @app_commands.command(description=described("command.guidance_add"))
    async def add(self, interaction: Interaction) -> None:
        """Opens an empty form."""
        await editors_server(interaction)
        await interaction.response.send_modal(EntryForm(locale=interaction.locale))

    @app_commands.command(description=described("command.guidance_edit"))
    @app_commands.describe(entry=described("command.guidance_entry"))
    @app_commands.autocomplete(entry=own_entries)
    async def edit(self, interaction: Interaction, entry: EntryId) -> None:
        """Opens the form, filled in."""
        store = await editors_server(interaction)
        await interaction.response.send_modal(edit_form(await store.entry(entry), interaction))

    @app_commands.command(description=described("command.guidance_remove"))
    @app_commands.describe(entry=described("command.guidance_entry"))
    @app_commands.autocomplete(entry=own_entries)
    async def remove(self, interaction: Interaction, entry: EntryId) -> None:
        """Asks, and then removes an entry."""
        store = await editors_server(interaction)
        await ask_to_remove(interaction, await store.entry(entry))

    @app_commands.command(name="list", description=described("command.guidance_list"))
    @app_commands.describe(search=described("command.guidance_list_search"))
    async def list_entries(self, interaction: Interaction, search: app_commands.Range[str, 1, 60] = "") -> None:
        """Shows the first page of the server's entries."""
        store = await editors_server(interaction)
        card, view = await list_parts(interaction, store, 0, search)
        await interaction.response.send_message(embed=card, view=view, ephemeral=True)

    @app_commands.command(description=described("command.guidance_show"))
    @app_commands.describe(entry=described("command.guidance_entry"))
    @app_commands.autocomplete(entry=own_entries)
    async def show(self, interaction: Interaction, entry: EntryId) -> None:
        """Shows an entry as its card, with its wordings."""
        store = await editors_server(interaction)
        shown = as_entry(await store.entry(entry))
        card = cards.answer_card(host_of(interaction).advisor.explain(shown), locale=interaction.locale)
        if shown.examples:
            lines = cards.shorten("\n".join(f"- {cards.safe(example)}" for example in shown.examples), 1000)
            card.add_field(name=words("guidance.field_wordings", interaction.locale), value=lines, inline=False)
        await interaction.response.send_message(embed=card, view=entry_view(entry), ephemeral=True)

    @app_commands.command(description=described("command.guidance_history"))
    @app_commands.describe(entry=described("command.guidance_entry"))
    @app_commands.autocomplete(entry=ever_known)
    async def history(self, interaction: Interaction, entry: EntryId) -> None:
        """Shows who changed an entry, when, and what."""
        store = await editors_server(interaction)
        card = history_card(entry, await store.history(entry), interaction)
        await interaction.response.send_message(embed=card, ephemeral=True)

    @app_commands.command(description=described("command.guidance_restore"))
    @app_commands.describe(
        entry=described("command.guidance_entry"), version=described("command.guidance_restore_version")
    )
    @app_commands.autocomplete(entry=ever_known)
    async def restore(
        self, interaction: Interaction, entry: EntryId, version: app_commands.Range[int, 1] | None = None
    ) -> None:
        """Brings an earlier version back, of a removed entry too."""
        store = await editors_server(interaction)
        if version is None:
            versions = await store.history(entry)
            version = versions[min(1, len(versions) - 1)].number
        stored = await store.restore(entry, version, editor=interaction.user.id)
        question = cards.safe(str(stored.document["question"]))
        text = words("guidance.restored", interaction.locale, number=version, question=question)
        await interaction.response.send_message(text, ephemeral=True)

    @app_commands.command(description=described("command.guidance_hide"))
    @app_commands.describe(entry=described("command.guidance_entry"))
    @app_commands.autocomplete(entry=built_in)
    async def hide(self, interaction: Interaction, entry: EntryId) -> None:
        """Hides a built-in entry on this server."""
        store = await editors_server(interaction)
        found = host_of(interaction).advisor.library.by_id.get(entry)
        if found is None:
            raise Refusal("guidance.no_such_built_in")
        await store.hide(entry)
        text = words("guidance.hidden", interaction.locale, question=found.question)
        await interaction.response.send_message(text, ephemeral=True)

    @app_commands.command(description=described("command.guidance_unhide"))
    @app_commands.describe(entry=described("command.guidance_entry"))
    @app_commands.autocomplete(entry=hidden_entries)
    async def unhide(self, interaction: Interaction, entry: EntryId) -> None:
        """Shows a hidden entry again."""
        store = await editors_server(interaction)
        await store.unhide(entry)
        found = host_of(interaction).advisor.library.by_id.get(entry)
        text = words("guidance.shown", interaction.locale, question=found.question if found else entry)
        await interaction.response.send_message(text, ephemeral=True)

    @app_commands.command(description=described("command.guidance_test"))
    @app_commands.describe(question=described("command.guidance_test_question"))
    async def test(self, interaction: Interaction, question: app_commands.Range[str, 1, 1000]) -> None:
        """Shows the ranking with scores, and what would be answered."""
        store = await editors_server(interaction)
        card = await self._ranking(interaction, store.guild_id, question)
        await interaction.response.send_message(embed=card, ephemeral=True)

    async def _ranking(self, interaction: Interaction, server: int, question: str) -> discord.Embed:
        bot = host_of(interaction)
        guidance = await bot.desk.guidance(server)
        advice = bot.advisor.ask(question, guidance)
        overheard = bot.advisor.advise(question, Policy.OVERHEAR, guidance)
        heard = overheard.outcome is Outcome.ANSWER
        unasked = words(f"guidance.test_unasked_{'yes' if heard else 'no'}", interaction.locale)
        lines = [
            _in_words(advice, interaction.locale),
            words("guidance.test_unasked", interaction.locale, outcome=unasked),
        ]
        card = cards.plain(words("guidance.test_title", interaction.locale), "\n".join(lines), COLOR)
        card.set_author(
            name=words("card.asked", interaction.locale, question=cards.shorten(cards.safe(question), cards.MOST_ASKED))
        )
        own: list[tuple[Entry, float, float]] = []
        hidden: frozenset[str] = frozenset()
        if guidance is not None:
            prepared, vector, _ = bot.advisor.matcher.look(question)
            own = [(match.entry, match.score, match.cosine) for match in guidance.own.match(prepared, vector, 5)]
            hidden = guidance.hidden
        alike = bot.advisor.matcher.likeness(question)
        ranked_now = bot.advisor.matcher.rank(question).ranked[:5]
        built = [(item.entry, item.confidence, alike[item.entry.id]) for item in ranked_now]
        for key, ranked in (("test_own", own), ("test_built_in", built)):
            listed = [
                f"`{score:4.0%} {cosine:.2f}` {'~~' if entry.id in hidden else ''}{cards.safe(entry.question)}"
                f"{'~~' if entry.id in hidden else ''}"
                for entry, score, cosine in ranked
            ]
            value = "\n".join(listed) or words("guidance.test_nobody", interaction.locale)
            card.add_field(name=words(f"guidance.{key}", interaction.locale), value=value, inline=False)
        return card

    @app_commands.command(description=described("command.guidance_export"))
    async def export(self, interaction: Interaction) -> None:
        """Gives the server's entries as a file."""
        store = await editors_server(interaction)
        entries = await store.entries()
        if not entries:
            raise Refusal("guidance.list_none")
        text = export_yaml([each.document for each in entries])
        file = discord.File(io.BytesIO(text.encode()), filename="guidance.yaml")
        said = words("guidance.exported", interaction.locale, count=len(entries))
        await interaction.response.send_message(said, file=file, ephemeral=True)

    @app_commands.command(name="import", description=described("command.guidance_import"))
    @app_commands.describe(file=described("command.guidance_import_file"))
    async def import_file(self, interaction: Interaction, file: discord.Attachment) -> None:
        """Checks a file, shows what it would change, and waits for a press."""
        store = await editors_server(interaction)
        bot = host_of(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        raw = await file.read() if file.size <= MOST_BYTES else b" " * (MOST_BYTES + 1)
        existing = {each.entry_id: each.document for each in await store.entries()}
        room = (await store.settings()).entries_limit - len(existing)
        name = cards.safe(file.filename)
        try:
            plan = plan_import(raw, name, existing, bot.advisor.library.by_id, room)
        except UnusableFile as error:
            lines = [f"- {cards.safe(str(fault))}" for fault in error.faults[:MOST_FAULTS]]
            if len(error.faults) > MOST_FAULTS:
                lines.append(f"- ... {len(error.faults) - MOST_FAULTS}")
            raise Refusal("guidance.import_faults", lines=cards.shorten("\n".join(lines), 1800)) from None
        if not plan.add and not plan.change:
            raise Refusal("guidance.import_nothing", same=len(plan.same))
        touched = len(plan.change) + len(plan.same)
        text = words(
            "guidance.import_plan", interaction.locale, add=len(plan.add), change=len(plan.change),
            same=len(plan.same), left=len(existing) - touched,
        )  # fmt: skip
        card = cards.plain(words("guidance.import_title", interaction.locale, name=name), text, COLOR)
        for sign, documents in (("+", plan.add), ("~", plan.change)):
            if documents:
                listed = "\n".join(f"{sign} {cards.safe(str(document['question']))}" for document in documents)
                card.add_field(name=sign, value=cards.shorten(listed, 1000), inline=False)
        view = discord.ui.View(timeout=None)
        view.add_item(ConfirmImport(bot.pending_imports.keep(store.guild_id, plan)))
        await interaction.followup.send(embed=card, view=view, ephemeral=True)

    @app_commands.command(description=described("command.guidance_inbox"))
    async def inbox(self, interaction: Interaction) -> None:
        """Shows what went unanswered, like questions together."""
        store = await editors_server(interaction)
        card, view = await inbox_parts(interaction, store, 0)
        await interaction.response.send_message(
            embed=card, view=view if view is not None else discord.utils.MISSING, ephemeral=True
        )


def _in_words(advice: Advice, locale: discord.Locale) -> str:
    if advice.outcome is Outcome.ANSWER and advice.entry is not None:
        kind = words("guidance.own_entry" if advice.own else "guidance.built_in_entry", locale)
        return words(
            "guidance.test_answer", locale, question=cards.safe(advice.entry.question), own=kind,
            percent=f"{advice.confidence:.0%}",
        )  # fmt: skip
    if advice.outcome is Outcome.CHOICES:
        questions = "; ".join(cards.safe(each.entry.question) for each in advice.choices)
        return words("guidance.test_choices", locale, questions=questions)
    return words("guidance.test_none", locale)
