"""The v1 task API of the program as a subprocess: its clients, its administration, its crashes."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.serving import TOKEN, Server, started

CLIENTS = Path(__file__).parents[1] / "pages" / "v1"
NODE = shutil.which("node")


@pytest.mark.parametrize("client", ["task.py", "task.mjs"])
def test_existing_clients_are_served(tmp_path: Path, client: str) -> None:
    command = sys.executable if client.endswith(".py") else NODE
    if command is None:
        pytest.skip("node is not installed; scripts/test does so where it can")
    with started(tmp_path / "data", 0.2) as server:
        done = subprocess.run(
            [command, str(CLIENTS / client)],
            env=os.environ | {"BASE": server.url, "TOKEN": TOKEN},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr


def post(server: Server, path: str, body: Any) -> dict[str, Any]:
    url = f"{server.url}/midjourney/v1/{path}"
    answer = requests.post(url, json=body, headers={"API-KEY": TOKEN}, timeout=30)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def submit(server: Server, **fields: Any) -> str:
    return str(post(server, "submit-jobs", {"prompt": "a cat"} | fields)["data"]["taskId"])


def look(server: Server, ids: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = post(server, "job-status", {"taskIds": ids})["data"]
    return found


def ended(server: Server, ids: list[str]) -> list[dict[str, Any]]:
    """The tasks once they have all ended: polls, as clients of this API do."""
    while any(task["status"] == 0 for task in look(server, ids)):
        threading.Event().wait(0.05)
    return look(server, ids)


def test_waiting_tasks_and_jobs_go_on_after_crashes(tmp_path: Path) -> None:
    seed = int(os.environ.get("SEED", random.randrange(2**32)))
    print("SEED", seed)
    rng = random.Random(seed)
    with started(tmp_path / "data", 0.1) as server:
        # Among the ten that may be unfinished.
        ids = [submit(server, mode=rng.choice(["fast", "relaxed"])) for _ in range(9)]
        jobs = [server.post("a dog", queue=True) for _ in range(4)]
        for _ in range(4):
            threading.Event().wait(rng.random() * 0.3)
            server.end(signal.SIGKILL)
            server.start()
        finals = [list(server.read(job))[-1]["job"] for job in jobs]
        tasks = ended(server, ids)
        assert [task["taskId"] for task in tasks] == ids
        # A command that was cut off while it was being sent is not sent again (rule 4).
        for final in finals:
            assert final["status"] == "completed" or "unknown whether" in final["error"]
        for task in tasks:
            assert task["status"] == 1 or "unknown whether" in task["failReason"]
        assert Counter(task["jobId"] for task in tasks).most_common(1)[0][1] == 1
        assert server.running() == 0
        # No slot was lost: as many run at once as before.
        assert len({server.post("a bird") for _ in range(3)}) == 3


def test_an_operator_sets_quotas_and_reads_what_was_used(tmp_path: Path) -> None:
    data = str(tmp_path / "data")

    def user(*command: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "heliograph", "user", *command, "--data", data],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    with started(tmp_path / "data", 0) as server:
        set_to = user("set", "--fast-jobs", "1", "--unfinished", "none")
        assert set_to == "User 1: the subscription has no end; 1 fast tasks a month\n"
        ids = [submit(server)]
        refused = post(server, "submit-jobs", {"prompt": "a cat"})
        assert (refused["status"], refused["data"]) == (1001, None)
        ids.append(submit(server, mode="relaxed"))
        list(server.read(server.post("a cat --fluffy", queue=True)))
        ended(server, ids)
    month = datetime.now(UTC).strftime("%Y-%m")
    head, *rows = user("usage", "--user", "1", "--month", month).splitlines()
    assert head.split() == ["user", "fast", "relaxed", "images", "videos", "failed", "tasks"]
    assert [row.split() for row in rows] == [["1", "2", "1", "3", "0", "1", "2"]]
    assert user("usage").splitlines() == [head, *rows]
    assert user("usage", "--month", "2020-01").splitlines()[1].split() == ["1", *"000000"]
    assert "none" in user("set", "--unfinished", "many", code=1)
    assert "there is no user 9" in user("usage", "--user", "9", code=1)
    assert "there is no user 9" in user("set", "9", "--fast-jobs", "1", code=1)
    assert "nothing to set" in user("set", code=1)
    assert "not a month" in user("usage", "--month", "13", code=1)
