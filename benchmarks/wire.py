"""Answers a second through real sockets, beside a bare bot that answers a constant; and how long each fault costs.

`python -m benchmarks.wire [--people 50] [--rounds 4]`: both bots against the same local Discord, in one run, in turns.
`python -m benchmarks.wire --faults`: each fault once, with the seconds until the bot answered again.
`python -m benchmarks.wire --transcript`: one slash command with the raw payloads both ways.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import discord as library
from discord import app_commands

from bot.advice.advisor import Advisor
from bot.chat.client import RsvnoBot
from bot.chat.connection import point_library_at
from bot.chat.kit.metrics import Metrics
from bot.chat.running import Runner
from bot.configuration import DiscordSettings, Settings, load_settings
from bot.local import LocalDiscord, NotAnswered
from bot.local.people import Channel, Person
from bot.storage import Database

QUESTION = "a coworker followed me, do i owe them a follow back"


class Bare(library.AutoShardedClient):
    """The least that a bot can be: one command, one constant."""

    def __init__(self) -> None:
        super().__init__(intents=library.Intents(guilds=True), guild_ready_timeout=0.1)
        self.tree = app_commands.CommandTree(self)

        @self.tree.command(name="etiquette", description="Answers a constant")
        async def answer(interaction: library.Interaction[Any], question: str) -> None:
            await interaction.response.send_message("a constant", ephemeral=True)

    async def setup_hook(self) -> None:
        await self.tree.sync()


@contextlib.asynccontextmanager
async def connected(discord: LocalDiscord, client: library.Client) -> AsyncIterator[None]:
    """A client, connected for as long as the block lasts."""
    task = asyncio.create_task(client.start(discord.token))
    await discord.ready()
    yield
    await client.close()
    with contextlib.suppress(BaseException):
        await task


def point(discord: LocalDiscord) -> None:
    point_library_at(DiscordSettings.model_validate({"api_url": discord.api_url, "gateway_url": discord.gateway_url}))


async def measure(client: library.Client, command: str, people: int, rounds: int) -> list[float]:
    """Returns answers a second, a round; in each, all people ask at once and wait for their answers."""
    rates: list[float] = []
    async with LocalDiscord(limited=False) as discord:
        point(discord)
        async with connected(discord, client):
            server = discord.server()
            channel = server.channel("general")
            for _ in range(rounds + 1):
                members = [server.member(f"member {number}") for number in range(people)]
                started = time.perf_counter()
                await asyncio.gather(*(member.run(channel, command, question=QUESTION) for member in members))
                rates.append(people / (time.perf_counter() - started))
    # the first round warms up
    return rates[1:]


async def speed(advisor: Advisor, people: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        ours: list[float] = []
        bare: list[float] = []
        for _ in range(3):
            bare += await measure(Bare(), "etiquette", people, rounds)
            ours += await measure(RsvnoBot(advisor, database, Metrics()), "etiquette ask", people, rounds)
        await database.close()
    print(f"answers a second, {people} people at once, median of {len(ours)} rounds:")
    print(f"  bare discord.py bot, a constant: {statistics.median(bare):.0f}")
    print(f"  this bot:                        {statistics.median(ours):.0f}")
    print(f"  ratio: {statistics.median(ours) / statistics.median(bare):.2f}")


FAULTS: dict[str, Callable[[LocalDiscord], Any]] = {
    "429 for the route, 0.5 s": lambda d: d.faults.rate_limit(0.5, "POST", "/interactions/*"),
    "429 for all, 0.5 s": lambda d: d.faults.rate_limit(0.5, "POST", "/interactions/*", scope="global"),
    "429 without Via (ban)": lambda d: d.faults.ban("POST", "/interactions/*"),
    "500 once": lambda d: d.faults.status(500, "POST", "/interactions/*"),
    "503 once": lambda d: d.faults.status(503, "POST", "/interactions/*"),
    "403 once": lambda d: d.faults.status(403, "POST", "/interactions/*", code=50013),
    "TCP abort of the answer": lambda d: d.faults.abort("POST", "/interactions/*"),
    "gateway dropped": lambda d: d.gateway.drop(),
    "gateway dropped mid-frame": lambda d: d.gateway.drop(mid_frame=True),
    "op 7": lambda d: d.gateway.ask_to_reconnect(),
    "op 9, resumable": lambda d: d.gateway.invalidate(resumable=True),
    "op 9, not resumable": lambda d: d.gateway.invalidate(resumable=False),
    "close 4000": lambda d: d.gateway.close(4000),
    "close 4009": lambda d: d.gateway.close(4009),
    "events sent twice": lambda d: d.gateway.repeat(5),
    "malformed event": lambda d: d.gateway.malformed(),
}


async def again(discord: LocalDiscord, person: Person, channel: Channel) -> tuple[str, float]:
    """Returns what the first question after a fault got, and the seconds until one was answered."""
    started = time.perf_counter()
    first = ""
    while True:
        try:
            answer = await person.run(channel, "etiquette ask", question=QUESTION)
        except NotAnswered:
            first = first or "nothing"
            continue
        first = first or ("the answer" if "About:" in answer.text else "an apology")
        if "About:" in answer.text:
            return first, time.perf_counter() - started


async def faults(advisor: Advisor, settings: Settings) -> None:
    print("| fault | the question right after it got | seconds until answered |\n| --- | --- | --- |")
    for name, order in FAULTS.items():
        with tempfile.TemporaryDirectory() as folder:
            database = await Database.open(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
            async with LocalDiscord() as discord:
                point(discord)
                runner = Runner(settings, advisor, database)
                task = asyncio.create_task(runner.run(discord.token))
                await discord.ready()
                server = discord.server()
                channel, person = server.channel("general"), server.member("asker")
                await again(discord, person, channel)
                order(discord)
                first, seconds = await again(discord, person, channel)
                print(f"| {name} | {first} | {seconds:.2f} |", flush=True)
                runner.stop()
                await task
            await database.close()


async def transcript(advisor: Advisor) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        async with LocalDiscord() as discord:
            point(discord)
            async with connected(discord, RsvnoBot(advisor, database, Metrics())):
                server = discord.server()
                channel, person = server.channel("general"), server.member("asker")
                await discord.settled()
                before = discord.traffic.count
                await person.run(channel, "shouldifollowback", situation=QUESTION)
                for exchange in discord.traffic.since(before):
                    print(f"== {exchange.kind}: {exchange.name} {exchange.status or ''}")
                    for label, body in (("sent", exchange.sent), ("received", exchange.received)):
                        if body is not None:
                            print(f"-- {label}:\n{json.dumps(body, indent=1, ensure_ascii=False)}")
        await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--transcript", action="store_true")
    chosen = parser.parse_args()
    settings = load_settings(None)
    advisor = Advisor.open(settings)
    if chosen.faults:
        asyncio.run(faults(advisor, settings))
    elif chosen.transcript:
        asyncio.run(transcript(advisor))
    else:
        asyncio.run(speed(advisor, chosen.people, chosen.rounds))


if __name__ == "__main__":
    main()
