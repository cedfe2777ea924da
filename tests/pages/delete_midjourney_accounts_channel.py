"""Removes a channel."""

import os

import requests

BASE = os.environ["BASE"] + "/v3/midjourney"
HEADERS = {"Authorization": f"Bearer {os.environ['TOKEN']}"}

made = requests.post(f"{BASE}/accounts", headers=HEADERS, json={"discord": "studio-delete-channel"})
channel = made.json()["channel"]

answer = requests.delete(f"{BASE}/accounts/{channel}", headers=HEADERS)
assert (answer.status_code, answer.content) == (204, b"")
again = requests.delete(f"{BASE}/accounts/{channel}", headers=HEADERS)
assert (again.status_code, again.content) == (404, b"")
