"""Forms, drafts and imports: nothing that somebody wrote is lost, whoever else edits, restarts or fails meanwhile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import discord as library
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.client import RsvnoBot
from bot.chat.guidance.form import EditForm, InboxForm
from bot.chat.kit.custom_id import MAX_ID
from bot.chat.kit.form import Form
from bot.local import Answer, Channel, LocalDiscord, Person
from bot.storage import Database, DatabaseUnavailable, ServerStore
from bot.storage.server import waiting
from bot.storage.server.waiting import Waiting
from tests.chat.conftest import Start

NEW: dict[str, Any] = {
    "question": "Who waters the plants in the greenhouse?",
    "verdict": "yes",
    "advice": "Whoever is named on the door.",
    "wordings": "is it my turn in the greenhouse",
    "words": "warm: I water them today!",
}
GREEDY: dict[str, Any] = {**NEW, "question": "Do I have to follow back?", "wordings": "must i follow back"}
OWN = "own-x"
MANY: dict[str, Any] = {
    "id": OWN, "question": "May I hum during the tea ceremony?", "verdict": "yes", "advice": "Hum softly.",
    "examples": [f"{'tea ' * 20}number {number}" for number in range(198)] + ["- a\nb", "• c"],
    "say": {tone: f"{tone[0]} " * 199 + "xy" for tone in ("warm", "brief", "firm")}, "reason": "Kept.",
}  # fmt: skip
TEA = {**MANY, "examples": ["humming in the tea room", "- a\nb"]}
Place = tuple[Channel, Person, Person, ServerStore]


@pytest.fixture
def place(discord: LocalDiscord, database: Database) -> Place:
    """A channel, two editors, and what the server keeps."""
    server = discord.server()
    one, two = (server.member(name, "manage_guild") for name in ("one", "two"))
    return server.channel("general"), one, two, database.server(server.id)


async def sent(discord: LocalDiscord, person: Person, form: Answer, **values: Any) -> Answer:
    """Fills a form in and waits for what is said to it."""
    answer = await person.submit(form, **values)
    await discord.until(lambda: answer.done)
    return answer


async def pressed(discord: LocalDiscord, person: Person, answer: Answer, label: str) -> Answer:
    """Presses a button and waits until its message is another."""
    before = answer.seen.buttons
    said = await person.press(answer.seen, label)
    await discord.until(lambda: answer.seen.buttons != before)
    return said


async def document_of(store: ServerStore, entry: str = OWN) -> Mapping[str, Any]:
    """An entry as it is kept."""
    return (await store.entries.get(entry)).document


# ---------------------------------------------------------------- what is not shown


async def test_what_a_form_cannot_show_stays(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    channel, one, _, store = place
    await store.entries.add(MANY, editor=1)
    form = await one.run(channel, "guidance edit", entry=OWN)
    assert form.form is not None
    shown = len(form.form.filled["wordings"].splitlines())
    assert 0 < shown < 200
    assert f"{200 - shown} more do not fit here" in str(form.form.raw)
    assert "Changed" in (await sent(discord, one, form, advice="Hum loudly.")).text
    assert await document_of(store) == {**MANY, "advice": "Hum loudly."}


# -------------------------------------------------------------------- restarts


async def test_forms_and_drafts_survive_a_restart(discord: LocalDiscord, start: Start, place: Place) -> None:
    channel, one, _, store = place
    await store.entries.add(TEA, editor=1)
    first = await start()
    new, edited = await one.run(channel, "guidance add"), await one.run(channel, "guidance edit", entry=OWN)
    draft = await sent(discord, one, await one.run(channel, "guidance add"), **GREEDY)
    file = ("x.yaml", b"entries:\n  - id: own-y\n    question: Which kettle?\n    verdict: yes\n    advice: Blue.\n")
    plan = await one.run(channel, "guidance import", file=file)
    settings = await one.press((await one.run(channel, "settings")).seen, "More settings")
    zone = await one.press(settings.seen, "Change the time zone")
    await first.stop()
    await start()
    assert "Added" in (await sent(discord, one, new, **NEW)).text
    assert "Changed" in (await sent(discord, one, edited, advice="Hum loudly.")).text
    again = await one.press(draft.seen, "Edit again")
    assert again.form is not None
    assert again.form.filled["question"] == GREEDY["question"]
    await pressed(discord, one, draft, "Save anyway")
    assert "Added" in draft.text
    assert "1 added" in (await one.press(plan.seen, "Import")).text
    assert "Berlin" in (await sent(discord, one, zone, zone="berlin")).text
    assert len(await store.entries.all()) == 4


async def test_a_form_of_an_earlier_version_goes_back_to_who_wrote_it(
    discord: LocalDiscord, bot: RsvnoBot, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel, one, _, _ = place
    with monkeypatch.context() as patch:
        patch.setattr(Form, "custom_id", "0123456789abcdef0123456789abcdef")
        form = await one.run(channel, "guidance add")
    said = await sent(discord, one, form, **NEW)
    assert "earlier version" in said.text
    assert NEW["advice"].encode() in await bot.http.get_from_cdn(said.seen.files[0][1])


# ------------------------------------------------------------------ two editors


@pytest.mark.parametrize("kept", ["theirs", "mine"])
async def test_the_second_of_two_editors_is_told_and_chooses(
    discord: LocalDiscord, bot: RsvnoBot, place: Place, kept: str
) -> None:
    channel, one, two, store = place
    await store.entries.add(TEA, editor=1)
    first, second = [await each.run(channel, "guidance edit", entry=OWN) for each in (one, two)]
    assert "Changed" in (await sent(discord, one, first, advice="Theirs.", verdict="no")).text
    asked = await sent(discord, two, second, advice="Mine.", words="brief: Mine.")
    assert f"Not saved yet: {one.mention} changed **May I hum" in asked.text
    assert (await document_of(store))["advice"] == "Theirs."
    assert asked.seen.labels == ["Keep theirs", "Save mine", "Look at both", "Edit again"]
    both = (await two.press(asked.seen, "Look at both")).text
    assert "**Theirs:** Theirs." in both
    assert "**Yours:** Mine." in both
    assert "No" not in both.split("Words to send")[1]
    again = await two.press(asked.seen, "Edit again")
    assert again.form is not None
    assert again.form.filled["advice"] == "Mine."
    await pressed(discord, two, asked, "Keep theirs" if kept == "theirs" else "Save mine")
    now = await document_of(store)
    if kept == "theirs":
        assert now == {**TEA, "advice": "Theirs.", "verdict": "no"}
    else:
        # where nothing was written, theirs stays
        assert now == {**TEA, "advice": "Mine.", "verdict": "no", "say": {"brief": "Mine."}}


async def test_what_was_told_once_is_told_again_only_for_what_changed_since(
    discord: LocalDiscord, bot: RsvnoBot, place: Place
) -> None:
    channel, one, two, store = place
    await store.entries.add(TEA, editor=1)
    mine = await two.run(channel, "guidance edit", entry=OWN)
    await store.entries.edit(OWN, {**TEA, "advice": "Theirs."}, editor=one.id)
    asked = await sent(discord, two, mine, advice="Mine.")
    await store.entries.edit(OWN, {**TEA, "advice": "Theirs again."}, editor=one.id)
    await pressed(discord, two, asked, "Save mine")
    assert (await document_of(store))["advice"] == "Theirs again."
    form = await two.press(asked.seen, "Edit again")
    saved = await sent(discord, two, form, verdict="depends")
    await discord.until(lambda: "Changed" in saved.text)
    now = await document_of(store)
    assert (now["advice"], now["verdict"]) == ("Mine.", "depends")


async def test_what_would_take_something_is_told_after_a_clash_too(
    discord: LocalDiscord, bot: RsvnoBot, place: Place
) -> None:
    channel, one, two, store = place
    await store.entries.add(TEA, editor=1)
    mine = await two.run(channel, "guidance edit", entry=OWN)
    await store.entries.edit(OWN, {**TEA, "advice": "Theirs."}, editor=one.id)
    asked = await sent(discord, two, mine, wordings=GREEDY["wordings"], question=GREEDY["question"])
    await pressed(discord, two, asked, "Save mine")
    assert "This would now also answer" in asked.text
    assert (await document_of(store))["question"] == TEA["question"]
    await pressed(discord, two, asked, "Save anyway")
    assert "Changed" in asked.text


async def test_what_somebody_removed_meanwhile_can_come_back(
    discord: LocalDiscord, bot: RsvnoBot, place: Place
) -> None:
    channel, one, two, store = place
    await store.entries.add(TEA, editor=1)
    form = await two.run(channel, "guidance edit", entry=OWN)
    await store.entries.remove(OWN, editor=one.id)
    asked = await sent(discord, two, form, advice="Mine.")
    assert f"{one.mention} removed" in asked.text
    await pressed(discord, two, asked, "Save mine")
    assert await document_of(store) == {**TEA, "advice": "Mine."}


async def test_an_import_never_overwrites_what_was_changed_since_it_was_shown(
    discord: LocalDiscord, bot: RsvnoBot, place: Place
) -> None:
    channel, one, two, store = place
    await store.entries.add({**TEA, "examples": []}, editor=1)
    file = f"entries:\n  - id: {OWN}\n    question: Q?\n    verdict: yes\n    advice: Of the file.\n".encode()
    plan = await one.run(channel, "guidance import", file=("x.yaml", file))
    await store.entries.edit(OWN, {**TEA, "examples": [], "advice": "Theirs."}, editor=two.id)
    shown = await one.press(plan.seen, "Import")
    assert "changed meanwhile" in shown.text
    assert (await document_of(store))["advice"] == "Theirs."
    assert "1 changed" in (await one.press(shown.seen, "Import")).text
    assert (await document_of(store))["advice"] == "Of the file."


async def test_wordings_and_channels_take_nothing_back_that_others_changed(place: Place) -> None:
    store = place[3]
    await store.entries.add(TEA, editor=1)

    def louder(document: Mapping[str, Any]) -> dict[str, Any]:
        return {**document, "advice": f"{document['advice']}!"}

    for _ in range(3):
        await store.entries.change(OWN, louder, editor=1)
    assert (await document_of(store))["advice"] == "Hum softly.!!!"


# ------------------------------------------------------------------ what is refused


async def test_what_cannot_be_an_entry_can_be_written_again(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    channel, one, _, store = place
    refused = await sent(discord, one, await one.run(channel, "guidance add"), **{**NEW, "words": "Hi {nobody}!"})
    assert "unknown blank" in refused.text
    assert refused.seen.labels == ["Edit again", "Cancel"]
    form = await one.press(refused.seen, "Edit again")
    assert form.form is not None
    assert form.form.filled["words"] == "Hi {nobody}!"
    await sent(discord, one, form, words="Hi!")
    await discord.until(lambda: "Added" in refused.text)
    assert len(await store.entries.all()) == 1


async def test_what_the_database_does_not_take_waits(
    discord: LocalDiscord, bot: RsvnoBot, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel, one, _, store = place
    form = await one.run(channel, "guidance add")

    async def unreachable(*_: Any, **__: Any) -> Any:
        raise DatabaseUnavailable("locked")

    with monkeypatch.context() as patch:
        patch.setattr(type(store.entries), "add", unreachable)
        patch.setattr(Waiting, "keep", unreachable)
        refused = await sent(discord, one, form, **NEW)
    assert "nothing was changed" in refused.text
    await pressed(discord, one, refused, "Try again")
    assert "Added" in refused.text
    assert [each.document["advice"] for each in await store.entries.all()] == [NEW["advice"]]


async def test_what_was_saved_is_not_called_failed_whatever_comes_after(
    discord: LocalDiscord, bot: RsvnoBot, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel, one, _, store = place

    def broken(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("bot.chat.guidance.trial.warnings", broken)
        saved = await sent(discord, one, await one.run(channel, "guidance add"), **NEW)
    assert f"**{NEW['question']}**" in saved.text
    assert "fault" not in saved.text
    entry = (await store.entries.all())[0].entry_id
    asked = await one.run(channel, "guidance remove", entry=entry)
    # the message that would say so is refused
    discord.faults.status(400, "POST", "/interactions/*", code=50035, times=1)
    told = await one.press(asked.seen, "Yes, remove")
    assert "It is saved" in told.text
    assert await store.entries.all() == []


# ------------------------------------------------------------------- tried before


async def test_a_version_is_tried_before_it_comes_back(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    channel, one, two, store = place
    greedy = {"id": OWN, "question": GREEDY["question"], "verdict": "yes", "advice": "A"}
    await store.entries.add(greedy, editor=1)
    await store.entries.edit(OWN, {**greedy, "question": NEW["question"]}, editor=1)
    asked = await one.run(channel, "guidance restore", entry=OWN)
    assert "Not saved yet. This would now also answer" in asked.text
    assert asked.seen.labels == ["Save anyway", "Cancel"]
    assert (await store.entries.get(OWN)).version == 2
    # somebody else was faster
    await store.entries.edit(OWN, {**greedy, "question": "Which kettle?"}, editor=two.id)
    await pressed(discord, one, asked, "Save anyway")
    assert f"{two.mention} changed" in asked.text
    assert "**Yours:** Do I have" in (await one.press(asked.seen, "Look at both")).text
    await pressed(discord, one, asked, "Save mine")
    assert "Restored version 1" in asked.text
    assert (await document_of(store))["question"] == GREEDY["question"]


async def test_questions_of_the_inbox_are_tried_before_they_are_wordings(
    discord: LocalDiscord, bot: RsvnoBot, place: Place
) -> None:
    channel, one, _, store = place
    await store.settings.change(inbox=True)
    await store.entries.add({**TEA, "examples": []}, editor=1)
    await store.inbox.keep("do i have to follow back", "unhelpful")
    menu = await one.press((await one.run(channel, "guidance inbox")).seen, "Add the wording to an entry")
    asked = await one.choose(menu.seen, menu.seen.menus[0].options.popitem()[1])
    await discord.until(lambda: "Not saved yet" in asked.text)
    assert "examples" not in {key for key, value in (await document_of(store)).items() if value}
    assert len(await store.inbox.all()) == 1
    await pressed(discord, one, asked, "Save anyway")
    assert "Added to" in asked.text
    assert (await document_of(store))["examples"] == ["do i have to follow back"]
    assert await store.inbox.all() == []


async def test_an_entry_is_tried_before_its_limit_goes(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    channel, one, _, store = place
    greedy = {"id": OWN, "question": GREEDY["question"], "verdict": "yes", "advice": "A", "channels": [channel.id]}
    await store.entries.add(greedy, editor=1)
    card = await one.run(channel, "guidance show", entry=OWN)
    asked = await one.choose(card.seen)
    assert "Not saved yet" in asked.text
    assert (await document_of(store))["channels"] == [channel.id]
    await pressed(discord, one, asked, "Save anyway")
    assert "answers everywhere" in asked.text
    assert not (await document_of(store)).get("channels")
    # to fewer channels it takes nothing
    assert "answers only in" in (await one.choose(card.seen, channel)).text


# ------------------------------------------------------------------------ bounds


async def test_only_so_much_waits_and_for_a_day(place: Place, database: Database, monkeypatch: Any) -> None:
    store = place[3]
    names = [await store.waiting.keep("draft", {"at": number}) for number in range(waiting.MOST_WAITING + 1)]
    assert [await store.waiting.get("draft", name) for name in names[:2]] == [None, {"at": 1}]
    monkeypatch.setattr(waiting, "MOST_WAITING_BYTES", 100)
    big = await store.waiting.keep("import", {"text": "x" * 1000})
    assert await store.waiting.get("draft", names[-1]) is None
    assert await store.waiting.get("draft", big) is None
    assert await database.server(1).waiting.take("import", big) is None
    assert await store.waiting.take("import", big) == {"text": "x" * 1000}
    assert await store.waiting.take("import", big) is None
    await store.waiting.keep("draft", {})
    then = database.core.now() + waiting.WAITING_KEPT
    monkeypatch.setattr(database.core, "now", lambda: then)
    assert (await database.purge())["pending"] == 1


# ------------------------------------------------------------------------- ids

FORMS = [kind for kind in Form.registered() if kind.__module__.startswith("bot.")]


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: kind.__name__)
def test_a_forms_id_is_read_and_written_as_the_same(kind: type[Form]) -> None:
    @settings(max_examples=25, deadline=None)
    @given(st.from_regex(kind.template, fullmatch=True))
    def check(custom_id: str) -> None:
        found = Form.from_custom_id(custom_id)
        assert type(found) is kind
        state = {part: getattr(found, part) for part in kind._ids.parts}
        written = ":".join(["rsvno", "form", kind._ids.names[-1], *(str(value) for value in state.values())])
        again = Form.from_custom_id(written)
        assert type(again) is kind
        assert {part: getattr(again, part) for part in kind._ids.parts} == state
        assert len([each for each in FORMS if each.template.fullmatch(custom_id)]) == 1

    check()


@given(st.text(max_size=60) | st.text(max_size=60).map(lambda text: f"rsvno:form:{text}"))
def test_any_id_is_of_one_form_or_of_none(custom_id: str) -> None:
    assert len([each for each in FORMS if each.template.fullmatch(custom_id)]) <= 1


def test_the_longest_ids_fit() -> None:
    assert len(EditForm("a" * 64, 999_999_999, held={}).custom_id) <= MAX_ID
    assert len(InboxForm(2**62, held={}).custom_id) <= MAX_ID


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.sampled_from(["question", "advice", "wordings", "words", "verdict"]), st.text(max_size=90)))
async def test_any_entry_makes_a_form_that_discord_takes(held: dict[str, str]) -> None:
    made = EditForm(OWN, 1, held=held, more=123).drawn()
    assert isinstance(made, library.ui.Modal)
    drawn = made.to_dict()
    assert len(drawn["title"]) <= 45
    assert re.fullmatch(EditForm.template, drawn["custom_id"])
    for label in drawn["components"]:
        assert 0 < len(label["label"]) <= 45
        assert len(label.get("description") or "") <= 100
        inner = label["component"]
        assert len(inner.get("value") or "") <= inner.get("max_length", 4000) <= 4000
