"""Upscales one picture of a grid, and varies it."""

import base64
import io
import json
import os

import requests
from PIL import Image

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


grid = streamed("imagine", {"prompt": "a cat in a hat"})
body = {
    "jobId": grid["jobid"],
    "button": "U1",
    "stream": True,
    "replyUrl": os.environ["HOOK"],
    "replyRef": "my order 7",
    "replyLevel": "minimal",
}
single = streamed("button", body)
assert single["status"] == "completed", single
assert len(single["response"]["imageUx"]) == 1
again = requests.post(f"{BASE}/jobs/button", headers=HEADERS, json=body | {"stream": False})
assert (again.status_code, again.json()["jobid"]) == (200, single["jobid"])

zoomed = {"jobId": single["jobid"], "button": "Custom Zoom", "prompt": "a cat --ar 2:1 --zoom 1.5"}
assert streamed("button", zoomed)["status"] == "completed"

picture = single["response"]["attachments"][0]
mask, out = Image.new("L", (picture["width"], picture["height"])), io.BytesIO()
mask.paste(255, (100, 100, 300, 300))
mask.save(out, "PNG")
varied = {"jobId": single["jobid"], "button": "Vary (Region)"}
varied["mask"] = base64.b64encode(out.getvalue()).decode()
assert streamed("button", varied)["status"] == "completed"

parent = requests.get(f"{BASE}/jobs/{grid['jobid']}", headers=HEADERS).json()
assert parent["response"]["executeOnce"] == {"U1": single["jobid"]}
assert single["jobid"] in parent["response"]["children"]
