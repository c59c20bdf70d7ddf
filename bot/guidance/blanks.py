"""Blanks in words to send, such as {event}: what a text names for them, and how they are filled.

A name is taken only where the text shows clearly that it is one: in quotes, after 'called' or 'named', or written with
a capital beside the word that says what it is (`the Knitters group`, `from Dana`). What is not named stays a blank, for
the person to fill: a wrong name in ready words would embarrass whoever sends them. So would a link, which anybody can
put between quotes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.documents.plain_text import printable

KINDS: Mapping[str, tuple[str, ...]] = {
    "group": ("group chat", "book club", "group", "club", "chat", "server", "community", "circle"),
    "event": (
        "birthday party", "baby shower", "bridal shower", "housewarming party", "housewarming", "wedding", "party",
        "dinner", "barbecue", "bbq", "meetup", "concert", "reunion", "event", "picnic", "brunch", "game night",
        "webinar", "workshop", "launch", "shower", "birthday", "gala", "conference", "retreat", "potluck", "festival",
        "game",
    ),
    "page": ("fan page", "business page", "page", "shop", "channel", "newsletter", "blog", "profile"),
    "app": ("app", "mobile game", "game"),
}  # fmt: skip
"""The words that say what is named. For events, the word itself will do: 'the wedding'."""
MOST_NAME = 40
"""Characters of a name."""

# every repetition has an end, and no name begins within a word: the time grows with the text's length alone
_QUOTED = rf"[\"“'‘«](?P<name>[^\"”'’»{{}}]{{2,{MOST_NAME}}})[\"”'’»]"
_CAPITAL = r"[A-Z][\w&'-]{0,30}(?![\w&'-])"
_CAPITALS = rf"(?<![\w&'-])(?P<name>{_CAPITAL}(?: (?:of |the |and |& )?{_CAPITAL}){{0,4}})"
_FROM = re.compile(r"\b(?:from|by) (?P<name>[A-Z][a-z]{1,20})\b")
_LEADING = re.compile(r"^(?:I|My|The|A|An|Our|Should|Do|How|Can|He|She|They|Is|If|When|On|In) ")
_LINK_OR_MARK = re.compile(r"://|[<>\[\]{}]|\.\w{1,20}/|www\.", re.IGNORECASE)
"""What no name holds, but links, invites to a server and Discord's own marks do."""
_BLANK = re.compile(r"\{(\w{1,20})\}")


def _patterns(kinds: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    words = f"(?i:{'|'.join(map(re.escape, kinds))})"
    return tuple(
        re.compile(pattern)
        for pattern in (
            rf"\b{words} (?i:(?:called|named) ?)?{_QUOTED}",
            rf"{_QUOTED} {words}\b",
            rf"\b{words} (?i:called|named) {_CAPITALS}",
            rf"{_CAPITALS} {words}\b",
        )
    )


_NAMING = {blank: _patterns(kinds) for blank, kinds in KINDS.items()}
_OCCASIONS = tuple(
    (kind, re.compile(rf"\b{kind}\b", re.IGNORECASE))
    for kind in KINDS["event"]
    if kind not in ("event", "game", "launch")
)


def blanks_in(text: str) -> dict[str, str]:
    """Returns what `text` names, by blank: a group's, page's or app's name, an event, a person, never a guess.

    A name has at most 40 characters, and is neither a link nor anything that Discord would make of it.
    """
    text = printable(text)
    found: dict[str, str] = {}
    for blank, patterns in _NAMING.items():
        name = _named(text, patterns)
        if name is not None:
            found[blank] = name
    if "event" not in found:
        occasion = next((kind for kind, pattern in _OCCASIONS if pattern.search(text)), None)
        if occasion is not None:
            found["event"] = f"the {occasion}"
    person = _FROM.search(text)
    if person is not None and person["name"] not in found.values():
        found["name"] = person["name"]
    return found


def _named(text: str, patterns: tuple[re.Pattern[str], ...]) -> str | None:
    for pattern in patterns:
        match = pattern.search(text)
        name = _LEADING.sub("", match["name"].strip()).strip() if match is not None else ""
        if name and name.lower() not in ("i", "my", "the", "a") and _is_name(name):
            return name
    return None


def _is_name(text: str) -> bool:
    return len(text) <= MOST_NAME and _LINK_OR_MARK.search(text) is None


def fill(words: str, named: Mapping[str, str]) -> str:
    """Returns words to send with every blank that is named filled; the others stay as they are."""
    return _BLANK.sub(lambda blank: named.get(blank[1], blank[0]), words)
