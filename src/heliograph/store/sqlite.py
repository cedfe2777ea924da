"""The store in one SQLite file, for one server process."""

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from heliograph import job as jobs
from heliograph.channel import Channel, Load
from heliograph.job import Change, Event, Job, JobType, Status
from heliograph.sqlite import Database, queries
from heliograph.store import migrate
from heliograph.store.base import Draft, Token

SQL = queries("heliograph.store", "sql/jobs.sql") | queries("heliograph.store", "sql/accounts.sql")

ANY_PERCENT = 1_000
DRAWS = 4
SLOTS: dict[JobType | None, dict[str, int]] = {
    JobType.IMAGE: {"images": 1, "videos": 0},
    JobType.VIDEO: {"images": 0, "videos": 1},
    None: {"images": 0, "videos": 0},
}
CHANGEABLE = (
    "status",
    "updated",
    "response",
    "error",
    "details",
    "code",
    "percent",
    "sent",
    "interaction",
    "message",
    "uuid",
)


class SqliteStore:
    """`heliograph.store.base.Store` on SQLite."""

    def __init__(self, path: Path, *, synchronous: str = "FULL") -> None:
        self._database = Database(path, synchronous=synchronous)

    @classmethod
    def open(cls, path: Path, *, synchronous: str = "FULL") -> "SqliteStore":
        """Brings the file's schema up to date, then opens it. Raises sqlite3.Error."""
        migrate.upgrade(path)
        store = cls(path, synchronous=synchronous)
        store._database.open()
        return store

    async def admit(self, user: int, draft: Draft) -> Job:
        def unit(connection: sqlite3.Connection) -> Job:
            channel = _room(connection, user, draft)
            admitted = _insert(connection, lambda: draft.job(channel))
            connection.execute(SQL["insert_event"], _event_values(jobs.created_event(admitted)))
            return admitted

        return await self._database.write(unit)

    async def apply(self, change: Change) -> Job | None:
        return await self._database.write(lambda connection: _apply(connection, change))

    async def job(self, id: str) -> Job | None:
        rows = await self._rows("job", id=id)
        return _job(rows[0]) if rows else None

    async def events(self, job: str, after: int) -> list[Event]:
        return [_event(row) for row in await self._rows("events_after", job=job, after=after)]

    async def running(self, user: int) -> list[Job]:
        return [_job(row) for row in await self._rows("running_of_user", user=user)]

    async def running_on(self, channel: str) -> list[Job]:
        return [_job(row) for row in await self._rows("running_on_channel", channel=channel)]

    async def running_ids(self, channel: str) -> set[str]:
        return {row["id"] for row in await self._rows("running_ids_on_channel", channel=channel)}

    async def unsent_on(self, channel: str) -> list[Job]:
        return [_job(row) for row in await self._rows("unsent_on_channel", channel=channel)]

    async def channels(self, user: int) -> list[Channel]:
        return [_channel(row) for row in await self._rows("channels_of_user", user=user)]

    async def channel(self, id: str) -> Channel | None:
        rows = await self._rows("channel", id=id)
        return _channel(rows[0]) if rows else None

    async def add_channel(self, channel: Channel, now: int) -> bool:
        values = msgspec.structs.asdict(channel) | {"now": now}

        def unit(connection: sqlite3.Connection) -> bool:
            connection.execute(SQL["ensure_user"], {"user": channel.user, "now": now})
            return bool(connection.execute(SQL["insert_channel"], values).fetchall())

        return await self._database.write(unit)

    async def set_channel_error(self, id: str, error: str | None) -> None:
        await self._write("set_channel_error", id=id, error=error)

    async def claim(self, owner: str, now: int, until: int) -> list[Channel]:
        rows = await self._write("claim_channels", owner=owner, now=now, until=until)
        return [_channel(row) for row in rows]

    async def release(self, owner: str | None) -> None:
        if owner is None:
            await self._write("release_all_channels")
            await self._write("recount_slots")
        else:
            await self._write("release_channels", owner=owner)

    async def user_of(self, token_hash: str) -> int | None:
        rows = await self._rows("user_of_token", hash=token_hash)
        return rows[0]["user_id"] if rows else None

    async def add_token(
        self, user: int, name: str, token_hash: str, hint: str, now: int
    ) -> Token | None:
        values = {"user": user, "name": name, "hash": token_hash, "hint": hint, "now": now}

        def unit(connection: sqlite3.Connection) -> Token | None:
            connection.execute(SQL["ensure_user"], {"user": user, "now": now})
            row = connection.execute(SQL["insert_token"], values).fetchone()
            return _token(row) if row else None

        return await self._database.write(unit)

    async def tokens(self, user: int) -> list[Token]:
        return [_token(row) for row in await self._rows("tokens_of_user", user=user)]

    async def revoke_token(self, user: int, id: int, now: int) -> bool:
        return bool(await self._write("revoke_token", user=user, id=id, now=now))

    async def close(self) -> None:
        self._database.close()

    async def _rows(self, name: str, **values: Any) -> list[sqlite3.Row]:
        return await self._database.read(
            lambda connection: connection.execute(SQL[name], values).fetchall()
        )

    async def _write(self, name: str, **values: Any) -> list[sqlite3.Row]:
        return await self._database.write(
            lambda connection: connection.execute(SQL[name], values).fetchall()
        )


