"""From a text to its sentence vector: what every encoder must be able to do."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.documents.faults import Unavailable

Vectors = NDArray[np.float32]


class EncoderUnavailable(Unavailable):
    """Raised when the encoder's files are missing or are not the ones that this version was measured with."""


class Encoder(Protocol):
    """Turns texts into unit vectors. Deterministic; a text's vector does not depend on the texts beside it."""

    @property
    def name(self) -> str:
        """Names the model and its weights, so that stored vectors are never mixed with another encoder's."""

    @property
    def short_name(self) -> str:
        """Names the model alone, for folders."""

    @property
    def dimensions(self) -> int:
        """The length of a vector."""

    def encode(self, text: str) -> Vectors:
        """The vector of one text: shape (dimensions,), float32, of length 1 (all zeros for an empty text)."""
