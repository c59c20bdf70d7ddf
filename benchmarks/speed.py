"""How fast, beside plain peers in one run, on one thread: OPENBLAS_NUM_THREADS=1 python -m benchmarks.speed [CHATTER]

CHATTER is a file with one ordinary message a line, on which `overhear` is measured (default: the shipped set's few).
Machines are shared and noisy: read the ratios. Also measured: what the gate loses of what the full engine would
answer unasked, start-up in a process of its own, and memory.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.advice.advisor import Advisor
from bot.configuration import Settings
from bot.evaluation.questions import load_labelled, read_chatter, shipped_questions
from bot.matching.base import Base
from bot.matching.encoder.vectors import PackedVectors
from bot.matching.model.training import TrainingSet

LARGE = 10_000
"""Entries in the large library."""


def main() -> None:
    """Prints one line a figure."""
    questions = load_labelled(shipped_questions())
    asked = [item.q for item in questions.on_topic]
    advisor = Advisor.open(Settings())
    base = advisor.base
    chatter = read_chatter(Path(sys.argv[1])) if len(sys.argv) > 1 else questions.chatter
    advisor.ask(asked[0])
    ours = _median(advisor.ask, asked)
    print(f"ask: median {ours:.2f} ms")
    for name, search in _peers(base).items():
        peer = _median(search, asked)
        print(f"  beside {name}: {peer:.2f} ms, ratio {ours / peer:.1f}")
    started = time.perf_counter()
    for message in chatter:
        advisor.overhear(message)
    per_second = len(chatter) / (time.perf_counter() - started)
    passed = sum(base.model.gate.passes(advisor.read(text)) for text in chatter)
    print(f"overhear: {per_second:,.0f} messages a second; the gate lets {passed / len(chatter):.1%} through")
    least = base.model.meaning.overhear.ours
    sure = [reading for reading in map(advisor.read, asked) if base.rank(reading).ours >= least]
    lost = sum(not base.rank_if_likely(reading, least).matches for reading in sure)
    print(f"the gate loses {lost} of {len(sure)} questions that the full engine would answer unasked")
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most, benchmark included")
    command = [sys.executable, "-m", "bot", "ask", "--json", asked[0]]
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    print(f"start-up to first answer: {time.perf_counter() - started:.2f} s, as a process of its own")
    _large(base, asked)
    _long(advisor)


def _median(work: Callable[[str], object], texts: Sequence[str]) -> float:
    times = []
    for text in texts:
        started = time.perf_counter()
        work(text)
        times.append(time.perf_counter() - started)
    return float(np.median(times)) * 1000


def _peers(base: Base) -> dict[str, Callable[[str], object]]:
    texts = base.data.texts[: base.data.ours]
    vectorizer = TfidfVectorizer(sublinear_tf=True).fit(texts)
    rows = vectorizer.transform(texts)
    peers: dict[str, Callable[[str], object]] = {
        "nearest example by TF-IDF": lambda text: int((rows @ vectorizer.transform([text]).T).argmax()),
        "the encoder alone": base.reader.encoder.encode,
    }
    try:
        import bm25s
    except ImportError:
        return peers
    index = bm25s.BM25()
    index.index(bm25s.tokenize(list(texts), show_progress=False), show_progress=False)

    def by_bm25(text: str) -> object:
        tokens = bm25s.tokenize([text], show_progress=False)
        return index.retrieve(tokens, k=1, show_progress=False)

    peers["BM25 (bm25s)"] = by_bm25
    return peers


def _large(base: Base, asked: Sequence[str]) -> None:
    """The shipped base many times over: the arithmetic of a library of 10,000 entries, not its advice."""
    ours = base.data.ours
    size = len(base.library.entries)
    times = -(-LARGE // size)
    entry = np.concatenate([base.data.entry[:ours] + copy * size for copy in range(times)])
    rest = np.arange(ours, len(base.data.texts))
    # the learned machines look at their supports by row: copies go behind what they were learned from
    vectors = PackedVectors.of(np.concatenate([base.vectors[:ours]] * times + [base.vectors[ours:]]))
    moved = ours * (times - 1)

    def shifted(supports: np.ndarray) -> np.ndarray:
        return np.where(supports < ours, supports, supports + moved)

    model = replace(
        base.model,
        ours=replace(base.model.ours, supports=shifted(base.model.ours.supports)),
        danger=replace(base.model.danger, supports=shifted(base.model.danger.supports)),
    )
    large = Base(
        replace(base.library, entries=base.library.entries * times),
        base.reader,
        TrainingSet(
            base.data.texts[:ours] * times + base.data.texts[ours:],
            np.concatenate([entry, base.data.entry[rest]]),
            np.concatenate([np.tile(base.data.kinds[:ours], times), base.data.kinds[rest]]),
        ),
        vectors,
        model,
    )

    def rank(text: str) -> object:
        return large.rank(base.reader.read(text))

    rank(asked[0])
    examples = len(vectors)
    print(f"a library of {size * times:,} entries ({examples:,} texts): median {_median(rank, asked):.2f} ms")


def _long(advisor: Advisor) -> None:
    short = _median(advisor.ask, ["do i have to follow back"] * 50)
    long = _median(advisor.ask, ["do i have to follow back " * 160] * 50)
    print(json.dumps({"24 characters": round(short, 2), "4,000 characters": round(long, 2), "unit": "ms"}))


if __name__ == "__main__":
    main()
