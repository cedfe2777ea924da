"""The program as a subprocess, killed and started again: nothing lost, nothing doubled."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
import requests

V3 = "/v3/midjourney"
TOKEN = "a-token-for-tests"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
STREAM = HEADERS | {"Accept": "text/event-stream"}


class Server:
    """`heliograph serve` over one data folder; start it again after it ended."""

    def __init__(self, data: Path, seconds: float) -> None:
        self.url = ""
        self.process: subprocess.Popen[str]
        self._environ = os.environ | {
            "HELIOGRAPH_DATA": str(data),
            "HELIOGRAPH_TOKEN": TOKEN,
            "HELIOGRAPH_PORT": "0",
            "HELIOGRAPH_STUDIO__PAINTER": "blank",
            "HELIOGRAPH_STUDIO__BLANK_SECONDS": str(seconds),
            "HELIOGRAPH_STUDIO__UPDATE_SECONDS": "0.2",
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

    def post(self, prompt: str) -> str:
        body: Any = {"prompt": prompt, "stream": False}
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
def started(data: Path, seconds: float) -> Iterator[Server]:
    server = Server(data, seconds)
    server.start()
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.end(signal.SIGKILL)


def read_until(server: Server, job: str, count: int) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    for event in server.read(job):
        told.append(event)
        if len(told) == count:
            break
    return told


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_the_same_job_completes_after_a_restart(tmp_path: Path, ending: signal.Signals) -> None:
    with started(tmp_path / "data", 3) as server:
        job = server.post("a cat")
        before = read_until(server, job, 6)
        code = server.end(ending)
        assert code == (0 if ending == signal.SIGTERM else -signal.SIGKILL)
        server.start()
        after = list(server.read(job, after=before[-1]["seq"]))
        seqs = [event["seq"] for event in before + after]
        assert seqs == list(range(len(seqs)))
        names = [event["event"] for event in before + after]
        assert names.count("midjourney_created") == 1
        assert names.count("midjourney_started") == 1
        assert names.count("midjourney_completed") == 1
        assert names[-1] == "midjourney_completed"
        shown = [event["job"] for event in before[1:] + after]
        percents = [one["response"]["progress_percent"] for one in shown if "response" in one]
        assert percents == sorted(percents)
        assert list(server.read(job))[1:] == (before + after)[1:]
        assert server.running() == 0


def test_no_job_is_lost_or_doubled_over_many_crashes(tmp_path: Path) -> None:
    seed = int(os.environ.get("SEED", random.randrange(2**32)))
    print("SEED", seed)
    rng = random.Random(seed)
    with started(tmp_path / "data", 0.8) as server:
        jobs: list[str] = []
        for _ in range(4):
            for _ in range(3 - server.running()):
                jobs.append(server.post(f"cat number {len(jobs)}"))
            # Somewhere between the sending and the final message of the youngest job.
            read_until(server, jobs[-1], rng.randrange(1, 7))
            server.end(signal.SIGKILL)
            server.start()
        for number, job in enumerate(jobs):
            told = list(server.read(job))
            assert [event["seq"] for event in told] == list(range(len(told)))
            final = told[-1]["job"]
            # A command whose sending the crash cut may have to be given up, and says so.
            known = final["status"] == "completed" or "unknown whether" in final["error"]
            assert known, final
            if final["status"] == "completed":
                assert f"cat number {number} " in final["response"]["content"]
        assert server.running() == 0
        for _ in range(3):
            server.post("the slots are free")


def test_a_second_server_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with started(tmp_path / "data", 0) as server:
        second = Server(tmp_path / "data", 0)
        ended = subprocess.run(
            [sys.executable, "-m", "heliograph", "serve"],
            env=second._environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 1
        assert server.url in ended.stderr
        assert "Traceback" not in ended.stderr
