"""The program as a subprocess over one data folder, for tests that end it in every way."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import requests

V3 = "/v3/midjourney"
TOKEN = "a-token-for-tests"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
STREAM = HEADERS | {"Accept": "text/event-stream"}


class Server:
    """`heliograph serve` over one data folder; start it again after it ended."""

    def __init__(self, data: Path, seconds: float, **environ: str) -> None:
        self.url = ""
        self.process: subprocess.Popen[str]
        self._environ = os.environ | {
            "HELIOGRAPH_DATA": str(data),
            "HELIOGRAPH_TOKEN": TOKEN,
            "HELIOGRAPH_PORT": "0",
            "HELIOGRAPH_STUDIO__PAINTER": "blank",
            "HELIOGRAPH_STUDIO__BLANK_SECONDS": str(seconds),
            "HELIOGRAPH_STUDIO__UPDATE_SECONDS": "0.2",
            **environ,
        }

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "heliograph", "serve"],
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        output: IO[str] = self.process.stdout  # type: ignore[assignment]
        line = output.readline()
        assert " at http" in line, line
        self.url = line.split(" at ")[1].strip()

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        code = self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def post(self, prompt: str, **fields: Any) -> str:
        body: Any = {"prompt": prompt, "stream": False} | fields
        url = f"{self.url}{V3}/jobs/imagine"
        answer = requests.post(url, json=body, headers=HEADERS, timeout=30)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["jobid"])

    def read(self, job: str, *, after: int | None = None) -> Iterator[dict[str, Any]]:
        headers = STREAM | ({} if after is None else {"Last-Event-ID": str(after)})
        url = f"{self.url}{V3}/jobs/{job}"
        with requests.get(url, headers=headers, stream=True, timeout=60) as answer:
            for line in answer.iter_lines():
                if line.startswith(b"data:"):
                    yield json.loads(line[5:])

    def running(self) -> int:
        answer = requests.get(f"{self.url}{V3}/jobs", headers=HEADERS, timeout=30)
        return int(answer.json()["total"])


@contextmanager
def started(data: Path, seconds: float, **environ: str) -> Iterator[Server]:
    """A server with the blank painter, whose pictures take `seconds`; `environ` adds settings."""
    server = Server(data, seconds, **environ)
    server.start()
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.end(signal.SIGKILL)
