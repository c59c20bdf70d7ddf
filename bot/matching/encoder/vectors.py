"""Sentence vectors of the base's own texts, kept so that start-up need not compute them again.

A vector file is only ever a memory of what the encoder would say: it is keyed by the encoder's name and each text's
hash, and whatever it lacks is encoded. Vectors are kept as 8-bit integers with a scale a row; all texts go through
that rounding, kept or not, so that a start with a file and one without give the same matcher.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.matching.encoder.minilm import Encoder, Vectors

Progress = Callable[[Sequence[str]], Iterable[str]]
Key = bytes
_Row = tuple[NDArray[np.int8], np.float32]


def key_of(text: str) -> Key:
    """The key under which the vector of a prepared text is kept: 20 bytes."""
    return hashlib.sha1(text.encode("utf-8"), usedforsecurity=False).digest()


class VectorStore:
    """Vectors by text: from the files given, otherwise from the encoder."""

    def __init__(self, encoder: Encoder, shipped: Path | None = None, cache: Path | None = None) -> None:
        """`shipped` is read only; `cache` is read and, when something was missing, written. Either may not exist."""
        self._encoder = encoder
        self._cache = cache
        self._rows: dict[Key, _Row] = {}
        for path in (shipped, cache):
            if path is not None:
                self._rows.update(_read(path, encoder.name))

    def vectors(self, texts: Sequence[str], progress: Progress = iter) -> Vectors:
        """The vectors of prepared texts: shape (len(texts), dimensions), float32, rows of length about 1.

        `progress` wraps the texts that must still be encoded, e.g. to draw a bar.
        """
        keys = [key_of(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}
        for text in progress(list(missing.values())) if missing else ():
            self._rows[key_of(text)] = _rounded(self._encoder.encode(text))
        if missing and self._cache is not None:
            # remember just what this base needs, so that the file does not grow with every edit
            _write(self._cache, self._encoder.name, {key: self._rows[key] for key in keys})
        result = np.empty((len(texts), self._encoder.dimensions), dtype=np.float32)
        for at, key in enumerate(keys):
            row, scale = self._rows[key]
            result[at] = row * scale
        return result

    def save(self, path: Path, texts: Sequence[str]) -> None:
        """Writes the vectors of prepared `texts` to `path`. Raises `OSError`."""
        self.vectors(texts)
        _write(path, self._encoder.name, {key_of(text): self._rows[key_of(text)] for text in texts}, strict=True)


def _rounded(vector: Vectors) -> _Row:
    scale = np.float32(max(float(np.abs(vector).max()), 1e-12) / 127)
    return np.rint(vector / scale).astype(np.int8), scale


def _read(path: Path, encoder: str) -> dict[Key, _Row]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            if str(stored["encoder"]) != encoder:
                return {}
            keys: NDArray[np.uint8] = stored["keys"]
            rows: NDArray[np.int8] = stored["rows"]
            scales: NDArray[np.float32] = stored["scales"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        # no such file, or one that was cut short: its vectors are computed anew
        return {}
    return {bytes(key): (row, scale) for key, row, scale in zip(keys, rows, scales, strict=False)}


def _write(path: Path, encoder: str, rows: dict[Key, _Row], strict: bool = False) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
        with os.fdopen(handle, "wb") as stream:
            np.savez_compressed(
                stream,
                encoder=np.array(encoder),
                keys=np.array([np.frombuffer(key, dtype=np.uint8) for key in rows]),
                rows=np.array([row for row, _ in rows.values()], dtype=np.int8),
                scales=np.array([scale for _, scale in rows.values()], dtype=np.float32),
            )
        Path(part).replace(path)
    except OSError:
        # a folder that can't be written costs seconds at the next start, nothing else
        if strict:
            raise
