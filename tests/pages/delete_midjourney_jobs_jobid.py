"""Cancels a job."""

import os

import requests

BASE = os.environ["BASE"] + "/v3/midjourney"
HEADERS = {"Authorization": f"Bearer {os.environ['TOKEN']}"}

body = {"prompt": "a cat in a hat", "stream": False}
jobid = requests.post(f"{BASE}/jobs/imagine", headers=HEADERS, json=body).json()["jobid"]
answer = requests.delete(f"{BASE}/jobs/{jobid}", headers=HEADERS)
# A blank picture may be done before anybody can cancel it.
assert answer.status_code in (204, 409), answer.text
job = requests.get(f"{BASE}/jobs/{jobid}", headers=HEADERS).json()
if answer.status_code == 204:
    assert (job["status"], job["error"]) == ("failed", "Job cancelled by user")
assert jobid not in requests.get(f"{BASE}/jobs", headers=HEADERS).text
unknown = requests.delete(f"{BASE}/jobs/j1023", headers=HEADERS)
assert (unknown.status_code, unknown.json()) == (404, {"error": "Job not found"})
