"""Discord's REST API v10 on loopback: authorization, rate limits, files, faults; the answers come from the engine."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict, deque
from email.utils import format_datetime
from pathlib import PurePosixPath
from typing import Any

from aiohttp import BodyPartReader, web

from bot.local.clock import MovableClock
from bot.local.engine import Engine, Upload
from bot.local.errors import ApiError
from bot.local.faults import RestFault, RestFaults
from bot.local.guard import HEADERS
from bot.local.traffic import Exchange, Traffic

API = "/api/v10"
MOST_BYTES = 25 * 1024 * 1024
"""Discord's limit for one request with files is 10 MiB and more; simcord tells clients 25 MiB."""

_PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
_WITHOUT_TOKEN = ("interactions", "webhooks")
"""Routes that carry a token of their own in their path."""


class RateLimits:
    """Discord's buckets: so many calls in so many seconds for one route and one channel, server or webhook.

    Discord publishes no table; sending messages is known to be five in five seconds a channel. Every other route gets
    fifty a second here, which is Discord's limit for all routes of a bot together.
    """

    def __init__(self) -> None:
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)

    def enter(self, bucket: str, *, most: int, seconds: float) -> tuple[dict[str, str], float]:
        """Counts one call; returns its answer's headers, and the seconds to wait if it is one too many (else 0)."""
        now = time.time()
        calls = self._calls[bucket]
        while calls and calls[0] <= now - seconds:
            calls.popleft()
        wait = 0.0
        if len(calls) >= most:
            wait = calls[0] + seconds - now
        else:
            calls.append(now)
        reset = (calls[0] if calls else now) + seconds
        headers = {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(max(most - len(calls), 0)),
            "X-RateLimit-Reset": f"{reset:.3f}",
            "X-RateLimit-Reset-After": f"{max(reset - now, 0):.3f}",
            "X-RateLimit-Bucket": f"{abs(hash(bucket)):x}"[:16],
        }
        return headers, wait


