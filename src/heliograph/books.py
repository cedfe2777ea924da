"""The rows of one channel's jobs: what the driver says is written down here, and told."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import structlog

from heliograph import errors, job
from heliograph.bus.base import Bus
from heliograph.channel import Channel
from heliograph.job import Change, Job, Status
from heliograph.midjourney.driver import Driver
from heliograph.midjourney.files import FileRefused
from heliograph.midjourney.reading import Reading
from heliograph.store.base import Store

log: Any = structlog.get_logger("heliograph.worker")

# More than end in any gap between two connections.
MOST_RESULTS = 1_000
# Shorter than the bot's silence after which a job counts as moderated.
COPY_SECONDS = 30.0


class Books:
    """`woken` is set when there is something to do for the lane; `now` is in ms."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        now: Callable[[], int],
        channel: Channel,
        woken: asyncio.Event,
    ) -> None:
        # Held while rows and the driver's memory are compared or changed together.
        self.lock = asyncio.Lock()
        # The messages in which jobs ended, the latest of them.
        self.results: deque[str] = deque(maxlen=MOST_RESULTS)
        # Jobs whose results are being copied, and who looks after that.
        self._copying: set[str] = set()
        self._group: asyncio.TaskGroup | None = None
        self._store = store
        self._bus = bus
        self._now = now
        self._id = channel.id
        self._own = channel.own
        self._woken = woken
        self._log = log.bind(channel=channel.id)

    @contextlib.contextmanager
    def copying_in(self, group: asyncio.TaskGroup) -> Iterator[None]:
        """Copies results in tasks of that group, while the channel goes on."""
        self._group = group
        try:
            yield
        finally:
            self._group = None
            self._copying.clear()

    async def act(self, driver: Driver, reading: Reading) -> None:
        """Does what a dispatch means."""
        # The channel first: whoever is told of the job's end finds it locked.
        if reading.channel_error:
            await self.close(reading.channel_error)
        for change in reading.changes:
            if not self._own and _results(change):
                await self._finish(driver, change)
            else:
                async with self.lock:
                    await self._apply(driver, change)
        if reading.more:
            self._woken.set()

    async def end(
        self, driver: Driver, ending: Job, problem: errors.Upstream, details: str | None = None
    ) -> None:
        """Fails a job for that reason."""
        change = job.fail(ending, self._now(), str(problem), code=problem.code, details=details)
        await self.act(driver, Reading(changes=(change,)))

    async def close(self, reason: str) -> None:
        """Locks the channel until a person has looked at it."""
        self._log.error("channel needs a person", reason=reason)
        if await self._store.lock_channel(self._id, reason, self._now()):
            self._bus.publish("mail", self._id)

    async def commit(self, change: Change) -> Job | None:
        """Applies a change and tells those whom it concerns; None when it holds no longer."""
        changed = await self._store.apply(change)
        if changed is None:
            return None
        if change.event is not None:
            self._bus.publish("job", changed.id)
            if changed.watched:
                self._bus.publish("delivery", changed.id)
        if not changed.running:
            self._bus.publish("queue", changed.channel)
            self._log.info("job ended", job=changed.id, status=changed.status.value)
        return changed

    async def _finish(self, driver: Driver, change: Change) -> None:
        """Copies what a job came to before it ends, while the channel goes on."""
        if change.job in self._copying:
            return
        self._copying.add(change.job)
        copying = self._copy(driver, change)
        if self._group is None:
            # Still re-attaching: the next message may be told apart by what is known now.
            await copying
        else:
            self._group.create_task(copying, name=f"copying {change.job}")

    async def _copy(self, driver: Driver, change: Change) -> None:
        response = change.columns["response"]
        try:
            async with asyncio.timeout(COPY_SECONDS):
                copies = await driver.copies(response)
            columns = change.columns | {"response": response | {"attachments": copies}}
            change = msgspec.structs.replace(change, columns=columns)
        except (FileRefused, TimeoutError) as error:
            # The upstream's own URLs work for a day.
            self._log.warning("results not copied", job=change.job, reason=str(error))
        except Exception:
            # A full disk, for instance: the same at the next attempt, and no reason to lose a job.
            self._log.exception("results not copied", job=change.job)
        finally:
            self._copying.discard(change.job)
        async with self.lock:
            await self._apply(driver, change)

    async def _apply(self, driver: Driver, change: Change) -> None:
        changed = await self.commit(change)
        if changed is None:
            # Out of date, or the job has ended behind the lane's back, which finds out.
            self._woken.set()
        elif changed.running:
            driver.keep(changed)
        else:
            driver.drop(changed.id)
            self.results.append(str((changed.response or {}).get("id")))
            await self._note_speed(changed)

    async def _note_speed(self, ended: Job) -> None:
        """How the channel's jobs run from now on, where the answer told it."""
        settings = (ended.response or {}).get("settings") or {}
        if ended.status is Status.COMPLETED and "relax" in settings:
            await self._store.set_channel_speed(self._id, relaxed=bool(settings["relax"]))


def _results(change: Change) -> list[dict[str, Any]]:
    """The files with which a change completes its job."""
    if change.columns.get("status") is not Status.COMPLETED:
        return []
    found: list[dict[str, Any]] = (change.columns.get("response") or {}).get("attachments") or []
    return found
