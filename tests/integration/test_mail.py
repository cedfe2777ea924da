"""A channel goes into error and is opened again, over HTTP, with a mail about each."""

import asyncio
import re
import sqlite3
from contextlib import closing
from email.message import EmailMessage
from functools import partial
from typing import Any

import pytest
import structlog

from heliograph.cli import users
from tests.integration.conftest import V3, Running, Serve
from tests.integration.postoffice import PostOffice, open_office

BASE = "https://pictures.example.com"
COMMAND = re.compile(rf"curl -X (\w+) .* {re.escape(BASE)}(\S+)")


def mailing(office: PostOffice, **flags: Any) -> dict[str, Any]:
    return {
        "mail.host": "127.0.0.1",
        "mail.port": office.port,
        "mail.tls": "none",
        "mail.sender": "heliograph@example.com",
        "mail.to": "operator@example.com",
        "mail.schedule": "[0.05, 0.05, 0.05, 600]",
        "public_url": BASE,
    } | flags


async def channel_of(server: Running) -> str:
    (channel,) = (await server.client.get(f"{V3}/accounts")).json()
    return str(channel)


async def trouble(server: Running, kind: str = "challenge") -> dict[str, Any]:
    """A job that meets a challenge, as it ended."""
    path = f"{V3}/studio/{await channel_of(server)}/challenge"
    assert (await server.client.post(path, json={"kind": kind})).status_code == 204
    return await server.ended((await server.submit())["jobid"])


def subject(mail: EmailMessage) -> str:
    # A long one is folded behind the colon, and the parser keeps the space.
    return str(mail["Subject"]).strip()


def text(mail: EmailMessage) -> str:
    found = mail.get_body(("plain",))
    assert found is not None
    return str(found.get_content())


async def follow_the_mail(server: Running, mail: EmailMessage) -> None:
    """Does what it says, as a person would."""
    commands = COMMAND.findall(text(mail))
    assert [method for method, _ in commands] == ["DELETE", "POST"]
    for method, path in commands:
        assert (await server.client.request(method, path)).status_code == 204


def rows(server: Running, table: str = "mails") -> list[Any]:
    with closing(sqlite3.connect(server.home.database)) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()


@pytest.mark.parametrize("kind", ["challenge", "moderation"])
async def test_the_way_of_a_596(serve: Serve, kind: str) -> None:
    async with open_office() as office:
        server = await serve(**mailing(office))
        channel = await channel_of(server)
        ended = await trouble(server, kind)
        assert (ended["status"], ended["code"]) == ("failed", 596)
        error = ended["error"]
        locked = await office.next()
        assert locked["To"] == "operator@example.com"
        assert subject(locked) == f"Channel {channel} needs a person: {error}"

        body = {"prompt": "another cat", "stream": False}
        refused = await server.client.post(f"{V3}/jobs/imagine", json=body)
        assert refused.status_code == 596
        account = (await server.client.get(f"{V3}/accounts/{channel}")).json()
        assert account["error"] == error

        await follow_the_mail(server, locked)
        assert subject(await office.next()) == f"Channel {channel} is open again"
        assert (await server.ended((await server.submit())["jobid"]))["status"] == "completed"

        # A reset of a sound channel is no news: the next mail is about the next error.
        reset = f"{V3}/accounts/reset/{channel}"
        assert (await server.client.post(reset)).status_code == 204
        await trouble(server, kind)
        assert "needs a person" in subject(await office.next())
        assert len(rows(server)) == 3


async def test_jobs_that_meet_one_error_cause_one_mail(serve: Serve) -> None:
    async with open_office() as office:
        server = await serve(**mailing(office, **{"studio.blank_seconds": 0.2}))
        channel = await channel_of(server)
        await server.client.post(f"{V3}/studio/{channel}/challenge", json={"kind": "challenge"})
        # Before the first of them has met it, the channel takes all three.
        bodies = [{"prompt": f"cat {number}", "stream": False} for number in range(3)]
        made = [await server.client.post(f"{V3}/jobs/imagine", json=body) for body in bodies]
        codes = [
            (await server.ended(answer.json()["jobid"]))["code"]
            for answer in made
            if answer.status_code == 201
        ]
        assert set(codes) == {596}
        await follow_the_mail(server, await office.next())
        assert "is open again" in subject(await office.next())
        assert len(rows(server)) == 2


async def test_without_a_mail_server_nothing_is_written_and_nothing_breaks(serve: Serve) -> None:
    with structlog.testing.capture_logs() as lines:
        server = await serve()
        assert (await trouble(server))["code"] == 596
        reset = f"{V3}/accounts/reset/{await channel_of(server)}"
        assert (await server.client.post(reset)).status_code == 204
        server.stop.set()
    assert rows(server) == []
    said = [line for line in lines if "mail" in line["event"]]
    assert [line["log_level"] for line in said] == ["info"]


async def test_a_users_own_address_goes_first(serve: Serve) -> None:
    async with open_office() as office:
        server = await serve(**mailing(office))
        set_to = partial(users.change, server.settings, 1, quotas={}, mail="ann@example.org")
        await asyncio.to_thread(set_to)
        await trouble(server)
        assert (await office.next())["To"] == "ann@example.org"
