"""After a long life on Discord, the database holds no text and no id that should not be there."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from bot.chat.advice.buttons import Choice
from bot.chat.client import RsvnoBot
from bot.local import LocalDiscord
from bot.storage import Database
from bot.storage.engine import reading
from bot.storage.schema import metadata
from tests.chat.cards import pick, read_card

QUESTIONS = (
    "my coworker quagmire followed me, do i owe a follow back",
    "what is the best quagmire recipe",
    "invitation to join a quagmire group from a friend",
    "is it rude to decline him, he threatens to post my quagmire address",
)


async def everything(database: Database) -> dict[str, list[str]]:
    """Every value of every table, as text."""
    found: dict[str, list[str]] = {}
    async with reading(database.engine) as connection:
        for table in metadata.sorted_tables:
            rows: list[Any] = list((await connection.execute(select(table))).all())
            found[table.name] = [
                value.hex() if isinstance(value, bytes) else str(value) for row in rows for value in row
            ]
    return found


async def live(discord: LocalDiscord, bot: RsvnoBot) -> tuple[list[int], int]:
    """Everything that people can do, on two servers and in private; returns the members' ids and the editor's."""
    editor_id = 0
    people: list[int] = []
    for number in range(2):
        server = discord.server(f"server {number}", with_bot=False)
        channel = server.channel("general")
        server.add_bot()
        hello = await channel.next_post()
        admin = server.member(f"admin {number}", "manage_guild")
        members = [server.member(f"member {number}-{each}") for each in range(3)]
        people += [admin.id, *(member.id for member in members)]
        await admin.press(hello, "Listen in this channel")
        for member, question in zip([*members, members[0]], QUESTIONS, strict=True):
            answer = await member.run(channel, "etiquette ask", question=question)
            if "Helpful" in answer.seen.labels:
                await member.press(answer.seen, "Helpful")
                await member.press(answer.seen, "Thanks · undo")
                await member.press(answer.seen, "Not helpful")
                if Choice.SHARE in read_card(answer.seen).menu:
                    await pick(member, answer.seen, Choice.SHARE)
                await pick(member, answer.seen, Choice.OTHER)
            await member.say(channel, f"{discord.bot_mention} {question}")
            said = await member.say(channel, question)
            await members[1].use_on(said, "Etiquette advice")
            await member.say(member.direct, question)
            await member.run(channel, "decline", invitation=question)
            await bot.idle()
        if number == 0:
            form = await admin.run(channel, "guidance add")
            await admin.submit(form, question="A public rule?", verdict="no", advice="No.")
            editor_id = admin.id
        await admin.run(channel, "stats")
        await bot.idle()
    return people, editor_id


async def test_no_text_and_no_id_that_should_not_be_there(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    people, editor = await live(discord, bot)
    found = await everything(database)
    assert len(found["counts"]) > 50
    assert found["votes"]
    text = "\n".join(value for values in found.values() for value in values)
    assert "quagmire" not in text
    ids = set(re.findall(r"\d{15,20}", text))
    assert {str(person) for person in people} & ids == {str(editor)}
    assert str(editor) in found["entry_versions"]
    # and nothing of what was asked is anywhere in the file itself
    raw = b"".join(path.read_bytes() for path in file_of(database))
    assert b"quagmire" not in raw
    for person in people:
        await database.forget_person(person)
    left = await everything(database)
    assert left["votes"] == []
    assert not {str(person) for person in people} & set(
        re.findall(r"\d{15,20}", "\n".join(value for values in left.values() for value in values))
    )
    for server in await database.server_ids():
        await database.server(server).forget()
    gone = await everything(database)
    assert {name for name, values in gone.items() if values} <= {"keys", "notes"}


def file_of(database: Database) -> list[Any]:
    """The database's file and its log."""
    from pathlib import Path

    file = Path(str(database.core.url.database))
    return sorted(file.parent.glob(f"{file.name}*"))


async def test_with_the_inbox_on_questions_are_kept_without_who_asked(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    server = discord.server()
    channel, member = server.channel("general"), server.member("member")
    await database.server(server.id).settings.change(inbox=True)
    await member.run(channel, "etiquette ask", question=QUESTIONS[1])
    await bot.idle()
    found = await everything(database)
    assert QUESTIONS[1] in found["unanswered"]
    assert str(member.id) not in "\n".join(value for values in found.values() for value in values)
