"""`run`: every fault of the wire with the bot alive and right afterwards, fatal ones, stopping, health."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
import weakref
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.advice.advisor import Advisor
from bot.chat.client import RsvnoBot
from bot.chat.kit.health import Health
from bot.chat.kit.metrics import Metrics, route_of
from bot.chat.running import Fatal, Runner
from bot.configuration import Settings, ShardSettings
from bot.local import Channel, LocalDiscord, NotAnswered, Person
from bot.storage import Database

OWED = "someone followed me, do i owe a follow back"
Fault = Callable[[LocalDiscord], Any]


@pytest.fixture
async def runner(discord: LocalDiscord, advisor: Advisor, database: Database) -> AsyncIterator[Runner]:
    """A bot kept running as `run` does, with short pauses."""

    def make(*args: Any, **options: Any) -> RsvnoBot:
        return RsvnoBot(*args, **options, identify_seconds=0.0, guild_ready_timeout=0.1)

    runner = Runner(Settings(), advisor, database, make=make, first_pause=0.01)
    task = asyncio.create_task(runner.run(discord.token))
    await discord.ready()
    yield runner
    runner.stop()
    with contextlib.suppress(Fatal):
        await task


async def answers(discord: LocalDiscord, person: Person, channel: Channel) -> None:
    """Asserts that a command and a mention are answered, once each, and rightly."""
    await discord.ready()
    bot_posts = len(channel.posted())
    for attempt in range(40):
        try:
            answer = await person.run(channel, "etiquette ask", question=OWED)
            break
        except Exception:
            # while it reconnects, Discord itself would say that the application did not respond
            if attempt == 39:
                raise
            await discord.ready()
    assert "No obligation" in answer.text
    await person.say(channel, f"{discord.bot_mention} {OWED}")
    reply = await channel.next_post(bot_posts)
    assert "No obligation" in reply.text


GATEWAY_FAULTS: dict[str, Fault] = {
    "dropped socket": lambda discord: discord.gateway.drop(),
    "dropped mid-frame": lambda discord: discord.gateway.drop(mid_frame=True),
    "op 7": lambda discord: discord.gateway.ask_to_reconnect(),
    "op 9 resumable": lambda discord: discord.gateway.invalidate(resumable=True),
    "op 9": lambda discord: discord.gateway.invalidate(resumable=False),
    "close 4000": lambda discord: discord.gateway.close(4000),
    "close 1012": lambda discord: discord.gateway.close(1012),
    "close 4008": lambda discord: discord.gateway.close(4008),
    "close 4009": lambda discord: discord.gateway.close(4009),
    "duplicates": lambda discord: discord.gateway.repeat(5),
    "malformed event": lambda discord: discord.gateway.malformed(),
    "malformed interaction": lambda discord: discord.gateway.malformed(event="INTERACTION_CREATE"),
}


@pytest.mark.parametrize("fault", GATEWAY_FAULTS)
async def test_it_is_right_again_after_a_fault_of_the_gateway(
    discord: LocalDiscord, runner: Runner, fault: str
) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    await answers(discord, asker, channel)
    before = (len(discord.gateway.identified), len(discord.gateway.resumed))
    GATEWAY_FAULTS[fault](discord)
    if fault != "duplicates":
        await discord.until(
            lambda: (len(discord.gateway.identified), len(discord.gateway.resumed)) != before,
            15,
            "it did not come back",
        )
    await answers(discord, asker, channel)


async def test_what_was_missed_is_answered_after_a_resume_once(discord: LocalDiscord, runner: Runner) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    await answers(discord, asker, channel)
    discord.gateway.repeats_after_resume = 3
    discord.gateway.drop()
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    await channel.next_post(1)
    await answers(discord, asker, channel)
    assert len(channel.posted()) == 3


async def test_an_outage_of_minutes_is_waited_out(discord: LocalDiscord, runner: Runner) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    await answers(discord, asker, channel)
    refused = discord.faults.status(502, times=None)
    discord.gateway.shut = True
    discord.gateway.drop()
    await discord.until(lambda: not discord.gateway.ready_shards())
    discord.advance(600)
    await discord.until(lambda: discord.gateway.refused > 0, 15)
    discord.gateway.shut = False
    discord.faults.take_back(refused)
    await discord.ready(seconds=30)
    assert len(discord.gateway.identified) >= 2
    await answers(discord, asker, channel)


async def test_heartbeats_without_an_answer_end_in_a_new_connection(
    advisor: Advisor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.chat.connection import point_library_at
    from bot.configuration import DiscordSettings

    async with LocalDiscord(bot_name="RSVNo", heartbeat_interval=0.3) as discord:
        point_library_at(
            DiscordSettings.model_validate({"api_url": discord.api_url, "gateway_url": discord.gateway_url})
        )

        def make(*args: Any, **options: Any) -> RsvnoBot:
            return RsvnoBot(*args, **options, identify_seconds=0.0, guild_ready_timeout=0.1, heartbeat_timeout=1.0)

        runner = Runner(Settings(), advisor, database, make=make, first_pause=0.01)
        task = asyncio.create_task(runner.run(discord.token))
        await discord.ready()
        discord.gateway.ignores_heartbeats = True
        await discord.until(lambda: len(discord.gateway.resumed) > 0, 15, "it never noticed")
        discord.gateway.ignores_heartbeats = False
        server = discord.server()
        await answers(discord, server.member("asker"), server.channel("general"))
        runner.stop()
        await task


async def test_the_collector_looks_at_what_is_new_alone_and_an_earlier_client_is_let_go(
    discord: LocalDiscord, runner: Runner
) -> None:
    async def settled() -> weakref.ref[RsvnoBot]:
        while runner.bot is None or not runner.bot.is_ready():
            await asyncio.sleep(0.01)
        await runner.bot.idle()
        return weakref.ref(runner.bot)

    first = await settled()
    assert gc.get_freeze_count() > 10 * len(gc.get_objects())
    discord.gateway.malformed()
    await discord.until(lambda: len(discord.gateway.identified) == 2, 15)
    await discord.ready()
    while first() is not None and first() is runner.bot:
        await asyncio.sleep(0.01)
    await settled()
    gc.unfreeze()
    gc.collect()
    assert first() is None


REST_FAULTS: dict[str, Fault] = {
    "429 of the route": lambda discord: discord.faults.rate_limit(0.2, "POST", "/interactions/*"),
    "429 of all": lambda discord: discord.faults.rate_limit(0.2, "POST", "/interactions/*", scope="global"),
    "429 on messages": lambda discord: discord.faults.rate_limit(0.2, "POST", "/channels/*/messages"),
    "500": lambda discord: discord.faults.status(500, "POST", "/interactions/*"),
    "502": lambda discord: discord.faults.status(502, "POST", "/channels/*/messages"),
    "503": lambda discord: discord.faults.status(503, "POST", "/interactions/*"),
    "ban": lambda discord: discord.faults.ban("POST", "/interactions/*"),
    "abort": lambda discord: discord.faults.abort("POST", "/interactions/*"),
    "abort after": lambda discord: discord.faults.abort("POST", "/interactions/*", after=True),
    "abort of a reply": lambda discord: discord.faults.abort("POST", "/channels/*/messages"),
    "forbidden": lambda discord: discord.faults.status(403, "POST", "/channels/*/messages", code=50013),
    "unknown channel": lambda discord: discord.faults.status(404, "POST", "/channels/*/messages", code=10003),
}


@pytest.mark.parametrize("fault", REST_FAULTS)
async def test_it_is_right_again_after_a_fault_of_a_call(discord: LocalDiscord, runner: Runner, fault: str) -> None:
    server = discord.server()
    channel, other, asker = server.channel("general"), server.channel("other"), server.member("asker")
    order = REST_FAULTS[fault](discord)
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    await asker.run(channel, "etiquette ask", question=OWED, wait=False)
    await discord.until(lambda: order.struck == 1)
    assert runner.bot is not None
    await runner.bot.idle()
    await answers(discord, asker, other)


async def test_a_hanging_call_holds_up_nobody_else(discord: LocalDiscord, runner: Runner) -> None:
    server = discord.server()
    channel, asker, reader = server.channel("general"), server.member("asker"), server.member("reader")
    order = discord.faults.hang("POST", "/interactions/*")
    late = await asker.run(channel, "etiquette ask", question=OWED, wait=False)
    await discord.until(lambda: order.struck == 1)
    assert "No obligation" in (await reader.run(channel, "etiquette ask", question=OWED)).text
    assert not late.done
    order.released.set()
    await discord.until(lambda: late.done)


# ------------------------------------------------------------------ fatal


async def test_a_refused_token_ends_it_with_one_clear_line(
    discord: LocalDiscord, advisor: Advisor, database: Database
) -> None:
    with pytest.raises(Fatal, match="token is refused"):
        await Runner(Settings(), advisor, database).run("wrong")


async def test_intents_not_granted(discord: LocalDiscord, advisor: Advisor, database: Database) -> None:
    discord.gateway.granted_privileged = 0
    required = Settings.model_validate({"discord": {"message_content": "required"}})
    with pytest.raises(Fatal, match="message content intent"):
        await Runner(required, advisor, database).run(discord.token)


async def test_without_message_content_it_starts_and_says_so_once(
    discord: LocalDiscord, advisor: Advisor, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    discord.gateway.granted_privileged = 0
    runner = Runner(Settings(), advisor, database, first_pause=0.01)
    task = asyncio.create_task(runner.run(discord.token))
    await discord.ready()
    server = discord.server()
    await answers(discord, server.member("asker"), server.channel("general"))
    discord.gateway.malformed()
    await discord.until(lambda: len(discord.gateway.identified) >= 2, 15)
    assert [record.levelname for record in caplog.records if "intent is not granted" in record.message] == ["WARNING"]
    runner.stop()
    await task


# --------------------------------------------------------------- stopping


@pytest.mark.parametrize("connected", [True, False])
async def test_a_bot_that_cannot_connect_ends_when_it_is_stopped(
    discord: LocalDiscord, advisor: Advisor, database: Database, connected: bool
) -> None:
    bot = RsvnoBot(advisor, database, Metrics(), identify_seconds=0.0, shards=ShardSettings(count=2))
    discord.gateway.shut = not connected
    running = asyncio.create_task(bot.start(discord.token))
    if connected:
        await discord.ready(2)
        discord.gateway.shut = True
        discord.gateway.drop()
    await discord.until(lambda: discord.gateway.refused > 0)
    await bot.stop()
    await running


class Stubborn(RsvnoBot):
    """One whose connection absorbs cancellations, as discord.py's can."""

    begun: asyncio.Event
    absorbed = 0

    async def connect(self, *, reconnect: bool = True) -> None:
        self.begun.set()
        while self.absorbed < 3:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.absorbed += 1


