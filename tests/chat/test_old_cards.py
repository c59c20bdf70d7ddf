"""Cards that were sent as embeds, before the layouts of Components V2, still work: a press turns them into a new card.

The file beside this one holds messages as they were sent then, with `{asker}` for the asker's id.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.chat.client import RsvnoBot
from bot.guidance.models import Tone
from bot.local import Channel, LocalDiscord, Person, Seen
from bot.storage import Database
from tests.chat.cards import read_card

OLD: dict[str, Any] = json.loads(Path(__file__).with_name("cards_before_layouts.json").read_text())
OWED = "someone followed me, do i owe a follow back"
DEBT = "no-debt-in-a-follow"
V2 = 1 << 15

Age = Callable[[Seen, str], Seen]


@pytest.fixture
def channel(discord: LocalDiscord) -> Channel:
    return discord.server().channel("general")


@pytest.fixture
def asker(discord: LocalDiscord, channel: Channel) -> Person:
    assert channel.server_id is not None
    person = discord.person("asker")
    discord.engine.add_member(channel.server_id, person.id, [])
    return person


@pytest.fixture
def aged(discord: LocalDiscord, asker: Person) -> Age:
    """Makes a message what it would have been then."""

    def aged(message: Seen, kind: str) -> Seen:
        stored = discord.engine.message(message.channel_id, message.id)
        assert stored is not None
        old = json.loads(json.dumps(OLD[kind]).replace("{asker}", str(asker.id)))
        stored.content, stored.embeds, stored.components = old["content"], old["embeds"], old["components"]
        stored.flags &= ~V2
        return asker.find(Channel(discord, message.channel_id), message.id)

    return aged


async def test_a_private_answer(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, channel: Channel, asker: Person, aged: Age
) -> None:
    entry = bot.advisor.library.by_id[DEBT]

    async def old() -> Seen:
        return aged((await asker.run(channel, "etiquette ask", question=OWED)).seen, "answer")

    firm = await asker.choose(await old(), "Firm")
    assert firm.kind == "update"
    card = read_card(firm.seen)
    assert (card.heading, card.words, card.asked) == (entry.question, entry.say[Tone.FIRM], f"You asked: {OWED}")
    assert firm.seen.raw["embeds"] == []
    assert int(firm.seen.raw["flags"]) & V2
    helpful = await asker.press(await old(), "Helpful")
    assert "Thanks · undo" in helpful.seen.labels
    await bot.idle()
    others = await asker.press(await old(), "Not my question")
    assert read_card(others.seen).leading_to("choose")
    assert read_card((await asker.press(others.seen, "Back")).seen).heading == entry.question
    shared = await (await asker.press(await old(), "Share here")).followup()
    assert read_card(shared).heading == entry.question
    assert OWED not in shared.text


@pytest.mark.parametrize("kind", ["shared", "mentioned"])
async def test_an_answer_that_all_see(
    discord: LocalDiscord, bot: RsvnoBot, channel: Channel, asker: Person, aged: Age, kind: str
) -> None:
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    public = aged(await channel.next_post(), kind)
    entry = bot.advisor.library.by_id[DEBT]
    own = await asker.choose(public, "Firm")
    assert own.private
    assert read_card(own.seen).words == entry.say[Tone.FIRM]
    assert channel.posted()[0].raw["embeds"]
    await asker.press(public, "Helpful")
    await discord.until(lambda: "Helpful · 1" in channel.posted()[0].labels)
    assert read_card(channel.posted()[0]).above == OLD[kind]["content"]
    await asker.press(channel.posted()[0], "Remove")
    await discord.until(lambda: asker.look(public) is None)


async def test_choices_none_topics_decline_and_danger(
    discord: LocalDiscord, bot: RsvnoBot, channel: Channel, asker: Person, aged: Age
) -> None:
    library = bot.advisor.library

    async def old(kind: str) -> Seen:
        return aged((await asker.run(channel, "etiquette ask", question=OWED)).seen, kind)

    choices = await old("choices")
    entry = str(choices.buttons[0].custom_id).split(":")[-1]
    chosen = await asker.press(choices, choices.labels[0])
    assert read_card(chosen.seen).heading == library.by_id[entry].question
    neither = await asker.press(await old("choices"), "None of these")
    assert entry not in read_card(neither.seen).leading_to("choose").values()
    topics = await asker.press(await old("none"), "Browse topics")
    assert topics.kind == "update"
    assert topics.seen.menus
    listed = await asker.choose(await old("topics"), "friend_request")
    assert "1 to 25 of" in listed.text
    more = await asker.press(await old("entries"), "More")
    assert "26 to" in more.text
    back = await asker.press(await old("entries"), "Back to the topics")
    assert back.seen.menus
    found = await asker.choose(await old("entries"), "must-i-accept")
    assert read_card(found.seen).heading == library.by_id["must-i-accept"].question
    words = read_card((await asker.choose(await old("decline"), "Brief")).seen)
    assert words.asked.endswith('the page "Bean There" of my aunt')
    danger = await asker.press(await old("danger"), "Not helpful")
    assert read_card(danger.seen).help
