"""Blends pictures, by URL and as uploads."""

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


channel = next(iter(requests.get(f"{BASE}/accounts", headers=HEADERS).json()))
urls = [one["url"] for one in streamed("imagine", {"prompt": "a cat"})["response"]["imageUx"]]
common = {
    "channel": channel,
    "blendDimensions": "Landscape",
    "replyUrl": os.environ["HOOK"],
    "replyRef": "my order 7",
    "replyLevel": "minimal",
}
body = {"imageUrl_1": urls[0], "imageUrl_2": urls[1], "imageUrl_3": urls[2], "stream": True}
body |= {"imageUrl_4": urls[3], "imageUrl_5": urls[0]} | common
job = streamed("blend", body)
assert job["status"] == "completed", job
assert job["response"]["attachments"][0]["width"] > job["response"]["attachments"][0]["height"]

picture = requests.get(urls[0]).content
files = {f"imageBlob_{n}": ("cat.jpg", picture) for n in (2, 3, 4, 5)}
fields = {"imageUrl_1": urls[0], "imageBlob_1": "", "stream": "false"}
answer = requests.post(f"{BASE}/jobs/blend", headers=HEADERS, data=fields, files=files)
assert answer.status_code == 201, answer.text
assert answer.json()["request"]["blendUrls"] == [urls[0], "blob_1", "blob_2", "blob_3", "blob_4"]
