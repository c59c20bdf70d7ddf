"""The inbox with like questions together."""

from __future__ import annotations

from typing import NamedTuple

from bot.advice.grouping import group_vectors
from bot.chat.kit.errors import Refusal
from bot.chat.kit.host import host_of
from bot.chat.kit.item import Interaction
from bot.storage import ServerStore, Unanswered


class Grouped(NamedTuple):
    """The inbox with like questions together, most asked first. `unread` are those that are still being read."""

    groups: list[list[Unanswered]]
    unread: list[Unanswered]


async def grouped(interaction: Interaction, store: ServerStore) -> Grouped:
    """Returns the inbox, grouped. Of many that were never read before, the older ones are read meanwhile."""
    waiting = await store.inbox.all()
    work, server = host_of(interaction).desk, store.guild_id
    vectors = await work.vectors.of(server, [each.question for each in waiting])
    read = [each for each in waiting if each.question in vectors]
    rows = await work.work.long.submit(server, group_vectors, [vectors[each.question] for each in read])
    unread = [each for each in waiting if each.question not in vectors]
    return Grouped([[read[row] for row in members] for members in rows], unread)


async def group_of(interaction: Interaction, store: ServerStore, first: int) -> list[Unanswered]:
    """Returns the group that a question (its row's id) is in now. Raises Refusal if it is gone."""
    groups, unread = await grouped(interaction, store)
    for group in (*groups, *([each] for each in unread)):
        if any(each.id == first for each in group):
            return group
    raise Refusal("error.gone")
