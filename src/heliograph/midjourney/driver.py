"""Speaks to the bot for one channel: commands go up as interactions, and what comes down is read
as changes of jobs.

The driver holds the channel's jobs that are under way. It decides nothing about the store: it
says what a dispatch means for a job (`Reading`), and the worker applies that. Which job a message
belongs to is the matcher's business, what it says of that job is `reading`'s, and the steps of a
command are `sending`'s.
"""

from collections.abc import Collection, Coroutine
from typing import Any

import msgspec

from heliograph import errors
from heliograph import job as jobs
from heliograph.job import Job, Status
from heliograph.midjourney import (
    buttons,
    content,
    copies,
    elimination,
    endings,
    history,
    interactions,
    notices,
    reading,
    repeats,
)
from heliograph.midjourney.endings import Endings
from heliograph.midjourney.files import Files
from heliograph.midjourney.matcher import Matcher
from heliograph.midjourney.notices import Notice
from heliograph.midjourney.reading import NOTHING, Reading
from heliograph.midjourney.response import WITHOUT_PICTURE
from heliograph.midjourney.sending import (
    FORM_SECONDS,
    FORMS,
    SHOWN_SECONDS,
    Answer,
    Filling,
    Sender,
    form_nonce,
)
from heliograph.midjourney.wire import Dispatch, Message, Wire


