"""A pretended language: everything that people see on Discord speaks it, but for the guidance and what they typed.

Its words are the English ones with every letter replaced by one of another alphabet, so that a plain letter seen came
from somewhere else: from the guidance, from a person, or from words that nobody can translate.
"""

from __future__ import annotations

import contextvars
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any, TypeVar

import pytest
from discord import Locale, app_commands

from bot.chat.advice.buttons import Choice
from bot.chat.advice.card import PAGE
from bot.chat.client import RsvnoBot
from bot.chat.guidance.imports import IMPORTS
from bot.chat.kit import words as kit
from bot.chat.kit.errors import NotPermitted, Refusal, describe
from bot.chat.kit.item import Item, Retired
from bot.chat.kit.sending import MOST_LABEL
from bot.chat.kit.text import safe, shorten
from bot.chat.kit.words import Text, catalogue, day, number, percent, read_out, speak, words
from bot.guidance.models import Library
from bot.local import LocalDiscord, Person, Seen
from bot.storage import AlreadyExists, Database, DatabaseUnavailable, LimitReached, NotFound
from tests.chat.conftest import Start

PRETENDED = "hu"
Said = TypeVar("Said")
OWED = "someone followed me, do i owe a follow back"
WORRYING = "a friend of my sister followed me, do i owe a follow back"
OFF_TOPIC = ("how do i get the painter role here", "how can i get the painter role", "where is the pasta recipe thread")
FORM: dict[str, Any] = {
    "question": "Do I follow back in the promo corner?",
    "verdict": "yes",
    "advice": "In the promo corner we follow everybody back.",
    "wordings": "must i follow back people from the promo corner\ndo i have to follow back",
    "words": "warm: Welcome to the corner!\nbrief: Followed!",
}
OWN = "own-do-i-follow-back-in-the-promo-corner"
FILE = b"entries:\n  - id: own-x\n    question: May I wave?\n    verdict: yes\n    advice: Wave.\n"
TYPED = (
    *OFF_TOPIC, OWED, WORRYING, *FORM.values(), *FORM["wordings"].split("\n"), "Welcome to the corner!", "Followed!",
    OWN, "May I wave?", "Wave.", "own-x", "guidance.yaml", "stats.png", "Moon/Base", "Asia/Tokyo", "UTC", "RSVNo",
    "asker", "no-such", "a yoga class", "Ask in the role channel.", "what do you think", "hello everyone",
    "any ideas",
)  # fmt: skip
"""What people typed, names, and ids."""


ALPHABET = {ord("a") + at: chr(0x430 + at) for at in range(26)} | {ord("A") + at: chr(0x410 + at) for at in range(26)}


def pretended(text: str) -> str:
    """English in letters of another alphabet, with its {blanks} as they are."""
    parts = re.split(r"(\{\w+\})", text)
    return "".join(part if part.startswith("{") else part.translate(ALPHABET) for part in parts)


def translated(text: Text) -> Text:
    return pretended(text) if isinstance(text, str) else {form: pretended(each) for form, each in text.items()}


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Pretends the language. Returns the keys of the words that were asked for in it, as they are."""
    real, asked = catalogue, set[str]()

    class Noting(dict[str, Text]):
        def get(self, key: str, default: Any = None) -> Any:
            asked.add(key)
            return super().get(key, default)

    words_of_it = Noting({key: translated(text) for key, text in real("en").items()})
    monkeypatch.setattr(kit, "catalogue", lambda language: words_of_it if language == PRETENDED else real(language))
    monkeypatch.setattr(kit, "languages", lambda: ("en", PRETENDED))
    return asked


def shown(node: Any, name: str = "") -> Iterator[str]:
    """What people read of a message, a form or an answer that the bot sent: not ids, and not what they filled in."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            of_a_field = key == "value" and "name" in node and "inline" in node
            if key in ("content", "title", "description", "name", "label", "placeholder", "text") or of_a_field:
                yield from [value] if isinstance(value, str) else shown(value, key)
            elif isinstance(value, Mapping | list):
                yield from shown(value, key)
    elif isinstance(node, list):
        for each in node:
            yield from shown(each, name)


