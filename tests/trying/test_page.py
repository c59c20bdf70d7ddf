"""The page of `try` in a real browser: what a newcomer, an admin and somebody with only a keyboard do."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, expect

from bot.local.world import World
from bot.trying import Trial
from tests.trying.conftest import Begin

ASKED = "do i have to follow back everyone in the promo corner"


async def be(page: Page, who: str) -> None:
    """Becomes somebody else."""
    await page.get_by_role("button", name=re.compile(f"^{who}")).click()
    await expect(page.locator("#people [aria-pressed=true]")).to_contain_text(who)


async def choose(card: Locator, choice: str) -> None:
    """Chooses from an answer's menu."""
    await card.locator("select").select_option(choice)


async def command(page: Page, name: str, **options: str) -> None:
    """Runs a command with the keyboard: types its name, fills its options, sends it."""
    await page.locator("#text").fill(f"/{name}")
    await page.locator("#text").press("Enter")
    for option, value in options.items():
        await page.locator(f"#option-{option}").fill(value)
        await page.locator(f"#option-{option}").press("Escape")
    await page.locator("#send").click()


async def test_the_first_minute_of_a_newcomer(page: Page, trial: Trial) -> None:
    await page.get_by_role("button", name="Ask: somebody followed me").click()
    await page.get_by_text("○ No obligation").wait_for()
    card = page.locator("#messages > .message").last
    await expect(card).to_contain_text("Only you can see this")
    await expect(card.get_by_role("heading")).to_have_text("Do I have to follow back?")
    words = await card.locator(".code pre").inner_text()
    await card.get_by_role("button", name="Firm").click()
    await expect(card.locator(".code pre")).not_to_have_text(words)
    # on a phone, a common answer is seen whole
    await page.set_viewport_size({"width": 375, "height": 812})
    box, room = await card.locator(".container").bounding_box(), await page.locator("#messages").bounding_box()
    assert box is not None
    assert room is not None
    assert box["height"] < room["height"]
    await page.set_viewport_size({"width": 1200, "height": 900})
    await be(page, "Admin")
    await expect(page.get_by_text("○ No obligation")).to_have_count(0)
    await be(page, "Member")
    await card.get_by_role("button", name="Helpful").first.click()
    await expect(card.get_by_role("button", name="Thanks · undo")).to_be_visible()
    await choose(card, "share")
    await page.get_by_text("shared this answer").wait_for()
    await be(page, "Admin")
    await expect(page.get_by_text("○ No obligation")).to_have_count(1)
    await be(page, "Member")
    await page.locator("#messages > .message").last.get_by_role("button", name="Remove").click()
    await expect(page.get_by_text("shared this answer")).to_have_count(0)


async def test_a_message_with_a_mention_is_answered_and_nothing_crosses_to_another_server(page: Page) -> None:
    await page.locator("#text").fill("@RSVNo is it rude to ignore a friend request from a stranger?")
    await page.locator("#text").press("Enter")
    asked, reply = page.locator("#messages > .message").nth(1), page.locator("#messages > .message").last
    await expect(reply.get_by_role("heading")).to_be_visible()
    await expect(asked.locator(".who")).to_have_text("Member")
    await expect(asked.locator(".head")).to_have_text(re.compile(r"^Member\s*[\d:]+\s*[AP]?M?$"))
    await expect(reply.locator(".head")).to_have_text(re.compile(r"^RSVNo\s*APP"))
    # what it answers stands above it, on one line that is cut off, with the mention in words
    line = reply.locator(".asked")
    await expect(line).to_have_text("↪ Member @RSVNo is it rude to ignore a friend request from a stranger?")
    await page.set_viewport_size({"width": 375, "height": 812})
    tall, wide, whole = await line.evaluate("each => [each.clientHeight, each.clientWidth, each.scrollWidth]")
    assert tall < 30
    assert whole > wide
    await page.set_viewport_size({"width": 1200, "height": 900})
    await be(page, "Neighbor")
    await expect(page.locator("#places")).to_contain_text("Garden Club")
    await expect(page.locator("#places")).not_to_contain_text("Reading Corner")
    await expect(page.get_by_text("stranger")).to_have_count(0)


async def test_autocomplete_with_the_keyboard_alone(page: Page) -> None:
    await page.locator("#text").focus()
    await page.keyboard.type("/should")
    await page.keyboard.press("Enter")
    await expect(page.locator("#option-situation")).to_be_focused()
    await page.keyboard.type("boss")
    suggestion = page.locator("#option-situation-list [role=option]").first
    await expect(suggestion).to_contain_text("boss", ignore_case=True)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    assert "boss" in (await page.locator("#option-situation").input_value()).lower()
    await page.keyboard.press("Enter")
    await expect(page.locator("#messages > .message").last.get_by_role("heading")).to_contain_text("boss")
    await expect(page.locator("#text")).to_be_focused()


