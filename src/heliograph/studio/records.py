"""The rows of the bot's memory: functions that read or write one kind, within a transaction."""

import sqlite3
from typing import Any

import msgspec

from heliograph import sqlite
from heliograph.studio import components
from heliograph.studio.forms import OPEN_SECONDS, Form
from heliograph.studio.ids import first_of, moment_of
from heliograph.studio.tickets import Account, Interaction, Mode, Shown, Ticket

NEWEST = 2**63 - 1
DIGITS = 19
EPHEMERAL = 64

encode = msgspec.json.encode
_QUERIES = sqlite.queries("heliograph.studio", "memory.sql")


class Usage(msgspec.Struct, frozen=True):
    """What an account has had painted in one mode and month ("2026-11")."""

    month: str
    mode: Mode
    jobs: int
    images: int
    seconds: float


class Queued(msgspec.Struct, frozen=True):
    """A job in the queue, as far as `/info` speaks of it."""

    mode: Mode
    running: bool


class Press(msgspec.Struct, frozen=True):
    """The button that an interaction pressed; `edited` is when, as messages have it."""

    message: str
    custom_id: str
    edited: str


class Taken(msgspec.Struct, frozen=True):
    """An interaction that was not known before; `parent` is the message that it changed."""

    parent: bytes | None = None


class _Flags(msgspec.Struct):
    flags: int = 0


_FLAGS = msgspec.json.Decoder(_Flags)


def run(db: sqlite3.Connection, name: str, **values: Any) -> sqlite3.Cursor:
    return db.execute(_QUERIES[name], values)


def note(db: sqlite3.Connection, account: Account, interaction: Interaction) -> bool:
    """False for a nonce that the account has used before."""
    row = {"user": account.user, "nonce": interaction.nonce, "id": int(interaction.id)}
    return not interaction.nonce or bool(run(db, "take", **row).rowcount)


def put(db: sqlite3.Connection, channel: str, id: str, body: bytes) -> None:
    ephemeral = bool(_FLAGS.decode(body).flags & EPHEMERAL)
    run(db, "put_message", id=int(id), channel=channel, ephemeral=ephemeral, body=body)


def open_form(db: sqlite3.Connection, account: Account, form: Form) -> None:
    """Keeps a form, and forgets those that have lapsed."""
    run(db, "prune_forms", before=first_of(moment_of(form.id) - OPEN_SECONDS))
    row = {"id": int(form.id), "token": form.token or None, "body": encode(form)}
    run(db, "open_form", user=account.user, **row)


def enqueue(db: sqlite3.Connection, ticket: Ticket) -> None:
    run(
        db,
        "enqueue",
        uuid=ticket.uuid,
        user=ticket.account.user,
        message=int(ticket.message),
        ticket=encode(ticket),
        shown=encode(Shown()),
    )


def colour(db: sqlite3.Connection, account: Account, press: Press) -> bytes | None:
    """Colours the button in the message as it stands now: another press may just have edited it."""
    row = run(db, "message", id=number(press.message), channel=account.channel).fetchone()
    if row is None:
        return None
    message = msgspec.json.decode(row["body"])
    components.pressed(message, press.custom_id)
    message["edited_timestamp"] = press.edited
    body = encode(message)
    put(db, account.channel, press.message, body)
    return body


class _Mode(msgspec.Struct):
    mode: Mode


def queued(row: sqlite3.Row) -> Queued:
    mode = msgspec.json.decode(row["ticket"], type=_Mode).mode
    return Queued(mode, running=msgspec.json.decode(row["shown"], type=Shown).started)


def number(id: str) -> int:
    """An id from outside; what is no id names nothing."""
    return min(int(id), NEWEST) if id.isascii() and id.isdigit() and len(id) <= DIGITS else 0
