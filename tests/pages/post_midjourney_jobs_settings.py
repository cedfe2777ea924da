"""Shows the settings."""

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
job = streamed("settings", body)
assert job["status"] == "completed", job
settings = job["response"]["settings"]
assert settings["suffix"].startswith("--v "), settings
speeds = [settings[speed] for speed in ("turbo", "fast", "relax")]
assert sorted(speeds) == [False, False, True]
print(settings["version"], settings["stylize"], settings["raw"], settings["personalization"])
print(settings["public"], settings["remix"], settings["variability"])