def guidance_texts(library: Library) -> list[str]:
    """All texts of the guidance that cards show, in the forms in which they show them."""
    danger = library.danger
    found: list[str] = [*TYPED, danger.emergency, *danger.platforms.values()]
    found += [text for kind in danger.kinds for text in (kind.block, kind.report, *(link.label for link in kind.links))]
    found += [text for fact in library.facts for text in (fact.ask, *fact.answers)]
    found += [item.label for lists in (library.lexicon.people, library.lexicon.platforms) for item in lists.values()]
    for title in library.titles.values():
        found += [title, title[:1].lower() + title[1:]]
    for entry in (*library.entries, *library.follow_up_answers.values()):
        found += [*entry.wordings, entry.advice, entry.reason or "", *entry.adapt.values()]
        found += [shorten(entry.question, MOST_LABEL), entry.asked_next or ""]
        for text in entry.say.values():
            found += [text, re.sub(r"\{(\w+)\}", r"[\1]", text)]
    found += library.sources.values()
    found += [safe(text) for text in found]
    return sorted({text for text in found if text}, key=len, reverse=True)


def plain_letters(text: str, known: list[str]) -> str:
    """What is left of a text that is neither translated, nor guidance, nor typed, nor Discord's own marks."""
    text = re.sub(r"<t:\d+:\w>|attachment://\S+|own-[\w-]+", " ", text)
    for each in known:
        text = text.replace(each, " ")
    return " ".join(re.findall(r"[A-Za-z]+", text))


async def press(person: Person, message: Seen, name: str) -> Any:
    """Presses the button whose custom id begins with `rsvno:name`."""
    now = person.look(message) or message
    custom_id, *_ = [each.custom_id for each in now.buttons if f"{each.custom_id}:".startswith(f"rsvno:{name}:")]
    return await person.press(message, custom_id=custom_id)


async def choose(person: Person, message: Seen, name: str, *values: Any) -> Any:
    """Chooses in the menu whose custom id begins with `rsvno:name`."""
    now = person.look(message) or message
    [custom_id] = [each.custom_id for each in now.menus if f"{each.custom_id}:".startswith(f"rsvno:{name}:")]
    return await person.choose(message, *values, custom_id=custom_id)