class Driver:
    """`jobs` are the jobs under way, by id, as last applied."""

    def __init__(
        self,
        wire: Wire,
        files: Files,
        filling: Filling,
        *,
        form_seconds: float = FORM_SECONDS,
        shown_seconds: float = SHOWN_SECONDS,
    ) -> None:
        """`filling` notes that a job's form is about to be filled in. `form_seconds` is how long a
        press may take to open its form, `shown_seconds` how long the bot may take to show a job
        whose seed is asked for."""
        self.jobs: dict[str, Job] = {}
        self._wire = wire
        self._files = files
        self._matcher = Matcher(user=wire.user)
        self._sender = Sender(
            wire, files, filling, form_seconds=form_seconds, shown_seconds=shown_seconds
        )
        self._latest: dict[str, Message] = {}
        self._endings = Endings()
        self._sending: set[str] = set()
        # Jobs whose sending broke off, or was not watched to its end, and since when (ms).
        self._doubted: dict[str, int] = {}
        # Jobs that ask for what has been made before, with the notice that says so.
        self._repeated: dict[str, tuple[Notice, Message]] = {}

    def adopt(self, job: Job) -> None:
        """Takes a job up: one that is about to be sent, or one that was sent before a restart."""
        self.jobs[job.id] = job
        pressed = job.inputs.get("message") if job.verb == "button" else None
        self._matcher.restore(
            job.id,
            nonce=job.nonce,
            interaction=job.interaction,
            message=job.message,
            uuid=job.uuid,
            parent_message=str(pressed["id"]) if pressed else None,
            pressed=job.inputs["custom_id"] if pressed else None,
            seed_of=job.inputs.get("uuid") if job.verb == "seed" else None,
        )
        if pressed:
            self._matcher.expect(job.id, form_nonce(job))
        self._sender.opened(job)

    def keep(self, job: Job) -> None:
        """The job as it stands after a change."""
        if job.id in self.jobs:
            self.jobs[job.id] = job
            self._sender.opened(job)

    def drop(self, id: str) -> None:
        """The job has ended."""
        self.jobs.pop(id, None)
        self._latest.pop(id, None)
        self._endings.clear(id)
        self._doubted.pop(id, None)
        self._repeated.pop(id, None)
        self._matcher.forget(id)
        self._sender.drop(id)

    async def send(self, job: Job) -> None:
        """Sends an adopted job's command, in as many steps as it takes; `hear` must go on
        meanwhile, in another task.

        Raises WireRefused, WireLost, FileRefused, and errors.Upstream where the bot didn't do its
        part in time.
        """
        await self._say(job, self._sender.send(job), job.sent or 0)

    def halfway(self) -> list[tuple[Job, Answer]]:
        """Jobs whose sending was cut off between two steps, with what has come now and lets it
        `go_on`. Each is told once."""
        return [
            (job, answer)
            for id, answer in self._sender.halfway().items()
            if (job := self.jobs.get(id)) is not None
        ]

    async def go_on(self, job: Job, answer: Answer, now: int) -> None:
        """Takes the next step of one of `halfway`, at that moment (ms). Raises as `send` does."""
        self._doubted.pop(job.id, None)
        await self._say(job, self._sender.go_on(job, answer), now)

    async def _say(self, job: Job, saying: Coroutine[None, None, None], since: int) -> None:
        self._sending.add(job.id)
        try:
            await saying
        except Exception:
            # The bot may have taken it all the same; a job that was refused is ended at once.
            self._doubted[job.id] = since
            raise
        finally:
            self._sending.discard(job.id)
            if job.id not in self.jobs:
                # It has ended meanwhile, and nothing is kept of it.
                self.drop(job.id)

    async def cancel(self, id: str) -> bool:
        """Presses the bot's own Cancel Job; False while there is no message of the job's to press
        it on. Raises WireRefused or WireLost."""
        if self.jobs[id].verb in WITHOUT_PICTURE:
            # Nothing is being made that could be stopped.
            return True
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
        return await history.since(self._wire, since)

    async def copies(self, result: Message) -> list[dict[str, Any]]:
        """A result's attachments as copies of our own. Raises FileRefused."""
        return await copies.made(self._files, self._wire, result)

    def recognise(self, messages: list[Message], claimed: Collection[str]) -> None:
        """Finds messages of jobs of which no identity is known, where only one can be meant;
        `claimed` are the messages of jobs that have ended. `read` then knows whose they are."""
        known = {*claimed, *(str(message["id"]) for message in self._latest.values())}
        jobs = [
            job for job in self.jobs.values() if job.id not in self._latest and not job.interaction
        ]
        free = [message for message in messages if self._matcher.match_message(message) is None]
        user = self._wire.user
        for id, message in elimination.pairs(jobs, free, user=user, claimed=known):
            self._matcher.bind(id, message)

    def unheard(self, now: int) -> list[str]:
        """After a restart, when the history has been read: jobs that were sent, but of which the
        channel shows nothing that goes on. Where the history lags behind, and where the answer is
        private, which no history shows, they may still show up: such are doubted from `now` (ms)
        on, and named by `lost` should they not."""
        unheard = []
        for id, job in self.jobs.items():
            if job.sent is None:
                continue
            private = job.verb in WITHOUT_PICTURE and job.interaction is not None
            if id in self._latest or self._sender.may_go_on(id):
                continue
            if not self._wire.lag_ms and not private:
                unheard.append(id)
            else:
                self._doubted[id] = now
        return unheard

    def doubt(self, job: Job) -> errors.Upstream:
        """Why a job is given up of which nothing was heard."""
        return self._sender.doubt(job)

    def lost(self, before: int) -> list[str]:
        """Jobs sent, or doubted, before that moment (ms) of which it isn't known whether the bot
        took them."""
        return [
            id
            for id, job in self.jobs.items()
            if id not in self._sending
            and job.sent is not None
            and self._doubted.get(id, job.sent) < before
            and (id in self._doubted or (id not in self._latest and job.interaction is None))
        ]

    def unseen(self, now: int) -> list[Job]:
        """Jobs that seem to have ended, though their result did not come: the history may have it.
        Each is told once; `now` in ms."""
        return [self.jobs[id] for id in self._endings.unseen(now) if id in self.jobs]

    def repeated(self) -> list[tuple[Job, int]]:
        """Jobs that ask for what was made before, each with the moment (ms) from which on `made`
        needs the history."""
        return [(job, repeats.since(job)) for id in self._repeated if (job := self.jobs.get(id))]

    def made(self, job: Job, messages: list[Message], now: int) -> Reading:
        """Ends such a job with what the history shows, else with the bot's refusal; `now` in ms."""
        if job.id not in self._repeated:
            # It has ended meanwhile.
            return NOTHING
        notice, refusal = self._repeated.pop(job.id)
        message = repeats.made(job, messages)
        if message is None:
            return self._stopped(job, notice, refusal, now)
        self._matcher.bind(job.id, str(message["id"]))
        self._matcher.match_message(message)
        return self._understand(job, message, now)

    def overdue(self, now: int) -> Reading:
        """Ends jobs that were stopped, or whose message was deleted, and of which nothing more was
        heard; `now` in ms."""
        changes = [
            change
            for id, ending in self._endings.due(now)
            if (job := self.jobs.get(id)) is not None
            for change in self._identified(job, Reading((endings.end(job, ending, now),))).changes
        ]
        return Reading(tuple(changes))

    def hear(self, dispatch: Dispatch, now: int) -> Reading:
        """What a dispatch says of the jobs under way; `now` in ms."""
        id = self._matcher.match(dispatch)
        job = self.jobs.get(id) if id else None
        if job is None:
            return NOTHING
        if (challenge := notices.challenge(dispatch)) is not None:
            return self._stopped(job, challenge, None, now)
        match dispatch.type:
            case "INTERACTION_SUCCESS" if job.status is Status.CREATED:
                return self._identified(job, Reading((jobs.start(job, now),)))
            case "INTERACTION_FAILURE":
                return reading.not_taken(job, dispatch, now)
            case "MESSAGE_CREATE" | "MESSAGE_UPDATE":
                return self._understand(job, dispatch.data, now)
            case "MESSAGE_DELETE":
                self._deleted(job, dispatch.data, now)
            case type if type in FORMS and "form" not in job.inputs:
                if not self._sender.filled(job):
                    form = {"type": type, "data": dispatch.data}
                    return self._identified(job, Reading((jobs.opened(job, form),), more=True))
        return NOTHING

    def read(self, message: Message, now: int) -> Reading:
        """The same for a message out of the history."""
        id = self._matcher.match_message(message)
        job = self.jobs.get(id) if id else None
        return NOTHING if job is None else self._understand(job, message, now)

    def _understand(self, job: Job, message: Message, now: int) -> Reading:
        message = self._whole(job, message)
        self._latest[job.id] = message
        self._endings.clear(job.id)
        self._doubted.pop(job.id, None)
        self._sender.heard(job, message)
        notice = notices.read(message)
        if notice is not None and repeats.may_be_one(job, notice):
            self._repeated[job.id] = notice, message
            return self._identified(job, Reading(more=True))
        if reading.says_stopped(job, message, notice):
            self._endings.near(job.id, "stopped", now)
        understood = reading.understood(job, message, notice, cdn=self._wire.cdn, now=now)
        return self._identified(job, understood)

    def _whole(self, job: Job, message: Message) -> Message:
        """Discord's own edits, of embeds for instance, bring nothing but what they change."""
        latest = self._latest.get(job.id)
        if latest is None or "content" in message or latest["id"] != message.get("id"):
            return message
        return {**latest, **message}

    def _deleted(self, job: Job, data: dict[str, Any], now: int) -> None:
        latest = self._latest.get(job.id)
        if latest is None or str(latest["id"]) != str(data["id"]):
            return
        # A notice that is taken away, such as that of a full queue, ends nothing.
        if content.read(latest.get("content") or "").kind != "none":
            self._endings.near(job.id, "deleted", now)

    def _stopped(self, job: Job, notice: Notice, message: Message | None, now: int) -> Reading:
        stopped = reading.stopped(job, notice, message, cdn=self._wire.cdn, now=now)
        return self._identified(job, stopped)

    def _identified(self, job: Job, read: Reading) -> Reading:
        """The same with what is known of the job's identities by now."""
        known = self._matcher.identities(job.id)
        bound = jobs.bind(
            job, interaction=known.interaction, message=known.message, uuid=known.uuid
        )
        more = read.more or self._sender.may_go_on(job.id)
        if bound is None:
            return msgspec.structs.replace(read, more=more)
        changes = tuple(
            msgspec.structs.replace(change, columns=change.columns | bound.columns)
            for change in read.changes
        )
        return msgspec.structs.replace(read, changes=changes or (bound,), more=more)
