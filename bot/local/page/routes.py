"""What the page asks for: what somebody sees, the commands they have, and what they do. JSON over HTTP, on loopback."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from bot.local.errors import NotAllowed, NotAnswered
from bot.local.guard import HEADERS
from bot.local.people import MESSAGE_COMMAND, SLASH, Answer, Channel, Person
from bot.local.views import CHECKBOX, FILE_UPLOAD, MENUS, STRING_MENU, Form
from bot.local.world import World

STATIC = Path(__file__).parent / "static"
_DIRECT = "direct"
_OPTION_CHANNEL, _OPTION_USER, _OPTION_ROLE, _OPTION_FILE = 7, 6, 8, 11
MOST_OPEN_FORMS = 200

_KINDS = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def _policy(page: str) -> str:
    """Returns the Content-Security-Policy: nothing is loaded from another host, and nothing is run from within the
    page but its own import map (which browsers take from nowhere else), known by its hash."""
    maps = re.findall(r'<script type="importmap">(.*?)</script>', page, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in maps]
    scripts = " ".join(["'self'", *(f"'sha256-{each}'" for each in hashes)])
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to try, on the first screen: `act` is what the page would send, without who does it."""

    label: str
    act: dict[str, Any] = field(default_factory=dict)


_UNUSABLE = (LookupError, ValueError, TypeError, AttributeError, OverflowError, RecursionError)
"""What comes of a call that the page would not send."""

Extra = Callable[[str], Awaitable[str]]
"""Something beside Discord that the first screen offers: gets its name, returns a line to show."""


