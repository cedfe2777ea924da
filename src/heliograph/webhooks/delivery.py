"""Delivers what is due, in order, until it has been heard.

Theory. A delivery is a row that was committed together with the change it reports; what is in
memory here are only calls under way. So a crash loses nothing: a call whose outcome was not
written down is made again (at least once), and a job's next event is not due before the one before
it is settled (in order).

Each receiving host has a lane of its own with a bounded number of calls under way, so a dead host
costs the others nothing. Ten calls in a row that could not connect or timed out open its breaker:
from then on it gets one call at a time, the earliest that is due, until it answers anything. One
that has not answered yet gets two; all hosts together have a bound as well (`hosts`).

Outcomes are written in groups: whatever has come in while the last group was written is the next.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import structlog

from heliograph.bus.base import Bus
from heliograph.retry import Schedule, retry_after
from heliograph.webhooks import signing
from heliograph.webhooks.base import Attempt, Deliveries, Due, Settled
from heliograph.webhooks.calling import Caller, CallFailed
from heliograph.webhooks.hosts import Lane, Lanes

log: Any = structlog.get_logger("heliograph.webhooks")

POLL_SECONDS = 5.0
GONE = 410
SECRETS_SECONDS = 5.0

Render = Callable[[Due], bytes]
"""The body of a delivery."""


class Dispatcher:
    """Run it once for each store."""

    def __init__(
        self,
        deliveries: Deliveries,
        bus: Bus,
        caller: Caller,
        render: Render,
        *,
        schedule: Schedule,
        per_host: int,
        now: Callable[[], int],
        rng: Random,
        lanes: Lanes | None = None,
    ) -> None:
        self._deliveries = deliveries
        self._bus = bus
        self._caller = caller
        self._render = render
        self._schedule = schedule
        self._per_host = per_host
        self._now = now
        self._rng = rng
        self._lanes = Lanes() if lanes is None else lanes
        self._hinted: set[str] = set()
        self._woken = asyncio.Event()
        self._outcomes: list[tuple[Lane, Settled]] = []
        self._outcome = asyncio.Event()
        self._secrets: dict[int, tuple[float, list[str]]] = {}
        self._ending = False

    async def run(self) -> None:
        """Until cancelled. What was not delivered by then is still due."""
        leave = self._bus.subscribe("delivery", self._hear)
        try:
            async with asyncio.TaskGroup() as self._group:
                self._group.create_task(self._settle(), name="deliveries settled")
                try:
                    while True:
                        await self._poll()
                        await self._hints(time.monotonic() + POLL_SECONDS)
                finally:
                    # A timer may still fire, and the group takes no more tasks.
                    self._ending = True
        finally:
            leave()

    def _hear(self, job: str) -> None:
        self._hinted.add(job)
        self._woken.set()

    async def _poll(self) -> None:
        try:
            hosts = await self._deliveries.hosts()
        except Exception:
            log.exception("deliveries not read")
            return
        for host, due in hosts.items():
            self._mark_at(host, due)
        self._lanes.forget(hosts)

    async def _hints(self, until: float) -> None:
        """Looks after hinted jobs until it is time to poll again."""
        while (left := until - time.monotonic()) > 0:
            try:
                async with asyncio.timeout(left):
                    await self._woken.wait()
            except TimeoutError:
                return
            self._woken.clear()
            hinted, self._hinted = list(self._hinted), set()
            try:
                for host in await self._deliveries.hosts_of(hinted):
                    self._mark(host)
            except Exception:
                # The next poll finds what these hints were about.
                log.exception("deliveries not read")
                return

    def _mark_at(self, host: str, due: int) -> None:
        wait = (due - self._now()) / 1000
        if wait <= 0:
            self._mark(host)
        elif wait <= POLL_SECONDS:
            # Nearer than the next poll.
            asyncio.get_running_loop().call_later(wait, self._mark, host)

    def _mark(self, host: str) -> None:
        """Has the host's lane look for what is due."""
        if self._ending:
            return
        lane = self._lanes.of(host)
        lane.hinted = True
        if lane.task is None or lane.task.done():
            lane.task = self._group.create_task(self._serve(lane), name=f"webhooks {host}")
        lane.woken.set()

    async def _serve(self, lane: Lane) -> None:
        """Keeps a host's calls going while it has any due."""
        try:
            while lane.hinted or lane.known:
                lane.woken.clear()
                await self._fill(lane)
                while lane.waiting and len(lane.flying) < lane.most(self._per_host):
                    due = lane.waiting.pop(0)
                    lane.flying.add(due.id)
                    self._group.create_task(self._deliver(lane, due), name=f"webhook {due.id}")
                if lane.known:
                    await lane.woken.wait()
        except Exception:
            log.exception("webhooks interrupted", host=lane.host)

    async def _fill(self, lane: Lane) -> None:
        if not lane.hinted or len(lane.waiting) >= self._per_host:
            return
        lane.hinted = False
        limit, known = 4 * self._per_host, frozenset(lane.known)
        lane.settled.clear()
        found = await self._deliveries.due(lane.host, self._now(), limit, known)
        # What was settled while this was read may be among it, as it was before.
        fresh = [due for due in found if due.id not in lane.settled]
        lane.known.update(due.id for due in fresh)
        lane.waiting += fresh
        # A full page: there may be more behind it.
        lane.hinted = lane.hinted or len(found) == limit

    async def _deliver(self, lane: Lane, due: Due) -> None:
        async with self._lanes.call(lane):
            attempt, asked = await self._attempt(lane, due)
        settled = Settled(due=due, attempt=attempt, again=self._again(due, attempt, asked))
        lane.flying.discard(due.id)
        self._outcomes.append((lane, settled))
        self._outcome.set()
        lane.woken.set()

    async def _attempt(self, lane: Lane, due: Due) -> tuple[Attempt, float | None]:
        """One call, and the pause that its answer asked for."""
        began, started = self._now(), time.monotonic()
        try:
            body = self._render(due)
            answer = await self._caller.post(due.target.url, body, await self._headers(due, body))
        except CallFailed as failed:
            lane.unheard(dead=failed.dead)
            return Attempt(at=began, ms=_ms(started), error=str(failed)), None
        except Exception:
            log.exception("webhook broke", delivery=due.id, job=due.event.job)
            return Attempt(at=began, ms=_ms(started), error="The delivery broke here"), None
        text = answer.body.decode("utf-8", "replace")
        attempt = Attempt(at=began, ms=_ms(started), status=answer.status, answer=text)
        lane.answered(attempt.ms)
        return attempt, retry_after(answer.retry_after, self._now() / 1000)

    async def _headers(self, due: Due, body: bytes) -> dict[str, str]:
        id = f"msg_{due.target.id}_{due.event.seq}"
        known = self._secrets.get(due.user)
        if known is None or time.monotonic() - known[0] > SECRETS_SECONDS:
            secrets = await self._deliveries.secrets(due.user, self._now())
            known = self._secrets[due.user] = (time.monotonic(), secrets)
        signed = signing.headers(id, self._now() // 1000, body, known[1])
        return {"Content-Type": "application/json", **signed}

    def _again(self, due: Due, attempt: Attempt, asked: float | None) -> int | None:
        """When it is tried again (ms); None when it was heard, or when it is given up."""
        if attempt.heard or attempt.status == GONE:
            return None
        pause = self._schedule.pause(due.attempts + 1, self._rng, asked=asked)
        return None if pause is None else self._now() + int(pause * 1000)

    async def _settle(self) -> None:
        while True:
            await self._outcome.wait()
            self._outcome.clear()
            batch, self._outcomes = self._outcomes, []
            try:
                next_up = await self._deliveries.settle([one for _, one in batch], self._now())
            except Exception:
                # A disk that is full or locked for a moment. Not knowing better, they are made
                # again: at least once.
                log.exception("deliveries not settled")
                await asyncio.sleep(1)
                next_up = set()
            self._release(batch)
            for host in next_up:
                self._mark(host)

    def _release(self, batch: "Sequence[tuple[Lane, Settled]]") -> None:
        for lane, settled in batch:
            lane.known.discard(settled.due.id)
            lane.settled.add(settled.due.id)
            lane.hinted = True
            lane.woken.set()
            if settled.again is not None:
                self._mark_at(lane.host, settled.again)
            elif not settled.attempt.heard:
                log.warning(
                    "webhook given up",
                    delivery=settled.due.id,
                    job=settled.due.event.job,
                    attempts=settled.due.attempts + 1,
                )


def _ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
