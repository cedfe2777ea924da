"""The bot's memory on disk: what makes it the same bot after a restart.

Apart from the server's job store on purpose, as the real bot's memory is. Each step of a job is
one transaction: taking it (interaction, acknowledgement, queue), and ending it (final message,
progress message gone, queue, scenes, usage). What leaves the queue leaves it once: the transaction
that deletes the row may end the job, and every other attempt finds nothing and changes nothing.
"""

import asyncio
import sqlite3
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from heliograph import sqlite
from heliograph.sqlite import Database, T, Unit
from heliograph.studio import components
from heliograph.studio.ids import account_ids
from heliograph.studio.tickets import Account, Finished, Interaction, Message, Mode, Shown, Ticket

VERSION = 1
NEWEST = 2**63 - 1
DIGITS = 19

encode = msgspec.json.encode
_QUERIES = sqlite.queries("heliograph.studio", "memory.sql")


class Settings(msgspec.Struct, frozen=True):
    """What `/settings` keeps for an account; the defaults are those of the recordings."""

    version: str = "7"
    stylize: int = 250
    mode: Mode = "fast"
    strong_variations: bool = True


class Usage(msgspec.Struct, frozen=True):
    """What an account has had painted in one mode."""

    mode: Mode
    jobs: int
    images: int
    seconds: float


class Press(msgspec.Struct, frozen=True):
    """The button that an interaction pressed; `edited` is when, as messages have it."""

    message: str
    custom_id: str
    edited: str


class Taken(msgspec.Struct, frozen=True):
    """An interaction that was not known before; `parent` is the message that it changed."""

    parent: bytes | None = None


class MemoryFault(Exception):
    """The memory can't be used; the message is a sentence for the operator."""


