"""Blanks in words to send, such as {event}: what a text names for them, and how they are filled.

A name is taken only where the text shows clearly that it is one: in quotes, after 'called' or 'named', or written with
a capital beside the word that says what it is (`the Knitters group`, `from Dana`). What is not named stays a blank, for
the person to fill: a wrong name in ready words would embarrass whoever sends them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

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

_QUOTED = r"[\"“'‘«](?P<quoted>[^\"”'’»{}]{2,40})[\"”'’»]"
_CAPITALS = r"(?P<name>[A-Z][\w&'-]*(?: (?:of |the |and |& )?[A-Z][\w&'-]*){0,4})"
_FROM = re.compile(r"\b(?:from|by)\s+(?P<name>[A-Z][a-z]{1,20})\b")
_LEADING = re.compile(r"^(?:I|My|The|A|An|Our|Should|Do|How|Can|He|She|They|Is|If|When|On|In)\s+")


def blanks_in(text: str) -> dict[str, str]:
    """Returns what `text` names, by blank: a group's, page's or app's name, an event, a person, never a guess."""
    found: dict[str, str] = {}
    for blank, kinds in KINDS.items():
        name = _named(text, kinds)
        if name is not None:
            found[blank] = name
    if "event" not in found:
        for kind in KINDS["event"]:
            if kind not in ("event", "game", "launch") and re.search(rf"\b{kind}\b", text, re.IGNORECASE):
                found["event"] = f"the {kind}"
                break
    person = _FROM.search(text)
    if person is not None and person["name"] not in found.values():
        found["name"] = person["name"]
    return found


def _named(text: str, kinds: tuple[str, ...]) -> str | None:
    words = "|".join(re.escape(kind) for kind in kinds)
    for pattern in (
        rf"\b(?i:{words})\s+(?i:called|named)?\s*{_QUOTED}",
        rf"{_QUOTED}\s+(?i:{words})\b",
        rf"\b(?i:{words})\s+(?i:called|named)\s+{_CAPITALS}",
        rf"{_CAPITALS}\s+(?i:{words})\b",
    ):
        match = re.search(pattern, text)
        if match is None:
            continue
        name = match.groupdict().get("quoted") or match.groupdict().get("name") or ""
        name = _LEADING.sub("", name).strip()
        if name and name.lower() not in ("i", "my", "the", "a"):
            return name
    return None


def fill(words: str, named: Mapping[str, str]) -> str:
    """Returns words to send with every blank that is named filled; the others stay as they are."""
    return re.sub(r"\{(\w+)\}", lambda blank: named.get(blank[1], blank[0]), words)
