"""Lists all channels."""

import os

import requests

BASE = os.environ["BASE"] + "/v3/midjourney"
HEADERS = {"Authorization": f"Bearer {os.environ['TOKEN']}"}

answer = requests.get(f"{BASE}/accounts", headers=HEADERS)
assert answer.status_code == 200, answer.text
for channel, account in answer.json().items():
    assert account["channel"] == channel
    print(channel, account["discord"], account["maxJobs"], account.get("error", "is fine"))
