"""The program as a subprocess, killed and started again: nothing lost, nothing doubled."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.serving import V3, Server, started


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
            settle(tmp_path / "data", final, f"cat number {number} ")
        assert server.running() == 0
        for _ in range(3):
            server.post("the slots are free")


def settle(data: Path, final: dict[str, Any], words: str) -> None:
    """The job completed with its own picture, or the bot never took its command: then the crash
    came between the mark that it is being sent and the bot's own commit, and it says so."""
    if final["status"] == "completed":
        assert words in final["response"]["content"]
        return
    assert "unknown whether" in final["error"], final
    nonce = str(int(final["jobid"][1:20]) + 10**15).zfill(19)
    with closing(sqlite3.connect(data / "studio.db")) as memory:
        taken = memory.execute("SELECT 1 FROM interaction WHERE nonce = ?", [nonce]).fetchall()
    assert not taken


def test_jobs_that_the_bot_finished_before_the_crash_are_found(tmp_path: Path) -> None:
    seed = int(os.environ.get("SEED", random.randrange(2**32)))
    print("SEED", seed)
    rng = random.Random(seed)
    with started(tmp_path / "data", 0) as server:
        for round in range(5):
            jobs = [server.post(f"cat number {round} {n}") for n in range(3)]
            # Blank pictures at once: the crash falls anywhere between the 201 and the end.
            threading.Event().wait(rng.random() * 0.03)
            server.end(signal.SIGKILL)
            server.start()
            for n, job in enumerate(jobs):
                final = list(server.read(job))[-1]["job"]
                settle(tmp_path / "data", final, f"cat number {round} {n} ")
        assert server.running() == 0


def test_a_token_made_before_the_first_start_opens_a_server_with_a_channel(
    tmp_path: Path,
) -> None:
    server = Server(tmp_path / "data", 0)
    del server._environ["HELIOGRAPH_TOKEN"]
    made = subprocess.run(
        [sys.executable, "-m", "heliograph", "token", "create"],
        env=server._environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    server.start()
    try:
        headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
        answer = requests.get(f"{server.url}{V3}/accounts", headers=headers, timeout=30)
        assert len(answer.json()) == 1
    finally:
        server.end(signal.SIGTERM)


def test_the_first_token_is_shown_once_whatever_came_before(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", 0)
    del server._environ["HELIOGRAPH_TOKEN"]
    subprocess.run(
        [sys.executable, "-m", "heliograph", "token", "list"],
        env=server._environ,
        capture_output=True,
        timeout=60,
        check=True,
    )
    shown = []
    for _ in range(2):
        server.start()
        headers = {"Authorization": f"Bearer {(tmp_path / 'data/cli-token').read_text().strip()}"}
        answer = requests.get(f"{server.url}{V3}/accounts", headers=headers, timeout=30)
        assert answer.status_code == 200
        assert server.process.stdout is not None
        server.process.send_signal(signal.SIGTERM)
        shown.append(server.process.stdout.read())
        server.process.wait(timeout=30)
        server.process.stdout.close()
    assert "hg_" in shown[0]
    assert shown[1] == ""


def test_first_starts_at_once_make_one_database(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", 0)
    commands = [
        subprocess.Popen(
            [sys.executable, "-m", "heliograph", "token", "create"],
            env=server._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for command in commands:
        _, said = command.communicate(timeout=60)
        assert command.returncode == 0, said


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
