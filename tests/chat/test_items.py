"""The base of buttons and menus: what a class declares is what its custom id holds, today as when a card was sent."""

from __future__ import annotations

import dataclasses
import re
from typing import Annotated, Any

import discord as library
import pytest

from bot.chat.advice import buttons, etiquette
from bot.chat.client import RsvnoBot
from bot.chat.guidance import channels, drafts, entries, imports, inbox
from bot.chat.kit.custom_id import MAX_ID
from bot.chat.kit.item import Button, Interaction, Item
from bot.chat.settings import commands as settings
from bot.chat.settings import hello
from bot.guidance.models import Tone

IDS: list[tuple[str, type[Item[Any]], dict[str, Any]]] = [
    ("rsvno:tone:no-debt-in-a-follow", buttons.ToneMenu, {"entry": "no-debt-in-a-follow"}),
    ("rsvno:share:own_a-1:firm", buttons.Share, {"entry": "own_a-1", "tone": Tone.FIRM}),
    ("rsvno:other:a", buttons.Other, {"entry": "a"}),
    ("rsvno:frightened", buttons.Frightened, {}),
    ("rsvno:helpful:1:a", buttons.Helpful, {"entry": "a"}),
    ("rsvno:helpful:0:a", buttons.NotHelpful, {"entry": "a"}),
    ("rsvno:remove:9223372036854775808", buttons.Remove, {"asker": 2**63}),
    ("rsvno:choose:42:a", buttons.Choose, {"asker": 42, "entry": "a"}),
    ("rsvno:neither:a", buttons.Neither, {"besides": "a"}),
    ("rsvno:topics", buttons.BrowseTopics, {}),
    ("rsvno:say:no-debt-in-a-follow:firm", buttons.Say, {"entry": "no-debt-in-a-follow", "tone": Tone.FIRM}),
    ("rsvno:next:a", buttons.Next, {"entry": "a"}),
    ("rsvno:back:a:warm:", buttons.Back, {"entry": "a", "tone": Tone.WARM, "marks": ""}),
    ("rsvno:undo:a", buttons.Undo, {"entry": "a"}),
    (
        "rsvno:more:a:brief:hwy:3:0",
        buttons.More,
        {"entry": "a", "tone": Tone.BRIEF, "marks": "hwy", "helpful": 3, "unhelpful": 0},
    ),
    ("rsvno:topic", buttons.TopicMenu, {}),
    ("rsvno:entries:follow_back", buttons.EntryMenu, {"topic": "follow_back"}),
    ("rsvno:page:follow_back:1", buttons.TopicPage, {"topic": "follow_back", "page": 1}),
    ("rsvno:page::0", buttons.BackToTopics, {}),
    ("rsvno:forget", etiquette.ForgetMe, {}),
    ("rsvno:own:edit:a", entries.EditEntry, {"entry": "a"}),
    ("rsvno:own:remove:a", entries.RemoveEntry, {"entry": "a"}),
    ("rsvno:own:yes_remove:a", entries.ConfirmRemoval, {"entry": "a"}),
    ("rsvno:own:history:a", entries.EntryHistory, {"entry": "a"}),
    ("rsvno:own:channels:a", channels.EntryChannels, {"entry": "a"}),
    ("rsvno:draft:save:0123456789abcdef", drafts.SaveDraft, {"draft": "0123456789abcdef"}),
    ("rsvno:draft:edit:0123456789abcdef", drafts.EditDraft, {"draft": "0123456789abcdef"}),
    ("rsvno:draft:cancel:0123456789abcdef", drafts.CancelDraft, {"draft": "0123456789abcdef"}),
    ("rsvno:draft:theirs:0123456789abcdef", drafts.KeepTheirs, {"draft": "0123456789abcdef"}),
    ("rsvno:draft:both:0123456789abcdef", drafts.LookAtBoth, {"draft": "0123456789abcdef"}),
    ("rsvno:list:earlier:0:", entries.EarlierEntries, {"page": 0, "search": ""}),
    ("rsvno:list:later:12:a: b\n", entries.LaterEntries, {"page": 12, "search": "a: b\n"}),
    ("rsvno:import:0123456789abcdef", imports.ConfirmImport, {"plan": "0123456789abcdef"}),
    ("rsvno:inbox:page:3", inbox.InboxPage, {"position": 3}),
    ("rsvno:inbox:write:7", inbox.WriteEntry, {"first": 7}),
    ("rsvno:inbox:wording:7", inbox.AddWording, {"first": 7}),
    ("rsvno:inbox:dismiss:7", inbox.Dismiss, {"first": 7}),
    ("rsvno:inbox:to:7", inbox.WordingMenu, {"first": 7}),
    ("rsvno:setting:listening", settings.Listening, {}),
    ("rsvno:setting:channels", settings.Channels, {}),
    ("rsvno:setting:eagerness", settings.Eagerness, {}),
    ("rsvno:setting:answers", settings.Answers, {}),
    ("rsvno:setting:roles", settings.Roles, {}),
    ("rsvno:setting:inbox", settings.Inbox, {}),
    ("rsvno:setting:audience", settings.Audience, {}),
    ("rsvno:setting:time_zone", settings.TimeZone, {}),
    ("rsvno:settings:0", settings.LessSettings, {}),
    ("rsvno:settings:1", settings.MoreSettings, {}),
    ("rsvno:listen:here", hello.ListenHere, {}),
    ("rsvno:listen:choose", hello.ChooseChannels, {}),
    ("rsvno:listen:mentioned", hello.OnlyMentioned, {}),
    ("rsvno:listen-channels", hello.ListenChannels, {}),
]
"""Custom ids that are under messages out there: none of them may ever be lost."""


