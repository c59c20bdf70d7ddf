"""What the page draws of Components V2 and of forms, with a bare client that shows and asks for all of it."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord as library
import matplotlib.image
import numpy as np
import pytest
import yarl
from axe_playwright_python.async_playwright import Axe
from discord import app_commands, ui
from playwright.async_api import Browser, Page, expect

from bot.local import LocalDiscord
from bot.local.page import Page as Routes
from tests.local.conftest import Bare

Interaction = library.Interaction[Any]
WORDS = "Thank you for asking.\nI have to say no."


def picture() -> io.BytesIO:
    """A PNG of 64 by 64 pixels."""
    file = io.BytesIO()
    matplotlib.image.imsave(file, np.tile(np.linspace(0, 1, 64), (64, 1)), format="png")
    file.seek(0)
    return file


class Card(ui.LayoutView):
    """One of each kind that a message can hold."""

    def __init__(self, channel: int) -> None:
        super().__init__(timeout=None)
        inside = ui.Container[Any](accent_colour=0x1F7A43)
        inside.add_item(ui.TextDisplay("## May I leave a request unanswered?\n-# You asked: may i"))
        inside.add_item(ui.Section("Silence is an **answer**.", accessory=ui.Thumbnail("attachment://small.png")))
        inside.add_item(ui.Separator(spacing=library.SeparatorSpacing.large))
        inside.add_item(ui.TextDisplay(f"**Words to send**\n```\n{WORDS}\n```"))
        row = ui.ActionRow[Any]()
        row.add_item(ui.Button(label="Tell me more", custom_id="more", style=library.ButtonStyle.primary))
        row.add_item(ui.Button(label="Elsewhere", url="https://example.com/"))
        inside.add_item(row)
        self.add_item(inside)
        gallery = ui.MediaGallery[Any]()
        gallery.add_item(media="attachment://large.png", description="A slope of grey")
        self.add_item(gallery)
        self.add_item(ui.File("attachment://notes.txt"))
        where = ui.ActionRow[Any]()
        where.add_item(
            ui.ChannelSelect(
                custom_id="where", placeholder="Where to listen", min_values=0, max_values=3,
                default_values=[library.SelectDefaultValue(id=channel, type=library.SelectDefaultValueType.channel)],
            )
        )  # fmt: skip
        self.add_item(where)


class Asking(ui.Modal, title="A form with everything"):
    """One of each kind that a form can ask for."""

    before: ui.TextDisplay[Any] = ui.TextDisplay("All of this is **kept** here.")
    verdict: ui.Label[Any] = ui.Label(
        text="Verdict",
        description="What the answer comes to",
        component=ui.RadioGroup(
            custom_id="verdict",
            options=[
                library.RadioGroupOption(label="Yes", value="yes", description="do it"),
                library.RadioGroupOption(label="No", value="no", default=True),
            ],
        ),
    )
    tones: ui.Label[Any] = ui.Label(
        text="Tones",
        component=ui.CheckboxGroup(
            custom_id="tones",
            min_values=1,
            max_values=2,
            options=[library.CheckboxGroupOption(label=each) for each in ("warm", "brief", "firm")],
        ),
    )
    file: ui.Label[Any] = ui.Label(
        text="Files", component=ui.FileUpload(custom_id="file", required=False, max_values=2)
    )
    sure: ui.Label[Any] = ui.Label(text="I am sure", component=ui.Checkbox(custom_id="sure"))

    async def on_submit(self, interaction: Interaction) -> None:
        """Says what arrived."""
        by_name: dict[str, Any] = {each.custom_id: each for each in self.walk_children() if hasattr(each, "custom_id")}
        files = [f"{each.filename}={(await each.read()).decode()}" for each in by_name["file"].values]
        await interaction.response.send_message(
            f"got {by_name['verdict'].value} {sorted(by_name['tones'].values)} {files} {by_name['sure'].value}"
        )


@pytest.fixture
async def shown(browser: Browser) -> AsyncIterator[Page]:
    """The page on a Discord where `/card` shows everything, and `/form` asks for everything."""
    routes = Routes("Components")
    async with LocalDiscord(more_routes=routes.routes()) as discord:
        library.http.Route.BASE = discord.api_url
        library.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(discord.gateway_url)
        server = discord.server("Workshop")
        channel, member = server.channel("general"), server.member("Somebody")
        server.channel("promo")
        client = Bare()

        @client.tree.command(name="card", description="everything that a message can hold")
        async def card(interaction: Interaction) -> None:
            files = [
                library.File(picture(), "small.png"),
                library.File(picture(), "large.png"),
                library.File(io.BytesIO(b"notes"), "notes.txt"),
            ]
            await interaction.response.send_message(view=Card(channel.id), files=files)

        @client.tree.command(name="form", description="everything that a form can ask for")
        async def form(interaction: Interaction) -> None:
            await interaction.response.send_modal(Asking())

        @client.tree.command(name="long", description="suggests much")
        async def long(interaction: Interaction, word: str) -> None:
            await interaction.response.send_message(f"chosen: {word}")

        @long.autocomplete("word")
        async def words(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
            return [app_commands.Choice(name=f"{current} number {at}", value=f"value {at}") for at in range(25)]

        @client.event
        async def on_interaction(interaction: Interaction) -> None:
            if interaction.type is library.InteractionType.component:
                data: Any = interaction.data
                told = ",".join(data.get("values") or [])
                names = {str(channel.id): "general"}
                await interaction.response.send_message(f"used {data['custom_id']} {names.get(told, told)}")

        running = asyncio.create_task(client.start(discord.token))
        await discord.ready(1)
        await client.wait_until_ready()
        routes.people, routes.servers = [member.id], [server.id]
        routes.open_on(discord)
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(120_000)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        await page.goto(f"{discord.url}/app/")
        await expect(page.locator("#where")).to_have_text("# general")
        yield page
        await page.close()
        await client.close()
        with contextlib.suppress(BaseException):
            await running
        assert errors == []


async def run(page: Page, name: str) -> None:
    """Runs a command that takes nothing."""
    await page.locator("#text").fill(f"/{name}")
    await page.locator("#text").press("Enter")
    await page.locator("#send").click()


async def serious(page: Page) -> list[str]:
    """The serious findings of the accessibility check."""
    found = await Axe().run(page)
    return [each["id"] for each in found.response["violations"] if each["impact"] in ("serious", "critical")]


async def test_a_card_of_components_v2_is_drawn_whole(shown: Page) -> None:
    await run(shown, "card")
    card = shown.locator("#messages > .message").last
    await expect(card.get_by_role("heading", name="May I leave a request unanswered?")).to_be_visible()
    await expect(card.locator(".sub", has_text="You asked: may i")).to_be_visible()
    await expect(card.locator(".section strong")).to_have_text("answer")
    await expect(card.locator(".container hr.large")).to_be_visible()
    await expect(card.locator(".code pre")).to_have_text(WORDS)
    accent = await card.locator(".container").evaluate("each => getComputedStyle(each).borderLeftColor")
    assert accent == "rgb(31, 122, 67)"
    for image, alt in (
        (card.locator(".thumbnail img"), "small.png"),
        (card.locator(".gallery img"), "A slope of grey"),
    ):
        await expect(image).to_have_attribute("alt", alt)
        await image.evaluate("image => image.decode()")
        assert await image.evaluate("image => image.naturalWidth") == 64
    await expect(card.get_by_role("link", name="Elsewhere")).to_have_attribute("href", "https://example.com/")
    file = card.get_by_role("link", name="notes.txt")
    await expect(file).to_contain_text("5 bytes")
    # each file is shown once: where the layout has it
    await expect(card.locator("img")).to_have_count(2)
    await expect(card.get_by_role("link")).to_have_count(2)
    assert await serious(shown) == []
    await card.get_by_role("button", name="Tell me more").click()
    await shown.get_by_text("used more").wait_for()


async def test_chosen_channels_are_shown_as_chosen_and_stay_so(shown: Page) -> None:
    await run(shown, "card")
    menu = shown.locator(".several")
    await expect(menu.locator("summary")).to_have_text("Where to listen: # general")
    await menu.locator("summary").click()
    await expect(menu.get_by_label("# general")).to_be_checked()
    await expect(menu.get_by_label("# promo")).not_to_be_checked()
    await menu.get_by_role("button", name="Choose").click()
    await shown.get_by_text("used where general").wait_for()


async def test_a_form_with_radio_buttons_checkboxes_and_files(shown: Page, tmp_path: Path) -> None:
    await run(shown, "form")
    form = shown.locator("dialog#form")
    await expect(form.locator("strong")).to_have_text("kept")
    await expect(form.get_by_role("radio", name="No")).to_be_checked()
    assert await serious(shown) == []
    await form.get_by_role("radio", name="Yes").check()
    # one to two of three: what does not fit is said, and nothing that was filled in is lost
    for tone in ("warm", "brief", "firm"):
        await form.get_by_role("checkbox", name=tone).check()
    await form.get_by_role("button", name="Submit").click()
    await expect(form.get_by_role("alert")).to_contain_text("'tones' takes 1 to 2")
    await expect(form.get_by_role("radio", name="Yes")).to_be_checked()
    await form.get_by_role("checkbox", name="brief").uncheck()
    (tmp_path / "a.txt").write_text("inside")
    (tmp_path / "b.txt").write_text("too")
    await form.get_by_label("Files").set_input_files([tmp_path / "a.txt", tmp_path / "b.txt"])
    await form.get_by_label("I am sure").check()
    await form.get_by_role("button", name="Submit").click()
    await shown.get_by_text("got yes ['firm', 'warm'] ['a.txt=inside', 'b.txt=too'] True").wait_for()
    await expect(form).to_be_hidden()


async def test_eight_suggestions_stand_above_the_field_and_escape_loses_nothing(shown: Page) -> None:
    await shown.set_viewport_size({"width": 375, "height": 812})
    await shown.locator("#text").fill("/long")
    await shown.locator("#text").press("Enter")
    field = shown.locator("#option-word")
    await field.fill("a")
    found = shown.locator("#option-word-list")
    await expect(found.get_by_role("option")).to_have_count(8)
    await expect(found.get_by_role("option").first).to_have_text("a number 0")
    above, below = await found.bounding_box(), await shown.locator("#composer").bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] >= 0
    assert above["y"] + above["height"] <= below["y"] + 1
    await field.press("Escape")
    await expect(found).to_be_hidden()
    await expect(field).to_have_value("a")
    await field.press("ArrowDown")
    await field.fill("b")
    await found.get_by_role("option", name="b number 3").click()
    await expect(field).to_have_value("b number 3")
    await shown.locator("#send").click()
    await shown.get_by_text("chosen: value 3").wait_for()
