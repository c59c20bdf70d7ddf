"""What texts mean that are looked at again and again, such as an inbox: read once, in turns with what people ask."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import numpy as np
from cachetools import LRUCache

from bot.advice.advisor import Advisor
from bot.chat.kit.work import Crowded, Work
from bot.matching.encoder.encoder import Vectors

MOST_KEPT = 10_000
"""Vectors in memory, of all servers: 1.5 kB each, under a hash of the text, so that the text itself is not kept."""
AT_ONCE = 200
"""Texts that are read while somebody waits; the rest is read afterwards."""


class TextVectors:
    """Sentence vectors of texts. `begin` runs what goes on when nobody waits for it any more."""

    def __init__(
        self, advisor: Advisor, work: Work, begin: Callable[[Coroutine[Any, Any, None]], object], kept: int = MOST_KEPT
    ) -> None:
        self._advisor = advisor
        self._line = work.matching
        self._begin = begin
        self._kept: LRUCache[bytes, Vectors] = LRUCache(kept)
        self._being_read: set[int] = set()

    async def of(self, server: int, texts: Sequence[str]) -> dict[str, Vectors]:
        """Returns the vectors of texts, by text: of all that were read before, and of the first two hundred others.

        What is missing then is being read meanwhile. Raises Crowded.
        """
        unread = [text for text in dict.fromkeys(texts) if _key_of(text) not in self._kept]
        await self._read(server, unread[:AT_ONCE])
        if unread[AT_ONCE:] and server not in self._being_read:
            self._being_read.add(server)
            self._begin(self._read_on(server, unread[AT_ONCE:]))
        found = ((text, self._kept.get(_key_of(text))) for text in dict.fromkeys(texts))
        return {text: vector.astype(np.float32) for text, vector in found if vector is not None}

    async def _read(self, server: int, texts: Sequence[str]) -> None:
        for read in await self._line.each(server, self._vectors, texts):
            self._kept.update(read)

    async def _read_on(self, server: int, texts: Sequence[str]) -> None:
        try:
            for at in range(0, len(texts), AT_ONCE):
                await self._read(server, texts[at : at + AT_ONCE])
        except Crowded:
            # whoever looks again begins again
            return
        finally:
            self._being_read.discard(server)

    def _vectors(self, texts: Sequence[str]) -> dict[bytes, Vectors]:
        return {_key_of(text): self._advisor.read(text).vector.astype(np.float16) for text in texts}


def _key_of(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
