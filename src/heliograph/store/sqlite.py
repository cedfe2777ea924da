"""The store in one SQLite file, for one server process."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from heliograph.channel import Channel, Load
from heliograph.job import Change, Child, Event, Job
from heliograph.mail.base import Addresses, ChannelLocked, ChannelOpened
from heliograph.sqlite import Database, queries
from heliograph.store import deliveries, keys, mails, migrate, queue
from heliograph.store.base import Draft, How, Silent, Token, User
from heliograph.store.making import SLOTS, make, take_slot, watched_too
from heliograph.store.rows import (
    channel_of,
    child_of,
    event_of,
    job_of,
    json_of,
    token_of,
    usage_of,
    user_of,
)
from heliograph.task import Usage
from heliograph.vault import Vault

SQL = queries("heliograph.store", "sql/jobs.sql") | queries("heliograph.store", "sql/accounts.sql")

ANY_PERCENT = 1_000
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
    "inputs",
)


class SqliteStore:
    """`heliograph.store.base.Store` on SQLite. `addresses` says whom mail may go to; None writes
    no mails. `vault` seals accounts' tokens; None leaves them in the clear."""

    def __init__(
        self,
        path: Path,
        *,
        synchronous: str = "FULL",
        addresses: Addresses | None = None,
        vault: Vault | None = None,
    ) -> None:
        self.database = Database(path, synchronous=synchronous)
        self._addresses = addresses
        self._vault = vault

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        synchronous: str = "FULL",
        addresses: Addresses | None = None,
        vault: Vault | None = None,
    ) -> "SqliteStore":
        """Brings the file's schema up to date, then opens it. Raises sqlite3.Error."""
        migrate.upgrade(path)
        store = cls(path, synchronous=synchronous, addresses=addresses, vault=vault)
        store.database.open()
        return store

    async def admit(self, user: int, draft: Draft) -> tuple[Job, How]:
        def unit(connection: sqlite3.Connection) -> tuple[Job, How]:
            if found := _of_key(connection, user, draft):
                return found, "replay"
            how: How = "once"
            if (made := _done_once(connection, draft)) is None:
                how = "new"
                made = _make(connection, user, draft)
            _keep_key(connection, user, draft, made)
            return made, how

        return await self.database.write(unit)

    async def apply(self, change: Change) -> Job | None:
        return await self.database.write(lambda connection: _apply(connection, change))

    async def job(self, id: str) -> Job | None:
        rows = await self._rows("job", id=id)
        return job_of(rows[0]) if rows else None

    async def events(self, job: str, after: int) -> list[Event]:
        return [event_of(row) for row in await self._rows("events_after", job=job, after=after)]

    async def running(self, user: int) -> list[Job]:
        return [job_of(row) for row in await self._rows("running_of_user", user=user)]

    async def running_on(self, channel: str) -> list[Job]:
        return [job_of(row) for row in await self._rows("running_on_channel", channel=channel)]

    async def running_ids(self, channel: str) -> set[str]:
        return {row["id"] for row in await self._rows("running_ids_on_channel", channel=channel)}

    async def unsent_on(self, channel: str) -> list[Job]:
        return [job_of(row) for row in await self._rows("unsent_on_channel", channel=channel)]

    async def children(self, parent: str) -> list[Child]:
        return [child_of(row) for row in await self._rows("children", parent=parent)]

    async def forget_keys(self, before: int) -> None:
        await self._write("forget_keys", before=before)

    async def prune_events(self, before: int, most: int) -> int:
        return len(await self._write("prune_events", before=before, most=most))

    async def prune_deliveries(self, before: int, most: int) -> int:
        return await self.database.write(
            lambda connection: deliveries.prune(connection, before, most)
        )

    async def prune_mails(self, before: int, most: int) -> int:
        return await self.database.write(lambda connection: mails.prune(connection, before, most))

    async def silent(self, before: int) -> list[Silent]:
        rows = await self._rows("silent", before=before)
        return [Silent(job_of(row), bool(row["channel_relaxed"])) for row in rows]

    async def channels(self, user: int) -> list[Channel]:
        return [self._channel(row) for row in await self._rows("channels_of_user", user=user)]

    async def channel(self, id: str) -> Channel | None:
        rows = await self._rows("channel", id=id)
        return self._channel(rows[0]) if rows and rows[0]["deleted"] is None else None

    async def add_channel(self, channel: Channel, now: int) -> bool:
        values = self._values(channel) | {"now": now}

        def unit(connection: sqlite3.Connection) -> bool:
            connection.execute(SQL["ensure_user"], {"user": channel.user, "now": now})
            return bool(connection.execute(SQL["insert_channel"], values).fetchall())

        return await self.database.write(unit)

    async def update_channel(self, channel: Channel) -> None:
        await self._write("update_channel", **self._values(channel))

    async def delete_channel(self, user: int, id: str, now: int) -> bool:
        return bool(await self._write("delete_channel", user=user, id=id, now=now))

    async def set_channel_speed(self, id: str, *, relaxed: bool) -> None:
        await self._write("set_channel_speed", id=id, relaxed=int(relaxed))

    async def lock_channel(self, id: str, error: str, now: int) -> bool:
        def unit(connection: sqlite3.Connection) -> bool:
            rows = connection.execute(SQL["lock_channel"], {"id": id, "error": error}).fetchall()
            for locked in map(self._channel, rows):
                news = ChannelLocked(channel=id, error=error, own=locked.own)
                mails.post(connection, self._addresses, locked.user, news, now)
            return bool(rows)

        return await self.database.write(unit)

    async def open_channel(self, id: str, now: int) -> bool:
        def unit(connection: sqlite3.Connection) -> bool:
            rows = connection.execute(SQL["channel_in_error"], {"id": id}).fetchall()
            for locked in map(self._channel, rows):
                connection.execute(SQL["open_channel"], {"id": id})
                news = ChannelOpened(channel=id, error=locked.error or "")
                mails.post(connection, self._addresses, locked.user, news, now)
            return bool(rows)

        return await self.database.write(unit)

    async def claim(self, owner: str, now: int, until: int) -> list[Channel]:
        rows = await self._write("claim_channels", owner=owner, now=now, until=until)
        return [self._channel(row) for row in rows]

    async def seal(self) -> None:
        """Seals every stored account token with the vault's first key. Raises VaultFault."""
        await self.database.write(self._seal)

    async def release(self, owner: str | None) -> None:
        if owner is None:
            await self._write("release_all_channels")
            await self._write("recount_slots")
        else:
            await self._write("release_channels", owner=owner)

    async def user_of(self, token_hash: str) -> User | None:
        rows = await self._rows("user_of_token", hash=token_hash)
        return user_of(rows[0]) if rows else None

    async def users(self) -> list[User]:
        return [user_of(row) for row in await self._rows("users")]

    async def set_subscription(self, user: int, until: int | None) -> bool:
        return bool(await self._write("set_subscription", user=user, until=until))

    async def set_quotas(self, user: int, quotas: Mapping[str, int | None]) -> bool:
        values: dict[str, Any] = {"user": user}
        for name in ("fast_jobs", "relaxed_jobs", "unfinished"):
            values |= {name: quotas.get(name), f"sets_{name}": int(name in quotas)}
        return bool(await self._write("set_quotas", **values))

    async def usage(self, since: int, before: int) -> list[Usage]:
        rows = await self._rows("usage", since=since, before=before)
        return [usage_of(row) for row in rows]

    async def set_mail(self, user: int, address: str | None) -> bool:
        return bool(await self._write("set_mail", user=user, address=address))

    async def welcome(self, user: int, now: int) -> bool:
        def unit(connection: sqlite3.Connection) -> bool:
            connection.execute(SQL["ensure_user"], {"user": user, "now": now})
            values = {"user": user, "now": now}
            return bool(connection.execute(SQL["welcome"], values).fetchall())

        return await self.database.write(unit)

    async def add_token(
        self, user: int, name: str, token_hash: str, hint: str, now: int
    ) -> Token | None:
        values = {"user": user, "name": name, "hash": token_hash, "hint": hint, "now": now}

        def unit(connection: sqlite3.Connection) -> Token | None:
            connection.execute(SQL["ensure_user"], {"user": user, "now": now})
            row = connection.execute(SQL["insert_token"], values).fetchone()
            return token_of(row) if row else None

        return await self.database.write(unit)

    async def tokens(self, user: int) -> list[Token]:
        return [token_of(row) for row in await self._rows("tokens_of_user", user=user)]

    async def revoke_token(self, user: int, id: int, now: int) -> bool:
        return bool(await self._write("revoke_token", user=user, id=id, now=now))

    async def close(self) -> None:
        self.database.close()

    def _channel(self, row: sqlite3.Row) -> Channel:
        channel = channel_of(row)
        if self._vault is None:
            return channel
        return msgspec.structs.replace(channel, token=self._vault.open(channel.token))

    def _values(self, channel: Channel) -> dict[str, Any]:
        token = channel.token if self._vault is None else self._vault.seal(channel.token)
        return msgspec.structs.asdict(channel) | {"token": token}

    def _seal(self, connection: sqlite3.Connection) -> None:
        for row in connection.execute(SQL["all_channels"]).fetchall():
            values = self._values(self._channel(row))
            connection.execute(
                SQL["set_channel_token"], {"id": row["id"], "token": values["token"]}
            )

    async def _rows(self, name: str, **values: Any) -> list[sqlite3.Row]:
        return await self.database.read(
            lambda connection: connection.execute(SQL[name], values).fetchall()
        )

    async def _write(self, name: str, **values: Any) -> list[sqlite3.Row]:
        return await self.database.write(
            lambda connection: connection.execute(SQL[name], values).fetchall()
        )


