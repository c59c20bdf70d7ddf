"""What an editor wants of an entry, until it is saved: what a form held, an earlier version, other channels, wordings.

Each is one model, so that it can wait in the database for a press.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from bot.advice.editing import as_document, changed_fields, new_id
from bot.advice.fields import FIELDS, entry_from_form, entry_of, fields_of, touched
from bot.chat.guidance.groups import group_of
from bot.chat.guidance.trial import warning_lines
from bot.chat.kit.errors import Refusal
from bot.chat.kit.host import host_of
from bot.chat.kit.item import Interaction
from bot.chat.kit.pending import Pending
from bot.chat.kit.permissions import store_of
from bot.chat.kit.text import safe
from bot.chat.kit.words import words
from bot.documents.faults import RsvnoError
from bot.guidance.models import Entry
from bot.storage import ChangedMeanwhile, Latest, NotFound, ServerStore

TRIES = 3
"""How often something is saved anew that somebody else was faster with."""


class Clash(RsvnoError):
    """Raised where somebody else changed an entry since whoever changes it saw it; `latest` is how it is now."""

    def __init__(self, latest: Latest) -> None:
        super().__init__(f"the entry '{latest.entry_id}' was changed meanwhile")
        self.latest = latest


class Proposal(BaseModel, ABC):
    """What somebody wants of an entry. Its coroutines raise Refused for what cannot be an entry, and StorageFault."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    editable: ClassVar[bool] = False
    """Whether it was written in a form, which can be opened again."""
    first: int | None = None
    """The question of the inbox that led here: it and those like it are answered once this is saved."""

    doubted: bool = False
    """Whether whoever wants it was told what it would take."""

    async def check(self, store: ServerStore) -> None:
        """Raises Clash where somebody else changed what this changes, and nobody was told yet."""

    @abstractmethod
    async def result(self, interaction: Interaction) -> Entry:
        """Returns the entry as it would be saved now."""

    async def tried(self, interaction: Interaction) -> Entry | None:
        """Returns the entry that is tried on the built-in ones before; None: there is nothing to try."""
        return await self.result(interaction)

    @abstractmethod
    async def save(self, interaction: Interaction) -> Entry:
        """Saves it, and returns the entry. Raises Clash."""

    @abstractmethod
    async def said(self, interaction: Interaction, entry: Entry) -> list[str]:
        """Returns what to say once it is saved, line by line."""

    def told(self, version: int) -> Proposal:
        """Returns the same, by somebody who knows the entry in this version."""
        return self

    async def fields(self, store: ServerStore, latest: Latest) -> Mapping[str, str]:
        """Returns how a form would show the entry if this were saved, to be held against how it is now."""
        return fields_of(latest.document)

    async def answered(self, interaction: Interaction) -> None:
        """Takes what is answered now out of the inbox: those too that joined them since."""
        if self.first is not None:
            store = store_of(interaction)
            with contextlib.suppress(Refusal):
                await store.inbox.dismiss([each.id for each in await group_of(interaction, store, self.first)])


class Written(Proposal):
    """What a form held: for a new entry, or for one that it showed in a version."""

    editable: ClassVar[bool] = True
    kind: Literal["written"] = "written"
    written: dict[str, str]
    entry: str | None = None
    shown: int = 0
    """The version that the form was filled in with."""
    seen: int = 0
    """The newest version that whoever wrote it knows of."""
    _reworded: bool = PrivateAttr(default=True)
    """Whether other questions than before find the entry, once it is saved."""

    async def check(self, store: ServerStore) -> None:
        if self.entry is None:
            return
        latest = await store.entries.latest(self.entry)
        if latest.version == self.seen:
            return
        known = await store.entries.version(self.entry, self.seen)
        changed = changed_fields(known.document, latest.document) if known is not None else FIELDS.values()
        # what no form shows, such as its channels, is no matter of whoever filled one in
        if latest.removed or set(changed) & set(FIELDS.values()):
            raise Clash(latest)

    async def result(self, interaction: Interaction) -> Entry:
        store = store_of(interaction)
        if self.entry is None:
            own = {known.entry_id for known in await store.entries.ever_known()}
            taken = own | set(host_of(interaction).advisor.library.by_id)
            return entry_from_form(new_id(self.written["question"], taken), self.written)
        return await self._onto(store, await store.entries.latest(self.entry))

    async def tried(self, interaction: Interaction) -> Entry | None:
        entry = await self.result(interaction)
        if self.entry is not None:
            latest = await store_of(interaction).entries.latest(self.entry)
            if not latest.removed and _matches_as(latest.document, entry):
                return None
        return entry

    async def _onto(self, store: ServerStore, latest: Latest) -> Entry:
        return entry_from_form(
            latest.entry_id, self.written, await self._shown_document(store, latest), latest.document
        )

    async def _shown_document(self, store: ServerStore, latest: Latest) -> Mapping[str, Any]:
        found = await store.entries.version(latest.entry_id, self.shown)
        return found.document if found is not None else latest.document

    async def save(self, interaction: Interaction) -> Entry:
        store, editor = store_of(interaction), interaction.user.id
        if self.entry is None:
            entry = await self.result(interaction)
            await store.entries.add(as_document(entry), editor=editor)
            return entry
        for _ in range(TRIES):
            await self.check(store)
            latest = await store.entries.latest(self.entry)
            entry = await self._onto(store, latest)
            self._reworded = latest.removed or not _matches_as(latest.document, entry)
            with contextlib.suppress(ChangedMeanwhile):
                if latest.removed:
                    await store.entries.add(as_document(entry), editor=editor)
                else:
                    await store.entries.edit(entry.id, as_document(entry), editor=editor, expected=latest.version)
                return entry
        raise Clash(await store.entries.latest(self.entry))

    async def said(self, interaction: Interaction, entry: Entry) -> list[str]:
        key = "guidance.added" if self.entry is None else "guidance.changed"
        warned = await warning_lines(interaction, entry) if self._reworded else []
        return [words(key, question=safe(entry.question)), *warned]

    def told(self, version: int) -> Written:
        return self.model_copy(update={"seen": version})

    async def fields(self, store: ServerStore, latest: Latest) -> Mapping[str, str]:
        changed = touched(self.written, await self._shown_document(store, latest))
        return {name: self.written[name] if name in changed else text
                for name, text in fields_of(latest.document).items()}  # fmt: skip


