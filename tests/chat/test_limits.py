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
from hypothesis import given, settings
from hypothesis import strategies as st
from simcord.components import COMPONENTS_V2_FLAG, validate_components

import bot.chat
from bot.advice.advisor import Advice, Advisor, Help
from bot.advice.asking import Asked
from bot.chat.advice import card as cards
from bot.chat.advice.buttons import More
from bot.chat.advice.shown import Mark, Part, Shown, asked_line, marks_of
from bot.chat.client import RsvnoBot
from bot.chat.kit import layout
from bot.chat.kit.layout import MOST_COMPONENTS, MOST_SHOWN, TEXT, Layout, walk
from bot.chat.kit.sending import fitted
from bot.chat.kit.text import read_back, safe
from bot.chat.kit.words import Text, catalogue, words
from bot.guidance.danger import Link
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


def taken(view: Layout) -> list[dict[str, Any]]:
    """What is sent of a layout, once it was looked at as Discord looks at it."""
    sent = fitted(view=view)["view"].to_components()
    validate_components(sent, flags=COMPONENTS_V2_FLAG)
    everything = list(walk(sent))
    assert len(everything) <= MOST_COMPONENTS
    assert sum(len(each["content"]) for each in everything if each["type"] == TEXT) <= MOST_SHOWN
    return everything


async def test_every_entry_makes_a_card_that_discord_takes(bot: RsvnoBot, library: Library) -> None:
    for entry in library.entries:
        for tone in Tone:
            advice = bot.advisor.explain(entry, " ".join(entry.examples[:1]) if not entry.safety else "")
            shown = Shown(entry.id, tone, frozenset(Mark), 999, 999, Shown(entry.id), asker=2**63)
            for each in (shown, replace(shown, asker=None), replace(shown, marks=frozenset())):
                asked = asked_line("x" * 4000)
                taken(cards.answer_card(advice, bot.advisor, each, asked=asked, note="y" * 200, above="z" * 200))


def test_the_longest_server_entry_makes_a_card_too(advisor: Advisor) -> None:
    entry = Entry.model_validate(
        {
            "id": "x" * 64, "question": "q" * 100, "verdict": "no", "advice": "a" * 700, "reason": "r" * 500,
            "say": {"warm": "w" * 400, "brief": "b" * 400, "firm": "f" * 400},
        }
    )  # fmt: skip
    shown = Shown(entry.id, marks=frozenset(Mark), helpful=999, unhelpful=999, back=Shown(entry.id), asker=2**63)
    taken(cards.answer_card(advisor.explain(entry), advisor, shown, asked=asked_line("x" * 4000)))
    match = Match(entry, 0.1)
    listed = Advice("", Outcome.CHOICES, None, 0.1, choices=(match,))
    asked = replace(listed, asked=Asked("a" * MAX_ASK, (("l" * MAX_LABEL, match),)))
    nothing = Advice("", Outcome.NONE, None, 0.1, guesses=(entry,))
    for advice in (listed, asked):
        taken(cards.choices_card(advice, presser=2**63, asker=2**63, back=shown, besides=entry.id))
    taken(cards.none_card(nothing, advisor.library, presser=2**63, asker=2**63))


ANY_TEXT = st.text(min_size=1, max_size=400) | st.text(alphabet="`{name} \\*_[]-#\n", min_size=1, max_size=400)


def test_any_answer_makes_a_card_that_discord_takes_and_that_says_what_it_shows(advisor: Advisor) -> None:
    known = next(each for each in advisor.library.entries if len(each.see_also) > 2)

    @settings(max_examples=60, deadline=None)
    @given(
        texts=st.lists(ANY_TEXT.filter(str.strip), min_size=4, max_size=4),
        tones=st.sets(st.sampled_from(list(Tone))),
        marks=st.frozensets(st.sampled_from(list(Mark))),
        asker=st.none() | st.integers(1, 2**63),
        counts=st.tuples(st.integers(0, 5000), st.integers(0, 5000)),
        safety=st.booleans(),
        people=st.integers(0, 20),
    )
    def draw(
        texts: list[str], tones: set[Tone], marks: frozenset[Mark], asker: int | None, counts: tuple[int, int],
        safety: bool, people: int,
    ) -> None:  # fmt: skip
        question, advice, reason, said = (each.strip() for each in texts)
        changes = {"question": question[:100].strip(), "advice": advice, "reason": reason, "safety": safety}
        entry = known.model_copy(update={**changes, "say": dict.fromkeys(tones, said)})
        steps = Help(("h" * 400,) * 4, (Link(label="l" * 80, address="https://example.org"),) * 5) if safety else None
        adapted = tuple(("p" * 80, "a" * 400) for _ in range(people))
        made = Advice(advice * 3, Outcome.ANSWER, entry, 1.0, adaptations=adapted, help=steps)
        shown = Shown(entry.id, Tone.FIRM, marks, *counts, Shown("b"), asker)
        asked = asked_line(question * 9)
        everything = taken(cards.answer_card(made, advisor, shown, asked=asked, note=reason, above=advice))
        [block] = [each["content"] for each in everything if each.get("id") == Part.WORDS] or ["``````"]
        # nothing in the words ends their block
        assert block.count("```") == 2
        assert block.endswith("```")
        [state] = [each["custom_id"] for each in everything if ":more:" in str(each.get("custom_id"))]
        match = More.__discord_ui_compiled_template__.fullmatch(state)
        assert match is not None
        assert (match["entry"], match["tone"], marks_of(match["marks"])) == (entry.id, Tone.FIRM, marks)
        assert (int(match["helpful"]), int(match["unhelpful"])) == tuple(min(count, 999) for count in counts)

    draw()


BLOCKS = st.integers(1, 5000).map(lambda length: f"**x**\n```\n{'w ' * length}\n```")


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.text(max_size=3000) | st.integers(1, 5000).map(lambda n: f"**x**\n```\n{'w ' * n}\n```"), max_size=30)
)
def test_a_layout_is_cut_to_what_discord_takes(contents: list[str]) -> None:
    everything = taken(Layout(*map(layout.text, contents), layout.text("the last")))
    for content, each in zip(contents, everything, strict=False):
        # what can be shown is shown as it is, and a block stays one
        if sum(map(len, contents)) + 8 + len(contents) < MOST_SHOWN:
            assert each["content"] in (content, "\u200b")
        if content.endswith("```") and len(each["content"]) > 20:
            assert each["content"].count("```") == 2
            assert each["content"].endswith("```")


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
