"""The gate: what it holds back costs next to nothing, and what it must let through it lets through."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.advice.advisor import Advisor
from bot.evaluation.questions import load_labelled, shipped_questions
from bot.guidance.models import Library
from bot.matching.features import Vocabulary, prepare
from bot.matching.model.chat import UnusableChat, read_chat, shipped_chat, write_chat
from bot.matching.model.files import read_model, write_model
from bot.matching.model.gate import OPEN_GATE
from bot.matching.model.gate_fitting import fit_gate
from bot.matching.model.training import FEATURE_CODE, NOT_OURS, TrainingSet
from bot.matching.text import Slang
from tools.teach_gate import is_held_out, read_messages, teach, would_answer

ORDINARY = """\
morning all, coffee first
the new patch broke my save again
anyone up for ranked in ten minutes
lol that goal in the last minute
my cat knocked the router off the shelf
pushed the fix, ci is green now
what's the weather like in lisbon in march
try turning it off and on again
that movie was way too long, but the music was great
set an alarm for six thirty please
how many cups are in a litre
i think the prequels aged better than people say
brb dinner
did the train get cancelled or is it only late
my gpu runs at 85 degrees, is that too hot
""".splitlines()
PARKING = """\
may i leave my van in the courtyard overnight
is the courtyard free for vans at night
can my van stay in the courtyard until morning
where do i put the van if the courtyard is full
who decides about vans in the courtyard
is there room for a second van in the courtyard
my van blocks the courtyard gate, what now
courtyard full of vans again, where to park mine
do i have to move my van out of the courtyard on sundays
is a van with a trailer fine in the courtyard
""".splitlines()


def test_ordinary_chat_is_never_encoded(advisor: Advisor, encoded: list[str]) -> None:
    for message in ORDINARY:
        advisor.overhear(message)
    assert encoded == []


@pytest.mark.parametrize("message", ["", "🙂", "!", "Привет, как дела?", "你好吗", "ceci n'est pas pour vous, merci"])
def test_what_holds_nothing_to_go_by_is_never_encoded(advisor: Advisor, encoded: list[str], message: str) -> None:
    advisor.overhear(message)
    assert encoded == []


def test_what_would_be_answered_is_let_through(advisor: Advisor) -> None:
    asked = [item.q for item in load_labelled(shipped_questions()).on_topic]
    answered = [text for text in asked if would_answer(advisor, text)]
    lost = [text for text in answered if not advisor.base.model.gate.passes(advisor.read(text))]
    assert len(answered) > 200
    assert len(lost) <= 0.02 * len(answered), lost


def test_a_new_entry_is_let_through_as_soon_as_the_base_is_learned(advisor: Advisor) -> None:
    base = advisor.base
    question = base.reader.read("are vans in the courtyard a problem for anybody")
    assert not base.model.gate.passes(question)
    data, first = base.data, base.data.ours
    new = [prepare(text, base.reader.slang) for text in PARKING]
    more = TrainingSet(
        (*data.texts[:first], *new, *data.texts[first:]),
        np.insert(data.entry, [first] * len(new), len(base.library.entries)),
        np.insert(data.kinds, [first] * len(new), -1),
    )
    chatter = {prepare(text, base.reader.slang) for text in base.library.negatives.chatter}
    assert fit_gate(more, base.model.vocabulary, chatter, shipped_chat()).passes(question)


def test_a_kept_gate_says_what_the_fresh_one_said(advisor: Advisor, tmp_path: Path) -> None:
    base = advisor.base
    write_model(tmp_path / "model.npz", base.model, "mark")
    kept, _ = read_model(tmp_path / "model.npz", base.library.lexicon.grammar)
    readings = [base.reader.read(text) for text in (*ORDINARY, *PARKING, *base.data.texts[:200])]
    assert [kept.gate.passes(each) for each in readings] == [base.model.gate.passes(each) for each in readings]


def test_a_base_too_small_to_learn_from_has_an_open_gate() -> None:
    texts = ("do i have to follow back", "may i unfollow", "nice weather")
    data = TrainingSet(texts, np.array([0, 1, NOT_OURS], dtype=np.int32), np.full(3, -1, dtype=np.int32))
    assert fit_gate(data, Vocabulary({}, 0, ()), set(), shipped_chat()) is OPEN_GATE


def test_what_chat_taught_belongs_to_the_fingerprint() -> None:
    assert {"matching/model/chat.npz", "matching/model/gate.py", "matching/model/gate_fitting.py"} <= set(FEATURE_CODE)


def test_a_cut_file_is_said_to_be_one() -> None:
    with pytest.raises(UnusableChat, match=r"chat\.npz cannot be read .*: install the program anew"):
        read_chat(b"PK\x03\x04 no more")


def test_teaching_learns_from_what_is_not_held_out(library: Library, tmp_path: Path) -> None:
    """Of a small base, so that it takes a moment; what the shipped file holds is measured in benchmarks/gate.py."""
    lines = [f"the {tree} in bed {number} needs water" for tree in ("pear", "plum", "rose") for number in range(60)]
    (tmp_path / "garden.txt").write_text("\n".join([*lines, "", "🙂", "Привет"]), encoding="utf-8")
    messages = read_messages([tmp_path], Slang(library.lexicon.slang))
    assert messages == sorted(lines)
    kept = [message for message in messages if not is_held_out(message)]
    assert 0.6 * len(lines) < len(kept) < len(lines)
    taught = teach(replace(library, entries=library.entries[:12]), kept, lambda message: False)
    assert taught.messages == len(kept)
    write_chat(tmp_path / "chat.npz", taught)
    again = read_chat((tmp_path / "chat.npz").read_bytes())
    assert np.array_equal(again.pairs, taught.pairs)
    assert np.array_equal(again.network.inner, taught.network.inner)


def test_what_the_engine_would_answer_is_not_taken_for_chat(library: Library) -> None:
    question = prepare("someone followed me, do i have to follow them back", Slang(library.lexicon.slang))
    lines = [f"the {tree} in bed {number} needs water" for tree in ("pear", "plum") for number in range(40)]
    few = replace(library, entries=library.entries[:12])
    taught = teach(few, [*lines, question], lambda message: message == question)
    assert taught.messages == len(lines)
