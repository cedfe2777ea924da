"""What a message of the bot's says of the job that it belongs to, as changes of that job."""

from typing import Any

import msgspec

from heliograph import job as jobs
from heliograph.job import Change, Job, Status
from heliograph.midjourney import content
from heliograph.midjourney.notices import Notice
from heliograph.midjourney.response import WITHOUT_PICTURE, response
from heliograph.midjourney.wire import Dispatch, Message

_LOADING = 128


class Reading(msgspec.Struct, frozen=True):
    """What a dispatch means: changes of jobs, in order, and why the channel needs a person.

    `more`: there is something to do, which `halfway` or `repeated` tells.
    """

    changes: tuple[Change, ...] = ()
    channel_error: str | None = None
    more: bool = False


NOTHING = Reading()


def understood(job: Job, message: Message, notice: Notice | None, *, cdn: str, now: int) -> Reading:
    """What a whole message says, `notice` being what it announces; `now` in ms."""
    if notice is not None and notice.kind != "queued":
        return stopped(job, notice, message, cdn=cdn, now=now)
    shown = response(message, cdn=cdn, verb=job.verb)
    text = content.read(message.get("content") or "")
    if notice is not None and text.kind == "none":
        return _progress(job, shown, max(job.percent, 0), now)
    if job.verb in WITHOUT_PICTURE:
        return _answered(job, shown, now)
    match text.kind:
        case "waiting" | "progress":
            return _progress(job, shown, text.percent or 0, now)
        case "done":
            return Reading((jobs.complete(job, now, shown),))
    return NOTHING


def says_stopped(job: Job, message: Message, notice: Notice | None) -> bool:
    """Whether a message shows a picture or clip as stopped, without a word why."""
    if job.verb in WITHOUT_PICTURE or (notice is not None and notice.kind != "queued"):
        return False
    return content.read(message.get("content") or "").kind == "stopped"


def stopped(job: Job, notice: Notice, message: Message | None, *, cdn: str, now: int) -> Reading:
    """The job's end by that notice, which `message` brought."""
    shown = None if message is None else response(message, cdn=cdn, verb=job.verb)
    if notice.kind == "moderated":
        change = jobs.moderate(job, now, notice.title, notice.description, shown)
    else:
        change = jobs.fail(
            job, now, notice.title, code=notice.code, details=notice.description, response=shown
        )
    locks = notice.kind in ("channel_error", "challenge")
    return Reading((change,), channel_error=notice.title if locks else None)


def not_taken(job: Job, dispatch: Dispatch, now: int) -> Reading:
    """The job's end by an INTERACTION_FAILURE."""
    details = f"reason {dispatch.data.get('reason_code')}"
    error = "The upstream failed to take the command"
    return Reading((jobs.fail(job, now, error, code=502, details=details),))


def _answered(job: Job, shown: dict[str, Any], now: int) -> Reading:
    """An answer that no picture follows: an empty message, which is filled in later."""
    if job.verb == "seed":
        complete = "seed" in shown
    else:
        working = content.read(shown["content"]).kind == "waiting"
        loading = bool((shown.get("flags") or 0) & _LOADING)
        complete = shown["content"] != "" and not working and not loading
    if not complete:
        return _progress(job, shown, 0, now)
    return Reading((jobs.complete(job, now, shown),))


def _progress(job: Job, shown: dict[str, Any], percent: int, now: int) -> Reading:
    changes: list[Change] = []
    if job.status is Status.CREATED:
        changes.append(jobs.start(job, now))
    if percent >= job.percent and not _same_news(job.response, shown):
        changes.append(jobs.progress(job, now, shown, percent))
    return Reading(tuple(changes))


def _same_news(before: dict[str, Any] | None, after: dict[str, Any]) -> bool:
    if before is None:
        return False
    return all(before.get(key) == after.get(key) for key in ("id", "content", "attachments"))
