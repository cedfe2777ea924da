"""The bot's memory on disk: what makes it the same bot after a restart.

Apart from the server's job store on purpose, as the real bot's memory is. Each step of a job is
one transaction: taking it (interaction, acknowledgement, queue), and ending it (final message,
progress message gone, queue, scenes, usage). What leaves the queue leaves it once: the transaction
that deletes the row may end the job, and every other attempt finds nothing and changes nothing.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from heliograph.sqlite import Database, T, Unit
from heliograph.studio import records, schema
from heliograph.studio.forms import Form
from heliograph.studio.ids import account_ids, iso_month, moment_of
from heliograph.studio.preferences import Settings
from heliograph.studio.records import Press, Queued, Taken, Usage, encode
from heliograph.studio.schema import MemoryFault
from heliograph.studio.tickets import Account, Finished, Interaction, Message, Shown, Ticket

__all__ = ["Memory", "MemoryFault", "Press", "Queued", "Settings", "Taken", "Usage", "encode"]


class Adjusted(NamedTuple):
    """The settings after a change, and the message that says so."""

    settings: Settings
    said: bytes


class Memory:
    """The bot's SQLite file. Bodies of messages go in and out as the JSON that they are."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._closed = False

    @classmethod
    async def open(cls, path: Path) -> "Memory":
        """Opens the file, makes it, or brings it up to date.

        Raises sqlite3.Error, or MemoryFault if it is too new.
        """
        database = Database(path)
        await asyncio.to_thread(database.open)
        try:
            await database.write(schema.prepare)
        except BaseException:
            await asyncio.to_thread(database.close)
            raise
        return cls(database)

    async def close(self) -> None:
        """Finishes what was begun; whatever comes later is told that it is too late."""
        self._closed = True
        await asyncio.to_thread(self._database.close)

    async def account(self, token: str, username: str) -> Account:
        """The token's account, made on its first use with that name."""
        user, channel = account_ids(token)
        row = {
            "token": sha256(token.encode()).hexdigest(),
            "user": user,
            "channel": channel,
            "username": username,
            "settings": encode(Settings()).decode(),
        }

        def unit(db: sqlite3.Connection) -> Account:
            records.run(db, "open_account", **row)
            found = records.run(db, "account", token=row["token"]).fetchone()
            return Account(found["user"], found["channel"], found["username"])

        return await self._write(unit)

    async def settings(self, account: Account) -> Settings:
        rows = await self._read("settings", user=account.user)
        return msgspec.json.decode(rows[0]["settings"], type=Settings)

    async def take(
        self,
        account: Account,
        interaction: Interaction,
        *,
        says: Sequence[tuple[str, bytes]] = (),
        tickets: Sequence[Ticket] = (),
        press: Press | None = None,
        opens: Form | None = None,
        closes: Form | None = None,
    ) -> Taken | None:
        """Notes an interaction with what is said to it (id, body), and the jobs or the form that
        come of it; None for a known nonce, or a form that was closed before."""

        def unit(db: sqlite3.Connection) -> Taken | None:
            if closes and not records.run(db, "close_form", id=int(closes.id)).rowcount:
                return None
            # A frame is answered without an interaction of its own.
            if not (closes and closes.token) and not records.note(db, account, interaction):
                return None
            for id, body in says:
                records.put(db, account.channel, id, body)
            for ticket in tickets:
                records.enqueue(db, ticket)
            if opens:
                records.open_form(db, account, opens)
            return Taken(records.colour(db, account, press) if press else None)

        return await self._write(unit)

    async def adjust(
        self,
        account: Account,
        interaction: Interaction,
        change: Callable[[Settings], Settings],
        id: str,
        say: Callable[[Settings], Message],
    ) -> Adjusted | None:
        """Changes the settings, and stores message `id`, which shows them; None for a known
        nonce."""

        def unit(db: sqlite3.Connection) -> Adjusted | None:
            if not records.note(db, account, interaction):
                return None
            row = records.run(db, "settings", user=account.user).fetchone()
            settings = change(msgspec.json.decode(row["settings"], type=Settings))
            records.run(db, "set_settings", user=account.user, settings=encode(settings).decode())
            body = encode(say(settings))
            records.put(db, account.channel, id, body)
            return Adjusted(settings, body)

        return await self._write(unit)

    async def form(
        self, account: Account, *, id: str = "", token: str = "", since: int
    ) -> Form | None:
        """The account's open form, by its id or its token, unless it was opened before `since`."""
        which = {"id": records.number(id), "token": token or None}
        rows = await self._read("form", user=account.user, since=since, **which)
        return msgspec.json.decode(rows[0]["body"], type=Form) if rows else None

    async def put(self, account: Account, id: str, body: bytes) -> None:
        """Stores a message, new or edited."""
        await self._write(lambda db: records.put(db, account.channel, id, body))

    async def delete(self, account: Account, id: str) -> bool:
        """Deletes a message; False when there is none to delete."""

        def unit(db: sqlite3.Connection) -> bool:
            row = records.run(
                db, "message", id=records.number(id), channel=account.channel
            ).fetchone()
            if row is not None:
                records.run(db, "delete_message", id=records.number(id))
            return row is not None

        return await self._write(unit)

    async def challenges(self) -> dict[str, str]:
        """What commands are answered with, by channel."""
        return {row["channel"]: row["kind"] for row in await self._read("challenges")}

    async def challenge(self, channel: str, kind: str | None) -> bool:
        """Sets or, with None, lifts a channel's challenge; False for an unknown channel."""

        def unit(db: sqlite3.Connection) -> bool:
            if records.run(db, "channel", channel=channel).fetchone() is None:
                return False
            if kind is None:
                records.run(db, "resolve", channel=channel)
            else:
                records.run(db, "challenge", channel=channel, kind=kind)
            return True

        return await self._write(unit)

    async def knows(self, account: Account, nonce: str) -> bool:
        """Whether an interaction with this nonce was taken."""
        return bool(await self._read("known", user=account.user, nonce=nonce))

    async def show(self, ticket: Ticket, shown: Shown, body: bytes) -> bool:
        """Stores a progress message; False when the job has left the queue meanwhile."""

        def unit(db: sqlite3.Connection) -> bool:
            if not records.run(db, "show", uuid=ticket.uuid, shown=encode(shown)).rowcount:
                return False
            records.put(db, ticket.account.channel, ticket.message, body)
            return True

        return await self._write(unit)

    async def finish(
        self, job: Finished, id: str, body: bytes, *, images: int, seconds: float
    ) -> bool:
        """Ends a job well, with its final message, which may be the one that showed its progress;
        False when it had been ended before."""
        ticket = job.ticket

        def unit(db: sqlite3.Connection) -> bool:
            if not records.run(db, "dequeue", uuid=ticket.uuid).rowcount:
                return False
            records.put(db, ticket.account.channel, id, body)
            if id != ticket.message:
                records.run(db, "delete_message", id=int(ticket.message))
            records.run(db, "finish", uuid=ticket.uuid, job=encode(job), message=int(id))
            month = iso_month(moment_of(id))
            who = {"user": ticket.account.user, "month": month, "mode": ticket.mode}
            records.run(db, "count", **who, images=images, seconds=seconds)
            return True

        return await self._write(unit)

    async def stop(self, ticket: Ticket, *messages: tuple[str, bytes]) -> bool:
        """Ends a job without a picture, with these messages; False when it had been ended."""

        def unit(db: sqlite3.Connection) -> bool:
            if not records.run(db, "dequeue", uuid=ticket.uuid).rowcount:
                return False
            for id, body in messages:
                records.put(db, ticket.account.channel, id, body)
            return True

        return await self._write(unit)

    async def queue(self) -> list[tuple[Ticket, Shown]]:
        """The jobs that are waiting or were being painted, oldest first."""
        rows = await self._read("queue")
        return [
            (
                msgspec.json.decode(row["ticket"], type=Ticket),
                msgspec.json.decode(row["shown"], type=Shown),
            )
            for row in rows
        ]

    async def queued(self, message: str) -> Ticket | None:
        """The job whose progress message this is, while it is in the queue."""
        rows = await self._read("queued", message=records.number(message))
        return msgspec.json.decode(rows[0]["ticket"], type=Ticket) if rows else None

    async def message(self, account: Account, id: str) -> Message | None:
        rows = await self._read("message", id=records.number(id), channel=account.channel)
        return msgspec.json.decode(rows[0]["body"]) if rows else None

    async def history(self, account: Account, limit: int, before: str | None) -> list[Message]:
        """Newest first, without ephemeral or deleted messages."""
        edge = records.number(before) if before else records.NEWEST
        rows = await self._read("history", channel=account.channel, before=edge, limit=limit)
        return [msgspec.json.decode(row["body"]) for row in rows]

    async def later(self, account: Account, limit: int, after: str) -> list[Message]:
        """Those that follow a message, newest first, without ephemeral or deleted ones."""
        edge = records.number(after)
        rows = await self._read("later", channel=account.channel, after=edge, limit=limit)
        return [msgspec.json.decode(row["body"]) for row in reversed(rows)]

    async def finished(self, uuid: str) -> Finished | None:
        rows = await self._read("finished", uuid=uuid)
        return msgspec.json.decode(rows[0]["job"], type=Finished) if rows else None

    async def shown(self, account: Account, uuid: str) -> Message | None:
        """The message that shows a finished job of the account's."""
        rows = await self._read("finished", uuid=uuid)
        if not rows:
            return None
        # It may stand in another channel of the same user.
        owner = msgspec.json.decode(rows[0]["job"], type=Finished).ticket.account
        if owner.user != account.user:
            return None
        return await self.message(owner, str(rows[0]["message"]))

    async def queued_by(self, account: Account) -> list[Queued]:
        rows = await self._read("queued_by", user=account.user)
        return [records.queued(row) for row in rows]

    async def usage(self, account: Account) -> list[Usage]:
        return [Usage(*row) for row in await self._read("usage", user=account.user)]

    async def last_id(self) -> int:
        """The newest id ever given out: the next one must be larger."""
        rows = await self._read("last_id")
        return int(rows[0][0])

    async def prune(self, before: int) -> None:
        """Forgets interactions older than that id, and the forms that they opened."""

        def unit(db: sqlite3.Connection) -> None:
            records.run(db, "prune_interactions", before=before)
            records.run(db, "prune_forms", before=before)

        await self._write(unit)

    async def _write(self, unit: Unit[T]) -> T:
        self._check_open()
        return await self._database.write(unit)

    async def _read(self, name: str, **values: Any) -> list[sqlite3.Row]:
        self._check_open()
        return await self._database.read(lambda db: records.run(db, name, **values).fetchall())

    def _check_open(self) -> None:
        if self._closed:
            raise sqlite3.ProgrammingError("the bot has been closed")
