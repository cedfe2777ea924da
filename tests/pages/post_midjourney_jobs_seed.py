"""Asks for the seed of a picture, and its four pictures apart."""

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


grid = streamed("imagine", {"prompt": "a cat in a hat"})
body = {
    "jobId": grid["jobid"],
    "stream": True,
    "replyUrl": os.environ["HOOK"],
    "replyRef": "my order 7",
    "replyLevel": "minimal",
}
job = streamed("seed", body)
assert job["status"] == "completed", job
assert f"**seed** {job['response']['seed']}" in job["response"]["content"]
assert len(job["response"]["attachments"]) == 4
again = requests.post(f"{BASE}/jobs/seed", headers=HEADERS, json=body | {"stream": False})
assert (again.status_code, again.json()["jobid"]) == (200, job["jobid"])
