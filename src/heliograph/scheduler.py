"""Lets what waits in the queue take its turn, and ends what has waited or run for too long.

Rows are the truth: a round looks at the queue as it is, so a crash or a lost hint costs nothing
but the time to the next round. Whose turn it is says `heliograph.turns`; whether there is room the
store says, in the transaction that takes it.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from random import Random
from typing import Any

import msgspec
import structlog

from heliograph import errors, job
from heliograph.bus.base import Bus
from heliograph.channel import Channel, bind
from heliograph.job import Change, Job, JobType
from heliograph.midjourney import prompt
from heliograph.store.base import Queue, Store, Tasks
from heliograph.task import Known, Task
from heliograph.turns import Waiting, next_up

log: Any = structlog.get_logger("heliograph.scheduler")

POLL_SECONDS = 2.0
# A transaction that begins many jobs keeps others waiting.
AT_ONCE = 50
FLAGS = {"fast": "--fast", "relaxed": "--relax"}


class _Turn(msgspec.Struct, frozen=True):
    """`heliograph.store.base.Turn` by the rules of `heliograph.turns`. `patience` in ms."""

    now: Callable[[], int]
    rng: Random
    patience: int

    def next_up(self, waiting: Sequence[Waiting], running: Mapping[int, int]) -> Waiting:
        return next_up(waiting, running, self.now(), self.patience)

    def job(self, task: Task, type: JobType, channel: str) -> Job:
        return job.new(
            now=self.now(),
            digits=self.rng.randrange(10**6),
            user=task.user,
            channel=channel,
            verb="imagine",
            type=type,
            request={"prompt": spoken(task)},
        )


def spoken(task: Task) -> str:
    """The task's prompt as it goes to the bot: with its mode, unless it names a speed."""
    if prompt.speed(task.prompt) is not None:
        return task.prompt
    return f"{task.prompt} {FLAGS[task.mode]}"


class Scheduler:
    """Run it once for each store. `patience_seconds`: so long relaxed work lets fast work go
    first."""

    def __init__(
        self,
        store: Store,
        queue: Queue,
        tasks: Tasks,
        bus: Bus,
        *,
        patience_seconds: float,
        now: Callable[[], int],
        rng: Random,
    ) -> None:
        self._store = store
        self._queue = queue
        self._tasks = tasks
        self._bus = bus
        self._turn = _Turn(now, rng, int(patience_seconds * 1000))
        self._now = now
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        leave = self._bus.subscribe("queue", lambda _: self._woken.set())
        clock = asyncio.get_running_loop().time
        poll = clock()
        try:
            while True:
                self._woken.clear()
                await self._guarded(self.begin)
                if clock() >= poll:
                    await self._guarded(self.tend)
                    poll = clock() + POLL_SECONDS
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(poll):
                        await self._woken.wait()
        finally:
            leave()

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception:
            log.exception("scheduling interrupted")

    async def begin(self) -> None:
        """Begins all that finds room."""
        while begun := await self._queue.advance(self._turn, AT_ONCE):
            for one in begun:
                self._bus.publish("channel", one.channel)
                if one.watched:
                    self._bus.publish("delivery", one.id)

    async def tend(self) -> None:
        """Ends what waits for a channel that is gone, and tasks whose time is up."""
        for stranded in await self._queue.stranded():
            await self._end(job.stranded(stranded, self._now()))
        for known in await self._tasks.overdue(self._now()):
            await self._give_up(known)

    async def _give_up(self, known: Known) -> None:
        task = known.task
        log.warning("task timed out", task=task.id, seconds=task.timeout)
        if known.job is not None:
            await self._end(job.overdue(known.job, self._now(), task.timeout))
        elif await self._tasks.fail(task.id, await self._why_waiting(task), self._now()):
            self._bus.publish("delivery", task.id)

    async def _why_waiting(self, task: Task) -> str:
        """Why a task never had its turn, in a sentence."""
        waited = f"The task was still waiting in the queue after {task.timeout} seconds"
        channels: list[Channel] = await self._store.channels(task.user)
        try:
            bind(channels, {}, {})
        except errors.Problem as problem:
            return f"{waited}: {problem}"
        return waited

    async def _end(self, change: Change) -> None:
        ended = await self._store.apply(change)
        if ended is None:
            return
        self._bus.publish("job", ended.id)
        if ended.watched:
            self._bus.publish("delivery", ended.id)
        # Its lane stops it upstream, and its slot is free.
        self._bus.publish("channel", ended.channel)
        self._bus.publish("queue", ended.channel)
