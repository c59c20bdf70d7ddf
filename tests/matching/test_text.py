"""What people type is made comparable, in bounded time, and never crashes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.guidance.loading import load_library, shipped_knowledge
from bot.matching.relations import relations
from bot.matching.text import MAX_CHARACTERS, Slang, clean

GRAMMAR = load_library([shipped_knowledge()]).lexicon.grammar


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Do I HAVE to follow back???", "do i have to follow back?"),
        ("sooooo do i folllllow", "soo do i folllow".replace("lll", "ll")),
        ("hey <@123456789012345678> thoughts <:smile:123456789012345678>", "hey thoughts"),
        ("see https://example.com/a?b=c now", "see link now"),
        ("```py\nprint(1)\n``` why", "why"),
        ("> quoted\nand `code` here", "quoted and here"),
        ("**really** __bad__", "really bad"),
        ("it’s “fine”", 'it\'s "fine"'),
        ("ｆｏｌｌｏｗ", "follow"),
        ("\u200bzero\u200bwidth", "zerowidth"),
        ("", ""),
    ],
)
def test_clean(typed: str, read: str) -> None:
    assert clean(typed) == read


def test_a_long_message_keeps_its_beginning_and_its_end() -> None:
    cleaned = clean("first words " + "filler " * 2000 + "do i have to accept")
    assert len(cleaned) <= MAX_CHARACTERS + 1
    assert cleaned.startswith("first words")
    assert cleaned.endswith("do i have to accept")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=600))
def test_any_text_can_be_cleaned_and_read(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) <= MAX_CHARACTERS + 1
    relations(Slang({"f4f": "follow for follow", "left on read": "not answered"}).expand(cleaned), GRAMMAR)


def test_slang_is_read_word_by_word() -> None:
    slang = Slang({"f4f": "follow for follow", "u": "you", "left on read": "not answered"})
    assert slang.expand("f4f? u left on read, you") == "follow for follow? you not answered, you"
    assert slang.expand("uf4f") == "uf4f"


@pytest.mark.parametrize(
    ("mine", "theirs", "feature"),
    [
        ("i unfollowed her", "she unfollowed me", "act:end:i:them"),
        ("i invited him", "he invited me", "act:invite:i:them"),
        ("should i follow them", "they follow me", "act:follow:i:them"),
    ],
)
def test_direction_tells_who_did_it(mine: str, theirs: str, feature: str) -> None:
    assert feature in relations(mine, GRAMMAR)
    assert feature not in relations(theirs, GRAMMAR)
    assert feature.replace(":i:them", ":they:me") in relations(theirs, GRAMMAR)
