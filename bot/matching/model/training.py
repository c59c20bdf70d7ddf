"""What the base teaches from: its texts, labelled; and a name for all that a model depends on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from bot.guidance.models import Library
from bot.matching.features import prepare
from bot.matching.text import Slang

FEATURE_CODE = (
    "matching/text.py", "matching/relations.py", "matching/features.py", "matching/model/machines.py",
    "matching/model/training.py", "matching/model/fitting.py", "matching/model/files.py",
)  # fmt: skip
"""Files in which a change can change what is learned, or how it is kept: they belong to the fingerprint."""


@dataclass(frozen=True)
class TrainingSet:
    """The base's texts, prepared, each with its entry's number (-1: not for us), ours first and in entry order."""

    texts: tuple[str, ...]
    entry: NDArray[np.int32]

    @property
    def ours(self) -> int:
        """How many of the texts are for us; the others follow them."""
        return int((self.entry >= 0).sum())


def training_set(library: Library, slang: Slang) -> TrainingSet:
    """Every wording of every entry, then every negative; doubles after preparation are left out."""
    numbered = [
        (prepare(wording, slang), number) for number, entry in enumerate(library.entries) for wording in entry.wordings
    ]
    negatives = (*library.negatives.near_misses, *library.negatives.chatter)
    numbered.extend((prepare(message, slang), -1) for message in negatives)
    first: dict[str, int] = {}
    for text, number in numbered:
        if text:
            first.setdefault(text, number)
    return TrainingSet(tuple(first), np.array(list(first.values()), dtype=np.int32))


def fingerprint(library: Library, data: TrainingSet, encoder: str) -> str:
    """Names everything that a model depends on: texts, words, code, hyperparameters (which stand in it), encoder."""
    digest = hashlib.sha256(f"{encoder}\n".encode())
    for name in FEATURE_CODE:
        # a checkout may have other line ends than the wheel
        digest.update(files("bot").joinpath(name).read_bytes().replace(b"\r\n", b"\n"))
    lexicon = library.lexicon
    named = [{item.id: item.words for item in lists.values()} for lists in (lexicon.people, lexicon.platforms)]
    known = [*named, dict(lexicon.slang), lexicon.grammar.model_dump()]
    digest.update(json.dumps(known, sort_keys=True, default=sorted).encode())
    for entry in library.entries:
        digest.update(f"{entry.topic}\t{entry.verdict}\t{entry.safety}\n".encode())
    for text, number in zip(data.texts, data.entry, strict=True):
        digest.update(f"{number}\t{text}\n".encode())
    return digest.hexdigest()
