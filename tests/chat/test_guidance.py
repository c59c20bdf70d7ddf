"""A server's own guidance, through the local Discord: forms, lists, files, history, and what members then get."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.chat.advice.buttons import Choice
from bot.chat.client import RsvnoBot
from bot.local import Answer, Channel, LocalDiscord, NotAllowed, Person, Server
from bot.storage import Database
from bot.terminal.servers import add_guidance
from tests.chat.cards import pick, read_card
from tests.chat.conftest import Start

FORM: dict[str, Any] = {
    "question": "Do I follow back in the promo corner?",
    "verdict": "yes",
    "advice": "In the promo corner we follow everybody back: that is what it is for.",
    "wordings": "must i follow back people from the promo corner\ndoes everyone in promo corner get a follow back",
    "words": "warm: Welcome to the corner, followed you back!\nbrief: Followed!",
}
ASKED = "do i have to follow back everyone in the promo corner"


@pytest.fixture
def place(discord: LocalDiscord) -> tuple[Server, Channel, Person, Person]:
    """A server, a channel, an admin and a member."""
    server = discord.server()
    return server, server.channel("general"), server.member("admin", "manage_guild"), server.member("member")


Place = tuple[Server, Channel, Person, Person]


async def add(admin: Person, channel: Channel, discord: LocalDiscord, **changes: Any) -> Answer:
    """Adds an entry through the form."""
    form = await admin.run(channel, "guidance add")
    answer = await admin.submit(form, **{**FORM, **changes})
    await discord.until(lambda: answer.done)
    return answer


async def test_an_added_entry_wins_the_next_question_and_is_marked_as_the_servers_own(
    discord: LocalDiscord, bot: RsvnoBot, place: Place
) -> None:
    _, channel, admin, member = place
    before = await member.run(channel, "etiquette ask", question=ASKED)
    assert "This server's own guidance" not in before.text
    added = await add(admin, channel, discord)
    assert added.private
    assert "Added: **Do I follow back in the promo corner?**" in added.text
    after = await member.run(channel, "etiquette ask", question=ASKED)
    assert "✔ Yes" in after.text
    assert "This server's own guidance" in after.text
    assert "Welcome to the corner" in after.text
    assert (await member.press(after.seen, "Brief")).text.count("Followed!") == 1
    shared = await (await pick(member, after.seen, Choice.SHARE)).followup()
    assert "promo corner" in shared.text
    assert "Do I follow back in the promo corner?" in await member.type(channel, "etiquette ask", "question", "promo")
    other = discord.server("other")
    other.join(member)
    elsewhere = await member.run(other.channel("general"), "etiquette ask", question=ASKED)
    assert "This server's own guidance" not in elsewhere.text
    ordinary = await member.run(channel, "etiquette ask", question="my boss sent me a friend request")
    assert "This server's own guidance" not in ordinary.text


async def test_only_managers_and_named_editors_may_edit(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, place: Place
) -> None:
    server, channel, admin, member = place
    role = server.role("editors")
    editor = server.join(discord.person("editor"), role)
    await database.server(server.id).settings.change(editor_roles={role.id})
    commands: list[tuple[str, dict[str, Any]]] = [
        ("guidance add", {}), ("guidance list", {}), ("guidance export", {}), ("guidance inbox", {}),
        ("guidance test", {"question": "x"}), ("guidance edit", {"entry": "x"}), ("guidance hide", {"entry": "x"}),
    ]  # fmt: skip
    for command, options in commands:
        refused = await member.run(channel, command, **options)
        assert "manage this server" in refused.text
        assert refused.private
    assert (await editor.run(channel, "guidance add")).form is not None
    await add(admin, channel, discord)
    shown = await admin.run(channel, "guidance show", entry="own-do-i-follow-back-in-the-promo-corner")
    assert await member.type(channel, "guidance show", "entry", "") == []
    assert await editor.type(channel, "guidance show", "entry", "promo") == ["own-do-i-follow-back-in-the-promo-corner"]
    with pytest.raises(NotAllowed):
        await member.press(shown.seen, "Edit")


async def test_it_is_not_offered_where_only_a_person_installed_the_bot(discord: LocalDiscord, bot: RsvnoBot) -> None:
    owner = discord.person("owner")
    owner.install()
    far = discord.server("far", owner=owner, with_bot=False)
    far.join(owner)
    channel = far.channel("general")
    assert not [name for name in owner.commands(channel) if name.startswith(("guidance", "settings", "stats"))]
    assert [name for name in owner.commands(channel) if name.startswith("etiquette")]


async def test_edit_history_restore_and_removal(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    _, channel, admin, member = place
    await add(admin, channel, discord)
    entry = (await admin.type(channel, "guidance edit", "entry", ""))[0]
    form = await admin.run(channel, "guidance edit", entry=entry)
    assert form.form is not None
    assert form.form.filled["advice"] == FORM["advice"]
    assert form.form.filled["wordings"] == FORM["wordings"]
    assert form.form.filled["words"] == FORM["words"]
    changed = await admin.submit(form, verdict="no", advice="Not any more.")
    await discord.until(lambda: changed.done)
    assert "Changed:" in changed.text
    answer = await member.run(channel, "etiquette ask", question=ASKED)
    assert "✘ No" in answer.text
    history = await admin.run(channel, "guidance history", entry=entry)
    assert "**2** · changed" in history.text
    assert "advice, verdict" in history.text
    assert f"<@{admin.id}>" in history.text
    assert history.seen.pings == ()
    restored = await admin.run(channel, "guidance restore", entry=entry)
    assert "version 1" in restored.text
    assert "✔ Yes" in (await member.run(channel, "etiquette ask", question=ASKED)).text
    asked = await admin.run(channel, "guidance remove", entry=entry)
    assert "Remove **Do I follow" in asked.text
    await admin.press(asked.seen, "Yes, remove")
    assert "own guidance" not in (await member.run(channel, "etiquette ask", question=ASKED)).text
    assert await admin.type(channel, "guidance edit", "entry", "") == []
    assert await admin.type(channel, "guidance restore", "entry", "") == [entry]
    await admin.run(channel, "guidance restore", entry=entry, version=2)
    assert "✘ No" in (await member.run(channel, "etiquette ask", question=ASKED)).text
    missing = await admin.run(channel, "guidance show", entry="never-was")
    assert "no entry 'never-was'" in missing.text


async def test_a_history_tells_the_operator_from_somebody_who_is_forgotten(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, tmp_path: Path, place: Place
) -> None:
    server, channel, admin, _ = place
    file = tmp_path / "guidance.yaml"
    file.write_text("entries:\n  - id: own-x\n    question: May I wave?\n    verdict: yes\n    advice: Wave.\n")
    await add_guidance(database, server.id, file, bot.advisor.library)
    form = await admin.run(channel, "guidance edit", entry="own-x")
    changed = await admin.submit(form, advice="Wave once.")
    await discord.until(lambda: changed.done)
    await database.forget_person(admin.id)
    history = (await admin.run(channel, "guidance history", entry="own-x")).text.split("\n")
    assert "by somebody who is forgotten here: advice" in history[1]
    assert "by the operator" in history[2]


async def test_a_form_that_cannot_be_an_entry_says_why_and_saves_nothing(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, place: Place
) -> None:
    server, channel, admin, _ = place
    form = await admin.run(channel, "guidance add")
    refused = await admin.submit(form, **{**FORM, "words": "Hi {nobody}!"})
    assert "unknown blank" in refused.text
    assert refused.private
    assert await database.server(server.id).entries.all() == []


async def test_warnings_for_what_is_answered_already_and_what_is_too_wide(
    discord: LocalDiscord, bot: RsvnoBot, place: Place
) -> None:
    _, channel, admin, _ = place
    taken = await add(
        admin, channel, discord, question="Do I have to follow back?", wordings="do i owe a follow back to a coworker"
    )
    taken = await admin.press(taken.seen, "Save anyway")
    await discord.until(lambda: "Added" in taken.text)
    assert "answered by another entry" in taken.text
    wide = await add(
        admin, channel, discord, question="What do you think?",
        wordings="what do you think\nhello everyone\nany ideas\nthank you so much\ni am so tired today\nlol",
    )  # fmt: skip
    assert "It is wide" in wide.text


async def test_list_pages_and_search(discord: LocalDiscord, bot: RsvnoBot, database: Database, place: Place) -> None:
    server, channel, admin, _ = place
    store = database.server(server.id)
    empty = await admin.run(channel, "guidance list")
    assert "no entries of its own" in empty.text
    for number in range(23):
        document = {"id": f"own-{number}", "question": f"Question {number}?", "verdict": "no", "advice": "No."}
        await store.entries.add(document, editor=None)
    first = await admin.run(channel, "guidance list")
    assert "1 to 10 of 23" in first.text
    last = await admin.press((await admin.press(first.seen, "Later")).seen, "Later")
    assert "21 to 23 of 23" in last.text
    assert last.seen.labels == ["Earlier"]
    found = await admin.run(channel, "guidance list", search="question 17")
    assert "Question 17?" in found.text
    assert "1 to 1 of 1" in found.text
    assert "holds that" in (await admin.run(channel, "guidance list", search="zebra")).text


async def test_hidden_built_in_entries_are_not_answered(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    _, channel, admin, member = place
    question = "Do I have to follow back?"
    entry = (await admin.type(channel, "guidance hide", "entry", "no-debt"))[0]
    assert "Hidden" in (await admin.run(channel, "guidance hide", entry=entry)).text
    answer = await member.run(channel, "etiquette ask", question=question)
    assert read_card(answer.seen).heading != question
    assert question not in await member.type(channel, "etiquette ask", "question", "do i have to fol")
    assert await admin.type(channel, "guidance unhide", "entry", "") == [entry]
    await admin.run(channel, "guidance unhide", entry=entry)
    assert read_card((await member.run(channel, "etiquette ask", question=question)).seen).heading == question
    assert "no such built-in" in (await admin.run(channel, "guidance hide", entry="nonsense")).text


async def test_test_shows_the_ranking_and_what_would_be_answered(
    discord: LocalDiscord, bot: RsvnoBot, place: Place
) -> None:
    _, channel, admin, _ = place
    await add(admin, channel, discord)
    won = await admin.run(channel, "guidance test", question=ASKED)
    assert "Would be answered with: **Do I follow back in the promo corner?** (this server's own" in won.text
    assert "Built-in entries" in won.text
    assert "%" in won.text
    none = await admin.run(channel, "guidance test", question="what is the best pasta recipe")
    assert "Would get no answer" in none.text
    assert "silent" in none.text


async def test_export_and_import_are_each_others_inverse(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, place: Place
) -> None:
    _, channel, admin, _ = place
    assert "no entries" in (await admin.run(channel, "guidance export")).text
    await add(admin, channel, discord)
    await add(admin, channel, discord, question="May I ask twice?", wordings="", words="")
    exported = await admin.run(channel, "guidance export")
    (name, address), *_ = exported.seen.files
    assert name == "guidance.yaml"
    raw = await bot.http.get_from_cdn(address)
    again = await admin.run(channel, "guidance import", file=("guidance.yaml", raw))
    assert "all 2 entries are the same" in again.followups[-1].text if again.followups else again.text
    other = discord.server("other")
    place_there, admin_there = other.channel("general"), other.member("boss", "manage_guild")
    planned = await admin_there.run(place_there, "guidance import", file=("guidance.yaml", raw))
    assert "Would add 2, change 0" in planned.text
    assert await database.server(other.id).entries.all() == []
    done = await admin_there.press(planned.seen, "Import")
    assert "2 added" in done.text
    copied = await admin_there.run(place_there, "guidance export")
    assert await bot.http.get_from_cdn(copied.seen.files[0][1]) == raw
    changed = raw.replace(b"That is what it is for", b"x").replace(b"May I ask twice?", b"May I ask thrice?")
    plan = await admin.run(channel, "guidance import", file=("guidance.yaml", changed))
    assert "Would add 0, change 1" in plan.text
    await admin.press(plan.seen, "Import")
    assert [each.document["question"] for each in await database.server(place[0].id).entries.all()][
        1
    ] == "May I ask thrice?"
    with pytest.raises(NotAllowed):
        await admin.press(plan.seen, "Import")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"entries: [", "guidance.yaml"),
        (b"entries:\n  - id: x\n    question: Q?\n    verdict: maybe\n    advice: A\n", "guidance.yaml:4"),
        (
            b"entries:\n  - id: no-debt-in-a-follow\n    question: Q?\n    verdict: no\n    advice: A\n",
            "id of a built-in entry",
        ),
        (b"\xff\xfe", "guidance.yaml"),
        (b"x" * 1_000_001, "at most 1,000,000"),
    ],
)
async def test_a_file_that_cannot_be_imported_changes_nothing(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, place: Place, raw: bytes, words: str
) -> None:
    server, channel, admin, _ = place
    answer = await admin.run(channel, "guidance import", file=("guidance.yaml", raw))
    assert "nothing was changed" in answer.text
    assert words in answer.text
    assert await database.server(server.id).entries.all() == []


async def test_the_limit_of_entries_is_kept(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, place: Place
) -> None:
    server, channel, admin, _ = place
    await database.server(server.id).settings.change(entries_limit=1)
    await add(admin, channel, discord)
    refused = await add(admin, channel, discord, question="One more?")
    assert "may have 1" in refused.text


async def test_the_inbox_groups_like_questions_and_empties_itself(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, place: Place
) -> None:
    server, channel, admin, member = place
    assert "The inbox is off" in (await admin.run(channel, "guidance inbox")).text
    store = database.server(server.id)
    await store.settings.change(inbox=True)
    assert "Nothing is waiting" in (await admin.run(channel, "guidance inbox")).text
    for question in (
        "how do i get the painter role here", "how can i get the painter role", "where is the pasta recipe thread",
    ):  # fmt: skip
        answer = await member.run(channel, "etiquette ask", question=question)
        assert "outside what I know" in answer.text
    await bot.idle()
    inbox = await admin.run(channel, "guidance inbox")
    assert "Inbox · 1 of 2" in inbox.text
    assert "Asked 2 times" in inbox.text
    assert member.name not in inbox.text
    form = await admin.press(inbox.seen, "Write an entry")
    assert form.form is not None
    assert "painter role" in form.form.filled["question"]
    assert "painter role" in form.form.filled["wordings"]
    done = await admin.submit(form, verdict="how_to", advice="Ask in the role channel.")
    await discord.until(lambda: done.done)
    await bot.idle()
    assert [each.question for each in await store.inbox.all()] == ["where is the pasta recipe thread"]
    got = await member.run(channel, "etiquette ask", question="how do i get the painter role here?")
    assert "Ask in the role channel." in got.text
    rest = await admin.run(channel, "guidance inbox")
    menu = await admin.press(rest.seen, "Add the wording to an entry")
    worded = await admin.choose(menu.seen, menu.seen.menus[0].options.popitem()[1])
    assert "Added to" in worded.text
    assert await store.inbox.all() == []
    await member.run(channel, "etiquette ask", question="who won the match last night")
    await bot.idle()
    last = await admin.run(channel, "guidance inbox")
    assert "Dismissed 1." in (await admin.press(last.seen, "Dismiss")).text
    assert await store.inbox.all() == []


async def test_its_buttons_survive_a_restart(discord: LocalDiscord, start: Start, place: Place) -> None:
    first = await start()
    _, channel, admin, _ = place
    await add(admin, channel, discord)
    shown = await admin.run(channel, "guidance show", entry="own-do-i-follow-back-in-the-promo-corner")
    await first.stop()
    await start()
    assert (await admin.press(shown.seen, "Edit")).form is not None
    assert "History of" in (await admin.press(shown.seen, "History")).text
    assert "Remove **" in (await admin.press(shown.seen, "Remove")).text


async def test_danger_goes_before_a_servers_own_entry(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    _, channel, admin, member = place
    danger = "is it rude to decline him, he threatens to post my address"
    await add(admin, channel, discord, question="Is it rude to decline him?", wordings=danger)
    assert "Your safety comes first" in (await member.run(channel, "etiquette ask", question=danger)).text


async def test_after_a_restart_it_is_ready_before_the_first_question(
    discord: LocalDiscord, start: Start, database: Database, place: Place
) -> None:
    server = place[0]
    document = {"id": "own-x", "question": "Do we follow back in the promo corner?", "verdict": "yes", "advice": "Yes."}
    await database.server(server.id).entries.add(document, editor=None)
    bot = await start()
    while not bot.desk.guidance._ready:
        await asyncio.sleep(0.01)
    assert server.id in bot.desk.guidance._ready
