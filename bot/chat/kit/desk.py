"""The desk where a question arrives and advice leaves: which server's guidance, and what is counted of it.

What is kept of a server can be out of reach for a moment (a locked file, a database that restarts). The answer still
goes out then, with what was last known; only what a person asked to change is refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from bot.advice.advisor import Advice, Advisor
from bot.chat.kit.guidance_cache import GuidanceCache
from bot.chat.kit.logs import log_out_of_reach
from bot.chat.kit.metrics import Metrics
from bot.chat.kit.text_vectors import TextVectors
from bot.chat.kit.work import Crowded, Work
from bot.guidance.follow_ups import FollowUpAnswer
from bot.guidance.models import Entry
from bot.matching.policies import Outcome
from bot.storage import UNREADABLE, Database, Remembered, ServerSettings, StorageFault

Result = TypeVar("Result")

PATIENCE = 1.0
"""Seconds to wait for a server's settings: a person must be answered within Discord's three."""
AWAY_SECONDS = 5.0
"""After a look at the database that failed, so long none for a server of which something is known."""


class Route(StrEnum):
    """The way in which a question came."""

    COMMAND = "command"
    DECLINE = "decline"
    TOPICS = "topics"
    MENU = "menu"
    MENTION = "mention"
    DIRECT = "direct"
    LISTENING = "listening"


class Judgement(StrEnum):
    """What somebody thinks of an answer."""

    HELPFUL = "helpful"
    UNHELPFUL = "unhelpful"
    REPORTED = "reported"


class Desk:
    """Joins the advisor with what each server keeps. `server` is None wherever nothing of a server may be touched."""

    def __init__(self, advisor: Advisor, database: Database, metrics: Metrics) -> None:
        self.advisor = advisor
        self.database = database
        self.metrics = metrics
        for kind in UNREADABLE:
            metrics.unreadable.labels(kind).set_function(partial(database.unreadable, kind))
        self.work = Work(metrics)
        self.vectors = TextVectors(advisor, self.work, self.begin)
        self.guidance = GuidanceCache(advisor, database, self.work)
        self.at_work: set[asyncio.Task[Any]] = set()
        """What is being made ready, also when nobody waits for it any more."""
        self._making: dict[int, asyncio.Task[Advisor]] = {}
        self._judging: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._failed_at = -float("inf")

    async def advisor_for(self, server: int | None, channels: Collection[int]) -> Advisor:
        """Returns the advisor with what a server has for a place there (see `channels_of`), as `whole_advisor_for`."""
        return (await self.whole_advisor_for(server)).at(channels)

    async def whole_advisor_for(self, server: int | None) -> Advisor:
        """Returns the advisor with a server's own guidance; as it last was, where that cannot be had in time.

        Where nothing is known of it at all, the general one. Raises Crowded where that is so since too many ask.
        """
        if server is None:
            return self.advisor
        row = await self._row(server)
        last_known = self.guidance.last_known(server)
        if row is None:
            return last_known or self.advisor
        ready = self.guidance.ready(server, row.entries_revision)
        if ready is not None:
            return ready
        if self._is_away() and last_known is not None:
            return last_known
        making = self._making.get(server)
        if making is None or making.done():
            making = self._making[server] = self.begin(self.guidance.of(server))
            making.add_done_callback(lambda _: self._making.pop(server, None))
        try:
            # what is being made ready goes on, and is there for the next question
            return await asyncio.wait_for(asyncio.shield(making), PATIENCE)
        except Crowded:
            if last_known is None:
                raise
        except (StorageFault, TimeoutError) as fault:
            self._note(fault)
        return last_known or self.advisor

    def is_making(self, server: int | None) -> bool:
        """Returns whether a server's guidance is just being made ready, so that answers are without it."""
        return server in self._making

    async def settings(self, server: int | None) -> ServerSettings:
        """Returns a server's settings; the last known ones where they are out of reach, and the defaults where none are
        known, or where there is no server."""
        row = await self._row(server) if server is not None else None
        return row.settings if row is not None else ServerSettings()

    def begin(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Returns a task that goes on when nobody waits for it any more, until the bot stops."""
        task = asyncio.create_task(work)
        self.at_work.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self.at_work.discard(task)
        if not task.cancelled():
            # read, also where nobody waits any more
            task.exception()

    async def _row(self, server: int) -> Remembered | None:
        """What is kept of a server: from memory at once, else from the database, else as it last was known."""
        store = self.database.server(server)
        row = store.fresh_row()
        if row is not None:
            return row
        last_known = store.last_known_row()
        if self._is_away() and last_known is not None:
            return last_known
        try:
            row = await asyncio.wait_for(store.row(), PATIENCE)
        except (StorageFault, TimeoutError) as fault:
            self._failed_at = asyncio.get_running_loop().time()
            self._note(fault)
            return last_known
        self._failed_at = -float("inf")
        return row

    def _is_away(self) -> bool:
        """Whether the database did not answer a moment ago: what is known is used then, without asking it each time."""
        return asyncio.get_running_loop().time() - self._failed_at < AWAY_SECONDS

    async def count(self, advice: Advice, route: Route, server: int | None) -> None:
        """Counts an answer: in the metrics, and (without any text) in the server's stats."""
        self.metrics.answers.labels(str(advice.outcome), str(route)).inc()
        if server is None:
            return
        entry = advice.entry
        store = self.database.server(server)
        try:
            await store.counters.count(
                route=str(route),
                outcome=str(advice.outcome),
                topic=_topic(entry) if entry else "",
                entry=entry.id if entry else "",
                verdict=str(entry.verdict) if entry else "",
            )
            if advice.outcome is Outcome.NONE:
                await store.inbox.keep(advice.question, "none")
        except StorageFault as fault:
            self._note(fault)

    async def judge(
        self,
        entry: Entry,
        judgement: Judgement | None,
        *,
        before: Judgement | None,
        question: str,
        person: int,
        server: int | None,
    ) -> None:
        """Counts what a person thinks of an entry, once, in the place of what they thought `before`; None: nothing.

        A `question` that it did not help is kept, where the inbox is on, until that is taken back.
        """
        if server is None:
            return
        store, topic = self.database.server(server), _topic(entry)
        # a second thought is kept after the first
        judging = self._judging.setdefault(person, asyncio.Lock())
        async with judging:
            try:
                if before is not None:
                    was_helpful = await store.counters.take_back(person=person, entry=entry.id)
                    if was_helpful is False and question:
                        await store.inbox.take_back(question)
                if judgement is None:
                    return
                helpful = judgement is Judgement.HELPFUL
                counted = await store.counters.judge(person=person, entry=entry.id, topic=topic, helpful=helpful)
                if counted and not helpful and question:
                    await store.inbox.keep(question, "reported" if judgement is Judgement.REPORTED else "unhelpful")
            except StorageFault as fault:
                self._note(fault)

    async def judgement(self, entry: Entry, *, person: int, server: int | None) -> Judgement | None:
        """Returns how a person judged an entry, if they did so a short while ago and that can be known."""
        if server is None:
            return None
        try:
            helpful = await self.database.server(server).counters.judgement(person=person, entry=entry.id)
        except StorageFault as fault:
            self._note(fault)
            return None
        return None if helpful is None else Judgement.HELPFUL if helpful else Judgement.UNHELPFUL

    def _note(self, fault: Exception) -> None:
        self.metrics.errors.labels("storage").inc()
        log_out_of_reach(fault)


def _topic(entry: Entry) -> str:
    """Returns the topic that an answer counts under: a server's own without one under 'own', follow-ups under none."""
    return entry.topic or ("" if isinstance(entry, FollowUpAnswer) else "own")
