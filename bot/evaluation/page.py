"""The evaluation as one page of HTML that needs nothing else: figures, questions, and two pictures a policy."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix

from bot.evaluation.measures import Evaluation, PolicyResult

matplotlib.use("Agg")

_NO_ANSWER = "none"


def write_page(path: Path, evaluation: Evaluation) -> None:
    """Writes the page to `path`, whole or not at all. Raises `OSError` when the file can't be written."""
    environment = Environment(
        loader=PackageLoader("bot.evaluation", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    pages: list[dict[str, Any]] = [
        {"result": result, "matrix": _picture(_matrix(evaluation, result)), "curve": _picture(_curve(result))}
        for result in evaluation.policies
    ]
    html = environment.get_template("page.html.j2").render(evaluation=evaluation, pages=pages)
    part = path.with_name(path.name + ".part")
    part.write_text(html, encoding="utf-8")
    part.replace(path)


def _matrix(evaluation: Evaluation, result: PolicyResult) -> Figure:
    labels = [*evaluation.topics, _NO_ANSWER]
    expected: list[str] = []
    got: list[str] = []
    for topic in evaluation.topics:
        right = result.by_topic[topic].count
        expected.extend([topic] * right)
        got.extend([topic] * right)
    for confusion in result.confusions:
        expected.extend([confusion.expected] * len(confusion.questions))
        got.extend([confusion.got] * len(confusion.questions))
    matrix = confusion_matrix(expected, got, labels=labels)[: len(evaluation.topics)]
    figure = Figure(figsize=(8.5, 7), layout="constrained")
    axes = figure.subplots()
    display = ConfusionMatrixDisplay(np.vstack([matrix, np.zeros(len(labels), int)]), display_labels=labels)
    display.plot(ax=axes, cmap="Blues", colorbar=False, xticks_rotation=60)
    for text in np.ravel(display.text_):
        text.set_clip_on(True)
    for label in axes.get_xticklabels():
        label.set(rotation=50, ha="right", rotation_mode="anchor")
    # the display wants a square: the row of "none", which no question has as its topic, is cut off
    axes.set_ylim(len(evaluation.topics) - 0.5, -0.5)
    axes.set_xlabel("topic of the first match")
    axes.set_ylabel("topic of the question")
    axes.set_title(f"{result.policy}: what was taken for what")
    return figure


def _curve(result: PolicyResult) -> Figure:
    figure = Figure(figsize=(5, 4.6), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], linestyle=":", color="gray", label="perfectly calibrated")
    axes.plot(
        [item.confidence for item in result.calibration],
        [item.accuracy for item in result.calibration],
        marker="o",
        label=f"answers (error {result.calibration_error:.3f})",
    )
    for item in result.calibration:
        axes.annotate(str(item.count), (item.confidence, item.accuracy), (4, -12), textcoords="offset points")
    axes.set(xlim=(0, 1.02), ylim=(0, 1.05), xlabel="confidence", ylabel="share right")
    axes.set_title(f"{result.policy}: reliability")
    axes.legend(loc="upper left")
    return figure


def _picture(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
