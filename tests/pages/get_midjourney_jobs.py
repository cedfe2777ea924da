"""Lists the running jobs."""

import os

import requests

BASE = os.environ["BASE"] + "/v3/midjourney"
HEADERS = {"Authorization": f"Bearer {os.environ['TOKEN']}"}

answer = requests.get(f"{BASE}/jobs", headers=HEADERS)
assert answer.status_code == 200, answer.text
running = answer.json()
assert running["total"] == sum(len(one["jobs"]) for one in running["channels"].values())
for channel, one in running["channels"].items():
    for job in one["jobs"]:
        print(channel, f"{one['total']} of {one['maxJobs']}", job["jobId"], job["elapsed"])
