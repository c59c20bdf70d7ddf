"""What would hold the event loop up, done in a few threads: what people asked first, then what was only overheard.

Encoding a question takes milliseconds, sorting an inbox seconds, and meanwhile nobody else would be answered. So the
loop only waits and sends. Who waits stands in one line: first by urgency, then servers by turns (a server that asks
three hundred things at once is behind one that asks one), then as it came.
"""

from __future__ import annotations

import asyncio
import contextvars
import ctypes
import heapq
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count, islice
from typing import Any, Generic, ParamSpec, TypeVar

from bot.chat.kit.metrics import Metrics
from bot.documents.faults import RsvnoError

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Item = TypeVar("Item")

MATCHING_THREADS = 2
"""The encoder lets go of the interpreter, so two questions are read at once; more only get into each other's way."""
MOST_WAITING, MOST_OF_ONE = 1000, 400
"""Of questions that wait: of all together, and of one server."""
MOST_OVERHEARD = 200
"""Overheard messages that wait; the oldest goes when there are more."""
MOST_SECONDS = 600.0
"""Whoever would wait longer is turned away at once: Discord takes an answer for 15 minutes."""
LONG_THREADS = 2
"""For what takes seconds: files, pictures, warnings. One at a time for each server."""
MOST_LONG, MOST_LONG_OF_ONE = 40, 4
PIECE = 4
"""Texts that are encoded in one go, where there are many: then it is the next one's turn."""
_FIRST_GUESS, _WEIGHT = 0.01, 0.1
"""Seconds that a job takes before any was done, and the weight of the last one in their mean: the first is slow."""


class Crowded(RsvnoError):
    """Raised for work that would have to wait too long, or that a stop leaves undone: try again later."""


class Late(RsvnoError):
    """Raised for work whose result nobody can use any more; it was not begun."""


class Stopped(BaseException):
    """Raised in a thread, to end what it does: no `except Exception` on its way takes it for a fault."""


def always() -> bool:
    """Returns True: whatever comes of it is wanted."""
    return True


@dataclass(order=True)
class _Job(Generic[Result]):
    """What is to be done. Jobs are ordered as they are done."""

    turn: int
    number: int
    owner: Hashable = field(compare=False)
    function: Callable[[], Result] = field(compare=False)
    done: asyncio.Future[Result] = field(compare=False)
    wanted: Callable[[], bool] = field(compare=False)


