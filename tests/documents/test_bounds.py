"""Files of any shape are judged after work that is bounded, and that grows with the file alone.

Work is counted in calls of functions, Python's own and built-in, which are the same on every machine.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from benchmarks.parsers import HEAD, shapes
from bot.advice.editing import MOST_PARTS, plan_import
from bot.documents import validation
from bot.documents.faults import AND_MORE, MOST_FAULTS, Fault, UnusableFile, nearest
from bot.documents.reading import read_whole
from bot.documents.validation import MOST_HINTS
from bot.documents.yaml_text import parse_yaml
from bot.guidance.loading import parse_entries
from bot.guidance.models import Declined, Lexicon, Library, Negatives, TopicFile

LIBRARY = Library((), {"follow_back": "x"}, Lexicon(), Negatives(), {f"essay:{number}": "x" for number in range(300)})
SMALL = 12_000
NAMES = sorted(shapes(1000))


def judge(text: str) -> UnusableFile | None:
    """Plans an import of a file; returns its faults."""
    name = "f.csv" if text.startswith("question") else "f.yaml"
    try:
        plan_import(text.encode(), name, {}, LIBRARY, 100_000)
    except UnusableFile as error:
        return error
    return None


def calls(act: Callable[[], object]) -> int:
    """How many functions are called."""
    counted = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(before)
    return counted


@pytest.mark.parametrize("name", NAMES)
def test_work_grows_with_the_file_alone(name: str) -> None:
    texts = [shapes(size)[name] for size in (SMALL, 2 * SMALL)]
    once, twice = calls(lambda: judge(texts[0])), calls(lambda: judge(texts[1]))
    assert twice <= 2.5 * once + 2000


@pytest.mark.parametrize(
    "name", ["empty entries", "unknown keys in an entry", "tones", "sources", "wordings", "anchors"]
)
def test_a_whole_megabyte_is_no_more_work_than_what_is_looked_at(name: str) -> None:
    text = shapes(1_000_000)[name]
    assert calls(lambda: judge(text)) < 60 * MOST_PARTS


def test_parts_are_counted_before_anything_is_validated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TopicFile, "model_validate", lambda *_, **__: pytest.fail("it was validated"))
    error = judge("entries:\n" + "- {}\n" * (MOST_PARTS + 1))
    assert error is not None
    assert "too many parts" in error.lines[0]


@pytest.mark.parametrize(
    ("key", "most"),
    [("sources", 20), ("see_also", 20), ("examples", 200), ("declines", len(Declined)), ("adapt", 100), ("say", 3)],
)
def test_items_are_counted_before_one_is_looked_at(key: str, most: int) -> None:
    items = ["{x: 1}"] * (most + 1)
    listed = f"[{', '.join(items)}]"
    if key in ("adapt", "say"):
        listed = "{" + ", ".join(f"k{number}: []" for number in range(most + 1)) + "}"
    error = judge(f"{HEAD}    {key}: {listed}\n")
    assert error is not None
    assert error.lines == (f"f.yaml:6: '{key}' has {most + 1} items; at most {most} are taken",)


def test_a_block_of_examples_is_counted_too() -> None:
    error = judge(HEAD + "    examples: |\n" + "      x\n" * 201)
    assert error is not None
    assert error.lines == ("f.yaml:6: 'examples' has 201 items; at most 200 are taken",)


def test_the_first_faults_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    validated: list[object] = []
    model_validate = TopicFile.model_validate

    def counting(data: object, **how: Any) -> TopicFile:
        validated.append(data)
        return model_validate(data, **how)

    monkeypatch.setattr(TopicFile, "model_validate", counting)
    entries = "".join(f"  - {{id: e{number}, question: Q, verdict: maybe, advice: A}}\n" for number in range(2000))
    error = judge("entries:\n" + entries)
    assert error is not None
    assert len(error.faults) == MOST_FAULTS
    assert error.more
    assert error.lines[-1] == AND_MORE
    assert [fault.line for fault in error.faults] == list(range(2, 2 + MOST_FAULTS))
    assert len(validated) <= 2


def test_all_entries_of_a_long_file_are_read_and_each_fault_has_its_line() -> None:
    lines = [f"  - {{id: e{number}, question: Q, verdict: no, advice: A}}\n" for number in range(333)]
    entries = parse_entries(("entries:\n" + "".join(lines)).encode(), "f.yaml", LIBRARY)
    assert [entry.id for entry in entries] == [f"e{number}" for number in range(333)]
    for at in (0, 49, 50, 51, 332):
        wrong = [*lines]
        wrong[at] = wrong[at].replace("advice: A", "advice: []")
        with pytest.raises(UnusableFile) as caught:
            parse_entries(("entries:\n" + "".join(wrong)).encode(), "f.yaml", LIBRARY)
        assert caught.value.lines == (f"f.yaml:{at + 2}: 'advice' must be text, not a list",)


def test_the_nearest_word_is_looked_for_only_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counting(word: str, known: Sequence[str]) -> str:
        asked.append(word)
        return nearest(word, known)

    monkeypatch.setattr(validation, "nearest", counting)
    error = judge(HEAD + "".join(f"    advise{number}: x\n" for number in range(5000)))
    assert error is not None
    assert error.more
    assert len(asked) == MOST_HINTS
    assert "did you mean 'advice'" in " ".join(error.lines)


def test_no_message_repeats_more_than_a_little_of_a_file() -> None:
    long = "x" * 50_000
    for text in (f"{long}: 1\n", f"{HEAD}    {long}: 1\n", f"{HEAD}    say: {{{long}: x}}\n", f"a: &{long} 1\n",
                 f"a: *{long}\n", f"a: !{long} 1\n", f"{HEAD}    examples: {long}\n", f"- {long}\n", long):  # fmt: skip
        error = judge(text)
        assert error is not None
        assert all(len(line) < 500 for line in error.lines)


def test_escapes_are_found_where_they_stand() -> None:
    for text in ('a:\n  - "\\e]0;x\\a"\n', 'a: x\n"b\\e": c\n'):
        with pytest.raises(UnusableFile) as caught:
            parse_yaml(text.encode(), "f.yaml")
        assert caught.value.lines[0] == "f.yaml:2: control character U+001B: remove it"
    assert parse_yaml(b'a: "b\\tc\\nd\\Ne"\n', "f.yaml").data == {"a": "b\tc\nd\x85e"}


def test_a_fault_acts_on_no_terminal() -> None:
    line = str(Fault("a\x1b]0;b\n.yaml", 1, "key '\x9b1m\u202e'"))
    assert line == "a ]0;b .yaml:1: key ' 1m '"


def test_a_device_is_read_no_further_than_it_may(tmp_path: Path) -> None:
    for device in ("/dev/zero", "/dev/urandom"):
        with pytest.raises(UnusableFile, match="too large"):
            read_whole(Path(device), 1000)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"topic: x\n",))
    writer.start()
    assert read_whole(pipe, 1000) == b"topic: x\n"
    writer.join()
    for path in (tmp_path, tmp_path / "none", Path("a\0b")):
        with pytest.raises(UnusableFile, match="can't be read"):
            read_whole(path, 1000)
