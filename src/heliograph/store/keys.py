"""Callers' keys for sending twice safely, in the job store's SQLite file."""

import sqlite3

from heliograph.errors import KeyReused
from heliograph.sqlite import queries

SQL = queries("heliograph.store", "sql/jobs.sql")

Key = tuple[str, str]
"""The caller's own word, and a digest of what was asked with it."""


def find(connection: sqlite3.Connection, user: int, key: Key) -> sqlite3.Row | None:
    """What the key stands for. Raises KeyReused when something else was asked with it."""
    rows = connection.execute(SQL["key"], {"user": user, "key": key[0]}).fetchall()
    if rows and rows[0]["digest"] != key[1]:
        raise KeyReused
    return rows[0] if rows else None


def keep(
    connection: sqlite3.Connection,
    user: int,
    key: Key,
    now: int,
    *,
    job: str | None = None,
    task: str | None = None,
) -> None:
    """Has the key stand for a job or a task from now on."""
    values = {"user": user, "key": key[0], "digest": key[1], "job": job, "task": task, "now": now}
    connection.execute(SQL["keep_key"], values)
