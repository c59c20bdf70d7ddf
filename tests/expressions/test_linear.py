"""Every regular expression of the project takes steps that grow with a text's length alone, whatever the text.

Steps are counted by an engine of our own (see `steps`), not seconds by a clock: a count is the same on every machine,
and a quadratic one is four times as much at twice the length.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bot
from bot.chat.kit.item import Item
from bot.guidance import review
from bot.guidance.models import Library
from tests.expressions.steps import Stepping, codes, parser

SHORT = 80
MOST_GROWTH = 2.6
"""Steps at twice the length to those at the length; a little more than 2 for what is paid once."""
NOT_IMPORTED = ("bot.storage.migrations", "bot.__main__")
FUNCTIONS = {"compile", "search", "match", "fullmatch", "sub", "subn", "findall", "finditer", "split"}
OF_WORDS = {
    # made of words that are in our own files or the operator's, or of the bot's own number: letters, and no repetition
    "bot/chat/client.py", "bot/guidance/grammar.py", "bot/guidance/models.py", "bot/guidance/review.py",
    "bot/matching/text.py", "bot/guidance/blanks.py", "bot/advice/fields.py", "bot/chat/kit/item.py",
    "bot/guidance/foreign.py", "bot/chat/kit/form.py", "bot/chat/kit/origin.py",
}  # fmt: skip
"""Files with expressions that are no constants; those that a module keeps are looked at all the same."""


def held(value: Any, depth: int = 0) -> Iterator[re.Pattern[str]]:
    """The patterns in a value, and in what it holds."""
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif depth < 4 and isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from held(each, depth + 1)
    elif depth < 4 and isinstance(value, dict):
        yield from held(list(value.values()), depth + 1)
    elif isinstance(value, type) and value.__module__.startswith("bot."):
        for each in vars(value).values():
            yield from held(each, depth + 3)


def written() -> Iterator[tuple[str, re.Pattern[str]]]:
    """The constant patterns that are handed to one of re's functions; those of `OF_WORDS` are left out."""
    root = Path(bot.__file__).parent
    for path in sorted(root.rglob("*.py")):
        name = f"bot/{path.relative_to(root)}"
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            of_re = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
            if not of_re or node.func.attr not in FUNCTIONS:
                continue
            if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                yield f"{name}:{node.lineno}", re.compile(node.args[0].value)
            else:
                assert name in OF_WORDS, f"{name}:{node.lineno}: an expression that this test cannot see"


def all_patterns() -> dict[str, re.Pattern[str]]:
    """Every expression of the project, by where it is."""
    found: dict[tuple[str, int], tuple[str, re.Pattern[str]]] = {}
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.startswith(NOT_IMPORTED):
            importlib.import_module(module.name)
    for name, loaded in sorted(sys.modules.items()):
        if name == "bot" or name.startswith("bot."):
            for attribute, value in vars(loaded).items():
                for pattern in held(value):
                    found.setdefault((pattern.pattern, pattern.flags), (f"{name}.{attribute}", pattern))
    for place, pattern in written():
        found.setdefault((pattern.pattern, pattern.flags), (place, pattern))
    for kind in Item.registered():
        pattern = kind.__discord_ui_compiled_template__
        found.setdefault((pattern.pattern, pattern.flags), (f"{kind.__name__}.template", pattern))
    return {f"{place}: {pattern.pattern[:60]}": pattern for place, pattern in found.values()}


PATTERNS = all_patterns()


def pieces_of(tree: Any) -> Iterator[str]:
    """Texts that parts of a pattern match: what is repeated most, and what begins a match."""
    for kind, value in tree:
        if kind is codes.LITERAL:
            yield chr(value)
        elif kind is codes.NOT_LITERAL:
            yield "a" if value != ord("a") else "b"
        elif kind is codes.ANY:
            yield "a"
        elif kind is codes.IN:
            yield from (sample for sample in samples(value))
        elif kind is codes.BRANCH:
            for branch in value[1][:40]:
                inner = list(pieces_of(branch))
                yield from inner[:3]
                yield "".join(inner)[:40]
        elif kind is codes.SUBPATTERN:
            inner = list(pieces_of(value[3]))
            yield from inner
            yield "".join(inner)[:40]
        elif kind in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            inner = list(pieces_of(value[2]))
            yield from inner
            yield "".join(inner)[:40]
        elif kind in (codes.ASSERT, codes.ASSERT_NOT):
            yield from pieces_of(value[1])


