"""A stand-in for Discord that costs little, to measure what a bot costs: servers of made-up size, events on order.

`python -m benchmarks.standin --servers 10000 --shards 10` prints its port and serves until its input closes. Beside the
gateway and the few REST routes that a bot calls, it has routes of its own: `/control/chat`, `/control/ask`,
`/control/report`. For what Discord does and refuses, there is `bot.local`; here nothing is checked.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import sys
import time
import zlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

BOT = 4_000_000_000_000_000_001
EPOCH = 1_420_070_400_000
QUESTIONS = (
    "a coworker followed me, do i owe them a follow back",
    "how do i decline a wedding invitation from an old friend",
    "is it rude to leave a group chat without saying anything",
    "my aunt sent me a friend request and i would rather not accept it",
    "someone i met once wants to connect on linkedin, must i",
)
LINES = (
    "what a nice day it is", "did anybody try the new build yet, mine ends in an error since this morning",
    "gg", "lol same", "i will be there at eight, save me a seat", "that is not how caches work though",
    "pizza tonight?", "the train is late again and nobody says why",
)  # fmt: skip


def template(chance: random.Random) -> str:
    """The data of one server, of a size as real ones seem to have; 24 KB in the middle, 30 KB on average."""
    size = math.exp(chance.gauss(0, 0.65))
    overwrites = [{"id": str(10**18 + n), "type": 0, "allow": "0", "deny": "1024"} for n in range(2)]
    channels = [
        {
            "id": str(2 * 10**18 + number), "type": chance.choice((0, 0, 0, 2, 4)), "name": f"channel-{number}",
            "position": number, "topic": "what belongs here, and what does not " * 3, "nsfw": False, "parent_id": None,
            "permission_overwrites": overwrites * chance.randint(0, 3), "rate_limit_per_user": 0, "flags": 0,
            "last_message_id": str(3 * 10**18 + number), "bitrate": 64000, "user_limit": 0, "rtc_region": None,
        }
        for number in range(round(23 * size))
    ]  # fmt: skip
    roles = [
        {
            "id": str(10**18 + number), "name": f"role {number}", "permissions": "104324673", "position": number,
            "color": 0, "colors": {"primary_color": 0}, "hoist": False, "managed": False, "mentionable": False,
            "icon": None, "unicode_emoji": None, "flags": 0, **({"tags": {"bot_id": str(BOT)}} if number == 1 else {}),
        }
        for number in range(round(14 * size) + 2)
    ]  # fmt: skip
    emojis = [
        {"id": str(5 * 10**18 + n), "name": f"emoji_{n}", "roles": [], "animated": False, "available": True,
         "managed": False, "require_colons": True, "user": {"id": "7", "username": "somebody", "avatar": None}}
        for n in range(round(18 * size))
    ]  # fmt: skip
    threads = [
        {
            "id": str(6 * 10**18 + number), "type": 11, "name": f"thread {number}", "parent_id": channels[0]["id"],
            "owner_id": "7", "message_count": 9, "member_count": 3, "guild_id": "GUILD", "last_message_id": "1",
            "thread_metadata": {"archived": False, "auto_archive_duration": 60, "locked": False,
                                "archive_timestamp": "2026-01-01T00:00:00+00:00"},
        }
        for number in range(round(3 * size) if channels else 0)
    ]  # fmt: skip
    return json.dumps(
        {
            "id": "GUILD", "name": "a server", "owner_id": "7", "preferred_locale": "en-US", "unavailable": False,
            "member_count": round(300 * size), "large": size > 1, "joined_at": "2026-01-01T00:00:00+00:00",
            "channels": channels, "roles": roles, "emojis": emojis, "threads": threads, "features": ["COMMUNITY"],
            "stickers": [], "presences": [], "voice_states": [], "stage_instances": [], "guild_scheduled_events": [],
            "soundboard_sounds": [], "system_channel_id": None, "verification_level": 1, "premium_tier": 0,
            "default_message_notifications": 1, "explicit_content_filter": 2, "mfa_level": 0, "nsfw_level": 0,
            "members": [{"user": {"id": str(BOT), "username": "bot", "discriminator": "0", "avatar": None, "bot": True},
                         "roles": [str(10**18 + 1)], "joined_at": "2026-01-01T00:00:00+00:00", "deaf": False,
                         "mute": False, "flags": 0}],
        }
    )  # fmt: skip


@dataclass
class Asked:
    """A question under way, and how it was answered: at which second, with which kinds of answer."""

    at: float
    answers: list[tuple[float, str]] = field(default_factory=list)


class StandIn:
    """The servers, the connections of the bot's shards, and what was asked and answered."""

    def __init__(self, servers: int, shards: int) -> None:
        chance = random.Random(3)
        self.templates = [template(chance) for _ in range(200)]
        # shard 0's servers come first
        self.ids = [((number // shards + 1) * shards + number % shards) << 22 for number in range(servers)]
        self.shards = shards
        self.sockets: dict[int, tuple[web.WebSocketResponse, Any]] = {}
        self.locks: dict[int, asyncio.Lock] = {}
        self.asked: dict[str, Asked] = {}
        self.posts = 0
        self.numbers = 0
        self.port = 0
        self.chance = chance

    # ---------------------------------------------------------------- gateway

    async def send(self, shard: int, text: str) -> None:
        socket, compressor = self.sockets[shard]
        async with self.locks[shard]:
            await socket.send_bytes(compressor.compress(text.encode()) + compressor.flush(zlib.Z_SYNC_FLUSH))

    async def event(self, shard: int, name: str, data: str) -> None:
        self.numbers += 1
        await self.send(shard, f'{{"op":0,"s":{self.numbers},"t":"{name}","d":{data}}}')

    async def gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=1 << 20, compress=False)
        await socket.prepare(request)
        compressor = zlib.compressobj(1)
        hello = b'{"op":10,"d":{"heartbeat_interval":41250},"s":null,"t":null}'
        await socket.send_bytes(compressor.compress(hello) + compressor.flush(zlib.Z_SYNC_FLUSH))
        shard = -1
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            said = json.loads(message.data)
            if said["op"] == 2:
                shard = said["d"].get("shard", [0, 1])[0]
                self.sockets[shard], self.locks[shard] = (socket, compressor), asyncio.Lock()
                asyncio.get_running_loop().create_task(self.furnish(shard))
            elif said["op"] == 1 and shard >= 0:
                asyncio.get_running_loop().create_task(self.send(shard, '{"op":11}'))
        return socket

    async def furnish(self, shard: int) -> None:
        mine = [each for each in self.ids if (each >> 22) % self.shards == shard]
        user = {"id": str(BOT), "username": "bot", "discriminator": "0", "avatar": None, "bot": True}
        ready = {
            "v": 10, "user": user, "guilds": [{"id": str(each), "unavailable": True} for each in mine],
            "session_id": f"s{shard}", "resume_gateway_url": f"ws://127.0.0.1:{self.port}",
            "shard": [shard, self.shards],
            "application": {"id": str(BOT), "flags": 0},
        }  # fmt: skip
        await self.event(shard, "READY", json.dumps(ready))
        for number, each in enumerate(mine):
            await self.event(shard, "GUILD_CREATE", self.templates[number % 200].replace("GUILD", str(each)))

    # ------------------------------------------------------------------- rest

    async def rest(self, request: web.Request) -> web.Response:
        path, method = request.match_info["path"], request.method
        now = time.perf_counter()
        user = {"id": str(BOT), "username": "bot", "discriminator": "0", "avatar": None, "bot": True}
        if path == "gateway/bot":
            limit = {"total": 1000, "remaining": 999, "reset_after": 1, "max_concurrency": 16}
            url = f"ws://127.0.0.1:{self.port}"
            return as_json({"url": url, "shards": self.shards, "session_start_limit": limit})
        if path == "users/@me":
            return as_json(user)
        if path.startswith("oauth2/"):
            application = {"id": str(BOT), "name": "bot", "description": "", "icon": None, "verify_key": "", "flags": 0}
            return as_json({**application, "bot_public": True, "bot_require_code_grant": False, "owner": user})
        parts = path.split("/")
        if parts[-1] == "callback":
            body = await request.json()
            self.answer(parts[2], now, "answer" if body["type"] == 4 else "thinking")
            interaction = {"id": parts[1], "type": 2, "response_message_id": None}
            return as_json({"interaction": interaction, "resource": {"type": body["type"]}})
        if parts[0] == "webhooks":
            self.answer(parts[2], now, "answer")
            return as_json(self.message(0, 0, "an answer"))
        if parts[-1] == "messages" and method == "POST":
            self.posts += 1
            return as_json(self.message(int(parts[1]), 0, "an answer"))
        return as_json([] if method == "PUT" else {})

    def answer(self, token: str, now: float, kind: str) -> None:
        if token in self.asked:
            self.asked[token].answers.append((now - self.asked[token].at, kind))

    # ---------------------------------------------------------------- control

    def message(self, channel: int, guild: int, text: str) -> dict[str, Any]:
        """A member's message, as long as they are on the wire."""
        self.numbers += 1
        author = {"id": str(100 + self.numbers % 977), "username": "somebody", "discriminator": "0", "avatar": "a" * 32,
                  "global_name": "Somebody", "public_flags": 0, "clan": None, "primary_guild": None}  # fmt: skip
        member = {"roles": [str(10**18 + 5)], "joined_at": "2026-01-01T00:00:00+00:00", "premium_since": None,
                  "nick": None, "pending": False, "mute": False, "deaf": False, "flags": 0, "avatar": None,
                  "communication_disabled_until": None, "banner": None}  # fmt: skip
        return {
            "id": str(snowflake(self.numbers)), "channel_id": str(channel), "author": author, "content": text,
            "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None, "tts": False, "mention_everyone": False,
            "mentions": [], "mention_roles": [], "attachments": [], "embeds": [], "pinned": False, "type": 0,
            "flags": 0, "components": [], "nonce": "1234567890",
            **({"guild_id": str(guild), "member": member} if guild else {}),
        }  # fmt: skip

    async def chat(self, request: web.Request) -> web.Response:
        """Sends chat: `number` lines at `rate` a second, over `over` servers (those first by id, or all)."""
        order = await request.json()
        over = self.ids[: order["over"]] if order.get("over") else self.ids
        started = time.perf_counter()
        for number in range(order["number"]):
            guild = over[number % len(over)]
            text = LINES[number % len(LINES)]
            data = json.dumps(self.message(order.get("channel", 2 * 10**18), guild, text))
            await self.event((guild >> 22) % self.shards, "MESSAGE_CREATE", data)
            if order.get("rate"):
                ahead = started + number / order["rate"] - time.perf_counter()
                if ahead > 0.002:
                    await asyncio.sleep(ahead)
        if order.get("question"):
            await self.ask_once(self.ids[0])
        return web.json_response({"seconds": time.perf_counter() - started})

    async def ask(self, request: web.Request) -> web.Response:
        """Asks `number` questions by the slash command, `rate` a second, each of another person and server."""
        order = await request.json()
        self.asked.clear()
        started = time.perf_counter()
        for number in range(order["number"]):
            await self.ask_once(self.ids[number % len(self.ids)], number)
            ahead = started + number / order["rate"] - time.perf_counter()
            if ahead > 0:
                await asyncio.sleep(ahead)
        return web.json_response({"seconds": time.perf_counter() - started})

    async def ask_once(self, guild: int, number: int = 0) -> None:
        self.numbers += 1
        token = f"token{self.numbers}"
        said = {"type": 3, "name": "question", "value": f"{QUESTIONS[number % len(QUESTIONS)]} {self.numbers}"}
        user = {"id": str(100 + self.numbers), "username": "asker", "discriminator": "0", "avatar": None}
        permissions = "2248473465835073"
        data = {
            "id": str(snowflake(self.numbers)), "application_id": str(BOT), "type": 2, "token": token, "version": 1,
            "guild_id": str(guild), "guild": {"id": str(guild), "locale": "en-US", "features": []}, "locale": "en-US",
            "channel_id": str(2 * 10**18), "guild_locale": "en-US", "app_permissions": permissions, "entitlements": [],
            "channel": {"id": str(2 * 10**18), "type": 0, "name": "general", "guild_id": str(guild), "position": 0,
                        "permissions": permissions},
            "member": {"user": user, "roles": [], "joined_at": "2026-01-01T00:00:00+00:00", "permissions": permissions,
                       "deaf": False, "mute": False, "flags": 0},
            "authorizing_integration_owners": {"0": str(guild)}, "context": 0, "attachment_size_limit": 10485760,
            "data": {"id": "1", "name": "etiquette", "type": 1,
                     "options": [{"type": 1, "name": "ask", "options": [said]}]},
        }  # fmt: skip
        self.asked[token] = Asked(time.perf_counter())
        await self.event((guild >> 22) % self.shards, "INTERACTION_CREATE", json.dumps(data))

    async def report(self, _: web.Request) -> web.Response:
        """How each question was answered so far, in the order in which they were asked."""
        return web.json_response({"posts": self.posts, "asked": [each.answers for each in self.asked.values()]})


def as_json(data: Any) -> web.Response:
    """An answer of exactly the content type that Discord's clients compare with."""
    return web.Response(body=json.dumps(data).encode(), headers={"Content-Type": "application/json"})


def snowflake(number: int) -> int:
    """An id of this moment."""
    return ((int(time.time() * 1000) - EPOCH) << 22) | (number & 0x3FFFFF)


async def serve(servers: int, shards: int) -> None:
    """Serves on a free port, which is printed, until the input closes."""
    stand_in = StandIn(servers, shards)
    app = web.Application()
    app.add_routes(
        [
            web.get("/", stand_in.gateway), web.post("/control/chat", stand_in.chat),
            web.post("/control/ask", stand_in.ask), web.get("/control/report", stand_in.report),
            web.route("*", "/api/v10/{path:.*}", stand_in.rest),
        ]
    )  # fmt: skip
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stand_in.port = runner.addresses[0][1]
    print(stand_in.port, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", type=int, default=1000)
    parser.add_argument("--shards", type=int, default=1)
    chosen = parser.parse_args()
    asyncio.run(serve(chosen.servers, chosen.shards))


if __name__ == "__main__":
    main()
