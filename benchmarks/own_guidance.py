"""How well a server's own entries are matched: fits the two weights of `bot/matching/own.py` and says what they cost.

`python -m benchmarks.own_guidance`. Each shipped entry in turn plays a server's own entry with one to five wordings;
its other examples are the questions it should win, other entries' examples those it should leave alone, and the
negatives what it must never answer. Half of the entries fit the weights, the other half are measured.
"""

from __future__ import annotations

import random
import time

import numpy as np
from sklearn.linear_model import LogisticRegression

from bot.advice.advisor import Advisor
from bot.configuration import load_settings
from bot.guidance.models import Entry
from bot.matching.features import prepare
from bot.matching.own import ANSWER, CLOSE, UNASKED, OwnGuidance, score_of, telling_words

Rows = list[tuple[float, float]]


def rows(advisor: Advisor, numbers: list[int], chance: random.Random) -> tuple[Rows, Rows, Rows]:
    """(cosine, shared) of the best wording for: questions to win, other questions, negatives."""
    matcher = advisor.matcher
    data, vectors = matcher.data, matcher.vectors
    words = [telling_words(text) for text in data.texts]
    win: Rows = []
    leave: Rows = []
    never: Rows = []
    for number in numbers:
        mine = np.flatnonzero(data.entry == number).tolist()
        for size in (1, 2, 3, 5):
            if len(mine) < size + 5:
                continue
            rest = mine[1:]
            chance.shuffle(rest)
            own = [mine[0], *rest[: size - 1]]
            others = [index for index in chance.sample(range(data.ours), 40) if data.entry[index] != number]
            negatives = chance.sample(range(data.ours, len(data.texts)), 40)
            for target, tested in ((win, rest[size - 1 : size + 5]), (leave, others), (never, negatives)):
                for index in tested:
                    options = [
                        (
                            float(vectors[held] @ vectors[index]),
                            len(words[held] & words[index]) / max(1, len(words[held] | words[index])),
                        )
                        for held in own
                    ]
                    target.append(max(options, key=lambda option: score_of(*option)))
    return win, leave, never


def main() -> None:
    advisor = Advisor.open(load_settings(None))
    chance = random.Random(7)
    numbers = list(range(len(advisor.library.entries)))
    chance.shuffle(numbers)
    half = len(numbers) // 2
    win, leave, never = rows(advisor, numbers[:half], chance)
    features = np.array(win + leave + never)
    labels = np.array([1] * len(win) + [0] * (len(leave) + len(never)))
    # as many questions for the own entry as for all else: whoever adds an entry expects it to be asked
    model = LogisticRegression(class_weight="balanced").fit(features, labels)
    print(f"COSINE_WEIGHT = {model.coef_[0][0]:.2f}\nSHARED_WEIGHT = {model.coef_[0][1]:.2f}")
    print(f"OFFSET = {model.intercept_[0]:.2f}")
    win, leave, never = rows(advisor, numbers[half:], chance)
    scored = [np.array([score_of(*row) for row in group]) for group in (win, leave, never)]
    print("with the weights now in bot/matching/own.py, on the other half of the entries:")
    print("| score from | questions won | other questions taken | negatives taken |\n| --- | --- | --- | --- |")
    for least in sorted({0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.99, CLOSE, ANSWER, UNASKED}):
        shares = " | ".join(f"{(group >= least).mean():.2%}" for group in scored)
        print(f"| {least} | {shares} |")
    print("milliseconds a question, by own entries of three wordings each:")
    pool = [text for text in advisor.matcher.data.texts if len(text) < 200]
    for count in (0, 500, 5000):
        entries = [
            Entry.model_validate(
                {
                    "id": f"own-{number}", "question": f"{pool[number % len(pool)][:90]} {number}", "verdict": "no",
                    "advice": "x",
                    "examples": [f"{pool[(number * 7 + extra) % len(pool)]} {number}" for extra in (1, 2)],
                }
            )
            for number in range(count)
        ]  # fmt: skip
        known = {
            prepare(text, advisor.matcher.slang): advisor.matcher.vectors[number % len(advisor.matcher.vectors)]
            for number, text in enumerate(wording for entry in entries for wording in entry.wordings)
        }
        own = OwnGuidance.build(entries, advisor.matcher.encoder, advisor.matcher.slang, known)
        questions = [f"{text} please" for text in pool[100:300]]
        started = time.perf_counter()
        for question in questions:
            advisor.ask(question)
            prepared = prepare(question, advisor.matcher.slang)
            own.match(prepared, advisor.matcher.encoder.encode(prepared))
        print(f"  {count}: {(time.perf_counter() - started) / len(questions) * 1000:.1f}")


if __name__ == "__main__":
    main()
