"""What ordinary chat taught the gate: how often words stand in it, and what the gate's signs say. See `gate`.

It is the same for every base and encoder, and comes with the program as `chat.npz`, which `tools.teach_gate` makes.
Words are counted in buckets that a hash names, so that no message can be read back.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.documents.faults import Unavailable
from bot.documents.writing import write_whole

CHAT_FILE = "chat.npz"
Counts = NDArray[np.float32]


class UnusableChat(Unavailable):
    """Raised when the file is missing, cut short, or of another form: the program was not installed whole."""


@dataclass(frozen=True)
class Network:
    """One hidden layer of rectified units: from a message's signs to a score, higher for what is for us.

    `inner` of shape (signs, units), `offsets` and `outer` of shape (units,).
    """

    inner: NDArray[np.float32]
    offsets: NDArray[np.float32]
    outer: NDArray[np.float32]
    offset: float

    def score(self, signs: NDArray[np.float32]) -> float:
        """The score of one message, from signs of shape (signs,)."""
        return float(np.maximum(signs @ self.inner + self.offsets, 0.0) @ self.outer) + self.offset


@dataclass(frozen=True)
class Chat:
    """In how many of `messages` ordinary messages words of each bucket stand, and pairs of neighbors; and the network.

    `words` of shape (gate.WORD_BUCKETS,), `pairs` of shape (gate.PAIR_BUCKETS,).
    """

    words: Counts
    pairs: Counts
    messages: int
    network: Network


@lru_cache(maxsize=1)
def shipped_chat() -> Chat:
    """What comes with the program. Raises `UnusableChat`."""
    return read_chat(files("bot.matching.model").joinpath(CHAT_FILE).read_bytes())


def write_chat(path: Path, chat: Chat) -> None:
    """Keeps it as one file, whole or not at all. Raises `OSError`."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        words=chat.words.astype(np.uint16),
        pairs=chat.pairs.astype(np.uint16),
        messages=np.array(chat.messages),
        inner=chat.network.inner,
        offsets=chat.network.offsets,
        outer=chat.network.outer,
        offset=np.array(chat.network.offset),
    )
    write_whole(path, buffer.getvalue())


def read_chat(raw: bytes) -> Chat:
    """What `write_chat` wrote. Raises `UnusableChat`."""
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as stored:
            arrays = dict(stored)
        return Chat(
            arrays["words"].astype(np.float32),
            arrays["pairs"].astype(np.float32),
            int(arrays["messages"]),
            Network(arrays["inner"], arrays["offsets"], arrays["outer"], float(arrays["offset"])),
        )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise UnusableChat(f"{CHAT_FILE} cannot be read ({type(error).__name__}): install the program anew") from None
