"""`rsvno check`: every kind of file is known, faults have their place and the exit code 1, hints do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import cli
from bot.documents.faults import UnusableFile
from bot.guidance.loading import shipped_knowledge
from bot.terminal.checking import check_all

ROOT = Path(__file__).resolve().parents[2]
ENTRY = """\
topic: house
title: House rules
entries:
  - id: shoes
    question: Must I take off my shoes?
    examples: |
      shoes off?
    verdict: no_obligation
    advice: You may keep them on.
"""
FACTS = """\
facts:
  - ask: Did they unfollow you, or you them?
    answers:
      They unfollowed me: [they-unfollowed-me]
      I want to unfollow them: [may-i-unfollow]
"""
FOLLOW_UPS = """\
follow_ups:
  - id: they-sulk
    label: They sulk
    examples: |
      he sulks now
    answers:
      - to: [follow_back]
        id: let-them-sulk
        question: They sulk. What now?
        verdict: how_to
        advice: Let them.
"""


def write(folder: Path, **files: str) -> Path:
    """Files of these texts; `__` in a name is a folder's end."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def faults_in(path: Path) -> list[str]:
    return [str(fault).replace(str(path.parent), "") for fault in check_all([path], None).faults]


def test_every_yaml_file_of_the_project_is_fine_and_of_a_known_kind() -> None:
    files = [
        path for path in ROOT.rglob("*.y*ml") if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    ]
    assert len(files) > 20
    report = check_all(files, None)
    assert report.faults == []
    assert report.hints == []
    assert len(report.lines) == len(files)
    whole = check_all([ROOT], None)
    assert (whole.faults, whole.hints) == ([], [])
    assert not any("left alone" in line for line in whole.lines)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("guidance", ENTRY.replace("verdict", "verdit"), ":8: unknown key 'verdit' (did you mean 'verdict'?)"),
        ("words", "peopel: {}\nslang: {a: b}\n", ":1: unknown key 'peopel' (did you mean 'people'?)"),
        ("words", "slnag:\n  a: b\n", ":1: unknown key 'slnag' (did you mean 'slang'?)"),
        ("words", "people:\n  boss: {label: boss, words: []}\n", ":2: 'people.boss.words' needs at least one item"),
        ("messages", "messages: hello\n", ":1: 'messages' must be a list: write 'messages: |'"),
        ("facts__x", "facts:\n- ask: x\n  answers: {a: [b]}\n", ":3: 'answers' needs at least 2 item(s)"),
        ("facts__x", f"facts:\n- ask: x\n  answers: {{{'l' * 81}: [a], b: [c]}}\n", ":3: "),
        ("facts__x", FACTS.replace("may-i-unfollow", "may-i-unfolow"), ":5: 'may-i-unfolow' does not exist (did you"),
        ("facts__x", FACTS.replace("may-i-unfollow", "they-unfollowed-me"), ":5: 'they-unfollowed-me' is named"),
        (
            "follow_ups__x",
            FOLLOW_UPS.replace("follow_back", "folow_back"),
            ":7: 'folow_back' is no topic and no entry",
        ),
        ("follow_ups__x", FOLLOW_UPS.replace("let-them-sulk", "must-i-accept"), ":8: the id 'must-i-accept' is taken"),
        ("facts__x", FACTS.replace("may-i-unfollow", "safety-threats"), ":5: 'safety-threats' is about danger"),
        ("sources", "sources:\n  essay:1:\n", ":2: 'sources.essay:1' must be text, and is empty"),
        ("questions", "on_topic:\n- q: x\n  topic: nonsense\n  verdict: no\n", ":3: unknown topic 'nonsense'"),
        ("config", "tokn: x\n", ":1: unknown key 'tokn' (did you mean 'token'?)"),
        ("languages__xx", "card:\n  wy: Warum\n", ":2: unknown key 'card.wy' (did you mean 'why'?)"),
        ("languages__xx", 'card:\n  asked: "{what}"\n', ":2: unknown blank '{what}': known are question"),
        ("languages__xx", "card:\n  why: {one: a, other: b}\n", ":2: 'card.why' must be text"),
        ("languages__xx", "card:\n  essay: {one: a}\n", ":2: 'card.essay' needs a text for 'other'"),
        ("languages__xx", "card:\n  essay: {on: a, other: b}\n", ":2: unknown plural category 'on'"),
        ("other", "version: 3\nservices: {}\n", ":1: this is no file of ours, by its keys: guidance have topic"),
    ],
)
def test_a_fault_of_each_kind_of_file_has_its_place(tmp_path: Path, name: str, text: str, says: str) -> None:
    write(tmp_path, **{name: text})
    path = tmp_path / f"{name.replace('__', '/')}.yaml"
    assert any(fault.startswith(f"/{path.name}{says}") for fault in faults_in(path)), faults_in(path)


