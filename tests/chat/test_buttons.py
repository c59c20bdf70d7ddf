"""What stands under an answer: sharing, other matches, tones, judging, removing; also after a restart."""

from __future__ import annotations

import pytest

from bot.chat.advice.buttons import Choice
from bot.chat.client import RsvnoBot
from bot.chat.kit import errors
from bot.chat.kit.text import safe
from bot.guidance.models import Tone
from bot.local import LocalDiscord, NotAllowed, NotAnswered, Server
from bot.local.world import World
from bot.storage import Database
from tests.chat.cards import pick, read_card
from tests.chat.conftest import Start

OWED = "someone followed me, do i owe a follow back"
DEBT = "no-debt-in-a-follow"


async def test_a_shared_answer_is_seen_by_all_and_hides_the_question(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel = server.channel("general")
    asker, reader = server.member("asker @everyone"), server.member("reader")
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    sharing = await pick(asker, answer.seen, Choice.SHARE)
    assert sharing.kind == "update"
    shared = await sharing.followup()
    seen = reader.sees(channel)
    assert [message.id for message in seen] == [shared.id]
    card = read_card(seen[0])
    assert OWED not in seen[0].text
    assert card.verdict == "○ No obligation"
    assert "shared this answer" in card.above
    assert seen[0].pings == ()
    assert "Remove" in card.buttons
    assert Choice.SHARE not in card.menu
    # and not a second time
    assert Choice.SHARE not in read_card(answer.seen).menu


async def test_what_could_not_be_shared_can_be_shared_again(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    discord.faults.status(500, "POST", "/webhooks/*", times=20)
    refused = await pick(asker, answer.seen, Choice.SHARE)
    await discord.until(lambda: Choice.SHARE in read_card(refused.seen).menu)
    assert channel.posted() == []


async def test_a_public_answer_is_removed_by_its_asker_or_a_moderator_only(
    discord: LocalDiscord, bot: RsvnoBot
) -> None:
    server = discord.server()
    channel = server.channel("general")
    asker, reader, moderator = server.member("asker"), server.member("reader"), server.member("mo", "manage_messages")
    for remover in (asker, moderator):
        answer = await asker.run(channel, "etiquette ask", question=OWED)
        shared = await (await pick(asker, answer.seen, Choice.SHARE)).followup()
        refused = await reader.press(shared, "Remove")
        assert refused.private
        assert "Only who asked" in refused.text
        assert reader.look(shared) is not None
        await remover.press(shared, "Remove")
        await discord.until(lambda: reader.look(shared) is None)  # noqa: B023  # awaited before the next round


async def test_another_tone_changes_the_words_on_ones_own_card(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel = server.channel("general")
    asker, reader = server.member("asker"), server.member("reader")
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    firm = await asker.press(answer.seen, "Firm")
    assert firm.kind == "update"
    entry = bot.advisor.library.by_id[DEBT]
    assert read_card(firm.seen).words == entry.say[Tone.FIRM]
    assert read_card(firm.seen).pressed == {"Firm"}
    shared = await (await pick(asker, firm.seen, Choice.SHARE)).followup()
    assert read_card(shared).words == entry.say[Tone.FIRM]
    own = await reader.press(shared, "Brief")
    assert own.private
    assert read_card(own.seen).words == entry.say[Tone.BRIEF]
    assert read_card(channel.posted()[-1]).words == entry.say[Tone.FIRM]


async def test_what_people_ask_next_takes_its_place_and_leads_back(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel = server.channel("general")
    asker, reader = server.member("asker"), server.member("reader")
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    await asker.press(answer.seen, "Firm")
    await asker.press(answer.seen, "Helpful")
    before = read_card(answer.seen)
    label, entry = next(iter(before.leading_to("next").items()))
    on = await asker.press(answer.seen, label)
    assert on.kind == "update"
    assert read_card(on.seen).heading == bot.advisor.library.by_id[entry].question
    assert read_card(on.seen).asked == before.asked
    assert read_card((await asker.press(on.seen, "Back")).seen) == before
    # of a card that others see, it is shown to who presses
    shared = await (await pick(asker, answer.seen, Choice.SHARE)).followup()
    own = await reader.press(shared, label)
    assert own.private
    assert read_card(own.seen).heading == bot.advisor.library.by_id[entry].question
    assert read_card((await reader.press(own.seen, "Back")).seen).heading == before.heading
    assert read_card(channel.posted()[-1]).heading == before.heading


async def test_why_opens_in_place_with_the_source_and_closes(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel = server.channel("general")
    asker, reader = server.member("asker"), server.member("reader")
    library = bot.advisor.library
    entry = library.by_id[DEBT]
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    before = read_card(answer.seen)
    opened = await pick(asker, answer.seen, Choice.WHY)
    assert opened.kind == "update"
    why = read_card(opened.seen).why
    assert entry.reason is not None
    for part in (entry.reason, "The Art Of No, paragraph", library.sources[entry.sources[0]]):
        assert part in why
    closed = await pick(asker, opened.seen, Choice.NO_WHY)
    assert read_card(closed.seen) == before
    shared = await (await pick(asker, answer.seen, Choice.SHARE)).followup()
    own = await pick(reader, shared, Choice.WHY)
    assert own.private
    assert entry.reason in own.text
    assert entry.reason not in channel.posted()[-1].text


async def test_not_my_question_offers_others_and_leads_back(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    before = read_card(answer.seen)
    others = await pick(asker, answer.seen, Choice.OTHER)
    assert others.kind == "update"
    offered = read_card(others.seen).leading_to("choose")
    assert len(offered) == 3
    assert DEBT not in offered.values()
    assert read_card((await asker.press(others.seen, "Back")).seen) == before
    others = await pick(asker, answer.seen, Choice.OTHER)
    label, entry = list(offered.items())[1]
    picked = await asker.press(others.seen, label)
    assert read_card(picked.seen).heading == bot.advisor.library.by_id[entry].question
    # all of that was one message
    assert [message.id for message in asker.sees(channel)] == [answer.seen.id]


async def judgements(bot: RsvnoBot, database: Database, server: Server) -> tuple[int, int]:
    """How many found it helpful, and how many not."""
    await bot.idle()
    store = database.server(server.id)
    today = await store.counters.today()
    rows = [row for row in await store.counters.between(today, today) if row.outcome == "judged"]
    return sum(row.helpful for row in rows), sum(row.unhelpful for row in rows)


async def test_a_judgement_is_shown_in_place_and_can_be_undone(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    store = database.server(server.id)
    await store.settings.change(inbox=True)
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    before = read_card(answer.seen)
    judged: tuple[tuple[str | Choice, str, tuple[int, int], list[str]], ...] = (
        ("Helpful", "Thanks · undo", (1, 0), []),
        ("Not helpful", "Thanks, noted · undo", (0, 1), ["unhelpful"]),
        (Choice.REPORT, "Reported, thanks · undo", (0, 1), ["reported"]),
    )
    for what, thanks, counts, kept in judged:
        on = await (pick(asker, answer.seen, what) if isinstance(what, Choice) else asker.press(answer.seen, what))
        assert on.kind == "update"
        assert await judgements(bot, database, server) == counts
        assert [each.reason for each in await store.inbox.all()] == kept
        assert {thanks} == read_card(on.seen).pressed - {"Warm"}
        # it stays when another tone is chosen
        await asker.press(answer.seen, "Brief")
        await asker.press(answer.seen, "Warm")
        await asker.press(answer.seen, thanks)
        assert read_card(answer.seen) == before
        assert await judgements(bot, database, server) == (0, 0)
        assert await store.inbox.all() == []
    # who finds it of no help, and then wrong, is one person with one question
    await asker.press(answer.seen, "Not helpful")
    await pick(asker, answer.seen, Choice.REPORT)
    assert await judgements(bot, database, server) == (0, 1)
    assert [each.reason for each in await store.inbox.all()] == ["reported"]
    assert [message.id for message in asker.sees(channel)] == [answer.seen.id]


async def test_helpful_counts_once_a_person_and_answer(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    server = discord.server()
    channel = server.channel("general")
    asker, reader = server.member("asker"), server.member("reader")
    await database.server(server.id).settings.change(private_answers=False, inbox=True)
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    # on a card that all see, the counts stand on the buttons; the same again takes it back
    for person, kind, shown in (
        (asker, "helpful:1", ["Helpful · 1", "Not helpful"]),
        (reader, "helpful:1", ["Helpful · 2", "Not helpful"]),
        (reader, "helpful:0", ["Helpful · 1", "Not helpful · 1"]),
        (asker, "helpful:1", ["Helpful", "Not helpful · 1"]),
        (asker, "helpful:1", ["Helpful · 1", "Not helpful · 1"]),
    ):
        pressed = await person.press(answer.seen, custom_id=f"rsvno:{kind}:{DEBT}")
        await discord.until(lambda: answer.seen.labels[-3:-1] == shown)  # noqa: B023  # awaited before the next round
        assert pressed.followups == []
        await bot.idle()
    assert await judgements(bot, database, server) == (1, 1)
    # where one judged the entry elsewhere, it is one judgement
    other = await asker.run(channel, "etiquette ask", question=OWED)
    await asker.press(other.seen, "Helpful")
    assert await judgements(bot, database, server) == (0, 1)


async def test_a_thumbs_down_reaches_the_inbox_only_where_it_is_on(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    store = database.server(server.id)
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    await asker.press(answer.seen, "Not helpful")
    await bot.idle()
    assert await store.inbox.all() == []
    await store.settings.change(inbox=True)
    # one person judges one answer once, however often they ask for it
    other = server.member("other")
    second = await other.run(channel, "etiquette ask", question=OWED)
    await other.press(second.seen, "Not helpful")
    await bot.idle()
    assert [(each.question, each.reason) for each in await store.inbox.all()] == [(OWED, "unhelpful")]


async def test_a_direct_message_is_ones_own_card(discord: LocalDiscord, bot: RsvnoBot) -> None:
    asker = discord.person("asker")
    await asker.say(asker.direct, OWED)
    card = await asker.direct.next_post()
    assert read_card(card).asked == ""
    assert Choice.SHARE not in read_card(card).menu
    firm = await asker.press(card, "Firm")
    assert firm.kind == "update"
    assert "Thanks · undo" in (await asker.press(card, "Helpful")).seen.labels
    label = next(iter(read_card(firm.seen).leading_to("next")))
    on = await asker.press(card, label)
    await asker.press(on.seen, "Back")
    others = await pick(asker, firm.seen, Choice.OTHER)
    assert others.kind == "update"
    chosen = await asker.press(others.seen, next(iter(read_card(others.seen).leading_to("choose"))))
    assert len(asker.direct.posted()) == 1
    await asker.press(chosen.seen, "Remove")
    await discord.until(lambda: asker.look(card) is None)
    await asker.say(asker.direct, "what is the best pasta recipe")
    nothing = await asker.direct.next_post()
    assert len(read_card(nothing).leading_to("choose")) == 3
    assert nothing.menus


async def test_a_copy_of_somebodys_card_says_that_they_asked(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel = server.channel("general")
    asker, reader = server.member("asker"), server.member("reader")
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    public = await channel.next_post()
    for person, said in ((asker, f"You asked: {OWED}"), (reader, f"Asked: {OWED}")):
        copy = await person.press(public, "Firm")
        assert copy.private
        assert read_card(copy.seen).asked == said
        # and the question goes on with it
        await pick(person, copy.seen, Choice.OTHER)
        assert read_card(copy.seen).asked.endswith(OWED)


async def test_buttons_and_menus_survive_a_restart(discord: LocalDiscord, start: Start, vague: str) -> None:
    first = await start()
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    unsure = await asker.run(channel, "etiquette ask", question=vague)
    topics = await asker.run(channel, "etiquette topics")
    await first.stop()
    bot = await start()
    assert read_card((await asker.press(answer.seen, "Firm")).seen).pressed == {"Firm"}
    await asker.press(answer.seen, "Helpful")
    shared = await (await pick(asker, answer.seen, Choice.SHARE)).followup()
    assert not shared.private
    await pick(asker, answer.seen, Choice.OTHER)
    label, entry = next(iter(read_card(unsure.seen).leading_to("choose").items()))
    chosen = await asker.press(unsure.seen, label)
    assert read_card(chosen.seen).heading == bot.advisor.library.by_id[entry].question
    assert "of" in (await asker.choose(topics.seen, "overload")).text
    await asker.press(shared, "Remove")
    await discord.until(lambda: asker.look(shared) is None)


async def test_an_entry_that_is_gone_is_said_to_be_gone(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    message = discord.engine.message(channel.id, answer.seen.id)
    assert message is not None
    for component in discord.engine.components({"components": message.components}):
        if "custom_id" in component:
            component["custom_id"] = component["custom_id"].replace(DEBT, "no-longer-there")
    for label in ("Firm", "Helpful"):
        assert "no longer among what I know" in (await asker.press(answer.seen, label)).text
    assert "no longer among what I know" in (await pick(asker, answer.seen, Choice.SHARE)).text


async def test_what_was_typed_is_echoed_harmlessly(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    nasty = f"{OWED} @everyone **bold** [x](https://example.com) <@123> `code`"
    answer = await asker.run(channel, "shouldifollowback", situation=nasty)
    asked = read_card(answer.seen).asked
    assert answer.seen.pings == ()
    assert asked == f"You asked: {safe(nasty)}"
    others = await pick(asker, answer.seen, Choice.OTHER)
    assert "please pick one" in others.text.lower()
    assert read_card(others.seen).asked == asked


async def test_a_stranger_cannot_press_a_private_button(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel = server.channel("general")
    asker, reader = server.member("asker"), server.member("reader")
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    with pytest.raises(NotAllowed):
        await reader.press(answer.seen, "Firm")


async def test_a_press_that_arrives_too_late_is_dropped_and_counted(
    discord: LocalDiscord, bot: RsvnoBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    discord.clock.elapsed -= errors.TOO_OLD + 1  # what the person does now carries an id that is so old
    monkeypatch.setattr(World, "pace", 1.0)  # they wait no longer than on Discord
    with pytest.raises(NotAnswered):
        await asker.press(answer.seen, "Firm")
    with pytest.raises(NotAnswered):
        await asker.run(channel, "etiquette ask", question=OWED)
    assert bot.metrics.dropped._value.get() == 2
