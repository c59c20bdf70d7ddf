"""Teaches the gate what ordinary chat is: python -m tools.teach_gate FILE_OR_FOLDER...

Takes texts with one message a line (.txt, or .txt.gz) that hardly anybody addressed to us, and writes what they teach
to bot/matching/model/chat.npz: hashed counts, and a small network. A fifth of the messages, by hash, is held out, never
learned from, and left for benchmarks/gate.py. What a lenient gate lets through of the rest is read by the full engine:
what it would answer unasked is no ordinary chat. Afterwards `rsvno learn` must be run, for each encoder.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from bot.advice.advisor import Advisor
from bot.configuration import Settings
from bot.guidance.models import Library
from bot.matching.features import prepare
from bot.matching.model import chat as chat_module
from bot.matching.model.chat import CHAT_FILE, Chat, Network, write_chat
from bot.matching.model.gate import PAIR_BUCKETS, WORD_BUCKETS, Buckets, Floats, signs
from bot.matching.model.gate_fitting import FOLDS, Rows, count, fold_of
from bot.matching.model.training import training_set
from bot.matching.policies import Outcome, Policy, decide
from bot.matching.text import Slang, is_foreign

UNITS = 12
NETWORKS = 3
"""So many networks of so many units, taught from different beginnings, are one: a single one varies with its own."""
CHATTER_REPEATED = 5
"""The base's own chatter is little, and of more kinds than the chat: each of it is shown to the network so often."""
LENIENT = 0.002
"""The share of our own texts that the lenient gate holds back, which says what the full engine reads of chat."""
_UNTAUGHT = Network(np.zeros((0, 0), np.float32), np.zeros(0, np.float32), np.zeros(0, np.float32), 0.0)
_EMPTY = Chat(np.zeros(WORD_BUCKETS, np.float32), np.zeros(PAIR_BUCKETS, np.float32), 0, _UNTAUGHT)


def main() -> None:
    """Prints what is learned from, and writes the file."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    advisor = Advisor.open(Settings())
    messages = read_messages([Path(name) for name in sys.argv[1:]], advisor.base.reader.slang)
    kept = [message for message in messages if not is_held_out(message)]
    print(f"{len(messages):,} messages, of which {len(messages) - len(kept):,} are held out")
    path = Path(chat_module.__file__).with_name(CHAT_FILE)
    write_chat(path, teach(advisor.library, kept, lambda message: would_answer(advisor, message)))
    print(f"{path}: {path.stat().st_size / 1024:.0f} KB. Now: nox -s learn, and the same with -- --encoder minilm")


def read_messages(paths: Iterable[Path], slang: Slang) -> list[str]:
    """Every message of these files and folders, prepared, once, without those that cannot be read."""
    files = [file for path in paths for file in (sorted(path.rglob("*.txt*")) if path.is_dir() else [path])]
    raw = (gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes() for file in files)
    prepared = {prepare(line, slang) for each in raw for line in each.decode().split("\n")}
    return sorted(message for message in prepared if not is_foreign(message) and Buckets(message).words)


def is_held_out(message: str) -> bool:
    """Whether a prepared message is one of the fifth that nothing is learned from."""
    return int(hashlib.sha1(message.encode(), usedforsecurity=False).hexdigest(), 16) % 5 == 0


def would_answer(advisor: Advisor, message: str) -> bool:
    """Whether the full engine, without a gate, would answer a message that nobody addressed to us."""
    ranking = advisor.base.rank(advisor.read(message))
    return decide(Policy.OVERHEAR, ranking, (), advisor.base.model.meaning).outcome is Outcome.ANSWER


def teach(library: Library, messages: Sequence[str], is_for_us: Callable[[str], bool]) -> Chat:
    """What these prepared messages teach. `is_for_us` is asked only of those that might be. Deterministic."""
    slang = Slang(library.lexicon.slang)
    data = training_set(library, slang)
    chatter = {prepare(message, slang) for message in library.negatives.chatter}
    rows = Rows.of(data.texts[: data.judged], data.entry[: data.judged] >= 0, chatter)
    first, ours, chats = _taught(rows, messages)
    least = float(np.quantile([first.score(each) for each in ours], LENIENT))
    likely = [message for message, each in zip(messages, chats, strict=True) if first.score(each) >= least]
    answered = {message for message in likely if is_for_us(message)}
    print(f"the full engine reads {len(likely):,} of {len(messages):,}, and would answer {len(answered)} of them")
    messages = [message for message in messages if message not in answered]
    network, _, _ = _taught(rows, messages)
    return replace(_counted([Buckets(message) for message in messages]), network=network)


def _taught(rows: Rows, messages: Sequence[str]) -> tuple[Network, Floats, Floats]:
    """The network; and the signs of our own texts and of the messages, each by evidence that does not know it."""
    found = [Buckets(message) for message in messages]
    folds = np.array([fold_of(message) for message in messages])
    ours: list[Floats] = []
    others: list[Floats] = []
    chatter: list[Floats] = []
    of_chat: dict[int, Floats] = {}
    for fold in range(FOLDS):
        chat = _counted([found[row] for row in np.flatnonzero(folds != fold)])
        evidence = rows.evidence(chat, rows.folds != fold)
        for row in np.flatnonzero(rows.folds == fold).tolist():
            if rows.buckets[row].words:
                kind = ours if rows.ours[row] else chatter if rows.chatter[row] else others
                kind.append(rows.signs(row, evidence))
        of_chat |= {row: signs(*evidence, found[row]) for row in np.flatnonzero(folds == fold).tolist()}
    chats = np.array([of_chat[row] for row in range(len(messages))])
    shown = np.array([*ours, *others, *chatter * CHATTER_REPEATED, *chats])
    return _network(shown, np.arange(len(shown)) < len(ours)), np.array(ours), chats


def _counted(texts: Sequence[Buckets]) -> Chat:
    words, pairs = count(texts, _EMPTY)
    return Chat(words, pairs, len(texts), _UNTAUGHT)


def _network(signs: Floats, ours: NDArray[np.bool_]) -> Network:
    """Networks side by side, whose mean is one network's score; the scale of the signs goes into their weights."""
    # it need not converge: that would only fit these messages more closely
    warnings.simplefilter("ignore", ConvergenceWarning)
    mean, scale = signs.mean(axis=0), signs.std(axis=0) + 1e-6
    inner, offsets, outer, offset = [], [], [], 0.0
    for seed in range(NETWORKS):
        taught = MLPClassifier(
            (UNITS,), alpha=1e-2, batch_size=256, learning_rate_init=3e-3, max_iter=30, tol=0.0, random_state=seed
        ).fit((signs - mean) / scale, ours)
        inner.append(taught.coefs_[0] / scale[:, None])
        offsets.append(taught.intercepts_[0] - (mean / scale) @ taught.coefs_[0])
        outer.append(taught.coefs_[1][:, 0] / NETWORKS)
        offset += float(taught.intercepts_[1][0]) / NETWORKS
    return Network(
        np.hstack(inner).astype(np.float32),
        np.hstack(offsets).astype(np.float32),
        np.hstack(outer).astype(np.float32),
        offset,
    )


if __name__ == "__main__":
    main()
