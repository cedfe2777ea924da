"""A job and the only ways in which it may change.

Every transition is a pure function from a `Job` to a `Change`: the states it may leave, the
columns it sets, the event it writes. The store applies a Change in one guarded transaction;
where the guard no longer holds, nothing happens. The machine is drawn in docs/how-it-works.md.
"""

import functools
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec

from heliograph import errors

JOB_EXPIRY_DAYS = 62


class Status(StrEnum):
    CREATED = "created"
    STARTED = "started"
    PROGRESS = "progress"
    COMPLETED = "completed"
    FAILED = "failed"
    MODERATED = "moderated"


RUNNING = frozenset({Status.CREATED, Status.STARTED, Status.PROGRESS})
FINAL = frozenset(Status) - RUNNING


class JobType(StrEnum):
    IMAGE = "image"
    VIDEO = "video"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the jobs table. Times are milliseconds since 1970, UTC.

    `once` names what a parent may have done only once (`U1`, `seed`). `inputs` is what the driver
    needs and no caller is shown: the pressed message, the keys of uploads. `watched`: some address
    wants to be told of its events.
    """

    id: str
    user: int
    channel: str
    verb: str
    type: JobType | None
    nonce: str
    status: Status
    created: int
    updated: int | None = None
    request: dict[str, Any]
    response: dict[str, Any] | None = None
    error: str | None = None
    details: str | None = None
    code: int | None = None
    seq: int = 0
    percent: int = -1
    sent: int | None = None
    interaction: str | None = None
    message: str | None = None
    uuid: str | None = None
    parent: str | None = None
    once: str | None = None
    inputs: dict[str, Any] = {}
    watched: bool = False

    @property
    def running(self) -> bool:
        return self.status in RUNNING

    @property
    def reply_ref(self) -> str | None:
        ref = self.request.get("replyRef")
        return ref if isinstance(ref, str) else None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What one transition does to one job row.

    `columns` are written when the row's status is in `guard`, its percent is not above
    `percent_at_most`, and its seq still is `seq`; where told, only if it is `unsent`, or its form
    `unfilled`, to that moment. `event` names the event to append with the next seq; None appends
    none.
    """

    job: str
    guard: frozenset[Status] = RUNNING
    percent_at_most: int | None = None
    unsent: bool = False
    unfilled: bool = False
    seq: int | None = None
    columns: dict[str, Any]
    event: str | None = None


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """A job that was made from another one, as its parent shows it."""

    id: str
    verb: str
    button: str | None
    status: Status
    created: int
    once: str | None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a job's event log; the job as it was at that moment, less what never changes."""

    job: str
    seq: int
    at: int
    name: str
    status: Status
    updated: int | None
    response: dict[str, Any] | None = None
    error: str | None = None
    details: str | None = None
    code: int | None = None


def job_id(now: int, digits: int, type: JobType | None, user: int, channel: str) -> str:
    """The id of decision 5. `now` in ms since 1970; `digits` are six, drawn at random."""
    suffix = type.value[0] if type else ""
    stamp = f"{_second(now // 1000)}{now % 1000:03d}{digits:06d}"
    return f"j{stamp}{suffix}-u{user}-c{channel}-bot:midjourney"


@functools.lru_cache(maxsize=16)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%m%d%H%M%S")


def nonce_of(id: str) -> str:
    """The nonce that goes upstream: the id's 19 digits plus 10^15, padded to 19 (decision 5)."""
    return f"{int(id[1:20]) + 10**15:019d}"


def new(
    *,
    now: int,
    digits: int,
    user: int,
    channel: str,
    verb: str,
    type: JobType | None,
    request: dict[str, Any],
    parent: str | None = None,
    once: str | None = None,
    inputs: dict[str, Any] | None = None,
) -> Job:
    id = job_id(now, digits, type, user, channel)
    return Job(
        id=id,
        user=user,
        channel=channel,
        verb=verb,
        type=type,
        nonce=nonce_of(id),
        status=Status.CREATED,
        created=now,
        request=request,
        seq=1,
        parent=parent,
        once=once,
        inputs=inputs or {},
    )


def created_event(job: Job) -> Event:
    return Event(
        job=job.id,
        seq=job.seq,
        at=job.created,
        name="midjourney_created",
        status=job.status,
        updated=job.created,
    )


