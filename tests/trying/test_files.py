"""The page's own files: what is vendored is what its makers published, and what is written here stays readable."""

from __future__ import annotations

import hashlib
import re

import pytest
from playwright.async_api import Browser

from bot.local.page.routes import STATIC
from bot.trying import Trial

VENDOR = STATIC / "vendor"
OWN = sorted(each for each in STATIC.iterdir() if each.is_file())
MODULES = [each.name for each in OWN if each.suffix == ".js"]


def test_what_is_vendored_is_unchanged_and_complete() -> None:
    lines = [line for line in (VENDOR / "checksums.txt").read_text().splitlines() if not line.startswith("#")]
    expected = {name: digest for digest, name in (line.split() for line in lines)}
    found = {
        each.name: hashlib.sha256(each.read_bytes()).hexdigest()
        for each in VENDOR.iterdir()
        if each.name != "checksums.txt"
    }
    assert found == expected
    assert {name for name in found if name.startswith("LICENSE")} == {"LICENSE-preact.txt", "LICENSE-htm.txt"}


@pytest.mark.parametrize("file", OWN, ids=lambda each: each.name)
def test_lines_are_at_most_120_long_and_end_cleanly(file: object) -> None:
    text = (STATIC / str(file)).read_text(encoding="utf-8")
    bad = [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if len(line) > 120 or line != line.rstrip() or "\t" in line
    ]
    assert bad == []
    assert text.endswith("\n")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_uses_all_that_it_imports(module: str) -> None:
    text = (STATIC / module).read_text(encoding="utf-8")
    imported = [
        name.strip()
        for names in re.findall(r"^import \{([^}]*)\} from", text, re.MULTILINE)
        for name in names.split(",")
        if name.strip()
    ] + re.findall(r"^import (\w+) from", text, re.MULTILINE)
    rest = re.sub(r"^import .*?;$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert imported or module == "store.js"
    assert [name for name in imported if not re.search(rf"\b{name}\b", rest)] == []


async def test_a_browser_reads_every_module(browser: Browser, trial: Trial) -> None:
    page = await browser.new_page()
    errors: list[str] = []
    read: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("response", lambda response: read.append(response.url) if response.ok else None)
    await page.goto(f"{trial.discord.url}/app/")
    await page.get_by_text("Hello! I am RSVNo.").wait_for()
    names = {url.rpartition("/app/")[2] for url in read}
    assert {*MODULES, "vendor/preact.mjs", "vendor/hooks.mjs", "vendor/htm.mjs"} <= names
    assert errors == []
