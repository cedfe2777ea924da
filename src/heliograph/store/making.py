"""How a job comes into a SQLite store: its row, its first event, and who is told of it."""

import contextlib
import sqlite3
from collections.abc import Callable

import msgspec

from heliograph import job as jobs
from heliograph.job import Job, JobType
from heliograph.sqlite import queries
from heliograph.store import deliveries
from heliograph.store.rows import event_values, job_values

SQL = queries("heliograph.store", "sql/jobs.sql")

DRAWS = 4
SLOTS: dict[JobType | None, dict[str, int]] = {
    JobType.IMAGE: {"images": 1, "videos": 0},
    JobType.VIDEO: {"images": 0, "videos": 1},
    None: {"images": 0, "videos": 0},
}


def take_slot(
    connection: sqlite3.Connection, user: int, type: JobType, named: str | None
) -> sqlite3.Row | None:
    """The channel with one more running job, if there is one with room."""
    values = {"user": user, "named": named} | SLOTS[type]
    # fetchall, since a statement that returns rows is only done once they are all read.
    rows = connection.execute(SQL["take_slot"], values).fetchall()
    return rows[0] if rows else None


def make(
    connection: sqlite3.Connection,
    draw: Callable[[], Job],
    reply_url: str | None,
    *,
    slot: bool,
    relaxed: bool,
    task: str | None = None,
) -> Job:
    """Inserts the job that `draw` gives, another one at every call. `reply_url` is its channel's
    address for news; `slot` says whether it has taken one."""
    more = {"slot": int(slot), "relaxed": int(relaxed), "task": task}
    made = _insert(connection, draw, more)
    connection.execute(SQL["insert_event"], event_values(jobs.created_event(made)))
    return _watched(connection, made, reply_url)


def watched_too(connection: sqlite3.Connection, job: Job, again: Job) -> Job:
    """A repeated call that names an address gets the job's state as it is now, and its later
    events, there too, with a reference of its own (decision 10)."""
    if not (url := again.request.get("replyUrl")):
        return job
    level = again.request.get("replyLevel") or "all"
    target = deliveries.watch(
        connection, job, url, now=again.created, level=level, ref=again.reply_ref
    )
    event = f"midjourney_{job.status.value}"
    deliveries.note_for(connection, target, event, job.seq, again.created)
    return msgspec.structs.replace(job, watched=True)


def _watched(connection: sqlite3.Connection, job: Job, reply_url: str | None) -> Job:
    """Has a new job's address told of it: its own, or else its channel's."""
    url = job.request.get("replyUrl") or reply_url
    if not url:
        return job
    target = deliveries.watch(
        connection,
        job,
        url,
        now=job.created,
        level=job.request.get("replyLevel") or "all",
        ref=job.reply_ref,
    )
    deliveries.note_for(connection, target, "midjourney_created", job.seq, job.created)
    return msgspec.structs.replace(job, watched=True)


def _insert(
    connection: sqlite3.Connection, draw: Callable[[], Job], more: dict[str, int | str | None]
) -> Job:
    # Two jobs of one millisecond draw the same six digits once in a million times.
    for _ in range(DRAWS - 1):
        with contextlib.suppress(sqlite3.IntegrityError):
            return _inserted(connection, draw(), more)
    return _inserted(connection, draw(), more)


def _inserted(connection: sqlite3.Connection, job: Job, more: dict[str, int | str | None]) -> Job:
    connection.execute(SQL["insert_job"], job_values(job) | more)
    return job