async def test_a_cancellation_that_is_absorbed_is_asked_for_again(
    discord: LocalDiscord, advisor: Advisor, database: Database
) -> None:
    bot = Stubborn(advisor, database, Metrics())
    bot.begun = asyncio.Event()
    running = asyncio.create_task(bot.start(discord.token))
    await bot.begun.wait()
    await bot.stop()
    await running
    assert bot.absorbed == 3


# ------------------------------------------------------------ sync, health


async def test_commands_are_registered_only_when_they_changed(
    discord: LocalDiscord, advisor: Advisor, database: Database
) -> None:
    for _ in range(2):
        runner = Runner(Settings(), advisor, database)
        task = asyncio.create_task(runner.run(discord.token))
        await discord.ready()
        runner.stop()
        await task
    assert len(discord.traffic.calls("PUT /applications")) == 1
    name = f"commands:{discord.engine.application_id}"
    await database.keep_note(name, "another program's")
    runner = Runner(Settings(), advisor, database)
    task = asyncio.create_task(runner.run(discord.token))
    await discord.ready()
    assert len(discord.traffic.calls("PUT /applications")) == 2
    runner.stop()
    await task


@pytest.mark.parametrize("lost", ["all", "one", "changed"])
async def test_commands_that_are_gone_at_discord_come_back(
    discord: LocalDiscord, advisor: Advisor, database: Database, lost: str
) -> None:
    path = f"/applications/{discord.engine.application_id}/commands"

    async def run() -> None:
        runner = Runner(Settings(), advisor, database)
        task = asyncio.create_task(runner.run(discord.token))
        await discord.ready()
        runner.stop()
        await task

    await run()
    had = discord.engine.request("GET", path)
    kept = [{key: each[key] for key in each if key not in ("id", "application_id", "version")} for each in had]
    if lost == "all":
        discord.engine.request("PUT", path, json=[])
    elif lost == "one":
        discord.engine.request("PUT", path, json=kept[1:])
    else:
        discord.engine.request("PUT", path, json=[*kept[:-1], {**kept[-1], "default_member_permissions": "8"}])
    await run()
    names = {each["name"] for each in discord.engine.request("GET", path)}
    assert names == {each["name"] for each in had}
    assert len(discord.traffic.calls("PUT /applications")) == 2
    # and where Discord does not tell, it starts all the same, and registers nothing
    discord.faults.status(500, "GET", path, times=None)
    await run()
    assert len(discord.traffic.calls("PUT /applications")) == 2


