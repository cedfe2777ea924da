"""The tables of the bot's memory, and how files of older releases come to have them."""

import sqlite3
from importlib.resources import files

import msgspec

from heliograph.midjourney import content

VERSION = 2


class MemoryFault(Exception):
    """The memory can't be used; the message is a sentence for the operator."""


def prepare(db: sqlite3.Connection) -> None:
    """Makes the tables, or brings them up to date, within the caller's transaction.

    Raises MemoryFault for a file of a newer release.
    """
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise MemoryFault(
            f"The bot's memory was written by a newer version of Heliograph (version {version})."
        )
    db.execute("SAVEPOINT tables")
    try:
        _bring_up(db, version)
    except BaseException:
        # The caller's transaction may be committed all the same: half a step must not be in it.
        db.execute("ROLLBACK TO tables")
        raise
    finally:
        db.execute("RELEASE tables")


def _bring_up(db: sqlite3.Connection, version: int) -> None:
    if version == 0:
        _run(db, "schema.sql")
    elif version == 1:
        _run(db, "upgrade_2.sql")
        _find_final_messages(db)
    db.execute(f"PRAGMA user_version = {VERSION}")


def _run(db: sqlite3.Connection, name: str) -> None:
    script = files("heliograph.studio").joinpath(name).read_text("utf-8")
    # Not executescript: it would commit what the writer thread has open.
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)


def _find_final_messages(db: sqlite3.Connection) -> None:
    """Version 1 did not say which message shows a finished job; the message does."""
    queued = {row[0] for row in db.execute("SELECT message FROM queue")}
    for id, body in db.execute("SELECT id, body FROM message WHERE NOT deleted ORDER BY id"):
        uuid = content.uuid_of(msgspec.json.decode(body))
        if uuid and id not in queued:
            db.execute("UPDATE finished SET message = ? WHERE uuid = ?", (id, uuid))