def _apply(connection: sqlite3.Connection, change: Change) -> Job | None:
    guard = [state.value for state in change.guard] + [None, None, None]
    values: dict[str, Any] = {key: change.columns.get(key) for key in CHANGEABLE}
    values["response"] = json_of(values["response"])
    values["inputs"] = json_of(values["inputs"])
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
        "unfilled": int(change.unfilled),
        "seq": change.seq,
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
        if row["watched"]:
            deliveries.note(connection, row["id"], change.event, row["seq"], row["updated"])
    changed = job_of(row)
    if not changed.running and changed.type is not None:
        if row["slot"]:
            values = {"channel": changed.channel} | SLOTS[changed.type]
            connection.execute(SQL["free_slot"], values)
        queue.ended(connection, row)
    return changed


def _of_key(connection: sqlite3.Connection, user: int, draft: Draft) -> Job | None:
    if draft.key is None:
        return None
    kept = keys.find(connection, user, draft.key)
    return job_of(connection.execute(SQL["job"], {"id": kept["job"]}).fetchone()) if kept else None


def _keep_key(connection: sqlite3.Connection, user: int, draft: Draft, job: Job) -> None:
    if draft.key is not None:
        keys.keep(connection, user, draft.key, draft.now(), job=job.id)


def _done_once(connection: sqlite3.Connection, draft: Draft) -> Job | None:
    # Units run one after another, so what is not there now can't come before the insert; the
    # unique index says the same to databases where they don't.
    if draft.once is None:
        return None
    parent, once = draft.once
    rows = connection.execute(SQL["once"], {"parent": parent, "once": once}).fetchall()
    if not rows:
        return None
    found = job_of(rows[0])
    return watched_too(connection, found, draft.job(found.channel))


