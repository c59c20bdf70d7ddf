"""The gate beside plain peers, in one run: OPENBLAS_NUM_THREADS=1 python -m benchmarks.gate CHAT [MORE...]

CHAT is what `tools.teach_gate` was given: only its held-out fifth is measured, and the peers learn from the rest, as
the gate did. MORE are files with one ordinary message a line that nothing learned from; the evaluation's chatter, which
was written to sound like us, comes last. For each: what share is let through to the encoder.

Lost: of the questions that the full engine would answer unasked (the evaluation's, and with `--questions FILE` those of
another file), the share that is held back. Each peer gets the threshold at which it loses as many as the gate. Speed is
CPU time of the raw message, the best of three rounds; slow peers see a part.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.advice.advisor import Advisor
from bot.configuration import Settings
from bot.evaluation.questions import load_labelled, read_chatter, shipped_questions
from bot.matching.features import prepare
from tools.teach_gate import is_held_out, read_messages, would_answer

ROUNDS = 3
SLOW = 300
"""Of so many messages, a peer that compares with every text is measured."""
Score = Callable[[str], float]


def main() -> None:
    """Prints a table of RESULTS.md."""
    arguments = sys.argv[1:]
    files = [shipped_questions()]
    while "--questions" in arguments:
        at = arguments.index("--questions")
        files.append(Path(arguments[at + 1]))
        del arguments[at : at + 2]
    if not arguments:
        sys.exit(__doc__)
    advisor = Advisor.open(Settings())
    slang = advisor.base.reader.slang
    taught = read_messages([Path(arguments[0])], slang)
    chats = {"held out": [message for message in taught if is_held_out(message)]}
    chats |= {Path(name).stem: list(read_chatter(Path(name))) for name in arguments[1:]}
    chats["evaluation"] = list(load_labelled(shipped_questions()).chatter)
    gate = advisor.base.model.gate
    answered = []
    for file in files:
        asked = [item.q for item in load_labelled(file).on_topic]
        part = [text for text in asked if would_answer(advisor, text)]
        lost = sum(not gate.passes(advisor.read(text)) for text in part)
        print(f"{file.name}: {len(part)} of {len(asked)} would be answered unasked, of which the gate loses {lost}")
        answered += part
    share = sum(not gate.passes(advisor.read(text)) for text in answered) / len(answered)
    print(f"lost together: {share:.2%}")
    print(f"| gate | messages a second: {', '.join(chats)} | let through |")
    print("| --- | --- | --- |")
    _row("this one", lambda message: gate.passes(advisor.read(message)), chats, None)
    for name, (score, most) in _peers(advisor, [each for each in taught if not is_held_out(each)]).items():
        threshold = float(np.quantile([score(text) for text in answered[: most * 2]], share))
        _row(name, partial(_reaches, score, threshold), chats, most)


def _reaches(score: Score, least: float, message: str) -> bool:
    return score(message) >= least


def _row(name: str, passes: Callable[[str], bool], chats: dict[str, list[str]], most: int | None) -> None:
    speeds, shares = [], []
    for messages in chats.values():
        part = messages if most is None else messages[:: max(len(messages) // most, 1)]
        best, passed = float("inf"), 0
        for _ in range(ROUNDS if most is None else 1):
            started = time.process_time()
            passed = sum(map(passes, part))
            best = min(best, time.process_time() - started)
        speeds.append(f"{len(part) / best:,.0f}")
        shares.append(f"{passed / len(part):.2%}")
    print(f"| {name} | {' / '.join(speeds)} | {' / '.join(shares)} |", flush=True)


def _peers(advisor: Advisor, chat: Sequence[str]) -> dict[str, tuple[Score, int]]:
    """By name: a score, and of how many messages it is measured."""
    data, slang = advisor.base.data, advisor.base.reader.slang
    ours = data.texts[: data.ours]
    texts = [*data.texts[: data.judged], *chat]
    vectorizer = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), token_pattern=r"[^\W_]+(?:'[^\W_]+)?")
    model = LogisticRegression(C=10.0, max_iter=300, class_weight="balanced")
    model.fit(vectorizer.fit_transform(texts), np.arange(len(texts)) < len(ours))

    def by_regression(message: str) -> float:
        return float(model.decision_function(vectorizer.transform([prepare(message, slang)]))[0])

    peers: dict[str, tuple[Score, int]] = {"TF-IDF of words and pairs, logistic regression": (by_regression, 10 * SLOW)}
    try:
        import bm25s
        from rapidfuzz import fuzz, process
    except ImportError:
        return peers
    index = bm25s.BM25()
    index.index(bm25s.tokenize(list(ours), show_progress=False), show_progress=False)

    def by_bm25(message: str) -> float:
        tokens = bm25s.tokenize([prepare(message, slang)], show_progress=False, return_ids=False)
        if not tokens[0]:
            return 0.0
        _, scores = index.retrieve(tokens, k=1, show_progress=False)
        return float(scores[0, 0]) / len(tokens[0])

    def by_letters(message: str) -> float:
        found = process.extractOne(prepare(message, slang), ours, scorer=fuzz.token_set_ratio)
        return float(found[1])

    return {
        **peers,
        "BM25 of the nearest text, by word (bm25s)": (by_bm25, SLOW),
        "likeness to the nearest text (rapidfuzz)": (by_letters, SLOW),
    }


if __name__ == "__main__":
    main()
