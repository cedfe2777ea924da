"""The dispatcher over books and a caller that the test holds in its hands."""

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any

from heliograph import job
from heliograph.bus.local import LocalBus
from heliograph.job import JobType
from heliograph.retry import Schedule
from heliograph.webhooks.base import Due, Settled, Target
from heliograph.webhooks.calling import Answer, CallFailed
from heliograph.webhooks.delivery import OPENS_AFTER, Dispatcher

NOW = 1_761_329_465_501
JOB = job.new(
    now=NOW, digits=1, user=1, channel="1", verb="imagine", type=JobType.IMAGE, request={}
)


def due(id: int, attempts: int = 0) -> Due:
    target = Target(id=id, url="http://h/", host="h")
    event = job.created_event(JOB)
    return Due(id=id, user=1, target=target, job=JOB, event=event, attempts=attempts)


class Books:
    """Deliveries of one host. `slowly` holds back the next look until something was settled."""

    def __init__(self, *ids: int) -> None:
        self.pending = {id: due(id) for id in ids}
        self.settled: list[Settled] = []
        self.looks = 0
        self.slowly = False
        self.moved = asyncio.Event()
        self.looking = asyncio.Event()

    async def hosts(self) -> dict[str, int]:
        return {"h": NOW} if self.pending else {}

    async def hosts_of(self, jobs: Sequence[str]) -> set[str]:
        return {"h"}

    async def due(self, host: str, now: int, limit: int) -> list[Due]:
        self.looks += 1
        found = list(self.pending.values())[:limit]
        if self.slowly:
            self.slowly = False
            self.looking.set()
            count = len(self.settled)
            while len(self.settled) == count:
                self.moved.clear()
                await self.moved.wait()
            # Long enough for the dispatcher to have let go of what was settled.
            for _ in range(20):
                await asyncio.sleep(0)
        return found

    async def settle(self, settled: Sequence[Settled], now: int) -> set[str]:
        for one in settled:
            if one.again is None:
                self.pending.pop(one.due.id, None)
            else:
                self.pending[one.due.id] = due(one.due.id, one.due.attempts + 1)
        self.settled += settled
        self.moved.set()
        return set()

    async def secrets(self, user: int, now: int) -> list[str]:
        return ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]

    async def until(self, count: int) -> list[Settled]:
        while len(self.settled) < count:
            self.moved.clear()
            await self.moved.wait()
        return self.settled


class Caller:
    """Answers or fails as told; a held call waits."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.most = 0
        self.dead = False
        self.held: asyncio.Event | None = None
        self.called = asyncio.Event()
        self._flying = 0

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        self.calls.append(headers["webhook-id"])
        self.called.set()
        self._flying += 1
        self.most = max(self.most, self._flying)
        try:
            if self.held is not None:
                await self.held.wait()
            await asyncio.sleep(0)
            if self.dead:
                raise CallFailed("The address can't be reached", dead=True)
            return Answer(200, b"")
        finally:
            self._flying -= 1


class Running:
    def __init__(self, books: Books, caller: Caller, pauses: tuple[float, ...] = ()) -> None:
        self.bus = LocalBus()
        deliveries: Any = books
        self._dispatcher = Dispatcher(
            deliveries,
            self.bus,
            caller,
            lambda due: b"{}",
            schedule=Schedule(pauses),
            per_host=4,
            now=lambda: NOW,
            rng=Random(1),
        )

    async def __aenter__(self) -> "Running":
        self._task = asyncio.create_task(self._dispatcher.run())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def test_what_was_settled_during_a_look_is_not_sent_again() -> None:
    books, caller = Books(1), Caller()
    caller.held = asyncio.Event()
    async with Running(books, caller) as running:
        await caller.called.wait()
        # While the call is under way the lane looks again, and sees it as still due.
        books.slowly = True
        running.bus.publish("delivery", JOB.id)
        await books.looking.wait()
        caller.held.set()
        await books.until(1)
        for _ in range(200):
            await asyncio.sleep(0)
    assert len(caller.calls) == 1
    assert books.looks >= 2


async def test_a_host_gets_so_many_calls_at_once() -> None:
    books, caller = Books(*range(40)), Caller()
    async with Running(books, caller):
        await books.until(40)
    assert caller.most == 4
    assert len(caller.calls) == 40


async def test_a_host_that_can_not_be_reached_gets_one_call_at_a_time() -> None:
    books, caller = Books(*range(60)), Caller()
    caller.dead = True
    async with Running(books, caller):
        await books.until(OPENS_AFTER + 4)
        caller.most = 0
        await books.until(40)
        assert caller.most == 1
        # Any answer closes the breaker.
        caller.dead = False
        await books.until(60)
    assert caller.most > 1
    assert all(one.attempt.error for one in books.settled[:40])


async def test_who_has_had_enough_attempts_is_given_up() -> None:
    books, caller = Books(1), Caller()
    books.pending = {1: due(1, attempts=2)}
    caller.dead = True
    async with Running(books, caller, pauses=(1.0, 1.0)):
        (settled,) = await books.until(1)
    assert settled.again is None


async def test_a_failed_attempt_is_due_again_after_its_pause() -> None:
    books, caller = Books(1), Caller()
    caller.dead = True
    async with Running(books, caller, pauses=(60.0,)):
        (settled,) = await books.until(1)
    assert settled.again is not None
    assert NOW + 48_000 <= settled.again <= NOW + 72_000
