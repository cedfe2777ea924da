"""The quick start: a channel, a stream, and a job that calls back."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests

BASE = os.environ["BASE"] + "/v3/midjourney"
HEADERS = {"Authorization": f"Bearer {os.environ['TOKEN']}"}


class Webhook(BaseHTTPRequestHandler):
    def do_POST(self):
        job = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
        statuses.append(job["status"])
        if job["status"] == "completed":
            jobs.append(job)
            done.set()

    def log_message(self, *arguments):
        pass


statuses, jobs, done = [], [], threading.Event()
server = HTTPServer(("127.0.0.1", 0), Webhook)
threading.Thread(target=server.serve_forever, daemon=True).start()

body = {"discord": "studio-quick-start", "maxJobs": 3, "maxImageJobs": 3, "maxVideoJobs": 3}
account = requests.post(f"{BASE}/accounts", headers=HEADERS, json=body)
assert account.status_code == 201, account.text

body = {
    "prompt": "a cat in a hat",
    "stream": False,
    "replyUrl": f"http://127.0.0.1:{server.server_port}/webhook",
}
made = requests.post(f"{BASE}/jobs/imagine", headers=HEADERS, json=body)
assert made.status_code == 201, made.text
assert done.wait(20), statuses
assert statuses[0] == "created"
assert jobs[0]["jobid"] == made.json()["jobid"]
# The callback's job is that of GET, but for what the job was told since.
job = requests.get(f"{BASE}/jobs/{jobs[0]['jobid']}", headers=HEADERS).json()
assert job["response"]["attachments"][0]["url"] == jobs[0]["response"]["attachments"][0]["url"]
requests.delete(f"{BASE}/accounts/{account.json()['channel']}", headers=HEADERS)