def fitting(custom_id: str) -> list[tuple[type[Item[Any]], re.Match[str]]]:
    """The classes whose template fits a custom id, as discord.py looks them up."""
    found = [(kind, kind.__discord_ui_compiled_template__.fullmatch(custom_id)) for kind in Item.registered()]
    return [(kind, match) for kind, match in found if match is not None]


@pytest.mark.parametrize(("custom_id", "kind", "state"), IDS, ids=[custom_id for custom_id, _, _ in IDS])
async def test_an_id_that_is_out_there_finds_its_class_and_state(
    custom_id: str, kind: type[Item[Any]], state: dict[str, Any]
) -> None:
    [(found, match)] = fitting(custom_id)
    assert found is kind
    item = await found.from_custom_id(None, library.ui.Button(custom_id=custom_id), match)  # type: ignore[arg-type]
    assert {name: getattr(item, name) for name in state} == state
    assert item.custom_id == custom_id


@pytest.mark.parametrize(("custom_id", "kind", "state"), IDS, ids=[custom_id for custom_id, _, _ in IDS])
def test_a_class_writes_the_ids_that_are_out_there(
    custom_id: str, kind: type[Item[Any]], state: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind, "draw", lambda self: library.ui.Button())
    fields = dataclasses.fields(kind)  # type: ignore[arg-type]  # it is one
    names = [each.name for each in fields if each.kw_only]
    assert kind(**state, **dict.fromkeys(names)).custom_id == custom_id


async def test_each_class_is_registered_with_the_client_and_listed_here(bot: RsvnoBot) -> None:
    registered = {kind for kind in Item.registered() if kind.__module__.startswith("bot.")}
    assert registered == {kind for _, kind, _ in IDS}
    held = set(bot._connection._view_store._dynamic_items.values())
    assert registered <= held


def test_each_class_does_something() -> None:
    for _, kind, _ in IDS:
        assert kind.act is not Item.act or kind._press is not None, kind


def test_a_state_that_no_id_can_hold_is_an_error() -> None:
    with pytest.raises(ValueError, match="template"):
        buttons.Neither("No Such Thing")
    with pytest.raises(ValueError, match=f"at most {MAX_ID}"):
        buttons.Neither("a" * MAX_ID)
    with pytest.raises(TypeError, match="annotate"):

        class Unbounded(Button, name="test-unbounded"):
            text: str

    with pytest.raises(TypeError, match="taken by Other"):

        class Again(Button, name="other"):
            pass


def test_what_is_only_drawn_is_not_in_the_id() -> None:
    class Shown(Button, name="test-shown"):
        number: Annotated[int, r"\d{1,3}"]
        label: str = dataclasses.field(kw_only=True)

        def draw(self) -> library.ui.Button[Any]:
            return library.ui.Button(label=self.label)

        async def act(self, interaction: Interaction) -> None:
            raise AssertionError

    shown = Shown(7, label="seven")
    with pytest.raises(NotImplementedError, match="no longer drawn"):
        buttons.Other("a")
    assert shown.custom_id == "rsvno:test-shown:7"
    assert shown.item.label == "seven"
