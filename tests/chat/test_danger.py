"""Danger on Discord: a private card with what to do and where help is, never shared, never limited, never overheard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.chat.client import RsvnoBot
from bot.local import Channel, LocalDiscord
from bot.matching.base import Base
from bot.matching.ranking import Ranking
from bot.matching.reading import Reading
from bot.storage import Database
from tests.chat.cards import read_card

DANGER = "is it rude to decline him, he threatens to post my address if i do"
OWED = "someone followed me, do i owe a follow back"


@pytest.fixture
def worrying(monkeypatch: pytest.MonkeyPatch) -> str:
    """A question of which the look for danger is never sure, whatever it learns."""
    rank = Base.rank

    def unsure(self: Base, reading: Reading) -> Ranking:
        ranking = rank(self, reading)
        ask = self.model.meaning.ask
        return replace(ranking, danger=(ask.worry + ask.alarm) / 2) if reading.text == OWED else ranking

    monkeypatch.setattr(Base, "rank", unsure)
    return OWED


async def test_the_card_says_what_to_do_and_where_help_is(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    answer = await server.member("asker").run(server.channel("general"), "etiquette ask", question=DANGER)
    assert answer.private
    card = read_card(answer.seen)
    assert card.verdict == "▲ Your safety comes first"
    assert "What to do now" in card.help
    assert "emergency number" in card.help
    assert "%" not in answer.text
    assert card.menu == ("other", "report")
    assert any(address.startswith("https://") for address in card.buttons.values())


async def test_what_may_be_danger_is_answered_and_asked_about(
    discord: LocalDiscord, bot: RsvnoBot, worrying: str
) -> None:
    server = discord.server()
    asker = server.member("asker")
    answer = await asker.run(server.channel("general"), "etiquette ask", question=worrying)
    assert "No obligation" in answer.text
    assert "Safety comes before manners" in read_card(answer.seen).worry
    pressed = await asker.press(answer.seen, "Does this frighten you?")
    assert pressed.kind == "update"
    assert "Your safety comes first" in pressed.text
    assert "What to do now" in pressed.text
    # and back, where it can be asked again
    back = await asker.press(pressed.seen, "Back")
    assert "No obligation" in back.text
    assert read_card(back.seen).worry


async def test_no_cool_down_holds_for_danger(
    discord: LocalDiscord, bot: RsvnoBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    for _ in range(12):
        await asker.run(channel, "etiquette ask", question=OWED)
    limited = await asker.run(channel, "etiquette ask", question=OWED)
    assert "No obligation" not in limited.text
    assert "Your safety comes first" in (await asker.run(channel, "etiquette ask", question=DANGER)).text


async def test_a_mention_about_danger_is_answered_directly(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    await asker.say(channel, f"{discord.bot_mention} {DANGER}")
    public = await channel.next_post()
    assert "written to you directly" in public.text
    assert "safety" not in public.text.lower()
    assert "Your safety comes first" in (await asker.direct.next_post()).text


async def test_overheard_danger_is_met_with_silence(discord: LocalDiscord, bot: RsvnoBot, database: Database) -> None:
    server = discord.server()
    channel: Channel = server.channel("general")
    await database.server(server.id).settings.change(listening="channels", listening_channels={channel.id})
    asker = server.member("asker")
    await asker.say(channel, DANGER)
    await bot.idle()
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    await channel.next_post()
    await bot.idle()
    assert len(channel.posted()) == 1
