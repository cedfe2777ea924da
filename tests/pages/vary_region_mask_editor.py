"""Paints a region of a picture anew, with a mask like that of the editor."""

import base64
import io
import json
import os

import requests
from PIL import Image, ImageDraw

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
single = streamed("button", {"jobId": grid["jobid"], "button": "U1"})
picture = single["response"]["attachments"][0]
mask = Image.new("L", (picture["width"], picture["height"]), "black")
ImageDraw.Draw(mask).ellipse((200, 200, 500, 500), fill="white")
out = io.BytesIO()
mask.save(out, "PNG")
encoded = base64.b64encode(out.getvalue()).decode()
for value in (encoded, f"data:image/png;base64,{encoded}"):
    body = {"jobId": single["jobid"], "button": "Vary (Region)", "mask": value}
    job = streamed("button", body)
    assert job["status"] == "completed", job
    assert job["request"]["mask"] == "blob"
