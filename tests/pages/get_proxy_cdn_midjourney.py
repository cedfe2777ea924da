"""Fetches a picture of a job through the proxy."""

import json
import os

import requests

BASE = os.environ["BASE"] + "/v3/midjourney"
HEADERS = {"Authorization": f"Bearer {os.environ['TOKEN']}"}


def streamed(verb, body):
    """The job that the last event of a stream carries."""
    with requests.post(f"{BASE}/jobs/{verb}", headers=HEADERS, json=body, stream=True) as answer:
        assert answer.status_code == 200, answer.text
        for line in answer.iter_lines():
            if line.startswith(b"data:"):
                event = json.loads(line[5:])
                print(event["event"], event["seq"])
    return event["job"]


job = streamed("imagine", {"prompt": "a cat"})
single = job["response"]["imageUx"][0]["url"]
proxy = os.environ["BASE"] + "/v1/proxy/cdn-midjourney/"
answer = requests.get(proxy, headers=HEADERS, params={"cdnUrl": single})
assert answer.status_code == 200, answer.text
assert answer.headers["content-type"] == "image/jpeg"
assert answer.content == requests.get(single).content
elsewhere = requests.get(proxy, headers=HEADERS, params={"cdnUrl": "https://example.com/x.png"})
assert (elsewhere.status_code, elsewhere.json()["code"]) == (400, 400)
