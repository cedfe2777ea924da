"""Reads a stream, leaves it in the middle, and comes back to it."""

import json
import os

import requests

BASE = os.environ["BASE"] + "/v3/midjourney"
HEADERS = {"Authorization": f"Bearer {os.environ['TOKEN']}"}

FINAL = {"midjourney_completed", "midjourney_failed", "midjourney_moderated"}


def events(answer):
    for line in answer.iter_lines():
        if line.startswith(b"data:"):
            yield json.loads(line[5:])


body = {"prompt": "a cat in a hat", "stream": True}
with requests.post(f"{BASE}/jobs/imagine", headers=HEADERS, json=body, stream=True) as answer:
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = events(answer)
    first, second = next(told), next(told)
assert (first["event"], first["message"], first["seq"]) == ("initialized", "Stream initialized", 0)
assert second["event"] == "midjourney_created"

# Whoever left may come back, and goes on where it was.
headers = HEADERS | {"Accept": "text/event-stream", "Last-Event-ID": str(second["seq"])}
with requests.get(f"{BASE}/jobs/{first['jobId']}", headers=headers, stream=True) as answer:
    rest = list(events(answer))
assert rest[0]["seq"] > second["seq"]
assert rest[-1]["event"] in FINAL
assert rest[-1]["job"]["status"] == "completed"
