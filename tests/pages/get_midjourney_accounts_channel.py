"""Shows one channel."""

import os

import requests

BASE = os.environ["BASE"] + "/v3/midjourney"
HEADERS = {"Authorization": f"Bearer {os.environ['TOKEN']}"}

made = requests.post(f"{BASE}/accounts", headers=HEADERS, json={"discord": "studio-get-channel"})
channel = made.json()["channel"]

answer = requests.get(f"{BASE}/accounts/{channel}", headers=HEADERS)
assert answer.status_code == 200, answer.text
assert answer.json() == made.json()
requests.delete(f"{BASE}/accounts/{channel}", headers=HEADERS)
gone = requests.get(f"{BASE}/accounts/{channel}", headers=HEADERS)
assert (gone.status_code, gone.content) == (404, b"")