def sending(job: Job, now: int) -> Change:
    """Notes that the command is about to go upstream: from here on it is never sent again."""
    return Change(job=job.id, guard=frozenset({Status.CREATED}), unsent=True, columns={"sent": now})


def opened(job: Job, form: dict[str, Any]) -> Change:
    """Keeps the form that the job's press opened, until it is filled in."""
    return Change(job=job.id, unfilled=True, columns={"inputs": job.inputs | {"form": form}})


def filling(job: Job, now: int) -> Change:
    """Notes that the job's form is about to be filled in: from here on it is never again."""
    return Change(job=job.id, unfilled=True, columns={"inputs": job.inputs | {"filled": now}})


def bind(
    job: Job, *, interaction: str | None = None, message: str | None = None, uuid: str | None = None
) -> Change | None:
    """Keeps upstream identities as they become known; None when they bring nothing new."""
    seen = {"interaction": interaction, "message": message, "uuid": uuid}
    columns = {key: value for key, value in seen.items() if value and getattr(job, key) != value}
    return Change(job=job.id, columns=columns) if columns else None


def start(job: Job, now: int) -> Change:
    """The upstream has taken the command."""
    return Change(
        job=job.id,
        guard=frozenset({Status.CREATED}),
        columns={"status": Status.STARTED, "updated": now},
        event="midjourney_started",
    )


def progress(job: Job, now: int, response: dict[str, Any], percent: int) -> Change:
    """News of a running job. A percent below the last one changes nothing (decision 7)."""
    return Change(
        job=job.id,
        percent_at_most=percent,
        columns={
            "status": Status.PROGRESS,
            "updated": now,
            "response": _referenced(job, response),
            "percent": percent,
        },
        event="midjourney_progress",
    )


def complete(job: Job, now: int, response: dict[str, Any]) -> Change:
    return Change(
        job=job.id,
        columns={
            "status": Status.COMPLETED,
            "updated": now,
            "response": _referenced(job, response),
            "percent": 100,
            "code": 200,
        },
        event="midjourney_completed",
    )


def moderate(
    job: Job, now: int, error: str, details: str | None, response: dict[str, Any] | None
) -> Change:
    return _ended(job, now, Status.MODERATED, error, details, 422, response)


def fail(
    job: Job,
    now: int,
    error: str,
    *,
    code: int,
    details: str | None = None,
    response: dict[str, Any] | None = None,
) -> Change:
    return _ended(job, now, Status.FAILED, error, details, code, response)


def cancel(job: Job, now: int) -> Change:
    """The user's own end of the job (decision 23). Raises JobEnded when it has already ended."""
    if not job.running:
        raise errors.JobEnded(state=job.status.value)
    return fail(job, now, str(errors.Cancelled()), code=errors.Cancelled.code)


def time_out(job: Job, now: int, minutes: str) -> Change:
    """The end of a job of which nothing was heard for so long."""
    problem = errors.TimedOut(minutes=minutes)
    change = fail(job, now, str(problem), code=problem.code)
    # News that came meanwhile is a row that is younger than the one that was read.
    return msgspec.structs.replace(change, seq=job.seq)


def overdue(job: Job, now: int, seconds: int) -> Change:
    """The end of a task's job that was not finished in the task's time."""
    problem = errors.Overdue(seconds=seconds)
    return fail(job, now, str(problem), code=problem.code)


def stranded(job: Job, now: int) -> Change:
    """The end of a job that waits for a channel which is no longer there."""
    problem = errors.ChannelGone(channel=job.channel)
    return fail(job, now, str(problem), code=problem.code)


def _ended(
    job: Job,
    now: int,
    status: Status,
    error: str,
    details: str | None,
    code: int,
    response: dict[str, Any] | None,
) -> Change:
    columns: dict[str, Any] = {
        "status": status,
        "updated": now,
        "error": error,
        "details": details,
        "code": code,
    }
    if response is not None:
        columns["response"] = _referenced(job, response)
    return Change(job=job.id, columns=columns, event=f"midjourney_{status.value}")


def _referenced(job: Job, response: dict[str, Any]) -> dict[str, Any]:
    return response if job.reply_ref is None else {**response, "replyRef": job.reply_ref}
