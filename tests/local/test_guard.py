"""Another site in the same browser reaches nothing of this Discord; what it uploads runs nowhere."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from bot.local import LocalDiscord
from bot.local.page import Page

FOREIGN: tuple[dict[str, str], ...] = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://localhost"},
    {"Host": "evil.example"},
    {"Host": "evil.example:80"},
    {"Host": "127.0.0.1.evil.example"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
)
BODIES = ("[]", "{", "", "null", '"x"', "3", '{"do": "say"}', "{}", "[" * 100_000, '{"do": []}')
ROUTES = (
    ("GET", "/"), ("GET", "/app/"), ("GET", "/app/state"), ("GET", "/app/live"), ("GET", "/app/traffic"),
    ("POST", "/app/act"),
    ("GET", "/api/v10/gateway"), ("POST", "/api/v10/interactions/1/x/callback"), ("POST", "/api/v10/webhooks/1/x"),
    ("GET", "/attachments/1/1/x.png"),
)  # fmt: skip


@pytest.fixture
async def discord() -> Any:
    """A Discord with its page, and somebody on a server."""
    page = Page("Guarded")
    async with LocalDiscord(more_routes=page.routes()) as discord:
        server = discord.server()
        server.channel("general")
        page.people, page.servers = [server.member("asker").id], [server.id]
        page.open_on(discord)
        yield discord


@pytest.mark.parametrize("headers", FOREIGN, ids=lambda headers: ",".join(headers.values()))
async def test_no_route_answers_another_sites_page(discord: LocalDiscord, headers: dict[str, str]) -> None:
    async with aiohttp.ClientSession() as session:
        for method, path in ROUTES:
            async with session.request(
                method, discord.url + path, headers=headers, data="{}" if method == "POST" else None
            ) as response:
                assert response.status == 403, path
        for path in ("/?v=10&encoding=json", "/app/live"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(discord.url + path, headers=headers)
            assert refused.value.status == 403
    assert discord.gateway.identified == []


async def test_its_own_page_and_a_link_to_it_are_answered(discord: LocalDiscord) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    port = discord.url.rpartition(":")[2]
    async with aiohttp.ClientSession() as session:
        for headers in ({}, {"Origin": discord.url}, link, {"Host": f"localhost:{port}"}, {"Host": "localhost:9999"}):
            async with session.get(f"{discord.url}/app/", headers=headers) as response:
                assert response.status == 200, headers
                assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        async with session.get(f"{discord.url}/app/", headers={**link, "Sec-Fetch-Dest": "iframe"}) as response:
            assert response.status == 403
        async with session.ws_connect(f"{discord.url}/app/live", headers={"Origin": discord.url}):
            pass


async def test_each_start_has_a_token_of_its_own() -> None:
    async with LocalDiscord() as one, LocalDiscord() as other, aiohttp.ClientSession() as session:
        assert one.token != other.token
        assert min(len(one.token), len(other.token)) >= 30
        for token, status in ((one.token, 200), (other.token, 401), ("local-token", 401), ("", 401)):
            authorization = {"Authorization": f"Bot {token}"}
            async with session.get(f"{one.api_url}/users/@me", headers=authorization) as response:
                assert response.status == status


@pytest.mark.parametrize(
    "body", ["[]", "{", "", "null", '"x"', "3", '{"do": "say"}', "{}", "[" * 100_000, '{"do": []}']
)
async def test_what_the_page_would_not_send_is_no_fault_of_ours(discord: LocalDiscord, body: str) -> None:
    async with aiohttp.ClientSession(headers={"Content-Type": "application/json"}) as session:
        async with session.post(f"{discord.url}/app/act", data=body) as response:
            assert response.status in (200, 400)
            assert "error" in json.loads(await response.text())
        async with session.get(f"{discord.url}/app/state?person=abc&channel=x") as response:
            assert response.status == 400


async def test_a_file_is_a_picture_or_saved_and_never_run(discord: LocalDiscord) -> None:
    channel = next(iter(discord.engine.backend.channels))
    files = {"page.html": "application/octet-stream", "x.svg": "application/octet-stream", "x.PNG": "image/png"}
    async with aiohttp.ClientSession() as session:
        for name, kind in files.items():
            kept = discord.engine.keep_upload(channel, name, b"<script>alert(1)</script>")
            async with session.get(discord.engine.with_cdn(str(kept["url"]), discord.url)) as response:
                assert response.headers["Content-Type"] == kind
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert response.headers["Content-Disposition"] == "attachment"
                assert response.headers["Content-Security-Policy"] == "sandbox"