async def test_an_admin_adds_guidance_that_a_members_next_question_gets(page: Page) -> None:
    await be(page, "Admin")
    await command(page, "guidance add")
    form = page.locator("dialog#form")
    await form.get_by_label("Question, as people").fill("Do I follow back in the promo corner?")
    await form.get_by_label("Verdict").select_option("yes")
    await form.get_by_label("Advice: what to do").fill("In the promo corner we follow everybody back.")
    await form.get_by_label("Other wordings").fill("must i follow back people from the promo corner")
    await form.get_by_role("button", name="Submit").click()
    await page.get_by_text("The next question sees it").wait_for()
    await be(page, "Member")
    await command(page, "etiquette ask", question=ASKED)
    await page.get_by_text("we follow everybody back").wait_for()
    await expect(page.locator("#messages > .message").last).to_contain_text("This server's own guidance")
    await command(page, "guidance list")
    await expect(page.locator("#messages > .message").last).to_contain_text("manage this server")


async def test_made_up_stats_are_marked_and_the_chart_really_shows_pixels(page: Page) -> None:
    await be(page, "Admin")
    await page.get_by_role("button", name="made-up stats").click()
    # news, and no alarm
    await expect(page.locator("#said")).to_contain_text("made-up questions were counted")
    await expect(page.locator("#notice")).to_be_hidden()
    await expect(page.locator("#banner")).to_contain_text("made up")
    await command(page, "stats")
    picture = page.locator(".embed img")
    await picture.wait_for()
    colors = await picture.evaluate(
        """async (image) => {
            await image.decode();
            const canvas = document.createElement("canvas");
            [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
            const drawing = canvas.getContext("2d");
            drawing.drawImage(image, 0, 0);
            const data = drawing.getImageData(0, 0, canvas.width, canvas.height).data;
            const seen = new Set();
            for (let at = 0; at < data.length; at += 400) seen.add(`${data[at]},${data[at + 1]},${data[at + 2]}`);
            return [canvas.width, canvas.height, seen.size];
        }"""
    )
    assert colors[:2] == [1200, 900]
    assert colors[2] > 8
    assert "Questions a day" in str(await picture.get_attribute("alt"))


async def test_a_message_has_a_menu_with_the_bots_command(page: Page) -> None:
    await page.locator("#text").fill("my boss sent me a friend request, what now")
    await page.locator("#text").press("Enter")
    said = page.locator("#messages > .message", has_text="what now")
    await said.get_by_role("button", name="Actions for").click()
    await page.get_by_role("button", name="Apps: Etiquette advice").click()
    await page.get_by_text("◐ It depends").wait_for()
    await expect(page.locator("#messages > .message").last).to_contain_text("Only you can see this")
    await page.locator("#messages > .message").last.get_by_role("button", name="Dismiss message").click()
    await expect(page.get_by_text("◐ It depends")).to_have_count(0)


async def test_the_raw_traffic_of_the_last_action(page: Page) -> None:
    await page.get_by_role("button", name="Raw traffic").click()
    await command(page, "etiquette help")
    await page.get_by_text("INTERACTION_CREATE").first.wait_for()
    await expect(page.locator("#traffic")).to_contain_text("/callback")
    assert "local-token" not in await page.locator("#traffic").inner_text()


async def test_a_reload_and_a_restart_lose_nothing(page: Page, trial: Trial, begin: Begin) -> None:
    await page.get_by_role("button", name="Ask: somebody followed me").click()
    await page.get_by_text("○ No obligation").wait_for()
    await page.reload()
    await page.get_by_text("○ No obligation").wait_for()
    port = int(trial.discord.url.rsplit(":", 1)[1])
    await trial.stop()
    await expect(page.locator("#banner")).to_contain_text("goes on by itself")
    await begin(port)
    await expect(page.locator("#banner")).to_be_hidden()
    await page.get_by_text("○ No obligation").wait_for()
    await choose(page.locator("#messages > .message").last, "other")
    await page.get_by_text("please pick one").wait_for()
    await expect(page.get_by_text("Hello! I am RSVNo.")).to_have_count(1)


