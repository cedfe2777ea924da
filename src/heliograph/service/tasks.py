"""The v1 API's door: tasks are submitted and looked up. What happens to them is the scheduler's."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from heliograph import command, task
from heliograph.bus.base import Bus
from heliograph.job import JOB_EXPIRY_DAYS, Job, JobType
from heliograph.midjourney import content, prompt
from heliograph.service import callbacks
from heliograph.service.callbacks import Refuses
from heliograph.store import base
from heliograph.task import Known, Mode, Task

DAY_MS = 86_400_000


class Tasks:
    """What a user may do with tasks. `most` is how many of a user's jobs and tasks may wait."""

    def __init__(
        self,
        tasks: base.Tasks,
        bus: Bus,
        *,
        refuses: Refuses,
        most: int,
        now: Callable[[], int],
    ) -> None:
        self._tasks = tasks
        self._bus = bus
        self._refuses = refuses
        self._most = most
        self._now = now

    async def submit(self, user: int, asked: command.Task) -> tuple[Task, bool]:
        """Puts a task into the queue, or finds the one that was made with the same key; says
        whether it is new. Raises Invalid, KeyReused, TooManyTasks or QuotaUsed."""
        callbacks.check(self._refuses, "hookUrl", asked.hook_url)
        made = task.new(
            now=self._now(),
            user=user,
            prompt=asked.prompt,
            mode=_mode(asked),
            hook_url=asked.hook_url,
            timeout=asked.timeout,
        )
        type = JobType.VIDEO if prompt.is_video(asked.prompt) else JobType.IMAGE
        found = await self._tasks.submit(
            made,
            type,
            month=month_of(made.created),
            most=self._most,
            key=(asked.key, f"task {asked.digest}") if asked.key else None,
        )
        self._bus.publish("queue", found.id)
        return found, found.id == made.id

    async def find(self, user: int, ids: Sequence[str]) -> list[Known]:
        """The user's tasks of the last 62 days among those ids, in their order."""
        return await self._tasks.find(user, ids, self._now() - JOB_EXPIRY_DAYS * DAY_MS)


def echo_of(job: Job | None) -> str:
    """A task's prompt as the bot wrote it back; "" until it did."""
    return content.echoed((job and job.response) or {})


def month_of(moment: int) -> int:
    """When the moment's calendar month began, UTC; both in ms since 1970."""
    at = datetime.fromtimestamp(moment / 1000, UTC)
    return int(datetime(at.year, at.month, 1, tzinfo=UTC).timestamp() * 1000)


def _mode(asked: command.Task) -> Mode:
    # What the prompt says goes up as it is; turbo is even faster than fast.
    speed = prompt.speed(asked.prompt)
    if speed is None:
        return asked.mode
    return "relaxed" if speed == "relax" else "fast"