async def test_health_and_metrics(discord: LocalDiscord, runner: Runner) -> None:
    health = Health(runner.metrics, lambda: runner.bot)
    await health.start(0)
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    await answers(discord, asker, channel)
    assert runner.bot is not None
    await runner.bot.wait_until_ready()
    await runner.bot.idle()
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{health.port}/healthz") as response:
            assert response.status == 200
            assert (await response.json())["shards"] == {"0": True}
        async with session.get(f"http://127.0.0.1:{health.port}/metrics") as response:
            page = await response.text()
    for line in (
        'rsvno_shard_up{shard="0"} 1.0',
        'rsvno_answers_total{outcome="answer",route="command"} 1.0',
        'rsvno_answers_total{outcome="answer",route="mention"} 1.0',
        'rsvno_answer_seconds_count{route="mention"} 1.0',
        'rsvno_rest_calls_total{method="POST",route="/interactions/{id}/{token}/callback",status="200"} 1.0',
        'rsvno_rest_calls_total{method="POST",route="/channels/{id}/messages",status="200"} 1.0',
    ):
        assert line in page, line
    assert discord.token not in page
    await health.stop()
    none = Health(runner.metrics, lambda: None)
    await none.start(0)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{none.port}/healthz") as response,
    ):
        assert response.status == 503
    await none.stop()


