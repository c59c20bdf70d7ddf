"""Faults that nobody listed: ordered at the local Discord, each with what the bot does, and right again afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from bot.chat.kit.metrics import Metrics
from bot.chat.running import Fatal, Runner
from bot.configuration import Settings
from bot.local import Channel, LocalDiscord, Person, Server
from bot.storage import Database
from tests.chat.test_running import OWED, answers, runner
from tests.chat.test_wire import counted

__all__ = ["runner"]

POSTS = ("POST", "/channels/*/messages")
CALLBACKS = ("POST", "/interactions/*")


class Scene:
    """A bot that runs, and a server where something happens to it."""

    def __init__(self, discord: LocalDiscord, runner: Runner, database: Database) -> None:
        self.discord, self.runner, self.database = discord, runner, database
        self.server: Server = discord.server()
        self.channel: Channel = self.server.channel("general")
        self.other: Channel = self.server.channel("other")
        self.asker: Person = self.server.member("asker")

    async def ask(self) -> Any:
        """Asks by mention."""
        return await self.asker.say(self.channel, f"{self.discord.bot_mention} {OWED}")

    async def idle(self) -> None:
        """Waits until the bot has done all that it does."""
        assert self.runner.bot is not None
        await self.runner.bot.idle()

    @property
    def metrics(self) -> Metrics:
        return self.runner.metrics

    def lost(self, kind: str) -> float:
        """How often something of this kind went wrong."""
        return float(self.metrics.errors.labels(kind)._value.get())


async def page_instead_of_an_answer(scene: Scene) -> None:
    """A proxy answers with a page: nothing is said twice, nothing is counted."""
    order = scene.discord.faults.garbage(*POSTS)
    await scene.ask()
    await scene.discord.until(lambda: order.struck == 1)
    await scene.idle()
    assert len(scene.channel.posted()) == 1
    assert await counted(scene.database, scene.server) == 0
    assert scene.lost("unreachable") == 1


async def arrived_but_acknowledged_badly(scene: Scene, *, half: bool) -> None:
    """Asserts that a card whose acknowledgement can't be read is all that the person gets."""
    order = scene.discord.faults.garbage(*CALLBACKS, half=half)
    answer = await scene.asker.run(scene.channel, "etiquette ask", question=OWED, wait=False)
    await scene.discord.until(lambda: order.struck == 1)
    await scene.idle()
    assert "No obligation" in answer.text
    assert [each.text for each in answer.followups] == []


async def half_of_a_callbacks_answer(scene: Scene) -> None:
    """A command's card arrived, but its acknowledgement ends in the middle: as with a page."""
    await arrived_but_acknowledged_badly(scene, half=True)


async def half_an_answer(scene: Scene) -> None:
    """An answer's JSON ends in the middle: as with a page."""
    order = scene.discord.faults.garbage(*POSTS, half=True)
    await scene.ask()
    await scene.discord.until(lambda: order.struck == 1)
    await scene.idle()
    assert len(scene.channel.posted()) == 1
    assert await counted(scene.database, scene.server) == 0


async def page_instead_of_a_callback(scene: Scene) -> None:
    """A command's card arrived, but its acknowledgement is a page: the person is told nothing that is wrong."""
    await arrived_but_acknowledged_badly(scene, half=False)


async def outage_of_a_server(scene: Scene) -> None:
    """A server is out of reach and comes back: it was not left, and is not greeted anew."""
    await scene.database.server(scene.server.id).settings.change(greeted=False)
    for _ in range(2):
        scene.discord.gateway.outage(scene.server.id)
        scene.discord.gateway.end_outage(scene.server.id)
    await answers(scene.discord, scene.asker, scene.other)
    await scene.idle()
    assert scene.channel.posted() == []
    assert scene.runner.bot is not None
    assert scene.runner.bot.is_in(scene.server.id)


async def message_in_an_outage(scene: Scene) -> None:
    """Somebody mentions the bot on a server that is out of reach for it: answered there, if Discord takes it."""
    scene.discord.gateway.outage(scene.server.id)
    asked = await scene.ask()
    assert (await scene.channel.next_post()).reply_to == asked.id
    scene.discord.gateway.end_outage(scene.server.id)


async def dead_address_to_resume_at(scene: Scene) -> None:
    """READY names an address to come back to where nobody listens: it identifies anew at the first one."""
    scene.discord.gateway.resume_address = "ws://127.0.0.1:9"
    scene.discord.gateway.invalidate(resumable=False)
    await scene.discord.until(lambda: len(scene.discord.gateway.identified) == 2, 30)
    scene.discord.gateway.drop()
    await scene.discord.until(lambda: len(scene.discord.gateway.identified) == 3, 30)


async def bytes_that_are_nothing(scene: Scene) -> None:
    """Bytes that no decompression takes: the connection begins anew."""
    scene.discord.gateway.garbage()
    await scene.discord.until(lambda: len(scene.discord.gateway.identified) == 2, 30)


async def things_of_a_newer_discord(scene: Scene) -> None:
    """Operations and events that nobody knows yet, and acknowledgements of nothing: passed over."""
    for _ in range(3):
        scene.discord.gateway.unknown()
        scene.discord.gateway.acknowledge()
    await answers(scene.discord, scene.asker, scene.other)
    assert len(scene.discord.gateway.identified) == 1


