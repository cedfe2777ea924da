"""Speaks to the bot for one channel: commands go up as interactions, and what comes down is read
as changes of jobs.

The driver holds the channel's jobs that are under way. It decides nothing about the store: it
says what a dispatch means for a job (`Reading`), and the worker applies that. Which job a message
belongs to is the matcher's business, what the text says is `content`'s, and what an embed means
stands in `notices`.
"""

from typing import Any

import msgspec

from heliograph import job as jobs
from heliograph.job import Change, Job, Status
from heliograph.midjourney import buttons, content, interactions, notices
from heliograph.midjourney.matcher import Matcher
from heliograph.midjourney.notices import Notice
from heliograph.midjourney.response import response
from heliograph.midjourney.wire import Dispatch, Message, Payload, Wire

PAGE = 100
# A page holds a hundred messages; jobs under way are never this far back.
MAX_PAGES = 20
DISCORD_EPOCH_MS = 1_420_070_400_000


class Reading(msgspec.Struct, frozen=True):
    """What a dispatch means: changes of jobs, in order, and why the channel needs a person."""

    changes: tuple[Change, ...] = ()
    channel_error: str | None = None


NOTHING = Reading()


class Driver:
    """`jobs` are the jobs under way, by id, as last applied."""

    def __init__(self, wire: Wire) -> None:
        self.jobs: dict[str, Job] = {}
        self._wire = wire
        self._matcher = Matcher(user=wire.user)
        self._latest: dict[str, Message] = {}

    def adopt(self, job: Job) -> None:
        """Takes a job up: one that is about to be sent, or one that was sent before a restart."""
        self.jobs[job.id] = job
        self._matcher.restore(
            job.id,
            nonce=job.nonce,
            interaction=job.interaction,
            message=job.message,
            uuid=job.uuid,
        )

    def keep(self, job: Job) -> None:
        """The job as it stands after a change."""
        if job.id in self.jobs:
            self.jobs[job.id] = job

    def drop(self, id: str) -> None:
        """The job has ended."""
        self.jobs.pop(id, None)
        self._latest.pop(id, None)
        self._matcher.forget(id)

    async def send(self, job: Job) -> None:
        """Sends an adopted job's command. Raises WireRefused or WireLost."""
        await self._wire.interact(self._payload(job))

    async def cancel(self, id: str) -> bool:
        """Presses the bot's own Cancel Job; False while there is no message of the job's to press
        it on. Raises WireRefused or WireLost."""
        message = self._latest.get(id)
        if message is None:
            return False
        nonce = interactions.nonce(self.jobs[id].nonce, "cancel")
        offered = buttons.cancel(message)
        if offered is not None:
            await self._wire.interact(interactions.press(message, offered, nonce))
        else:
            await self._wire.interact(interactions.message_command("Cancel Job", message, nonce))
        return True

    async def history(self, *, since: int) -> list[Message]:
        """The channel's messages from `since` (ms) on, oldest first."""
        found: list[Message] = []
        for _ in range(MAX_PAGES):
            before = found[-1]["id"] if found else None
            page = await self._wire.history(limit=PAGE, before=before)
            found += page
            if len(page) < PAGE or _sent_at(page[-1]) < since:
                break
        return found[::-1]

    def unheard(self) -> list[str]:
        """Jobs that were sent, but of which the channel shows nothing."""
        return [id for id in self.jobs if id not in self._latest and self.jobs[id].sent is not None]

    def lost(self, sent_before: int) -> list[str]:
        """Jobs sent before that moment (ms) whose command nobody has acknowledged."""
        return [
            id
            for id in self.unheard()
            if self.jobs[id].interaction is None and (self.jobs[id].sent or 0) < sent_before
        ]

    def hear(self, dispatch: Dispatch, now: int) -> Reading:
        """What a dispatch says of the jobs under way; `now` in ms."""
        id = self._matcher.match(dispatch)
        job = self.jobs.get(id) if id else None
        if job is None:
            return NOTHING
        match dispatch.type:
            case "INTERACTION_SUCCESS" if job.status is Status.CREATED:
                return Reading((self._identified(job, jobs.start(job, now)),))
            case "INTERACTION_FAILURE":
                return Reading((_not_taken(job, dispatch, now),))
            case "MESSAGE_CREATE" | "MESSAGE_UPDATE":
                return self._understand(job, dispatch.data, now)
        challenge = notices.challenge(dispatch)
        return NOTHING if challenge is None else self._stop(job, challenge, None, now)

    def read(self, message: Message, now: int) -> Reading:
        """The same for a message out of the history."""
        id = self._matcher.match_message(message)
        job = self.jobs.get(id) if id else None
        return NOTHING if job is None else self._understand(job, message, now)

    def _understand(self, job: Job, message: Message, now: int) -> Reading:
        self._latest[job.id] = message
        notice = notices.read(message)
        if notice is not None and notice.kind != "queued":
            return self._stop(job, notice, message, now)
        text = content.read(message.get("content") or "")
        shown = response(message, cdn=self._wire.cdn)
        match text.kind:
            case "waiting" | "progress":
                return self._progress(job, shown, text.percent or 0, now)
            case "done":
                return Reading((self._identified(job, jobs.complete(job, now, shown)),))
            case "stopped":
                change = jobs.fail(job, now, "The job was stopped upstream", code=499)
                return Reading((self._identified(job, change),))
            case _:
                return NOTHING

    def _progress(self, job: Job, shown: dict[str, Any], percent: int, now: int) -> Reading:
        changes: list[Change] = []
        if job.status is Status.CREATED:
            changes.append(jobs.start(job, now))
        if percent >= job.percent and not _same_news(job.response, shown):
            changes.append(jobs.progress(job, now, shown, percent))
        if not changes:
            bound = self._identities(job)
            changes += [bound] if bound else []
        return Reading(tuple(self._identified(job, change) for change in changes))

    def _stop(self, job: Job, notice: Notice, message: Message | None, now: int) -> Reading:
        shown = response(message, cdn=self._wire.cdn) if message is not None else None
        if notice.kind == "moderated":
            change = jobs.moderate(job, now, notice.title, notice.description, shown)
        else:
            change = jobs.fail(
                job, now, notice.title, code=notice.code, details=notice.description, response=shown
            )
        locks = notice.kind in ("channel_error", "challenge")
        return Reading(
            (self._identified(job, change),), channel_error=notice.title if locks else None
        )

    def _identities(self, job: Job) -> Change | None:
        known = self._matcher.identities(job.id)
        return jobs.bind(job, interaction=known.interaction, message=known.message, uuid=known.uuid)

    def _identified(self, job: Job, change: Change) -> Change:
        bound = self._identities(job)
        if bound is None:
            return change
        return msgspec.structs.replace(change, columns=change.columns | bound.columns)

    def _payload(self, job: Job) -> Payload:
        return interactions.imagine(self._wire.channel, job.request["prompt"], job.nonce)


def _same_news(before: dict[str, Any] | None, after: dict[str, Any]) -> bool:
    if before is None:
        return False
    return all(before.get(key) == after.get(key) for key in ("id", "content", "attachments"))


def _not_taken(job: Job, dispatch: Dispatch, now: int) -> Change:
    reason = dispatch.data.get("reason_code")
    return jobs.fail(
        job, now, "The upstream failed to take the command", code=502, details=f"reason {reason}"
    )


def _sent_at(message: Message) -> int:
    """When a message was made, in ms since 1970, out of its snowflake."""
    return (int(message["id"]) >> 22) + DISCORD_EPOCH_MS
