"""Reads the cards of advice as people see them, so that tests name what a card says and not how it is built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.chat.advice.buttons import Choice
from bot.chat.advice.shown import Part
from bot.chat.kit.text import read_back
from bot.chat.kit.words import words
from bot.local import Answer, Person, Seen
from bot.local.views import BUTTON, TEXT_DISPLAY

PRIMARY, SUCCESS = 1, 3


@dataclass(frozen=True, slots=True)
class ShownCard:
    """One card. What is not on it is empty."""

    above: str
    verdict: str
    """Its sign and words; of choices and of none, nothing."""
    heading: str
    asked: str
    advice: str
    note: str
    adapted: str
    help: str
    worry: str
    words: str
    """The words to send, out of their block."""
    why: str
    buttons: Mapping[str, str]
    """The custom ids (of links: the addresses) by label."""
    pressed: frozenset[str]
    """The labels of buttons that stand out."""
    menu: tuple[str, ...]
    """What can be chosen from an answer's menu."""

    def leading_to(self, kind: str) -> dict[str, str]:
        """The entries that buttons of a kind (`next`, `choose`) lead to, by label."""
        return {label: each.split(":")[-1] for label, each in self.buttons.items() if f"rsvno:{kind}:" in each}


def read_card(seen: Seen) -> ShownCard:
    """Reads a message that holds a card."""
    return read_components([dict(each) for each in seen.components])


def read_components(components: list[dict[str, Any]]) -> ShownCard:
    """Reads a card from its components, in reading order."""
    texts = [each for each in components if each["type"] == TEXT_DISPLAY]
    by_part = {each.get("id"): str(each["content"]) for each in texts}
    asked = next((str(each["content"]) for each in texts if each.get("id", 0) >= 1_000_000), "")
    verdict, _, heading = by_part.get(Part.HEADING, "").rpartition("### ")
    said = by_part.get(Part.WORDS, "")
    shown_buttons = [each for each in components if each["type"] == BUTTON]
    options = [each["value"] for one in components for each in one.get("options", []) if ":more:" in one["custom_id"]]
    return ShownCard(
        above=by_part.get(Part.ABOVE, ""),
        verdict=verdict.replace("*", "").strip(),
        heading=read_back(heading),
        asked=asked.removeprefix("-# "),
        advice=by_part.get(Part.ADVICE, ""),
        note=by_part.get(Part.NOTE, ""),
        adapted=by_part.get(Part.ADAPTED, ""),
        help=by_part.get(Part.HELP, ""),
        worry=by_part.get(Part.WORRY, ""),
        words=said.split("```")[1].strip("\n") if said else "",
        why=by_part.get(Part.WHY, ""),
        buttons={str(each.get("label")): str(each.get("custom_id") or each.get("url")) for each in shown_buttons},
        pressed=frozenset(str(each.get("label")) for each in shown_buttons if each.get("style") in (PRIMARY, SUCCESS)),
        menu=tuple(options),
    )


async def pick(person: Person, message: Seen, choice: Choice) -> Answer:
    """Chooses from an answer's menu."""
    [menu] = [each for each in message.menus if ":more:" in each.custom_id]
    assert words(f"more.{choice}") in menu.options
    return await person.choose(message, str(choice), custom_id=menu.custom_id)
