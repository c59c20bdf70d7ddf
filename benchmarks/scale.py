"""What the bot costs, from one server to many: memory and start, chat that is not for it, and answers under load.

`python -m benchmarks.scale memory [--servers 1 10000 50000]`: own memory, seconds until ready, the longest standstill.
`python -m benchmarks.scale chat`: microseconds of CPU a message where nobody listens, beside a bare bot, in turns.
`python -m benchmarks.scale answers`: where an answer's time goes; at 50 a second (`--rate`); at twice what it can.
`python -m benchmarks.scale flood --rate 33`: two thousand people in a minute beside 5,000 overheard messages a second
(`--chatter`).

Each bot runs in a process of its own against `benchmarks.standin` in another, over sockets and with compression.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.chat.connection import point_library_at
from bot.configuration import DiscordSettings, ShardSettings, load_settings

SERVERS_A_SHARD = 2500
SHARE_OF_ASKED = 1 / 20
BEAT = 0.002


# ------------------------------------------------------------------ the bots


class Bare(discord.AutoShardedClient):
    """The least that a bot can be: one command that answers a constant."""

    def __init__(self, **options: Any) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, message_content=True)
        super().__init__(
            intents=intents, max_messages=None, member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False, **options,
        )  # fmt: skip
        self.tree = app_commands.CommandTree(self)
        group = app_commands.Group(name="etiquette", description="Answers a constant")
        self.tree.add_command(group)

        @group.command(name="ask", description="Answers a constant")
        async def answer(interaction: discord.Interaction[Any], question: str) -> None:
            await interaction.response.send_message("a constant", ephemeral=True)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without a pause: the stand-in has none."""


def own_memory() -> float:
    """Megabytes of this process that no other shares."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


class Pauses:
    """The longest look of the collector, in seconds of CPU (so long everything stands still where nothing else runs),
    and the longest time for which the loop did nothing, by the clock."""

    def __init__(self) -> None:
        self.collector = self.loop = 0.0
        self._began = 0.0
        gc.callbacks.append(self._note)

    def _note(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.thread_time()
        else:
            self.collector = max(self.collector, time.thread_time() - self._began)

    async def watch(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(BEAT)
            self.loop = max(self.loop, time.perf_counter() - before - BEAT)


class Stages:
    """How long each part of an answer takes, by the clock."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)

    def time(self, owner: Any, name: str, label: str) -> None:
        """Times each call of a function, or of a coroutine function, of an object, a class or a module."""
        call = getattr(owner, name)

        async def slow(*args: Any, **options: Any) -> Any:
            started = time.perf_counter()
            try:
                return await call(*args, **options)
            finally:
                self.seconds[label].append(time.perf_counter() - started)

        def quick(*args: Any, **options: Any) -> Any:
            started = time.perf_counter()
            try:
                return call(*args, **options)
            finally:
                self.seconds[label].append(time.perf_counter() - started)

        setattr(owner, name, slow if asyncio.iscoroutinefunction(call) else quick)

    def report(self) -> dict[str, float]:
        return {label: 1000 * statistics.median(each) for label, each in self.seconds.items()}


def time_stages(stages: Stages) -> None:
    """Puts clocks around the parts of an answer."""
    from bot.advice.advisor import Advisor
    from bot.chat.advice import replies
    from bot.chat.kit.desk import Desk
    from bot.matching.base import Base
    from bot.matching.encoder.mpnet import MPNet

    stages.time(discord.gateway.DiscordWebSocket, "received_message", "read from the gateway, object and task")
    stages.time(MPNet, "encode", "encoder, in the thread")
    stages.time(Base, "rank", "scores with the encoder, in the thread")
    stages.time(Advisor, "ask", "the advice, in the thread")
    stages.time(replies, "think", "the advice, with waiting for a thread")
    stages.time(replies, "reply_card", "card and buttons")
    stages.time(replies, "answer", "sending, until Discord has it")
    stages.time(Desk, "count", "counting, after the answer")


