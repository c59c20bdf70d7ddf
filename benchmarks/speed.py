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
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.advice.advisor import Advisor
from bot.configuration import Settings
from bot.evaluation.questions import load_labelled, read_chatter, shipped_questions
from bot.matching.features import prepare
from bot.matching.matcher import Matcher
from bot.matching.policies import OVERHEAR

LARGE = 10_000
"""Entries in the large library."""


def main() -> None:
    """Prints one line a figure."""
    questions = load_labelled(shipped_questions())
    asked = [item.q for item in questions.on_topic]
    advisor = Advisor.open(Settings())
    matcher = advisor.matcher
    chatter = read_chatter(Path(sys.argv[1])) if len(sys.argv) > 1 else questions.chatter
    advisor.ask(asked[0])
    ours = _median(advisor.ask, asked)
    print(f"ask: median {ours:.2f} ms")
    for name, search in _peers(matcher).items():
        peer = _median(search, asked)
        print(f"  beside {name}: {peer:.2f} ms, ratio {ours / peer:.1f}")
    started = time.perf_counter()
    for message in chatter:
        advisor.overhear(message)
    per_second = len(chatter) / (time.perf_counter() - started)
    passed = sum(
        matcher.fitted.gate.passes(prepare(text, matcher.slang), matcher.fitted.vocabulary) for text in chatter
    )
    print(f"overhear: {per_second:,.0f} messages a second; the gate lets {passed / len(chatter):.1%} through")
    sure = [text for text in asked if matcher.rank(text).ours >= OVERHEAR.ours]
    lost = sum(matcher.rank_if_likely(text, OVERHEAR.ours) is None for text in sure)
    print(f"the gate loses {lost} of {len(sure)} questions that the full engine would answer unasked")
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most, benchmark included")
    command = [sys.executable, "-m", "bot", "ask", "--json", asked[0]]
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    print(f"start-up to first answer: {time.perf_counter() - started:.2f} s, as a process of its own")
    _large(matcher, asked)
    _long(advisor)


def _median(work: Callable[[str], object], texts: Sequence[str]) -> float:
    times = []
    for text in texts:
        started = time.perf_counter()
        work(text)
        times.append(time.perf_counter() - started)
    return float(np.median(times)) * 1000


def _peers(matcher: Matcher) -> dict[str, Callable[[str], object]]:
    texts = matcher.data.texts[: matcher.data.ours]
    vectorizer = TfidfVectorizer(sublinear_tf=True).fit(texts)
    rows = vectorizer.transform(texts)
    peers: dict[str, Callable[[str], object]] = {
        "nearest example by TF-IDF": lambda text: int((rows @ vectorizer.transform([text]).T).argmax()),
        "the encoder alone": matcher.encoder.encode,
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


def _large(matcher: Matcher, asked: Sequence[str]) -> None:
    """The shipped base many times over: the arithmetic of a library of 10,000 entries, not its advice."""
    from dataclasses import replace

    from bot.matching.model.learning import TrainingSet

    ours = matcher.data.ours
    base = len(matcher.library.entries)
    times = -(-LARGE // base)
    entry = np.concatenate([matcher.data.entry[:ours] + copy * base for copy in range(times)])
    rest = matcher.data.entry[ours:]
    # the learned machines look at their supports by row: copies go behind what they were learned from
    vectors = np.concatenate([matcher.vectors[:ours]] * times + [matcher.vectors[ours:]])
    moved = ours * (times - 1)

    def shifted(supports: np.ndarray) -> np.ndarray:
        return np.where(supports < ours, supports, supports + moved)

    fitted = replace(
        matcher.fitted,
        ours=replace(matcher.fitted.ours, supports=shifted(matcher.fitted.ours.supports)),
        danger=replace(matcher.fitted.danger, supports=shifted(matcher.fitted.danger.supports)),
    )
    large = Matcher(
        replace(matcher.library, entries=matcher.library.entries * times),
        matcher.encoder,
        matcher.slang,
        TrainingSet(matcher.data.texts[:ours] * times + matcher.data.texts[ours:], np.concatenate([entry, rest])),
        vectors,
        fitted,
    )
    large.rank(asked[0])
    examples = len(vectors)
    print(f"a library of {base * times:,} entries ({examples:,} texts): median {_median(large.rank, asked):.2f} ms")


def _long(advisor: Advisor) -> None:
    short = _median(advisor.ask, ["do i have to follow back"] * 50)
    long = _median(advisor.ask, ["do i have to follow back " * 160] * 50)
    print(json.dumps({"24 characters": round(short, 2), "4,000 characters": round(long, 2), "unit": "ms"}))


if __name__ == "__main__":
    main()
