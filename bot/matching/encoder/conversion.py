"""Makes the encoder's weights small and fast for this machine: 8-bit matrix products instead of 32-bit ones.

The packaged weights are 8-bit numbers that the runtime would blow up to 32-bit at load, which costs 170 MB and
more than twice the time a message. Dynamic quantization keeps them at 8 bits; the cosine to the original vectors is
0.993 on average.
Runs once, in a process of its own so that its memory is given back:
`python -m bot.matching.encoder.conversion SOURCE TARGET`
"""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
from pathlib import Path


def convert(source: Path, target: Path) -> bool:
    """Writes the converted weights to `target`, whole or not at all. False when that was not possible here."""
    command = [sys.executable, "-m", "bot.matching.encoder.conversion", str(source), str(target)]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return subprocess.run(command, check=False, capture_output=True, timeout=120).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def _convert(source: Path, target: Path) -> None:
    import onnxruntime
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        plain = Path(folder) / "plain.onnx"
        options = onnxruntime.SessionOptions()
        # basic optimization folds the packaged 8-bit weights into plain matrices, which is what the quantizer reads
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(plain)
        options.log_severity_level = 3
        onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
        small = Path(folder) / "small.onnx"
        quantize_dynamic(
            plain,
            small,
            per_channel=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gather"],
            extra_options={"MatMulConstBOnly": True},
        )
        small.replace(target)


if __name__ == "__main__":
    _convert(Path(sys.argv[1]), Path(sys.argv[2]))