class Line:
    """A line before some threads. `owner` is whoever's turn it is: a server, or a person where there is none.

    Made and used on one event loop. `most` may wait, and `most_of_one` owner; of one owner, `at_once` are done at the
    same time. `on_drop` is called for each overheard message that goes because too many wait. Threads are made when
    they are first needed.
    """

    def __init__(
        self,
        name: str,
        threads: int,
        *,
        most: int,
        most_of_one: int,
        at_once: int,
        on_drop: Callable[[], None] = lambda: None,
    ) -> None:
        self._threads = threads
        self._most = most
        self._most_of_one = most_of_one
        self._at_once = at_once
        self._pool = ThreadPoolExecutor(threads, name)
        self._free = threads
        self._closed = False
        self._waiting: list[_Job[Any]] = []
        self._overheard: deque[_Job[Any]] = deque()
        self._waiting_of: Counter[Hashable] = Counter()
        self._running_of: Counter[Hashable] = Counter()
        self._numbers = count()
        self._turn = 0
        self._last_turn: dict[Hashable, int] = {}
        self._seconds = _FIRST_GUESS
        self._doing: set[asyncio.Future[Any]] = set()
        self._running: set[int] = set()
        self._lock = threading.Lock()
        self._on_drop = on_drop

    # --------------------------------------------------------------- waiting

    def __len__(self) -> int:
        return len(self._waiting) + len(self._overheard)

    @property
    def overheard(self) -> int:
        """How many overheard messages wait."""
        return len(self._overheard)

    def seconds(self, owner: Hashable) -> float:
        """Returns about how many seconds what this owner asks now would wait for its turn."""
        if self._free:
            return 0.0
        own = self._waiting_of[owner] + 1
        before = sum(min(waiting, own) for waiting in self._waiting_of.values())
        return (before + 1) * self._seconds / self._threads

    def submit(
        self,
        owner: Hashable,
        function: Callable[Parameters, Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> asyncio.Future[Result]:
        """Returns what will hold the result of `function`, called in a thread when it is its turn.

        A future that is cancelled before that loses its turn. Raises Crowded where too much waits already.
        """
        return self.submit_if(always, owner, function, *args, **kwargs)

    def submit_if(
        self,
        wanted: Callable[[], bool],
        owner: Hashable,
        function: Callable[Parameters, Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> asyncio.Future[Result]:
        """The same for what may come too late: `wanted` is asked on the loop when it is its turn.

        Where it is not, the future holds Late, and nothing is done.
        """
        if (
            self._closed
            or len(self._waiting) >= self._most
            or self._waiting_of[owner] >= self._most_of_one
            or self.seconds(owner) > MOST_SECONDS
        ):
            raise Crowded
        turn = max(self._turn, self._last_turn.get(owner, -1) + 1)
        self._last_turn[owner] = turn
        job = self._job(turn, owner, partial(function, *args, **kwargs), wanted)
        heapq.heappush(self._waiting, job)
        self._waiting_of[owner] += 1
        self._go_on()
        return job.done

    def overhear(
        self,
        wanted: Callable[[], bool],
        owner: Hashable,
        function: Callable[Parameters, Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> asyncio.Future[Result]:
        """The same for what nobody asked for: done when nothing else waits. Where too many wait, the oldest is Late."""
        if self._closed:
            raise Crowded
        job = self._job(0, owner, partial(function, *args, **kwargs), wanted)
        self._overheard.append(job)
        self._go_on()
        while len(self._overheard) > MOST_OVERHEARD:
            self._turn_away(self._overheard.popleft(), Late())
            self._on_drop()
        return job.done

    async def each(
        self, owner: Hashable, function: Callable[[Sequence[Item]], Result], items: Iterable[Item], size: int = PIECE
    ) -> list[Result]:
        """Returns what `function` makes of the items, some at a time: between two pieces it is others' turn."""
        rest, found = iter(items), []
        while piece := list(islice(rest, size)):
            found.append(await self.submit(owner, function, piece))
        return found

    def _job(
        self, turn: int, owner: Hashable, function: Callable[[], Result], wanted: Callable[[], bool]
    ) -> _Job[Result]:
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        # the language of whoever asks, too
        run = partial(contextvars.copy_context().run, function)
        return _Job(turn, next(self._numbers), owner, run, done, wanted)

    # ----------------------------------------------------------------- doing

    def _go_on(self) -> None:
        """Begins what can be begun."""
        while self._free and not self._closed:
            job = self._next()
            if job is None:
                return
            if job.done.done():
                continue
            try:
                wanted = job.wanted()
            except Exception as error:
                job.done.set_exception(error)
                continue
            if not wanted:
                job.done.set_exception(Late())
                continue
            self._free -= 1
            self._running_of[job.owner] += 1
            doing = asyncio.get_running_loop().run_in_executor(self._pool, self._do, job.function)
            self._doing.add(doing)
            doing.add_done_callback(partial(self._did, job))

    def _next(self) -> _Job[Any] | None:
        """Returns whose turn it is: of those who asked, the first whose server has not enough under way."""
        passed: list[_Job[Any]] = []
        found: _Job[Any] | None = None
        while self._waiting and found is None:
            job = heapq.heappop(self._waiting)
            if self._running_of[job.owner] < self._at_once:
                found = job
            else:
                passed.append(job)
        for job in passed:
            heapq.heappush(self._waiting, job)
        if found is None:
            # while what was asked waits for its server's own, nothing is overheard
            return self._overheard.popleft() if self._overheard and not passed else None
        self._turn = found.turn
        _take(self._waiting_of, found.owner)
        if not self._waiting:
            self._last_turn.clear()
        return found

    def _do(self, function: Callable[[], Result]) -> tuple[Result, float]:
        """Runs in the thread. Returns the result, and the seconds that it took."""
        this = threading.get_ident()
        with self._lock:
            self._running.add(this)
        try:
            started = time.perf_counter()
            return function(), time.perf_counter() - started
        finally:
            with self._lock:
                self._running.discard(this)

    def _did(self, job: _Job[Any], doing: asyncio.Future[tuple[Any, float]]) -> None:
        self._free += 1
        self._doing.discard(doing)
        _take(self._running_of, job.owner)
        error = None if doing.cancelled() else doing.exception()
        if not job.done.done():
            if doing.cancelled() or isinstance(error, Stopped):
                job.done.set_exception(Crowded())
            elif error is not None:
                job.done.set_exception(error)
            else:
                result, seconds = doing.result()
                self._seconds += _WEIGHT * (seconds - self._seconds)
                job.done.set_result(result)
        self._go_on()

    # ---------------------------------------------------------------- ending

    def hush(self) -> None:
        """Lets go of what was overheard."""
        while self._overheard:
            self._turn_away(self._overheard.popleft(), Late())

    def close(self) -> None:
        """Takes nothing more, and turns away what waits; what is under way goes on."""
        self._closed = True
        self.hush()
        while self._waiting:
            self._turn_away(heapq.heappop(self._waiting), Crowded())

    @staticmethod
    def _turn_away(job: _Job[Any], why: Exception) -> None:
        if not job.done.done():
            job.done.set_exception(why)

    def end(self) -> None:
        """Closes, and ends what is under way: its threads stop at the next step of Python."""
        self.close()
        with self._lock:
            for thread in self._running:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Stopped))
        self._pool.shutdown(wait=False, cancel_futures=True)
        for doing in tuple(self._doing):
            doing.cancel()


def _take(counter: Counter[Hashable], key: Hashable) -> None:
    """Takes one from a key's number; a key without any is forgotten."""
    counter[key] -= 1
    if not counter[key]:
        del counter[key]


class Work:
    """One bot's lines: `matching` for what takes milliseconds, `long` for what takes seconds."""

    def __init__(self, metrics: Metrics) -> None:
        self.matching = Line(
            "matching", MATCHING_THREADS, most=MOST_WAITING, most_of_one=MOST_OF_ONE, at_once=MATCHING_THREADS,
            on_drop=metrics.overheard_dropped.inc,
        )  # fmt: skip
        self.long = Line("long", LONG_THREADS, most=MOST_LONG, most_of_one=MOST_LONG_OF_ONE, at_once=1)
        metrics.waiting.labels("asked").set_function(lambda: len(self.matching) - self.matching.overheard)
        metrics.waiting.labels("overheard").set_function(lambda: self.matching.overheard)
        metrics.waiting.labels("long").set_function(lambda: len(self.long))

    def close(self) -> None:
        """See `Line.close`."""
        self.matching.close()
        self.long.close()

    def end(self) -> None:
        """See `Line.end`."""
        self.matching.end()
        self.long.end()
