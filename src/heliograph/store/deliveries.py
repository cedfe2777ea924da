"""Deliveries in the job store's SQLite file: written with the changes that they report."""

import sqlite3
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from heliograph.job import Event, Job, Status
from heliograph.mail.base import Addresses
from heliograph.sqlite import Database, queries
from heliograph.store import mails
from heliograph.store.rows import event_of, job_of, task_of
from heliograph.task import Task
from heliograph.webhooks import signing
from heliograph.webhooks.base import Attempt, Delivery, Due, Settled, State, Target

SQL = queries("heliograph.store", "sql/deliveries.sql")
JOBS = queries("heliograph.store", "sql/jobs.sql")
TASKS = queries("heliograph.store", "sql/queue.sql")

PROGRESS, FAILED = "midjourney_progress", "midjourney_failed"
# What each level leaves out; `all` leaves nothing out.
LEFT_OUT = {
    "standard": frozenset({"midjourney_started", PROGRESS}),
    "minimal": frozenset({"midjourney_created", "midjourney_started", PROGRESS}),
}


def watch(
    connection: sqlite3.Connection,
    job: Job,
    url: str,
    *,
    now: int,
    level: str = "all",
    ref: str | None = None,
) -> sqlite3.Row:
    """Has that address told of the job's events from now on; returns the target's row."""
    connection.execute(SQL["watch"], {"job": job.id})
    return _target(connection, job=job.id, user=job.user, url=url, level=level, ref=ref, now=now)


def watch_task(connection: sqlite3.Connection, task: Task, job: Job, *, now: int) -> None:
    """Has a task's hook told how its job ends."""
    connection.execute(SQL["watch"], {"job": job.id})
    _task_target(connection, task, now, job.id)


def note_task(connection: sqlite3.Connection, task: Task, now: int) -> None:
    """Has a task's hook told that it ended before it had a job."""
    if task.hook_url is not None:
        note_for(connection, _task_target(connection, task, now, None), FAILED, 0, now)


def _task_target(
    connection: sqlite3.Connection, task: Task, now: int, job: str | None
) -> sqlite3.Row:
    return _target(
        connection,
        job=job,
        task=task.id,
        user=task.user,
        url=task.hook_url or "",
        level="minimal",
        now=now,
    )


def _target(
    connection: sqlite3.Connection,
    *,
    job: str | None,
    user: int,
    url: str,
    level: str,
    now: int,
    task: str | None = None,
    ref: str | None = None,
) -> sqlite3.Row:
    values = {
        "job": job,
        "task": task,
        "user": user,
        "kind": "task" if task else "job",
        "url": url,
        "host": host_of(url),
        "level": level,
        "ref": ref,
        "now": now,
    }
    row: sqlite3.Row = connection.execute(SQL["insert_target"], values).fetchall()[0]
    return row


