"""Broken guidance files: one clear line a fault, with file and line, all at once, and nothing half-loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.documents.faults import UnusableFile
from bot.documents.yaml_text import MAX_BYTES, MAX_DEPTH, parse_yaml, read_yaml
from bot.guidance.loading import load_library, parse_entries
from bot.guidance.models import Lexicon, Library, Negatives

LIBRARY = Library(
    (), {"follow_back": "Following back", "overload": "Too much"}, Lexicon(), Negatives(), {"essay:1": "Yes"}
)

ENTRY = """\
topic: follow_back
title: Following back
entries:
  - id: first
    question: Must a follow be returned?
    examples:
      - new follower, what next
    verdict: no_obligation
    advice: You owe nothing.
"""


def faults_of(text: str | bytes) -> list[str]:
    raw = text.encode() if isinstance(text, str) else text
    with pytest.raises(UnusableFile) as caught:
        parse_entries(raw, "f.yaml", LIBRARY)
    return [str(fault) for fault in caught.value.faults]


def test_a_good_file_loads() -> None:
    (entry,) = parse_entries(ENTRY.encode(), "f.yaml", LIBRARY)
    assert (entry.id, entry.topic, entry.verdict) == ("first", "follow_back", "no_obligation")
    assert entry.wordings == ("Must a follow be returned?", "new follower, what next")


@pytest.mark.parametrize("verdict", ["yes", "no"])
def test_a_bare_yes_or_no_stays_a_word(verdict: str) -> None:
    (entry,) = parse_entries(ENTRY.replace("no_obligation", verdict).encode(), "f.yaml", LIBRARY)
    assert entry.verdict == verdict


def test_windows_line_ends_and_a_byte_order_mark_are_fine() -> None:
    raw = b"\xef\xbb\xbf" + ENTRY.replace("\n", "\r\n").encode()
    (entry,) = parse_entries(raw, "f.yaml", LIBRARY)
    assert entry.advice == "You owe nothing."


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("    verdict:", "    verdit:"), "f.yaml:8: unknown key 'verdit' (did you mean 'verdict'?)"),
        (("    advice: You owe nothing.\n", ""), "f.yaml:4: 'advice' is missing"),
        (
            ("no_obligation", "no_obligations"),
            "f.yaml:8: unknown verdict 'no_obligations' (did you mean 'no_obligation'?)",
        ),
        (
            ("topic: follow_back", "topic: folow_back"),
            "f.yaml:1: unknown topic 'folow_back' (did you mean 'follow_back'?)",
        ),
        (("    advice: You owe nothing.", "    advice:"), "f.yaml:9: 'advice' must be text, and is empty"),
        (
            ("    advice: You owe nothing.", "    advice: [a, b]"),
            "f.yaml:9: 'advice' must be text, not a list",
        ),
        (("id: first", "id: First One"), "f.yaml:4: 'First One' is no identifier"),
        (
            ("topic: follow_back", "topics: follow_back"),
            "f.yaml:1: unknown key 'topics' (did you mean 'topic'?)",
        ),
    ],
)
def test_one_fault_one_line(change: tuple[str, str], expected: str) -> None:
    found = faults_of(ENTRY.replace(*change))
    assert any(line.startswith(expected) for line in found), found


def test_all_faults_of_a_file_come_at_once() -> None:
    text = ENTRY.replace("verdict:", "verdit:").replace("    advice: You owe nothing.\n", "    sources: [essay:99]\n")
    found = faults_of(text)
    assert {line.split(": ", 1)[0] for line in found} == {"f.yaml:4", "f.yaml:8", "f.yaml:9"}
    assert any("unknown source 'essay:99'" in line for line in found)
    assert any("'verdict' is missing" in line for line in found)


def test_an_id_twice_names_both_places() -> None:
    twice = ENTRY + ENTRY.split("entries:\n")[1]
    assert faults_of(twice) == ["f.yaml:10: the id 'first' is taken: first used at f.yaml:4"]


def test_a_key_twice() -> None:
    assert faults_of(ENTRY + "    advice: Again.\n") == ["f.yaml:10: the key 'advice' stands here a second time"]


def test_an_unknown_blank_in_words_to_send() -> None:
    found = faults_of(ENTRY + "    say:\n      warm: Hi {nmae}\n")
    assert found == ["f.yaml:11: unknown blank '{nmae}': known are name, group, event, page, app, platform"]


def test_an_unknown_tone() -> None:
    assert faults_of(ENTRY + "    say:\n      wram: Hi\n")[0].startswith(
        "f.yaml:11: unknown tone 'wram' (did you mean 'warm'?)"
    )


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "f.yaml: the file is empty"),
        (b"   \n\n", "f.yaml: the file is empty"),
        (b"# only a comment\n", "f.yaml: the file is empty"),
        (b"topic: follow_back\nentries: [\n", "f.yaml:3: not valid YAML:"),
        (b"topic: follow_back\n  bad: - x\n", "f.yaml:2: not valid YAML:"),
        (b"just words\n", "f.yaml:1: the file must be a mapping"),
        (b"topic: caf\xe9\n", "f.yaml:1: not UTF-8 text"),
        (b"topic: follow_back\nentries: a\x07b\n", "f.yaml:2: control character U+0007"),
        (b"a: &x [1]\nb: *x\n", "f.yaml:2: an alias (*x) is not allowed"),
        (b"entries: !!python/object/apply:os.system ['true']\n", "f.yaml:1: a tag ("),
        (b"a: 1\n---\nb: 2\n", "f.yaml:2: a second document"),
        (b"? [a]\n: b\n", "f.yaml:1: a key must be plain text"),
        (b"entries: []\n", "f.yaml:1: 'entries' needs at least one item"),
        (b"a: " + b"[" * 40 + b"]" * 40 + b"\n", "f.yaml:1: nested too deeply"),
    ],
)
def test_unreadable_files(raw: bytes, expected: str) -> None:
    assert faults_of(raw)[0].startswith(expected), faults_of(raw)


def test_an_alias_bomb_is_refused_at_its_first_alias() -> None:
    # written out it would be 9 ** 12 words: what reads on never ends
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (fault,) = faults_of("\n".join(lines))
    assert fault.startswith("f.yaml:2: ")
    assert "an alias" in fault


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as stream:
        stream.truncate(200 * 1024 * 1024)
    with pytest.raises(UnusableFile, match="too large: 209,715,200 bytes"):
        read_yaml(path)


def test_a_file_of_too_many_parts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    path.write_bytes(b"a: [" + b"x," * ((MAX_BYTES - 10) // 2) + b"]")
    with pytest.raises(UnusableFile, match="too many parts"):
        read_yaml(path)


def test_a_folder_without_files_and_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile) as caught:
        load_library([tmp_path, tmp_path / "nowhere"])
    assert [fault.message for fault in caught.value.faults] == [
        "no guidance here: the folder holds no .yaml file",
        "no such folder",
    ]


def test_references_across_files_are_checked(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(ENTRY + "    see_also: [frist]\n    adapt: {bos: Take care.}\n")
    (tmp_path / "b.yaml").write_text(ENTRY.replace("id: first", "id: second"))
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "people.yaml").write_text("people:\n  boss: {label: boss, words: [boss, manager]}\n")
    with pytest.raises(UnusableFile) as caught:
        load_library([tmp_path])
    assert [str(fault).replace(str(tmp_path), "") for fault in caught.value.faults] == [
        "/a.yaml:10: see_also names 'frist', which does not exist (did you mean 'first'?)",
        "/a.yaml:11: adapt names 'bos', which is no known person or platform (did you mean 'boss'?)",
    ]


def test_only_a_servers_own_entry_is_limited_to_channels(tmp_path: Path) -> None:
    limited = f"{ENTRY}    channels: [123456789012345678]\n"
    assert parse_entries(limited.encode(), "f.yaml", LIBRARY)[0].channels == (123456789012345678,)
    (tmp_path / "topic.yaml").write_text(limited)
    with pytest.raises(UnusableFile) as caught:
        load_library([tmp_path])
    (fault,) = caught.value.faults
    assert "topic.yaml:10: 'channels' limits a server's own entry" in str(fault)


def test_faults_of_every_file_come_together(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(ENTRY.replace("verdict:", "verdit:"))
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(UnusableFile) as caught:
        load_library([tmp_path])
    assert {Path(fault.file).name for fault in caught.value.faults} == {"a.yaml", "b.yaml"}


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_garbage_never_does_more_than_raise_faults(raw: bytes) -> None:
    try:
        parse_entries(raw, "f.yaml", LIBRARY)
    except UnusableFile as error:
        assert all(str(fault).startswith("f.yaml") and "\n" not in str(fault) for fault in error.faults)


_plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["id", "question", "examples", "verdict", "advice", "say", "adapt", "sources", "safety", "x"]),
        _plain,
        max_size=8,
    )
)
def test_entries_of_any_shape_never_do_more_than_raise_faults(entry: dict[str, object]) -> None:
    import json

    text = json.dumps({"topic": "follow_back", "entries": [entry]})
    try:
        parse_entries(text.encode(), "f.yaml", LIBRARY)
    except UnusableFile as error:
        assert all(str(fault).startswith("f.yaml") and "\n" not in str(fault) for fault in error.faults)


def test_lines_point_at_the_part() -> None:
    document = parse_yaml(ENTRY.encode(), "f.yaml")
    assert document.line(("entries", 0, "examples", 0)) == 7
    assert document.line(("entries", 0, "nothing")) == 4
    assert MAX_DEPTH < 40
