"""Opens a channel again after a moderation message was dealt with."""

import os

import requests

BASE = os.environ["BASE"] + "/v3/midjourney"
HEADERS = {"Authorization": f"Bearer {os.environ['TOKEN']}"}

made = requests.post(f"{BASE}/accounts", headers=HEADERS, json={"discord": "studio-reset"})
channel = made.json()["channel"]

# What the upstream does when it pleases, our own bot does to order.
requests.post(f"{BASE}/studio/{channel}/challenge", headers=HEADERS)
asked = {"prompt": "a cat", "channel": channel}
requests.post(f"{BASE}/jobs/imagine", headers=HEADERS, json=asked)
refused = requests.post(f"{BASE}/jobs/imagine", headers=HEADERS, json=asked)
assert refused.status_code == 596, refused.text
print(requests.get(f"{BASE}/accounts/{channel}", headers=HEADERS).json()["error"])

requests.delete(f"{BASE}/studio/{channel}/challenge", headers=HEADERS)
answer = requests.post(f"{BASE}/accounts/reset/{channel}", headers=HEADERS)
assert (answer.status_code, answer.content) == (204, b"")
again = requests.post(f"{BASE}/jobs/imagine", headers=HEADERS, json=asked | {"stream": False})
assert again.status_code == 201, again.text
requests.delete(f"{BASE}/accounts/{channel}", headers=HEADERS)
