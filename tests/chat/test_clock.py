"""This machine's clock may be wrong: what is old is known without it, and that it is wrong is said once."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import discord as library
import pytest

from bot.advice.advisor import Advisor
from bot.chat.client import RsvnoBot
from bot.chat.connection import point_library_at
from bot.chat.kit import discord_time, errors
from bot.chat.kit.discord_time import KEPT_SECONDS, DiscordTime
from bot.chat.kit.logs import Seldom
from bot.chat.kit.metrics import Metrics
from bot.configuration import DiscordSettings
from bot.local import LocalDiscord
from bot.storage import Database

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Passing:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_the_age_is_measured_by_what_arrives() -> None:
    passed = Passing()
    time = DiscordTime(passed)
    assert time.age(EPOCH) == 0
    passed.seconds += 10
    # as late as the first
    assert time.age(EPOCH + timedelta(seconds=10)) == 0
    assert time.age(EPOCH + timedelta(seconds=6)) == pytest.approx(4)
    # came faster than all before: those were on their way
    assert time.age(EPOCH + timedelta(seconds=11)) == 0
    assert time.age(EPOCH + timedelta(seconds=10)) == pytest.approx(1)
    # and it goes on growing while it is worked on
    passed.seconds += 5
    assert time.age(EPOCH + timedelta(seconds=10)) == pytest.approx(6)


def test_a_clock_that_stood_still_or_ran_differently_is_found_out() -> None:
    passed = Passing()
    time = DiscordTime(passed)
    time.age(EPOCH)
    # the machine slept for an hour, and what counts seconds with it
    assert time.age(EPOCH + timedelta(hours=1)) == 0
    # ours ran ahead by a minute within the day
    for minutes in range(4, 60 * 24, 4):
        passed.seconds += 240 * (1 + 60 / 86_400)
        instant = EPOCH + timedelta(hours=1, minutes=minutes)
        assert time.age(instant) < 2 * KEPT_SECONDS * 60 / 86_400 + 1


@pytest.mark.parametrize("ahead", [-3600.0, -240.0, 0.0, 240.0, 3600.0])
async def test_a_wrong_clock_is_named_once_and_all_is_answered(
    advisor: Advisor,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    ahead: float,
) -> None:
    monkeypatch.setattr(discord_time, "WRONG_CLOCK", Seldom(discord_time.WRONG_CLOCK._text, 86_400.0))
    async with LocalDiscord(bot_name="RSVNo", clock_ahead=ahead) as discord:
        addresses = {"api_url": discord.api_url, "gateway_url": discord.gateway_url}
        point_library_at(DiscordSettings.model_validate(addresses))
        bot = RsvnoBot(advisor, database, Metrics(), identify_seconds=0.0, guild_ready_timeout=0.1)
        task = asyncio.create_task(bot.start(discord.token))
        await discord.ready()
        await bot.wait_until_ready()
        server = discord.server()
        channel, asker = server.channel("general"), server.member("asker")
        for _ in range(2):
            answer = await asker.run(channel, "etiquette help")
            assert "/shouldifollowback" in answer.text
            assert answer.private
        discord.clock.elapsed -= errors.TOO_OLD + 1
        await asker.run(channel, "etiquette help", wait=False)
        while bot.metrics.dropped._value.get() != 1:
            await asyncio.sleep(0.01)
        await bot.stop()
        with contextlib.suppress(BaseException):
            await task
    said = [record.getMessage() for record in caplog.records if "this machine's clock" in record.getMessage()]
    assert len(said) == (ahead != 0)
    if ahead:
        assert ("ahead of" if ahead < 0 else "behind") in said[0]


async def test_a_clock_that_is_set_meanwhile_changes_nothing(
    discord: LocalDiscord, bot: RsvnoBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    await asker.run(channel, "etiquette help")
    now = library.utils.utcnow
    for minutes in (10, -10):
        monkeypatch.setattr(library.utils, "utcnow", lambda minutes=minutes: now() + timedelta(minutes=minutes))
        assert "/shouldifollowback" in (await asker.run(channel, "etiquette help")).text
