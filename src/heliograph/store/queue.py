"""The queue and the v1 API's tasks in the job store's SQLite file.

A row of `queue` is there while something waits: it is written, and it goes, in the transaction of
the change that it is about.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from heliograph.channel import Load
from heliograph.errors import QueueFull, QuotaUsed, TooManyTasks
from heliograph.job import Job, JobType
from heliograph.sqlite import Database, queries
from heliograph.store import deliveries, keys
from heliograph.store.base import Draft, Turn
from heliograph.store.making import make, take_slot
from heliograph.store.rows import channel_of, job_of, task_of, waiting_of
from heliograph.task import Known, Task
from heliograph.turns import Waiting

SQL = queries("heliograph.store", "sql/queue.sql")
CHANNELS = queries("heliograph.store", "sql/accounts.sql")


def others_wait(connection: sqlite3.Connection, user: int, draft: Draft) -> bool:
    """Whether a new job would take the room of one that came before it."""
    values = {"user": user, "type": draft.type, "named": draft.named}
    return bool(connection.execute(SQL["queued"], values).fetchall())


def enqueue(connection: sqlite3.Connection, user: int, draft: Draft) -> Job:
    """Makes the job, without a slot, and gives it a place. Raises QueueFull, or the Problem that
    says why no channel may take it."""
    rows = connection.execute(CHANNELS["channels_of_user"], {"user": user}).fetchall()
    counts = _waiting(connection, user)
    if (count := sum(counts.values())) >= (draft.queue or 0):
        raise QueueFull(count=count)
    channels = {row["id"]: row for row in rows}
    loads = {id: Load(images=row["images"], videos=row["videos"]) for id, row in channels.items()}
    bound = draft.bind([channel_of(row) for row in rows], loads, counts)
    relaxed = asked_or_set(draft.relaxed, channels[bound.id])
    made = make(
        connection,
        lambda: draft.job(bound.id),
        bound.reply_url,
        slot=False,
        relaxed=relaxed,
    )
    _enqueue(
        connection,
        user=user,
        job=made.id,
        channel=bound.id,
        type=made.type,
        relaxed=int(relaxed),
        now=made.created,
    )
    return made


def asked_or_set(asked: bool | None, channel: sqlite3.Row) -> bool:
    """Whether a job is relaxed: by its own word, else by its channel's setting."""
    return bool(channel["relaxed"]) if asked is None else asked


def ended(connection: sqlite3.Connection, job: sqlite3.Row) -> None:
    """What a job's end means for its place and its task."""
    if not job["slot"]:
        connection.execute(SQL["leave_ended"], {"job": job["id"]})
    if job["task"] is not None:
        connection.execute(SQL["end_task"], {"task": job["task"], "now": job["updated"]})


class SqliteQueue:
    """`heliograph.store.base.Queue` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def advance(self, turn: Turn, most: int) -> list[Job]:
        # Most of the time nothing waits: looking costs no transaction.
        if not await self._database.read(_heads):
            return []
        return await self._database.write(lambda connection: _advance(connection, turn, most))

    async def stranded(self) -> list[Job]:
        def unit(connection: sqlite3.Connection) -> list[Job]:
            return [job_of(row) for row in connection.execute(SQL["stranded"]).fetchall()]

        return await self._database.read(unit)


class SqliteTasks:
    """`heliograph.store.base.Tasks` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def submit(
        self, task: Task, type: JobType, *, month: int, most: int, key: keys.Key | None = None
    ) -> Task:
        def unit(connection: sqlite3.Connection) -> Task:
            if key and (kept := keys.find(connection, task.user, key)):
                return task_of(connection.execute(SQL["task"], {"id": kept["task"]}).fetchone())
            _check_quotas(connection, task, month)
            if (count := sum(_waiting(connection, task.user).values())) >= most:
                raise TooManyTasks(count=count)
            connection.execute(SQL["insert_task"], _task_values(task))
            _enqueue(
                connection,
                user=task.user,
                task=task.id,
                type=type,
                relaxed=int(task.mode == "relaxed"),
                now=task.created,
            )
            if key:
                keys.keep(connection, task.user, key, task.created, task=task.id)
            return task

        return await self._database.write(unit)

    async def find(self, user: int, ids: Sequence[str], since: int) -> list[Known]:
        def unit(connection: sqlite3.Connection) -> list[Known]:
            found = [_known(connection, id) for id in dict.fromkeys(ids)]
            return [one for one in found if one and _shown(one.task, user, since)]

        return await self._database.read(unit)

    async def overdue(self, now: int) -> list[Known]:
        def unit(connection: sqlite3.Connection) -> list[Known]:
            rows = connection.execute(SQL["overdue"], {"now": now}).fetchall()
            return [Known(task_of(row), job_of_task(connection, row["id"])) for row in rows]

        return await self._database.read(unit)

    async def fail(self, id: str, reason: str, now: int) -> bool:
        def unit(connection: sqlite3.Connection) -> bool:
            values = {"id": id, "reason": reason, "now": now}
            rows = connection.execute(SQL["fail_task"], values).fetchall()
            if rows:
                connection.execute(SQL["leave_failed"], {"task": id})
                deliveries.note_task(connection, task_of(rows[0]), now)
            return bool(rows)

        return await self._database.write(unit)


