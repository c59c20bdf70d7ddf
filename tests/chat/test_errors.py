"""A person always gets an answer, also when we fail; and the log never holds what people wrote."""

from __future__ import annotations

import logging
import re
from typing import Any

import discord as library
import pytest
from discord import app_commands

from bot.chat.client import RsvnoBot
from bot.chat.kit.cooldown import Cooldowns
from bot.chat.kit.errors import NotPermitted, Refusal, describe
from bot.chat.kit.logs import where_it_happened, without_secrets
from bot.chat.tree import COMMANDS
from bot.local import LocalDiscord, NotAnswered
from bot.local.world import World
from bot.storage import Database, DatabaseUnavailable, LimitReached
from tests.chat.conftest import Start

OWED = "someone followed me, do i owe a follow back"
SECRET = "a very private matter of mine"


async def test_our_fault_gets_a_reference_that_the_log_has_too(
    discord: LocalDiscord, bot: RsvnoBot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError(f"could not match: {SECRET}")

    monkeypatch.setattr(type(bot.advisor), "advise", broken)
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    with caplog.at_level(logging.DEBUG):
        answer = await asker.run(channel, "etiquette ask", question=SECRET)
        await asker.say(channel, f"{discord.bot_mention} {SECRET}")
        reply = await channel.next_post()
    assert answer.private
    for text in (answer.text, reply.text):
        found = re.search(r"reference: ([0-9A-F]{6})", text)
        assert found is not None
        assert found[1] in caplog.text
        assert SECRET not in text
    assert SECRET not in "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("bot"))
    assert "RuntimeError" in caplog.text
    assert "replies.py" in caplog.text


async def test_who_is_too_fast_is_told_when_to_come_again(discord: LocalDiscord, bot: RsvnoBot) -> None:
    # on a clock that stands still: all of it happens at once. Not at 0: discord.py takes that for no time at all
    bot.tree._runs = Cooldowns(*COMMANDS, now=lambda: 1.0)
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    most, _ = COMMANDS
    for _ in range(most):
        await asker.run(channel, "etiquette help")
    slow = await asker.run(channel, "etiquette help")
    assert slow.private
    assert "try again in 20 seconds" in slow.text


async def test_answers_go_out_while_what_servers_keep_is_out_of_reach(
    discord: LocalDiscord, start: Start, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = await start()
    server = discord.server()
    channel, asker, admin = server.channel("general"), server.member("asker"), server.member("admin", "manage_guild")

    async def unreachable(*_: Any, **__: Any) -> Any:
        raise DatabaseUnavailable("the database is locked by another program")

    monkeypatch.setattr(type(database.core), "server_row", unreachable)
    monkeypatch.setattr(type(database.counting), "count", unreachable)
    monkeypatch.setattr(type(database), "forget_person", unreachable)
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    assert "No obligation" in answer.text
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    assert "No obligation" in (await channel.next_post()).text
    privacy = await admin.run(channel, "etiquette privacy")
    refused = await admin.press(privacy.seen, "Forget me")
    assert "cannot reach my notes" in refused.text
    await bot.idle()
    assert bot.metrics.errors.labels("storage")._value.get() > 0


async def test_an_answer_that_discord_refuses_ends_nothing(
    discord: LocalDiscord, bot: RsvnoBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    discord.faults.status(400, "POST", "/interactions/*", code=50035)
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    assert "our fault" in answer.text
    discord.faults.status(404, "POST", "/interactions/*", code=10062, times=1)
    with monkeypatch.context() as patch:
        patch.setattr(World, "pace", 1.0)  # waits no longer than on Discord
        with pytest.raises(NotAnswered):
            await asker.run(channel, "etiquette ask", question=OWED)
    assert "No obligation" in (await asker.run(channel, "etiquette ask", question=OWED)).text


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (Refusal("error.too_long", count=4000), "refused", "4,000 characters"),
        (NotPermitted(), "not_permitted", "manage this server"),
        (app_commands.MissingPermissions(["manage_guild"]), "not_permitted", "manage this server"),
        (app_commands.CommandOnCooldown(app_commands.Cooldown(1, 9.0), 3.2), "too_fast", "3 seconds"),
        (LimitReached("full", number=500, limit=500), "refused", "500 entries"),
        (DatabaseUnavailable("locked"), "storage", "nothing was changed"),
        (KeyError(SECRET), "ours", "reference"),
    ],
)
def test_each_error_has_its_words(error: BaseException, kind: str, words: str) -> None:
    found, text = describe(error)
    assert found == kind
    assert words in text
    assert SECRET not in text


def test_a_forbidden_channel_is_named_as_such() -> None:
    class Response:
        status, reason = 403, "Forbidden"

    error = library.Forbidden(Response(), {"code": 50013, "message": "Missing Permissions"})
    assert describe(error)[0] == "forbidden"


def test_the_log_holds_no_secret() -> None:
    token = "abcdefghijklmnopqrstuvwx.abcdef.abcdefghijklmnopqrstuvwxyz1"
    for text in (
        f"POST /webhooks/123/{token}x/messages/@original",
        "POST https://discord.com/api/v10/interactions/123/aW50ZXJhY3Rpb24/callback",
        f"Authorization: Bot {token}",
        f"logging in with {token}",
        "postgresql://me:hunter2@host/db",
    ):
        cleaned = without_secrets(text)
        assert "***" in cleaned
        for secret in (token, "aW50ZXJhY3Rpb24", "hunter2"):
            assert secret not in cleaned


def test_where_it_happened_says_the_place_and_not_the_message() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        text = where_it_happened(error)
    assert "ValueError" in text
    assert "test_errors.py" in text
    assert SECRET not in text
