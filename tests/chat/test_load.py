"""Many at once, floods, and one who does a great deal: everybody else is answered, and nobody waits without a word."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from bot.advice.advisor import Advice, Advisor
from bot.chat.advice.buttons import Choice
from bot.chat.advice.listener import OVERHEARD_SECONDS
from bot.chat.client import RsvnoBot
from bot.chat.kit import limits, thinking, work
from bot.chat.kit.limits import Limits
from bot.chat.kit.logs import Seldom
from bot.local import Channel, LocalDiscord, Person, Server
from bot.matching.policies import Outcome
from bot.storage import Database, DatabaseUnavailable, Unanswered
from tests.chat.cards import pick, read_card
from tests.chat.conftest import Start
from tests.storage.test_survey import statements_of

OWED = "someone followed me, do i owe a follow back"
SURE = "do i have to follow back everyone who follows me on instagram?"
CHATTER = "what a nice day it is"


async def come_true(look: Callable[[], object]) -> None:
    """Waits for what is to happen in the bot, of which Discord learns nothing."""
    while not look():
        await asyncio.sleep(0.01)


class Held:
    """Holds up what is done in the threads, until it is let go; `done` are the texts, in their order."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.done: list[str] = []


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """Questions that wait to be let go, and then have the general answer; what is overheard has none."""
    held = Held()

    def ask(self: Advisor, text: str) -> Advice:
        held.go.wait()
        held.done.append(text)
        return self.explain(self.general_entry(), text)

    def overhear(self: Advisor, text: str) -> Advice:
        held.done.append(text)
        return Advice(text, Outcome.NONE, None, 0.0)

    monkeypatch.setattr(Advisor, "ask", ask)
    monkeypatch.setattr(Advisor, "overhear", overhear)
    yield held
    held.go.set()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is not answered at once is told that we are thinking."""
    monkeypatch.setattr(thinking, "THINKING_SECONDS", 0.0)


async def test_three_hundred_at_once_are_told_to_wait_and_all_are_answered(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, held: Held, impatient: None
) -> None:
    server = discord.server()
    channel = server.channel("general")
    people = [server.member(f"member {number}") for number in range(300)]
    answers = [await person.run(channel, "etiquette ask", question=OWED, wait=False) for person in people]
    await discord.until(lambda: all(answer.kind == "deferred" for answer in answers))
    # who comes later than Discord's three seconds is followed up
    discord.clock.advance(300)
    held.go.set()
    await discord.until(lambda: all(answer.done for answer in answers), 60)
    assert all("No obligation" in answer.text and answer.private for answer in answers)
    await bot.idle()
    assert len(held.done) == 300
    today = await database.server(server.id).counters.today()
    rows = await database.server(server.id).counters.between(today, today)
    assert sum(row.questions for row in rows) == 300


async def test_who_mentions_the_bot_and_has_to_wait_sees_that_it_is_typing(
    discord: LocalDiscord, bot: RsvnoBot, held: Held, impatient: None
) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    await discord.until(lambda: discord.traffic.calls(f"POST /channels/{channel.id}/typing"))
    assert channel.posted() == []
    held.go.set()
    assert "No obligation" in (await channel.next_post()).text


async def test_what_can_no_longer_be_answered_costs_no_work(
    discord: LocalDiscord, bot: RsvnoBot, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = discord.server()
    channel = server.channel("general")
    for number in range(work.MATCHING_THREADS):
        await server.member(f"first {number}").run(channel, "etiquette ask", question=f"first {number}", wait=False)
    await server.member("late").run(channel, "etiquette ask", question="late", wait=False)
    await come_true(lambda: len(bot.desk.work.matching) == 1)
    monkeypatch.setattr("bot.chat.kit.errors.TOO_OLD", -1.0)
    held.go.set()
    await bot.idle()
    assert sorted(held.done) == [f"first {number}" for number in range(work.MATCHING_THREADS)]
    assert bot.metrics.dropped._value.get() == 1


async def test_who_cannot_be_answered_soon_is_told_so_and_a_channel_only_once(
    discord: LocalDiscord, bot: RsvnoBot, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.desk.work.matching, "_most_of_one", 3)
    server = discord.server()
    channel = server.channel("general")
    people = [server.member(f"member {number}") for number in range(8)]
    asked = [await person.run(channel, "etiquette ask", question=OWED, wait=False) for person in people]
    turned_away = len(people) - work.MATCHING_THREADS - 3
    await discord.until(lambda: sum(answer.done for answer in asked) == turned_away)
    assert all("try again in a minute" in answer.text for answer in asked if answer.done)
    for person in people:
        await person.say(channel, f"{discord.bot_mention} {OWED}")
    assert "try again in a minute" in (await channel.next_post()).text
    # other servers are not touched by that
    other = discord.server("other")
    elsewhere = await other.member("bystander").run(other.channel("general"), "etiquette ask", question="x", wait=False)
    held.go.set()
    await discord.until(lambda: elsewhere.done and all(answer.done for answer in asked))
    await bot.idle()
    assert "No obligation" in elsewhere.text
    assert len(channel.posted()) == 1


async def test_what_was_overheard_waits_for_what_was_asked_and_the_oldest_goes(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, held: Held
) -> None:
    server = discord.server()
    channel, asker, talker = server.channel("on"), server.member("asker"), server.member("talker")
    await database.server(server.id).settings.change(listening="channels", listening_channels={channel.id})
    line = bot.desk.work.matching
    asked = [
        await asker.run(channel, "etiquette ask", question=f"asked {number}", wait=False)
        for number in range(work.MATCHING_THREADS)
    ]
    await come_true(lambda: not line._free)
    for number in range(work.MOST_OVERHEARD + 20):
        await talker.say(channel, f"{CHATTER} {number}")
    await come_true(lambda: bot.metrics.overheard_dropped._value.get() == 20)
    asked.append(await asker.run(channel, "etiquette ask", question="asked last", wait=False))
    await come_true(lambda: len(line) == work.MOST_OVERHEARD + 1)
    held.go.set()
    await discord.until(lambda: all(answer.done for answer in asked))
    await bot.idle()
    assert held.done.index("asked last") <= work.MATCHING_THREADS
    heard = [text for text in held.done if text.startswith(CHATTER)]
    assert sorted(heard) == sorted(f"{CHATTER} {number}" for number in range(20, work.MOST_OVERHEARD + 20))


async def test_what_was_overheard_long_ago_is_not_answered(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, held: Held
) -> None:
    server = discord.server()
    channel, asker, talker = server.channel("on"), server.member("asker"), server.member("talker")
    await database.server(server.id).settings.change(listening="channels", listening_channels={channel.id})
    for number in range(work.MATCHING_THREADS):
        await asker.say(channel, f"{discord.bot_mention} asked {number}")
    await talker.say(channel, CHATTER)
    await come_true(lambda: bot.desk.work.matching.overheard == 1)
    assert OVERHEARD_SECONDS < work.MOST_SECONDS
    discord.clock.advance(OVERHEARD_SECONDS + 1)
    held.go.set()
    await channel.next_post(work.MATCHING_THREADS - 1)
    await bot.idle()
    assert CHATTER not in held.done


async def test_chatter_is_not_encoded_for_a_server_with_entries_of_its_own(
    advisor: Advisor, encoded: list[str]
) -> None:
    own = advisor.general_entry().model_copy(
        update={"id": "own-promo", "question": "Must I follow back in the promo corner?", "examples": ()}
    )
    server = advisor.within([own], ())
    encoded.clear()
    chatter = ["what a nice day it is", "gg everyone that was fun", "who wants pizza tonight", "lol same"]
    assert all(server.overhear(text).outcome is Outcome.NONE for text in chatter)
    assert encoded == []


async def test_a_bystander_is_answered_while_an_editor_opens_an_inbox_of_two_thousand(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = type(bot.advisor.base.reader.encoder)
    encode = encoder.encode
    read: list[str] = []
    go = threading.Event()

    def slowly(self: Any, text: str) -> Any:
        if text.startswith("waiting"):
            go.wait()
            read.append(text)
            vector = encode(self, "waiting")
            # each means something of its own
            return vector * 0 + (1.0 if len(read) % 2 else -1.0) / len(vector) ** 0.5
        return encode(self, text)

    monkeypatch.setattr(encoder, "encode", slowly)
    server, other = discord.server("one"), discord.server("other")
    admin, channel = server.member("admin", "manage_guild"), server.channel("general")
    store = database.server(server.id)
    await store.settings.change(inbox=True)
    monkeypatch.setattr(type(store.inbox), "all", _full(2000))
    monkeypatch.setattr(thinking, "THINKING_SECONDS", 0.0)
    inbox = await admin.run(channel, "guidance inbox", wait=False)
    await discord.until(lambda: inbox.kind == "deferred")
    answer = await other.member("bystander").run(other.channel("general"), "etiquette ask", question=OWED)
    await discord.until(lambda: answer.done)
    assert "No obligation" in answer.text
    assert read == []
    go.set()
    await discord.until(lambda: inbox.done, 60)
    assert "Inbox · 1 of 2" in inbox.text
    assert "1,800 older questions are still being read" in inbox.text
    await asyncio.gather(*bot.desk.at_work)
    again = await admin.run(channel, "guidance inbox", wait=False)
    await discord.until(lambda: again.done, 60)
    assert "Asked 1,000 times" in again.text
    assert "still being read" not in again.text
    # each was read once
    assert len(read) == 2000


def _full(number: int) -> Any:
    async def everything(self: Any) -> list[Unanswered]:
        return [Unanswered(row, f"waiting {row}", "none", datetime.now(UTC)) for row in range(number)]

    return everything


# ------------------------------------------------------------------- limits


@pytest.fixture
def at_once(bot: RsvnoBot) -> Limits:
    """All that happens from now on happens at the same moment."""
    bot.limits = Limits(now=lambda: 1.0)
    return bot.limits


@pytest.fixture
async def place(discord: LocalDiscord) -> tuple[Server, Channel, Person]:
    server = discord.server()
    return server, server.channel("general"), server.member("asker")


async def test_of_150_presses_most_are_refused_and_nothing_is_done_for_them(
    discord: LocalDiscord, bot: RsvnoBot, at_once: Limits, place: tuple[Server, Channel, Person],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    _, channel, asker = place
    card = await asker.run(channel, "etiquette ask", question=OWED)
    looked: list[str] = []

    def alternatives(self: Advisor, question: str, without: str) -> list[Any]:
        looked.append(question)
        return []

    monkeypatch.setattr(Advisor, "alternatives", alternatives)
    presses = [await asker.choose(card.seen, Choice.OTHER, wait=False) for _ in range(150)]
    await discord.until(lambda: all(press.done for press in presses), 60)
    most, _ = limits.PRESSES
    assert len(looked) == most
    assert sum("try again in 20 seconds" in press.text for press in presses) == 150 - most


async def test_suggestions_beyond_the_limit_follow_the_letters_alone(
    discord: LocalDiscord, bot: RsvnoBot, at_once: Limits, place: tuple[Server, Channel, Person], encoded: list[str]
) -> None:
    _, channel, asker = place
    encoded.clear()
    most, _ = limits.SUGGESTIONS
    found = [await asker.type(channel, "etiquette ask", "question", "follow back") for _ in range(most + 5)]
    assert len(encoded) == most
    assert all(found)
    assert all("follow" in question.lower() and "back" in question.lower() for question in found[-1])


async def test_an_answer_is_shared_once_and_not_faster_than_people_read(
    discord: LocalDiscord, bot: RsvnoBot, at_once: Limits, place: tuple[Server, Channel, Person]
) -> None:
    _, channel, asker = place
    card = await asker.run(channel, "etiquette ask", question=OWED)
    others = [await asker.run(channel, "etiquette ask", question=OWED) for _ in range(2)]
    seen = card.seen
    presses = [await asker.choose(seen, Choice.SHARE, wait=False) for _ in range(15)]
    await discord.until(lambda: all(press.done for press in presses))
    await channel.next_post()
    assert len(channel.posted()) == 1
    assert sum("shared that answer already" in press.text for press in presses) == 14
    # and is not offered again
    assert Choice.SHARE not in read_card(asker.find(channel, seen.id)).menu
    await (await pick(asker, others[0].seen, Choice.SHARE)).followup()
    assert "try again in 20 seconds" in (await pick(asker, others[1].seen, Choice.SHARE)).text
    assert Choice.SHARE in read_card(others[1].seen).menu
    assert len(channel.posted()) == 2


async def test_nothing_is_posted_for_who_may_not_write_there(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    server = discord.server()
    asker = server.member("asker")
    for denied in (["send_messages"], ["embed_links"]):
        channel = server.channel("closed", denied={server: denied})
        card = await asker.run(channel, "etiquette ask", question=OWED)
        assert "may not send messages" in (await pick(asker, card.seen, Choice.SHARE)).text
        await database.server(server.id).settings.change(private_answers=False)
        assert (await asker.run(channel, "etiquette ask", question=OWED)).private
        await database.server(server.id).settings.change(private_answers=True)
        assert channel.posted() == []
    opened = server.channel("open")
    thread = opened.thread("more", asker)
    await database.server(server.id).settings.change(private_answers=False)
    assert not (await asker.run(thread, "etiquette ask", question=OWED)).private


# ----------------------------------------------------------------- settings


async def test_many_who_wait_for_one_server_wait_for_one_look(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    look = type(database.core)._look

    async def counted(self: Any, guild_id: int) -> Any:
        looks.append(guild_id)
        return await look(self, guild_id)

    monkeypatch.setattr(type(database.core), "_look", counted)
    found = await asyncio.gather(*(database.server(7).settings.get() for _ in range(100)), database.server(8).row())
    assert sorted(looks) == [7, 8]
    assert all(each == found[0] for each in found[:100])


async def test_with_the_database_away_the_last_known_settings_hold(
    discord: LocalDiscord, start: Start, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = await start()
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    store = database.server(server.id)
    await store.settings.change(private_answers=False)
    await store.entries.add(
        {"id": "own-x", "question": "Do I follow back in the promo corner?", "verdict": "yes", "advice": "We all do."},
        editor=1,
    )
    asked = "do i follow back in the promo corner"
    assert "We all do." in (await asker.run(channel, "etiquette ask", question=asked)).text
    looks: list[int] = []

    async def unreachable(self: Any, guild_id: int) -> Any:
        looks.append(guild_id)
        raise DatabaseUnavailable("the database is locked by another program")

    monkeypatch.setattr(type(database.core), "_look", unreachable)
    database.core.cache.clear()
    for _ in range(3):
        answer = await asker.run(channel, "etiquette ask", question=asked)
        assert "We all do." in answer.text
        assert not answer.private
    await bot.idle()
    # it is not asked again for each question
    assert looks.count(server.id) < 6
    assert bot.metrics.errors.labels("storage")._value.get() > 0


async def test_fresh_settings_cost_no_task_and_no_timer(
    bot: RsvnoBot, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bot.desk.settings(7)

    def forbidden(*_: Any, **__: Any) -> Any:
        raise AssertionError("a task or a timer was made")

    loop = asyncio.get_running_loop()
    with monkeypatch.context() as patch:
        patch.setattr(loop, "create_task", forbidden)
        patch.setattr(loop, "call_at", forbidden)
        assert (await bot.desk.settings(7)).private_answers
        assert await bot.desk.whole_advisor_for(7) is bot.advisor


# ------------------------------------------------------------- log and ending


def test_a_line_that_comes_a_thousand_times_is_logged_once_a_minute_with_its_count(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = 0.0
    line = Seldom("out of reach: %s", now=lambda: now)
    with caplog.at_level(logging.WARNING):
        for _ in range(1000):
            line.warn("locked")
        now = 61.0
        line.warn("locked")
    assert [record.getMessage() for record in caplog.records] == [
        "out of reach: locked",
        "out of reach: locked (999 more since the last such line)",
    ]


async def test_a_stop_with_a_full_queue_tells_who_still_waits(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, held: Held, impatient: None
) -> None:
    server = discord.server()
    channel = server.channel("on")
    await database.server(server.id).settings.change(listening="channels", listening_channels={channel.id})
    people = [server.member(f"member {number}") for number in range(60)]
    answers = [await person.run(channel, "etiquette ask", question=OWED, wait=False) for person in people]
    await discord.until(lambda: all(answer.kind == "deferred" for answer in answers))
    for number in range(50):
        await people[0].say(channel, f"{CHATTER} {number}")
    await come_true(lambda: bot.desk.work.matching.overheard == 50)
    await bot.stop()
    told = [answer for answer in answers if answer.done]
    assert len(told) >= len(people) - work.MATCHING_THREADS
    assert all("try again in a minute" in answer.text for answer in told)
    assert held.done == []
    assert len(bot.desk.work.matching) == 0


# ------------------------------------------------------------ what nobody asked


@pytest.fixture
def made(bot: RsvnoBot, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The messages of which an object was made."""
    texts: list[str] = []
    hear = type(bot).on_message

    async def noted(self: RsvnoBot, message: Any) -> None:
        texts.append(message.content)
        await hear(self, message)

    monkeypatch.setattr(type(bot), "on_message", noted)
    return texts


