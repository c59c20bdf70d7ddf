"""`try` as a person has it, and a real browser to use it with."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import discord as library
import pytest
import yarl
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.advice.advisor import Advisor
from bot.configuration import Settings
from bot.local import LocalDiscord
from bot.local.page import Page as Routes
from bot.trying import Trial
from tests.trying.showing import Showing
from tools.chromium import ARGUMENTS, CHROMIUM, MISSING

Begin = Callable[..., Awaitable[Trial]]

expect.set_options(timeout=120_000)


@pytest.fixture
async def begin(advisor: Advisor, tmp_path: Path) -> AsyncIterator[Begin]:
    """Starts `try` in a folder of the test's own; all that were started are ended."""
    trials: list[Trial] = []

    async def begin(port: int = 0) -> Trial:
        trial = Trial(Settings(), advisor, tmp_path, port)
        trials.append(trial)
        await trial.start()
        return trial

    yield begin
    for trial in trials:
        await trial.stop()


@pytest.fixture
async def trial(begin: Begin) -> Trial:
    """`try`, begun anew."""
    return await begin()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium; without one these tests are skipped, but never in CI."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser, trial: Trial) -> AsyncIterator[Page]:
    """The page of `trial`, opened; any error in it fails the test."""
    page = await browser.new_page(viewport={"width": 1200, "height": 900})
    page.set_default_timeout(120_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if "Content Security" in message.text else None)
    await page.goto(f"{trial.discord.url}/app/")
    await page.get_by_text("Hello! I am RSVNo.").wait_for()
    yield page
    assert errors == []


@pytest.fixture
async def showing(browser: Browser) -> AsyncIterator[Showing]:
    """A client that shows every component, on a Discord with a page."""
    routes = Routes("Components")
    async with LocalDiscord(more_routes=routes.routes()) as discord:
        library.http.Route.BASE = discord.api_url
        library.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(discord.gateway_url)
        server = discord.server("Workshop")
        channel, member = server.channel("general"), server.member("Somebody")
        server.channel("promo")
        server.role("Editors")
        client = Showing(channel)
        running = asyncio.create_task(client.start(discord.token))
        await discord.ready(1)
        await client.wait_until_ready()
        routes.people, routes.servers = [member.id], [server.id]
        routes.open_on(discord)
        client.page_url = f"{discord.url}/app/"
        yield client
        await client.close()
        with contextlib.suppress(BaseException):
            await running


@pytest.fixture
async def shown(browser: Browser, showing: Showing) -> AsyncIterator[Page]:
    """The page on which `showing` is used; any error in it fails the test."""
    page = await browser.new_page(viewport={"width": 1280, "height": 800}, timezone_id="UTC", locale="en-US")
    page.set_default_timeout(120_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    await page.goto(showing.page_url)
    await expect(page.locator("#where")).to_have_text("# general")
    yield page
    await page.close()
    assert errors == []
