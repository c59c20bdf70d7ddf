"""What waits for a press and is too long for a custom id: in the database, so that a restart changes nothing."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Generic, TypeVar

from cachetools import LRUCache
from pydantic import TypeAdapter, ValidationError

from bot.chat.kit.logs import log_out_of_reach
from bot.storage import ServerStore, StorageFault

Thing = TypeVar("Thing")

MOST_IN_MEMORY = 100
"""Things that wait in memory because the database was out of reach."""

PendingName = Annotated[str, r"[0-9a-f]{16}"]
"""Of something that waits, in a custom id."""


class Pending(Generic[Thing]):
    """Things of one kind that wait. A name is random, and only its own server can use it.

    Where the database is out of reach they wait in memory instead, for as long as the bot runs.
    """

    def __init__(self, kind: str, model: Any) -> None:
        """`kind`: their name in the database. `model`: the pydantic model, or union of models, of the things."""
        self._kind = kind
        self._adapter: TypeAdapter[Thing] = TypeAdapter(model)
        self._memory: LRUCache[tuple[int, str], Thing] = LRUCache(MOST_IN_MEMORY)

    async def keep(self, store: ServerStore, thing: Thing, name: str = "") -> str:
        """Keeps something and returns the name under which it can be had: a new one, or that which is given."""
        name = name or secrets.token_hex(8)
        try:
            await store.waiting.keep(self._kind, self._adapter.dump_python(thing, mode="json"), name)
        except StorageFault as fault:
            log_out_of_reach(fault)
            self._memory[store.guild_id, name] = thing
        else:
            self._memory.pop((store.guild_id, name), None)
        return name

    async def get(self, store: ServerStore, name: str) -> Thing | None:
        """Returns what a server has under a name; None if that is gone. Raises StorageFault."""
        held = self._memory.get((store.guild_id, name))
        return held if held is not None else self._read(await store.waiting.get(self._kind, name))

    async def take(self, store: ServerStore, name: str) -> Thing | None:
        """The same, once: of two who take it at the same time, one gets it."""
        held = self._memory.pop((store.guild_id, name), None)
        return held if held is not None else self._read(await store.waiting.take(self._kind, name))

    def _read(self, document: Any) -> Thing | None:
        try:
            return self._adapter.validate_python(document) if document is not None else None
        except ValidationError:
            # another version of us wrote it
            return None
