"""What the page draws of Components V2 and of forms, with a bare client that shows and asks for all of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.trying.showing import WORDS, Showing


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
    for _ in range(2):
        await field.press("Escape")
        await expect(found).to_be_hidden()
        await expect(field).to_have_value("a")
    await field.press("ArrowDown")
    await field.fill("b")
    await found.get_by_role("option", name="b number 3").click()
    await expect(field).to_have_value("b number 3")
    await shown.locator("#send").click()
    await shown.get_by_text("chosen: value 3").wait_for()


async def test_an_edit_changes_the_card_in_place_and_the_keyboard_stays_where_it_is(shown: Page) -> None:
    await run(shown, "tones")
    card = shown.locator("#messages > .message").last
    await expect(card).to_contain_text("Only you can see this")
    await card.get_by_role("button", name="firm").press("Enter")
    await expect(card.get_by_role("heading")).to_have_text("Words, firm")
    await expect(shown.locator("#messages > .message")).to_have_count(1)
    await expect(card.get_by_role("button", name="firm")).to_be_focused()
    await expect(card.get_by_role("button", name="firm")).to_have_class("style1")
    # what is not chosen in the new card is not shown as chosen, so that it can be chosen again
    menu = card.get_by_role("combobox", name="More")
    await expect(menu.locator("option")).to_have_text(["More", "📣 warm", "📣 firm"])
    for tone in ("warm", "firm", "warm"):
        await menu.select_option(tone)
        await expect(card.get_by_role("heading")).to_have_text(f"Words, {tone}")
        await expect(menu).to_have_value("")


async def test_people_and_roles_of_one_menu(shown: Page) -> None:
    await run(shown, "tones")
    menu = shown.locator(".several")
    await menu.locator("summary").click()
    await menu.get_by_label("Somebody").check()
    await menu.get_by_label("@Editors").check()
    # no more than the menu takes
    await expect(menu.get_by_label("@@everyone")).to_be_disabled()
    await menu.get_by_role("button", name="Choose").click()
    await expect(shown.locator("#messages > .message").last).to_contain_text("used anyone")


async def test_a_reply_shows_one_line_of_a_card_and_who_types(shown: Page, showing: Showing) -> None:
    await shown.locator("#text").fill("@bot is this rude?")
    await shown.locator("#text").press("Enter")
    await expect(shown.locator("#typing")).to_have_text("bot is typing")
    showing.typed.set()
    answer = shown.locator("#messages > .message", has_text="Answer")
    await expect(answer.locator(".asked")).to_have_text("↪ Somebody @bot is this rude?")
    await expect(shown.locator("#typing")).to_have_text("")
    await answer.get_by_role("button", name="Actions for").click()
    await shown.get_by_role("button", name="Reply").click()
    await expect(shown.locator("#reply > span")).to_have_text("Replying to: Answer to @bot and others")
    await shown.locator("#text").fill("thanks")
    await shown.locator("#text").press("Enter")
    said = shown.locator("#messages > .message").nth(2)
    await expect(said.locator(".asked")).to_have_text("↪ bot Answer to @bot and others")
    await expect(said.locator(".who")).to_have_text("Somebody")


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [1280, 375])
async def test_everything_is_readable_and_within_the_screen(shown: Page, scheme: str, width: int) -> None:
    await shown.set_viewport_size({"width": width, "height": 812})
    await shown.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for name in ("card", "tones", "words", "form"):
        await run(shown, name)
        await shown.locator("dialog#form[open]" if name == "form" else ".message .content").last.wait_for()
        assert await serious(shown) == []
    outside = await shown.evaluate(
        """[...document.querySelectorAll("body *")].filter((each) => {
            const { width, right } = each.getBoundingClientRect();
            return width && right > innerWidth && !each.closest(".asked");
        }).map((each) => each.outerHTML.slice(0, 80))"""
    )
    assert outside == []


async def test_the_words_of_discord(shown: Page) -> None:
    await run(shown, "words")
    said = shown.locator("#messages > .message").last.locator(".content")
    headings = [("first", "One"), ("second", "Two"), ("third", "Three")]
    for level, words in headings:
        await expect(said.locator(f":scope > h3.{level}")).to_have_text(words)
    await expect(said.locator(".sub strong")).to_have_text("words")
    await expect(said.locator("blockquote").first).to_have_text("first line\nsecond line")
    await expect(said.locator(":scope > ul > li")).to_have_count(2)
    await expect(said.locator(":scope > ul > li > ul > li")).to_have_text("below")
    await expect(said.locator(":scope > ol > li")).to_have_text(["once", "twice"])
    await expect(said.locator("strong em")).to_have_text("both")
    links = [await link.get_attribute("href") for link in await said.locator("a").all()]
    assert links == ["https://example.com/a(b)", "https://example.com/b", "https://example.com/c"]
    await expect(said.locator("time")).to_have_text(["1/1/70"])
    await expect(said.locator(".mention")).to_have_text("@everyone")
    await expect(said.locator("code")).to_have_text("a `tick` in it")
    await expect(said.locator("blockquote li")).to_have_text("listed")
    await expect(said.locator("pre")).to_have_text("# no heading")
    plain = said.locator(".lines", has_text="no item")
    await expect(plain).to_have_text("# no heading, - no item\nnot an item")
    await expect(said.locator("blockquote").last.locator("h3")).to_have_text("with a heading")
