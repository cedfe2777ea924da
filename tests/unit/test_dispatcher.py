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
from heliograph.webhooks.delivery import Dispatcher
from heliograph.webhooks.hosts import OPENS_AFTER, PROMPT_MS, UNKNOWN_CALLS, Lanes

NOW = 1_761_329_465_501
JOB = job.new(
    now=NOW, digits=1, user=1, channel="1", verb="imagine", type=JobType.IMAGE, request={}
)


def due(id: int, attempts: int = 0, host: str = "h") -> Due:
    target = Target(id=id, url=f"http://{host}/", host=host)
    event = job.created_event(JOB)
    return Due(id=id, user=1, target=target, job=JOB, event=event, attempts=attempts)


class Books:
    """Deliveries, of one host unless more are added. `slowly` holds back the next look until
    something was settled."""

    def __init__(self, *ids: int) -> None:
        self.pending = {id: due(id) for id in ids}
        self.settled: list[Settled] = []
        self.looks = 0
        self.slowly = False
        self.moved = asyncio.Event()
        self.looking = asyncio.Event()

    async def hosts(self) -> dict[str, int]:
        return {one.target.host: NOW for one in self.pending.values()}

    async def hosts_of(self, jobs: Sequence[str]) -> set[str]:
        return set(await self.hosts()) or {"h"}

    async def due(
        self, host: str, now: int, limit: int, known: frozenset[int] = frozenset()
    ) -> list[Due]:
        self.looks += 1
        waiting = [one for one in self.pending.values() if one.target.host == host]
        found = [one for one in waiting if one.id not in known][:limit]
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
    """Answers or fails as told; a call waits while `held`, or to a host that is `hanging`."""

    def __init__(self, hanging: str = "") -> None:
        self.hanging = hanging
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
            if self.hanging and self.hanging in url:
                await asyncio.Event().wait()
            if self.held is not None:
                await self.held.wait()
            await asyncio.sleep(0)
            if self.dead:
                raise CallFailed("The address can't be reached", dead=True)
            return Answer(200, b"")
        finally:
            self._flying -= 1


class Running:
    def __init__(
        self,
        books: Books,
        caller: Caller,
        pauses: tuple[float, ...] = (),
        lanes: Lanes | None = None,
    ) -> None:
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
            lanes=lanes,
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


async def test_hosts_that_do_not_answer_take_no_calls_from_one_that_does() -> None:
    books, caller = Books(1), Caller(hanging="dead")
    async with Running(books, caller, lanes=Lanes(most_calls=2)) as running:
        await books.until(1)
        for n in range(2, 8):
            books.pending[n] = due(n, host=f"dead-{n}")
        running.bus.publish("delivery", JOB.id)
        while len(caller.calls) < 3:
            caller.called.clear()
            await caller.called.wait()
        books.pending[100] = due(100)
        running.bus.publish("delivery", JOB.id)
        await books.until(2)
        for _ in range(200):
            await asyncio.sleep(0)
    # The two that answered, and no more than two of the six that did not.
    assert [one.due.id for one in books.settled] == [1, 100]
    assert len(caller.calls) == 4


async def test_a_host_gets_few_calls_until_it_has_answered() -> None:
    books, caller = Books(*range(40)), Caller(hanging="h")
    async with Running(books, caller):
        await caller.called.wait()
        for _ in range(200):
            await asyncio.sleep(0)
    assert caller.most == UNKNOWN_CALLS


def test_of_hosts_that_nothing_waits_for_the_oldest_are_forgotten() -> None:
    lanes = Lanes(most_idle=2)
    under_way = lanes.of("under way")
    under_way.known.add(1)
    for n in range(5):
        lanes.of(f"host-{n}").unheard(dead=True)
    lanes.forget({"host-0"})
    assert len(lanes) == 4
    assert lanes.of("host-0").failures == lanes.of("host-4").failures == 1
    assert lanes.of("host-1").failures == 0
    assert lanes.of("under way") is under_way


def test_a_host_is_prompt_by_its_last_answer() -> None:
    lane, seen = Lanes().of("h"), []
    for ms in (PROMPT_MS - 1, PROMPT_MS):
        lane.answered(ms)
        seen.append(lane.prompt)
        for dead in (False, True):
            lane.unheard(dead=dead)
            seen.append(lane.prompt)
    assert seen == [True, True, False, False, False, False]
