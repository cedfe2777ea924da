"""`heliograph listen`: a user's events to a program on this machine, as webhooks would come.

A server that goes away is waited for. What happened to a job meanwhile is fetched from its log
once the job has ended; of jobs that came and went unseen nothing is known.
"""

import contextlib
import json
import sys
import time
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import httpx2

from heliograph import __version__
from heliograph.cli import lines
from heliograph.cli.connect import Link, explained
from heliograph.cli.ending import Quit, printable
from heliograph.client import ApiError, Client, ClientError, Event, Unreachable
from heliograph.client.events import AWAY, FINAL
from heliograph.client.requests import connection
from heliograph.webhooks import signing

# As long as the server waits for a receiver.
TIMEOUT = httpx2.Timeout(20, connect=10)


class Outcome(NamedTuple):
    """What came of a call: the answer's status, or why there was none."""

    word: str
    ms: int

    @property
    def heard(self) -> bool:
        return self.word.startswith("2")


def run(url: str, link: Link) -> None:
    """Until Ctrl-C. Raises Quit where there is no server, or it refuses."""
    options = {**connection(url), "timeout": TIMEOUT}
    try:
        with link, httpx2.Client(**options) as http:
            _Listener(link, url, http).run()
    except KeyboardInterrupt:
        return
    except ClientError as error:
        raise Quit(explained(error)) from error


class _Listener:
    def __init__(self, link: Link, url: str, http: httpx2.Client) -> None:
        self._link = link
        self._url = url
        self._http = http
        self._secret = ""
        self._opened = False
        self._open = False
        # The last event told of each job that has not ended.
        self._running: dict[str, int] = {}

    def run(self) -> None:
        while True:
            try:
                client = self._link.client()
                for event in client.tail(partial(self._begin, client)):
                    self._tell(event)
            except ClientError as error:
                if not self._opened or not _away(error):
                    raise
                self._wait(error)

    def _begin(self, client: Client) -> None:
        (self._secret, *_) = client.signing_secrets()
        if self._opened:
            _say("The server is back.")
        else:
            _say(f"Events of {client.base_url} go to {self._url}; Ctrl-C ends it.")
            _say(f"Calls are signed with {self._secret}")
        self._opened = self._open = True
        for jobid, seq in list(self._running.items()):
            with contextlib.suppress(ApiError):
                if client.get(jobid)["status"] in FINAL:
                    for event in client.follow(jobid, after=seq):
                        self._tell(event)

    def _wait(self, error: ClientError) -> None:
        if self._open:
            self._open = False
            _say("The server went away; waiting for it.")
        # Whoever listens waits as long as it takes: patience is new for every try.
        self._link.progressed()
        self._link.lost(error)

    def _tell(self, event: Event) -> None:
        job = event.get("job")
        if not job:
            return
        seq = event["seq"]
        self._running[job["jobid"]] = seq
        if job["status"] in FINAL:
            del self._running[job["jobid"]]
        outcome = self._post(f"msg_{job['jobid']}_{seq}", _body(job))
        _show(event, outcome)

    def _post(self, id: str, body: bytes) -> Outcome:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"Heliograph/{__version__}",
            **signing.headers(id, int(time.time()), body, [self._secret]),
        }
        started = time.monotonic()
        try:
            word = str(self._http.post(self._url, content=body, headers=headers).status_code)
        except httpx2.TimeoutException:
            word = "late"
        except httpx2.ConnectError:
            word = "refused"
        except httpx2.HTTPError:
            word = "broken"
        return Outcome(word, round((time.monotonic() - started) * 1000))


def _body(job: dict[str, Any]) -> bytes:
    return json.dumps(job, ensure_ascii=False, separators=(",", ":")).encode()


def _show(event: Event, outcome: Outcome) -> None:
    job = event["job"]
    name = event["event"].removeprefix("midjourney_")
    if name == "progress":
        name += f" {(job.get('response') or {}).get('progress_percent', 0)}%"
    now = datetime.now().astimezone()
    line = f"{now:%H:%M:%S}  {name:<13}  {outcome.word:<7}  {outcome.ms:>5} ms  {job['jobid']}"
    style = "green" if outcome.heard else "red"
    lines.show(printable(line), mark=f"  {outcome.word}  ", style=style)


def _away(error: ClientError) -> bool:
    if isinstance(error, ApiError):
        return error.status in AWAY
    return isinstance(error, Unreachable)


def _say(sentence: str) -> None:
    print(printable(sentence), file=sys.stderr, flush=True)
