"""What a server's new entry would take from the built-in ones, told before it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bot.advice.advisor import Advisor
from bot.advice.taking import takes
from bot.evaluation.questions import load_servers
from bot.guidance.loading import EVALUATION_FOLDER, shipped_knowledge
from bot.guidance.models import Entry

GREEDY = ("Do I have to follow back?", "follow back or not")


def entry(question: str, *examples: str, **changes: Any) -> Entry:
    """An entry of a server's own."""
    document = {"id": "own-x", "question": question, "examples": list(examples), "verdict": "no", "advice": "A"}
    return Entry.model_validate({**document, **changes})


@pytest.fixture(scope="session")
def twenty() -> Sequence[Entry]:
    """The entries of a server as it really is."""
    (server,) = load_servers(shipped_knowledge() / EVALUATION_FOLDER / "servers.yaml").labelled_servers
    return server.entries


def test_what_is_said_to_be_taken_is_taken(advisor: Advisor, twenty: Sequence[Entry]) -> None:
    within = advisor.within(twenty, ())
    (taken,) = takes(within, [entry(*GREEDY)]).values()
    assert "no-debt-in-a-follow" in {each.entry.id for each in taken}
    after = within.within([*twenty, entry(*GREEDY)], ())
    for each in taken:
        assert 1 <= len(each.questions) <= 3
        for question in each.questions:
            assert question in each.entry.wordings
            assert not within.ask(question).own
            advice = after.ask(question)
            named = [advice.entry, *(match.entry for match in advice.choices)]
            assert "own-x" in {found.id for found in named if found is not None}, question


def test_most_entries_of_a_server_take_nothing(advisor: Advisor, twenty: Sequence[Entry]) -> None:
    found = takes(advisor, twenty)
    assert found.keys() == {each.id for each in twenty}
    assert len([name for name, taken in found.items() if not taken]) >= 0.5 * len(twenty)
    harmless = entry("Who waters the plants in the greenhouse channel?", "is it my turn in the greenhouse")
    assert takes(advisor.within(twenty, ()), [harmless])["own-x"] == ()


def test_only_what_is_newly_taken_counts(advisor: Advisor) -> None:
    saved = advisor.within([entry(*GREEDY)], ())
    assert takes(saved, [entry(*GREEDY, advice="B")])["own-x"] == ()
    # another entry has them already
    assert takes(saved, [entry(*GREEDY, id="own-y")])["own-y"] == ()
    wider = takes(saved, [entry(*GREEDY, "how do i leave a group chat")])["own-x"]
    assert wider
    assert "no-debt-in-a-follow" not in {each.entry.id for each in wider}


def test_it_is_tried_where_it_would_answer(advisor: Advisor) -> None:
    elsewhere = advisor.within([entry(*GREEDY, channels=["100000000000000001"])], ())
    assert takes(elsewhere, [entry(*GREEDY, id="own-y", channels=["100000000000000002"])])["own-y"]
    assert takes(elsewhere, [entry(*GREEDY, id="own-y")])["own-y"]
    assert takes(elsewhere, [entry(*GREEDY, id="own-y", channels=["100000000000000001"])])["own-y"] == ()


def test_hidden_entries_danger_and_what_cannot_be_read_are_not_taken_from(advisor: Advisor) -> None:
    hiding = advisor.within([], ["no-debt-in-a-follow"])
    assert "no-debt-in-a-follow" not in {each.entry.id for each in takes(hiding, [entry(*GREEDY)])["own-x"]}
    danger = next(each for each in advisor.library.entries if each.safety)
    assert not [each for each in takes(advisor, [entry(danger.question)])["own-x"] if each.entry.safety]
    assert takes(advisor, [entry("フォロバは必要？"), entry("🎉", id="own-y")]) == {"own-x": (), "own-y": ()}
    assert takes(advisor, []) == {}
