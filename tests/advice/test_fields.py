"""What a form did not show, or what nobody touched in it, stays exactly as it is."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.advice.editing import as_document
from bot.advice.fields import FIELDS, MOST_WRITTEN, Refused, entry_from_form, entry_of, fields_of, not_shown, touched
from bot.guidance.models import MAX_EXAMPLE, MAX_EXAMPLES

LINE = st.text(st.characters(codec="utf-8", exclude_characters="{}"), min_size=1, max_size=40)
WORDING = (
    LINE
    | st.lists(LINE, min_size=2, max_size=3).map("\n".join)
    | LINE.map(lambda text: f"- {text}")
    | st.integers(1, MAX_EXAMPLE).map(lambda length: "x" * length)
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Entries as they may come from a file: many wordings, some of lines, some like lists."""
    wordings = draw(st.lists(WORDING, max_size=8)) + draw(st.integers(0, 190)) * ["y" * draw(st.integers(1, 60))]
    document = {
        "id": "own-x", "question": draw(LINE), "verdict": "no", "advice": draw(LINE | LINE.map("{}\n\nx".format)),
        "examples": wordings[:MAX_EXAMPLES], "say": draw(st.dictionaries(st.sampled_from(["warm", "firm"]), LINE)),
        "reason": "Kept.", "adapt": {"boss": "Kept."},
    }  # fmt: skip
    try:
        return as_document(entry_of(document))
    except Refused:
        return {"id": "own-x", "question": "Q", "verdict": "no", "advice": "A"}


@given(documents())
def test_a_form_that_nobody_touched_changes_nothing(document: dict[str, Any]) -> None:
    fields = fields_of(document)
    assert touched(fields, document) == frozenset()
    assert all(len(text) <= MOST_WRITTEN for text in fields.values())
    assert as_document(entry_from_form("own-x", fields, document)) == document


@given(documents(), st.sampled_from(sorted(FIELDS)))
def test_what_was_not_touched_stays(document: dict[str, Any], name: str) -> None:
    written = {"question": "New?", "verdict": "yes", "advice": "New.", "words": "brief: New."}
    shown = fields_of(document)
    fields = {**shown, name: f"new one\n{shown['wordings']}" if name == "wordings" else written[name]}
    try:
        made = as_document(entry_from_form("own-x", fields, document))
    except Refused as refused:
        # one more than there may be
        assert name == "wordings"
        assert "at most" in str(refused)
        return
    for key in {*document, *made} - {FIELDS[name]}:
        assert made[key] == document[key]
    if name == "wordings":
        # those too that did not fit into the form
        assert made["examples"] == ["new one", *document.get("examples", [])]


def test_what_no_form_shows_stays_when_the_rest_goes() -> None:
    document = {"id": "own-x", "question": "Q", "verdict": "no", "advice": "A", "examples": ["z" * 100] * 60}
    hidden = not_shown(document)
    assert 0 < hidden < 60
    made = entry_from_form("own-x", {**fields_of(document), "wordings": "only this"}, document)
    assert made.examples == ("only this", *["z" * 100] * hidden)


def test_what_others_changed_stays_where_nothing_was_written() -> None:
    shown = {"id": "own-x", "question": "Q", "verdict": "no", "advice": "A", "examples": ["a", "b"]}
    present = {**shown, "advice": "Theirs.", "reason": "New."}
    made = entry_from_form("own-x", {**fields_of(shown), "wordings": "a\nb\nc"}, shown, present)
    assert (made.advice, made.reason, made.examples) == ("Theirs.", "New.", ("a", "b", "c"))
