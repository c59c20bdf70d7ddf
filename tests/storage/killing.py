"""Writes to a database and is killed at random moments: run by `test_kill.py`, in a process of its own.

`python -m tests.storage.killing URL ROUNDS SEED`: prints, as JSON, what was begun and what was acknowledged.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time

from bot.storage import Database

SERVERS = (7, 8)


async def work(url: str, out: int, number: int) -> None:
    """Counts, judges and edits until it is killed; writes a line for each begun and each acknowledged operation."""
    database = await Database.open(url)

    def say(*words: object) -> None:
        os.write(out, (" ".join(str(word) for word in words) + "\n").encode())

    async def count(server: int, step: int) -> None:
        say("begun", "count", server)
        await database.server(server).counters.count(route="command", outcome="answer", entry=f"e{step % 5}")
        say("done", "count", server)

    async def add(server: int, step: int) -> None:
        entry = f"own-{number}-{step}"
        say("begun", "entry", server, entry)
        await database.server(server).entries.add({"id": entry, "question": f"{entry}?"}, editor=1)
        say("done", "entry", server, entry)

    for step in range(10_000):
        server = SERVERS[step % 2]
        await asyncio.gather(*(count(server, step + extra) for extra in range(4)), add(server, step))


def one_round(url: str, number: int, chance: random.Random) -> list[str]:
    """Forks a worker, kills it at a random moment, and returns what it said."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            asyncio.run(work(url, write, number))
        finally:
            os._exit(1)
    os.close(write)
    said = b""
    if number % 2:
        # not before the first step is done, which is ten lines: however busy the machine is, there is something to lose
        lines = chance.randint(11, 60)
        while said.count(b"\n") < lines:
            said += os.read(read, 256)
    else:
        time.sleep(chance.uniform(0.01, 0.2))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while chunk := os.read(read, 65536):
        said += chunk
    os.close(read)
    return said.decode().splitlines()


def main() -> None:
    url, rounds, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    counts = {kind: dict.fromkeys(SERVERS, 0) for kind in ("begun", "done")}
    entries: dict[str, list[tuple[int, str]]] = {"begun": [], "done": []}
    for number in range(rounds):
        for line in one_round(url, number, chance):
            kind, what, server, *rest = line.split()
            if what == "count":
                counts[kind][int(server)] += 1
            else:
                entries[kind].append((int(server), rest[0]))
    print(json.dumps({"counts": counts, "entries": entries}))


if __name__ == "__main__":
    main()
