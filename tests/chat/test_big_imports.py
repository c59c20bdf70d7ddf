"""A large import: carried out however long it takes, and what is not ready yet is said to whoever asks meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.advice.advisor import Advisor
from bot.chat.client import RsvnoBot
from bot.chat.guidance import imports
from bot.chat.kit import desk, thinking
from bot.chat.kit.guidance_cache import GuidanceCache
from bot.local import LocalDiscord
from bot.storage import Database
from bot.storage.server.entries import Entries

FILE = b"""entries:
- id: kiln
  question: May I use the kiln on Sundays?
  examples: |
    is the kiln free on a sunday
    sunday firing of the kiln
  verdict: yes
  advice: Yes, put your name on the list first.
  reason: The list is how we share it.
  say:
    warm: Yes, of course!
"""
QUESTION = "May I use the kiln on Sundays?"


async def test_whoever_asks_before_it_is_ready_is_told_so(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved, made = asyncio.Event(), asyncio.Event()
    import_all, of = Entries.import_all, GuidanceCache.of

    async def slowly(*args: Any, **options: Any) -> Any:
        await saved.wait()
        return await import_all(*args, **options)

    async def late(cache: GuidanceCache, server: int) -> Advisor:
        await made.wait()
        return await of(cache, server)

    server = discord.server()
    channel, member = server.channel("general"), server.member("member")
    admin = server.member("admin", "manage_guild")
    plan = await admin.run(channel, "guidance import", file=("kiln.yaml", FILE))
    monkeypatch.setattr(Entries, "import_all", slowly)
    monkeypatch.setattr(GuidanceCache, "of", late)
    monkeypatch.setattr(thinking, "THINKING_SECONDS", 0.0)
    monkeypatch.setattr(desk, "PATIENCE", 1.0)
    monkeypatch.setattr(imports, "MOST_TRIED", 2)
    pressed = await admin.press(plan.seen, "Import", wait=False)
    # told to wait before it is done
    await discord.until(lambda: pressed.kind == "deferred_update" or None)
    saved.set()
    await discord.until(lambda: "Imported: 1 added" in pressed.text or None)
    assert "being made ready" in pressed.text
    for asked in range(2):
        assert "being made ready" in (await member.run(channel, "etiquette ask", question=QUESTION)).text
        await member.say(channel, f"{discord.bot_mention} {QUESTION}")
        assert "being made ready" in (await channel.next_post(asked)).text
    made.set()
    await asyncio.gather(*bot.desk.at_work)
    assert "put your name on the list" in (await member.run(channel, "etiquette ask", question=QUESTION)).text
    outside = await member.run(channel, "etiquette ask", question="what is the best pasta recipe")
    assert "being made ready" not in outside.text
