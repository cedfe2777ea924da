"""Mails handed to real SMTP servers: plain, over TLS, with a login, and refused."""

import asyncio
import socket
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from heliograph.mail.base import ChannelLocked, Mail
from heliograph.mail.letters import letter
from heliograph.mail.post import PostFailed, Server, SmtpPost, Tls, compose
from tests.integration.postoffice import PASSWORD, USERNAME, Certificate, PostOffice, open_office


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate.make(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def message() -> EmailMessage:
    mail = Mail(
        id=7,
        user=1,
        address="ann@example.org",
        news=ChannelLocked(channel="1428", error="Bitte bestätigen 🐱", own=False),
        state="pending",
        attempts=0,
        created=1_761_329_465_501,
    )
    return compose(letter(mail, "https://pictures.example.com"), mail, "heliograph@example.com")


def post(office: PostOffice, tls: Tls = "none", **options: Any) -> SmtpPost:
    return SmtpPost(Server(host="localhost", port=office.port, tls=tls, **options))


async def refused(sending: SmtpPost, message: EmailMessage) -> str:
    with pytest.raises(PostFailed) as caught:
        await sending.send(message)
    return str(caught.value)


async def test_a_mail_arrives_as_it_was_written(message: EmailMessage) -> None:
    async with open_office() as office:
        await post(office).send(message)
        arrived = await office.next()
    assert office.envelopes == [("heliograph@example.com", ["ann@example.org"])]
    for header in ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"):
        assert str(arrived[header]) == str(message[header])
    for kind in ("plain", "html"):
        part = arrived.get_body((kind,))
        assert part is not None
        assert "Bitte bestätigen 🐱" in part.get_content()


async def test_over_starttls(message: EmailMessage, certificate: Certificate) -> None:
    async with open_office(starttls=certificate.server) as office:
        await post(office, "starttls", ca_file=certificate.file).send(message)
    assert office.sessions[0].ssl is not None


async def test_over_tls_from_the_first_byte(
    message: EmailMessage, certificate: Certificate
) -> None:
    async with open_office(tls=certificate.server) as office:
        await post(office, "tls", ca_file=certificate.file).send(message)
    assert office.mails.qsize() == 1


async def test_tls_that_was_asked_for_is_insisted_on(message: EmailMessage) -> None:
    async with open_office() as office:
        for tls in ("starttls", "tls"):
            sending = post(office, tls, username=USERNAME, password=PASSWORD)
            assert "mail server" in await refused(sending, message)
        assert office.mails.empty()


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_certificate_that_nobody_vouches_for_is_refused(
    message: EmailMessage, certificate: Certificate, tls: Tls
) -> None:
    implicit, upgraded = (certificate.server if tls == way else None for way in ("tls", "starttls"))
    async with open_office(tls=implicit, starttls=upgraded) as office:
        assert "certificate verify failed" in await refused(post(office, tls), message)
        assert office.mails.empty()


def test_certificates_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("no certificate")
    for name in ("none.pem", "absent.pem"):
        with pytest.raises(OSError, match=r".+"):
            SmtpPost(Server(host="localhost", ca_file=tmp_path / name))


async def test_with_a_login(message: EmailMessage, certificate: Certificate) -> None:
    async with open_office(starttls=certificate.server, login=True) as office:
        known: dict[str, Any] = {"ca_file": certificate.file, "username": USERNAME}
        await post(office, "starttls", **known, password=PASSWORD).send(message)
        assert office.sessions[0].authenticated
        sentence = await refused(post(office, "starttls", **known, password="wrong"), message)
        assert sentence == "The mail server refused the login (535)"
        assert "530" in await refused(post(office, "starttls", ca_file=certificate.file), message)
    assert office.mails.qsize() == 1


@pytest.mark.parametrize(
    ("verb", "answer", "sentence"),
    [
        ("MAIL", "550 not yours", "The mail server refused the sender: 550 not yours"),
        ("RCPT", "450 later", "The mail server refused the recipient: 450 later"),
        ("RCPT", "550 who?", "The mail server refused the recipient: 550 who?"),
        ("DATA", "451 busy", "The mail server answered 451 busy"),
        ("DATA", "554 spam", "The mail server answered 554 spam"),
    ],
)
async def test_what_the_server_answers_is_told(
    message: EmailMessage, verb: str, answer: str, sentence: str
) -> None:
    async with open_office() as office:
        office.answers[verb] = [answer]
        assert await refused(post(office), message) == sentence
        await post(office).send(message)
    assert office.mails.qsize() == 1


async def test_a_server_that_is_not_there(message: EmailMessage) -> None:
    with socket.socket() as taken:
        # Bound and not listening: nobody else can get the port meanwhile.
        taken.bind(("127.0.0.1", 0))
        office = PostOffice(port=taken.getsockname()[1])
        sentence = await refused(post(office), message)
    assert sentence.startswith("The mail server")
    with pytest.raises(PostFailed, match="mail server"):
        await SmtpPost(Server(host="a..b", port=25, tls="none")).send(message)


async def test_a_server_that_says_nothing(message: EmailMessage) -> None:
    def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)

    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    office = PostOffice(port=server.sockets[0].getsockname()[1])
    named = Server(host="127.0.0.1", port=office.port, tls="none")
    sentence = await refused(SmtpPost(named, step_seconds=0.05), message)
    assert sentence == "The mail server 127.0.0.1 did not answer in time"
    for writer in writers:
        writer.close()
    server.close()


def test_a_password_is_not_shown() -> None:
    server = Server(host="localhost", username=USERNAME, password=PASSWORD)
    assert PASSWORD not in f"{server} {server!r}"