class Memory:
    """The bot's SQLite file. Bodies of messages go in and out as the JSON that they are."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._closed = False

    @classmethod
    async def open(cls, path: Path) -> "Memory":
        """Opens the file, or makes it. Raises sqlite3.Error, or MemoryFault if it is too new."""
        database = Database(path)
        await asyncio.to_thread(database.open)
        await database.write(_create)
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
            _run(db, "open_account", **row)
            found = _run(db, "account", token=row["token"]).fetchone()
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
        answer: tuple[str, bytes] | None = None,
        ticket: Ticket | None = None,
        press: Press | None = None,
    ) -> Taken | None:
        """Notes an interaction with its answer (id, body) and its job; None for a known nonce."""

        def unit(db: sqlite3.Connection) -> Taken | None:
            row = {"user": account.user, "nonce": interaction.nonce, "id": int(interaction.id)}
            if interaction.nonce and not _run(db, "take", **row).rowcount:
                return None
            if answer:
                _put(db, account.channel, *answer)
            if ticket:
                _enqueue(db, ticket)
            return Taken(_press(db, account, press) if press else None)

        return await self._write(unit)

    async def knows(self, account: Account, nonce: str) -> bool:
        """Whether an interaction with this nonce was taken."""
        return bool(await self._read("known", user=account.user, nonce=nonce))

    async def show(self, ticket: Ticket, shown: Shown, body: bytes) -> bool:
        """Stores a progress message; False when the job has left the queue meanwhile."""

        def unit(db: sqlite3.Connection) -> bool:
            if not _run(db, "show", uuid=ticket.uuid, shown=encode(shown)).rowcount:
                return False
            _put(db, ticket.account.channel, ticket.message, body)
            return True

        return await self._write(unit)

    async def finish(
        self, job: Finished, id: str, body: bytes, *, images: int, seconds: float
    ) -> bool:
        """Ends a job well, with its final message; False when it had been ended before."""
        ticket = job.ticket

        def unit(db: sqlite3.Connection) -> bool:
            if not _run(db, "dequeue", uuid=ticket.uuid).rowcount:
                return False
            _put(db, ticket.account.channel, id, body)
            _run(db, "delete_message", id=int(ticket.message))
            _run(db, "finish", uuid=ticket.uuid, job=encode(job))
            who = {"user": ticket.account.user, "mode": ticket.mode}
            _run(db, "count", **who, images=images, seconds=seconds)
            return True

        return await self._write(unit)

    async def stop(self, ticket: Ticket, *messages: tuple[str, bytes]) -> bool:
        """Ends a job without a picture, with these messages; False when it had been ended."""

        def unit(db: sqlite3.Connection) -> bool:
            if not _run(db, "dequeue", uuid=ticket.uuid).rowcount:
                return False
            for id, body in messages:
                _put(db, ticket.account.channel, id, body)
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
        rows = await self._read("queued", message=_number(message))
        return msgspec.json.decode(rows[0]["ticket"], type=Ticket) if rows else None

    async def message(self, account: Account, id: str) -> Message | None:
        rows = await self._read("message", id=_number(id), channel=account.channel)
        return msgspec.json.decode(rows[0]["body"]) if rows else None

    async def history(self, account: Account, limit: int, before: str | None) -> list[Message]:
        """Newest first, without ephemeral or deleted messages."""
        edge = _number(before) if before else NEWEST
        rows = await self._read("history", channel=account.channel, before=edge, limit=limit)
        return [msgspec.json.decode(row["body"]) for row in rows]

    async def finished(self, uuid: str) -> Finished | None:
        rows = await self._read("finished", uuid=uuid)
        return msgspec.json.decode(rows[0]["job"], type=Finished) if rows else None

    async def usage(self, account: Account) -> list[Usage]:
        return [Usage(*row) for row in await self._read("usage", user=account.user)]

    async def last_id(self) -> int:
        """The newest id ever given out: the next one must be larger."""
        rows = await self._read("last_id")
        return int(rows[0][0])

    async def prune(self, before: int) -> None:
        """Forgets interactions older than that id."""
        await self._write(lambda db: _run(db, "prune_interactions", before=before))

    async def _write(self, unit: Unit[T]) -> T:
        self._check_open()
        return await self._database.write(unit)

    async def _read(self, name: str, **values: Any) -> list[sqlite3.Row]:
        self._check_open()
        return await self._database.read(lambda db: _run(db, name, **values).fetchall())

    def _check_open(self) -> None:
        if self._closed:
            raise sqlite3.ProgrammingError("the bot has been closed")


def _create(db: sqlite3.Connection) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise MemoryFault(
            f"The bot's memory was written by a newer version of Heliograph (version {version})."
        )
    if version == 0:
        schema = files("heliograph.studio").joinpath("schema.sql").read_text("utf-8")
        # Not executescript: it would commit what the writer thread has open.
        for statement in schema.split(";\n"):
            if statement.strip():
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {VERSION}")


def _run(db: sqlite3.Connection, name: str, **values: Any) -> sqlite3.Cursor:
    return db.execute(_QUERIES[name], values)


def _put(db: sqlite3.Connection, channel: str, id: str, body: bytes) -> None:
    _run(db, "put_message", id=int(id), channel=channel, body=body)


def _enqueue(db: sqlite3.Connection, ticket: Ticket) -> None:
    _run(
        db,
        "enqueue",
        uuid=ticket.uuid,
        user=ticket.account.user,
        message=int(ticket.message),
        ticket=encode(ticket),
        shown=encode(Shown()),
    )


def _press(db: sqlite3.Connection, account: Account, press: Press) -> bytes | None:
    """Colours the button in the message as it stands now: another press may just have edited it."""
    row = _run(db, "message", id=_number(press.message), channel=account.channel).fetchone()
    if row is None:
        return None
    message = msgspec.json.decode(row["body"])
    components.pressed(message, press.custom_id)
    message["edited_timestamp"] = press.edited
    body = encode(message)
    _put(db, account.channel, press.message, body)
    return body


def _number(id: str) -> int:
    """An id from outside; what is no id names nothing."""
    return min(int(id), NEWEST) if id.isascii() and id.isdigit() and len(id) <= DIGITS else 0