async def run_bot(kind: str, url: str, shards: int, listening: int) -> None:
    """One bot in this process; each line of its input is an order, and each has one line of JSON in return."""
    at = {"api_url": f"{url}/api/v10", "gateway_url": url.replace("http", "ws")}
    point_library_at(DiscordSettings.model_validate(at))
    started = time.perf_counter()
    pauses = Pauses()
    stages = Stages()
    with tempfile.TemporaryDirectory() as folder:
        client: Any
        if kind == "bare":
            client = Bare(shard_count=shards)
            closing: Callable[[], Any] = client.close
            running = asyncio.create_task(client.start("token"))
        else:
            from bot.advice.advisor import Advisor
            from bot.chat.client import RsvnoBot
            from bot.chat.running import Runner
            from bot.storage import Database

            if kind == "timed":
                time_stages(stages)
            settings = load_settings(None).model_copy(update={"shards": ShardSettings(count=shards)})
            advisor = Advisor.open(settings)
            database = await Database.open(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
            for number in range(listening):
                store = database.server((number // shards + 1) * shards + number % shards << 22)
                await store.settings.change(listening="channels", listening_channels={2 * 10**18}, eagerness="eager")

            def make(*args: Any, **options: Any) -> RsvnoBot:
                return RsvnoBot(*args, **options, identify_seconds=0.0)

            runner = Runner(settings, advisor, database, make=make)
            running = asyncio.create_task(runner.run("token"))
            while runner.bot is None:
                await asyncio.sleep(0.01)
            client, closing = runner.bot, runner.stop
        opened, before = time.perf_counter() - started, own_memory()
        watching = asyncio.create_task(pauses.watch())
        while not client.is_ready():
            await asyncio.sleep(0.01)
        ready = time.perf_counter() - started - opened
        print(
            json.dumps({"opened": opened, "ready": ready, "before": before, "servers": len(client.guilds)}), flush=True
        )
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(None, sys.stdin.readline):
            await asyncio.sleep(0.5)
            figures = {
                "memory": own_memory(), "cpu": time.process_time(), "collector": pauses.collector, "loop": pauses.loop,
                "stages": stages.report(), "objects": len(gc.get_objects()),
            }  # fmt: skip
            if kind != "bare":
                figures["dropped"] = runner.metrics.overheard_dropped._value.get()
            pauses.collector = pauses.loop = 0.0
            gc.collect()
            figures["full"] = pauses.collector
            pauses.collector = 0.0
            print(json.dumps(figures), flush=True)
        watching.cancel()
        if asyncio.iscoroutinefunction(closing):
            await closing()
        else:
            closing()
        await asyncio.wait((running,), timeout=5)
        os._exit(0)


# --------------------------------------------------------------- the processes


class Process:
    """A process of ours that answers lines with lines."""

    def __init__(self, *arguments: str) -> None:
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def line(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def figures(self) -> dict[str, Any]:
        """What it has cost so far."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        figures: dict[str, Any] = self.line()
        return figures

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)


@contextlib.contextmanager
def world(servers: int, shards: int = 1) -> Iterator[str]:
    """A stand-in with so many servers; yields its address."""
    stand_in = Process("benchmarks.standin", "--servers", str(servers), "--shards", str(shards))
    yield f"http://127.0.0.1:{stand_in.line()}"
    stand_in.end()


@contextlib.contextmanager
def bot(kind: str, url: str, shards: int = 1, listening: int = 0) -> Iterator[tuple[Process, dict[str, Any]]]:
    """A bot that is ready; yields it with what its start took."""
    arguments = ("--url", url, "--shards", str(shards), "--listening", str(listening))
    process = Process("benchmarks.scale", f"as-{kind}", *arguments)
    yield process, process.line()
    process.end()


async def order(url: str, what: str, **how: Any) -> dict[str, Any]:
    """Has the stand-in do something; returns what it says when that is done."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
        call = session.post(f"{url}/control/{what}", json=how) if how else session.get(f"{url}/control/{what}")
        async with call as answer:
            done: dict[str, Any] = await answer.json()
            return done


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


# -------------------------------------------------------------- what is measured


def memory(numbers: list[int], kinds: list[str]) -> None:
    print("| servers (shards) | bot | MB | KB a server | ready after | CPU s | longest pause: collector / loop |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for kind in kinds:
        alone = 0.0
        for servers in numbers:
            shards = -(-servers // SERVERS_A_SHARD)
            with world(servers, shards) as url, bot(kind, url, shards) as (process, start):
                figures = process.figures()
                alone = alone or figures["memory"]
                each = f"{1024 * (figures['memory'] - alone) / (servers - 1):.1f}" if servers > 1 else "-"
                print(
                    f"| {start['servers']:,} ({shards}) | {kind} | {figures['memory']:.0f} | {each} "
                    f"| {start['ready']:.1f} s | {figures['cpu']:.1f} | "
                    f"{figures['collector']:.2f} s / {figures['loop']:.2f} s, then {figures['full']:.3f} s |",
                    flush=True,
                )


async def chat(number: int, rounds: int) -> None:
    costs: defaultdict[str, list[float]] = defaultdict(list)
    with world(100) as url:
        for _ in range(rounds):
            for kind in ("bare", "ours"):
                with bot(kind, url) as (process, _):
                    await order(url, "chat", number=1000)
                    await asyncio.sleep(2)
                    before = process.figures()["cpu"]
                    idle = process.figures()["cpu"] - before
                    before = process.figures()["cpu"]
                    await order(url, "chat", number=number)
                    # twice, for what is still under way
                    process.figures()
                    costs[kind].append((process.figures()["cpu"] - before - 2 * idle) / number * 1e6)
    for kind, each in costs.items():
        print(f"{kind}: {statistics.median(each):.0f} µs of CPU a message (of {sorted(round(cost) for cost in each)})")
    print(f"ratio: {statistics.median(costs['ours']) / statistics.median(costs['bare']):.2f}")


async def asked(url: str, number: int, rate: float) -> dict[str, Any]:
    """Asks, waits until all is answered or nothing more comes; returns how it went."""
    took = (await order(url, "ask", number=number, rate=rate))["seconds"]
    while True:
        first = await order(url, "report")
        await asyncio.sleep(2.5)
        if await order(url, "report") == first:
            break
    answers = first["asked"]
    last = max((each[-1][0] for each in answers if each), default=0.0)
    done = [each for each in answers if each and each[-1][1] == "answer"]
    return {
        "asked": number, "answered": len(done), "offered": number / took,
        "first": [each[0][0] for each in answers if each],
        "thinking": sum(each[0][1] == "thinking" for each in answers if each), "last": last,
        "late": sum(not each or each[0][0] > 3.0 for each in answers), "unfinished": number - len(done),
    }  # fmt: skip


def say(label: str, found: dict[str, Any]) -> None:
    first = found["first"]
    p50, p99 = percentile(first, 0.5), percentile(first, 0.99)
    print(
        f"{label}: offered {found['offered']:.0f}/s, {found['asked']} asked, {found['answered']} answered "
        f"({found['thinking']} of them after 'thinking'), first word p50 {1000 * p50:.1f} ms, p99 {1000 * p99:.1f} ms "
        f"(p99/p50 {p99 / p50:.1f}); no word within 3 s: {found['late']}; the last answer after {found['last']:.1f} s",
        flush=True,
    )


async def answers(rate: float) -> None:
    with world(100) as url:
        with bot("bare", url) as (process, _):
            await asked(url, 100, 50)
            say(f"bare, {rate:.0f} a second", await asked(url, int(10 * rate), rate))
        with bot("timed", url) as (process, _):
            await asked(url, 50, 5)
            await asked(url, 100, 10)
            for label, each in sorted(process.figures()["stages"].items(), key=lambda item: -item[1]):
                print(f"  {label}: {each:.2f} ms")
        with bot("ours", url) as (process, _):
            await asked(url, 100, 50)
            before = process.figures()["cpu"]
            say(f"ours, {rate:.0f} a second", await asked(url, int(10 * rate), rate))
            cost = 1000 * (process.figures()["cpu"] - before) / int(10 * rate)
            print(f"  {cost:.1f} ms of CPU each, with what idling costs")
            burst = await asked(url, 400, 100_000)
            capacity = burst["answered"] / burst["last"]
            print(f"capacity: {capacity:.0f} a second")
            twice = await asked(url, int(capacity * 2 * 10), capacity * 2)
            say("ours, twice the capacity, 10 s", twice)
            print(f"  delivered {twice['answered'] / twice['last'] / capacity:.0%} of capacity")


async def flood(rate: float, chatter: float) -> None:
    async with contextlib.AsyncExitStack() as stack:
        url = stack.enter_context(world(2000))
        process, _ = stack.enter_context(bot("ours", url, listening=1000))
        await asked(url, 100, 20)
        for label, over in (("one listening channel", 1), ("a thousand", 1000)):
            process.figures()
            chatting = asyncio.create_task(order(url, "chat", number=int(30 * chatter), rate=chatter, over=over))
            found = await asked(url, int(30 * rate), rate)
            sent = await chatting
            say(f"{rate:.0f} asked a second, {chatter:,.0f} overheard in {label}", found)
            figures = process.figures()
            stood = (
                f"the loop stood still for {figures['loop']:.2f} s at most, the collector {figures['collector']:.2f} s"
            )
            said = int(30 * chatter) / sent["seconds"]
            dropped = f"{figures['dropped']:.0f} dropped so far"
            print(
                f"  {said:.0f} overheard a second were sent, {dropped}; {stood}; {figures['memory']:.0f} MB", flush=True
            )


def main() -> None:
    logging.disable(logging.INFO)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["memory", "chat", "answers", "flood", "as-bare", "as-ours", "as-timed"])
    parser.add_argument("--servers", type=int, nargs="+", default=[1, 10_000, 50_000])
    parser.add_argument("--bots", nargs="+", default=["ours"], choices=["ours", "bare"])
    parser.add_argument("--number", type=int, default=6000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rate", type=float, default=50, help="questions a second")
    parser.add_argument("--chatter", type=float, default=5000, help="overheard messages a second")
    parser.add_argument("--url", default="")
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--listening", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.what == "memory":
        memory(chosen.servers, chosen.bots)
    elif chosen.what == "chat":
        asyncio.run(chat(chosen.number, chosen.rounds))
    elif chosen.what == "answers":
        asyncio.run(answers(chosen.rate))
    elif chosen.what == "flood":
        asyncio.run(flood(chosen.rate, chosen.chatter))
    else:
        asyncio.run(run_bot(chosen.what.removeprefix("as-"), chosen.url, chosen.shards, chosen.listening))


if __name__ == "__main__":
    main()
