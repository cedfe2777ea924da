"""Jobs are submitted, read and cancelled here. What happens to them is the worker's."""

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

from heliograph import command, errors, job
from heliograph.bus.base import Bus
from heliograph.calm import Calm
from heliograph.clock import milliseconds
from heliograph.job import JOB_EXPIRY_DAYS, Child, Job, JobType, Status
from heliograph.midjourney import buttons, prompt
from heliograph.service import callbacks
from heliograph.service.callbacks import Refuses
from heliograph.service.draft import JobDraft
from heliograph.service.uploads import Inbox, Uploads
from heliograph.store.base import How, Store

DAY_MS = 86_400_000
QUEUE_MOST = 1_000
SEED = "seed"
REGION, CUSTOM_ZOOM = "Vary (Region)", "Custom Zoom"


class Submitted(msgspec.Struct, frozen=True):
    """A job, and how it came: what may be had once is answered with what is there, and so is a
    command that is sent again with its key."""

    job: Job
    how: How = "new"


class Jobs:
    """What a user may do with jobs. Every method takes the user, and shows nothing of another's.
    `queue_most` is how many of a user's jobs and tasks may wait."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        calm: Calm,
        *,
        inbox: Inbox,
        refuses: Refuses = lambda url: None,
        queue_most: int = QUEUE_MOST,
        now: Callable[[], int] = milliseconds,
        rng: Random | None = None,
    ) -> None:
        self._store = store
        self._bus = bus
        self._calm = calm
        self._uploads = Uploads(inbox)
        self._refuses = refuses
        self._queue_most = queue_most
        self._now = now
        self._rng = rng or Random()

    async def imagine(self, user: int, asked: command.Imagine) -> Submitted:
        """Creates the job on a channel with room. Raises what `channel.choose` raises."""
        type = JobType.VIDEO if prompt.is_video(asked.prompt) else JobType.IMAGE
        return await self._admit(user, "imagine", type, asked)

    async def button(self, user: int, asked: command.Button) -> Submitted:
        """Presses a button of a finished job, in that job's channel; U1 to U4 once a job.

        Raises ParentNotFound, ParentExpired, Invalid, and what `channel.choose` raises.
        """
        parent = await self._parent(user, asked.job)
        _must_be_complete(parent, "")
        message = parent.response or {}
        found = buttons.find(message, asked.button)
        if found is None:
            raise errors.Invalid(_not_offered(asked.button, buttons.labels(message)))
        label = found.label
        inputs: dict[str, Any] = {
            "message": message,
            "custom_id": found.custom_id,
            "label": label,
            "prompt": asked.prompt,
        }
        if label == REGION:
            inputs["mask"] = await self._uploads.mask(message, asked.mask)
        elif label == CUSTOM_ZOOM and not (asked.prompt or "").strip():
            raise errors.Invalid(f"Parameter prompt is required for {CUSTOM_ZOOM}")
        video = parent.type is JobType.VIDEO or buttons.is_video(label)
        return await self._admit(
            user,
            "button",
            JobType.VIDEO if video else JobType.IMAGE,
            asked,
            parent=parent,
            once=label if label in buttons.ONCE else None,
            inputs=inputs,
        )

    async def seed(self, user: int, asked: command.Seed) -> Submitted:
        """Asks for a finished job's seed, once. Raises as `button` does."""
        parent = await self._parent(user, asked.job)
        _must_be_complete(parent, " to get seed")
        if parent.type is not JobType.IMAGE:
            kind = f'"{parent.type.value}"' if parent.type else "not set"
            raise errors.Invalid(f'Parent job type is {kind}, must be "image" to get seed')
        if not parent.uuid or not (parent.response or {}).get("id"):
            raise errors.Invalid("Parent job has no message to get the seed of")
        inputs = {"message": parent.response, "uuid": parent.uuid}
        return await self._admit(user, "seed", None, asked, parent=parent, once=SEED, inputs=inputs)

    async def blend(self, user: int, asked: command.Blend) -> Submitted:
        """Creates the job on a channel with room. Raises Invalid and what `choose` raises."""
        inputs = {
            "images": await self._uploads.images(asked.images),
            "dimensions": asked.dimensions or "Square",
        }
        return await self._admit(user, "blend", JobType.IMAGE, asked, inputs=inputs)

    async def describe(self, user: int, asked: command.Describe) -> Submitted:
        """Creates the job on a sound channel. Raises Invalid and what `choose` raises."""
        inputs = {"images": await self._uploads.images([asked.image])}
        return await self._admit(user, "describe", None, asked, inputs=inputs)

    async def setting(self, user: int, asked: command.Setting) -> Submitted:
        """Creates the job on the named or the only channel. Raises ChannelRequired and others."""
        return await self._admit(user, asked.verb, None, asked, sole=True)

    async def job(self, user: int, id: str) -> Job:
        """Raises JobNotFound, also for another user's job, and JobExpired after 62 days."""
        found = await self._store.job(id)
        if found is None or found.user != user:
            raise errors.JobNotFound
        if self._now() - found.created > JOB_EXPIRY_DAYS * DAY_MS:
            raise errors.JobExpired(job=id)
        return found

    async def children(self, parent: Job) -> list[Child]:
        """The jobs that were made from a finished image or video job, oldest first."""
        if parent.status is not Status.COMPLETED or parent.type is None:
            return []
        return await self._store.children(parent.id)

    async def running(self, user: int) -> list[Job]:
        return await self._store.running(user)

    async def cancel(self, user: int, id: str) -> Job:
        """Ends a running job (decision 23). Raises JobNotFound, JobExpired or JobEnded."""
        found = await self.job(user, id)
        ended = await self._store.apply(job.cancel(found, self._now()))
        if ended is None:
            # It ended between the reading and the writing: say how.
            now_ended = await self.job(user, id)
            raise errors.JobEnded(state=now_ended.status.value)
        self._bus.publish("job", id)
        self._bus.publish("channel", ended.channel)
        self._bus.publish("queue", ended.channel)
        if ended.watched:
            self._bus.publish("delivery", id)
        return ended

    async def _parent(self, user: int, id: str) -> Job:
        try:
            return await self.job(user, id)
        except errors.JobNotFound:
            raise errors.ParentNotFound from None
        except errors.JobExpired:
            raise errors.ParentExpired from None

    async def _admit(
        self,
        user: int,
        verb: str,
        type: JobType | None,
        asked: command.Command,
        *,
        sole: bool = False,
        parent: Job | None = None,
        once: str | None = None,
        inputs: dict[str, Any] | None = None,
    ) -> Submitted:
        draft = JobDraft(
            user=user,
            verb=verb,
            type=type,
            request=asked.echo,
            named=parent.channel if parent else asked.channel,
            now=self._now,
            rng=self._rng,
            sole=sole,
            once=(parent.id, once) if parent and once else None,
            key=(asked.key, f"{verb} {asked.digest}") if asked.key else None,
            parent=parent.id if parent else None,
            inputs=inputs or {},
            queue=self._queue_most if asked.queue else None,
        )
        try:
            callbacks.check(self._refuses, "replyUrl", asked.reply_url)
            with self._calm.disturbed():
                admitted, how = await self._store.admit(user, draft)
        except BaseException:
            await self._uploads.drop(draft.inputs)
            raise
        if how == "new":
            self._bus.publish("channel", admitted.channel)
        else:
            await self._uploads.drop(draft.inputs)
        if admitted.watched:
            self._bus.publish("delivery", admitted.id)
        return Submitted(admitted, how)


def _must_be_complete(parent: Job, purpose: str) -> None:
    if parent.status is not Status.COMPLETED:
        state = parent.status.value
        raise errors.Invalid(f'Parent job status is "{state}", must be "completed"{purpose}')


def _not_offered(label: str, labels: list[str]) -> str:
    if not labels:
        return f"Button {label} is not available: the parent job offers no buttons"
    return f"Button {label} is not available. Available buttons: {', '.join(labels)}"
