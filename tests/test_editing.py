"""Editing a server's guidance: forms, files, warnings; and how it is matched beside the built-in one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.advice.advisor import Advisor
from bot.advice.editing import (
    as_document,
    changed_fields,
    export_yaml,
    new_id,
    plan_import,
    warnings,
)
from bot.advice.fields import Refused, entry_from_form, text_from_words, words_from_text
from bot.advice.suggesting import suggest
from bot.documents.faults import UnusableFile
from bot.documents.plain_text import without_controls
from bot.guidance.blanks import blanks_in, fill
from bot.guidance.models import Entry, Lexicon, Library, Negatives, Tone
from bot.matching.policies import Outcome

FORM = {"question": " Q? ", "verdict": "no", "advice": "A", "wordings": "- one\n\n• two", "words": "brief: b\nwarm: w"}


def entry(**changes: Any) -> Entry:
    """An entry of a server's own."""
    return Entry.model_validate({"id": "own-x", "question": "Q?", "verdict": "no", "advice": "A", **changes})


def built_in(*ids: str) -> Library:
    """A library of entries with these ids."""
    return Library(tuple(entry(id=each) for each in ids), {}, Lexicon(), Negatives())


def test_a_form_becomes_an_entry() -> None:
    made = entry_from_form("own-q", FORM, {"see_also": ["other"], "examples": ["old"]})
    assert made.question == "Q?"
    assert made.examples == ("one", "two")
    assert made.say == {Tone.BRIEF: "b", Tone.WARM: "w"}
    assert made.see_also == ("other",)
    with pytest.raises(Refused) as refused:
        entry_from_form("own-q", {**FORM, "question": "", "advice": "x" * 701})
    assert len(refused.value.lines) == 2


SAID = st.text(
    st.sampled_from("ab :\\\n\t") | st.characters(codec="utf-8", exclude_characters="{}"), min_size=1, max_size=60
) | st.lists(
    st.sampled_from(["brief: x", "\\\\firm:", "", " warm :y", "plain", "WARM: z"]), min_size=1, max_size=5
).map("\n".join)
"""What a tone may say, above all what looks like another tone."""


@given(st.dictionaries(st.sampled_from(list(Tone)), SAID))
def test_words_to_send_survive_the_form(say: dict[Tone, str]) -> None:
    kept = entry(say={tone: text for tone, text in say.items() if without_controls(text).strip()}).say
    assert words_from_text(text_from_words(kept)) == kept


def test_ids_are_made_of_words_and_never_taken() -> None:
    assert new_id("Do we follow back in #promo?", ()) == "own-do-we-follow-back-in-promo"
    assert new_id("Q?", {"own-q", "own-q-2"}) == "own-q-3"
    assert new_id("¿?", ()) == "own-entry"
    assert len(new_id("long " * 40, ())) <= 64


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=60
).filter(lambda text: text.strip() and "{" not in text and "}" not in text)


@given(st.lists(st.tuples(TEXT, TEXT, st.lists(TEXT, max_size=3)), min_size=1, max_size=4))
def test_what_is_exported_and_imported_is_the_same_file(drawn: list[tuple[str, str, list[str]]]) -> None:
    documents = [
        as_document(
            entry(id=f"own-{number}", question=question, advice=advice, examples=examples, say={"warm": advice})
        )
        for number, (question, advice, examples) in enumerate(drawn)
    ]
    text = export_yaml(documents)
    plan = plan_import(text.encode(), "x.yaml", {}, built_in(), 10)
    assert list(plan.add) == documents
    assert export_yaml(plan.add) == text
    again = plan_import(text.encode(), "x.yaml", {each["id"]: each for each in documents}, built_in(), 0)
    assert (again.add, again.change) == ((), ())


def test_an_import_says_every_fault() -> None:
    text = export_yaml([as_document(entry(id=f"own-{number}")) for number in range(3)])
    with pytest.raises(UnusableFile) as faults:
        plan_import(text.encode(), "x.yaml", {}, built_in("own-1"), 2)
    assert len(faults.value.faults) == 2


def test_changed_fields() -> None:
    assert changed_fields({"id": "a", "question": "x"}, {"id": "a", "question": "y", "say": {}}) == ["question", "say"]
    assert changed_fields(None, {"id": "a", "question": "x"}) == ["question"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('the group "Sunday Runners" wants me', {"group": "Sunday Runners"}),
        ("a page called Bean There asks for a like", {"page": "Bean There"}),
        ("my cousin invited me to the wedding", {"event": "the wedding"}),
        ("the Harvest Supper party from Ines", {"event": "Harvest Supper", "name": "Ines"}),
        ("somebody wants something", {}),
    ],
)
def test_names_are_found_only_where_they_are_clear(text: str, named: dict[str, str]) -> None:
    assert blanks_in(text) == named
    assert fill("{event} {nothing}", {"event": "x"}) == "x {nothing}"


PROMO = entry(
    id="own-promo", question="Do we follow back in the promo corner?", verdict="yes",
    examples=["must i follow back people from the promo corner"],
)  # fmt: skip


def test_an_own_entry_wins_when_both_match_well_and_only_then(advisor: Advisor) -> None:
    server = advisor.within([PROMO], ())
    won = server.ask("do i have to follow back everyone in the promo corner")
    assert won.entry == PROMO
    assert won.own
    for other in ("my boss sent me a friend request", "how do i leave a group chat politely"):
        assert server.ask(other).entry == advisor.ask(other).entry
    foreign = server.ask("what is the best pasta recipe")
    assert foreign.outcome is Outcome.NONE
    assert server.overhear("lol that was a good match").outcome is Outcome.NONE


def test_a_hidden_entry_is_nowhere(advisor: Advisor) -> None:
    question = "Do I have to follow back?"
    shown = advisor.ask(question).entry
    assert shown is not None
    server = advisor.within([], [shown.id])
    assert server.ask(question).entry != shown
    assert shown not in suggest(server, "do i have to")
    assert shown not in [match.entry for match in server.alternatives(question, ()).choices]
    assert server.find(shown.id) is None


def test_known_wordings_are_not_encoded_again(advisor: Advisor, encoded: list[str]) -> None:
    first = advisor.within([PROMO], ())
    encoded.clear()
    more = PROMO.model_copy(update={"examples": (*PROMO.examples, "is the corner special")})
    first.within([more], ())
    assert encoded == ["is the corner special"]


def test_warnings(advisor: Advisor) -> None:
    taken = warnings(advisor, entry(question="Do I have to follow back?"))
    assert taken.answered_by is not None
    wide = warnings(advisor, entry(question="hello everyone", examples=["thank you", "i am so tired", "lol"]))
    assert wide.width is not None
    assert wide.width[0] > 0
    fine = warnings(advisor, entry(question="Who waters the plants in the greenhouse channel?"))
    assert fine.answered_by is None
    assert fine.width is None