def _apply(connection: sqlite3.Connection, change: Change) -> Job | None:
    guard = [state.value for state in change.guard] + [None, None, None]
    values: dict[str, Any] = {key: change.columns.get(key) for key in CHANGEABLE}
    values["response"] = _json(values["response"])
    values["status"] = status.value if (status := values["status"]) else None
    values |= {
        "job": change.job,
        "guard_1": guard[0],
        "guard_2": guard[1],
        "guard_3": guard[2],
        "percent_at_most": (
            ANY_PERCENT if change.percent_at_most is None else change.percent_at_most
        ),
        "unsent": int(change.unsent),
        "events": int(change.event is not None),
    }
    row = connection.execute(SQL["apply_change"], values).fetchone()
    if row is None:
        return None
    if change.event is not None:
        connection.execute(
            SQL["insert_event"],
            {key: row[key] for key in ("status", "updated", "response", "error", "details", "code")}
            | {"job": row["id"], "seq": row["seq"], "at": row["updated"], "name": change.event},
        )
    changed = _job(row)
    if not changed.running and changed.type is not None:
        connection.execute(SQL["free_slot"], {"channel": changed.channel} | SLOTS[changed.type])
    return changed


def _room(connection: sqlite3.Connection, user: int, draft: Draft) -> str:
    """Takes a slot for a new job and returns its channel. Most find one with a statement; who
    doesn't is told why, after a look at all that is known of the channels."""
    if draft.type is not None:
        values = {"user": user, "named": draft.named} | SLOTS[draft.type]
        # fetchall, since a statement that returns rows is only done once they are all read.
        if taken := connection.execute(SQL["take_slot"], values).fetchall():
            return str(taken[0]["id"])
    rows = connection.execute(SQL["channels_of_user"], {"user": user}).fetchall()
    loads = {row["id"]: Load(images=row["images"], videos=row["videos"]) for row in rows}
    channel = draft.choose([_channel(row) for row in rows], loads)
    if draft.type is not None:
        raise RuntimeError(f"take_slot found no room on {channel.id}, where `choose` does")
    return channel.id


def _insert(connection: sqlite3.Connection, draw: Callable[[], Job]) -> Job:
    # Two jobs of one millisecond draw the same six digits once in a million times.
    for _ in range(DRAWS - 1):
        with contextlib.suppress(sqlite3.IntegrityError):
            return _inserted(connection, draw())
    return _inserted(connection, draw())


def _inserted(connection: sqlite3.Connection, job: Job) -> Job:
    connection.execute(SQL["insert_job"], _job_values(job))
    return job


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _parsed(text: str | None) -> Any:
    return None if text is None else msgspec.json.decode(text)


def _job_values(job: Job) -> dict[str, Any]:
    # Plain text for the enumerations: sqlite3 takes ten times as long over a subclass of str.
    return {
        "id": job.id,
        "user": job.user,
        "channel": job.channel,
        "verb": job.verb,
        "type": job.type.value if job.type else None,
        "nonce": job.nonce,
        "status": job.status.value,
        "created": job.created,
        "request": _json(job.request),
        "seq": job.seq,
        "percent": job.percent,
    }


def _event_values(event: Event) -> dict[str, Any]:
    plain = {"status": event.status.value, "response": _json(event.response)}
    return msgspec.structs.asdict(event) | plain


def _job(row: sqlite3.Row) -> Job:
    return Job(
        id=row["id"],
        user=row["user_id"],
        channel=row["channel"],
        verb=row["verb"],
        type=JobType(row["type"]) if row["type"] else None,
        nonce=row["nonce"],
        status=Status(row["status"]),
        created=row["created"],
        updated=row["updated"],
        request=_parsed(row["request"]),
        response=_parsed(row["response"]),
        error=row["error"],
        details=row["details"],
        code=row["code"],
        seq=row["seq"],
        percent=row["percent"],
        sent=row["sent"],
        interaction=row["interaction"],
        message=row["message"],
        uuid=row["uuid"],
    )


def _event(row: sqlite3.Row) -> Event:
    return Event(
        job=row["job"],
        seq=row["seq"],
        at=row["at"],
        name=row["name"],
        status=Status(row["status"]),
        updated=row["updated"],
        response=_parsed(row["response"]),
        error=row["error"],
        details=row["details"],
        code=row["code"],
    )


def _channel(row: sqlite3.Row) -> Channel:
    return Channel(
        id=row["id"],
        user=row["user_id"],
        token=row["token"],
        max_jobs=row["max_jobs"],
        max_image_jobs=row["max_image_jobs"],
        max_video_jobs=row["max_video_jobs"],
        reply_url=row["reply_url"],
        error=row["error"],
    )


def _token(row: sqlite3.Row) -> Token:
    return Token(
        id=row["id"],
        user=row["user_id"],
        name=row["name"],
        hint=row["hint"],
        created=row["created"],
        revoked=row["revoked"],
    )
