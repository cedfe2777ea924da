"""Spreads jobs over two channels, and names one."""

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


channels = []
for name in ("studio-first", "studio-second"):
    made = requests.post(f"{BASE}/accounts", headers=HEADERS, json={"discord": name})
    channels.append(made.json()["channel"])
listed = requests.get(f"{BASE}/accounts", headers=HEADERS).json()
assert set(channels) <= set(listed)

used = set()
while not set(channels) <= used:
    made = requests.post(
        f"{BASE}/jobs/imagine", headers=HEADERS, json={"prompt": "a cat", "stream": False}
    )
    if made.status_code == 429:
        time.sleep(0.1)
        continue
    used.add(made.json()["jobid"].split("-c")[1].split("-")[0])
body = {"prompt": "a cat", "channel": channels[1], "stream": False}
while (
    named := requests.post(f"{BASE}/jobs/imagine", headers=HEADERS, json=body)
).status_code == 429:
    time.sleep(0.1)
assert f"-c{channels[1]}-" in named.json()["jobid"]
assert ended(named.json()["jobid"])["status"] == "completed"
for channel in channels:
    requests.delete(f"{BASE}/accounts/{channel}", headers=HEADERS)
