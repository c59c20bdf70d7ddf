"""What a message says, and whether it asks, greets or thanks: without Discord."""

from __future__ import annotations

import pytest

from bot.chat.advice.said import Courtesy, courtesy_in, is_question

HELP = (
    "hi", "Hello!", "hey there", "heyyyy", "good morning", "help", "HELP!!", "help me please", "can you help me?",
    "what can you do?", "who are you", "how do you work", "commands", "/help", "!help", "hi bot", "yo", "?",
    "what’s this",
)  # fmt: skip
THANKS = (
    "thanks",
    "thank you!",
    "Thank you so much",
    "thx",
    "ok thanks",
    "great, thanks a lot",
    "ty",
    "thanks, that helps",
)
NEITHER = (
    "help me decline a wedding", "hi, do i have to follow back?", "thank you for the invite is what i want to say",
    "hello kitty followed me", "should i say thanks for a follow?", "help him", "no thanks", "thoughts?", "", "   ",
    "what is this person to me?", "good question", "there", "🎉",
)  # fmt: skip


@pytest.mark.parametrize("text", HELP)
def test_who_greets_or_asks_what_it_is_for_is_helped(text: str) -> None:
    assert courtesy_in(text) is Courtesy.HELP


@pytest.mark.parametrize("text", THANKS)
def test_thanks_are_thanks(text: str) -> None:
    assert courtesy_in(text) is Courtesy.THANKS


@pytest.mark.parametrize("text", NEITHER)
def test_all_else_is_no_courtesy(text: str) -> None:
    assert courtesy_in(text) is None


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("do i have to follow back", True),
        ("and is it rude to ignore her", True),
        ("ok, but what if he is my boss", True),
        ("he is my boss?", True),
        ("you are right, i owe nobody a follow", False),
        ("ok i will not follow back then", False),
        ("can do, thanks", False),
        ("see https://example.com/?a=1 for that", False),
        ("what a relief", True),
    ],
)
def test_a_question_has_the_form_of_one(text: str, asks: bool) -> None:
    assert is_question(text) is asks
