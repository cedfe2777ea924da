"""Polls a job until it is done, and saves its pictures."""

import os
import time

import requests

BASE = os.environ["BASE"] + "/v3/midjourney"
HEADERS = {"Authorization": f"Bearer {os.environ['TOKEN']}"}


def ended(jobid):
    while True:
        job = requests.get(f"{BASE}/jobs/{jobid}", headers=HEADERS).json()
        if job["status"] in ("completed", "failed", "moderated"):
            return job
        time.sleep(0.1)


body = {"prompt": "a cat in a hat --ar 16:9", "stream": False}
made = requests.post(f"{BASE}/jobs/imagine", headers=HEADERS, json=body)
job = ended(made.json()["jobid"])
assert job["status"] == "completed", job
assert job["response"]["progress_percent"] == 100
for picture in [job["response"]["attachments"][0], *job["response"]["imageUx"]]:
    # Nobody sends a token to a CDN.
    assert len(requests.get(picture["url"]).content) > 100
