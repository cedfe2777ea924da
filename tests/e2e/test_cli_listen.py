"""`heliograph listen` against a real server, with a real program that takes the calls."""

import asyncio
import json
import re
import signal
import socket
import subprocess
from typing import Any

import pytest
from standardwebhooks import Webhook

from heliograph.client import Client
from tests.e2e.shell import SECONDS, Shell, drain, line_of
from tests.receivers import Call, fine, receiving, status

pytestmark = pytest.mark.timeout(120)

LINE = re.compile(
    r"\d\d:\d\d:\d\d  (?P<event>[a-z]+)(?: \d+%)? +(?P<word>\w+) +\d+ ms  (?P<job>j\S+)"
)


def ended(calls: list[Call]) -> bool:
    return any(call.heard and call.job["status"] == "completed" for call in calls)


def stop(process: subprocess.Popen[str]) -> tuple[str, str]:
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    return out, err


async def test_a_program_gets_what_a_webhook_would_bring(shell: Shell) -> None:
    seen: list[str] = []

    async def busy_at_first(request: Any) -> Any:
        seen.append(request.headers["webhook-id"])
        return await (status(500) if len(seen) == 1 else fine)(request)

    with shell.serve() as served:
        async with receiving(busy_at_first) as receiver:
            hook = f"{receiver.url}/hook?key=1"
            with shell.start("listen", "--forward-to", hook) as listening:
                words = await asyncio.to_thread(line_of, listening.stderr, "signed with")
                made = await asyncio.to_thread(shell.run, "imagine", "Kätzchen", "--json")
                calls = await receiver.until(ended)
                out, _ = stop(listening)
        shown = json.loads(made.stdout)
        with Client(served.url, shell.home.read_token()) as client:
            assert client.signing_secrets() == [words.split()[-1]]
    states = [call.job["status"] for call in calls]
    assert states[0] == "created"
    assert calls[-1].job["request"] == shown["request"] == {"prompt": "Kätzchen", "stream": False}
    assert calls[-1].job["response"]["attachments"] == shown["response"]["attachments"]
    assert {call.path for call in calls} == {"/hook?key=1"}
    assert [call.seq for call in calls] == sorted({call.seq for call in calls})
    for call in calls:
        assert Webhook(words.split()[-1]).verify(call.body, call.headers) == call.job
    lines = [found for line in out.splitlines() if (found := LINE.fullmatch(line))]
    assert [line["event"] for line in lines] == states
    assert [line["word"] for line in lines] == ["500", *["200"] * (len(calls) - 1)]
    assert {line["job"] for line in lines} == {shown["jobid"]}


async def test_a_server_that_comes_back_is_listened_to_again(shell: Shell) -> None:
    seconds = {"HELIOGRAPH_STUDIO__BLANK_SECONDS": "2"}
    async with receiving() as receiver:
        with shell.start("serve", "--port", "0", **seconds) as first:
            drain(first.stderr)
            url = (await asyncio.to_thread(line_of, first.stdout, "serves at")).split()[-1]
            with shell.start("listen", "--forward-to", receiver.url) as listening:
                await asyncio.to_thread(line_of, listening.stderr, "signed with")
                with Client(url, shell.home.read_token()) as client:
                    jobid = client.submit("x")["jobid"]
                await receiver.until(lambda calls: len(calls) > 2)
                first.kill()
                await asyncio.to_thread(line_of, listening.stderr, "went away")
                with shell.serve(**seconds):
                    await asyncio.to_thread(line_of, listening.stderr, "is back")
                    calls = await receiver.until(ended)
                    stop(listening)
    assert {call.job["jobid"] for call in calls} == {jobid}
    assert [call.seq for call in calls] == sorted({call.seq for call in calls})


def test_nobody_takes_the_calls(shell: Shell) -> None:
    with socket.socket() as silent, shell.serve() as served:
        silent.bind(("127.0.0.1", 0))
        hook = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with shell.start("listen", "--forward-to", hook) as listening:
            line_of(listening.stderr, "signed with")
            with Client(served.url, shell.home.read_token()) as client:
                client.submit("x")
            line = line_of(listening.stdout, "completed")
            stop(listening)
    found = LINE.fullmatch(line.rstrip("\n"))
    assert found is not None
    assert found["word"] == "refused"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "no server runs on the data folder"),
        (("--server", "http://127.0.0.1:1"), "No connection to http://127.0.0.1:1"),
    ],
)
def test_no_server_is_told(shell: Shell, words: tuple[str, ...], sentence: str) -> None:
    done = shell.run("listen", "--forward-to", "http://127.0.0.1:1", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"heliograph: {sentence}" in done.stderr


def test_where_to_forward_is_an_address(shell: Shell) -> None:
    done = shell.run("listen", "--forward-to", "localhost:3000")
    assert done.returncode == 2
    assert "is not an http:// or https:// URL" in done.stderr
