"""What is done in threads: whose turn it is, what is turned away, and that the answers are those of one thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from bot.advice.advisor import Advisor
from bot.chat.kit import work
from bot.chat.kit.work import Crowded, Late, Line
from bot.guidance.models import Library


class Gate:
    """Holds up a line's threads until it is opened."""

    def __init__(self, line: Line, threads: int = 1) -> None:
        self.opened = threading.Event()
        self.held = [line.submit(("gate", number), self.opened.wait) for number in range(threads)]


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """A line before one thread."""
    line = Line("test", 1, most=50, most_of_one=30, at_once=1)
    yield line
    line.end()


async def test_asked_goes_before_overheard_and_servers_go_by_turns(line: Line) -> None:
    done: list[str] = []
    gate = Gate(line)
    waiting = [line.overhear(work.always, 3, done.append, "overheard")]
    waiting += [line.submit(1, done.append, f"crowd {number}") for number in range(3)]
    waiting += [line.submit(2, done.append, "bystander")]
    assert done == []
    gate.opened.set()
    await asyncio.gather(*waiting)
    assert done == ["crowd 0", "bystander", "crowd 1", "crowd 2", "overheard"]


async def test_what_nobody_can_use_any_more_is_not_begun(line: Line) -> None:
    done: list[str] = []
    gate = Gate(line)
    in_time = True
    late = line.submit_if(lambda: in_time, 1, done.append, "late")
    gone = line.submit(1, done.append, "gone")
    gone.cancel()
    last = line.submit(1, done.append, "last")
    in_time = False
    gate.opened.set()
    await last
    with pytest.raises(Late):
        await late
    assert done == ["last"]


async def test_too_many_are_turned_away_of_one_server_and_of_all(line: Line) -> None:
    gate = Gate(line)
    waiting = [line.submit(1, str) for _ in range(30)]
    with pytest.raises(Crowded):
        line.submit(1, str)
    waiting += [line.submit(number, str) for number in range(2, 22)]
    with pytest.raises(Crowded):
        line.submit(99, str)
    gate.opened.set()
    await asyncio.gather(*waiting)
    assert await line.submit(1, str) == ""


async def test_the_oldest_overheard_messages_go_and_are_counted() -> None:
    dropped: list[None] = []
    line = Line("test", 1, most=50, most_of_one=50, at_once=1, on_drop=lambda: dropped.append(None))
    gate = Gate(line)
    done: list[str] = []
    most = work.MOST_OVERHEARD
    waiting = [line.overhear(work.always, 1, done.append, str(number)) for number in range(most + 50)]
    assert len(dropped) == 50
    assert line.overheard == most
    gate.opened.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [isinstance(outcome, Late) for outcome in outcomes] == [True] * 50 + [False] * most
    assert done == [str(number) for number in range(50, most + 50)]
    line.end()


async def test_one_server_holds_only_its_own_share_of_the_threads() -> None:
    line = Line("test", 2, most=50, most_of_one=50, at_once=1)
    opened = threading.Event()
    slow = [line.submit(1, opened.wait) for _ in range(3)]
    # the second thread is free for everybody else, whatever the first server does
    assert await line.submit(2, str, "free") == "free"
    assert not any(each.done() for each in slow)
    opened.set()
    await asyncio.gather(*slow)
    line.end()


async def test_many_texts_are_done_in_pieces_between_which_it_is_anothers_turn(line: Line) -> None:
    done: list[str] = []
    gate = Gate(line)
    many = asyncio.create_task(line.each(1, lambda piece: done.append(f"piece of {len(piece)}"), range(5), size=2))
    await asyncio.sleep(0)
    asked = [line.submit(2, done.append, f"asked {number}") for number in range(2)]
    gate.opened.set()
    await asyncio.gather(many, *asked)
    assert done == ["piece of 2", "asked 0", "asked 1", "piece of 2", "piece of 1"]


async def test_one_slow_job_turns_nobody_away(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter((0.0, 100.0))
    monkeypatch.setattr(work, "time", SimpleNamespace(perf_counter=lambda: next(seconds, 100.0)))
    await line.submit(1, str)
    gate = Gate(line)
    waiting = [line.submit(1, str) for _ in range(30)]
    assert 1.0 < line.seconds(2) < work.MOST_SECONDS
    gate.opened.set()
    await asyncio.gather(*waiting)


async def test_a_fault_and_a_result_come_back_as_they_are(line: Line) -> None:
    with pytest.raises(ZeroDivisionError):
        await line.submit(1, divmod, 1, 0)
    assert await line.submit(1, divmod, 7, 2) == (3, 1)


async def test_an_end_turns_away_what_waits_and_ends_what_is_under_way(line: Line) -> None:
    began = threading.Event()
    ended = threading.Event()

    def endless() -> None:
        began.set()
        try:
            while True:
                pass
        finally:
            ended.set()

    under_way, waits = line.submit(1, endless), line.submit(2, str)
    await asyncio.to_thread(began.wait)
    line.end()
    outcomes = await asyncio.gather(under_way, waits, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Crowded, Crowded]
    assert await asyncio.to_thread(ended.wait, 60)
    with pytest.raises(Crowded):
        line.submit(1, str)


def test_many_threads_give_the_answers_of_one(advisor: Advisor, library: Library) -> None:
    own = [
        library.entries[0].model_copy(update={"id": "own-promo", "question": "Do I follow back in the promo corner?"})
    ]
    server = advisor.within(own, [library.entries[3].id])
    texts = [entry.question for entry in library.entries[::40]]
    texts += [f"{text} And my boss? In the promo corner. What then." for text in texts[:3]]
    asked = [(each, text) for each in (advisor, server) for text in texts]

    def answer(question: tuple[Advisor, str]) -> tuple[object, ...]:
        each, text = question
        found = [each.ask(text), each.overhear(text)]
        return (
            *((advice.as_json() | {"milliseconds": 0}, advice.worry, advice.own) for advice in found),
            [match.entry.id for match in each.alternatives(text, (), asking=False).choices],
        )

    one_by_one = [answer(question) for question in asked]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(answer, asked * 2))
    assert together == one_by_one * 2


def test_two_texts_are_encoded_at_the_same_time(advisor: Advisor, monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2, timeout=60)
    encoder = type(advisor.base.reader.encoder)
    encode = encoder.encode

    def meeting(self: object, text: str) -> object:
        # nobody gets past this alone
        both.wait()
        return encode(self, text)  # type: ignore[arg-type]  # it is one

    monkeypatch.setattr(encoder, "encode", meeting)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda text: advisor.read(text).vector, ["do i follow back", "do i follow back"])
    assert (first == second).all()
