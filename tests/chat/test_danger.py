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
    assert "What to do now" in answer.text
    assert "emergency number" in answer.text
    assert "% sure" not in answer.text
    assert "Share here" not in answer.seen.labels
    buttons = [button for row in answer.seen.raw["components"] for button in row["components"]]
    assert any(str(button.get("url", "")).startswith("https://") for button in buttons)


async def test_what_may_be_danger_is_answered_and_asked_about(
    discord: LocalDiscord, bot: RsvnoBot, worrying: str
) -> None:
    server = discord.server()
    asker = server.member("asker")
    answer = await asker.run(server.channel("general"), "etiquette ask", question=worrying)
    assert "No obligation" in answer.text
    assert "safety comes before manners" in answer.text
    pressed = await asker.press(answer.seen, "Does this frighten you?")
    assert pressed.private
    assert "Your safety comes first" in pressed.text
    assert "What to do now" in pressed.text


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
