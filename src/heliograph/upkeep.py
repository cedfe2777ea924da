"""What has to be done from time to time, whoever asks or doesn't: jobs that time out, keys that
have had their day.

A job is given up when nothing was heard of it for a while (`updated` of its row is its last news).
Relaxed jobs wait longer, since the bot may let them wait for an hour. What it was given up for may
still come; then it finds a job that has ended, and changes nothing.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import structlog

from heliograph import job
from heliograph.bus.base import Bus
from heliograph.job import Job
from heliograph.midjourney import content, prompt
from heliograph.store.base import Silent, Store

log: Any = structlog.get_logger("heliograph.upkeep")

# Time-outs are minutes: nobody notices a few seconds.
ROUND_SECONDS = 5.0
MINUTE_MS = 60_000
DAY_MS = 86_400_000
PRUNED = 500


class Patience(msgspec.Struct, frozen=True):
    """How many minutes a job may be silent."""

    minutes: float = 14
    relaxed_minutes: float = 60

    def of(self, silent: Silent) -> float:
        return self.relaxed_minutes if _relaxed(silent) else self.minutes

    @property
    def least(self) -> float:
        return min(self.minutes, self.relaxed_minutes)


class Keep(msgspec.Struct, frozen=True):
    """How many days rows are kept that nobody waits for any more."""

    event_days: float = 7
    delivery_days: float = 30


class Upkeep:
    """Run it once for each store."""

    def __init__(
        self, store: Store, bus: Bus, patience: Patience, keep: Keep, *, now: Callable[[], int]
    ) -> None:
        self._store = store
        self._bus = bus
        self._patience = patience
        self._keep = keep
        self._now = now

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.round()
            except Exception:
                log.exception("upkeep interrupted")
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self) -> None:
        """Ends the jobs of which nothing was heard for too long, and drops what is old."""
        now = self._now()
        await self._store.forget_keys(now - DAY_MS)
        await self._prune(now)
        for silent in await self._store.silent(now - int(self._patience.least * MINUTE_MS)):
            waiting, minutes = silent.job, self._patience.of(silent)
            heard = waiting.updated or waiting.created
            if now - heard >= minutes * MINUTE_MS:
                await self._end(waiting, minutes)

    async def _prune(self, now: int) -> None:
        # A few at a time, so that nobody waits for the writer: the next round is soon.
        await self._store.prune_events(now - int(self._keep.event_days * DAY_MS), PRUNED)
        await self._store.prune_deliveries(now - int(self._keep.delivery_days * DAY_MS), PRUNED)
        await self._store.prune_mails(now - int(self._keep.delivery_days * DAY_MS), PRUNED)

    async def _end(self, waiting: Job, minutes: float) -> None:
        ended = await self._store.apply(job.time_out(waiting, self._now(), f"{minutes:g}"))
        if ended is not None:
            log.warning("job timed out", job=ended.id, minutes=minutes)
            self._bus.publish("job", ended.id)
            if ended.watched:
                self._bus.publish("delivery", ended.id)
            # Its lane stops it upstream.
            self._bus.publish("channel", ended.channel)
            self._bus.publish("queue", ended.channel)


def _relaxed(silent: Silent) -> bool:
    """By the bot's own word, else by the prompt's, else by the channel's setting."""
    said = content.read((silent.job.response or {}).get("content") or "").mode
    if said is not None:
        return said == "relaxed"
    asked = prompt.speed(str(silent.job.request.get("prompt") or ""))
    return silent.relaxed if asked is None else asked == "relax"
