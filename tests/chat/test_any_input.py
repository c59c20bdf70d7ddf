"""Whatever is sent to the bot, its forms, its buttons and its files: a value of ours or a fault of ours, never more."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord as library
import pytest
import yaml
from discord.components import TextDisplay
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.advice.editing import as_document, new_id
from bot.advice.fields import Refused, entry_from_form, text_from_words, words_from_text
from bot.chat.advice.shown import MAX_ASKED, asked_line, asked_on
from bot.chat.kit.custom_id import MAX_ID
from bot.chat.kit.item import Item
from bot.chat.kit.layout import code_block
from bot.chat.kit.text import shorten
from bot.chat.kit.words import read_out
from bot.configuration import Settings, load_settings
from bot.documents.faults import RsvnoError, UnusableFile
from bot.documents.plain_text import printable
from bot.evaluation.questions import read_chatter
from bot.guidance.models import Entry
from bot.terminal.checking import check_all

# it registers every button and menu
importlib.import_module("bot.chat.client")
ITEMS = [kind for kind in Item.registered() if kind.__module__.startswith("bot.")]
TEXT = st.text(max_size=60)
some = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def fitting(custom_id: str) -> list[tuple[type[Item[Any]], re.Match[str]]]:
    """The classes whose template fits a custom id."""
    found = [(kind, kind.__discord_ui_compiled_template__.fullmatch(custom_id)) for kind in ITEMS]
    return [(kind, match) for kind, match in found if match is not None]


async def read(kind: type[Item[Any]], custom_id: str, match: re.Match[str]) -> dict[str, Any]:
    """The state that a class reads in a custom id."""
    item = await kind.from_custom_id(None, library.ui.Button(custom_id=custom_id[:MAX_ID]), match)  # type: ignore[arg-type]
    return {part: getattr(item, part) for part in kind._ids.parts}


@pytest.mark.parametrize("kind", ITEMS, ids=lambda kind: kind.__name__)
async def test_a_custom_id_is_read_and_written_as_the_same(kind: type[Item[Any]]) -> None:
    drawn: list[str] = []

    @settings(max_examples=15, deadline=None)
    @given(st.from_regex(kind.__discord_ui_compiled_template__, fullmatch=True))
    def draw(custom_id: str) -> None:
        drawn.append(custom_id)

    draw()
    for custom_id in drawn:
        [(found, match)] = fitting(custom_id)
        assert found is kind
        state = await read(kind, custom_id, match)
        written = ":".join(["rsvno", kind._ids.names[-1], *(str(value) for value in state.values())])
        [(again, match)] = fitting(written)
        assert again is kind
        assert await read(kind, written, match) == state


@some
@given(TEXT | TEXT.map(lambda text: f"rsvno:{text}") | st.sampled_from(ITEMS).flatmap(
    lambda kind: TEXT.map(lambda text: f"rsvno:{kind._ids.names[-1]}:{text}")
))  # fmt: skip
def test_any_custom_id_is_of_one_class_or_of_none(custom_id: str) -> None:
    assert len(fitting(custom_id)) <= 1


FIELDS = st.fixed_dictionaries(
    {
        "question": st.text(max_size=120), "verdict": st.sampled_from(["yes", "no", "how_to", "No"]) | TEXT,
        "advice": st.text(max_size=720), "wordings": st.text(max_size=300), "words": st.text(max_size=300),
    }
)  # fmt: skip


@some
@given(FIELDS)
def test_a_form_is_an_entry_or_refused(fields: dict[str, str]) -> None:
    try:
        entry = entry_from_form(new_id(fields["question"], ()), fields)
    except Refused as refused:
        assert all(line and printable(line) == line for line in refused.lines)
        return
    # what can be an entry can be kept, and is the same when it is read
    assert Entry.model_validate(as_document(entry)) == entry
    entry.model_dump_json().encode()


@some
@given(st.text(max_size=300))
def test_words_to_send_are_read_as_they_are_written(text: str) -> None:
    say = words_from_text(text)
    assert words_from_text(text_from_words(say)) == say


@some
@given(st.text(max_size=300), st.lists(st.text(min_size=1, max_size=20), max_size=3))
def test_an_id_is_made_of_any_question(question: str, taken: list[str]) -> None:
    first = new_id(question, taken)
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", first)
    assert new_id(question, [*taken, first]) not in [*taken, first]


@some
@given(st.text(max_size=500))
def test_any_question_stands_on_a_card_and_is_found_there(asked: str) -> None:
    line, number = asked_line(asked)
    message = SimpleNamespace(components=[TextDisplay({"type": 10, "id": number, "content": line})], embeds=[])
    assert asked_on(message) == shorten(printable(asked), MAX_ASKED)  # type: ignore[arg-type]  # as much of one
    read_out("card.asked", asked)
    assert code_block(asked, 900).count("```") == 2


ANY_YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            [
                "topic", "entries", "people", "slang", "grammar", "messages", "sources", "kind", "links", "on_topic",
                "q", "near_miss", "labelled_servers", "token", "discord", "shards", "count", "ids", "plain",
            ]
        )
        | TEXT,
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@some
@given(raw=st.binary(max_size=300) | ANY_YAML.map(lambda data: yaml.safe_dump(data, allow_unicode=True).encode()))
def test_any_file_is_checked(raw: bytes, tmp_path: Path) -> None:
    for name in ("f.yaml", "config.yaml"):
        path = tmp_path / name
        path.write_bytes(raw)
        report = check_all([path], None)
        assert report.faults or report.lines
        for line in (*report.lines, *map(str, report.faults)):
            assert "\n" not in line
    try:
        assert read_chatter(path)
    except UnusableFile as error:
        assert error.lines


@some
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "RSVNO_TOKEN", "RSVNO_SHARDS__COUNT", "RSVNO_SHARDS__IDS", "RSVNO_SHARDS", "RSVNO_DISCORD__API_URL",
                "RSVNO_KNOWLEDGE", "RSVNO_DATA_FOLDER", "RSVNO_NO_SUCH", "DATABASE_URL", "RSVNO_SHIPPED_KNOWLEDGE",
            ]
        ),
        TEXT | st.sampled_from(["1", "true", "[0]", "https://x", "sqlite:///x"]),
        max_size=4,
    )
)  # fmt: skip
def test_any_environment_is_settings_or_a_fault(environment: dict[str, str]) -> None:
    try:
        made = load_settings(None, environment)
        assert isinstance(made, Settings)
        made.secret_token()
        made.database_url()
    except RsvnoError as error:
        assert all(line and "\n" not in line for line in error.lines)
        token = environment.get("RSVNO_TOKEN", "")
        assert len(token) < 20 or token not in "".join(error.lines)
