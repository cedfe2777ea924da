"""What a new user waits for: a 2048x2048 grid by the composer, and what an idle server weighs."""

import json
import tempfile
import time
from pathlib import Path

import httpx2

from bench.load import median
from bench.processes import TOKEN, Started, server

MEGABYTE = 1024 * 1024
JOBS = 3
IDLE_SECONDS = 2


def job(api: str) -> dict[str, float]:
    """Seconds from the request to the first progress, to the first preview, and to the end."""
    seen: dict[str, float] = {}
    began = time.perf_counter()
    body = {"prompt": "a sailing boat on a stormy sea at night"}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    url = f"{api}/v3/midjourney/jobs/imagine"
    with httpx2.stream("POST", url, json=body, headers=headers, timeout=60) as answer:
        for line in answer.iter_lines():
            if not line.startswith("data:"):
                continue
            event = json.loads(line.removeprefix("data:"))
            now = time.perf_counter() - began
            if event["event"] == "midjourney_progress":
                seen.setdefault("progress", now)
                if event["job"]["response"]["attachments"]:
                    seen.setdefault("preview", now)
            if event["event"] == "midjourney_completed":
                seen["completed"] = now
                (grid,) = event["job"]["response"]["attachments"]
                assert (grid["width"], grid["height"]) == (2048, 2048)
    return seen


def idle(started: Started) -> int:
    """The server's memory once its painting processes have ended."""
    while started.children():
        time.sleep(0.2)
    return started.resident


def rows() -> list[tuple[str, str, str]]:
    """Rows of (what, figure, aim). The first job of a server also starts its painters."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"studio__idle_seconds": str(IDLE_SECONDS)}
        with server(Path(folder) / "data", **settings) as started:
            fresh = started.resident
            cold = job(started.url)
            warm = [job(started.url) for _ in range(JOBS)]
            after = idle(started)
    figures = {name: median([one[name] for one in warm]) for name in cold}
    return [
        (what, f"{figures[name]:.2f} s (first {cold[name]:.2f} s)", aim)
        for what, name, aim in (
            ("imagine, first progress", "progress", "≤ 1 s"),
            ("imagine, first preview", "preview", "≤ 4 s"),
            ("imagine, 2048x2048 grid", "completed", "≤ 12 s"),
        )
    ] + [
        ("idle server, before a job", f"{fresh / MEGABYTE:.0f} MB", "≤ 150 MB"),
        ("idle server, after jobs", f"{after / MEGABYTE:.0f} MB", "≤ 150 MB"),
    ]
