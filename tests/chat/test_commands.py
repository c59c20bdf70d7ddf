"""The members' commands, through the local Discord, with what each kind of user sees."""

from __future__ import annotations

from bot.chat.client import RsvnoBot
from bot.local import LocalDiscord


async def test_a_situation_gets_a_private_card(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel = server.channel("general")
    member, other = server.member("ann"), server.member("ben")
    answer = await member.run(channel, "shouldifollowback", situation="my coworker followed me, do i owe a follow back")
    print(answer.text, answer.seen.labels, answer.seen.menus)
    assert answer.private
    assert other.sees(channel) == []
