"""A regular expression engine that counts its steps: what Python's own does, without its shortcuts, and no clock.

It walks the tree that Python's parser makes, tries what Python would try, in that order, and counts each character or
position that is looked at. So a count is never less than what a real search costs, up to a constant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from re import _constants as codes  # type: ignore[attr-defined]  # the parser is not public, and there is no other
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

__all__ = ["Stepping", "codes", "parser"]

Node = tuple[Any, Any]
Next = Callable[[int], int | None]


class Stepping:
    """A compiled pattern whose searches are counted."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._tree: Sequence[Node] = list(parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))
        self._flags = pattern.flags
        self._text = ""
        self._groups: dict[int, tuple[int, int]] = {}
        self.steps = 0

    def all_matches(self, text: str) -> int:
        """Searches for all matches, as `finditer` and `sub` do; returns the steps that it took."""
        self.steps = 0
        self._text = text
        at = 0
        while at <= len(text):
            self._groups = {}
            end = self._sequence(self._tree, 0, at, lambda position: position)
            at = max(end, at + 1) if end is not None else at + 1
        return self.steps

    def _sequence(self, nodes: Sequence[Node], number: int, at: int, then: Next) -> int | None:
        if number == len(nodes):
            return then(at)
        return self._node(nodes[number], at, lambda position: self._sequence(nodes, number + 1, position, then))

    def _node(self, node: Node, at: int, then: Next) -> int | None:
        kind, value = node
        self.steps += 1
        width = self._single(node, at)
        if width is not None:
            return then(at + 1) if width else None
        if kind is codes.AT:
            return then(at) if self._holds(value, at) else None
        if kind is codes.BRANCH:
            for branch in value[1]:
                end = self._sequence(list(branch), 0, at, then)
                if end is not None:
                    return end
            return None
        if kind is codes.SUBPATTERN:
            group, add, drop, inner = value
            flags, self._flags = self._flags, (self._flags | add) & ~drop

            def leave(position: int) -> int | None:
                within, self._flags = self._flags, flags
                held = self._groups.get(group)
                if group is not None:
                    self._groups[group] = (at, position)
                end = then(position)
                if end is None:
                    self._flags = within
                    if group is not None:
                        self._groups.pop(group, None) if held is None else self._groups.__setitem__(group, held)
                return end

            end = self._sequence(list(inner), 0, at, leave)
            self._flags = flags
            return end
        if kind in (codes.ASSERT, codes.ASSERT_NOT):
            direction, inner = value
            found = self._looks(list(inner), at, direction)
            return then(at) if found == (kind is codes.ASSERT) else None
        if kind in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            return self._repeat(kind, value, at, then)
        if kind is codes.ATOMIC_GROUP:
            end = self._sequence(list(value), 0, at, lambda position: position)
            return then(end) if end is not None else None
        if kind is codes.GROUPREF:
            start, stop = self._groups.get(value, (0, -1))
            held = self._text[start:stop]
            self.steps += len(held)
            return then(at + len(held)) if stop >= 0 and self._text.startswith(held, at) else None
        if kind is codes.FAILURE:
            return None
        raise NotImplementedError(kind)

    def _looks(self, inner: Sequence[Node], at: int, direction: int) -> bool:
        if direction > 0:
            return self._sequence(inner, 0, at, lambda position: position) is not None
        low, high = parser_width(inner)
        return any(
            self._sequence(inner, 0, at - width, lambda position: position if position == at else None) is not None
            for width in range(low, min(high, at) + 1)
            if width <= at
        )

    def _repeat(self, kind: Any, value: Any, at: int, then: Next) -> int | None:
        least, most, inner = value
        nodes = list(inner)
        if len(nodes) == 1 and self._single(nodes[0], at) is not None:
            return self._repeat_single(kind, nodes[0], least, most, at, then)
        if kind is codes.POSSESSIVE_REPEAT:
            count = 0
            while count < most:
                end = self._sequence(nodes, 0, at, lambda position: position)
                if end is None or end == at:
                    break
                at, count = end, count + 1
            return then(at) if count >= least else None

        def again(position: int, count: int) -> int | None:
            def more() -> int | None:
                if count >= most:
                    return None
                return self._sequence(
                    nodes, 0, position,
                    lambda reached: again(reached, count + 1) if reached > position or count < least else None,
                )  # fmt: skip

            if count < least:
                return more()
            if kind is codes.MIN_REPEAT:
                end = then(position)
                return end if end is not None else more()
            end = more()
            return end if end is not None else then(position)

        return again(at, 0)

    def _repeat_single(self, kind: Any, node: Node, least: int, most: int, at: int, then: Next) -> int | None:
        count = 0
        if kind is codes.MIN_REPEAT:
            while True:
                if count >= least:
                    end = then(at + count)
                    if end is not None:
                        return end
                self.steps += 1
                if count >= most or not self._single(node, at + count):
                    return None
                count += 1
        while count < most and self._single(node, at + count):
            self.steps += 1
            count += 1
        if kind is codes.POSSESSIVE_REPEAT:
            return then(at + count) if count >= least else None
        while count >= least:
            self.steps += 1
            end = then(at + count)
            if end is not None:
                return end
            count -= 1
        return None

    # --------------------------------------------------------- single characters

    def _single(self, node: Node, at: int) -> bool | None:
        """Whether the character at a position fits; None: the node is not about a single character."""
        kind, value = node
        if kind not in (codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN):
            return None
        if at >= len(self._text):
            return False
        character = self._text[at]
        forms = {character}
        if self._flags & re.IGNORECASE:
            forms |= {character.lower(), character.upper()}
        if kind is codes.ANY:
            return bool(self._flags & re.DOTALL) or character != "\n"
        if kind is codes.IN:
            return any(self._in_set(value, form) for form in forms if len(form) == 1)
        fits = any(ord(form) == value for form in forms if len(form) == 1)
        return fits == (kind is codes.LITERAL)

    def _in_set(self, items: Sequence[Node], character: str) -> bool:
        negated = bool(items[0][0] is codes.NEGATE)
        return any(self._fits(item, character) for item in items[negated:]) != negated

    def _fits(self, item: Node, character: str) -> bool:
        kind, value = item
        if kind is codes.LITERAL:
            return bool(ord(character) == value)
        if kind is codes.RANGE:
            return bool(value[0] <= ord(character) <= value[1])
        return is_of(value, character)

    def _holds(self, place: Any, at: int) -> bool:
        text, end = self._text, len(self._text)
        multiline = bool(self._flags & re.MULTILINE)
        if place in (codes.AT_BEGINNING, codes.AT_BEGINNING_STRING):
            return at == 0 or (multiline and place is codes.AT_BEGINNING and text[at - 1] == "\n")
        if place is codes.AT_END:
            return at == end or (text[at] == "\n" and (multiline or at == end - 1))
        if place is codes.AT_END_STRING:
            return at == end
        before = at > 0 and is_word(text[at - 1])
        behind = at < end and is_word(text[at])
        return (before != behind) == (place is codes.AT_BOUNDARY)


def is_word(character: str) -> bool:
    """Whether a character is one of a word, as `\\w` sees it."""
    return character.isalnum() or character == "_"


def is_of(category: Any, character: str) -> bool:
    """Whether a character is of one of the parser's categories."""
    name = str(category)
    kind = {"DIGIT": character.isdigit(), "SPACE": character.isspace(), "WORD": is_word(character)}
    return bool(kind[name.rsplit("_", 1)[1]] != ("_NOT_" in name))


def parser_width(nodes: Sequence[Node]) -> tuple[int, int]:
    """The least and the most characters that nodes can match."""
    made = parser.SubPattern(parser.State())
    made.data = list(nodes)
    low, high = made.getwidth()
    return int(low), int(high)
