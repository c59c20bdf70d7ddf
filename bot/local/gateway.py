"""Discord's gateway v10 on loopback: sessions, heartbeats, intents, resume and its replay, and faults on order."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import zlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import discord
from aiohttp import WSMsgType, web

from bot.local.clock import MovableClock
from bot.local.engine import Engine
from bot.local.traffic import Exchange, Traffic

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT, MEMBERS, INVALID, HELLO, ACK = (
    0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11,
)  # fmt: skip

SESSION_SECONDS = 300.0
"""How long a session without a connection can be resumed (on the clock that moves)."""
ACK_AFTER = 0.1
"""Seconds (at most a quarter of the interval) until a heartbeat is answered. discord.py notes when it sent a beat only
after sending it: an answer that comes sooner is measured against the beat before, and the bot believes itself an
interval behind."""
MOST_SENDS = 120
"""A client may send this many payloads a minute; more closes the connection with 4008."""

_PRIVILEGED = discord.Intents(members=True, presences=True, message_content=True).value
_KNOWN = discord.Intents.all().value | (1 << 24) | (1 << 25)


@dataclass(slots=True, eq=False)
class Connection:
    """One websocket, until it closes."""

    socket: web.WebSocketResponse
    request: web.Request
    queue: asyncio.Queue[tuple[str, str] | int | bytes] = field(default_factory=asyncio.Queue)
    compressor: Any = None
    session: Session | None = None
    sends: deque[float] = field(default_factory=deque)

    def send(self, name: str, payload: Mapping[str, Any]) -> None:
        """Queues one payload; the order is kept."""
        self.queue.put_nowait((name, json.dumps(payload)))

    def close(self, code: int) -> None:
        """Queues the end of the connection."""
        self.queue.put_nowait(code)


@dataclass(slots=True, eq=False)
class Session:
    """What a bot identified as: it outlives a connection, so that it can be resumed."""

    id: str
    shard: tuple[int, int]
    intents: discord.Intents
    sequence: int = 0
    sent: deque[tuple[int, str, dict[str, Any]]] = field(default_factory=lambda: deque(maxlen=3000))
    connection: Connection | None = None
    left_at: float | None = None


class Gateway:
    """All sessions of the bot, and the faults that can be ordered on them (`shard=None`: on all)."""

    def __init__(
        self, engine: Engine, clock: MovableClock, traffic: Traffic, token: str, heartbeat_interval: float
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._traffic = traffic
        self._token = token
        self._heartbeat_interval = heartbeat_interval
        self.base = ""
        self.granted_privileged = _PRIVILEGED
        """The privileged intents that the application was granted; others close with 4014."""
        self.sessions: dict[str, Session] = {}
        self.identified: list[tuple[float, tuple[int, int]]] = []
        """When each IDENTIFY came (seconds on the monotonic clock), and for which shard."""
        self.resumed: list[tuple[float, tuple[int, int]]] = []
        self.ignores_heartbeats = False
        self.repeats_after_resume = 0
        """How many events that were already received are sent once more after the next resume."""
        self.resume_address = ""
        """Where READY tells the bot to come back to; empty: here."""
        self.shut = False
        """True: connections are refused, as in an outage."""
        self.refused = 0
        """How many connections were."""
        self.changed: Callable[[], None] = lambda: None
        engine.subscribe(self._hear)

    # --------------------------------------------------------------- events

    def _hear(self, event: str, payload: Mapping[str, Any]) -> None:
        for session in list(self.sessions.values()):
            if _shard_of(event, payload, session.shard[1]) != session.shard[0]:
                continue
            heard = self._engine.as_heard(event, payload, session.intents)
            if heard is not None:
                self._dispatch(session, event, heard)
        self.changed()

    def _dispatch(self, session: Session, event: str, data: dict[str, Any]) -> None:
        session.sequence += 1
        session.sent.append((session.sequence, event, data))
        if session.connection is not None:
            session.connection.send(event, {"op": DISPATCH, "s": session.sequence, "t": event, "d": data})

    def ready_shards(self) -> set[int]:
        """Returns the shards that have a live connection."""
        return {session.shard[0] for session in self.sessions.values() if session.connection is not None}

    # --------------------------------------------------------------- faults

    def _live(self, shard: int | None) -> list[Session]:
        return [
            session
            for session in self.sessions.values()
            if session.connection is not None and shard in (None, session.shard[0])
        ]

    def drop(self, shard: int | None = None, *, mid_frame: bool = False) -> None:
        """Cuts the TCP connection, with `mid_frame` in the middle of a frame that has begun."""
        for session in self._live(shard):
            connection = session.connection
            assert connection is not None
            transport = connection.request.transport
            self._part(connection)
            if transport is None:
                continue
            if mid_frame:
                # a text frame that promises 4,096 bytes and ends after 20
                transport.write(b"\x81\x7e\x10\x00" + b'{"op":0,"t":"MESSAGE')
                transport.close()
            else:
                transport.abort()

    def close(self, code: int, shard: int | None = None) -> None:
        """Closes connections with a close code; 4004 and its like end the session too."""
        for session in self._live(shard):
            assert session.connection is not None
            session.connection.close(code)

    def ask_to_reconnect(self, shard: int | None = None) -> None:
        """Sends operation 7: come back and resume."""
        for session in self._live(shard):
            assert session.connection is not None
            session.connection.send("RECONNECT", {"op": RECONNECT, "d": None})

    def invalidate(self, shard: int | None = None, *, resumable: bool) -> None:
        """Sends operation 9; unless `resumable`, the session is gone and must be identified anew."""
        for session in self._live(shard):
            assert session.connection is not None
            session.connection.send("INVALID_SESSION", {"op": INVALID, "d": resumable})
            if not resumable:
                self.sessions.pop(session.id, None)

    def malformed(self, shard: int | None = None, event: str = "MESSAGE_CREATE", data: Any = None) -> None:
        """Sends an event whose data lack all that they should hold."""
        for session in self._live(shard):
            self._dispatch(session, event, {"unexpected": True} if data is None else data)

    def repeat(self, count: int = 1, shard: int | None = None) -> None:
        """Sends the last `count` events once more, as new ones: duplicates as they happen around a resume."""
        for session in self._live(shard):
            for _, event, data in list(session.sent)[-count:]:
                self._dispatch(session, event, data)

    def garbage(self, shard: int | None = None) -> None:
        """Sends bytes that are neither compressed nor JSON."""
        for session in self._live(shard):
            assert session.connection is not None
            session.connection.queue.put_nowait(b"\xde\xad\xbe\xef not of Discord \x00\x00\xff\xff")

    def unknown(self, shard: int | None = None) -> None:
        """Sends what a newer Discord might: an operation, an event and a kind of message that nobody knows yet."""
        for session in self._live(shard):
            assert session.connection is not None
            session.connection.send("UNKNOWN", {"op": 99, "d": {"new": True}})
            self._dispatch(session, "SOMETHING_NEW", {"id": "1", "guild_id": "1", "channel_id": "1"})

    def acknowledge(self, shard: int | None = None) -> None:
        """Acknowledges a heartbeat that was never sent."""
        for session in self._live(shard):
            assert session.connection is not None
            session.connection.send("HEARTBEAT_ACK", {"op": ACK})

    def outage(self, server_id: int) -> None:
        """Takes a server out of reach, as an outage of Discord's does: the bot is still in it."""
        self._hear("GUILD_DELETE", {"id": str(server_id), "unavailable": True})

    def end_outage(self, server_id: int) -> None:
        """Brings a server back."""
        self._hear("GUILD_CREATE", self._engine.guild_create(server_id))

    # ----------------------------------------------------------- connection

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serves one websocket from hello to its end."""
        if "websocket" not in request.headers.get("Upgrade", "").lower():
            # a person with a browser
            raise web.HTTPFound("/app/")
        if self.shut:
            self.refused += 1
            self.changed()
            return web.Response(status=503)
        socket = web.WebSocketResponse(max_msg_size=1 << 20, compress=False)
        await socket.prepare(request)
        connection = Connection(socket, request)
        if request.query.get("compress") == "zlib-stream":
            connection.compressor = zlib.compressobj()
        writer = asyncio.create_task(self._write(connection))
        try:
            if request.query.get("v") not in ("9", "10"):
                connection.close(4012)
            connection.send("HELLO", {"op": HELLO, "d": {"heartbeat_interval": int(self._heartbeat_interval * 1000)}})
            async for message in socket:
                if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                    break
                try:
                    self._receive(connection, message.data)
                except (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
                    # of another form than Discord knows
                    connection.close(4002)
        finally:
            self._part(connection)
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await writer
        return socket

    async def _write(self, connection: Connection) -> None:
        while True:
            item = await connection.queue.get()
            if isinstance(item, int):
                self._part(connection)
                await connection.socket.close(code=item)
                return
            if isinstance(item, bytes):
                await connection.socket.send_bytes(item)
                continue
            name, text = item
            text = self._engine.with_cdn(text, self.base)
            if name not in ("HEARTBEAT_ACK", "HELLO"):
                self._traffic.add(Exchange(self._clock.now(), "to bot", name, received_text=text))
            if connection.compressor is None:
                await connection.socket.send_str(text)
            else:
                data = connection.compressor.compress(text.encode()) + connection.compressor.flush(zlib.Z_SYNC_FLUSH)
                await connection.socket.send_bytes(data)

    def _part(self, connection: Connection) -> None:
        session = connection.session
        if session is not None and session.connection is connection:
            session.connection = None
            session.left_at = self._clock.now().timestamp()
            self.changed()

    def _receive(self, connection: Connection, raw: str | bytes) -> None:
        now = time.monotonic()
        connection.sends.append(now)
        while connection.sends[0] < now - 60:
            connection.sends.popleft()
        if len(connection.sends) > MOST_SENDS:
            return connection.close(4008)
        try:
            payload = json.loads(raw)
            operation, data = int(payload["op"]), payload.get("d")
        except (ValueError, KeyError, TypeError):
            return connection.close(4002)
        if operation == HEARTBEAT:
            if not self.ignores_heartbeats:
                loop = asyncio.get_running_loop()
                pause = min(ACK_AFTER, self._heartbeat_interval / 4)
                loop.call_later(pause, connection.send, "HEARTBEAT_ACK", {"op": ACK})
            return None
        shown = {**data, "token": "..."} if isinstance(data, dict) and "token" in data else data
        self._traffic.add(
            Exchange(self._clock.now(), "from bot", _OPERATIONS.get(operation, str(operation)), json.dumps(shown))
        )
        if operation == IDENTIFY:
            return self._identify(connection, data)
        if operation == RESUME:
            return self._resume(connection, data)
        if connection.session is None:
            return connection.close(4003)
        if operation == MEMBERS:
            return self._send_members(connection.session, data)
        if operation not in (PRESENCE, VOICE):
            return connection.close(4001)
        return None

    def _identify(self, connection: Connection, data: Any) -> None:
        if connection.session is not None:
            return connection.close(4005)
        if not isinstance(data, dict) or data.get("token") != self._token:
            return connection.close(4004)
        number, count = data.get("shard") or (0, 1)
        if not 0 <= number < count:
            return connection.close(4010)
        intents = int(data.get("intents", 0))
        if intents & ~_KNOWN:
            return connection.close(4013)
        if intents & _PRIVILEGED & ~self.granted_privileged:
            return connection.close(4014)
        session = Session(
            f"{number}-{len(self.identified)}-{time.monotonic_ns():x}",
            (number, count),
            discord.Intents._from_value(intents),
            connection=connection,
        )
        self.identified.append((time.monotonic(), (number, count)))
        self.sessions[session.id] = session
        connection.session = session
        guilds = [guild for guild in self._engine.guild_ids() if (guild >> 22) % count == number]
        if not session.intents.guilds:
            guilds = []
        self._dispatch(
            session,
            "READY",
            {
                "v": 10,
                "user": self._engine.user(),
                "guilds": [{"id": str(guild), "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": self.resume_address or self.base.replace("http", "ws", 1),
                "shard": [number, count],
                "application": {"id": str(self._engine.application_id), "flags": 0},
            },
        )
        for guild in guilds:
            heard = self._engine.as_heard("GUILD_CREATE", self._engine.guild_create(guild), session.intents)
            if heard is not None:
                self._dispatch(session, "GUILD_CREATE", heard)
        self.changed()
        return None

    def _resume(self, connection: Connection, data: Any) -> None:
        if not isinstance(data, dict) or data.get("token") != self._token:
            return connection.close(4004)
        session = self.sessions.get(str(data.get("session_id")))
        if session is None or (
            session.left_at is not None and self._clock.now().timestamp() - session.left_at > SESSION_SECONDS
        ):
            if session is not None:
                self.sessions.pop(session.id, None)
            connection.send("INVALID_SESSION", {"op": INVALID, "d": False})
            return None
        sequence = int(data.get("seq") or 0)
        if sequence > session.sequence:
            return connection.close(4007)
        if session.connection is not None:
            session.connection.close(4000)
        self.resumed.append((time.monotonic(), session.shard))
        connection.session = session
        session.connection = connection
        session.left_at = None
        sequence = max(0, sequence - self.repeats_after_resume)
        self.repeats_after_resume = 0
        for number, event, payload in session.sent:
            if number > sequence:
                connection.send(event, {"op": DISPATCH, "s": number, "t": event, "d": payload})
        self._dispatch(session, "RESUMED", {})
        self.changed()
        return None

    def _send_members(self, session: Session, data: Any) -> None:
        if not isinstance(data, dict):
            return
        user_ids = data.get("user_ids") or []
        members = self._engine.members(
            int(data["guild_id"]),
            data.get("query") or "",
            int(data.get("limit") or 0),
            [int(user_id) for user_id in (user_ids if isinstance(user_ids, list) else [user_ids])],
        )
        chunk = {"guild_id": str(data["guild_id"]), "members": members, "chunk_index": 0, "chunk_count": 1}
        if data.get("nonce"):
            chunk["nonce"] = data["nonce"]
        self._dispatch(session, "GUILD_MEMBERS_CHUNK", chunk)


_OPERATIONS = {
    IDENTIFY: "IDENTIFY",
    PRESENCE: "PRESENCE_UPDATE",
    VOICE: "VOICE_STATE_UPDATE",
    RESUME: "RESUME",
    MEMBERS: "REQUEST_GUILD_MEMBERS",
}


def _shard_of(event: str, payload: Mapping[str, Any], count: int) -> int:
    """Returns the shard that hears an event: (server id >> 22) % count; direct messages go to shard 0."""
    guild_id = payload.get("guild_id")
    if guild_id is None and event in ("GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"):
        guild_id = payload.get("id")
    return 0 if guild_id is None else (int(guild_id) >> 22) % count
