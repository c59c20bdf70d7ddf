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
    "matching/model/training.py", "matching/model/fitting.py", "matching/model/files.py", "matching/model/gate.py",
    "matching/model/gate_fitting.py", "matching/model/chat.py", "matching/model/chat.npz",
)  # fmt: skip
"""Files of which a change can change what is learned, or how it is kept: they belong to the fingerprint."""


NOT_OURS = -1
DANGER = -2
HARMLESS = -3
"""What stands for an entry's number where there is none: a message that is not for us; one that tells of danger and one
that only sounds like it, of which it is not said whether they are for us."""


@dataclass(frozen=True)
class TrainingSet:
    """The base's texts, prepared, each with its entry's number or one of the above, in this order.

    `kinds`: the kind of danger of each text that tells of it, by number; -1 for all others.
    """

    texts: tuple[str, ...]
    entry: NDArray[np.int32]
    kinds: NDArray[np.int32]

    @property
    def ours(self) -> int:
        """How many of the texts are for us; they come first, in entry order."""
        return int((self.entry >= 0).sum())

    @property
    def judged(self) -> int:
        """Of how many texts it is known whether they are for us; those about danger follow them."""
        return int((self.entry >= NOT_OURS).sum())

    def part(self, rows: NDArray[np.intp]) -> TrainingSet:
        """Some of the texts, in the same order."""
        return TrainingSet(tuple(self.texts[row] for row in rows), self.entry[rows], self.kinds[rows])


def training_set(library: Library, slang: Slang) -> TrainingSet:
    """Every wording, every negative, and what tells of danger; doubles after preparation are left out."""
    labelled = [(wording, number, -1) for number, entry in enumerate(library.entries) for wording in entry.wordings]
    labelled += [(text, NOT_OURS, -1) for text in (*library.negatives.near_misses, *library.negatives.chatter)]
    labelled += [(text, DANGER, at) for at, kind in enumerate(library.danger.kinds) for text in kind.messages]
    labelled += [(text, HARMLESS, -1) for text in library.danger.harmless]
    first: dict[str, tuple[int, int]] = {}
    for text, number, kind in labelled:
        prepared = prepare(text, slang)
        if prepared:
            first.setdefault(prepared, (number, kind))
    labels = np.array(list(first.values()), dtype=np.int32).reshape(-1, 2)
    return TrainingSet(tuple(first), labels[:, 0], labels[:, 1])


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
    for text, number, kind in zip(data.texts, data.entry, data.kinds, strict=True):
        digest.update(f"{number}\t{kind}\t{text}\n".encode())
    return digest.hexdigest()
