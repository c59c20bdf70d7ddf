"""A server's own guidance in competition with the built-in one: twenty entries at once, measured."""

from __future__ import annotations

from typing import Any

import pytest

from bot.advice.advisor import Advisor
from bot.evaluation.questions import load_servers
from bot.guidance.loading import EVALUATION_FOLDER, shipped_knowledge
from bot.guidance.models import Entry
from bot.matching.policies import Outcome


def entry(question: str, *examples: str, **changes: Any) -> Entry:
    """An entry of a server's own."""
    document = {"id": "own-x", "question": question, "examples": list(examples), "verdict": "no", "advice": "A"}
    return Entry.model_validate({**document, **changes})


def test_twenty_own_entries_win_their_questions_and_leave_the_others(advisor: Advisor) -> None:
    (server,) = load_servers(shipped_knowledge() / EVALUATION_FOLDER / "servers.yaml").labelled_servers
    within = advisor.within(server.entries, ())
    asked = [(text, own.id) for own in server.entries for text in own.paraphrases]
    won = [text for text, name in asked if (answer := within.ask(text)).entry is not None and answer.entry.id == name]
    taken = [text for text in server.others if within.ask(text).own]
    assert len(won) >= 0.55 * len(asked)
    assert len(taken) <= 0.1 * len(server.others), taken


@pytest.mark.parametrize(
    ("wording", "same", "others"),
    [
        ("フォロバは必要？", "フォロバは必要?", ["今日の天気はどうですか", "明日は休みですか"]),
        ("Нужно ли подписываться в ответ?", "нужно ли подписываться в ответ", ["Привет, как дела", "Где мой кот?"]),
        ("🎉🎉🎉🎂", "🎉🎉🎉🎂!", ["🍕🍕🍕", "🐱"]),
    ],
)
def test_what_cannot_be_read_matches_only_its_own_letters(
    advisor: Advisor, wording: str, same: str, others: list[str]
) -> None:
    within = advisor.within([entry(wording)], ())
    assert within.ask(same).own
    for other in (*others, "do i have to follow back"):
        assert not within.ask(other).own, other


def test_one_own_entry_does_not_take_over_a_topic(advisor: Advisor) -> None:
    within = advisor.within([entry("Do we follow back everybody in the promo channel?", verdict="yes")], ())
    for question in ("do i have to follow back", "my boss follows me, must i follow back", "can i unfollow a friend"):
        assert within.ask(question).entry == advisor.ask(question).entry
    assert within.ask("does everybody in promo get a follow back").own


def test_idle_chat_is_not_encoded_for_own_entries(advisor: Advisor, encoded: list[str]) -> None:
    within = advisor.within([entry("Who waters the plants in the greenhouse channel?")], ())
    encoded.clear()
    assert within.overhear("lol nice one, gg").outcome is Outcome.NONE
    assert encoded == []