def _make(connection: sqlite3.Connection, user: int, draft: Draft) -> Job:
    """Most drafts find room with a statement. Who doesn't waits for it, or is told why, after a
    look at all that is known of the channels."""
    queued = draft.type is not None and draft.queue is not None
    if draft.type is not None and not (queued and queue.others_wait(connection, user, draft)):
        taken = take_slot(connection, user, draft.type, draft.named)
        if taken is not None:
            return _made_on(connection, draft, taken)
    if queued:
        return queue.enqueue(connection, user, draft)
    rows = connection.execute(SQL["channels_of_user"], {"user": user}).fetchall()
    loads = {row["id"]: Load(images=row["images"], videos=row["videos"]) for row in rows}
    channel = draft.choose([channel_of(row) for row in rows], loads)
    if draft.type is not None:
        raise RuntimeError(f"take_slot found no room on {channel.id}, where `choose` does")
    return _made_on(connection, draft, next(row for row in rows if row["id"] == channel.id))


def _made_on(connection: sqlite3.Connection, draft: Draft, channel: sqlite3.Row) -> Job:
    return make(
        connection,
        lambda: draft.job(channel["id"]),
        channel["reply_url"],
        slot=draft.type is not None,
        relaxed=queue.asked_or_set(draft.relaxed, channel),
    )
