"""Streams of events: cutting them up, and going on with them after a lost connection."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from heliograph.client import requests
from heliograph.client.errors import ApiError, ClientError, Lost, Unreachable
from heliograph.client.requests import Request

Event = dict[str, Any]

FINAL = frozenset({"completed", "failed", "moderated"})
# About half a minute in all: a server that restarts takes up to 10 s to hand its work over.
BACKOFF = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)
# What a proxy answers while the server behind it restarts.
AWAY = frozenset({502, 503, 504})


class EventParser:
    """Cuts a body of server-sent events into its events, wherever the chunks are split.

    Follows the WHATWG rules for `data`, `id`, comments and all three line ends; `last_id` is what
    to resume from. Events without data are no events.
    """

    def __init__(self) -> None:
        self.last_id: str | None = None
        self._rest = b""
        self._data: list[bytes] = []
        self._first = True

    def feed(self, chunk: bytes) -> Iterator[str]:
        """The data of each event that `chunk` completes."""
        self._rest += chunk
        # A lone CR may be the first half of a CRLF whose LF is still on its way.
        held = b"\r" if self._rest.endswith(b"\r") else b""
        whole = self._rest.removesuffix(held).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = whole.split(b"\n")
        self._rest = rest + held
        for line in lines:
            if self._first:
                line, self._first = line.removeprefix(b"\xef\xbb\xbf"), False
            if line:
                self._field(line)
            elif self._data:
                data, self._data = b"\n".join(self._data), []
                yield data.decode("utf-8", "replace")

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"id" and b"\0" not in value:
            self.last_id = value.decode("utf-8", "replace")


def read(data: str) -> Event:
    """An event from its data. Raises ClientError for anything but a JSON object."""
    try:
        event = json.loads(data)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        raise ClientError("The server's stream holds something that is not a JSON event.")
    return event


class Patience:
    """How long failures are answered with another try.

    `begun` says that the server knows of the matter, so that a new try can only go on with it.
    """

    def __init__(self, backoff: Sequence[float], *, begun: bool, repeatable: bool = False) -> None:
        self.begun = begun
        self._repeatable = repeatable
        self._backoff = backoff
        self._failures = 0

    def renew(self) -> None:
        self._failures = 0

    def pause(self, error: ClientError) -> float:
        """Seconds to wait before the next try; raises `error` when that won't help."""
        away = isinstance(error, ApiError) and error.status in AWAY
        # Whether a lost submission was taken is unknown: only one with a key can be sent again.
        self.begun = self.begun or (self._repeatable and (away or isinstance(error, Lost)))
        helps = self.begun and (away or isinstance(error, Unreachable))
        if not helps or self._failures >= len(self._backoff):
            raise error
        self._failures += 1
        return self._backoff[self._failures - 1]


class Cursor:
    """How far one job's events have been read, over as many connections as that takes.

    `submission` is what makes the job; without it `jobid` names one that is there.
    """

    def __init__(
        self,
        backoff: Sequence[float],
        *,
        submission: Request | None = None,
        jobid: str | None = None,
        after: int | str | None = None,
    ) -> None:
        self.ended = False
        self._submission = submission
        self._jobid = jobid
        self._after = None if after is None else str(after)
        repeatable = submission is not None and submission.repeatable
        self._patience = Patience(backoff, begun=jobid is not None, repeatable=repeatable)
        self._parser = EventParser()

    def request(self) -> Request:
        """What the next connection, which begins with a parser of its own, is to ask."""
        self._parser = EventParser()
        if self._submission is not None and self._jobid is None:
            return self._submission
        return requests.follow(self._jobid or "", self._after)

    def feed(self, chunk: bytes) -> Iterator[Event]:
        self._patience.renew()
        for data in self._parser.feed(chunk):
            event = read(data)
            job = event.get("job") or {}
            self._after = self._parser.last_id or self._after
            self._jobid = self._jobid or event.get("jobId") or job.get("jobid")
            self._patience.begun = self._jobid is not None
            self.ended = job.get("status") in FINAL
            yield event
            if self.ended:
                return

    def pause(self, error: ClientError) -> float:
        """Seconds to wait before the next connection; raises `error` when that won't help."""
        return self._patience.pause(error)