class Rest:
    """The handler of every REST call, and of the files' own route."""

    def __init__(
        self, engine: Engine, clock: MovableClock, faults: RestFaults, traffic: Traffic, token: str, *, limited: bool
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._faults = faults
        self._traffic = traffic
        self._token = token
        self._limits = RateLimits() if limited else None
        self.base = ""
        """Where this Discord is reached, `http://127.0.0.1:PORT`; files are served from there."""
        self.message_content = True
        """Whether the bot's owner was granted message content: forwards of what it cannot read are refused without."""
        self.gaps: list[str] = []
        """Calls that this Discord does not know: each is a gap that a test should hear of."""
        self.shards = 1
        self.changed: Any = lambda: None

    def routes(self) -> list[web.RouteDef]:
        """Returns the routes of the aiohttp application."""
        return [web.route("*", API + "/{path:.*}", self.handle), web.get("/attachments/{path:.*}", self.serve_file)]

    async def serve_file(self, request: web.Request) -> web.Response:
        """Answers with an uploaded file."""
        data = self._engine.file(request.path)
        if data is None:
            return web.Response(status=404)
        # what somebody uploaded is looked at as a picture or saved, and never run
        kind = _PICTURES.get(PurePosixPath(request.path).suffix.lower(), "application/octet-stream")
        headers = {**HEADERS, "Content-Disposition": "attachment", "Content-Security-Policy": "sandbox"}
        return web.Response(body=data, content_type=kind, headers=headers)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers one REST call; the answer's `Date` is by this Discord's own clock."""
        answer = await self._handle(request)
        answer.headers["Date"] = format_datetime(self._clock.now(), usegmt=True)
        return answer

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = "/" + request.match_info["path"]
        method = request.method
        try:
            body, files = await _read(request)
        except (ValueError, RecursionError):
            return self._error(ApiError(400, 50109, "The request body contains invalid JSON."), {})
        fault = self._faults.take(method, path)
        if fault is not None:
            self.changed()
            early = await self._strike(fault, request)
            if early is not None:
                self._note(method, path, body, None, early.status, files, dict(early.headers))
                return early
        headers, wait = self._enter(method, path)
        if wait:
            answer = self._error(
                ApiError(429, 0, "You are being rate limited."), headers, retry_after=wait, scope="user"
            )
            self._note(method, path, body, None, 429, files, headers)
            return answer
        try:
            self._authorize(request, path)
            result = self._answer(method, path, body, dict(request.query), files, request)
        except ApiError as error:
            if error.status == 501:
                self.gaps.append(f"{method} {path}: {error.message}")
            self._note(method, path, body, error.as_json(), error.status, files, headers)
            return self._error(error, headers)
        finally:
            self.changed()
        if fault is not None and fault.kind == "abort":
            return _cut(request)
        if fault is not None and fault.kind == "garbage":
            return self._garbage(json.dumps(result) if fault.half else None, headers)
        text = "" if result is None else self._engine.with_cdn(json.dumps(result), self.base)
        status = 204 if result is None else 201 if method == "POST" and path.endswith("/commands") else 200
        self._traffic.add(
            Exchange(
                self._clock.now(), "rest", f"{method} {path}", json.dumps(body), text or "null", status,
                tuple((file.filename, len(file.data)) for file in files), headers,
            )
        )  # fmt: skip
        if result is None:
            return web.Response(status=204, headers={**headers, "Via": "1.1 google"})
        # exactly this content type, with no charset, is what Discord sends and its clients compare with
        return web.Response(
            body=text.encode(),
            status=status,
            headers={**headers, "Via": "1.1 google", "Content-Type": "application/json"},
        )

    def _answer(
        self, method: str, path: str, body: Any, params: dict[str, str], files: list[Upload], request: web.Request
    ) -> Any:
        if method == "GET" and path in ("/gateway", "/gateway/bot"):
            url = {"url": self.base.replace("http", "ws", 1)}
            if path == "/gateway":
                return url
            limit = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1}
            return {**url, "shards": self.shards, "session_start_limit": limit}
        result = self._engine.request(
            method, path, json=body, params=params, files=files,
            reason=request.headers.get("X-Audit-Log-Reason"), message_content=self.message_content,
        )  # fmt: skip
        if path.endswith("/callback") and request.query.get("with_response") not in ("1", "true", "True"):
            return None
        return result

    def _authorize(self, request: web.Request, path: str) -> None:
        if path.split("/")[1] in _WITHOUT_TOKEN and not path.endswith("/@me"):
            return
        if request.headers.get("Authorization") != f"Bot {self._token}":
            raise ApiError(401, 0, "401: Unauthorized")

    def _enter(self, method: str, path: str) -> tuple[dict[str, str], float]:
        parts = path.split("/")
        major = "/".join(parts[1:3])
        route = "/".join("*" if part.isdecimal() else part for part in parts[3:])
        if parts[1] in _WITHOUT_TOKEN:
            # one bucket for each interaction, as its token is part of the route
            major, route = "/".join(parts[1:4]), "/".join(parts[4:5])
        if self._limits is None:
            return {}, 0.0
        sending = method == "POST" and parts[1] == "channels" and parts[-1] == "messages"
        return self._limits.enter(
            f"{method}:{major}:{route}", most=5 if sending or parts[1] == "webhooks" else 50,
            seconds=5.0 if sending else 1.0,
        )  # fmt: skip

    async def _strike(self, fault: RestFault, request: web.Request) -> web.StreamResponse | None:
        match fault.kind:
            case "status":
                return self._error(ApiError(fault.status, fault.code, fault.message or f"{fault.status}: ordered"), {})
            case "rate_limit":
                return self._error(
                    ApiError(429, 0, "You are being rate limited."),
                    {},
                    retry_after=fault.retry_after,
                    scope=fault.scope,
                )
            case "ban":
                return web.Response(status=429, text="<html>Access denied</html>", content_type="text/html")
            case "hang":
                await fault.released.wait()
                return None
            case "abort":
                return None if fault.after else _cut(request)
            case "garbage":
                return None

    def _garbage(self, right: str | None, headers: dict[str, str]) -> web.Response:
        """Returns half of the right answer, or a page that a proxy put in its place."""
        if right is None:
            return web.Response(text="<html>Please wait</html>", content_type="text/html", headers=headers)
        half = right[: max(1, len(right) // 2)].encode()
        return web.Response(body=half, headers={**headers, "Content-Type": "application/json"})

    def _error(
        self, error: ApiError, headers: dict[str, str], *, retry_after: float | None = None, scope: str = "user"
    ) -> web.Response:
        body = error.as_json()
        headers = {**headers, "Via": "1.1 google", "Content-Type": "application/json"}
        if retry_after is not None:
            body = {"message": error.message, "retry_after": retry_after, "global": scope == "global"}
            headers |= {
                "Retry-After": str(max(1, round(retry_after))),
                "X-RateLimit-Scope": scope,
                "X-RateLimit-Reset-After": f"{retry_after:.3f}",
                "X-RateLimit-Reset": f"{time.time() + retry_after:.3f}",
            }
            if scope == "global":
                headers["X-RateLimit-Global"] = "true"
        return web.Response(body=json.dumps(body).encode(), status=error.status, headers=headers)

    def _note(
        self, method: str, path: str, body: Any, answer: Any, status: int, files: list[Upload], headers: dict[str, str]
    ) -> None:
        self._traffic.add(
            Exchange(
                self._clock.now(), "rest", f"{method} {path}", json.dumps(body), json.dumps(answer), status,
                tuple((file.filename, len(file.data)) for file in files), headers,
            )
        )  # fmt: skip


def _cut(request: web.Request) -> web.StreamResponse:
    transport = request.transport
    if transport is not None:
        transport.abort()
    # never arrives: the connection is gone
    raise asyncio.CancelledError


async def _read(request: web.Request) -> tuple[Any, list[Upload]]:
    """Returns a call's JSON body and its files. Raises ValueError for a body that is no JSON."""
    if not request.content_type.startswith("multipart/"):
        raw = await request.read()
        return (json.loads(raw) if raw else None), []
    body: Any = None
    fields: dict[str, str] = {}
    files: dict[int, tuple[str, bytes]] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise ValueError("nested multipart")
        data = bytes(await part.read(decode=False))
        if part.filename is not None:
            name = part.name or "files[0]"
            index = int("".join(filter(str.isdecimal, name)) or len(files))
            files[index] = (part.filename, data)
        elif part.name == "payload_json":
            body = json.loads(data)
        elif part.name is not None:
            fields[part.name] = data.decode()
    described = {
        int(each["id"]): each.get("description")
        for holder in (body, (body or {}).get("data"))
        if isinstance(holder, dict)
        for each in holder.get("attachments") or []
        if int(each["id"]) in files
    }
    uploads = [Upload(name, data, described.get(index)) for index, (name, data) in sorted(files.items())]
    return (body if body is not None else fields or None), uploads
