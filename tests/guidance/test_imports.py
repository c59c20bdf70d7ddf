"""Files that people have: what is taken as guidance, and what a fault shows of what is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.advice.editing import ImportPlan, as_document, export_yaml, plan_import
from bot.documents.faults import UnusableFile
from bot.documents.plain_text import printable
from bot.guidance.foreign import SMALL_FILE
from bot.guidance.models import Entry, Lexicon, Library, Negatives, Verdict

LIBRARY = Library((), {"follow_back": "Following back"}, Lexicon(), Negatives(), {"essay:1": "Yes"})


def planned(raw: str | bytes, name: str = "f.yaml", existing: dict[str, dict[str, Any]] | None = None) -> ImportPlan:
    """What an import would do, on a server with room for 50 more."""
    return plan_import(raw.encode() if isinstance(raw, str) else raw, name, existing or {}, LIBRARY, 50)


def faults_of(raw: str | bytes, name: str = "f.yaml") -> list[str]:
    """The lines that are told of a file that can't be imported."""
    with pytest.raises(UnusableFile) as caught:
        planned(raw, name)
    return list(caught.value.lines)


ASKED = [
    ("Do we follow back?", "No, nobody has to.", "no"),
    ("May I ask twice?", "Yes: once a week.", "yes"),
    ("How do I leave?", "Say thanks,\nand go.", "how_to"),
]
EXPECTED = [(question, verdict, advice) for question, advice, verdict in ASKED]


def told(plan: ImportPlan) -> list[tuple[str, str, str]]:
    """Question, verdict and advice of what would be added."""
    return [(each["question"], each["verdict"], each["advice"]) for each in plan.add]


def cells(delimiter: str, head: str) -> str:
    """The questions as a table."""
    quoted = (delimiter.join(f'"{cell}"' for cell in row[:2]) for row in ASKED)
    return "\n".join([head.replace(",", delimiter), *quoted]) + "\n"


@pytest.mark.parametrize("head", ["Question,Answer", "question,answer", " Q , A ", '"QUESTION","RESPONSE"'])
@pytest.mark.parametrize(("delimiter", "name"), [(",", "f.csv"), (";", "f.csv"), ("\t", "f.tsv"), ("|", "f.txt")])
def test_a_table_comes_in(delimiter: str, name: str, head: str) -> None:
    text = cells(delimiter, head)
    assert told(planned(text, name)) == EXPECTED
    assert told(planned(text.replace("\n", "\r\n").encode("utf-8-sig"), name)) == EXPECTED
    assert told(planned(b"\xff\xfe" + text.encode("utf-16-le"), name)) == EXPECTED


PAIRS = [{"question": question, "answer": answer} for question, answer, _ in ASKED]
CAPITALS = [{"Question": question, "Answer": answer} for question, answer, _ in ASKED]
SHORT = [{"q": question, "a": answer} for question, answer, _ in ASKED]
TAGGED = [
    {"tag": f"T {at}", "patterns": [question], "responses": [answer]} for at, (question, answer, _) in enumerate(ASKED)
]


@pytest.mark.parametrize(
    "data",
    [
        PAIRS, CAPITALS, SHORT, {"faq": PAIRS}, {"Questions": SHORT}, {"entries": PAIRS}, {"intents": TAGGED},
        [[question, answer] for question, answer, _ in ASKED], {question: answer for question, answer, _ in ASKED},
    ],
)  # fmt: skip
def test_a_list_of_questions_and_answers_comes_in(data: Any) -> None:
    assert told(planned(yaml.safe_dump(data, sort_keys=False))) == EXPECTED
    for indent in (None, 2, "\t"):
        assert told(planned(json.dumps(data, indent=indent), "f.json")) == EXPECTED
    if isinstance(data, list):
        lines = "\n".join(json.dumps(each) for each in data)
        assert isinstance(data[0], list) or told(planned(lines, "f.jsonl")) == EXPECTED


def test_json_is_read_as_json_writes_it() -> None:
    text = '[\n\t{"question": "Do we \\ud83d\\ude00?", "answer": "On\\/off \\u00e9\\nand so"}\n]'
    assert told(planned(text, "f.json")) == [("Do we 😀?", "how_to", "On/off é\nand so")]


RASA = """\
version: "3.1"
nlu:
- intent: follow_back
  examples: |
    - do we follow [back](direction)
    - must i follow [my boss]{"entity": "person"}
"""


def test_rasas_questions_come_in_with_its_answers() -> None:
    answers = "responses:\n  utter_follow_back:\n  - text: No, nobody has to.\n"
    (entry,) = planned(RASA + answers).add
    assert entry == {
        "id": "own-follow-back", "question": "do we follow back", "examples": ["must i follow my boss"],
        "verdict": "no", "advice": "No, nobody has to.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (RASA, "nlu.yml"),
        ("Frage;Antwort\nx;y\n", "f.csv"),
        ("topics: x\n", "f.yaml"),
        ("people: {boss: {label: boss, words: [boss]}}\n", "f.yaml"),
        ("just words\n", "f.yaml"),
        ("[]\n", "f.json"),
        ("- question: Q?\n", "f.yaml"),
        ("- 1\n- 2\n", "f.yaml"),
    ],
)
def test_a_fault_shows_what_to_write(text: str, name: str) -> None:
    lines = faults_of(text, name)
    assert all(line.startswith(name) and "\n" not in line for line in lines)
    shown = "\n".join(lines)
    assert "May I ask twice?" in shown or "Do we follow back in the promo corner?" in shown