def test_a_folder_is_checked_as_a_whole_and_below(tmp_path: Path) -> None:
    write(
        tmp_path,
        own__house=ENTRY + "    adapt: {landlord: Ask first.}\n    see_also: [no-debt-in-a-follow]\n",
        own__words__people="people:\n  landlord: {label: landlord, words: [landlord]}\n",
        own__evaluation__asked="on_topic:\n- {q: shoes, topic: house, verdict: no_obligation}\n",
        own__negatives__chatter="messages: |\n  lunch?\n",
        compose="services: {}\n",
    )
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "broken.yaml").write_text("x: [")
    report = check_all([tmp_path], None)
    assert report.faults == []
    assert [line.replace(str(tmp_path), "") for line in report.lines] == [
        "/own: 1 entry, fine",
        "/compose.yaml: no file of ours, left alone",
        "/own/evaluation/asked.yaml: 1 question, fine",
    ]


def test_a_reference_to_nothing_is_a_fault_of_its_folder(tmp_path: Path) -> None:
    write(tmp_path, house=ENTRY + "    see_also: [sheos]\n", more=ENTRY.replace("id: shoes", "id: hats"))
    faults = [str(fault) for fault in check_all([tmp_path], None).faults]
    assert faults == [f"{tmp_path}/house.yaml:10: see_also names 'sheos', which does not exist (did you mean 'shoes'?)"]


def test_facts_lead_to_the_entries_of_their_folder_or_to_shipped_ones(tmp_path: Path) -> None:
    facts = (
        "facts:\n  - ask: Shoes or a follow?\n    answers:\n      Shoes: [shoes]\n      A follow: [may-i-unfollow]\n"
    )
    write(tmp_path, house=ENTRY, facts__shoes=facts)
    assert [str(fault) for fault in check_all([tmp_path], None).faults] == []
    alone = check_all([tmp_path / "facts" / "shoes.yaml"], None)
    assert (alone.faults, alone.lines) == ([], [f"{tmp_path}/facts/shoes.yaml: 1 fact, fine"])
    write(tmp_path, facts__shoes=facts.replace("[shoes]", "[sheos]"))
    message = f"{tmp_path}/facts/shoes.yaml:4: 'sheos' does not exist (did you mean 'shoes'?)"
    assert [str(fault) for fault in check_all([tmp_path], None).faults] == [message]
    assert [str(fault) for fault in check_all([tmp_path / "facts" / "shoes.yaml"], None).faults] == [message]


def test_an_empty_folder_and_a_path_that_is_not_there(tmp_path: Path) -> None:
    (fault,) = check_all([tmp_path], None).faults
    assert fault.message == "no guidance here: the folder holds no .yaml file"
    with pytest.raises(UnusableFile, match=r"nowhere\.yaml: can't be read"):
        check_all([tmp_path / "nowhere.yaml"], None)


def test_a_hint_leaves_the_exit_code_alone_and_a_fault_makes_it_one(tmp_path: Path) -> None:
    path = write(tmp_path, house=ENTRY.replace("You may keep", "No. Keep")) / "house.yaml"
    done = CliRunner().invoke(cli, ["check", str(path)], standalone_mode=False)
    assert done.return_value == 0
    assert "house.yaml:9: shoes: the advice begins with a bare 'No'" in done.stdout
    path.write_text(path.read_text().replace("verdict", "verdit"))
    done = CliRunner().invoke(cli, ["check", str(path)], standalone_mode=False)
    assert done.return_value == 1
    assert "house.yaml:8: unknown key 'verdit'" in done.stderr


def test_the_shipped_folder_alone_is_fine() -> None:
    report = check_all([shipped_knowledge()], None)
    assert report.faults == []
    assert any("entries, fine" in line for line in report.lines)