async def test_of_a_message_that_nobody_listens_to_nothing_is_made(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, made: list[str]
) -> None:
    server, other = discord.server(), discord.server("other")
    channel, asker, reader = server.channel("general"), server.member("asker"), server.member("reader")
    await come_true(lambda: not database.listens(server.id))
    for number in range(50):
        await asker.say(channel, f"{CHATTER} {number}")
        await asker.say(channel, f"{reader.mention} {CHATTER} {number}")
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    assert "No obligation" in (await channel.next_post()).text
    await asker.say(asker.direct, OWED)
    assert "No obligation" in (await asker.direct.next_post()).text
    assert made == [f"{discord.bot_mention} {OWED}", OWED]
    # from the moment on in which a server chooses it
    await database.server(server.id).settings.change(listening="channels", listening_channels={channel.id})
    await reader.say(channel, SURE)
    assert "I listen in this channel" in (await channel.next_post(1)).text
    assert not database.listens(other.id)


async def test_a_start_asks_the_database_no_more_for_many_servers_than_for_one(
    discord: LocalDiscord, start: Start, database: Database
) -> None:
    document = {"id": "own-x", "question": "Do I follow back here?", "verdict": "yes", "advice": "We all do."}
    guided = discord.server("guided")
    await database.server(guided.id).entries.add(document, editor=1)
    numbers: list[int] = []
    # the first start registers the commands, too
    for more in (0, 1, 31):
        for number in range(more):
            discord.server(f"server {number}")
        database.core.cache.clear()
        with statements_of(database) as said:
            bot = await start()
            await come_true(partial(bot.desk.guidance.last_known, guided.id))
            await asyncio.gather(*bot.desk.at_work)
        numbers.append(len(said))
        await bot.stop()
    assert numbers[1] == numbers[2]