async def walk(discord: LocalDiscord, database: Database, bot: RsvnoBot, vague: str) -> None:
    """Runs every command, presses every button, chooses in every menu and sends every form."""
    server = discord.server(with_bot=False, locale=PRETENDED)
    channel, other = server.channel("general"), server.channel("second")
    server.add_bot()
    hello = await channel.next_post()
    admin, asker = server.member("admin", "manage_guild", "manage_messages"), server.member("asker")
    admin.locale = asker.locale = PRETENDED
    store = database.server(server.id)

    # settings, and the hello's buttons
    for name in ("here", "mentioned"):
        await press(admin, hello, f"listen:{name}")
    await press(asker, hello, "listen:here")
    menu = await press(admin, hello, "listen:choose")
    await choose(admin, menu.seen, "listen-channels", other)
    view = await admin.run(channel, "settings")
    for name, value in (("listening", "channels"), ("eagerness", "eager"), ("answers", "public"), ("channels", other)):
        await choose(admin, view.seen, f"setting:{name}", value)
    await choose(admin, view.seen, "setting:answers", "private")
    more = (await press(admin, view.seen, "settings:1")).seen
    await choose(admin, more, "setting:roles", server.role("asker"))
    await choose(admin, more, "setting:inbox", "7")
    await choose(admin, more, "setting:audience", "admins")
    await admin.submit(await press(admin, more, "setting:time_zone"), zone="Moon/Base")
    await admin.submit(await press(admin, more, "setting:time_zone"), zone="Asia/Tokyo")
    await press(admin, more, "settings:0")

    # empty lists, and what is refused
    for command in ("guidance list", "guidance export", "guidance inbox", "stats"):
        await admin.run(channel, command)
    await asker.run(channel, "stats")
    await asker.run(channel, "guidance list")
    await asker.run(channel, "guidance history", entry="no-such")

    # advice
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    for button in ("say:no-debt-in-a-follow:firm", "helpful:1", "undo", "helpful:0", "undo"):
        await press(asker, answer.seen, button)
    for choice in (Choice.WHY, Choice.NO_WHY, Choice.REPORT):
        await choose(asker, answer.seen, "more", choice)
    await press(asker, answer.seen, "next")
    await press(asker, answer.seen, "back")
    shared = await (await choose(asker, answer.seen, "more", Choice.SHARE)).followup()
    for button in ("say:no-debt-in-a-follow:firm", "next", "helpful:1", "helpful:0"):
        await press(asker, shared, button)
    for choice in (Choice.WHY, Choice.OTHER, Choice.REPORT):
        await choose(admin, shared, "more", choice)
    await press(admin, shared, "remove")
    await choose(asker, answer.seen, "more", Choice.OTHER)
    await press(asker, answer.seen, "neither")
    again = await asker.run(channel, "etiquette ask", question=OWED)
    others = await choose(asker, again.seen, "more", Choice.OTHER)
    await asker.press(others.seen, custom_id=others.seen.buttons[0].custom_id)
    await asker.run(channel, "shouldifollowback")
    await asker.run(channel, "shouldifollowback", who="asker")
    await asker.run(channel, "decline", invitation="a yoga class", tone="warm")
    await asker.run(channel, "etiquette ask", question=vague)
    worried = await asker.run(channel, "etiquette ask", question=WORRYING)
    await press(asker, worried.seen, "frightened")
    for question in OFF_TOPIC:
        await asker.run(channel, "etiquette ask", question=question)
    unsure = await asker.run(channel, "etiquette ask", question=vague)
    topics = await press(asker, unsure.seen, "topics")
    long = next(topic for topic in bot.advisor.library.titles if len(bot.advisor.library.in_topic(topic)) > PAGE)
    pages = await choose(asker, topics.seen, "topic", long)
    await press(asker, pages.seen, f"page:{long}")
    await press(asker, pages.seen, "page::0")
    again = await choose(asker, (await asker.run(channel, "etiquette topics")).seen, "topic", "follow_back")
    await choose(asker, again.seen, "entries", "no-debt-in-a-follow")
    await asker.run(channel, "etiquette help")
    privacy = await asker.run(channel, "etiquette privacy")
    await press(asker, privacy.seen, "forget")
    message = await asker.say(channel, OWED)
    await asker.use_on(message, "Etiquette advice")
    for text in (f"{discord.bot_mention} {OWED}", discord.bot_mention, f"{discord.bot_mention} {OFF_TOPIC[0]}"):
        posts = len(channel.posted())
        await asker.say(channel, text)
        await channel.next_post(posts)
    posts = len(other.posted())
    await asker.say(other, "do i have to follow back everyone who follows me on instagram?")
    await other.next_post(posts)
    await bot.idle()

    # a server's own guidance
    for button in ("draft:edit", "draft:cancel", "draft:save"):
        draft = await admin.submit(await admin.run(channel, "guidance add"), **FORM)
        await press(admin, draft.seen, button)
        await bot.idle()
    assert await admin.type(channel, "guidance show", "entry", "") == [OWN]
    card = (await admin.run(channel, "guidance show", entry=OWN)).seen
    changed = await admin.submit(await press(admin, card, "own:edit"), advice="Wave.")
    await discord.until(lambda: changed.done)
    for channels in ([other], []):
        await choose(admin, card, "own:channels", *channels)
    mine = await admin.run(channel, "guidance edit", entry=OWN)
    theirs = {"id": OWN, "verdict": "no", "advice": "Wave."}
    await store.entries.edit(OWN, {**theirs, "question": FORM["question"]}, editor=1)
    mine = await admin.submit(mine, question="Wave.", verdict="yes")
    await discord.until(lambda: mine.done)
    await press(admin, mine.seen, "draft:both")
    await press(admin, mine.seen, "draft:theirs")
    await press(admin, card, "own:history")
    await admin.run(channel, "guidance history", entry=OWN)
    await press(admin, card, "own:remove")
    await press(admin, (await admin.run(channel, "guidance remove", entry=OWN)).seen, "own:yes_remove")
    back = await admin.run(channel, "guidance restore", entry=OWN, version=1)
    await press(admin, back.seen, "draft:save")
    await bot.idle()
    for number_ in range(23):
        document = {"id": f"own-{number_}", "question": "Wave.", "verdict": "no", "advice": "Wave."}
        await store.entries.add(document, editor=1)
    pages = await admin.run(channel, "guidance list")
    await press(admin, (await press(admin, pages.seen, "list:later")).seen, "list:earlier")
    await admin.run(channel, "guidance list", search="no-such")
    await admin.run(channel, "guidance hide", entry="no-such")
    await admin.run(channel, "guidance hide", entry="no-debt-in-a-follow")
    await admin.run(channel, "guidance unhide", entry="no-debt-in-a-follow")
    for question in (OWED, vague, OFF_TOPIC[0]):
        await admin.run(channel, "guidance test", question=question)
    await admin.run(channel, "guidance export")
    plan = await admin.run(channel, "guidance import", file=("guidance.yaml", FILE))
    second = await admin.run(channel, "guidance import", file=("guidance.yaml", FILE))
    third = await admin.run(channel, "guidance import", file=("guidance.yaml", FILE))
    assert await IMPORTS.take(store, str(third.seen.buttons[0].custom_id).split(":")[-1]) is not None
    for each in (plan, second, third):
        await press(admin, each.seen, "import")
    await admin.run(channel, "guidance import", file=("guidance.yaml", FILE))

    # the inbox
    inbox = (await admin.run(channel, "guidance inbox")).seen
    await press(admin, inbox, "inbox:page")
    inbox = (await admin.run(channel, "guidance inbox")).seen
    written = await admin.submit(await press(admin, inbox, "inbox:write"), advice="Ask in the role channel.")
    await discord.until(lambda: written.done)
    inbox = (await admin.run(channel, "guidance inbox")).seen
    menu = await press(admin, inbox, "inbox:wording")
    await choose(admin, menu.seen, "inbox:to", OWN)
    await store.inbox.keep(OFF_TOPIC[2], "unhelpful")
    await press(admin, (await admin.run(channel, "guidance inbox")).seen, "inbox:dismiss")
    await bot.idle()
    await admin.run(channel, "stats", period="week", csv=True)


