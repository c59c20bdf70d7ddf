"""README.md shows the page of `try`: `python -m tools.pictures` takes its pictures, in dark and in light.

They are of the real bot on a new Discord of its own, after one question. Needs Chromium and a font with emoji.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page, async_playwright

from bot.advice.advisor import Advisor
from bot.configuration import Settings
from bot.trying import SUGGESTIONS, Trial
from tools.blocks import ROOT
from tools.chromium import ARGUMENTS, CHROMIUM, MISSING

FOLDER = ROOT / "docs"
SCHEMES = ("dark", "light")
SIZE = (1080, 840)
MOST_BYTES = 150_000
"""What README.md's readers should have to load for one picture."""


def file_of(scheme: str) -> Path:
    """Returns where the picture in these colours (`dark`, `light`) is kept."""
    return FOLDER / f"try-{scheme}.png"


def problem() -> str | None:
    """Returns what is missing here for taking pictures, and how to get it; None if nothing is."""
    if CHROMIUM is None:
        return MISSING
    fonts = shutil.which("fc-list")
    if fonts is not None and not subprocess.run([fonts, ":charset=1f44d"], capture_output=True, check=False).stdout:
        return "there is no font with emoji: apt-get install fonts-noto-color-emoji"
    return None


async def take() -> None:
    """Takes all pictures and writes their files."""
    assert CHROMIUM is not None
    advisor = await asyncio.to_thread(Advisor.open, Settings())
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(Settings(), advisor, Path(folder), 0)
        try:
            address = await trial.start()
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                width, height = SIZE
                page = await browser.new_page(viewport={"width": width, "height": height}, locale="en-US")
                await page.goto(address)
                await _use(page)
                for scheme in SCHEMES:
                    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
                    await page.screenshot(path=file_of(scheme), animations="disabled", caret="hide")
                await browser.close()
        finally:
            await trial.stop()


async def _use(page: Page) -> None:
    """Does what the pictures show: asks one question."""
    messages = page.locator("#messages > .message")
    before = await messages.count()
    await page.get_by_role("button", name=SUGGESTIONS[0].label).click()
    await messages.nth(before).locator(".embed").wait_for()
    await page.locator("main[aria-busy=false]").wait_for()
    # nothing is pointed at, and nothing but the card is to be seen
    await page.mouse.move(0, 0)
    await page.locator("#text").blur()


def main() -> int:
    """Returns the exit code."""
    missing = problem()
    if missing is not None:
        print(missing, file=sys.stderr)
        return 2
    asyncio.run(take())
    for scheme in SCHEMES:
        print(f"{file_of(scheme).relative_to(ROOT)}: {file_of(scheme).stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
