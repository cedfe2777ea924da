"""What is new in v3: forms, settings, children, single execution, two quotas."""

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


form = {"prompt": (None, "a cat in a hat"), "stream": (None, "false")}
made = requests.post(f"{BASE}/jobs/imagine", headers=HEADERS, files=form)
assert made.status_code == 201, made.text
settings = streamed("settings", {"channel": made.json()["jobid"].split("-c")[1].split("-")[0]})
assert settings["response"]["settings"]["version"]

grid = streamed("imagine", {"prompt": "a cat"})
upscaled = [streamed("button", {"jobId": grid["jobid"], "button": "U2"}) for _ in range(2)]
assert upscaled[0]["jobid"] == upscaled[1]["jobid"]
varied = streamed("button", {"jobId": grid["jobid"], "button": "V1"})
children = requests.get(f"{BASE}/jobs/{grid['jobid']}", headers=HEADERS).json()["response"][
    "children"
]
assert children[upscaled[0]["jobid"]]["button"] == "U2"
assert children[varied["jobid"]] == {
    "verb": "button",
    "button": "V1",
    "status": "completed",
    "created": varied["created"],
}
account = {"discord": "studio-what-new", "maxJobs": 4, "maxImageJobs": 3, "maxVideoJobs": 1}
channel = requests.post(f"{BASE}/accounts", headers=HEADERS, json=account).json()
assert (channel["maxImageJobs"], channel["maxVideoJobs"]) == (3, 1)
requests.delete(f"{BASE}/accounts/{channel['channel']}", headers=HEADERS)