def test_routes_in_metrics_hold_no_ids_and_no_tokens() -> None:
    assert route_of("/api/v10/webhooks/12/se-cret_x/messages/@original") == "/webhooks/{id}/{token}/messages/@original"
    assert route_of("/api/v10/interactions/12/se-cret/callback") == "/interactions/{id}/{token}/callback"
    assert route_of("/api/v10/channels/1/messages/2/reactions/%F0%9F/@me").count("F0") == 0
    assert (
        route_of("/ephemeral-attachments/1/2/my secrets.csv") == route_of("/attachments/3/4/x") == "/attachments/{file}"
    )


# ------------------------------------------------------------- the program


async def program(
    discord: LocalDiscord, folder: Path, *arguments: str, **environment: str
) -> asyncio.subprocess.Process:
    """Starts `python -m bot run` as an operator does, against the local Discord."""
    return await python(discord, folder, "-m", "bot", "run", *arguments, **environment)


async def python(
    discord: LocalDiscord, folder: Path, *arguments: str, **environment: str
) -> asyncio.subprocess.Process:
    """Starts Python with an operator's environment."""
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments,
        env={
            **os.environ, "RSVNO_TOKEN": discord.token, "DISCORD_API_URL": discord.api_url,
            "DISCORD_GATEWAY_URL": discord.gateway_url, "DATABASE_URL": f"sqlite:///{folder / 'it.sqlite3'}",
            **environment,
        },
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def test_sigterm_delivers_what_is_in_flight_and_ends(discord: LocalDiscord, tmp_path: Path) -> None:
    process = await program(discord, tmp_path, "--health", "0", "--log-level", "DEBUG")
    # read from the start: a pipe that is full would hold the bot up
    ending = asyncio.create_task(process.communicate())
    await discord.ready()
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    await answers(discord, asker, channel)
    hanging = discord.faults.hang("POST", "/interactions/*")
    while not hanging.struck:
        # this bot is in no less of a hurry than on Discord, and drops what reached it late
        answer = await asker.run(channel, "etiquette ask", question=OWED, wait=False)
        with contextlib.suppress(NotAnswered):
            await discord.until(lambda: hanging.struck > 0, 0.5)
    process.send_signal(signal.SIGTERM)
    asyncio.get_running_loop().call_later(0.5, hanging.released.set)
    _, log = await ending
    assert process.returncode == 0
    assert "No obligation" in answer.text
    text = log.decode()
    assert discord.token not in text
    assert answer.token not in text
    assert OWED not in text
    assert "Traceback" not in text


