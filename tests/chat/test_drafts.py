"""The form of an own entry: what would take built-in questions is not saved before somebody says so."""

from __future__ import annotations

from typing import Any

import pytest

from bot.chat.client import RsvnoBot
from bot.chat.guidance.proposals import DRAFTS
from bot.local import Answer, Channel, LocalDiscord, NotAllowed, Person, Server
from bot.storage import Database, ServerStore

GREEDY: dict[str, Any] = {
    "question": "Do I have to follow back?",
    "verdict": "yes",
    "advice": "Here we follow everybody back.",
    "wordings": "follow back or not\n- must i follow back",
    "words": "warm: Followed!",
}
HARMLESS = {"question": "Who waters the plants in the greenhouse?", "wordings": "is it my turn in the greenhouse"}
BUTTONS = ["Save anyway", "Edit again", "Cancel"]


@pytest.fixture
async def place(discord: LocalDiscord, database: Database) -> tuple[Server, Channel, Person, ServerStore]:
    """A server with twenty entries, a channel, an admin, and the store."""
    server = discord.server()
    store = database.server(server.id)
    for number in range(20):
        question = f"Where does lantern parade number {number} begin?"
        document = {"id": f"own-{number}", "question": question, "verdict": "no", "advice": "A"}
        await store.entries.add(document, editor=None)
    return server, server.channel("general"), server.member("admin", "manage_guild"), store


Place = tuple[Server, Channel, Person, ServerStore]


async def sent(discord: LocalDiscord, admin: Person, form: Answer, **values: Any) -> Answer:
    """Fills a form in and waits for what is said to it."""
    answer = await admin.submit(form, **values)
    await discord.until(lambda: answer.done)
    return answer


async def draft(discord: LocalDiscord, place: Place, **changes: Any) -> Answer:
    """Sends a new entry that takes over."""
    _, channel, admin, _ = place
    return await sent(discord, admin, await admin.run(channel, "guidance add"), **{**GREEDY, **changes})


