"""Meets a challenge, and opens the channel once a person has resolved it."""

import json
import os

import requests

BASE = os.environ["BASE"] + "/v3/midjourney"
HEADERS = {"Authorization": f"Bearer {os.environ['TOKEN']}"}

made = requests.post(f"{BASE}/accounts", headers=HEADERS, json={"discord": "studio-captcha"})
channel = made.json()["channel"]

requests.post(f"{BASE}/studio/{channel}/challenge", headers=HEADERS, json={"kind": "challenge"})
with requests.post(
    f"{BASE}/jobs/imagine", headers=HEADERS, json={"prompt": "a cat", "channel": channel}
) as answer:
    last = [line for line in answer.iter_lines() if line.startswith(b"data:")][-1]
job = json.loads(last[5:])["job"]
assert (job["status"], job["code"]) == ("failed", 596), job
shown = requests.get(f"{BASE}/accounts/{channel}", headers=HEADERS).json()
assert shown["error"]
body = {"channel": channel, "stream": False}
refused = requests.post(f"{BASE}/jobs/info", headers=HEADERS, json=body)
assert refused.status_code == 596, refused.text

requests.delete(f"{BASE}/studio/{channel}/challenge", headers=HEADERS)
requests.post(f"{BASE}/accounts/reset/{channel}", headers=HEADERS)
assert "error" not in requests.get(f"{BASE}/accounts/{channel}", headers=HEADERS).json()
assert requests.post(f"{BASE}/jobs/info", headers=HEADERS, json=body).status_code == 201
requests.delete(f"{BASE}/accounts/{channel}", headers=HEADERS)
