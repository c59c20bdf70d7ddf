"""The desk where a question arrives and advice leaves: which server's guidance, and what is counted of it.

What is kept of a server can be out of reach for a moment (a locked file, a database that restarts). The answer still
goes out then, with the defaults; only what a person asked to change is refused.
"""

from __future__ import annotations

import asyncio
from enum import StrEnum

from bot.advice.advisor import Advice, Advisor
from bot.chat.kit.guidance_cache import GuidanceCache
from bot.chat.kit.logs import log_out_of_reach
from bot.chat.kit.metrics import Metrics
from bot.guidance.models import Entry
from bot.matching.policies import Outcome
from bot.storage import Database, ServerSettings, StorageFault

PATIENCE = 1.0
"""Seconds to wait for a server's settings: a person must be answered within Discord's three."""


class Route(StrEnum):
    """The way in which a question came."""

    COMMAND = "command"
    DECLINE = "decline"
    TOPICS = "topics"
    MENU = "menu"
    MENTION = "mention"
    DIRECT = "direct"
    LISTENING = "listening"


class Desk:
    """Joins the advisor with what each server keeps. `server` is None wherever nothing of a server may be touched."""

    def __init__(self, advisor: Advisor, database: Database, metrics: Metrics) -> None:
        self.advisor = advisor
        self.database = database
        self.metrics = metrics
        self.guidance = GuidanceCache(advisor, database)
        self.at_work: set[asyncio.Task[Advisor]] = set()
        """Guidance that is being made ready, also when nobody waits for it any more."""

    async def advisor_for(self, server: int | None) -> Advisor:
        """Returns the advisor with a server's own guidance; the general one where that cannot be had in time."""
        if server is None:
            return self.advisor
        making = asyncio.create_task(self.guidance.of(server))
        self.at_work.add(making)
        making.add_done_callback(self.at_work.discard)
        try:
            # what is being made ready goes on, and is there for the next question
            return await asyncio.wait_for(asyncio.shield(making), PATIENCE)
        except (StorageFault, TimeoutError) as fault:
            self._note(fault)
            return self.advisor

    async def settings(self, server: int | None) -> ServerSettings:
        """Returns a server's settings; the defaults where there is no server, or where they are out of reach."""
        if server is None:
            return ServerSettings()
        try:
            return await asyncio.wait_for(self.database.server(server).settings.get(), PATIENCE)
        except (StorageFault, TimeoutError) as fault:
            self._note(fault)
            return ServerSettings()

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
                topic=(entry.topic or "own") if entry else "",
                entry=entry.id if entry else "",
                verdict=str(entry.verdict) if entry else "",
            )
            if advice.outcome is Outcome.NONE:
                await store.inbox.keep(advice.question, "none")
        except StorageFault as fault:
            self._note(fault)

    async def count_helpful(
        self, entry: Entry, helpful: bool, *, question: str, person: int, answer: int, server: int | None
    ) -> None:
        """Counts a person's 'helpful' or 'not helpful' for one answer (the message's id), once."""
        if server is None:
            return
        store = self.database.server(server)
        try:
            counted = await store.counters.judge(
                person=person, answer=answer, entry=entry.id, topic=entry.topic or "own", helpful=helpful
            )
            if counted and not helpful and question:
                await store.inbox.keep(question, "unhelpful")
        except StorageFault as fault:
            self._note(fault)

    def _note(self, fault: Exception) -> None:
        self.metrics.errors.labels("storage").inc()
        log_out_of_reach(fault)
