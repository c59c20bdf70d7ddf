"""A Discord of one's own on 127.0.0.1: `async with LocalDiscord() as discord`."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from types import TracebackType

from aiohttp import web

from bot.local.faults import RestFaults
from bot.local.gateway import Gateway
from bot.local.guard import guard
from bot.local.people import Channel, Person, Server
from bot.local.rest import MOST_BYTES, Rest
from bot.local.traffic import Traffic
from bot.local.world import World

_IN_GATEWAY_BASE = "/"


class LocalDiscord(World):
    """REST v10 and a gateway v10 on a loopback port, a world to furnish, people to act in it, faults to order.

    `token` is the only one that it accepts: a random one unless it is given. `limited=False` leaves rate limits out.
    `heartbeat_interval` is in seconds, and so is `clock_ahead`, by which its clock differs from this machine's. Point
    a bot at `api_url` and `gateway_url`. `more_routes` are served beside Discord's own.
    """

    def __init__(
        self,
        *,
        token: str | None = None,
        bot_name: str = "bot",
        port: int = 0,
        limited: bool = True,
        heartbeat_interval: float = 41.25,
        clock_ahead: float = 0.0,
        more_routes: Sequence[web.RouteDef] = (),
    ) -> None:
        # known to nobody who was not told, such as a page in a browser on this machine
        self.token = token = token or secrets.token_urlsafe(24)
        super().__init__(bot_name, clock_ahead)
        self.traffic = Traffic()
        self.faults = RestFaults()
        self.gateway = Gateway(self.engine, self.clock, self.traffic, token, heartbeat_interval)
        self.rest = Rest(self.engine, self.clock, self.faults, self.traffic, token, limited=limited)
        self._wanted_port = port
        self._more_routes = more_routes
        self._runner: web.AppRunner | None = None
        self.gateway.changed = self.rest.changed = self.note_change

    @property
    def api_url(self) -> str:
        """What a client takes for `https://discord.com/api/v10`."""
        return f"{self.url}/api/v10"

    @property
    def gateway_url(self) -> str:
        """What a client takes for `wss://gateway.discord.gg/`."""
        return self.url.replace("http", "ws", 1) + "/"

    async def __aenter__(self) -> LocalDiscord:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listens on 127.0.0.1. Raises OSError if the port is taken."""
        app = web.Application(client_max_size=MOST_BYTES, middlewares=[guard])
        app.add_routes([*self.rest.routes(), *self._more_routes, web.get(_IN_GATEWAY_BASE, self.gateway.handle)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._wanted_port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self.rest.base = self.gateway.base = self.url

    async def stop(self) -> None:
        """Ends all connections."""
        self.faults.take_back()
        self.gateway.drop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # ---------------------------------------------------------------- world

    @property
    def bot_mention(self) -> str:
        """What people write to mention the bot."""
        return f"<@{self.engine.bot_id}>"

    def person(self, name: str, *, locale: str = "en-US", bot: bool = False) -> Person:
        """Makes somebody who is in no server yet (or, with `bot=True`, another bot)."""
        return Person(self, self.engine.make_user(name, bot=bot), locale)

    def server(
        self,
        name: str = "server",
        *,
        owner: Person | None = None,
        with_bot: bool = True,
        shard: tuple[int, int] | None = None,
        locale: str = "en-US",
    ) -> Server:
        """Makes a server where the bot has been for long; with `with_bot=False` it joins at `add_bot()`, or never."""
        return Server(
            self,
            self.engine.make_guild(name, owner.id if owner else None, with_bot=with_bot, shard=shard, locale=locale),
        )

    def private_channel(self, *people: Person) -> Channel:
        """Makes a channel between people, without the bot."""
        return Channel(self, self.engine.private_channel([person.id for person in people]))

    def advance(self, seconds: float) -> None:
        """Moves this Discord's clock forward: deadlines pass, sessions grow old."""
        self.clock.advance(seconds)
        self.note_change()

    # -------------------------------------------------------------- waiting

    async def ready(self, shards: int = 1, seconds: float = 15.0) -> None:
        """Waits until so many shards of the bot are connected."""
        await self.until(lambda: len(self.gateway.ready_shards()) >= shards, seconds, "the bot did not connect")

    async def settled(self) -> None:
        """Waits until every event sent so far has been written to the bot's connections."""
        while any(
            session.connection is not None and not session.connection.queue.empty()
            for session in self.gateway.sessions.values()
        ):
            await asyncio.sleep(0)
