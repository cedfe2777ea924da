"""Speaks to the bot for one channel: commands go up as interactions, and what comes down is read
as changes of jobs.

The driver holds the channel's jobs that are under way. It decides nothing about the store: it
says what a dispatch means for a job (`Reading`), and the worker applies that. Which job a message
belongs to is the matcher's business, what the text says is `content`'s, what an embed means stands
in `notices`, and the steps of a command are `sending`'s.
"""

from collections.abc import Collection
from typing import Any

import msgspec

from heliograph import job as jobs
from heliograph.job import Change, Job, Status
from heliograph.midjourney import buttons, content, elimination, endings, interactions, notices
from heliograph.midjourney.endings import Endings
from heliograph.midjourney.files import Files
from heliograph.midjourney.matcher import Matcher
from heliograph.midjourney.notices import Notice
from heliograph.midjourney.response import WITHOUT_PICTURE, response
from heliograph.midjourney.sending import FORM_SECONDS, FORMS, SHOWN_SECONDS, Sender, form_nonce
from heliograph.midjourney.wire import Dispatch, Message, Wire, WireLost

PAGE = 100
# A page holds a hundred messages; jobs under way are never this far back.
MAX_PAGES = 20
_LOADING = 128


class Reading(msgspec.Struct, frozen=True):
    """What a dispatch means: changes of jobs, in order, and why the channel needs a person."""

    changes: tuple[Change, ...] = ()
    channel_error: str | None = None


NOTHING = Reading()


