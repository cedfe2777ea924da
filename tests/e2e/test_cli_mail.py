"""`heliograph mail` over a data folder, against a real mail server."""

import asyncio
import threading
from typing import Any

import pytest
from typer.testing import Result

from heliograph.client import Client
from tests.e2e.shell import Shell
from tests.integration.postoffice import open_office

pytestmark = pytest.mark.timeout(120)
ADDRESS = "ann@example.com"


def mailing(shell: Shell, port: int) -> None:
    shell.environ |= {
        "HELIOGRAPH_MAIL__HOST": "127.0.0.1",
        "HELIOGRAPH_MAIL__PORT": str(port),
        "HELIOGRAPH_MAIL__TLS": "none",
        "HELIOGRAPH_MAIL__SENDER": "heliograph@example.com",
        "HELIOGRAPH_MAIL__SCHEDULE": "[600]",
    }


async def invoke(shell: Shell, *words: str) -> Result:
    return await asyncio.to_thread(shell.invoke, *words)


async def test_a_mail_is_sent_at_once(shell: Shell) -> None:
    async with open_office() as office:
        mailing(shell, office.port)
        done = await invoke(shell, "mail", "test", ADDRESS)
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout.startswith("The mail server 127.0.0.1 took the mail: ")
        mail = await office.next()
        assert (mail["To"], mail["Subject"]) == (ADDRESS, "Heliograph can send you mail")
        office.answers["RCPT"] = ["550 5.1.1 nobody here"]
        done = await invoke(shell, "mail", "test", ADDRESS)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "The mail server refused the recipient: 550 5.1.1 nobody here." in done.stderr
    done = await invoke(shell, "mail", "test", ADDRESS)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "The mail server could not be used" in done.stderr
    # It is no part of the outbox.
    assert (await invoke(shell, "token", "create")).exit_code == 0
    assert (await invoke(shell, "mail", "list")).stdout == ""


async def test_mails_are_listed_with_what_came_of_them(shell: Shell) -> None:
    async with open_office() as office:
        mailing(shell, office.port)
        shell.environ["HELIOGRAPH_MAIL__TO"] = ADDRESS
        office.answers["RCPT"] = ["450 come later"]
        with shell.serve() as served:
            channel = await asyncio.to_thread(challenged, shell, served.url)
            line = await asyncio.to_thread(attempted, shell)
        assert [*line.split()[:1], *line.split()[3:7]] == [
            *("1", "pending", ADDRESS, "channel", f"{channel}:")
        ]
        assert "The mail server refused the recipient: 450 come later" in line


def attempted(shell: Shell) -> str:
    """The only mail, once the mail server has answered."""
    waiting = threading.Event()
    while "450" not in (line := shell.invoke("mail", "list").stdout):
        waiting.wait(0.05)
    return line


def challenged(shell: Shell, url: str) -> str:
    """A channel that has gone into error."""
    with Client(url, shell.home.read_token()) as client:
        (channel,) = client.accounts()
        assert shell.invoke("studio", "challenge", channel).exit_code == 0
        assert client.imagine("x")["code"] == 596
    return channel


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("test", ADDRESS), "mail is not configured: mail.host and mail.sender are needed."),
        (("test", "nobody"), "ADDRESS should be a mail address such as ann@example.com."),
        (("list", "--user", "9"), "there is no user 9."),
    ],
)
def test_what_can_not_be_done(shell: Shell, words: tuple[Any, ...], sentence: str) -> None:
    assert shell.invoke("token", "create").exit_code == 0
    done = shell.invoke("mail", *words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
