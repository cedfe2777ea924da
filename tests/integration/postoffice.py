"""Real SMTP servers on free ports, which keep what they are sent and answer as they are told."""

import asyncio
import email
import email.policy
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USERNAME, PASSWORD = "heliograph", "correct horse"


@dataclass
class PostOffice:
    """One server's mails, in the order in which they came.

    `answers`: what the next RCPT or DATA commands are answered with instead of being taken.
    `reached` is set when a DATA has come; it is then answered once `go` is set.
    """

    port: int = 0
    mails: asyncio.Queue[EmailMessage] = field(default_factory=asyncio.Queue)
    answers: dict[str, list[str]] = field(default_factory=dict)
    envelopes: list[tuple[str | None, list[str]]] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.go.set()

    async def next(self) -> EmailMessage:
        """The next mail, as soon as it comes."""
        return await self.mails.get()

    # The names are aiosmtpd's.
    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        return self._refusal("MAIL") or self._noted(envelope, address)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self._refusal("RCPT"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.reached.set()
        await self.go.wait()
        if refusal := self._refusal("DATA"):
            return refusal
        assert isinstance(envelope.content, bytes)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        self.sessions.append(session)
        self.mails.put_nowait(mail)
        return "250 OK"

    def _noted(self, envelope: Envelope, address: str) -> str:
        envelope.mail_from = address
        return "250 OK"

    def _refusal(self, verb: str) -> str | None:
        left = self.answers.get(verb)
        return left.pop(0) if left else None


def authenticate(server: SMTP, session: Session, envelope: Envelope, how: str, data: Any) -> Any:
    assert isinstance(data, LoginPassword)
    right = (data.login.decode(), data.password.decode()) == (USERNAME, PASSWORD)
    return AuthResult(success=right, handled=False)


@asynccontextmanager
async def open_office(
    *,
    port: int = 0,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    login: bool = False,
) -> AsyncIterator[PostOffice]:
    """A server in the test's own event loop."""
    office = PostOffice()

    def serve() -> SMTP:
        return SMTP(
            office,
            hostname="localhost",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=authenticate if login else None,
            auth_required=login,
            loop=asyncio.get_running_loop(),
        )

    listening = await asyncio.get_running_loop().create_server(serve, "127.0.0.1", port, ssl=tls)
    try:
        office.port = listening.sockets[0].getsockname()[1]
        yield office
    finally:
        office.go.set()
        listening.close()


@dataclass
class Certificate:
    """A certificate for localhost that signs itself."""

    file: Path
    key: Path

    @classmethod
    def make(cls, folder: Path) -> "Certificate":
        made = cls(folder / "certificate.pem", folder / "key.pem")
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"),
                *("ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"),
                *("-keyout", str(made.key), "-out", str(made.file), "-subj", "/CN=localhost"),
                *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            ],
            check=True,
            capture_output=True,
        )
        return made

    @property
    def server(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.file, self.key)
        return context
