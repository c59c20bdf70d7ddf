"""How work ends: a task that absorbs a cancellation is asked again, and what goes on is named."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

log = logging.getLogger(__name__)

ASK_AGAIN = 0.1
"""Seconds after which a task that was cancelled and goes on is cancelled once more."""


async def end(tasks: Iterable[asyncio.Task[Any] | None], seconds: float) -> None:
    """Cancels these tasks until they have ended, for so many seconds at most; what goes on is logged by its name.

    Once is not enough: discord.py takes a cancellation for the end of one attempt to connect, and Python 3.11's
    `asyncio.wait_for` forgets one that comes together with what it waits for. What the tasks raise is dropped.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    pending = {task for task in tasks if task is not None}
    while pending:
        for task in pending:
            task.cancel()
        done, pending = await asyncio.wait(pending, timeout=ASK_AGAIN)
        for task in done:
            if not task.cancelled():
                # read, so that asyncio does not report it as forgotten
                task.exception()
        if pending and loop.time() >= deadline:
            log.warning("still at work after %.1f s of closing: %s", seconds, names(pending))
            return


def names(tasks: Iterable[asyncio.Task[Any]]) -> str:
    """Returns what code the tasks run, without any values."""
    running = (getattr(task.get_coro(), "__qualname__", "") or task.get_name() for task in tasks)
    return ", ".join(sorted(running)) or "no task"
