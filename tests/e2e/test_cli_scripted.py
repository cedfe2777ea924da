"""The command line against answers that the real server gives rarely or late."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

JOBID = "j1024181125701303160i-u1-c1234567890987654321-bot:midjourney"

pytestmark = pytest.mark.timeout(60)


@dataclass
class Script:
    final: dict[str, Any] = field(default_factory=dict)
    submitted: threading.Event = field(default_factory=threading.Event)
    answer: threading.Event = field(default_factory=threading.Event)
    lines: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def script() -> Iterator[Script]:
    script = Script()
    script.answer.set()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            script.lines.append("POST")
            script.submitted.set()
            script.answer.wait(10)
            self.reply(201, "application/json", json.dumps({"jobid": JOBID}))

        def do_GET(self) -> None:
            script.lines.append("GET")
            if self.path.endswith(".png"):
                return self.reply(404, "text/html", "gone")
            if "event-stream" not in self.headers["accept"]:
                return self.reply(200, "application/json", json.dumps(script.final))
            event = {"event": f"midjourney_{script.final['status']}", "seq": 3}
            data = json.dumps({**event, "job": script.final})
            return self.reply(200, "text/event-stream", f"id: 3\ndata: {data}\n\n")

        def do_DELETE(self) -> None:
            script.lines.append(f"DELETE {self.path.rpartition('/')[2]}")
            self.reply(204, "application/json", "")

        def reply(self, status: int, kind: str, body: str) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        script.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield script
        server.shutdown()
        thread.join()


def start(script: Script, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "heliograph", "imagine", "x", "--server", script.url],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ctrl_c_while_submitting_cancels_what_was_submitted(script: Script, tmp_path: Path) -> None:
    script.answer.clear()
    with start(script, tmp_path) as process:
        assert script.submitted.wait(10)
        process.send_signal(signal.SIGINT)
        script.answer.set()
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "the job is cancelled" in err
    assert script.lines == ["POST", f"DELETE {JOBID}"]


def test_a_moderated_job_shows_why(script: Script, tmp_path: Path) -> None:
    script.final = {
        "jobid": JOBID,
        "status": "moderated",
        "error": "The prompt was flagged",
        "errorDetails": "Banned prompt\x1b[2J detected",
    }
    with start(script, tmp_path) as process:
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (1, "")
    assert "heliograph: moderated: The prompt was flagged\nBanned prompt [2J detected\n" in err


def test_a_completed_job_without_pictures_is_told(script: Script, tmp_path: Path) -> None:
    script.final = {"jobid": JOBID, "status": "completed", "response": {"content": "words"}}
    with start(script, tmp_path) as process:
        _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "its answer has no pictures" in err


def test_a_picture_that_is_gone_is_told(script: Script, tmp_path: Path) -> None:
    attachments = [{"url": f"{script.url}/a.png"}]
    script.final = {
        "jobid": JOBID,
        "status": "completed",
        "response": {"attachments": attachments, "imageUx": []},
    }
    with start(script, tmp_path) as process:
        _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "heliograph: a.png can't be fetched: The server answered with status 404." in err
    assert list((tmp_path / "pictures").iterdir()) == []
