"""`/healthz` and Prometheus `/metrics`, on 127.0.0.1 only."""

from __future__ import annotations

from collections.abc import Callable

import discord
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.chat.kit.metrics import Metrics


class Health:
    """A small web server for whoever watches the bot. `current` returns the client that runs now, or None."""

    def __init__(self, metrics: Metrics, current: Callable[[], discord.AutoShardedClient | None]) -> None:
        self._metrics = metrics
        self._current = current
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self, port: int) -> None:
        """Listens on 127.0.0.1; port 0 takes a free one. Raises OSError if the port is taken."""
        app = web.Application()
        app.add_routes([web.get("/healthz", self._healthz), web.get("/metrics", self._page)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Ends it."""
        if self._runner is not None:
            await self._runner.cleanup()

    def _shards(self) -> dict[str, bool]:
        bot = self._current()
        return {} if bot is None else {str(shard): not info.is_closed() for shard, info in bot.shards.items()}

    async def _healthz(self, _: web.Request) -> web.Response:
        bot = self._current()
        shards = self._shards()
        healthy = bot is not None and bot.is_ready() and bool(shards) and all(shards.values())
        body = {"healthy": healthy, "shards": shards, "servers": len(bot.guilds) if bot is not None else 0}
        return web.json_response(body, status=200 if healthy else 503)

    async def _page(self, _: web.Request) -> web.Response:
        bot = self._current()
        for shard, up in self._shards().items():
            self._metrics.shard_up.labels(shard).set(int(up))
        for shard_id, seconds in bot.latencies if bot is not None else []:
            if seconds == seconds and seconds != float("inf"):
                self._metrics.shard_latency.labels(str(shard_id)).set(seconds)
        content_type = {"Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=generate_latest(self._metrics.registry), headers=content_type)
