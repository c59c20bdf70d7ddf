"""Walks everything that Discord could refuse or a person could stumble over: names, lengths, words, custom ids."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from discord import app_commands

import bot.chat
from bot.advice.advisor import Advice, Advisor
from bot.advice.asking import Asked
from bot.chat.advice import card as cards
from bot.chat.advice.buttons import answer_view, choices_view
from bot.chat.client import RsvnoBot
from bot.chat.kit.text import as_text, read_back, safe
from bot.chat.kit.words import Text, catalogue, words
from bot.guidance.facts import MAX_ASK, MAX_LABEL
from bot.guidance.models import Entry, Library, Tone
from bot.local.limits import check_commands
from bot.matching.policies import Outcome
from bot.matching.ranking import Match

FOLDER = Path(bot.chat.__file__).parent
LANGUAGES = sorted(path.stem for path in (FOLDER / "languages").glob("*.yaml"))

Node = app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu


def nodes(bot: RsvnoBot) -> Iterator[Node]:
    """Every command, group and subcommand."""
    for command in bot.tree.get_commands():
        yield command
        if isinstance(command, app_commands.Group):
            yield from command.walk_commands()


async def test_commands_have_unique_names_descriptions_and_keep_the_limits(bot: RsvnoBot) -> None:
    check_commands([command.to_dict(bot.tree) for command in bot.tree.get_commands()])
    names = Counter(node.qualified_name for node in nodes(bot))
    assert all(count == 1 for count in names.values()), names
    for node in nodes(bot):
        if isinstance(node, app_commands.ContextMenu):
            continue
        assert len(node.description) > 10, node.qualified_name
        for parameter in node.parameters if isinstance(node, app_commands.Command) else []:
            assert len(str(parameter.description)) > 5, (node.qualified_name, parameter.name)


async def test_every_entry_makes_a_card_that_discord_takes(bot: RsvnoBot, library: Library) -> None:
    for entry in library.entries:
        for tone in Tone:
            advice = bot.advisor.explain(entry, " ".join(entry.examples[:1]))
            card = cards.answer_card(advice, tone, asked="x" * 4000, note="y" * 200, library=library)
            assert len(card) <= 6000
            assert len(card.title or "") <= 256
            assert len(card.description or "") <= 4096
            assert all(len(field.value or "") <= 1024 and len(field.name or "") <= 256 for field in card.fields)
            assert len(as_text([card])) <= 2000
        for private in (True, False):
            view = answer_view(entry, private=private, asker=2**63)
            ids = [item["custom_id"] for row in view.to_components() for item in row["components"]]
            assert len(ids) == len(set(ids))
            assert all(len(custom_id) <= 100 for custom_id in ids)


def test_the_longest_server_entry_makes_a_card_too(advisor: Advisor) -> None:
    entry = Entry.model_validate(
        {
            "id": "x" * 64, "question": "q" * 100, "verdict": "no", "advice": "a" * 700, "reason": "r" * 500,
            "say": {"warm": "w" * 400, "brief": "b" * 400, "firm": "f" * 400},
        }
    )  # fmt: skip
    card = cards.answer_card(advisor.explain(entry), asked="x" * 4000)
    assert len(card) <= 6000
    match = Match(entry, 0.1)
    listed = Advice("", Outcome.CHOICES, None, 0.1, choices=(match,))
    asked = replace(listed, asked=Asked("a" * MAX_ASK, (("l" * MAX_LABEL, match),)))
    for advice in (listed, asked):
        view = choices_view(advice, private=False, asker=2**63, besides="x" * 64)
        for row in view.to_components():
            for item in row["components"]:
                assert len(item["custom_id"]) <= 100
                assert len(item["label"]) <= 80
    assert len(cards.choices_card(fact="a" * MAX_ASK).title or "") <= 256


def used_keys() -> set[str]:
    """The keys of words that the code names outright."""
    found: set[str] = set()
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("words", "told", "Refusal")
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(str(node.args[0].value))
    return found


def test_all_words_that_the_code_names_exist() -> None:
    assert used_keys() - set(catalogue("en")) == set()
    assert len(used_keys()) > 40


def test_the_code_has_a_use_for_all_words() -> None:
    outright: set[str] = set()
    begun: list[str] = []
    for path in [*FOLDER.rglob("*.py"), *(FOLDER.parent / "advice").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                outright.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begun.append(str(node.values[0].value))
    beginnings = tuple(text for text in begun if re.fullmatch(r"\w+\.\w*", text))
    unused = {key for key in catalogue("en") if key not in outright and not key.startswith(beginnings)}
    assert unused == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_the_same_blanks_as_english(language: str) -> None:
    english = catalogue("en")
    for key, text in catalogue(language).items():
        forms = [text] if isinstance(text, str) else list(text.values())
        allowed = other(english[key])
        assert blanks(other(text)) == blanks(allowed), key
        for form in forms:
            assert set(blanks(form)) <= set(blanks(allowed)), key
            if key.startswith("button."):
                assert len(form) <= 80
            if key.startswith("command."):
                assert len(form) <= 100


def other(text: Text) -> str:
    """A text, or the last of its plural forms, which all languages have."""
    return text if isinstance(text, str) else text["other"]


def blanks(text: object) -> list[str]:
    """The names of the blanks in a text."""
    return sorted(re.findall(r"\{(\w+)\}", str(text)))


def test_words_are_filled_in_and_unknown_ones_are_an_error() -> None:
    assert "3 seconds" in words("error.too_fast", count=3)
    with pytest.raises(KeyError):
        words("no.such.words")


@pytest.mark.parametrize(
    "text", ["plain words", "a * b _ c ` d", "<@1> @everyone", "https://example.com/a_b", "\\*x\\*"]
)
def test_what_is_made_safe_can_be_read_back_for_matching(text: str) -> None:
    shown = safe(text)
    assert "@everyone" not in shown
    assert re.search(r"(?<!\\)<@", shown) is None
    assert read_back(safe("do i follow back (my boss)? it's _odd_")) == ("do i follow back (my boss)? it's _odd_")
