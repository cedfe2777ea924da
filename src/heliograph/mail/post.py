"""Makes a mail of a letter, and hands it to an SMTP server."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Literal, Protocol

import aiosmtplib
import msgspec

from heliograph.mail.addresses import parts
from heliograph.mail.base import Mail
from heliograph.mail.letters import Letter, line

PRODUCT = "Heliograph"
# For all of one mail: connecting, TLS, login and handing over.
TOTAL_SECONDS = 60.0
STEP_SECONDS = 20.0
FAREWELL_SECONDS = 2.0

Tls = Literal["none", "starttls", "tls"]


class PostFailed(Exception):
    """The mail was not taken; the message is a sentence, without secrets."""


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """The mail server. `port` None is the usual one; `ca_file` None trusts what the system does."""

    host: str
    port: int | None = None
    tls: Tls = "starttls"
    username: str | None = None
    password: str | None = None
    ca_file: Path | None = None

    def __repr__(self) -> str:
        return f"Server({self.host!r}, tls={self.tls!r})"


class Post(Protocol):
    """Sends mails."""

    async def send(self, message: EmailMessage) -> str:
        """What the server answered when it took the mail. Raises PostFailed."""


def compose(letter: Letter, mail: Mail, sender: str) -> EmailMessage:
    """The mail as it travels. Sent again, it is the same mail, by its Message-ID.

    Raises ValueError for an address that is none.
    """
    return composed(letter, sender, to=mail.address, at=mail.created, id=str(mail.id))


def composed(letter: Letter, sender: str, *, to: str, at: int, id: str) -> EmailMessage:
    """The same for any mail; `at` in ms since 1970. `at` and `id` make it this mail and no other.

    Raises ValueError for an address that is none.
    """
    source = parts(sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = source if source.display_name else parts(f"{PRODUCT} <{source.addr_spec}>")
    message["To"] = parts(to)
    # The library takes "=?…?=" for text that is encoded already, and would write line ends that are
    # hidden in it into the head.
    message["Subject"] = letter.subject.replace("=?", "= ?")
    message["Date"] = datetime.fromtimestamp(at // 1000, UTC)
    message["Message-ID"] = f"<{PRODUCT.lower()}.{at}.{id}@{source.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    # Not every server on the way takes eight bits.
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return message


class SmtpPost:
    """`Post` over SMTP: a connection for each mail, since there are few."""

    def __init__(self, server: Server, *, step_seconds: float = STEP_SECONDS) -> None:
        """Raises OSError when the certificates can't be read."""
        self._server = server
        self._step_seconds = step_seconds
        self._context = None
        if server.tls != "none":
            self._context = ssl.create_default_context(cafile=server.ca_file)

    async def send(self, message: EmailMessage) -> str:
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                return line(await self._send(message))
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise PostFailed(_sentence(error, self._server)) from None

    async def _send(self, message: EmailMessage) -> str:
        sender = message["From"].addresses[0].addr_spec
        recipients = [address.addr_spec for address in message["To"].addresses]
        client = self._client()
        # Not its own `async with`: that waits for a farewell also when it is cancelled.
        try:
            await client.connect()
            _, answer = await client.sendmail(sender, recipients, message.as_bytes())
            # It has been taken: whatever comes of the farewell.
            with contextlib.suppress(aiosmtplib.SMTPException):
                await client.quit(timeout=FAREWELL_SECONDS)
            return answer
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.tls == "tls",
            # Asked for, it is insisted on: never quietly without.
            start_tls=server.tls == "starttls",
            tls_context=self._context,
            # The library would look the full name up in the DNS.
            local_hostname=socket.gethostname(),
            timeout=self._step_seconds,
        )


def _sentence(error: Exception, server: Server) -> str:
    match error:
        case aiosmtplib.SMTPAuthenticationError():
            # Not the server's words: some repeat what they were sent.
            return f"The mail server refused the login ({error.code})"
        case aiosmtplib.SMTPRecipientsRefused():
            refused = "; ".join(_answers(error))
            return f"The mail server refused the recipient: {refused}"
        case aiosmtplib.SMTPSenderRefused():
            return f"The mail server refused the sender: {_answer(error)}"
        case aiosmtplib.SMTPResponseException():
            return f"The mail server answered {_answer(error)}"
        case TimeoutError():
            return f"The mail server {server.host} did not answer in time"
        case aiosmtplib.SMTPException():
            return line(f"The mail server could not be used: {error.message}")
        case _:
            return line(f"The mail server {server.host} could not be reached: {error}")


def _answers(error: aiosmtplib.SMTPRecipientsRefused) -> Iterator[str]:
    return (_answer(refused) for refused in error.recipients)


def _answer(error: aiosmtplib.SMTPResponseException) -> str:
    return line(f"{error.code} {error.message}")