async def command_of_another_version(scene: Scene) -> None:
    """Discord still offers a command that this version does not have: the person is told how to get the new ones."""
    path = f"/applications/{scene.discord.engine.application_id}/commands"
    had = scene.discord.engine.request("GET", path)
    kept = [{key: each[key] for key in each if key not in ("id", "application_id", "version")} for each in had]
    old = {"name": "bygone", "description": "of an older version", "type": 1}
    scene.discord.engine.request("PUT", path, json=[*kept, old])
    assert "another version" in (await scene.asker.run(scene.channel, "bygone")).text


async def hour_of_waiting(scene: Scene) -> None:
    """Discord asks for an hour's patience with one channel: given up at once, and not counted; others are answered."""
    order = scene.discord.faults.rate_limit(3600.0, "POST", f"/channels/{scene.channel.id}/messages")
    await scene.ask()
    await scene.discord.until(lambda: order.struck == 1)
    await scene.idle()
    assert scene.channel.posted() == []
    assert await counted(scene.database, scene.server) == 0


async def question_deleted_meanwhile(scene: Scene) -> None:
    """Who asked has deleted the question before the answer goes out: nothing is posted, nothing is counted."""
    order = scene.discord.faults.hang(*POSTS)
    asked = await scene.ask()
    await scene.discord.until(lambda: order.struck == 1)
    await scene.asker.delete(asked)
    order.released.set()
    await scene.idle()
    assert scene.channel.posted() == []
    assert await counted(scene.database, scene.server) == 0


async def thrown_out_meanwhile(scene: Scene) -> None:
    """The bot is taken out of the server while it answers: not counted; it is right on the next one."""
    order = scene.discord.faults.hang(*POSTS)
    await scene.ask()
    await scene.discord.until(lambda: order.struck == 1)
    scene.server.kick_bot()
    order.released.set()
    await scene.idle()
    assert scene.channel.posted() == []
    assert await counted(scene.database, scene.server) == 0
    scene.server.add_bot()


async def channel_deleted_meanwhile(scene: Scene) -> None:
    """The channel is gone before the answer goes out: not counted."""
    order = scene.discord.faults.hang(*POSTS)
    await scene.ask()
    await scene.discord.until(lambda: order.struck == 1)
    scene.channel.delete()
    order.released.set()
    await scene.idle()
    assert await counted(scene.database, scene.server) == 0


async def answered_by_another(scene: Scene) -> None:
    """Another process has answered the interaction already (40060): counted as late, and nobody is told of a fault."""
    order = scene.discord.faults.status(400, *CALLBACKS, code=40060)
    await scene.asker.run(scene.channel, "etiquette ask", question=OWED, wait=False)
    await scene.discord.until(lambda: order.struck == 1)
    await scene.idle()
    assert scene.lost("late") == 1
    assert await counted(scene.database, scene.server) == 0


async def closed_again_and_again(scene: Scene) -> None:
    """The connection is cut as soon as it stands, five times: resumed each time, never identified anew."""
    gateway = scene.discord.gateway
    for times in range(1, 6):
        gateway.drop()
        await scene.discord.until(partial(lambda wanted: len(gateway.resumed) == wanted, times), 60)
    assert len(scene.discord.gateway.identified) == 1


OWN_FAULTS: dict[str, Callable[[Scene], Awaitable[None]]] = {
    each.__name__.replace("_", " "): each
    for each in (
        page_instead_of_an_answer, half_an_answer, page_instead_of_a_callback, half_of_a_callbacks_answer,
        outage_of_a_server, message_in_an_outage,
        dead_address_to_resume_at, bytes_that_are_nothing, things_of_a_newer_discord, command_of_another_version,
        hour_of_waiting, question_deleted_meanwhile, thrown_out_meanwhile, channel_deleted_meanwhile,
        answered_by_another, closed_again_and_again,
    )
}  # fmt: skip


@pytest.mark.parametrize("fault", OWN_FAULTS)
async def test_it_does_what_is_right_and_goes_on(
    discord: LocalDiscord, runner: Runner, database: Database, fault: str
) -> None:
    scene = Scene(discord, runner, database)
    await OWN_FAULTS[fault](scene)
    discord.faults.take_back()
    await answers(discord, scene.asker, scene.other)


async def test_a_token_that_is_taken_back_meanwhile_ends_it_with_one_line(
    discord: LocalDiscord, advisor: Any, database: Database
) -> None:
    runner = Runner(Settings(), advisor, database, first_pause=0.01)
    task = asyncio.create_task(runner.run(discord.token))
    await discord.ready()
    discord.gateway.close(4004)
    with pytest.raises(Fatal, match="token is refused"):
        await task


async def test_commands_that_cannot_be_registered_do_not_keep_it_from_running(
    discord: LocalDiscord, advisor: Any, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    order = discord.faults.rate_limit(3600.0, "PUT", "/applications/*")
    runner = Runner(Settings(), advisor, database, first_pause=0.01)
    task = asyncio.create_task(runner.run(discord.token))
    await discord.ready()
    assert order.struck == 1
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    assert "No obligation" in (await channel.next_post()).text
    assert len([each for each in caplog.records if "could not be registered" in each.getMessage()]) == 1
    runner.stop()
    await task