class Page:
    """The page's routes. `people` and `servers` can be switched between; `extras` maps names to labels."""

    def __init__(
        self,
        title: str,
        suggestions: Sequence[Suggestion] = (),
        extras: dict[str, str] | None = None,
        act_extra: Extra | None = None,
    ) -> None:
        self._title = title
        self._suggestions = suggestions
        self._extras = extras or {}
        self._act_extra = act_extra
        self._answers: dict[int, tuple[int, Answer]] = {}
        self._sockets: set[web.WebSocketResponse] = set()
        self._pending: asyncio.TimerHandle | None = None
        self._world: World | None = None
        self.people: list[int] = []
        self.servers: list[int] = []
        self.banner = ""
        """A line that stands above everything, such as that figures are made up."""
        self._before_action = 0
        self._html = (STATIC / "index.html").read_text(encoding="utf-8")
        self._policy = _policy(self._html)

    def open_on(self, world: World) -> None:
        """Connects the page with a world."""
        self._world = world
        world.watchers.add(self.changed)

    @property
    def world(self) -> World:
        assert self._world is not None
        return self._world

    def routes(self) -> list[web.RouteDef]:
        """Returns the routes, all below `/app`."""
        return [
            web.get("/app/", self._index),
            web.get("/app/live", self._live),
            web.get("/app/state", self._state),
            web.post("/app/act", self._act),
            web.get("/app/traffic", self._traffic),
            web.get("/app/{name:(?:vendor/)?[a-z]+\\.(?:m?js|css|svg)}", self._file),
        ]

    # ---------------------------------------------------------------- files

    async def _index(self, _: web.Request) -> web.Response:
        return self._answered(web.Response(text=self._html, content_type="text/html"))

    async def _file(self, request: web.Request) -> web.Response:
        file = STATIC / request.match_info["name"]
        if not file.is_file():
            raise web.HTTPNotFound
        text = file.read_text(encoding="utf-8")
        return self._answered(web.Response(text=text, content_type=_KINDS[file.suffix], charset="utf-8"))

    def _answered(self, response: web.Response) -> web.Response:
        response.headers["Content-Security-Policy"] = self._policy
        response.headers["Cache-Control"] = "no-store"
        response.headers.update(HEADERS)
        return response

    # ----------------------------------------------------------------- live

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            self._sockets.discard(socket)
        return socket

    def changed(self) -> None:
        """Tells every open page that there is something new; many changes at once are told once."""
        if self._pending is None and self._sockets:
            self._pending = asyncio.get_running_loop().call_later(0.03, self._tell)

    def _tell(self) -> None:
        self._pending = None
        for socket in tuple(self._sockets):
            if not socket.closed:
                task = asyncio.ensure_future(socket.send_str("changed"))
                task.add_done_callback(lambda done: done.cancelled() or done.exception())

    # ---------------------------------------------------------------- state

    def _person(self, value: Any) -> Person:
        if int(value) not in self.people:
            raise NotAllowed("there is no such person here")
        return Person(self.world, int(value))

    def _channel(self, person: Person, value: Any) -> Channel:
        return person.direct if value == _DIRECT else Channel(self.world, int(value))

    async def _state(self, request: web.Request) -> web.Response:
        engine = self.world.engine
        try:
            person = self._person(request.query.get("person") or self.people[0])
        except (NotAllowed, *_UNUSABLE) as error:
            return self._refused(error)
        servers: list[dict[str, Any]] = [
            {
                "id": str(server),
                "name": engine.backend.guilds[server].name,
                "channels": [
                    {"id": str(channel), "name": name}
                    for channel, name, _ in engine.channels(server)
                    if engine.may_see(person.id, channel)
                ],
            }
            for server in self.servers
            if person.id in engine.members_of(server)
        ]
        known = {channel["id"] for server in servers for channel in server["channels"]}
        wanted = request.query.get("channel") or ""
        if wanted != _DIRECT and wanted not in known:
            wanted = servers[0]["channels"][0]["id"] if servers and servers[0]["channels"] else _DIRECT
        channel = self._channel(person, wanted)
        users = {str(who): user.global_name or user.name for who, user in engine.backend.users.items()}
        server_id = channel.server_id
        return self._json(
            {
                "title": self._title,
                "banner": self.banner,
                "person": str(person.id),
                "people": [{"id": str(who), "name": users[str(who)], "what": self._what(who)} for who in self.people],
                "servers": servers,
                "channel": wanted,
                "bot": str(engine.bot_id),
                "users": users,
                "roles": {str(role): name for role, name in engine.roles_of(server_id)} if server_id else {},
                "channels": {c["id"]: c["name"] for s in servers for c in s["channels"]},
                "kinds": {str(c): kind for s in self.servers for c, _, kind in engine.channels(s)},
                "members": [str(who) for who in engine.members_of(server_id)] if server_id else [str(person.id)],
                "messages": [self._as_page(seen.raw) for seen in person.sees(channel)],
                "typing": engine.types_in(channel.id),
                "commands": engine.commands_for(person.id, channel.id, SLASH),
                "menu": [each["name"] for each in engine.commands_for(person.id, channel.id, MESSAGE_COMMAND)],
                "suggestions": [asdict(suggestion) for suggestion in self._suggestions],
                # made for who looks after a server
                "extras": self._extras if self._is_admin(person.id) else {},
            }
        )

    def _what(self, who: int) -> str:
        engine = self.world.engine
        names = [engine.backend.guilds[server].name for server in self.servers if who in engine.members_of(server)]
        return f"{'admin' if self._is_admin(who) else 'member'} of {' and '.join(names)}"

    def _is_admin(self, who: int) -> bool:
        engine = self.world.engine
        return any(engine.is_manager(who, server) for server in self.servers if who in engine.members_of(server))

    def _as_page(self, value: Any) -> Any:
        """Returns a wire object as the page reads it: addresses of files without the host (the page's own, whatever
        the browser calls it by)."""
        if isinstance(value, list):
            return [self._as_page(each) for each in value]
        if not isinstance(value, dict):
            return value
        shown = {key: self._as_page(each) for key, each in value.items()}
        for key in ("url", "proxy_url"):
            if isinstance(shown.get(key), str):
                shown[key] = shown[key].removeprefix(self.world.url)
        return shown

    # -------------------------------------------------------------- actions

    async def _act(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        try:
            body = await request.json()
            if not isinstance(body, dict):
                raise TypeError
        except _UNUSABLE as error:
            return self._refused(error)
        if body.get("do") != "type":
            self._before_action = self.world_traffic.count
        try:
            return self._json(await self._do(body))
        except NotAnswered:
            return self._json({"error": "The application did not respond"})
        except NotAllowed as error:
            return self._json({"error": str(error)})
        except _UNUSABLE as error:
            return self._json({"error": _cannot(error)})

    def _refused(self, error: Exception) -> web.Response:
        """Answers what the page itself would never send."""
        return self._json({"error": _cannot(error)}, status=400)

    async def _do(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["do"] == "extra" and self._act_extra is not None:
            return {"said": await self._act_extra(str(body["name"]))}
        person = self._person(body["person"])
        channel = self._channel(person, body["channel"])
        match body["do"]:
            case "say":
                reply = person.find(channel, int(body["reply"])) if body.get("reply") else None
                await person.say(channel, str(body["text"]), reply_to=reply)
                return {}
            case "type":
                answer = await person.suggestions(
                    channel, body["command"], body["option"], body["text"], **self._options(body.get("options") or [])
                )
                return {"choices": answer}
            case "run":
                answer_to = await person.run(channel, body["command"], **self._options(body.get("options") or []))
            case "use":
                answer_to = await person.use_on(person.find(channel, int(body["message"])), body["command"])
            case "press":
                message = person.find(channel, int(body["message"]))
                answer_to = await person.press(message, custom_id=body["custom_id"])
            case "choose":
                message = person.find(channel, int(body["message"]))
                values = self._picked(body["kind"], body["values"])
                answer_to = await person.choose(message, *values, custom_id=body["custom_id"])
            case "submit":
                who, opened = self._answers[int(body["form"])]
                if who != person.id or opened.form is None:
                    raise NotAllowed("that is somebody else's form")
                answer_to = await person.submit(opened, **self._filled(opened.form, body["values"]))
                # what could not be sent can be mended and sent again
                self._answers.pop(int(body["form"]), None)
            case "delete":
                await person.delete(person.find(channel, int(body["message"])))
                return {}
            case "dismiss":
                self.world.engine.dismiss(person.id, channel.id, int(body["message"]))
                return {}
            case other:
                raise NotAllowed(f"nobody can do '{other}'")
        return self._result(person, answer_to)

    def _result(self, person: Person, answer: Answer) -> dict[str, Any]:
        form = answer.form
        if form is None:
            return {}
        self._answers[answer.id] = (person.id, answer)
        for oldest in list(self._answers)[:-MOST_OPEN_FORMS]:
            del self._answers[oldest]
        return {
            "form": {"id": str(answer.id), "title": form.title, "components": self._as_page(form.raw["components"])}
        }

    def _filled(self, form: Form, values: dict[str, Any]) -> dict[str, Any]:
        filled = dict(values)
        for name, value in values.items():
            kind = int(form.fields[name]["type"])
            if kind in MENUS:
                filled[name] = self._picked(kind, value)
            elif kind == FILE_UPLOAD:
                filled[name] = [_file(each) for each in value]
            elif kind == CHECKBOX:
                filled[name] = bool(value)
        return filled

    def _options(self, options: Sequence[dict[str, Any]]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for option in options:
            kind, value = int(option["type"]), option["value"]
            if kind in (_OPTION_CHANNEL, _OPTION_USER, _OPTION_ROLE):
                value = _Picked(int(value))
            elif kind == _OPTION_FILE:
                value = _file(value)
            elif kind == 4:
                value = int(value)
            elif kind == 10:
                value = float(value)
            values[option["name"]] = value
        return values

    def _picked(self, kind: int, values: Sequence[str]) -> list[Any]:
        return list(values) if kind == STRING_MENU else [_Picked(int(value)) for value in values]

    # -------------------------------------------------------------- traffic

    @property
    def world_traffic(self) -> Any:
        """The record of what went over the wire."""
        return self.world.traffic  # type: ignore[attr-defined]  # of the Discord that this world is

    async def _traffic(self, request: web.Request) -> web.Response:
        return self._json(
            [
                {
                    "at": each.at.strftime("%H:%M:%S.%f")[:-3], "kind": each.kind, "name": each.name,
                    "status": each.status, "sent": each.sent, "received": each.received,
                }
                for each in self.world_traffic.since(self._before_action)
            ]
        )  # fmt: skip

    def _json(self, value: Any, status: int = 200) -> web.Response:
        return self._answered(web.Response(text=json.dumps(value), content_type="application/json", status=status))


def _cannot(error: Exception) -> str:
    return str(error) if isinstance(error, NotAllowed) else f"that cannot be done ({type(error).__name__})"


@dataclass(frozen=True, slots=True)
class _Picked:
    """A person, a role or a channel that was chosen."""

    id: int


def _file(sent: dict[str, str]) -> tuple[str, bytes]:
    """Returns (name, bytes) of a file as the page sends it."""
    return str(sent["name"]), base64.b64decode(sent["data"])
