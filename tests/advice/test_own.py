"""A server's own guidance in competition with the built-in one: twenty entries at once, measured."""

from __future__ import annotations

from pathlib import Path
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
        ("フォロバは必要？", "フォロバは必要?", ["今日の天気はどうですか", "明日は休みですか", "フォロワーが増えた"]),
        ("我需要回关吗？", "我需要回关吗", ["今天天气怎么样", "我需要睡觉", "你好"]),
        ("팔로우를 받으면 맞팔해야 하나요?", "팔로우를 받으면 맞팔해야 하나요", ["오늘 날씨 어때요", "저녁 뭐 먹지"]),
        ("ต้องติดตามกลับไหม", "ต้องติดตามกลับไหม?", ["วันนี้อากาศดี", "กินข้าวหรือยัง"]),
        ("Нужно ли подписываться в ответ?", "нужно ли подписываться в ответ", ["Привет, как дела", "Где мой кот?"]),
        ("Можно ли кидать ссылки в чат?", "можно ли кидать ссылки в чат!", ["Можно ли мне домой", "кто играет"]),
        ("Πρέπει να ακολουθώ πίσω;", "πρέπει να ακολουθώ πίσω", ["Τι ώρα είναι;", "Πρέπει να φύγω", "καλημέρα"]),
        ("هل يجب أن أتابع الجميع؟", "هل يجب ان أتابع الجميع", ["كيف حالك اليوم", "متى يبدأ الحدث"]),
        ("האם חייבים לעקוב בחזרה?", "האם חייבים לעקוב בחזרה", ["מה שלומך היום", "מתי מתחיל האירוע"]),
        ("🎉🎉🎉🎂", "🎉🎉🎉🎂!", ["🍕🍕🍕", "🐱", "🎃"]),
        ("👉👈🥺", "👉👈🥺", ["👍", "🥺🥺🥺", "😂😂😂"]),
    ],
)
def test_what_cannot_be_read_matches_only_its_own_letters(
    advisor: Advisor, wording: str, same: str, others: list[str]
) -> None:
    within = advisor.within([entry(wording)], ())
    assert within.ask(same).own
    for other in (*others, "do i have to follow back"):
        assert not within.ask(other).own, other


def test_twenty_entries_of_one_wording_win_their_paraphrases_and_nothing_else(advisor: Advisor) -> None:
    # a line an entry's question with two other ways of asking it, or what everybody asks
    lines = (Path(__file__).parent / "pottery.txt").read_text(encoding="utf-8").splitlines()
    asked = [line.split(" | ") for line in lines if " | " in line]
    entries = [entry(question, id=f"own-{number}") for number, (question, *_) in enumerate(asked)]
    within = advisor.within(entries, ())
    for own, questions in zip(entries, asked, strict=True):
        for question in questions:
            assert within.ask(question).entry == own, question
    assert [line for line in lines if " | " not in line and within.ask(line).own] == []


@pytest.mark.parametrize(
    ("own", "others"),
    [
        (
            "Do I follow back in the promo corner?",
            ["do i have to follow back a coworker", "my ex follows me, follow back?", "is it rude not to follow back"],
        ),
        (
            "May I send friend requests to members?",
            ["my mom sent me a friend request", "a stranger sent me a friend request", "my ex sent a request, accept?"],
        ),
        (
            "Do I have to come to movie night?",
            ["do i have to come to her wedding", "must i go to the office party", "may i skip a birthday party"],
        ),
        (
            "May I unfollow the event bot?",
            ["may i unfollow a friend", "should i unfollow my ex", "do they notice when i unfollow"],
        ),
    ],
)
def test_an_entry_of_one_wording_leaves_its_topic_alone(advisor: Advisor, own: str, others: list[str]) -> None:
    within = advisor.within([entry(own)], ())
    assert within.ask(own).own
    for question in others:
        assert within.ask(question).entry == advisor.ask(question).entry, question


@pytest.mark.parametrize(
    ("own", "question"),
    [
        ("May I leave the raid chat?", "may i leave the family chat"),
        ("May I unfollow the event bot?", "may i unfollow the brand"),
        ("May I add the guild leader as a friend?", "may i add a client as a friend"),
        ("How do I decline a raid invite?", "how do i decline a group invite"),
        ("May I skip the Sunday scrim?", "may i skip the sunday dinner"),
        ("Is it rude to mute the announcements?", "is it rude to mute my aunt"),
    ],
)
def test_the_word_that_tells_decides_between_things_of_a_kind(advisor: Advisor, own: str, question: str) -> None:
    within = advisor.within([entry(own)], ())
    assert not within.ask(question).own
    assert within.ask(own.lower()).own


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
