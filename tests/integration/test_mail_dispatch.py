"""From the outbox to a mail server that is slow, refuses, goes away and comes back."""

import asyncio
import itertools
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
import structlog

from heliograph.bus.local import LocalBus
from heliograph.channel import Channel
from heliograph.clock import milliseconds
from heliograph.mail.base import Addresses, Mail
from heliograph.mail.dispatch import MailDispatcher
from heliograph.mail.post import Server, SmtpPost
from heliograph.retry import Schedule
from heliograph.store.mails import SqliteOutbox
from heliograph.store.sqlite import SqliteStore
from tests.integration.postoffice import USERNAME, Certificate, PostOffice, open_office

SOON = Schedule((0.02,) * 200)
PASSWORD = "not the right one"


class World:
    """A store, and what is known of its mails."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bus = LocalBus()
        self.store = SqliteStore.open(path, addresses=Addresses("ann@example.org"))
        self.outbox = SqliteOutbox(self.store.database)
        self.numbers = itertools.count(1)

    async def error(self) -> str:
        """Puts a new channel in error; returns its id."""
        id = f"{next(self.numbers)}"
        await self.store.add_channel(Channel(id=id, user=1, token="studio"), milliseconds())
        assert await self.store.lock_channel(id, "Blocked", milliseconds())
        self.bus.publish("mail", id)
        return id

    async def mails(self) -> list[Mail]:
        return (await self.outbox.listed(1, 99))[::-1]

    @asynccontextmanager
    async def dispatching(self, server: Server, schedule: Schedule = SOON) -> AsyncIterator[None]:
        dispatcher = MailDispatcher(
            self.outbox,
            self.bus,
            SmtpPost(server),
            sender="heliograph@example.com",
            base="http://127.0.0.1:8080",
            schedule=schedule,
            now=milliseconds,
            rng=random.Random(1),
        )
        running = asyncio.create_task(dispatcher.run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.wait([running])

    async def until_settled(self) -> list[Mail]:
        while True:
            mails = await self.mails()
            if all(mail.state != "pending" for mail in mails):
                return mails


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path / "store.db")
    yield world
    await world.store.close()


def plain(office: PostOffice) -> Server:
    return Server(host="127.0.0.1", port=office.port, tls="none")


async def test_a_mail_goes_out_when_the_hint_comes_or_was_missed(world: World) -> None:
    missed = await world.error()
    async with open_office() as office, world.dispatching(plain(office)):
        assert missed in (await office.next())["Subject"]
        hinted = await world.error()
        assert hinted in (await office.next())["Subject"]
        sent = await world.until_settled()
    assert [(mail.state, mail.attempts, mail.error) for mail in sent] == [("sent", 0, None)] * 2


async def test_what_the_server_does_not_take_is_tried_again(world: World) -> None:
    async with open_office() as office:
        office.answers = {"RCPT": ["450 later"], "DATA": ["451 busy", "554 no"]}
        await world.error()
        async with world.dispatching(plain(office)):
            await office.next()
            (sent,) = await world.until_settled()
    assert (sent.state, sent.attempts, sent.error) == ("sent", 3, None)


async def test_a_mail_is_given_up_and_the_others_go_on(world: World) -> None:
    refused, taken = await world.error(), await world.error()
    async with open_office() as office:
        office.answers = {"DATA": ["550 first", "250 OK", "550 second"]}
        # The second answer pretends that the other mail was taken.
        async with world.dispatching(plain(office), Schedule((0.01,))):
            first, second = await world.until_settled()
    assert refused in first.news.channel  # type: ignore[union-attr]
    assert (first.state, first.attempts) == ("failed", 2)
    assert first.error == "The mail server answered 550 second"
    assert (second.state, second.attempts) == ("sent", 0)
    assert taken in second.news.channel  # type: ignore[union-attr]


async def test_a_refused_login_is_tried_again_and_tells_no_password(
    world: World, tmp_path: Path
) -> None:
    certificate = Certificate.make(tmp_path)
    await world.error()
    with structlog.testing.capture_logs() as lines:
        async with open_office(starttls=certificate.server, login=True) as office:
            wrong = Server(
                host="localhost",
                port=office.port,
                username=USERNAME,
                password=PASSWORD,
                ca_file=certificate.file,
            )
            async with world.dispatching(wrong, Schedule((0.01, 0.01))):
                (mail,) = await world.until_settled()
    sentence = "The mail server refused the login (535)"
    assert (mail.state, mail.attempts, mail.error) == ("failed", 3, sentence)
    assert office.mails.empty()
    assert [line["event"] for line in lines] == ["mail not sent", "mail not sent", "mail given up"]
    assert [line["reason"] for line in lines] == [sentence] * 3
    with closing(sqlite3.connect(world.path)) as connection:
        rows = str(connection.execute("SELECT * FROM mails").fetchall())
    assert sentence in rows
    assert PASSWORD not in f"{lines}{rows}"


async def test_a_server_that_comes_back(world: World) -> None:
    async with open_office() as office:
        port = office.port
    await world.error()
    server = Server(host="127.0.0.1", port=port, tls="none")
    async with world.dispatching(server):
        while not (unsent := (await world.mails())[0]).attempts:
            pass
        assert unsent.error
        async with open_office(port=port) as office:
            await office.next()
            (sent,) = await world.until_settled()
    assert sent.state == "sent"


async def test_one_that_was_cut_off_is_sent_again_as_the_same_mail(world: World) -> None:
    await world.error()
    async with open_office() as office:
        office.go.clear()
        async with world.dispatching(plain(office)):
            await office.reached.wait()
        (pending,) = await world.mails()
        assert pending.state == "pending"
        office.go.set()
        async with world.dispatching(plain(office)):
            ids = {(await office.next())["Message-ID"]}
            (sent,) = await world.until_settled()
    while not office.mails.empty():
        ids.add((await office.next())["Message-ID"])
    assert sent.state == "sent"
    assert len(ids) == 1


async def test_that_a_channel_is_open_is_never_told_before_its_error(world: World) -> None:
    channel = await world.error()
    await world.store.open_channel(channel, milliseconds())
    async with open_office() as office:
        office.answers = {"DATA": ["451 busy"] * 3}
        async with world.dispatching(plain(office)):
            subjects = [(await office.next())["Subject"] for _ in range(2)]
    assert [subject.split()[2] for subject in subjects] == ["needs", "is"]


async def test_a_mail_that_breaks_here_holds_nobody_up(world: World) -> None:
    broken, sound = await world.error(), await world.error()
    with closing(sqlite3.connect(world.path)) as connection:
        connection.execute("UPDATE mails SET address = 'no address' WHERE id = 1")
        connection.commit()
    async with open_office() as office, world.dispatching(plain(office), Schedule(())):
        assert sound in (await office.next())["Subject"]
        first, second = await world.until_settled()
    assert (first.state, first.error) == ("failed", "The mail broke here")
    assert second.state == "sent"
    assert broken != sound