def samples(items: Any) -> Iterator[str]:
    """Characters that a set holds, one or two of each of its parts."""
    negated = items[0][0] is codes.NEGATE
    if negated:
        excluded = {value for kind, value in items if kind is codes.LITERAL}
        yield next(each for each in "ab1 .:" if ord(each) not in excluded)
        return
    for kind, value in items:
        if kind is codes.LITERAL:
            yield chr(value)
        elif kind is codes.RANGE:
            yield chr(value[0])
        elif kind is codes.CATEGORY:
            yield {"DIGIT": "1", "SPACE": " ", "WORD": "a"}.get(str(value).rsplit("_", 1)[1], "a")


def hostile(pattern: re.Pattern[str], length: int) -> Iterator[str]:
    """Texts of a length that make a search go wrong if anything can: parts of the pattern again and again."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    parts = list(dict.fromkeys(pieces_of(tree)))[:40]
    whole = "".join(pieces_of(tree))[:60]
    repeated = dict.fromkeys([*parts, whole, "a", " ", "A", "1", "/", "(", "[", "{", '"', "\\", "\n", "a ", "a."])
    for piece in repeated:
        if piece:
            again = (piece * length)[:length]
            yield again
            # a beginning of the pattern, then what it repeats, and then what it does not expect
            yield whole[: len(whole) // 2] + again + "\0"
            yield (piece + "\0") * max(1, length // (len(piece) + 1))


@pytest.mark.parametrize("name", list(PATTERNS))
def test_steps_grow_with_the_length_alone(name: str) -> None:
    pattern = PATTERNS[name]
    stepping = Stepping(pattern)
    sys.setrecursionlimit(20_000)
    for short, twice in zip(hostile(pattern, SHORT), hostile(pattern, 2 * SHORT), strict=True):
        first, second = stepping.all_matches(short), stepping.all_matches(twice)
        assert second <= MOST_GROWTH * first + 400, (twice[:80], first, second)


def test_expressions_made_of_words_are_linear_too(library: Library) -> None:
    lexicon = library.lexicon
    made = [pattern for _, pattern in lexicon.grammar.compiled_forms]
    made += [lexicon._people_pattern[0], lexicon._platforms_pattern[0]]
    made += [re.compile(rf"\b(?:{review._any_of(lexicon.plain.declining)})\b", re.IGNORECASE)]
    assert len(made) > 10
    for pattern in made:
        stepping = Stepping(pattern)
        for short, twice in zip(hostile(pattern, 60), hostile(pattern, 120), strict=True):
            first, second = stepping.all_matches(short), stepping.all_matches(twice)
            assert second <= MOST_GROWTH * first + 400, (pattern.pattern[:60], twice[:80], first, second)


def test_all_expressions_are_seen() -> None:
    names = " ".join(PATTERNS)
    for place in (
        "blanks._NAMING",
        "text._MARKS",
        "text._QUOTE_MARK",
        "rsvno:share",
        "metrics.py",
    ):
        assert place in names
    assert len(PATTERNS) > 60


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (r"\[.+\]\(.+\)", "[]("),
        (r"\b(?:a|b)\s+(?:c )?\s*x", "a" + " " * 400),
        (r"(?:a+)+b", "a"),
        (r"[A-Z]\w*\s+x", "A"),
    ],
)
def test_what_is_not_linear_is_found(expression: str, text: str) -> None:
    sys.setrecursionlimit(20_000)
    stepping = Stepping(re.compile(expression))
    length = 7 if expression.startswith("(?:a+)") else 120
    first, second = (stepping.all_matches((text * count)[:count]) for count in (length, 2 * length))
    assert second > MOST_GROWTH * first


@settings(deadline=None)
@given(st.text(alphabet="aAb1 .:/@[](){}<>\"'_-\n\\", max_size=40), st.sampled_from(sorted(PATTERNS)))
def test_the_counting_engine_finds_what_pythons_finds(text: str, name: str) -> None:
    pattern = PATTERNS[name]
    stepping = Stepping(pattern)
    stepping._text = text
    for at in range(len(text) + 1):
        stepping._groups = {}
        found = pattern.match(text, at)
        # `match` at a position takes no anchor before it into account, as the engine does
        expected = found.end() if found is not None else None
        assert stepping._sequence(stepping._tree, 0, at, lambda position: position) == expected
