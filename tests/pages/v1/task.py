"""A client of the v1 API: checks its key with a made-up id, submits, polls, downloads."""

import os
import time

import requests

BASE = os.environ["BASE"] + "/midjourney/v1"
HEADERS = {"API-KEY": os.environ["TOKEN"], "Content-Type": "application/json"}


def post(path, body):
    response = requests.post(f"{BASE}/{path}", json=body, headers=HEADERS, timeout=30)
    result = response.json()
    if result["status"] != 0:
        raise RuntimeError(f"{result['status']}: {result['message']}")
    return result["data"]


# A key is good when the answer to a task that can't exist is a well-formed envelope.
assert post("job-status", {"taskIds": ["key-check"]}) == []
wrong = HEADERS | {"API-KEY": "wrong"}
answer = requests.post(f"{BASE}/job-status", json={"taskIds": ["x"]}, headers=wrong, timeout=30)
assert (answer.status_code, answer.json()["status"]) == (401, 401)

prompt = "premium skincare product shot on marble --ar 4:5"
task_id = post("submit-jobs", {"prompt": prompt, "mode": "fast"})["taskId"]
while True:
    (task,) = post("job-status", {"taskIds": [task_id]})
    if task["status"] == 1:
        break
    if task["status"] == 2:
        raise RuntimeError(task["failReason"])
    time.sleep(0.1)

assert task["taskId"] == task_id
assert task["prompt"] == prompt
assert task["progress"] == 100
assert task["meta"]["width"] < task["meta"]["height"]
picture = requests.get(task["image"], timeout=30)
assert picture.status_code == 200
assert picture.headers["Content-Type"].startswith("image/")
assert len(task["images"]) == 4
print("ok")