class Driver:
    """`jobs` are the jobs under way, by id, as last applied."""

    def __init__(
        self,
        wire: Wire,
        files: Files,
        *,
        form_seconds: float = FORM_SECONDS,
        shown_seconds: float = SHOWN_SECONDS,
    ) -> None:
        """`form_seconds` is how long a press may take to open its form, `shown_seconds` how long
        the bot may take to show a job whose seed is asked for."""
        self.jobs: dict[str, Job] = {}
        self._wire = wire
        self._matcher = Matcher(user=wire.user)
        self._sender = Sender(wire, files, form_seconds=form_seconds, shown_seconds=shown_seconds)
        self._latest: dict[str, Message] = {}
        self._endings = Endings()
        self._sending: set[str] = set()
        # Jobs whose sending broke off, or was not watched to its end, and since when (ms).
        self._doubted: dict[str, int] = {}

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

    def keep(self, job: Job) -> None:
        """The job as it stands after a change."""
        if job.id in self.jobs:
            self.jobs[job.id] = job

    def drop(self, id: str) -> None:
        """The job has ended."""
        self.jobs.pop(id, None)
        self._latest.pop(id, None)
        self._endings.clear(id)
        self._doubted.pop(id, None)
        self._matcher.forget(id)
        self._sender.drop(id)

    async def send(self, job: Job) -> None:
        """Sends an adopted job's command, in as many steps as it takes; `hear` must go on
        meanwhile, in another task.

        Raises WireRefused, WireLost, FileRefused, and errors.Upstream where the bot didn't do its
        part in time.
        """
        self._sending.add(job.id)
        try:
            await self._sender.send(job)
        except WireLost:
            self._doubted[job.id] = job.sent or 0
            raise
        finally:
            self._sending.discard(job.id)

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
        found: list[Message] = []
        for _ in range(MAX_PAGES):
            before = found[-1]["id"] if found else None
            page = await self._wire.history(limit=PAGE, before=before)
            found += page
            if len(page) < PAGE or elimination.sent_at(str(page[-1]["id"])) < since:
                break
        return found[::-1]

    def recognise(self, history: list[Message], claimed: Collection[str]) -> None:
        """Finds messages of jobs of which no identity is known, where only one can be meant;
        `claimed` are the messages of jobs that have ended. `read` then knows whose they are."""
        known = {*claimed, *(str(message["id"]) for message in self._latest.values())}
        jobs = [
            job for job in self.jobs.values() if job.id not in self._latest and not job.interaction
        ]
        free = [message for message in history if self._matcher.match_message(message) is None]
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
            # A seed takes a second step, which nobody will take any more.
            if job.verb == "seed" or (
                id not in self._latest and not self._wire.lag_ms and not private
            ):
                unheard.append(id)
            elif id not in self._latest:
                self._doubted[id] = now
        return unheard

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

    def overdue(self, now: int) -> Reading:
        """Ends jobs that were stopped, or whose message was deleted, and of which nothing more was
        heard; `now` in ms."""
        changes = [
            self._identified(job, endings.end(job, ending, now))
            for id, ending in self._endings.due(now)
            if (job := self.jobs.get(id)) is not None
        ]
        return Reading(tuple(changes))

    def hear(self, dispatch: Dispatch, now: int) -> Reading:
        """What a dispatch says of the jobs under way; `now` in ms."""
        id = self._matcher.match(dispatch)
        job = self.jobs.get(id) if id else None
        if job is None:
            return NOTHING
        if (challenge := notices.challenge(dispatch)) is not None:
            return self._stop(job, challenge, None, now)
        match dispatch.type:
            case "INTERACTION_SUCCESS" if job.status is Status.CREATED:
                return Reading((self._identified(job, jobs.start(job, now)),))
            case "INTERACTION_FAILURE":
                return Reading((_not_taken(job, dispatch, now),))
            case "MESSAGE_CREATE" | "MESSAGE_UPDATE":
                return self._understand(job, dispatch.data, now)
            case "MESSAGE_DELETE":
                self._deleted(job, dispatch.data, now)
            case type if type in FORMS:
                self._sender.opened(job.id, dispatch)
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
        if notice is not None and notice.kind != "queued":
            return self._stop(job, notice, message, now)
        shown = response(message, cdn=self._wire.cdn, verb=job.verb)
        text = content.read(message.get("content") or "")
        if notice is not None and text.kind == "none":
            return self._progress(job, shown, max(job.percent, 0), now)
        if job.verb in WITHOUT_PICTURE:
            return self._answered(job, shown, now)
        match text.kind:
            case "waiting" | "progress":
                return self._progress(job, shown, text.percent or 0, now)
            case "done":
                return Reading((self._identified(job, jobs.complete(job, now, shown)),))
            case "stopped":
                self._endings.near(job.id, "stopped", now)
        return NOTHING

    def _whole(self, job: Job, message: Message) -> Message:
        """Discord's own edits, of embeds for instance, bring nothing but what they change."""
        latest = self._latest.get(job.id)
        if latest is None or "content" in message or latest["id"] != message.get("id"):
            return message
        return {**latest, **message}

    def _answered(self, job: Job, shown: dict[str, Any], now: int) -> Reading:
        """An answer that no picture follows: an empty message, which is filled in later."""
        if job.verb == "seed":
            complete = "seed" in shown
        else:
            working = content.read(shown["content"]).kind == "waiting"
            loading = bool((shown.get("flags") or 0) & _LOADING)
            complete = shown["content"] != "" and not working and not loading
        if not complete:
            return self._progress(job, shown, 0, now)
        return Reading((self._identified(job, jobs.complete(job, now, shown)),))

    def _deleted(self, job: Job, data: dict[str, Any], now: int) -> None:
        latest = self._latest.get(job.id)
        if latest is None or str(latest["id"]) != str(data["id"]):
            return
        # A notice that is taken away, such as that of a full queue, ends nothing.
        if content.read(latest.get("content") or "").kind != "none":
            self._endings.near(job.id, "deleted", now)

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
        shown = None
        if message is not None:
            shown = response(message, cdn=self._wire.cdn, verb=job.verb)
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


def _same_news(before: dict[str, Any] | None, after: dict[str, Any]) -> bool:
    if before is None:
        return False
    return all(before.get(key) == after.get(key) for key in ("id", "content", "attachments"))


def _not_taken(job: Job, dispatch: Dispatch, now: int) -> Change:
    reason = dispatch.data.get("reason_code")
    return jobs.fail(
        job, now, "The upstream failed to take the command", code=502, details=f"reason {reason}"
    )