def test_the_entry_that_a_fault_shows_is_taken() -> None:
    assert [entry["verdict"] for entry in planned(SMALL_FILE).add] == ["yes"]


def test_ours_without_an_id_gets_one_of_its_question() -> None:
    text = "entries:\n  - {question: Do we follow back?, verdict: No, advice: A}\n"
    (entry,) = planned(text).add
    assert (entry["id"], entry["verdict"]) == ("own-do-we-follow-back", "no")
    # the same file again is the same entry, also when its question is written otherwise
    there = {"own-x": {**entry, "id": "own-x", "question": "do we  follow back?", "advice": "B"}}
    again = planned(text, existing=there)
    assert [each["id"] for each in again.change] == ["own-x"]
    assert again.add == ()
    assert planned(text, existing={entry["id"]: entry}).same == (entry["id"],)


def test_one_question_twice_is_a_fault_and_not_two_entries() -> None:
    assert faults_of("- {q: Q?, a: A}\n- {q: q?, a: B}\n") == [
        "f.yaml:2: the id 'own-q' is taken: first used at f.yaml:1"
    ]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_verdict_is_taken_in_any_letters(verdict: Verdict) -> None:
    for written in (
        verdict.upper(),
        verdict.title(),
        verdict.replace("_", " "),
        verdict.replace("_", "-"),
        f" {verdict}. ",
    ):
        assert Entry.model_validate({"id": "x", "question": "Q?", "verdict": written, "advice": "A"}).verdict is verdict


def test_what_has_no_place_is_named_and_what_is_misspelt_is_a_fault() -> None:
    assert planned("question,answer,category\nQ?,A,x\n", "f.csv").left_out == ("category",)
    assert planned('[{"q": "Q?", "a": "A", "tags": []}]').left_out == ("tags",)
    assert any(
        "unknown key 'verdit'" in line for line in faults_of("entries:\n- {question: Q, verdit: no, advice: A}\n")
    )


@pytest.mark.parametrize(
    ("text", "name", "place"),
    [
        ('question,answer\n"Q\n?",A\n' + "x" * 101 + ",A\n", "f.csv", "f.csv:4: 'question' is too long"),
        ("\n\nquestion,answer\nQ?,A,B\n", "f.csv", "f.csv:4: 3 cells in 2 columns"),
        ('[\n{"q": "Q?", "a": "A"},\n{"q": "R?", "a": ["A", "B"]}]', "f.json", "f.json:3: 'advice' must be text"),
        ('{"q": "Q?", "a": "A"}\n{"q": "R?", "a": ""}', "f.jsonl", "f.jsonl:2: 'advice' is empty"),
        (
            "faq:\n- q: Q?\n  a: A\n  examples: |\n    x\n    " + "y" * 1001 + "\n",
            "f.yaml",
            "f.yaml:6: 'examples' is too",
        ),
        ("'Q?': A\n'R?': ''\n", "f.yaml", "f.yaml:2: 'advice' is empty"),
    ],
)
def test_a_fault_names_the_line_of_the_file(text: str, name: str, place: str) -> None:
    assert any(line.startswith(place) for line in faults_of(text, name)), faults_of(text, name)


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT | st.sampled_from(["|", "- x", "Q?", "no", "essay:1"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["entries", "nlu", "intent", "examples", "responses", "q", "a", "question", "answer", "id",
                         "verdict", "advice", "say", "warm", "adapt", "topic", "title", "faq", "utter_x"]) | ANY_TEXT,
        inner, max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip


def judged(raw: bytes, name: str) -> None:
    """An import does nothing but plan, or tell faults of its file, one line each."""
    try:
        planned(raw, name)
    except UnusableFile as error:
        assert error.lines
        assert all(printable(line) == line for line in error.lines)


@settings(max_examples=60, deadline=None)
@given(DATA)
def test_any_data_is_planned_or_told_to_be_at_fault(data: Any) -> None:
    judged(json.dumps(data).encode(), "f.json")
    judged(yaml.safe_dump(data, allow_unicode=True).encode(), "f.yaml")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | ANY_TEXT.map(lambda text: f"question,answer\n{text}".encode()))
def test_any_bytes_are_planned_or_told_to_be_at_fault(raw: bytes) -> None:
    for name in ("f.yaml", "f.csv", "f.json", "f.tsv"):
        judged(raw, name)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT, st.lists(ANY_TEXT, max_size=3)), min_size=1, max_size=4))
def test_whatever_an_entry_holds_its_export_is_imported_as_the_same(
    drawn: list[tuple[str, str, list[str]]],
) -> None:
    documents = []
    for number, (question, advice, examples) in enumerate(drawn):
        document = {
            "id": f"own-{number}", "question": f"Q {question}", "verdict": "no", "advice": f"A {advice}",
            "examples": [f"{each} x" for each in examples], "reason": f"{advice} r",
        }  # fmt: skip
        documents.append(as_document(Entry.model_validate(document)))
    text = export_yaml(documents)
    assert list(planned(text).add) == documents
    assert export_yaml(planned(text).add) == text
    assert planned(text, existing={each["id"]: each for each in documents}).change == ()


def test_an_entry_of_an_earlier_version_with_controls_is_exported_and_imported() -> None:
    stored = {
        "id": "own-x",
        "question": "a\x85b",
        "verdict": "no",
        "advice": "c\u2028d\x1b[0m\r\ne",
        "examples": ["f\x85g"],
    }
    plan = planned(export_yaml([stored]), existing={"own-x": stored})
    assert (plan.add, plan.change, plan.same) == ((), (), ("own-x",))
