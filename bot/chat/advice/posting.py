"""Answers to messages: sent as a channel takes them, and not tried again for a while where it takes none.

Whether we may write somewhere, Discord says when we try. Who is refused ten thousand times in ten minutes is shut out
by Discord altogether, so a refusal is remembered for its channel, and all refusals are counted together.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import discord
from cachetools import TTLCache

from bot.chat.kit.cooldown import MAX_KEYS, Cooldowns
from bot.chat.kit.errors import UNREACHABLE, is_unreadable
from bot.chat.kit.host import Host
from bot.chat.kit.layout import Layout
from bot.chat.kit.logs import Seldom, where_it_happened
from bot.chat.kit.origin import server_of_message
from bot.chat.kit.sending import post
from bot.chat.kit.text import as_text
from bot.chat.kit.words import words

log = logging.getLogger(__name__)

MISSING_PERMISSIONS, NO_HISTORY = 50013, 160002
REFUSED_SECONDS = 600.0
"""So long a channel that refused us is left alone."""
MOST_REFUSALS = (1000, 600.0)
"""After so many refusals in so many seconds, of all channels together, only commands are answered."""

REFUSED = Seldom("a reply was refused (status %s, code %s): that channel is left alone for ten minutes")
BRAKE = Seldom("so many replies were refused that only commands are answered for some minutes")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a channel takes an answer: as a reply to the message (where we may read what was written), with a card."""

    as_reply: bool = True
    with_card: bool = True

    def after(self, error: discord.Forbidden, *, card: bool) -> Manner | None:
        """Returns the plainer manner to try after a refusal; None if there is none."""
        if error.code == NO_HISTORY and self.as_reply:
            return replace(self, as_reply=False)
        if error.code == MISSING_PERMISSIONS and self.with_card and card:
            return replace(self, with_card=False)
        return None


class Posting:
    """Sends answers to messages. `now`: seconds on a clock that only goes forward."""

    def __init__(self, bot: Host, now: Callable[[], float] = time.monotonic) -> None:
        self._bot = bot
        # each with the server that it belongs to
        self._refused: TTLCache[int, int | None] = TTLCache(MAX_KEYS, ttl=REFUSED_SECONDS, timer=now)
        self._manners: TTLCache[int, tuple[int | None, Manner]] = TTLCache(MAX_KEYS, ttl=REFUSED_SECONDS, timer=now)
        self._refusals = Cooldowns(*MOST_REFUSALS, now)

    def may_try(self, place: int) -> bool:
        """Returns whether something may be sent to a channel (or, for a direct message, a person), by its id."""
        if self._refusals.wait(None):
            BRAKE.warn()
            return False
        return place not in self._refused

    def may_try_again(self, place: int) -> None:
        """Forgets that a channel, or a person, refused us."""
        self._refused.pop(place, None)

    def forget(self, server: int) -> None:
        """Forgets which channels of a server refused us, and how they take answers."""
        for kept in (self._refused, {place: each for place, (each, _) in self._manners.items()}):
            for place in [place for place, each in kept.items() if each == server]:
                self._refused.pop(place, None)
                self._manners.pop(place, None)

    def note(self, place: int, error: Exception, server: int | None = None) -> None:
        """Remembers what went wrong in a channel of a server, or with a person."""
        self._bot.metrics.errors.labels("unreachable").inc()
        if isinstance(error, discord.Forbidden):
            self._refused[place] = server
            REFUSED.warn(error.status, error.code)
        else:
            log.warning("a reply could not be sent: %s", type(error).__name__)

    def _count(self, error: Exception) -> None:
        if isinstance(error, discord.HTTPException) and error.status in (401, 403, 429):
            self._refusals.use(None)

    async def reply(
        self,
        message: discord.Message,
        *,
        asker: int,
        text: str = "",
        card: discord.Embed | None = None,
        layout: Callable[[str], Layout] | None = None,
        note: str = "",
    ) -> bool:
        """Answers `message`; returns whether that arrived. `asker` is who is answered, should it not show otherwise.

        `layout` makes the card of the lines that stand above it. Where no reply may refer to a message (that needs the
        permission to read what was written), or no embed be shown, the answer goes out without.
        """
        place, server = message.channel.id, server_of_message(message)
        _, manner = self._manners.get(place, (None, Manner()))
        while True:
            try:
                await self._send(message, manner, asker, text, card, layout, note)
            except discord.Forbidden as error:
                self._count(error)
                plainer = manner.after(error, card=card is not None)
                if plainer is None:
                    self.note(place, error, server)
                    return False
                manner = plainer
            except UNREACHABLE as error:
                # the message or the channel is gone, or Discord is: there is no other way to reach this person
                self._count(error)
                self.note(place, error, server)
                return False
            except (ValueError, TypeError, LookupError) as error:
                if not is_unreadable(error):
                    raise
                # sent, but what came back is nothing of Discord's: whether it arrived, nobody knows
                self._bot.metrics.errors.labels("unreachable").inc()
                log.error("what Discord said of a reply can't be read\n%s", where_it_happened(error))
                return False
            else:
                if manner != Manner():
                    self._manners[place] = (server, manner)
                return True

    async def _send(
        self,
        message: discord.Message,
        manner: Manner,
        asker: int,
        text: str,
        card: discord.Embed | None,
        layout: Callable[[str], Layout] | None,
        note: str,
    ) -> None:
        notes = [] if manner.as_reply else [words("card.for", person=f"<@{asker}>")]
        notes += [note] if note else []
        lines = [f"-# {each}" for each in notes]
        if layout is None and (card is None or not manner.with_card):
            lines.append(text if card is None else as_text([card]))
        options: dict[str, Any] = {"mention_author": False} if manner.as_reply else {}
        if card is not None and manner.with_card:
            options["embed"] = card
        if manner.as_reply:
            options["reference"] = message
        if layout is not None:
            await post(message.channel, view=layout("\n".join(lines)), **options)
            return
        await post(message.channel, "\n".join(filter(None, lines)) or None, **options)

    async def type_in(self, message: discord.Message) -> None:
        """Shows in the channel of `message` that we are typing, if we may."""
        try:
            await message.channel.typing()
        except UNREACHABLE as error:
            self._count(error)