def host_of(url: str) -> str:
    """What shares a lane: a host and its port."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def note(connection: sqlite3.Connection, job: str, event: str, seq: int, now: int) -> None:
    """Writes what an event means for those who watch its job."""
    for target in connection.execute(SQL["targets_of_job"], {"job": job}).fetchall():
        note_for(connection, target, event, seq, now)


def note_for(
    connection: sqlite3.Connection, target: sqlite3.Row, event: str, seq: int, now: int
) -> None:
    """The same for one target."""
    if event in LEFT_OUT.get(target["level"], ()):
        return
    values = {
        "target": target["id"],
        "user": target["user_id"],
        "host": target["host"],
        "job": target["job"],
        "task": target["task"],
        "seq": seq,
        "event": event,
        "now": now,
    }
    if event == PROGRESS and connection.execute(SQL["replace_progress"], values).fetchall():
        return
    connection.execute(SQL["insert_delivery"], values)


def prune(connection: sqlite3.Connection, before: int, most: int) -> int:
    """Drops old deliveries that are settled, and their attempts; returns how many."""
    values = {"before": before, "most": most}
    connection.execute(SQL["prune_attempts"], values)
    return len(connection.execute(SQL["prune_deliveries"], values).fetchall())


class SqliteDeliveries:
    """`heliograph.webhooks.base.Deliveries` on SQLite. `addresses` says whom mail about an outage
    may go to; None writes no mails."""

    def __init__(self, database: Database, addresses: Addresses | None = None) -> None:
        self._database = database
        self._addresses = addresses

    async def hosts(self) -> dict[str, int]:
        return {row["host"]: row["due"] for row in await self._rows("hosts")}

    async def hosts_of(self, jobs: Sequence[str]) -> set[str]:
        def unit(connection: sqlite3.Connection) -> set[str]:
            return {
                row["host"]
                for job in jobs
                for row in connection.execute(SQL["hosts_of_job"], {"job": job}).fetchall()
            }

        return await self._database.read(unit)

    async def due(
        self, host: str, now: int, limit: int, known: frozenset[int] = frozenset()
    ) -> list[Due]:
        def unit(connection: sqlite3.Connection) -> list[Due]:
            values = {"host": host, "now": now, "limit": limit + len(known)}
            rows = connection.execute(SQL["due"], values).fetchall()
            # A delivery's job and event are larger by far than its row.
            fresh = [row for row in rows if row["id"] not in known]
            return [_due(connection, row) for row in fresh[:limit]]

        return await self._database.read(unit)

    async def settle(self, settled: Sequence[Settled], now: int) -> set[str]:
        def unit(connection: sqlite3.Connection) -> set[str]:
            heard = {(one.due.user, one.due.target.url) for one in settled if one.attempt.heard}
            for user, url in heard:
                mails.webhook_heard(connection, user, url)
            for one in settled:
                if not one.attempt.heard:
                    _unheard(connection, self._addresses, one)
            return {host for one in settled for host in _settle(connection, one, now)}

        return await self._database.write(unit)

    async def secrets(self, user: int, now: int) -> list[str]:
        values = {"user": user, "now": now}

        def unit(connection: sqlite3.Connection) -> list[str]:
            if not (found := connection.execute(SQL["secrets"], values).fetchall()):
                connection.execute(SQL["insert_secret"], values | {"secret": signing.new_secret()})
                found = connection.execute(SQL["secrets"], values).fetchall()
            return [row["secret"] for row in found]

        found = await self._rows("secrets", **values)
        return [row["secret"] for row in found] or await self._database.write(unit)

    async def rotate(self, user: int, secret: str, now: int, keep_until: int) -> None:
        def unit(connection: sqlite3.Connection) -> None:
            connection.execute(SQL["expire_secrets"], {"user": user, "until": keep_until})
            values = {"user": user, "secret": secret, "now": now}
            connection.execute(SQL["insert_secret"], values)

        await self._database.write(unit)

    async def listed(self, user: int, *, state: State | None, limit: int) -> list[Delivery]:
        rows = await self._rows("deliveries_of_user", user=user, state=state, limit=limit)
        return [_delivery(row) for row in rows]

    async def show(self, user: int, id: int) -> tuple[Delivery, list[Attempt]] | None:
        rows = await self._rows("delivery", user=user, id=id)
        if not rows:
            return None
        attempts = await self._rows("attempts_of_delivery", delivery=id)
        return _delivery(rows[0]), [_attempt(row) for row in attempts]

    async def replay(self, user: int, id: int, now: int) -> Delivery | None:
        values = {"user": user, "id": id, "now": now}

        def unit(connection: sqlite3.Connection) -> Delivery | None:
            connection.execute(SQL["replay"], values).fetchall()
            rows = connection.execute(SQL["delivery"], values).fetchall()
            return _delivery(rows[0]) if rows else None

        return await self._database.write(unit)

    async def _rows(self, name: str, **values: Any) -> list[sqlite3.Row]:
        return await self._database.read(
            lambda connection: connection.execute(SQL[name], values).fetchall()
        )


def _settle(connection: sqlite3.Connection, settled: Settled, now: int) -> list[str]:
    """The hosts for which something is due at once."""
    due, attempt = settled.due, settled.attempt
    values = {
        "id": due.id,
        "delivery": due.id,
        "seq": due.event.seq,
        "at": attempt.at,
        "ms": attempt.ms,
        "status": attempt.status,
        "answer": attempt.answer,
        "error": attempt.error,
        "again": settled.again,
        "target": due.target.id,
        "now": now,
    }

    def run(name: str) -> list[sqlite3.Row]:
        return connection.execute(SQL[name], values).fetchall()

    run("insert_attempt")
    if settled.again is not None:
        run("again")
        return []
    if attempt.heard and not run("delivered"):
        return [row["host"] for row in run("replaced")]
    if not attempt.heard:
        run("given_up")
    return [row["host"] for row in run("next_of_target")]


def _unheard(connection: sqlite3.Connection, addresses: Addresses | None, settled: Settled) -> None:
    """Notes that the address took no delivery; its user is told when it has not for long."""
    due, attempt = settled.due, settled.attempt
    said = attempt.error or f"The receiver answered {attempt.status}"
    mails.webhook_failed(connection, addresses, due.user, due.target.url, said, attempt.at)


def _due(connection: sqlite3.Connection, row: sqlite3.Row) -> Due:
    target = connection.execute(SQL["target"], {"id": row["target"]}).fetchone()
    job = connection.execute(JOBS["job"], {"id": row["job"]}).fetchone()
    task = None
    if row["task"] is not None:
        task = connection.execute(TASKS["task"], {"id": row["task"]}).fetchone()
    known, asked = job_of(job) if job else None, task_of(task) if task else None
    return Due(
        id=row["id"],
        user=row["user_id"],
        target=Target(
            id=target["id"],
            url=target["url"],
            host=target["host"],
            kind=target["kind"],
            ref=target["ref"],
        ),
        job=known,
        task=asked,
        event=_event(connection, known, asked, row),
        attempts=row["attempts"],
        first=row["first"],
    )


def _event(
    connection: sqlite3.Connection, job: Job | None, task: Task | None, row: sqlite3.Row
) -> Event:
    if job is not None:
        values = {"job": job.id, "seq": row["seq"]}
        event = connection.execute(SQL["event"], values).fetchone()
        return event_of(event) if event else _last(job, row)
    if task is None:
        raise ValueError(f"delivery {row['id']} is about nothing")
    return Event(
        job=task.id,
        seq=row["seq"],
        at=row["created"],
        name=row["event"],
        status=Status.FAILED,
        updated=task.ended,
        error=task.fail_reason,
    )


def _last(job: Job, row: sqlite3.Row) -> Event:
    """For a replay whose event is no longer kept: the job as it is."""
    return Event(
        job=job.id,
        seq=row["seq"],
        at=job.updated or job.created,
        name=row["event"],
        status=job.status,
        updated=job.updated,
        response=job.response,
        error=job.error,
        details=job.details,
        code=job.code,
    )


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(
        id=row["id"],
        job=row["job"],
        task=row["task"],
        event=row["event"],
        seq=row["seq"],
        url=row["url"],
        state=row["state"],
        attempts=row["attempts"],
        created=row["created"],
        due=row["due"],
        settled=row["settled"],
    )


def _attempt(row: sqlite3.Row) -> Attempt:
    return Attempt(
        at=row["at"],
        ms=row["ms"],
        status=row["status"],
        answer=row["answer"],
        error=row["error"],
    )
