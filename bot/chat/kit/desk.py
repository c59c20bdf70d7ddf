"""The desk where a question arrives and advice leaves: which server's guidance, and what is counted of it.

What is kept of a server can be out of reach for a moment (a locked file, a database that restarts). The answer still
goes out then, with the defaults; only what a person asked to change is refused.
"""

from __future__ import annotations

import asyncio
from enum import StrEnum

from bot.advice.advisor import Advice, Advisor, Declined, Policy, ServerGuidance
from bot.chat.kit.logs import log_out_of_reach
from bot.chat.kit.metrics import Metrics
from bot.chat.kit.own_guidance import Shelf
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
        self.shelf = Shelf(advisor, database)

    async def guidance(self, server: int | None) -> ServerGuidance | None:
        """Returns a server's own guidance; None where it has none, or where it cannot be had in time."""
        if server is None:
            return None
        try:
            # what is being made ready goes on, and is there for the next question
            return await asyncio.wait_for(asyncio.shield(self.shelf.of(server)), PATIENCE)
        except (StorageFault, TimeoutError) as fault:
            self._note(fault)
            return None

    async def settings(self, server: int | None) -> ServerSettings:
        """Returns a server's settings; the defaults where there is no server, or where they are out of reach."""
        if server is None:
            return ServerSettings()
        try:
            return await asyncio.wait_for(self.database.server(server).settings.get(), PATIENCE)
        except (StorageFault, TimeoutError) as fault:
            self._note(fault)
            return ServerSettings()

    async def ask(self, question: str, server: int | None, policy: Policy = Policy.ASK) -> Advice:
        """Answers a question with a server's guidance; with `Policy.OVERHEAR` it is nearly always silent."""
        return self.advisor.advise(question, policy, await self.guidance(server))

    async def decline(self, invitation: str, who: str, server: int | None) -> Declined:
        """Finds words to turn an invitation down."""
        return self.advisor.decline(invitation, who, await self.guidance(server))

    async def suggest(self, typed: str, server: int | None) -> list[Entry]:
        """Returns known questions for what is typed so far, best first."""
        return self.advisor.suggest(typed, await self.guidance(server))

    async def find(self, entry_id: str, server: int | None) -> Entry | None:
        """Returns an entry that a person picked, or None if it is no longer there."""
        return self.advisor.find(entry_id, await self.guidance(server))

    async def alternatives(self, question: str, without: str, server: int | None, most: int = 3) -> list[Entry]:
        """Returns what else a question may have meant, best first, without the entry that was shown."""
        return self.advisor.alternatives(question, without, await self.guidance(server))[:most]

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
