"""How work ends: a task that absorbs a cancellation is asked again, and a process that cannot close ends as it is."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
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
            log.warning("still at work after %.1f s of closing: %s", seconds, _names(pending))
            return


class Limit:
    """Ends the process with exit code 1 and a line in the log, so many seconds after `start()`, unless it ended before.

    A thread of its own watches: it works while the event loop is blocked, and while it is being closed.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def start(self) -> None:
        """Begins to count; call it in the event loop."""
        timer = threading.Timer(self._seconds, self._give_up, (asyncio.get_running_loop(),))
        timer.daemon = True
        timer.start()

    def _give_up(self, loop: asyncio.AbstractEventLoop) -> None:
        log.critical(
            "closing took longer than %.0f s, and the process ends as it is; still at work: %s",
            self._seconds,
            _names(asyncio.all_tasks(loop)),
        )
        logging.shutdown()
        os._exit(1)


def _names(tasks: Iterable[asyncio.Task[Any]]) -> str:
    """Returns what code the tasks run, without any values."""
    running = (getattr(task.get_coro(), "__qualname__", "") or task.get_name() for task in tasks)
    return ", ".join(sorted(running)) or "no task"
