"""all-mpnet-base-v2 as a graph for ONNX Runtime, with weights of 8 bits: written by hand, so that nobody needs torch.

The architecture is Song et al. 2020, "MPNet": twelve equal layers, one table of relative positions for all; pooled and
normalized as the model's authors do (Reimers and Gurevych 2019, "Sentence-BERT"). Plain dynamic quantization ruins it
(mean cosine to the original .90), since the second matrix of each feed-forward block sees outliers: those twelve keep a
scale for every 128 weights (`MatMulNBits`, 8 bits), all others are dynamic (`MatMulInteger`). Weights of the latter use
7 of their 8 bits, because processors without VNNI add up pairs in 16 bits, which 8 would overflow. Mean cosine to
the original: .991.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors import safe_open

Floats = NDArray[np.float32]

LAYERS, HEADS, WIDTH, HEAD_WIDTH = 12, 12, 768, 64
LONGEST = 128
"""Tokens. The length that the model was trained with."""
FIRST_PLACE = 2
"""The first row of the table of positions that stands for a place, as in RoBERTa."""
BUCKETS, EXACT, FARTHEST = 16, 8, 128
"""Relative positions: so many buckets a direction, of which so many are for one distance each, up to the farthest."""
DYNAMIC_LEVELS, BLOCK_LEVELS = 63, 127
BLOCK = 128
EPSILON = 1e-5


def write_graph(weights: Path, target: Path) -> None:
    """Writes the graph for `weights` (a safetensors file of the original names) to `target`.

    Input: `input_ids`, int64, shape (tokens,). Output: `vector`, float32, shape (768,), of length 1.
    """
    with safe_open(weights, "numpy") as file:
        onnx.save(_Graph(file).model(), target)


class _Graph:
    def __init__(self, file: Any) -> None:
        self._file = file
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def model(self) -> onnx.ModelProto:
        hidden = self._embedded()
        bias = self._relative_bias()
        for layer in range(LAYERS):
            hidden = self._layer(hidden, f"encoder.layer.{layer}.", bias)
        mean = self._add("ReduceMean", hidden, self._ints("rows", [0]), keepdims=0)
        self._nodes.append(helper.make_node("LpNormalization", [mean], ["vector"], axis=-1, p=2))
        graph = helper.make_graph(
            self._nodes,
            "all-mpnet-base-v2",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["tokens"])],
            [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [WIDTH])],
            list(self._constants.values()),
        )
        sets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=sets, ir_version=10)

    def _embedded(self) -> str:
        levels, scales = _by_column(self._weight("embeddings.word_embeddings.weight").T, BLOCK_LEVELS)
        rows = self._add("Gather", self._constant("words", levels.T), "input_ids")
        row_scales = self._add("Gather", self._constant("word_scales", scales), "input_ids")
        row_scales = self._add("Unsqueeze", row_scales, self._ints("one", [1]))
        words = self._add("Mul", self._add("Cast", rows, to=TensorProto.FLOAT), row_scales)
        table = self._weight("embeddings.position_embeddings.weight")[FIRST_PLACE : FIRST_PLACE + LONGEST]
        length = self._add("Shape", "input_ids")
        places = self._add("Slice", self._constant("places", table), self._ints("zero", [0]), length)
        return self._normalized(self._add("Add", words, places), "embeddings.LayerNorm.")

    def _relative_bias(self) -> str:
        """What every head adds for the distance of two tokens: shape (heads, tokens, tokens)."""
        table = self._weight("encoder.relative_attention_bias.weight")[_buckets()].transpose(2, 0, 1)
        length = self._add("Shape", "input_ids")
        both = self._add("Concat", length, length, axis=0)
        starts, axes = self._ints("zeros", [0, 0]), self._ints("last_two", [1, 2])
        return self._add("Slice", self._constant("relative", table), starts, both, axes)

    def _layer(self, hidden: str, name: str, bias: str) -> str:
        attention = f"{name}attention.attn."
        weights = np.concatenate([self._weight(f"{attention}{part}.weight") for part in "qkv"]).T.copy()
        biases = np.concatenate([self._weight(f"{attention}{part}.bias") for part in "qkv"])
        # the scaling of the scores, done once and for all
        weights[:, :WIDTH] /= HEAD_WIDTH**0.5
        biases[:WIDTH] /= HEAD_WIDTH**0.5
        parts = self._dynamic(hidden, f"{name}qkv", weights, biases)
        query, key, value = self._split(parts)
        scores = self._add("MatMul", self._by_head(query, [1, 0, 2]), self._by_head(key, [1, 2, 0]))
        shares = self._add("Softmax", self._add("Add", scores, bias), axis=-1)
        mixed = self._add("MatMul", shares, self._by_head(value, [1, 0, 2]))
        mixed = self._add("Transpose", mixed, perm=[1, 0, 2])
        mixed = self._add("Reshape", mixed, self._ints("joined", [-1, WIDTH]))
        mixed = self._dynamic(mixed, f"{name}o", *self._matrix(f"{attention}o"))
        hidden = self._normalized(self._add("Add", mixed, hidden), f"{name}attention.LayerNorm.")
        wide = self._dynamic(hidden, f"{name}up", *self._matrix(f"{name}intermediate.dense"))
        back = self._blockwise(self._add("Gelu", wide), f"{name}down", *self._matrix(f"{name}output.dense"))
        return self._normalized(self._add("Add", back, hidden), f"{name}output.LayerNorm.")

    def _dynamic(self, values: str, name: str, weights: Floats, biases: Floats) -> str:
        """A product of 8-bit numbers, the values' scale found as they come."""
        levels, scales = _by_column(weights, DYNAMIC_LEVELS)
        rounded, scale, zero = self._several("DynamicQuantizeLinear", 3, values)
        none = self._constant("no_offset", np.zeros((), np.int8))
        product = self._add("MatMulInteger", rounded, self._constant(f"{name}.levels", levels), zero, none)
        product = self._add("Cast", product, to=TensorProto.FLOAT)
        scale = self._add("Mul", scale, self._constant(f"{name}.scales", scales))
        return self._add("Add", self._add("Mul", product, scale), self._constant(f"{name}.bias", biases))

    def _blockwise(self, values: str, name: str, weights: Floats, biases: Floats) -> str:
        """A product with 8-bit weights that have a scale for every `BLOCK` of them."""
        height, width = weights.shape
        blocks = weights.T.reshape(width, height // BLOCK, BLOCK)
        scales = np.maximum(np.abs(blocks).max(axis=2, keepdims=True) / BLOCK_LEVELS, 1e-9)
        levels = (np.clip(np.rint(blocks / scales), -BLOCK_LEVELS, BLOCK_LEVELS) + 128).astype(np.uint8)
        product = self._add(
            "MatMulNBits",
            values,
            self._constant(f"{name}.levels", levels),
            self._constant(f"{name}.scales", scales[:, :, 0].astype(np.float32)),
            domain="com.microsoft",
            K=height,
            N=width,
            bits=8,
            block_size=BLOCK,
            accuracy_level=4,
        )
        return self._add("Add", product, self._constant(f"{name}.bias", biases))

    def _by_head(self, values: str, order: Sequence[int]) -> str:
        return self._add(
            "Transpose", self._add("Reshape", values, self._ints("heads", [-1, HEADS, HEAD_WIDTH])), perm=list(order)
        )

    def _normalized(self, values: str, name: str) -> str:
        scale = self._constant(f"{name}weight", self._weight(f"{name}weight"))
        bias = self._constant(f"{name}bias", self._weight(f"{name}bias"))
        return self._add("LayerNormalization", values, scale, bias, axis=-1, epsilon=EPSILON)

    def _split(self, values: str) -> list[str]:
        return self._several("Split", 3, values, axis=-1, num_outputs=3)

    def _matrix(self, name: str) -> tuple[Floats, Floats]:
        return self._weight(f"{name}.weight").T, self._weight(f"{name}.bias")

    def _weight(self, name: str) -> Floats:
        weight: Floats = self._file.get_tensor(name).astype(np.float32)
        return weight

    def _ints(self, name: str, values: Sequence[int]) -> str:
        return self._constant(name, np.array(values, np.int64))

    def _constant(self, name: str, values: NDArray[Any]) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def _add(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        return self._several(kind, 1, *inputs, domain=domain, **attributes)[0]

    def _several(self, kind: str, outputs: int, *inputs: str, domain: str = "", **attributes: Any) -> list[str]:
        number = len(self._nodes)
        names = [f"value_{number}_{at}" for at in range(outputs)]
        node = helper.make_node(kind, list(inputs), names, name=f"node_{number}", domain=domain, **attributes)
        self._nodes.append(node)
        return names


def _by_column(weights: Floats, levels: int) -> tuple[NDArray[np.int8], Floats]:
    """Weights of shape (in, out) as integers up to `levels` and a scale a column."""
    scales = np.maximum(np.abs(weights).max(axis=0) / levels, 1e-9).astype(np.float32)
    return np.clip(np.rint(weights / scales), -levels, levels).astype(np.int8), scales


def _buckets() -> NDArray[np.int64]:
    """The bucket of each pair of places: shape (LONGEST, LONGEST). Distances beyond `EXACT` share logarithmically."""
    places = np.arange(LONGEST)
    distance = places[:, None] - places[None, :]
    steps = np.abs(distance)
    spread = np.log(np.maximum(steps, 1) / EXACT) / np.log(FARTHEST / EXACT) * (BUCKETS - EXACT)
    shared = np.minimum(EXACT + spread.astype(np.int64), BUCKETS - 1)
    buckets: NDArray[np.int64] = np.where(distance < 0, BUCKETS, 0) + np.where(steps < EXACT, steps, shared)
    return buckets
