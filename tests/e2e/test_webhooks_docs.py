"""The receivers of docs/webhooks.md, run as they stand there."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.e2e.serving import HEADERS, V3, started

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"
NODE = shutil.which("node")


def example(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def receiver(command: list[str], secret: str, port: int) -> Iterator[subprocess.Popen[str]]:
    environ = os.environ | {"WEBHOOK_SECRET": secret, "PORT": str(port)}
    process = subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_the_receivers_of_the_page_verify_what_comes(tmp_path: Path, language: str) -> None:
    if language == "javascript" and NODE is None:
        pytest.skip("there is no node on this machine")
    path = tmp_path / ("receiver.py" if language == "python" else "receiver.mjs")
    path.write_text(example(language))
    command = [sys.executable if language == "python" else str(NODE), str(path)]
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    schedule = {"HELIOGRAPH_WEBHOOKS__SCHEDULE": json.dumps([0.1] * 99)}
    with started(tmp_path / "data", 0, **schedule) as server:
        answer = requests.get(f"{server.url}{V3}/webhooks/secret", headers=HEADERS, timeout=30)
        with receiver(command, answer.json()["secrets"][0], port) as process:
            job = server.post("a cat", replyUrl=url, replyLevel="minimal")
            assert process.stdout is not None
            # It may not have listened at once: the delivery is tried again.
            assert json.loads(process.stdout.readline()) == [job, "completed"]
            forged = requests.post(url, json={"jobid": "x", "status": "completed"}, timeout=30)
            assert forged.status_code in (400, 401, 500)
