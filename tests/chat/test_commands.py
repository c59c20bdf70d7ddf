"""The members' commands, through the local Discord, with what each kind of user sees."""

from __future__ import annotations

import pytest

from bot.chat.advice.buttons import Choice
from bot.chat.client import RsvnoBot
from bot.chat.kit.words import words
from bot.guidance.models import Tone
from bot.local import LocalDiscord, NotAllowed
from bot.storage import Database
from tests.chat.cards import pick, read_card

OWED = "someone followed me, do i owe a follow back"
FOREIGN = "what is the best pasta recipe for a cold evening"
DANGER = "is it rude to decline him, he threatens to post my address"


async def test_a_situation_gets_a_private_card(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel = server.channel("general")
    member, other = server.member("asker"), server.member("reader")
    answer = await member.run(channel, "shouldifollowback", situation=OWED)
    assert answer.private
    assert other.sees(channel) == []
    assert "○ No obligation" in answer.text
    card, entry = read_card(answer.seen), bot.advisor.library.by_id["no-debt-in-a-follow"]
    assert (card.verdict, card.heading, card.asked) == ("○ No obligation", entry.question, f"You asked: {OWED}")
    assert (card.advice, card.words) == (entry.advice, entry.say[Tone.WARM])
    assert "%" not in answer.text
    assert entry.reason is not None
    assert entry.reason not in answer.text
    assert answer.seen.colors
    assert answer.seen.labels[:3] == ["Warm", "Brief", "Firm"]
    assert answer.seen.labels[-2:] == ["Helpful", "Not helpful"]
    assert list(card.leading_to("next").values())[: len(entry.see_also)] == list(entry.see_also)[:3]
    assert card.pressed == {"Warm"}
    assert card.menu == ("why", "share", "other", "report")


async def test_no_situation_gets_the_general_answer_and_a_hint(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    answer = await server.member("asker").run(server.channel("general"), "shouldifollowback")
    assert "Do I have to follow back?" in answer.text
    assert "Tell me more" in answer.text


async def test_platform_and_who_change_the_answer(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    answer = await server.member("asker").run(
        server.channel("general"), "shouldifollowback", situation="they sent me a friend request", who="my boss"
    )
    assert "boss" in answer.text.lower().replace("you asked", "", 1).split("\n", 1)[1]
    assert "my boss" in answer.text
    only = await server.member("reader").run(server.channel("other"), "shouldifollowback", platform="LinkedIn")
    assert "LinkedIn" in only.text


async def test_what_is_vague_gets_choices_as_buttons(discord: LocalDiscord, bot: RsvnoBot, vague: str) -> None:
    server = discord.server()
    channel, member = server.channel("general"), server.member("asker")
    answer = await member.run(channel, "etiquette ask", question=vague)
    assert "please pick one" in answer.text
    led = read_card(answer.seen).leading_to("choose")
    assert 2 <= len(led) <= 3
    label, entry = next(iter(led.items()))
    chosen = await member.press(answer.seen, label)
    assert chosen.kind == "update"
    assert read_card(chosen.seen).heading == bot.advisor.library.by_id[entry].question
    assert "share" in read_card(chosen.seen).menu


async def test_what_is_not_ours_is_said_plainly(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    answer = await asker.run(channel, "etiquette ask", question=FOREIGN)
    card = read_card(answer.seen)
    assert "outside what I know" in card.heading
    # two lines and the question; the best guesses; and all there is, in a menu
    assert answer.text.count("\n") == 2
    assert len(card.leading_to("choose")) == 3
    assert list(answer.seen.menus[0].options) == list(bot.advisor.library.titles.values())
    guess, entry = next(iter(card.leading_to("choose").items()))
    assert read_card((await asker.press(answer.seen, guess)).seen).heading == bot.advisor.library.by_id[entry].question
    again = await asker.run(channel, "etiquette ask", question=FOREIGN)
    assert "of" in (await asker.choose(again.seen, "overload")).text


async def test_another_language_is_not_guessed_at(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    question = "¿tengo que seguir de vuelta a todos los que me siguen?"
    answer = await server.member("asker").run(server.channel("general"), "etiquette ask", question=question)
    assert answer.private
    assert "I know English only" in answer.text


async def test_danger_comes_before_manners_and_stays_private(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    server = discord.server()
    await database.server(server.id).settings.change(private_answers=False)
    channel, member = server.channel("general"), server.member("asker")
    answer = await member.run(channel, "etiquette ask", question=DANGER)
    assert "Your safety comes first" in answer.text
    assert answer.private
    ordinary = await member.run(channel, "etiquette ask", question=OWED)
    assert not ordinary.private


async def test_decline_puts_the_words_first_and_fills_what_is_named(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, member = server.channel("general"), server.member("asker")
    answer = await member.run(
        channel, "decline", invitation='the meet-up "Harvest Supper"', tone="firm", who="my neighbor"
    )
    card = read_card(answer.seen)
    assert "Words to decline" in card.verdict
    assert card.pressed == {"Firm"}
    assert answer.text.index(card.words) < answer.text.index(card.advice)
    # another tone leaves them first, and the names filled in
    brief = await member.press(answer.seen, "Brief")
    assert brief.text.index(read_card(brief.seen).words) < brief.text.index(card.advice)
    warm = await member.run(channel, "decline", invitation='the page "Bean There" of my aunt', tone="brief")
    assert "Bean There" in read_card(warm.seen).words
    assert "{" not in warm.text
    unknown = await member.run(channel, "decline", invitation="zzz qqq")
    assert "say what it is" in unknown.text


async def test_suggestions_come_best_first_and_at_most_25(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, member = server.channel("general"), server.member("asker")
    for typed in ("", "d", "boss", "unfollow"):
        offered = await member.type(channel, "shouldifollowback", "situation", typed)
        assert 1 <= len(offered) <= 25
    assert "boss" in (await member.type(channel, "shouldifollowback", "situation", "boss"))[0].lower()
    known = await member.type(channel, "etiquette ask", "question", "do i have to fol")
    assert known[0] == "Do I have to follow back?"


async def test_topics_can_be_browsed_to_an_answer(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, member = server.channel("general"), server.member("asker")
    opened = await member.run(channel, "etiquette topics")
    assert len(opened.seen.menus[0].options) == len(bot.advisor.library.titles)
    listed = await member.choose(opened.seen, "friend_request")
    assert "1 to 25 of" in listed.text
    more = await member.press(listed.seen, "More")
    assert "26 to" in more.text
    question = next(iter(more.seen.menus[0].options))
    entry = await member.choose(more.seen, question)
    assert read_card(entry.seen).heading == question
    back = await member.press(entry.seen, "All topics")
    assert "What I know about" in back.text


async def test_help_and_privacy_say_what_there_is(discord: LocalDiscord, bot: RsvnoBot, database: Database) -> None:
    server = discord.server()
    channel, member = server.channel("general"), server.member("asker")
    text = (await member.run(channel, "etiquette help")).text
    for command in bot.tree.get_commands():
        assert command.name in text
    privacy = await member.run(channel, "etiquette privacy")
    assert "not kept" in privacy.text
    assert "for the admins" not in privacy.text
    await database.server(server.id).settings.change(inbox=True, inbox_days=7)
    assert "at most 7 days" in (await member.run(channel, "etiquette privacy")).text
    answer = await member.run(channel, "etiquette ask", question=OWED)
    await member.press(answer.seen, "Helpful")
    await bot.idle()
    forgotten = await member.press(privacy.seen, "Forget me")
    assert "deleted (1 row)" in forgotten.text


async def test_a_message_that_invites_can_be_declined_from_its_menu(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, asker, host = server.channel("general"), server.member("asker"), server.member("Robin")
    said = await host.say(channel, "hey, my birthday is on saturday, would you like to come over?")
    answer = await asker.use_on(said, "Help me decline this")
    card = read_card(answer.seen)
    assert card.verdict == words("decline.title")
    assert answer.private
    entry = bot.advisor.find(card.buttons["Helpful"].split(":")[-1])
    assert entry is not None
    assert entry.declines
    assert card.words
    # what one writes oneself tells of an invitation, and is not addressed to oneself
    told = await asker.say(channel, "my coworkers want me at their karaoke night")
    assert "asker" not in read_card((await asker.use_on(told, "Help me decline this")).seen).words
    picture = await asker.say(channel, "", files=[("cat.png", b"x")])
    assert "no text" in (await asker.use_on(picture, "Help me decline this")).text


async def test_a_message_is_answered_with_words_from_its_menu(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, asker, writer = server.channel("general"), server.member("asker"), server.member("writer")
    said = await writer.say(channel, "i followed you, will you follow me back please?")
    answer = await asker.use_on(said, "Help me answer this")
    card = read_card(answer.seen)
    assert card.verdict == words("decline.title")
    assert card.heading == bot.advisor.library.by_id["asked-for-a-follow-back"].question
    assert "will you follow me back" in card.asked
    assert card.words
    assert answer.private
    assert answer.seen is not None
    texts = [str(each.get("content", "")) for each in answer.seen.components]
    assert next(at for at, text in enumerate(texts) if card.words in text) < texts.index(card.advice)


async def test_words_that_turn_nothing_down_are_no_words_to_decline(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, asker, writer = server.channel("general"), server.member("asker"), server.member("writer")
    said = await writer.say(channel, "why did you unfollow me??")
    card = read_card((await asker.use_on(said, "Help me answer this")).seen)
    entry = bot.advisor.library.by_id["why-did-you-unfollow-me"]
    assert not entry.declines
    assert (card.verdict, card.heading) == (words("card.ready"), entry.question)


async def test_the_menu_of_a_message_answers_it_privately(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel = server.channel("general")
    asker, reader = server.member("asker"), server.member("reader")
    said = await reader.say(channel, "should i follow back everybody who follows me or is that silly")
    answer = await asker.use_on(said, "Etiquette advice")
    assert answer.private
    assert "follow" in answer.text
    assert [seen.id for seen in reader.sees(channel)] == [said.id]
    picture = await reader.say(channel, "", files=[("a.png", b"x")])
    assert "no text" in (await asker.use_on(picture, "Etiquette advice")).text
    long = await reader.say(channel, "follow back? " * 150)
    assert "follow" in (await asker.use_on(long, "Etiquette advice")).text


async def test_who_installed_it_can_use_it_anywhere_and_nothing_of_a_server_is_touched(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    home = discord.server("home")
    asker, reader = discord.person("asker"), discord.person("reader")
    asker.install()
    elsewhere = discord.server("elsewhere", with_bot=False)
    channel = elsewhere.channel("general")
    elsewhere.join(asker)
    elsewhere.join(reader)
    with pytest.raises(NotAllowed):
        await reader.run(channel, "shouldifollowback", situation=OWED)
    private = discord.private_channel(asker, reader)
    for place in (channel, private, asker.direct):
        answer = await asker.run(place, "shouldifollowback", situation=OWED)
        assert "No obligation" in answer.text
        await asker.press(answer.seen, "Not helpful")
        shared = await (await pick(asker, answer.seen, Choice.SHARE)).followup()
        assert not shared.private
        await asker.press(shared, "Remove")
        await discord.until(lambda: asker.look(shared) is None)  # noqa: B023  # awaited before the next round
    assert home.id not in await database.server_ids()
    assert await database.server_ids() == frozenset()


async def test_answers_are_counted_without_any_text(discord: LocalDiscord, bot: RsvnoBot, database: Database) -> None:
    server = discord.server()
    channel, member = server.channel("general"), server.member("asker")
    await member.run(channel, "etiquette ask", question=OWED)
    await member.run(channel, "etiquette ask", question=FOREIGN)
    await member.run(channel, "decline", invitation="a group")
    store = database.server(server.id)
    today = await store.counters.today()
    await bot.idle()
    rows = await store.counters.between(today, today)
    assert sorted((row.route, row.outcome) for row in rows) == [
        ("command", "answer"),
        ("command", "none"),
        ("decline", "answer"),
    ]