def job_of_task(connection: sqlite3.Connection, task: str) -> Job | None:
    """The job that is done for a task, once it has left the queue."""
    row = connection.execute(SQL["job_of_task"], {"task": task}).fetchone()
    return job_of(row) if row else None


def _heads(connection: sqlite3.Connection) -> list[Waiting]:
    return [waiting_of(row) for row in connection.execute(SQL["heads"]).fetchall()]


def _advance(connection: sqlite3.Connection, turn: Turn, most: int) -> list[Job]:
    heads, made = _heads(connection), list[Job]()
    running = _running(connection)
    while heads and len(made) < most:
        first = turn.next_up(heads, running)
        heads.remove(first)
        if (job := _begin(connection, first, turn)) is None:
            # No room for it, hence none for those behind it.
            continue
        made.append(job)
        running[first.user] = running.get(first.user, 0) + 1
        heads += _following(connection, first)
    return made


def _begin(connection: sqlite3.Connection, waiting: Waiting, turn: Turn) -> Job | None:
    """Takes the slot and gives up the place; None when there is no slot."""
    channel = take_slot(connection, waiting.user, waiting.type, waiting.channel)
    if channel is None:
        return None
    connection.execute(SQL["leave"], {"id": waiting.id})
    if waiting.job is not None:
        values = {"job": waiting.job, "now": turn.now()}
        return job_of(connection.execute(SQL["begin"], values).fetchall()[0])
    row = connection.execute(SQL["task"], {"id": waiting.task}).fetchone()
    return _begin_task(connection, task_of(row), waiting, channel, turn)


def _begin_task(
    connection: sqlite3.Connection,
    task: Task,
    waiting: Waiting,
    channel: sqlite3.Row,
    turn: Turn,
) -> Job:
    made = make(
        connection,
        lambda: turn.job(task, waiting.type, channel["id"]),
        channel["reply_url"],
        slot=True,
        relaxed=waiting.relaxed,
        task=task.id,
    )
    if task.hook_url is None:
        return made
    deliveries.watch_task(connection, task, made, now=made.created)
    return msgspec.structs.replace(made, watched=True)


def _following(connection: sqlite3.Connection, left: Waiting) -> list[Waiting]:
    values = {
        "user": left.user,
        "type": left.type,
        "relaxed": int(left.relaxed),
        "channel": left.channel,
        "id": left.id,
    }
    return [waiting_of(row) for row in connection.execute(SQL["following"], values).fetchall()]


def _running(connection: sqlite3.Connection) -> dict[int, int]:
    rows = connection.execute(SQL["running_by_user"]).fetchall()
    return {row["user_id"]: row["running"] for row in rows}


def _waiting(connection: sqlite3.Connection, user: int) -> dict[str, int]:
    rows = connection.execute(SQL["waiting_for"], {"user": user}).fetchall()
    return {row["channel"] or "": row["waiting"] for row in rows}


def _enqueue(connection: sqlite3.Connection, **values: Any) -> None:
    connection.execute(SQL["enqueue"], {"job": None, "task": None, "channel": None} | values)


def _check_quotas(connection: sqlite3.Connection, task: Task, month: int) -> None:
    quotas = connection.execute(SQL["quotas"], {"user": task.user}).fetchone()
    unfinished = _count(connection, "unfinished", user=task.user)
    if quotas["unfinished"] is not None and unfinished >= quotas["unfinished"]:
        raise TooManyTasks(count=unfinished)
    most = quotas[f"{task.mode}_jobs"]
    if most is None:
        return
    if _count(connection, "used", user=task.user, mode=task.mode, month=month) >= most:
        raise QuotaUsed(most=most, mode=task.mode)


def _count(connection: sqlite3.Connection, name: str, **values: Any) -> int:
    return int(connection.execute(SQL[name], values).fetchone()["tasks"])


def _task_values(task: Task) -> Mapping[str, Any]:
    return {
        "id": task.id,
        "user": task.user,
        "prompt": task.prompt,
        "mode": task.mode,
        "hook_url": task.hook_url,
        "timeout": task.timeout,
        "created": task.created,
        "deadline": task.deadline,
    }


def _known(connection: sqlite3.Connection, id: str) -> Known | None:
    row = connection.execute(SQL["task"], {"id": id}).fetchone()
    return Known(task_of(row), job_of_task(connection, id)) if row else None


def _shown(task: Task, user: int, since: int) -> bool:
    return task.user == user and task.created >= since
