"""`try`: the real bot on a Discord of its own, with a page in the browser. No token, no account, nothing leaves here.

All that it keeps lies in one folder: the world (people, channels, messages), and the bot's own database.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import shutil
import signal
import webbrowser
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from bot.advice.advisor import Advisor
from bot.chat.client import RsvnoBot
from bot.chat.connection import point_library_at
from bot.chat.running import Runner
from bot.configuration import DiscordSettings, Settings
from bot.documents.faults import UnusableEnvironment
from bot.guidance.models import Library
from bot.local import LocalDiscord
from bot.local.page import Page, Suggestion
from bot.storage import JUDGED, CountKey, Database, Delta, StorageFault

log = logging.getLogger(__name__)

MADE_UP_DAYS = 182
SAVE_SECONDS = 1.0

SUGGESTIONS = (
    Suggestion(
        "Ask: somebody followed me, do I owe a follow back?",
        {
            "do": "run",
            "command": "shouldifollowback",
            "options": [{"name": "situation", "type": 3, "value": "somebody followed me, do i owe a follow back?"}],
        },
    ),
    Suggestion(
        'Decline: my aunt wants me at the event "Harvest Supper"',
        {
            "do": "run",
            "command": "decline",
            "options": [
                {"name": "invitation", "type": 3, "value": 'my aunt wants me at the event "Harvest Supper"'},
                {"name": "tone", "type": 3, "value": "warm"},
            ],
        },
    ),
    Suggestion(
        "Mention the bot: is it rude to ignore a friend request?",
        {"do": "say", "text": "@RSVNo is it rude to ignore a friend request?"},
    ),
)
MADE_UP = "made-up"


@dataclass
class Places:
    """Who and what was furnished: kept beside the world, since the world itself knows no favourites."""

    people: list[int]
    servers: list[int]
    made_up: bool = False


def furnish(discord: LocalDiscord) -> Places:
    """Makes two servers with channels, an admin and a member of the first, and somebody of the second."""
    admin, member, neighbor = (discord.person(name) for name in ("Admin", "Member", "Neighbor"))
    first = discord.server("Reading Corner", owner=admin, with_bot=False)
    for name in ("general", "promo", "questions"):
        first.channel(name)
    first.join(admin)
    first.join(member)
    first.role("Editors")
    second = discord.server("Garden Club", owner=neighbor, with_bot=False)
    for name in ("general", "plants"):
        second.channel(name)
    second.join(neighbor)
    return Places([member.id, admin.id, neighbor.id], [first.id, second.id])


async def make_up_stats(database: Database, server: int, library: Library, chance: random.Random) -> int:
    """Counts half a year of questions that nobody asked; returns how many. Raises StorageFault."""
    counters = database.server(server).counters
    today = await counters.today()
    entries = [entry for entry in library.entries if entry.topic]
    favourites = {topic: 1 + chance.random() * 4 for topic in library.titles}
    deltas: dict[CountKey, Delta] = {}
    for back in range(1, MADE_UP_DAYS):
        day = today - timedelta(days=back)
        busy = (1.4 if day.weekday() >= 5 else 1.0) * (1 + (MADE_UP_DAYS - back) / MADE_UP_DAYS)
        for entry in chance.choices(entries, [favourites[entry.topic or ""] for entry in entries], k=int(12 * busy)):
            topic, verdict = entry.topic or "", str(entry.verdict)
            key = counters.key(day, route="command", outcome="answer", topic=topic, entry=entry.id, verdict=verdict)
            judged = counters.key(day, outcome=JUDGED, topic=topic, entry=entry.id)
            deltas[key] = Delta(deltas.get(key, Delta()).questions + 1)
            if chance.random() < 0.2:
                old = deltas.get(judged, Delta())
                helpful = chance.random() < 0.8
                deltas[judged] = Delta(0, old.helpful + helpful, old.unhelpful + (not helpful))
        for outcome, most in (("choices", 3), ("none", 4)):
            deltas[counters.key(day, route="command", outcome=outcome)] = Delta(chance.randint(0, most))
    await counters.add(deltas)
    return sum(delta.questions for delta in deltas.values())


class Trial:
    """The three parts of `try`, together: a local Discord, the bot against it, and the page."""

    def __init__(self, settings: Settings, advisor: Advisor, folder: Path, port: int) -> None:
        self._settings = settings
        self._advisor = advisor
        self._folder = folder
        self._saving: asyncio.TimerHandle | None = None
        self.page = Page("RSVNo, to try", SUGGESTIONS, {MADE_UP: "Fill in half a year of made-up stats"}, self._extra)
        self.discord = LocalDiscord(bot_name="RSVNo", port=port, limited=False, more_routes=self.page.routes())
        self._places = Places([], [])
        self.database: Database | None = None
        self.runner: Runner | None = None

    @property
    def _world_file(self) -> Path:
        return self._folder / "world.pickle"

    @property
    def _places_file(self) -> Path:
        return self._folder / "places.json"

    async def start(self) -> str:
        """Starts all three, waits until the bot is connected, and returns the page's address.

        Raises UnusableEnvironment for a port that is taken, and StorageFault.
        """
        new = not self._goes_on()
        if new:
            self._places = furnish(self.discord)
        self.page.people, self.page.servers = self._places.people, self._places.servers
        self._draw_banner()
        self.page.open_on(self.discord)
        try:
            await self.discord.start()
        except OSError as error:
            message = f"this port can't be used ({error.strerror}): choose another"
            raise UnusableEnvironment("--port", message) from None
        addresses = {"api_url": self.discord.api_url, "gateway_url": self.discord.gateway_url}
        point_library_at(DiscordSettings.model_validate(addresses))
        self.database = await Database.open(self._folder / "bot.sqlite3", serving=True)
        self.runner = Runner(self._settings, self._advisor, self.database, make=_client)
        self._running = asyncio.create_task(self.runner.run(self.discord.token))
        ready = asyncio.create_task(self.discord.ready(seconds=30))
        await asyncio.wait((ready, self._running), return_when=asyncio.FIRST_COMPLETED)
        if self._running.done():
            ready.cancel()
            self._running.result()
        await ready
        if new and self.runner.bot is not None:
            await self.runner.bot.wait_until_ready()
            # the bot joins only now, so that it says its hello
            for server in self._places.servers:
                self.discord.engine.add_bot(server)
        self.discord.watchers.add(self._save_soon)
        self._save()
        return f"{self.discord.url}/app/"

    async def stop(self) -> None:
        """Stops all three, with what is in flight delivered, and keeps the world."""
        if self.runner is not None:
            self.runner.stop()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._running, 6)
        if self._saving is not None:
            self._saving.cancel()
        self._save()
        await self.discord.stop()
        if self.database is not None:
            await self.database.close()

    # ---------------------------------------------------------------- keeping

    def _goes_on(self) -> bool:
        try:
            places = Places(**json.loads(self._places_file.read_text()))
            if not self.discord.engine.load(self._world_file):
                return False
        except (OSError, ValueError, TypeError):
            return False
        self._places = places
        return True

    def _save_soon(self) -> None:
        if self._saving is None:
            self._saving = asyncio.get_running_loop().call_later(SAVE_SECONDS, self._save)

    def _save(self) -> None:
        self._saving = None
        try:
            self.discord.engine.save(self._world_file)
            self._places_file.write_text(json.dumps(asdict(self._places)))
        except OSError as error:
            log.warning("what happened here could not be kept: %s", error.strerror)

    # ------------------------------------------------------------------ extras

    async def _extra(self, name: str) -> str:
        if name != MADE_UP or self.database is None:
            return "There is nothing of that name."
        if self._places.made_up:
            return "The stats hold made-up figures already."
        server = self._places.servers[0]
        try:
            count = await make_up_stats(self.database, server, self._advisor.library, random.Random(11))
        except StorageFault as fault:
            return str(fault)
        self._places.made_up = True
        self._draw_banner()
        self._save()
        self.discord.note_change()
        return f"{count:,} made-up questions were counted. As Admin, type /stats."

    def _draw_banner(self) -> None:
        if self._places.made_up:
            self.page.banner = "The stats of Reading Corner are made up: nobody asked these questions."


def _client(*args: object, **options: object) -> RsvnoBot:
    # nobody else identifies here, so there is nothing to wait for
    return RsvnoBot(*args, **options, identify_seconds=0.0, guild_ready_timeout=0.2)  # type: ignore[arg-type]


def _empty(folder: Path) -> None:
    """Removes what is in a folder, which may be a link to another, and stays. Raises UnusableEnvironment."""
    try:
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    except OSError as error:
        message = f"can't be emptied ({error.strerror}): remove it by hand, and try again"
        raise UnusableEnvironment(str(error.filename or folder), message) from None


async def run_trial(settings: Settings, port: int, *, fresh: bool, open_page: bool, say: Callable[[str], None]) -> None:
    """Runs until Ctrl-C. Raises UnusableEnvironment for a folder or port that can't be used, or is in use."""
    folder = settings.data_folder / "try"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # what people write here is for nobody else on this machine
        folder.chmod(0o700)
        lock = FileLock(settings.data_folder / "try.lock")
        lock.acquire(timeout=0)
    except Timeout:
        message = "another 'try' is running on this data: use its page, or end it first"
        raise UnusableEnvironment("try", message) from None
    except OSError as error:
        message = f"can't be written to ({error.strerror}): choose a folder with RSVNO_DATA_FOLDER"
        raise UnusableEnvironment(str(folder), message) from None
    with lock:
        if fresh:
            _empty(folder)
        say("preparing the advice...")
        advisor = await asyncio.to_thread(Advisor.open, settings)
        trial = Trial(settings, advisor, folder, port)
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, ended.set)
        try:
            address = await trial.start()
            say(
                f"RSVNo runs on a Discord of its own: {address}\nCtrl-C ends it; what happened stays for the next time."
            )
            if open_page:
                webbrowser.open(address)
            await ended.wait()
        finally:
            await trial.stop()
