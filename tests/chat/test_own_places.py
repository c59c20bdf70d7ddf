"""An own entry that is limited to channels, on every way in which it can be met on Discord."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from bot.chat.client import RsvnoBot
from bot.chat.kit.servers import has_channel
from bot.local import Channel, LocalDiscord, Person, Server
from bot.storage import Database, ServerStore
from tests.chat.test_listener import quiet

PLANTS = "Who waters the plants in the greenhouse?"
OWN = "This server's own guidance"


@dataclass(frozen=True)
class Garden:
    """A server with twenty entries, one of which answers only in `greenhouse`."""

    server: Server
    store: ServerStore
    greenhouse: Channel
    general: Channel
    admin: Person
    member: Person


def document(number: int, question: str, *channels: int) -> dict[str, Any]:
    """An entry as it is stored."""
    limit = {"channels": list(channels)} if channels else {}
    return {"id": f"own-{number}", "question": question, "verdict": "yes", "advice": "We take turns.", **limit}


@pytest.fixture
async def garden(discord: LocalDiscord, database: Database) -> Garden:
    """The server, before the bot comes."""
    server = discord.server()
    greenhouse, general = server.channel("greenhouse"), server.channel("general")
    store = database.server(server.id)
    await store.entries.add(document(0, PLANTS, greenhouse.id), editor=None)
    for number in range(1, 20):
        await store.entries.add(document(number, f"Where does lantern parade number {number} begin?"), editor=None)
    return Garden(
        server, store, greenhouse, general, server.member("admin", "manage_guild"), server.member("member")
    )  # fmt: skip


async def delete(bot: RsvnoBot, channel: Channel) -> None:
    """Deletes a channel, and waits until the bot knows."""
    channel.delete()
    while any(has_channel(guild, channel.id) for guild in bot.guilds):
        await asyncio.sleep(0.01)


async def test_commands_menus_and_suggestions(discord: LocalDiscord, garden: Garden, bot: RsvnoBot) -> None:
    member = garden.member
    for channel, answers in ((garden.greenhouse, True), (garden.general, False)):
        asked = await member.run(channel, "etiquette ask", question=PLANTS)
        assert (OWN in asked.text) is answers
        assert PLANTS not in asked.seen.labels
        assert (OWN in (await member.run(channel, "shouldifollowback", situation=PLANTS)).text) is answers
        message = await member.say(channel, PLANTS)
        assert (OWN in (await member.use_on(message, "Etiquette advice")).text) is answers
        for typed in ("who waters", "plants in the greenhouse"):
            assert (PLANTS in await member.type(channel, "etiquette ask", "question", typed)) is answers
    assert OWN in (await member.run(garden.general, "etiquette ask", question="where does lantern parade 7 begin")).text


async def test_mentions_and_what_is_overheard(discord: LocalDiscord, garden: Garden, bot: RsvnoBot) -> None:
    listening = {garden.greenhouse.id, garden.general.id}
    await garden.store.settings.change(listening="channels", listening_channels=listening)
    await garden.member.say(garden.greenhouse, f"{discord.bot_mention} {PLANTS}")
    assert OWN in (await garden.greenhouse.next_post()).text
    await garden.member.say(garden.general, f"{discord.bot_mention} {PLANTS}")
    assert OWN not in (await garden.general.next_post()).text
    await garden.member.say(garden.greenhouse, PLANTS)
    assert OWN in (await garden.greenhouse.next_post(1)).text
    other = garden.server.member("other")
    await other.say(garden.general, PLANTS)
    await quiet(bot, discord, other, garden.general, 1)


async def test_a_thread_counts_as_its_channel(discord: LocalDiscord, garden: Garden, bot: RsvnoBot) -> None:
    await garden.store.settings.change(listening="channels", listening_channels={garden.greenhouse.id})
    inside = garden.greenhouse.thread("watering", garden.admin)
    outside = garden.general.thread("watering", garden.admin)
    for thread, answers in ((inside, True), (outside, False)):
        asked = await garden.member.run(thread, "etiquette ask", question=PLANTS)
        assert (OWN in asked.text) is answers
        assert (PLANTS in await garden.member.type(thread, "etiquette ask", "question", "who waters")) is answers
        await garden.member.say(thread, f"{discord.bot_mention} {PLANTS}")
        assert (OWN in (await thread.next_post()).text) is answers
    await garden.member.say(inside, PLANTS)
    assert OWN in (await inside.next_post(1)).text


async def test_elsewhere_there_is_nothing_of_it(discord: LocalDiscord, garden: Garden, bot: RsvnoBot) -> None:
    member = garden.member
    assert OWN not in (await member.run(member.direct, "etiquette ask", question=PLANTS)).text
    await member.say(member.direct, PLANTS)
    assert OWN not in (await member.direct.next_post()).text
    other = discord.server("other")
    other.join(member)
    assert OWN not in (await member.run(other.channel("greenhouse"), "etiquette ask", question=PLANTS)).text


async def test_editors_choose_its_channels_from_a_menu(discord: LocalDiscord, garden: Garden, bot: RsvnoBot) -> None:
    admin, member = garden.admin, garden.member
    shown = await admin.run(garden.general, "guidance show", entry="own-0")
    assert f"Only in\n{garden.greenhouse.mention}" in shown.text
    assert f"`own-0` · {garden.greenhouse.mention}" in (await admin.run(garden.general, "guidance list")).text
    said = await admin.choose(shown.seen, garden.general, garden.greenhouse)
    assert f"answers only in {garden.general.mention} {garden.greenhouse.mention}" in said.text
    assert said.private
    assert OWN in (await member.run(garden.general, "etiquette ask", question=PLANTS)).text
    history = await admin.run(garden.general, "guidance history", entry="own-0")
    assert "changed" in history.text
    assert "channels" in history.text
    # the form, which has no room for them, leaves them as they are
    form = await admin.run(garden.general, "guidance edit", entry="own-0")
    changed = await admin.submit(form, advice="Ask the gardeners.")
    await discord.until(lambda: changed.done)
    assert (await garden.store.entries.get("own-0")).document["channels"] == [garden.general.id, garden.greenhouse.id]
    # what was chosen before is chosen in the menu below what was saved
    (menu,) = [each for each in changed.seen.components if each["type"] == 8]
    held = [int(each["id"]) for each in menu["default_values"]]
    assert held == [garden.general.id, garden.greenhouse.id]
    assert "answers everywhere" in (await admin.choose(changed.seen)).text
    assert "channels" not in (await garden.store.entries.get("own-0")).document
    assert OWN in (await member.run(garden.server.channel("third"), "etiquette ask", question=PLANTS)).text


async def test_a_deleted_channel_is_said_and_answers_nowhere(
    discord: LocalDiscord, garden: Garden, bot: RsvnoBot
) -> None:
    admin = garden.admin
    second = garden.server.channel("second greenhouse")
    shown = await admin.run(garden.general, "guidance show", entry="own-0")
    await admin.choose(shown.seen, garden.greenhouse, second)
    await delete(bot, second)
    shown = await admin.run(garden.general, "guidance show", entry="own-0")
    assert f"{garden.greenhouse.mention}\n1 more of its channels is deleted." in shown.text
    await delete(bot, garden.greenhouse)
    shown = await admin.run(garden.general, "guidance show", entry="own-0")
    assert "Its 2 channels are deleted, so it answers nowhere." in shown.text
    assert OWN not in (await garden.member.run(garden.general, "etiquette ask", question=PLANTS)).text
    await admin.choose(shown.seen)
    assert OWN in (await garden.member.run(garden.general, "etiquette ask", question=PLANTS)).text


async def test_the_ranking_is_that_of_a_channel(discord: LocalDiscord, garden: Garden, bot: RsvnoBot) -> None:
    admin = garden.admin
    thread = garden.greenhouse.thread("watering", admin)
    tried: list[tuple[dict[str, Any], bool]] = [
        ({}, False), ({"channel": garden.greenhouse}, True), ({"channel": thread}, True),
    ]  # fmt: skip
    for options, answers in tried:
        tested = await admin.run(garden.general, "guidance test", question=PLANTS, **options)
        assert ("Would be answered with: **Who waters" in tested.text) is answers, options


async def test_files_hold_channels(discord: LocalDiscord, garden: Garden, bot: RsvnoBot, database: Database) -> None:
    admin = garden.admin
    exported = await admin.run(garden.general, "guidance export")
    raw = await bot.http.get_from_cdn(exported.seen.files[0][1])
    assert f"channels:\n      - {garden.greenhouse.id}\n".encode() in raw
    same = await admin.run(garden.general, "guidance import", file=("guidance.yaml", raw))
    assert "all 20 entries are the same" in same.text
    mention = raw.replace(str(garden.greenhouse.id).encode(), f"'{garden.general.mention}'".encode())
    plan = await admin.run(garden.general, "guidance import", file=("guidance.yaml", mention))
    assert "change 1" in plan.text
    assert "does not have" not in plan.text
    await admin.press(plan.seen, "Import")
    assert (await garden.store.entries.get("own-0")).document["channels"] == [garden.general.id]
    # on another server there are no such channels
    other = discord.server("other")
    far = other.channel("general")
    plan = await other.member("admin", "manage_guild").run(far, "guidance import", file=("guidance.yaml", raw))
    assert "Would add 20" in plan.text
    assert f'1 entry is limited to channels that this server does not have, and would answer nowhere: "{PLANTS}"' in (
        plan.text.replace("\\", "")
    )


@pytest.mark.parametrize("bad", ["general", "12", "-5", "99999999999999999999", "true", "1e30", "''"])
async def test_a_bad_channel_is_one_clear_line(discord: LocalDiscord, garden: Garden, bot: RsvnoBot, bad: str) -> None:
    raw = f"entries:\n  - id: own-x\n    question: Q?\n    verdict: yes\n    advice: A\n    channels: [{bad}]\n"
    refused = await garden.admin.run(garden.general, "guidance import", file=("guidance.yaml", raw.encode()))
    (line,) = [each for each in refused.text.replace("\\", "").splitlines() if each.startswith("- ")]
    assert "guidance.yaml:6" in line
    assert f"'{bad.strip(chr(39))}' in 'channels' is no channel's id: give the number" in line
