"""Makes pictures from a prompt, told by a stream and by a webhook."""

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
job = streamed(
    "imagine",
    {
        "prompt": "a cat in a hat --ar 16:9",
        "stream": True,
        "channel": channel,
        "replyUrl": os.environ["HOOK"],
        "replyRef": "my order 7",
        "replyLevel": "minimal",
    },
)
assert job["status"] == "completed", job
assert job["request"]["replyRef"] == job["response"]["replyRef"] == "my order 7"
assert [one["id"] for one in job["response"]["imageUx"]] == [1, 2, 3, 4]
