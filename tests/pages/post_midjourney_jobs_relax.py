"""Switches to relax mode."""

import json
import os

import requests

BASE = os.environ["BASE"] + "/v3/midjourney"
HEADERS = {"Authorization": f"Bearer {os.environ['TOKEN']}"}


def streamed(verb, body):
    """The job that the last event of a stream carries."""
    with requests.post(f"{BASE}/jobs/{verb}", headers=HEADERS, json=body, stream=True) as answer:
        assert answer.status_code == 200, answer.text
        for line in answer.iter_lines():
            if line.startswith(b"data:"):
                event = json.loads(line[5:])
                print(event["event"], event["seq"])
    return event["job"]


channel = next(iter(requests.get(f"{BASE}/accounts", headers=HEADERS).json()))
body = {
    "channel": channel,
    "stream": True,
    "replyUrl": os.environ["HOOK"],
    "replyRef": "my order 7",
    "replyLevel": "minimal",
}
job = streamed("relax", body)
assert job["status"] == "completed", job
speeds = job["response"]["settings"]
assert speeds == {"fast": False, "relax": False, "turbo": False} | {"relax": True}