async def test_a_harmless_entry_is_saved_at_once(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    answer = await draft(discord, place, **HARMLESS)
    assert "Added: **Who waters" in answer.text
    assert answer.seen.labels == []
    assert len(await place[3].entries.all()) == 21


async def test_one_that_takes_over_says_so_and_is_not_saved(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    _, channel, admin, store = place
    revision = await store.entries.revision()
    answer = await draft(discord, place)
    assert answer.private
    assert "Not saved yet. This would now also answer" in answer.text
    assert '"Do I have to follow back?"' in answer.text
    assert "(Do I have to follow back?)" in answer.text
    assert answer.seen.labels == BUTTONS
    assert await store.entries.revision() == revision
    assert "own guidance" not in (await admin.run(channel, "etiquette ask", question=GREEDY["question"])).text
    saved = await admin.press(answer.seen, "Save anyway")
    await discord.until(lambda: "Added" in saved.text)
    assert saved.seen.labels == []
    entry = (await store.entries.get("own-do-i-have-to-follow-back")).document
    assert (entry["examples"], entry["say"]) == (["follow back or not", "must i follow back"], {"warm": "Followed!"})
    assert "own guidance" in (await admin.run(channel, "etiquette ask", question=GREEDY["question"])).text


async def test_it_can_be_edited_again_with_all_that_was_written(
    discord: LocalDiscord, bot: RsvnoBot, place: Place
) -> None:
    _, _, admin, store = place
    answer = await draft(discord, place)
    form = await admin.press(answer.seen, "Edit again")
    assert form.form is not None
    assert form.form.filled == {key: GREEDY[key] for key in ("question", "advice", "wordings", "words")}
    first = answer.seen.buttons
    still = await sent(discord, admin, form, advice="Please do.")
    await discord.until(lambda: still.seen.buttons != first)
    assert still.seen.id == answer.seen.id
    assert still.seen.labels == BUTTONS
    # what cannot be an entry is kept as it was written last
    refused = await sent(discord, admin, await admin.press(still.seen, "Edit again"), words="{nobody}")
    await discord.until(lambda: "unknown blank" in refused.text)
    assert still.seen.labels == ["Edit again", "Cancel"]
    form = await admin.press(still.seen, "Edit again")
    assert form.form is not None
    assert (form.form.filled["advice"], form.form.filled["words"]) == ("Please do.", "{nobody}")
    done = await sent(discord, admin, form, **HARMLESS, words="")
    await discord.until(lambda: "Added: **Who waters" in done.text)
    assert done.seen.id == answer.seen.id
    assert [each.document["advice"] for each in await store.entries.all()][20:] == ["Please do."]


async def test_it_can_be_dropped(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    answer = await draft(discord, place)
    dropped = await place[2].press(answer.seen, "Cancel")
    assert dropped.text == "Nothing was saved."
    with pytest.raises(NotAllowed):
        await place[2].press(dropped.seen, "Save anyway")
    assert len(await place[3].entries.all()) == 20


async def test_an_edit_asks_only_for_what_it_takes_anew(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    _, channel, admin, store = place
    document = {"id": "own-x", "question": GREEDY["question"], "verdict": "no", "advice": "A", "reason": "Kept."}
    await store.entries.add(document, editor=None)
    changed = await sent(discord, admin, await admin.run(channel, "guidance edit", entry="own-x"), advice="B")
    assert "Changed:" in changed.text
    form = await admin.run(channel, "guidance edit", entry="own-x")
    asked = await sent(discord, admin, form, wordings="how do i leave a group chat politely")
    assert "How do I leave a group" in asked.text
    assert (await store.entries.get("own-x")).version == 2
    # meanwhile somebody limits it to a channel: what the form does not hold stays
    await admin.choose((await admin.run(channel, "guidance show", entry="own-x")).seen, channel)
    saved = await admin.press(asked.seen, "Save anyway")
    await discord.until(lambda: "Changed" in saved.text)
    now = (await store.entries.get("own-x")).document
    assert (now["reason"], now["advice"], now["channels"]) == ("Kept.", "B", [channel.id])
    assert now["examples"] == ["how do i leave a group chat politely"]


async def test_a_draft_of_which_nothing_is_left_is_told(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, place: Place
) -> None:
    server, _, admin, store = place
    answer = await draft(discord, place)
    name = str(answer.seen.buttons[0].custom_id).split(":")[-1]
    assert await DRAFTS.get(database.server(server.id + 1), name) is None
    # as after its day
    assert await DRAFTS.take(store, name) is not None
    for label in ("Save anyway", "Edit again"):
        gone = await admin.press(answer.seen, label)
        assert "no longer at hand" in gone.text
    assert (await admin.press(answer.seen, "Cancel")).text == "Nothing was saved."
    assert len(await store.entries.all()) == 20


async def test_only_editors_may_save_it(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    server, channel, _, store = place
    role = server.role("editors")
    editor = server.join(discord.person("editor"), role)
    await store.settings.change(editor_roles={role.id})
    answer = await sent(discord, editor, await editor.run(channel, "guidance add"), **GREEDY)
    await store.settings.change(editor_roles=set())
    assert "manage this server" in (await editor.press(answer.seen, "Save anyway")).text
    assert len(await store.entries.all()) == 20


async def test_an_import_says_how_many_entries_take_something(
    discord: LocalDiscord, bot: RsvnoBot, place: Place
) -> None:
    _, channel, admin, _ = place
    texts = [GREEDY["question"], HARMLESS["question"], "How do I leave a group chat?"]
    body = "".join(
        f"  - id: own-{at}x\n    question: {text}\n    verdict: yes\n    advice: A\n" for at, text in enumerate(texts)
    )
    plan = await admin.run(channel, "guidance import", file=("guidance.yaml", f"entries:\n{body}".encode()))
    assert "2 entries would now also answer questions of built-in ones" in plan.text
    assert HARMLESS["question"] not in plan.text.split("built-in ones:")[1].split("\n")[0]
    many = "".join(f"      - lantern parade {number}\n" for number in range(180))
    files = "".join(
        f"  - id: own-{at}y\n    question: Q?\n    verdict: yes\n    advice: A\n    examples:\n{many}" for at in "ab"
    )
    plan = await admin.run(channel, "guidance import", file=("guidance.yaml", f"entries:\n{files}".encode()))
    assert "They were not tried against" in plan.text
