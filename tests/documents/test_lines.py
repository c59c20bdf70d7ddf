"""Lists that are written one item a line under `|`: read, written, and read back as the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from bot.documents.faults import UnusableFile
from bot.documents.validation import Lines, SomeLines, validate
from bot.documents.yaml_text import Block, parse_yaml
from bot.documents.yaml_writing import one_a_line, write_yaml


class Listed(BaseModel):
    """A model with a list that may be a block."""

    items: Lines[str] = ()


class Needed(BaseModel):
    """A model with a list that needs an item."""

    items: SomeLines[str]


def items_of(text: str, model: type[Listed] | type[Needed] = Listed) -> tuple[str, ...]:
    return validate(parse_yaml(text.encode(), "f.yaml"), model).items


def faults_of(text: str, model: type[Listed] | type[Needed] = Listed) -> list[str]:
    with pytest.raises(UnusableFile) as caught:
        items_of(text, model)
    return [str(fault) for fault in caught.value.faults]


def test_a_block_and_a_list_are_the_same() -> None:
    block = "items: |\n  what's \"this\": a [test]?\n  - no, {really}\n  'quoted'\n"
    listed = "items:\n  - 'what''s \"this\": a [test]?'\n  - '- no, {really}'\n  - \"'quoted'\"\n"
    assert items_of(block) == items_of(listed) == ('what\'s "this": a [test]?', "- no, {really}", "'quoted'")


@pytest.mark.parametrize("indicator", ["|", "|-", "|+", "| # one a line"])
def test_blank_lines_and_remarks_are_no_items(indicator: str) -> None:
    lines = ("", "# a remark", "one", "", "#", "   # another", "#promo is a word", "two # not a remark", "", "")
    text = "\n".join(f"  {line}" for line in lines)
    assert items_of(f"items: {indicator}\n{text}") == ("one", "#promo is a word", "two # not a remark")


def test_windows_line_ends_and_indented_lines() -> None:
    assert items_of("items: |\r\n  one\r\n    two  \r\n") == ("one", "two")


def test_each_item_has_its_own_line() -> None:
    document = parse_yaml(b"items: |\n  # a remark\n  one\n\n  two\nmore: x\n", "f.yaml")
    assert [document.line(("items", at)) for at in (0, 1)] == [3, 5]
    assert document.line(("more",)) == 6


def test_a_block_of_nothing_has_no_items() -> None:
    assert items_of("items: |\n  # nothing yet\n") == ()
    assert faults_of("items: |\n  # nothing yet\n", Needed) == ["f.yaml:1: 'items' needs at least one item"]
    assert faults_of("items: []\n", Needed) == ["f.yaml:1: 'items' needs at least one item"]


@pytest.mark.parametrize("text", ["items: one\n", "items: >\n  one\n  two\n", "items: one\n  two\n"])
def test_text_that_yaml_has_folded_into_one_line_is_refused(text: str) -> None:
    assert faults_of(text) == ["f.yaml:1: 'items' must be a list: write 'items: |', and below it, indented, one a line"]


def test_a_list_is_written_as_a_block_where_it_can_be() -> None:
    assert write_yaml({"items": one_a_line(["it's: this", "#promo"])}) == "items: |\n  it's: this\n  #promo\n"
    for item in ("# no remark", " indented", "two\nlines", "a\u2028b", ""):
        assert one_a_line([item]) == [item]
        assert not isinstance(one_a_line([item]), Block)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30), max_size=5))
def test_what_is_written_is_read_back(items: list[str]) -> None:
    text = write_yaml({"before": "x", "items": one_a_line(items)})
    data = parse_yaml(text.encode(), "f.yaml").data["items"]
    read = [item for _, item in data.items()] if isinstance(data, Block) else data
    # an empty text that was quoted stays one, an empty list stays a list
    assert read == items
