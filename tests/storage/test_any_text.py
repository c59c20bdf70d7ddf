"""Any text that somebody may type is kept, in either database."""

from __future__ import annotations

import pytest

from bot.storage import Database


@pytest.mark.parametrize("text", ["half \ud83d of a picture", "nothing \0 at all", "\ud83d\ude00", "\x1b[0m", "\uffff"])
async def test_the_inbox_keeps_any_text(database: Database, text: str) -> None:
    store = database.server(1)
    await store.settings.change(inbox=True)
    assert await store.inbox.keep(text, "none")
    [kept] = await store.inbox.all()
    assert kept.question.encode()
    assert kept.question[:4] == text[:4].encode("utf-8", "replace").decode().replace("\0", "")[:4]
