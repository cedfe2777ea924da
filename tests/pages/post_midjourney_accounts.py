"""Configures a channel, and changes it."""

import os

import requests

BASE = os.environ["BASE"] + "/v3/midjourney"
HEADERS = {"Authorization": f"Bearer {os.environ['TOKEN']}"}

account = {
    "discord": "studio-post-accounts",
    "maxJobs": 3,
    "maxImageJobs": 2,
    "maxVideoJobs": 1,
    "replyUrl": "https://your-server.com/webhook",
}
made = requests.post(f"{BASE}/accounts", headers=HEADERS, json=account)
assert made.status_code == 201, made.text
assert made.json()["discord"] == "stu...nts"
account["maxJobs"] = account["maxImageJobs"] = 5
changed = requests.post(f"{BASE}/accounts", headers=HEADERS, json=account)
assert changed.status_code == 200, changed.text
assert changed.json() == {**made.json(), "maxJobs": 5, "maxImageJobs": 5}
requests.delete(f"{BASE}/accounts/{made.json()['channel']}", headers=HEADERS)
