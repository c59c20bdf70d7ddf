"""`try` as a person has it, and a real browser to use it with."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.advice.advisor import Advisor
from bot.configuration import Settings
from bot.trying import Trial

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

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
            pytest.fail("there is no chromium: apt-get install chromium")
        pytest.skip("there is no chromium: apt-get install chromium")
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