async def test_errors_are_worded_as_discord_words_them(
    page: Page, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(World, "pace", 1.0)  # waits no longer than on Discord
    hanging = trial.discord.faults.hang("POST", "/interactions/*")
    await command(page, "etiquette help")
    await expect(page.locator("#notice")).to_have_text("The application did not respond")
    hanging.released.set()


async def test_the_stats_to_make_up_are_offered_to_an_admin_alone(page: Page) -> None:
    await expect(page.locator("#first button")).to_have_count(3)
    await be(page, "Admin")
    await expect(page.locator("#first button")).to_have_count(4)


async def test_what_is_being_written_outlives_news_and_focus_stays(page: Page, browser: Browser, trial: Trial) -> None:
    other = await browser.new_page()
    await other.goto(f"{trial.discord.url}/app/")
    await page.locator("#text").fill("/etiquette ask")
    await page.locator("#text").press("Enter")
    await page.locator("#option-question").fill("is it rude to")
    await other.locator("#text").fill("a message of somebody else")
    await other.locator("#text").press("Enter")
    await page.locator("#messages").get_by_text("a message of somebody else").wait_for()
    await expect(page.locator("#option-question")).to_have_value("is it rude to")
    await expect(page.locator("#option-question")).to_be_focused()
    await other.close()


async def test_markdown_as_discord_draws_it(page: Page) -> None:
    await page.locator("#text").fill(
        "__a__ *b* _c_ ~~d~~ `e` my\\_old\\_friend snake_case_name <@1> [f](https://example.com)"
    )
    await page.locator("#text").press("Enter")
    said = page.locator("#messages > .message").last.locator(".content")
    await expect(said).to_have_text("a b c d e my_old_friend snake_case_name @unknown f")
    for tag, words in (("u", "a"), ("em", "b"), ("s", "d"), ("code", "e"), ("a", "f")):
        await expect(said.locator(tag).first).to_have_text(words)
    await expect(said.locator("em")).to_have_count(2)


async def test_nothing_is_loaded_from_another_host_and_what_is_typed_does_nothing(
    browser: Browser, trial: Trial
) -> None:
    page = await browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{trial.discord.url}/app/")
    await page.get_by_text("Hello! I am RSVNo.").wait_for()
    await page.locator("#text").fill("<img src=x onerror=alert(1)> **bold** <script>alert(2)</script>")
    await page.locator("#text").press("Enter")
    await page.locator("#messages strong", has_text="bold").wait_for()
    await expect(page.locator("#messages script, #messages img")).to_have_count(0)
    assert all(url.startswith((trial.discord.url, "data:")) for url in asked)


@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_no_serious_finding_of_accessibility(browser: Browser, trial: Trial, scheme: str) -> None:
    page = await browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_default_timeout(120_000)
    await page.goto(f"{trial.discord.url}/app/")
    await page.get_by_text("Hello! I am RSVNo.").wait_for()
    await be(page, "Admin")
    for step in ("first screen", "answer", "commands", "options", "form"):
        if step == "answer":
            await page.get_by_role("button", name="Ask: somebody followed me").click()
            await page.get_by_text("○ No obligation").wait_for()
        elif step == "commands":
            await page.locator("#text").fill("/")
        elif step == "options":
            await page.locator("#text").fill("/decline")
            await page.locator("#text").press("Enter")
        elif step == "form":
            await page.get_by_role("button", name="Another command").click()
            await command(page, "guidance add")
            await page.locator("dialog#form").wait_for()
        found = await Axe().run(page)
        serious = [each for each in found.response["violations"] if each["impact"] in ("serious", "critical")]
        assert serious == [], (step, [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in serious])


async def test_a_phones_width(browser: Browser, trial: Trial) -> None:
    page = await browser.new_page(viewport={"width": 360, "height": 740})
    page.set_default_timeout(120_000)
    await page.goto(f"{trial.discord.url}/app/")
    await page.get_by_text("Hello! I am RSVNo.").wait_for()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await expect(page.locator("#places")).to_be_hidden()
    await page.get_by_role("button", name="Channels", exact=True).click()
    await page.get_by_role("button", name="# promo").click()
    await expect(page.locator("#where")).to_have_text("# promo")
    await page.locator("#text").fill("/etiquette help")
    await page.locator("#text").press("Enter")
    await page.locator("#send").click()
    await page.get_by_text("RSVNo: follow back, or say no kindly").wait_for()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    # the line on top is one line, and no menu of an answer runs out of the screen
    header = await page.locator("header").bounding_box()
    assert header is not None
    assert header["height"] < 64
    await page.get_by_role("button", name="Ask: somebody followed me").click()
    menu = page.locator("#messages select")
    await menu.wait_for()
    edges = await menu.evaluate("each => [each.getBoundingClientRect().left, each.getBoundingClientRect().right]")
    assert edges[0] >= 0
    assert edges[1] <= 360


async def test_a_closed_tab_disturbs_nobody(page: Page, browser: Browser, trial: Trial) -> None:
    other = await browser.new_page()
    await other.goto(f"{trial.discord.url}/app/")
    await other.get_by_text("Hello! I am RSVNo.").wait_for()
    await other.close()
    await command(page, "etiquette help")
    await expect(page.locator("#messages > .message").last).to_contain_text("say no kindly")