class Restored(Proposal):
    """An earlier version of an entry, by somebody who knows it up to the version `seen`."""

    kind: Literal["restored"] = "restored"
    entry: str
    number: int
    seen: int

    async def check(self, store: ServerStore) -> None:
        latest = await store.entries.latest(self.entry)
        if latest.version != self.seen:
            raise Clash(latest)

    async def result(self, interaction: Interaction) -> Entry:
        return entry_of(await self._document(store_of(interaction)))

    async def _document(self, store: ServerStore) -> Mapping[str, Any]:
        found = await store.entries.version(self.entry, self.number)
        if found is None:
            named = f"{self.entry[:64]} ({self.number})"
            raise NotFound(f"entry '{self.entry[:64]}' has no version {self.number}", entry=named)
        return found.document

    async def save(self, interaction: Interaction) -> Entry:
        store, entry = store_of(interaction), await self.result(interaction)
        try:
            await store.entries.restore(self.entry, self.number, editor=interaction.user.id, expected=self.seen)
        except ChangedMeanwhile:
            raise Clash(await store.entries.latest(self.entry)) from None
        return entry

    async def said(self, interaction: Interaction, entry: Entry) -> list[str]:
        return [words("guidance.restored", number=self.number, question=safe(entry.question))]

    def told(self, version: int) -> Restored:
        return self.model_copy(update={"seen": version})

    async def fields(self, store: ServerStore, latest: Latest) -> Mapping[str, str]:
        return fields_of(await self._document(store))


class Limited(Proposal):
    """The channels to which an entry is limited; none: it answers everywhere."""

    kind: Literal["limited"] = "limited"
    entry: str
    channels: list[int]

    async def result(self, interaction: Interaction) -> Entry:
        stored = await store_of(interaction).entries.get(self.entry)
        return self._limited(stored.document)

    def _limited(self, document: Mapping[str, Any]) -> Entry:
        return entry_of({**document, "channels": self.channels})

    async def tried(self, interaction: Interaction) -> Entry | None:
        old = entry_of((await store_of(interaction).entries.get(self.entry)).document)
        if not self.channels:
            return self._limited({**as_document(old)}) if old.channels else None
        # where it answers already, it takes nothing anew
        added = [channel for channel in self.channels if channel not in old.channels] if old.channels else []
        return old.model_copy(update={"channels": tuple(added)}) if added else None

    async def save(self, interaction: Interaction) -> Entry:
        stored = await store_of(interaction).entries.change(
            self.entry, lambda document: as_document(self._limited(document)), editor=interaction.user.id
        )
        return entry_of(stored.document)

    async def said(self, interaction: Interaction, entry: Entry) -> list[str]:
        key = "guidance.limited" if entry.channels else "guidance.unlimited"
        channels = " ".join(f"<#{channel}>" for channel in entry.channels)
        return [words(key, question=safe(entry.question), channels=channels)]


class Worded(Proposal):
    """More wordings for an entry: questions from the inbox."""

    kind: Literal["worded"] = "worded"
    entry: str
    questions: list[str]

    async def result(self, interaction: Interaction) -> Entry:
        return self._worded((await store_of(interaction).entries.get(self.entry)).document)

    def _worded(self, document: Mapping[str, Any]) -> Entry:
        wordings = dict.fromkeys([*document.get("examples", ()), *self.questions])
        return entry_of({**document, "examples": list(wordings)})

    async def save(self, interaction: Interaction) -> Entry:
        stored = await store_of(interaction).entries.change(
            self.entry, lambda document: as_document(self._worded(document)), editor=interaction.user.id
        )
        return entry_of(stored.document)

    async def said(self, interaction: Interaction, entry: Entry) -> list[str]:
        return [words("inbox.worded", question=safe(entry.question))]


def _matches_as(document: Mapping[str, Any], entry: Entry) -> bool:
    """Whether an entry is found by the same questions, in the same channels, as the document says."""
    new = as_document(entry)
    return all(document.get(key) == new.get(key) for key in ("question", "examples", "channels", "safety"))


AnyProposal = Annotated[Written | Restored | Limited | Worded, Field(discriminator="kind")]

DRAFTS = Pending[Proposal]("draft", AnyProposal)
"""What waits for a press to be saved."""
