"""Whatever we send, Discord takes: cut in one place, through which all goes."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import discord as library
from hypothesis import given, settings
from hypothesis import strategies as st

import bot.chat
from bot.chat.kit.card import Card
from bot.chat.kit.sending import choices, fitted, fitted_form
from bot.chat.kit.text import safe

SENDING = {"send_message", "edit_message", "edit_original_response", "send_modal", "send"}
"""What discord.py calls that which sends words."""
LONG = st.integers(0, 3000).flatmap(lambda length: st.sampled_from(["_", "* ", "a b", " ", "\\", "é"]).map(
    lambda sign: safe(sign * length) if length % 2 else sign * length
))  # fmt: skip
TEXT = st.text(max_size=80) | LONG
some = settings(max_examples=60, deadline=None)


def test_nothing_is_sent_past_it() -> None:
    found = []
    for file in Path(bot.chat.__path__[0]).rglob("*.py"):
        if file.name == "sending.py":
            continue
        calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
        called = [(node.func.attr, node.lineno) for node in calls if isinstance(node.func, ast.Attribute)]
        found += [f"{file.name}:{line}" for name, line in called if name in SENDING]
    assert found == []


@st.composite
def embeds(draw: st.DrawFn) -> library.Embed:
    """Cards of ours and of others, with any words."""
    kind = draw(st.sampled_from([Card, library.Embed]))
    made: library.Embed = kind(title=draw(st.none() | TEXT), description=draw(TEXT))
    if draw(st.booleans()):
        made.set_author(name=draw(TEXT))
    if draw(st.booleans()):
        made.set_footer(text=draw(TEXT))
    for _ in range(draw(st.integers(0, 25))):
        made.add_field(name=draw(TEXT), value=draw(TEXT))
    return made


@some
@given(st.none() | TEXT, embeds())
def test_content_and_cards_fit(content: str | None, embed: library.Embed) -> None:
    sent = fitted(content=content, embed=embed)
    assert len(sent["content"] or "") <= 2000
    assert not content or sent["content"].strip()
    card = sent["embed"].to_dict()
    assert len(card.get("title", "")) <= 256
    assert len(card.get("description", "")) <= 4096
    assert len(card.get("author", {}).get("name", "")) <= 256
    assert len(card.get("footer", {}).get("text", "")) <= 2048
    assert len(card.get("fields", [])) <= 25
    for field in card.get("fields", []):
        assert field["name"].strip()
        assert field["value"].strip()
        assert len(field["name"]) <= 256
        assert len(field["value"]) <= 1024
    assert len(library.Embed.from_dict(card)) <= 6000


@some
@given(TEXT, TEXT, st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=25))
async def test_buttons_and_menus_fit(label: str, placeholder: str, options: list[tuple[str, str]]) -> None:
    menu: Any = library.ui.Select(placeholder=placeholder)
    for at, (text, description) in enumerate(options):
        menu.append_option(library.SelectOption(label=text, value=str(at), description=description))
    view = library.ui.View()
    view.add_item(library.ui.Button(label=label, custom_id="x")).add_item(menu)
    view.add_item(library.ui.ChannelSelect(placeholder=placeholder))
    buttons, menus, channels = fitted(view=view)["view"].to_components()
    assert 0 < len(buttons["components"][0]["label"]) <= 80
    for row in (menus, channels):
        assert len(row["components"][0].get("placeholder") or "") <= 150
    held = menus["components"][0]["options"]
    assert len(held) == len(options)
    for option in held:
        assert option["label"].strip()
        assert len(option["label"]) <= 100
        assert len(option.get("description") or "") <= 100


@some
@given(TEXT, TEXT, TEXT, TEXT)
async def test_forms_fit_and_what_they_hold_is_whole(title: str, label: str, hint: str, held: str) -> None:
    form = library.ui.Modal(title=title, custom_id="x")
    field: Any = library.ui.TextInput(placeholder=hint, default=held)
    form.add_item(library.ui.Label(text=label, description=hint, component=field))
    sent = fitted_form(form).to_dict()
    assert sent["title"].strip()
    assert len(sent["title"]) <= 45
    drawn = sent["components"][0]
    assert drawn["label"].strip()
    assert len(drawn["label"]) <= 45
    assert len(drawn.get("description") or "") <= 100
    assert len(drawn["component"].get("placeholder") or "") <= 100
    assert (drawn["component"].get("value") or "") == held


@some
@given(st.lists(st.tuples(TEXT, TEXT), max_size=40))
def test_suggestions_fit(found: list[tuple[str, str]]) -> None:
    made = choices(found)
    assert len(made) <= 25
    for choice in made:
        assert choice.name.strip()
        assert len(choice.name) <= 100
        # a value that is cut would be another
        assert choice.value in [value for _, value in found]
        assert 0 < len(choice.value) <= 100
