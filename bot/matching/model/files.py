"""A model as one file: arrays, and beside them as JSON what is no array (names, meaning, card)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from bot.documents.faults import Unavailable
from bot.documents.writing import write_whole
from bot.guidance.grammar import Grammar
from bot.matching.features import Vocabulary, blocks
from bot.matching.model.chat import Network
from bot.matching.model.gate import OPEN_GATE, Evidence, Gate
from bot.matching.model.machines import Discriminant, Kernel, Likelihoods, Linear, Words
from bot.matching.model.model import Meaning, Model

_MEANING = TypeAdapter(Meaning)
_LIKELIHOODS = ("words", "relations")
_KERNELS = ("ours", "danger")
Arrays = dict[str, NDArray[Any]]


class UnusableModel(Unavailable):
    """Raised for a file that is missing, cut short, or of another form."""


def write_model(path: Path, model: Model, fingerprint: str) -> None:
    """Keeps what was learned, whole or not at all, under the `fingerprint` it was learned from. Raises `OSError`."""
    columns = sorted(model.vocabulary.columns.items(), key=lambda item: item[1][0])
    header = {
        "fingerprint": fingerprint,
        "card": dict(model.card),
        "meaning": asdict(model.meaning),
        "topics": model.topic.classes,
        "first": {name: getattr(model, name).first for name in _LIKELIHOODS},
        "gamma": {name: getattr(model, name).gamma for name in _KERNELS},
        "vocabulary": [name for name, _ in columns],
        "danger_words": list(model.danger_words.weights),
        "danger_words_bias": model.danger_words.bias,
    }
    arrays: Arrays = {
        "header": np.frombuffer(json.dumps(header).encode(), dtype=np.uint8),
        "vocabulary_weights": np.array([weight for _, (_, weight) in columns], np.float32),
        "danger_words_weights": np.array(list(model.danger_words.weights.values()), np.float16),
    }
    for name in _KERNELS:
        kernel: Kernel = getattr(model, name)
        arrays |= {
            f"{name}_supports": kernel.supports,
            f"{name}_weights": kernel.weights,
            f"{name}_bias": np.array(kernel.bias),
        }
    arrays |= {
        "topic_dense": model.topic.dense,
        "topic_sparse": model.topic.sparse.astype(np.float16),
        "topic_bias": model.topic.bias,
        "discriminant_weights": model.discriminant.weights.astype(np.float16),
        "discriminant_bias": model.discriminant.bias,
    }
    arrays |= {f"{name}_ratios": getattr(model, name).ratios for name in _LIKELIHOODS}
    arrays |= _gate_arrays(model.gate)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]  # the stubs take the names for options
    write_whole(path, buffer.getvalue())


def read_model(path: Path, grammar: Grammar) -> tuple[Model, str]:
    """A kept model, and the fingerprint of what it was learned from. Raises `UnusableModel`."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = dict(stored)
        header = json.loads(arrays["header"].tobytes())
        return _model(header, arrays, grammar), str(header["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise UnusableModel(f"{path} holds no model that can be read: {type(error).__name__}") from None


def _model(header: Mapping[str, Any], arrays: Arrays, grammar: Grammar) -> Model:
    names = header["vocabulary"]
    columns = {
        name: (number, float(weight))
        for number, (name, weight) in enumerate(zip(names, arrays["vocabulary_weights"], strict=True))
    }
    danger_weights = arrays["danger_words_weights"].astype(np.float32).tolist()
    return Model(
        vocabulary=Vocabulary(columns, len(columns), blocks(grammar)),
        gate=_gate(arrays),
        ours=_kernel(header, arrays, "ours"),
        danger=_kernel(header, arrays, "danger"),
        danger_words=Words(
            dict(zip(header["danger_words"], danger_weights, strict=True)), float(header["danger_words_bias"])
        ),
        topic=Linear(
            tuple(header["topics"]),
            arrays["topic_dense"],
            arrays["topic_sparse"].astype(np.float32),
            arrays["topic_bias"],
        ),
        discriminant=Discriminant(arrays["discriminant_weights"].astype(np.float32), arrays["discriminant_bias"]),
        words=_likelihoods(header, arrays, "words"),
        relations=_likelihoods(header, arrays, "relations"),
        meaning=_MEANING.validate_python(header["meaning"]),
        card=header["card"],
    )


def _gate_arrays(gate: Gate) -> Arrays:
    if gate.network is None:
        return {}
    return {
        "gate_words": gate.words.weights.astype(np.float16),
        "gate_words_known": np.packbits(gate.words.known),
        "gate_pairs": gate.pairs.weights.astype(np.float16),
        "gate_pairs_known": np.packbits(gate.pairs.known),
        "gate_inner": gate.network.inner,
        "gate_offsets": gate.network.offsets,
        "gate_outer": gate.network.outer,
        "gate_offset": np.array(gate.network.offset),
        "gate_features": gate.features.astype(np.float16),
        "gate_thresholds": np.array(gate.thresholds),
    }


def _gate(arrays: Arrays) -> Gate:
    if "gate_thresholds" not in arrays:
        return OPEN_GATE
    words, pairs = (
        Evidence(arrays[f"gate_{name}"].astype(np.float32), np.unpackbits(arrays[f"gate_{name}_known"]).astype(bool))
        for name in ("words", "pairs")
    )
    network = Network(arrays["gate_inner"], arrays["gate_offsets"], arrays["gate_outer"], float(arrays["gate_offset"]))
    first, second, third = arrays["gate_thresholds"].tolist()
    return Gate(words, pairs, network, arrays["gate_features"].astype(np.float32), (first, second, third))


def _kernel(header: Mapping[str, Any], arrays: Arrays, name: str) -> Kernel:
    bias, gamma = float(arrays[f"{name}_bias"]), float(header["gamma"][name])
    return Kernel(arrays[f"{name}_supports"], arrays[f"{name}_weights"], bias, gamma)


def _likelihoods(header: Mapping[str, Any], arrays: Arrays, name: str) -> Likelihoods:
    return Likelihoods(int(header["first"][name]), arrays[f"{name}_ratios"])
