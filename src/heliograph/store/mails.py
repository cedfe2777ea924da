"""Mails in the job store's SQLite file: written with the changes that they report."""

import sqlite3
from typing import Any
from urllib.parse import urlsplit

import msgspec

from heliograph.mail.base import (
    Addresses,
    Mail,
    News,
    WebhookFailing,
    about,
)
from heliograph.sqlite import Database, queries

SQL = queries("heliograph.store", "sql/mails.sql")

OUTAGE_MS = 24 * 3_600_000


def post(
    connection: sqlite3.Connection, addresses: Addresses | None, user: int, news: News, now: int
) -> bool:
    """Puts a mail to the user into the outbox; False when there is no address to send it to, or
    mail is not configured (`addresses` is None)."""
    if addresses is None:
        return False
    rows = connection.execute(SQL["address_of_user"], {"user": user}).fetchall()
    address = (rows[0]["mail"] if rows else None) or addresses.fallback
    if address is None:
        return False
    values = {
        "user": user,
        "address": address,
        "about": about(news),
        "news": msgspec.json.encode(news).decode(),
        "now": now,
    }
    connection.execute(SQL["insert_mail"], values)
    return True


def webhook_heard(connection: sqlite3.Connection, user: int, url: str) -> None:
    """The address took a delivery."""
    connection.execute(SQL["webhook_heard"], {"user": user, "url": plain(url)})


def webhook_failed(
    connection: sqlite3.Connection,
    addresses: Addresses | None,
    user: int,
    url: str,
    error: str,
    at: int,
) -> None:
    """The address did not take a delivery, at `at` (ms). Once that has gone on for 24 hours, its
    user is told, once an outage; of all addresses of a host once a day, since some callers name
    another for each job."""
    values = {"user": user, "url": plain(url), "at": at, "now": at}
    (row,) = connection.execute(SQL["webhook_failed"], values).fetchall()
    if row["mailed"] is not None or at - row["since"] < OUTAGE_MS:
        return
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"
    lately = {"user": user, "origin": origin, "since": at - OUTAGE_MS}
    if connection.execute(SQL["host_mailed"], lately).fetchall():
        return
    news = WebhookFailing(url=plain(url), since=row["since"], error=error)
    if post(connection, addresses, user, news, at):
        connection.execute(SQL["webhook_mailed"], values)


def plain(url: str) -> str:
    """The address without user, query and fragment: callers put keys there, and ids of single
    jobs."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query="", fragment="").geturl()


def prune(connection: sqlite3.Connection, before: int, most: int) -> int:
    """Drops old mails that are settled, and addresses that nothing was sent to since; returns how
    many mails."""
    connection.execute(SQL["prune_failing"], {"before": before})
    return len(connection.execute(SQL["prune_mails"], {"before": before, "most": most}).fetchall())


class SqliteOutbox:
    """`heliograph.mail.base.Outbox` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: int, limit: int) -> list[Mail]:
        return [_mail(row) for row in await self._rows("due_mails", now=now, limit=limit)]

    async def next_due(self) -> int | None:
        (row,) = await self._rows("next_due_mail")
        return None if row["due"] is None else int(row["due"])

    async def sent(self, id: int, now: int) -> None:
        await self._database.write(
            lambda connection: _settle(connection, "mail_sent", {"id": id, "now": now})
        )

    async def unsent(self, id: int, error: str, now: int, again: int | None) -> None:
        name = "mail_given_up" if again is None else "mail_again"
        values = {"id": id, "error": error, "now": now, "again": again}
        await self._database.write(lambda connection: _settle(connection, name, values))

    async def listed(self, user: int, limit: int) -> list[Mail]:
        return [_mail(row) for row in await self._rows("mails_of_user", user=user, limit=limit)]

    async def _rows(self, name: str, **values: int) -> list[sqlite3.Row]:
        return await self._database.read(
            lambda connection: connection.execute(SQL[name], values).fetchall()
        )


def _settle(connection: sqlite3.Connection, name: str, values: dict[str, Any]) -> None:
    for row in connection.execute(SQL[name], values).fetchall():
        following = {"user": row["user_id"], "about": row["about"], "now": values["now"]}
        connection.execute(SQL["next_mail_about"], following)


def _mail(row: sqlite3.Row) -> Mail:
    return Mail(
        id=row["id"],
        user=row["user_id"],
        address=row["address"],
        news=msgspec.json.decode(row["news"], type=News),
        state=row["state"],
        attempts=row["attempts"],
        created=row["created"],
        error=row["error"],
        due=row["due"],
        settled=row["settled"],
    )
