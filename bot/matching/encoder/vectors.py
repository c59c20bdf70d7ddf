"""Sentence vectors of the base's own texts, kept so that start-up need not compute them again.

A vector file is only ever a memory of what the encoder would say: a plain array of rows, each with a hash of the
encoder's name and the text, sorted by it, so that a change of one text changes one row. What it lacks is encoded.
Vectors are kept as 8-bit integers with a scale a row; all texts go through that rounding, kept or not, so that a start
with a file and one without give the same matcher.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.documents.writing import write_whole
from bot.matching.encoder.encoder import Encoder, Vectors

Progress = Callable[[Sequence[str]], Iterable[str]]
Key = bytes
KEY_BYTES = 20
BLOCK = 256
_Row = tuple[NDArray[np.int8], np.float32]


@dataclass(frozen=True)
class PackedVectors:
    """Many vectors in a quarter of the memory: 8-bit integers, and a scale a row.

    `rows` of shape (vectors, dimensions), `scales` of shape (vectors,).
    """

    rows: NDArray[np.int8]
    scales: NDArray[np.float32]

    @classmethod
    def of(cls, vectors: Vectors) -> PackedVectors:
        """Packs vectors of shape (vectors, dimensions); those that come from a `VectorStore` without a loss."""
        packed = [_rounded(vector) for vector in vectors]
        rows = np.array([row for row, _ in packed], dtype=np.int8).reshape(vectors.shape)
        return cls(rows, np.array([scale for _, scale in packed], dtype=np.float32))

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, which: int | slice | NDArray[np.integer[Any]]) -> Vectors:
        """Some of the vectors, or one, as float32."""
        vectors: Vectors = self.rows[which] * self.scales[which][..., None]
        return vectors

    def products(self, vector: Vectors, last: int | None = None) -> Vectors:
        """The products of a vector with the first `last` of these (None: all): shape (vectors,), float32."""
        rows = self.rows[:last]
        found = np.empty(len(rows), dtype=np.float32)
        # block by block, so that what is unpacked stays in the processor's cache
        for start in range(0, len(rows), BLOCK):
            found[start : start + BLOCK] = rows[start : start + BLOCK].astype(np.float32) @ vector
        found *= self.scales[:last]
        return found


class VectorStore:
    """Vectors by text: from the files given, otherwise from the encoder."""

    def __init__(self, encoder: Encoder, shipped: Path | None = None, cache: Path | None = None) -> None:
        """`shipped` is read only; `cache` is read and, when something was missing, written. Either may not exist."""
        self._encoder = encoder
        self._cache = cache
        self._rows: dict[Key, _Row] = {}
        for path in (shipped, cache):
            if path is not None:
                self._rows.update(_read(path, encoder.dimensions))

    def vectors(self, texts: Sequence[str], progress: Progress = iter) -> PackedVectors:
        """The vectors of prepared texts, each of length about 1.

        `progress` wraps the texts that must still be encoded, e.g. to draw a bar.
        """
        keys = [self._key_of(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}
        for text in progress(list(missing.values())) if missing else ():
            self._rows[self._key_of(text)] = _rounded(self._encoder.encode(text))
        if missing and self._cache is not None:
            # a folder that can't be written costs seconds at the next start, nothing else
            with suppress(OSError):
                self.save(self._cache, texts)
        rows = np.empty((len(texts), self._encoder.dimensions), dtype=np.int8)
        scales = np.empty(len(texts), dtype=np.float32)
        for at, key in enumerate(keys):
            rows[at], scales[at] = self._rows[key]
        return PackedVectors(rows, scales)

    def save(self, path: Path, texts: Sequence[str]) -> None:
        """Writes the vectors of these prepared texts, and of no others, to `path`. Raises `OSError`."""
        keys = sorted({self._key_of(text) for text in texts})
        stored = np.zeros(len(keys), dtype=_row_type(self._encoder.dimensions))
        for at, key in enumerate(keys):
            row, scale = self._rows[key]
            stored[at] = (key, scale, row)
        buffer = io.BytesIO()
        np.save(buffer, stored, allow_pickle=False)
        write_whole(path, buffer.getvalue())

    def _key_of(self, text: str) -> Key:
        named = f"{self._encoder.name}\n{text}".encode()
        return hashlib.sha1(named, usedforsecurity=False).digest()


def _row_type(dimensions: int) -> np.dtype[np.void]:
    return np.dtype([("key", f"V{KEY_BYTES}"), ("scale", "<f4"), ("row", "i1", (dimensions,))])


def _rounded(vector: Vectors) -> _Row:
    scale = np.float32(max(float(np.abs(vector).max()), 1e-12) / 127)
    return np.rint(vector / scale).astype(np.int8), scale


def _read(path: Path, dimensions: int) -> dict[Key, _Row]:
    try:
        stored = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        # no such file, or one that was cut short: its vectors are computed anew
        return {}
    if not isinstance(stored, np.ndarray) or stored.dtype != _row_type(dimensions):
        return {}
    keys = stored["key"].tobytes()
    return {
        keys[at * KEY_BYTES : (at + 1) * KEY_BYTES]: (row, scale)
        for at, (row, scale) in enumerate(zip(stored["row"], stored["scale"], strict=True))
    }