async def test_sigterm_with_a_full_queue_tells_who_waits_and_ends(discord: LocalDiscord, tmp_path: Path) -> None:
    process = await program(discord, tmp_path)
    ending = asyncio.create_task(process.communicate())
    await discord.ready()
    server = discord.server()
    channel = server.channel("general")
    people = [server.member(f"member {number}") for number in range(200)]
    asked = [
        await person.run(channel, "etiquette ask", question=f"{OWED} {number}", wait=False)
        for number, person in enumerate(people)
    ]
    # it is in the middle of it
    await discord.until(lambda: any(answer.responded for answer in asked))
    process.send_signal(signal.SIGTERM)
    _, log = await ending
    text = log.decode()
    assert process.returncode == 0, text
    assert text.strip().endswith("stopped")
    assert "Traceback" not in text
    assert "ended at once" not in text


@pytest.mark.parametrize("shards", [1, 3])
@pytest.mark.parametrize("trouble", ["none", "reconnecting", "backing off", "unreachable"])
async def test_sigterm_ends_it_whatever_its_connection_does(
    discord: LocalDiscord, tmp_path: Path, shards: int, trouble: str
) -> None:
    process = await program(discord, tmp_path, RSVNO_SHARDS__COUNT=str(shards))
    await discord.ready(shards)
    if trouble == "reconnecting":
        discord.gateway.drop()
    elif trouble == "backing off":
        discord.gateway.shut = True
        discord.gateway.drop()
        await discord.until(lambda: discord.gateway.refused > 0)
    elif trouble == "unreachable":
        await discord.stop()
    process.send_signal(signal.SIGTERM)
    _, log = await process.communicate()
    assert process.returncode == 0, log.decode()
    assert "Traceback" not in log.decode()
    assert log.decode().strip().endswith("stopped")


@pytest.mark.parametrize("shards", [1, 3])
async def test_sigterm_ends_it_before_it_ever_connected(discord: LocalDiscord, tmp_path: Path, shards: int) -> None:
    discord.gateway.shut = True
    process = await program(discord, tmp_path, RSVNO_SHARDS__COUNT=str(shards))
    await discord.until(lambda: discord.gateway.refused > 0)
    process.send_signal(signal.SIGTERM)
    _, log = await process.communicate()
    assert process.returncode == 0, log.decode()
    assert log.decode().strip().endswith("stopped")


IMMORTAL = """
import asyncio, logging, os
from bot.advice.advisor import Advisor
from bot.chat import running
from bot.configuration import load_settings

async def immortal(*arguments):
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass

logging.basicConfig(level=logging.INFO)
running._keep_house, running.LAST_RESORT_SECONDS = immortal, 3.0
settings = load_settings(None)
asyncio.run(running.run(settings, os.environ["RSVNO_TOKEN"], Advisor.open(settings), None))
"""


async def test_what_absorbs_every_cancellation_is_named_and_ends_with_the_process(
    discord: LocalDiscord, tmp_path: Path
) -> None:
    process = await python(discord, tmp_path, "-c", IMMORTAL)
    await discord.ready()
    process.send_signal(signal.SIGTERM)
    _, log = await process.communicate()
    text = log.decode()
    assert process.returncode == 1, text
    assert "still at work after 1.0 s of closing: immortal" in text
    assert "ended at once; at work: immortal" in text


async def test_a_wrong_token_exits_with_2_and_one_line(discord: LocalDiscord, tmp_path: Path) -> None:
    process = await program(discord, tmp_path, "--log-level", "ERROR", RSVNO_TOKEN="wrong-token")
    _, log = await process.communicate()
    assert process.returncode == 2
    lines = log.decode().strip().splitlines()
    assert len(lines) == 1, log
    assert "token is refused" in lines[0]
    assert "wrong-token" not in lines[0]


@pytest.mark.parametrize(
    ("environment", "words"),
    [({"RSVNO_TOKEN": ""}, "no token"), ({"DATABASE_URL": "mysql://x:secret@y/z"}, "not supported")],
)
async def test_unusable_input_exits_with_2_and_one_line(
    discord: LocalDiscord, tmp_path: Path, environment: dict[str, str], words: str
) -> None:
    process = await program(discord, tmp_path, **environment)
    _, log = await process.communicate()
    assert process.returncode == 2
    assert words in log.decode()
    assert "secret" not in log.decode()
    assert "Traceback" not in log.decode()
