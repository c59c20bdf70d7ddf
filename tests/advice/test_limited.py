"""Own entries that are limited to channels: an advisor of a server, and of each place there."""

from __future__ import annotations

from typing import Any

import pytest

from bot.advice.advisor import Advisor
from bot.advice.editing import plan_import
from bot.advice.suggesting import suggest
from bot.guidance.models import Entry, Lexicon, Library, Negatives
from bot.matching.policies import Outcome

ART, GAMES, THREAD, GONE = 10**17 + 1, 10**17 + 2, 10**17 + 3, 10**17 + 4
PLANTS = "Who waters the plants in the greenhouse?"
RACES = "When does the pumpkin race start?"
KOI = "Who feeds the koi in the pond?"


def entry(number: int, question: str, *channels: int, **changes: Any) -> Entry:
    """An entry of a server's own, limited to these channels."""
    document = {"id": f"own-{number}", "question": question, "verdict": "no", "advice": "A", "channels": channels}
    return Entry.model_validate({**document, **changes})


OTHERS = [entry(number, f"Where does the lantern parade number {number} begin?") for number in range(3, 20)]
TWENTY = [entry(0, PLANTS, ART), entry(1, RACES, GAMES, ART), entry(2, KOI, GONE), *OTHERS]


@pytest.fixture(scope="module")
def server(advisor: Advisor) -> Advisor:
    """A server of twenty entries, of which three are limited."""
    return advisor.within(TWENTY, ())


@pytest.mark.parametrize(
    ("place", "answering"),
    [
        ([ART], {"own-0", "own-1"}), ([GAMES], {"own-1"}), ([THREAD, GAMES], {"own-1"}), ([THREAD], set()), ([], set()),
    ],
)  # fmt: skip
def test_a_limited_entry_answers_and_is_offered_only_in_its_channels(
    server: Advisor, place: list[int], answering: set[str]
) -> None:
    there = server.at(place)
    for number, question in enumerate((PLANTS, RACES, KOI)):
        name, expected = f"own-{number}", f"own-{number}" in answering
        advice = there.ask(question)
        assert (advice.own and advice.entry == TWENTY[number]) is expected
        assert name not in {match.entry.id for match in advice.choices}
        assert (there.overhear(question).outcome is Outcome.ANSWER) is expected
        typed = question.lower()[:16]
        assert (TWENTY[number] in suggest(there, typed)) is expected
        assert (there.find(name) is not None) is expected
        assert (TWENTY[number] in [match.entry for match in there.alternatives(question, ()).choices]) is expected
    assert there.ask(OTHERS[0].question).entry == OTHERS[0]
    assert suggest(there, "")[0].id == min(answering | {"own-3"})


def test_the_whole_server_is_known_to_whoever_edits_it(server: Advisor) -> None:
    assert [server.ask(question).entry for question in (PLANTS, RACES, KOI)] == TWENTY[:3]
    assert len(server.own_entries) == 20


def test_a_place_encodes_nothing_and_copies_no_vectors(server: Advisor, encoded: list[str]) -> None:
    encoded.clear()
    there = server.at([ART])
    assert there.own is not None
    assert server.own is not None
    assert there.own._vectors is server.own._vectors
    assert server.at([THREAD, ART]).own is there.own
    assert encoded == []


def test_where_nothing_is_limited_a_place_is_the_server(advisor: Advisor) -> None:
    within = advisor.within(OTHERS, ())
    assert within.at([ART]) is within
    assert advisor.at([ART]) is advisor
    alone = advisor.within([TWENTY[0]], ())
    assert alone.at([GAMES]).own is None
    assert alone.at([GAMES]).overhear(PLANTS).outcome is Outcome.NONE


@pytest.mark.parametrize(("given", "kept"), [([f"<#{ART}>", str(ART), GAMES], (ART, GAMES)), ([], ())])
def test_channels_are_read_as_ids_or_mentions(given: list[Any], kept: tuple[int, ...]) -> None:
    assert entry(0, PLANTS, *given).channels == kept


def test_a_table_has_them_in_a_cell() -> None:
    table = f"question,answer,channels\nMay I ask?,Yes.,{ART} <#{GAMES}>\nMay I go?,Yes.,\n"
    library = Library((), {}, Lexicon(), Negatives())
    plan = plan_import(table.encode(), "table.csv", {}, library, 10)
    assert [each.get("channels") for each in plan.add] == [[ART, GAMES], None]
