"""Has prompts written for a picture, by URL and as an upload."""

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
grid = streamed("imagine", {"prompt": "a cat"})
url = grid["response"]["attachments"][0]["url"]
body = {
    "imageUrl": url,
    "channel": channel,
    "stream": True,
    "replyUrl": os.environ["HOOK"],
    "replyRef": "my order 7",
    "replyLevel": "minimal",
}
job = streamed("describe", body)
assert job["status"] == "completed", job
assert job["response"]["embeds"][0]["description"].startswith("1️⃣ ")

files = {"imageBlob": ("cat.png", requests.get(url).content)}
answer = requests.post(
    f"{BASE}/jobs/describe", headers=HEADERS, data={"stream": "false"}, files=files
)
assert answer.status_code == 201, answer.text
assert answer.json()["request"]["describeUrl"] == "blob"
