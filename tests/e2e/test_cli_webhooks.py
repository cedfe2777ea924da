"""`heliograph webhooks` over a data folder, with and without a server that runs on it."""

import asyncio
import socket
import threading
from typing import Any

import pytest
from standardwebhooks import Webhook

from heliograph.client import Client
from tests.e2e.shell import Shell
from tests.receivers import receiving

pytestmark = pytest.mark.timeout(120)


def attempted(client: Client) -> dict[str, Any]:
    """The only delivery, once the outcome of a call was written down."""
    waiting = threading.Event()
    while not (found := client.deliveries()[0])["attempts"]:
        waiting.wait(0.05)
    return found


async def test_deliveries_are_shown_and_made_again(shell: Shell) -> None:
    async def run(*words: str) -> list[str]:
        done = await asyncio.to_thread(shell.invoke, "webhooks", *words)
        assert done.exit_code == 0, done.stderr
        return done.stdout.splitlines()

    with shell.serve() as served:
        async with receiving() as receiver:
            with Client(served.url, shell.home.read_token()) as client:
                hook = f"{receiver.url}/hook?key=1"
                jobid = client.submit("x", reply_url=hook, reply_level="minimal")["jobid"]
                await receiver.until(bool)
                await asyncio.to_thread(attempted, client)
            [line] = await run("list")
            number, _, _, *rest = line.split()
            assert rest == ["delivered", "1", "completed", hook, jobid]
            assert await run("list", "--state", "delivered") == [line]
            assert await run("list", "--state", "failed") == []
            shown = await run("show", number)
            assert shown[1:3] == [f"job       {jobid}", f"url       {hook}"]
            assert shown[-2] == "attempts  1"
            assert shown[-1].endswith("200  thanks")
            await run("replay", number)
            calls = await receiver.until(lambda calls: len(calls) == 2)
            assert calls[0].id == calls[1].id
            [secret] = await run("secret")
            assert Webhook(secret).verify(calls[1].body, calls[1].headers) == calls[1].job
    [rotated] = await run("secret", "--rotate")
    assert rotated != secret
    assert await run("secret") == [rotated]
    done = await asyncio.to_thread(shell.invoke, "webhooks", "replay", number)
    assert f"Delivery {number} is made again when a server runs, to {hook}." in done.stderr
    assert [line.split()[3] for line in await run("list")] == ["pending"]


def test_what_was_not_heard_says_why(shell: Shell) -> None:
    with socket.socket() as silent, shell.serve() as served:
        silent.bind(("127.0.0.1", 0))
        hook = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Client(served.url, shell.home.read_token()) as client:
            client.imagine("x", reply_url=hook, reply_level="minimal")
            number = str(attempted(client)["id"])
        shown = shell.invoke("webhooks", "show", number).stdout
    assert "state     pending, due " in shown
    assert "can't be reached" in shown.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("show", "7"), 1, "there is no delivery with the number 7."),
        (("replay", "7"), 1, "there is no delivery with the number 7."),
        (("list", "--user", "9"), 1, "there is no user 9."),
        (("secret", "--user", "9"), 1, "there is no user 9."),
        (("list", "--state", "lost"), 2, "'lost' is not one of 'pending', 'delivered', 'failed'"),
        (("show", "x"), 2, "Invalid value for 'ID'"),
    ],
)
def test_what_is_not_there(
    shell: Shell, words: tuple[str, ...], status: int, sentence: str
) -> None:
    assert shell.invoke("token", "create").exit_code == 0
    done = shell.invoke("webhooks", *words)
    assert (done.exit_code, done.stdout) == (status, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