async def test_nothing_that_the_bot_says_on_discord_is_left_in_english(
    discord: LocalDiscord,
    start: Start,
    database: Database,
    library: Library,
    used: set[str],
    vague: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # one person runs them all
    monkeypatch.setattr("bot.chat.tree.COMMANDS", (1000, 1.0))
    monkeypatch.setattr("bot.chat.kit.limits.PRESSES", (1000, 1.0))
    bot = await start()
    await walk(discord, database, bot, vague)
    known = [*guidance_texts(library), vague]
    sent = [
        exchange.sent
        for exchange in discord.traffic.exchanges
        if exchange.kind == "rest" and not exchange.name.endswith("/commands") and exchange.sent
    ]
    known += sorted({*library.negatives.chatter, *library.negatives.near_misses}, key=len, reverse=True)
    texts = {text for body in sent for text in shown(body)}
    left = {text: letters for text in texts if (letters := plain_letters(text, known))}
    assert not left, "\n".join(f"{letters}: {text}" for text, letters in left.items())
    assert len(texts) > 200
    ours = {kind for kind in Item.registered() if kind.__module__.startswith("bot.")}
    assert {kind._ids.names[-1] for kind in ours if not issubclass(kind, Retired)} == names_in(sent)


def names_in(node: Any) -> set[str]:
    """The names of the kinds of buttons and menus that were sent."""
    found: set[str] = set()
    if isinstance(node, Mapping):
        custom_id = str(node.get("custom_id", ""))
        for kind in Item.registered():
            if kind.__discord_ui_compiled_template__.fullmatch(custom_id):
                found.add(kind._ids.names[-1])
    children = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    return found.union(*(names_in(each) for each in children))


async def test_discord_is_told_the_names_and_descriptions_that_it_keeps(start: Start, used: set[str]) -> None:
    bot = await start()
    translator = bot.tree.translator
    assert translator is not None

    def check(node: Mapping[str, Any]) -> None:
        if node.get("description"):
            assert node["description_localizations"][PRETENDED] == pretended(node["description"])
        for choice in node.get("choices", []):
            assert choice["name_localizations"][PRETENDED] == pretended(choice["name"])
        for option in node.get("options", []):
            check(option)

    for command in bot.tree.get_commands():
        payload = await command.get_translated_payload(bot.tree, translator)
        check(payload)
        if isinstance(command, app_commands.ContextMenu):
            assert payload["name_localizations"][PRETENDED] == pretended(command.name)


def spoken(locale: Locale, say: Callable[[], Said]) -> Said:
    """What `say` gives while a locale is spoken, and it alone."""

    def run() -> Said:
        speak(locale)
        return say()

    return contextvars.copy_context().run(run)


@pytest.mark.parametrize(
    "error",
    [
        NotPermitted(), Refusal("error.gone"), Refusal("error.too_long", count=1),
        app_commands.CommandOnCooldown(app_commands.Cooldown(1, 9.0), 3.2),
        LimitReached("full", number=500, limit=500), NotFound("gone", entry="1"), AlreadyExists("there", entry="1"),
        DatabaseUnavailable("locked"), app_commands.CheckFailure(), KeyError("x"),
    ],
)  # fmt: skip
def test_errors_speak_it_too(used: set[str], error: BaseException) -> None:
    said = spoken(Locale.hungarian, lambda: describe(error)[1])
    # a reference to the log has plain digits and letters
    assert plain_letters(re.sub(r"[0-9A-F]{6}", "", said), []) == ""


def test_a_question_is_read_back_from_a_card_in_any_language(used: set[str]) -> None:
    for locale in (Locale.hungarian, Locale.american_english):
        card = spoken(locale, partial(words, "card.asked", question="do i owe it?"))
        for reader in (Locale.hungarian, Locale.american_english):
            assert spoken(reader, partial(read_out, "card.asked", card)) == "do i owe it?"
    assert read_out("card.asked", "something else") is None


def test_numbers_days_and_plurals_are_the_languages_own(used: set[str]) -> None:
    assert [words("privacy.forgotten", count=count).split("(")[1] for count in (0, 1, 2000)] == [
        "0 rows).", "1 row).", "2,000 rows).",
    ]  # fmt: skip
    assert spoken(Locale.hungarian, lambda: number(12345)) == "12\xa0345"
    assert number(12345) == "12,345"
    assert (percent(0.314), percent(0.0123, 1), percent(None)) == ("31%", "1.2%", "-")
    assert (percent(0.2, signed=True), percent(-0.2, signed=True)) == ("+20%", "-20%")
    assert day(date(2026, 3, 5)) == "Mar 5"
    assert spoken(Locale.british_english, lambda: day(date(2026, 3, 5))) == "5 Mar"
    # a language without a catalogue is answered in English, and so are its numbers
    assert spoken(Locale.german, lambda: f"{words('more.share')} {number(12345)}") == "Share here 12,345"
