"""What stands under an answer: sharing, other matches, tones, judging, removing; also after a restart."""

from __future__ import annotations

import pytest

from bot.chat.client import RsvnoBot
from bot.chat.kit import errors
from bot.guidance.models import Tone
from bot.local import LocalDiscord, NotAllowed, NotAnswered
from bot.local.world import World
from bot.storage import Database
from tests.chat.conftest import Start

OWED = "someone followed me, do i owe a follow back"


async def test_a_shared_answer_is_seen_by_all_and_hides_the_question(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel = server.channel("general")
    asker, reader = server.member("asker @everyone"), server.member("reader")
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    shared = await asker.press(answer.seen, "Share here")
    seen = reader.sees(channel)
    assert [message.id for message in seen] == [shared.seen.id]
    assert OWED not in seen[0].text
    assert "No obligation" in seen[0].text
    assert "shared this answer" in seen[0].text
    assert seen[0].pings == ()
    assert "Remove" in seen[0].labels
    assert "Share here" not in seen[0].labels


async def test_a_public_answer_is_removed_by_its_asker_or_a_moderator_only(
    discord: LocalDiscord, bot: RsvnoBot
) -> None:
    server = discord.server()
    channel = server.channel("general")
    asker, reader, moderator = server.member("asker"), server.member("reader"), server.member("mo", "manage_messages")
    for remover in (asker, moderator):
        answer = await asker.run(channel, "etiquette ask", question=OWED)
        shared = (await asker.press(answer.seen, "Share here")).seen
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
    firm = await asker.choose(answer.seen, "Firm")
    assert firm.kind == "update"
    assert "Words to send · firm" in firm.text
    assert firm.seen.menus[0].chosen == ("firm",)
    entry = bot.advisor.library.by_id["no-debt-in-a-follow"]
    assert entry.say[Tone.FIRM] in firm.text
    shared = (await asker.press(firm.seen, "Share here")).seen
    assert entry.say[Tone.FIRM] in shared.text
    own = await reader.choose(shared, "Brief")
    assert own.private
    assert entry.say[Tone.BRIEF] in own.text
    assert "firm" in channel.posted()[-1].text


async def test_not_my_question_offers_others(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    others = await asker.press(answer.seen, "Not my question")
    assert others.private
    ids = [str(each.custom_id) for each in others.seen.buttons]
    offered = [each.split(":")[-1] for each in ids if ":choose:" in each]
    assert len(offered) == 3
    assert "no-debt-in-a-follow" not in offered
    picked = await asker.press(others.seen, others.seen.labels[1])
    assert f"About: {bot.advisor.library.by_id[offered[1]].question}" in picked.text


async def test_helpful_counts_once_a_person_and_answer(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    server = discord.server()
    channel = server.channel("general")
    asker, reader = server.member("asker"), server.member("reader")
    await database.server(server.id).settings.change(private_answers=False, inbox=True)
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    for person, label in ((asker, "Helpful"), (asker, "Helpful"), (reader, "Helpful"), (reader, "Not helpful")):
        assert (await person.press(answer.seen, label)).private
        await bot.idle()
    store = database.server(server.id)
    today = await store.counters.today()
    rows = [row for row in await store.counters.between(today, today) if row.outcome == "judged"]
    assert sum(row.helpful for row in rows) == 1
    assert sum(row.unhelpful for row in rows) == 1


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


async def test_buttons_and_menus_survive_a_restart(discord: LocalDiscord, start: Start, vague: str) -> None:
    first = await start()
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    unsure = await asker.run(channel, "etiquette ask", question=vague)
    topics = await asker.run(channel, "etiquette topics")
    await first.stop()
    await start()
    assert "firm" in (await asker.choose(answer.seen, "Firm")).text
    assert (await asker.press(answer.seen, "Not my question")).private
    assert (await asker.press(answer.seen, "Helpful")).private
    shared = await asker.press(answer.seen, "Share here")
    assert not shared.private
    assert "About:" in (await asker.press(unsure.seen, unsure.seen.labels[0])).text
    assert "of" in (await asker.choose(topics.seen, "overload")).text
    await asker.press(shared.seen, "Remove")
    await discord.until(lambda: asker.look(shared.seen) is None if shared.message else True)


async def test_an_entry_that_is_gone_is_said_to_be_gone(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    message = discord.engine.message(channel.id, answer.seen.id)
    assert message is not None
    for row in message.components:
        for component in row["components"]:
            component["custom_id"] = component["custom_id"].replace("no-debt-in-a-follow", "no-longer-there")
    for label in ("Share here", "Helpful"):
        assert "no longer among what I know" in (await asker.press(answer.seen, label)).text


async def test_what_was_typed_is_echoed_harmlessly(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    nasty = f"{OWED} @everyone **bold** [x](https://example.com) <@123> `code`"
    answer = await asker.run(channel, "shouldifollowback", situation=nasty)
    asked = answer.text.split("\n")[0]
    assert answer.seen.pings == ()
    # where it stands no markdown is read and nobody is pinged, so that it stands there as it was typed
    assert asked.endswith(nasty)
    others = await asker.press(answer.seen, "Not my question")
    assert "please pick one" in others.text


async def test_a_stranger_cannot_press_a_private_button(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel = server.channel("general")
    asker, reader = server.member("asker"), server.member("reader")
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    with pytest.raises(NotAllowed):
        await reader.press(answer.seen, "Share here")


async def test_a_press_that_arrives_too_late_is_dropped_and_counted(
    discord: LocalDiscord, bot: RsvnoBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    answer = await asker.run(channel, "etiquette ask", question=OWED)
    discord.clock.elapsed -= errors.TOO_OLD + 1  # what the person does now carries an id that is so old
    monkeypatch.setattr(World, "pace", 1.0)  # they wait no longer than on Discord
    with pytest.raises(NotAnswered):
        await asker.press(answer.seen, "Share here")
    with pytest.raises(NotAnswered):
        await asker.run(channel, "etiquette ask", question=OWED)
    assert bot.metrics.dropped._value.get() == 2
