"""The Python client: submit prompts, follow jobs live, fetch pictures; sync and async.

    with Client("http://127.0.0.1:8080", token) as heliograph:
        job = heliograph.imagine("a cat in a hat --ar 16:9")
        heliograph.download(job["response"]["attachments"][0]["url"], Path("cat.png"))

What is sent and how answers are read is written once, in functions that do no input or output;
`Client` and `AsyncClient` only carry the bytes. A job is the server's JSON as a dict, and so is
an event of a stream.
"""

import asyncio
import contextlib
import json
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypedDict, Unpack
from urllib.parse import quote, urlsplit

import httpx2

Job = dict[str, Any]
Event = dict[str, Any]


class Options(TypedDict, total=False):
    """What may be said with a prompt; the API's reference explains each."""

    channel: str | None
    reply_url: str | None
    reply_ref: str | None
    reply_level: Literal["all", "standard", "minimal"] | None


DEFAULT_URL = "http://127.0.0.1:8080"
FINAL = frozenset({"completed", "failed", "moderated"})
# Heartbeats come every 15 s, so a stream that is silent for 60 s is dead.
TIMEOUT = httpx2.Timeout(60, connect=10)
# About half a minute in all: a server that restarts takes up to 10 s to hand its work over.
BACKOFF = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)
# What a proxy answers while the server behind it restarts.
AWAY = frozenset({502, 503, 504})
ROOT = "/v3/midjourney"


class ClientError(Exception):
    """Anything that goes wrong between this client and a server; the message is a sentence."""


class ApiError(ClientError):
    """The server refused: the HTTP status, its sentence, and the whole body if it was JSON."""

    def __init__(self, status: int, error: str, body: Any = None) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.body = body


class Unreachable(ClientError):
    """No connection could be made; the server has seen nothing of the request."""


class Lost(Unreachable):
    """The connection broke after the request had gone out; the server may have acted on it."""


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


def _event(data: str) -> Event:
    try:
        event = json.loads(data)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        raise ClientError("The server's stream holds something that is not a JSON event.")
    return event


class _Cursor:
    """How far one job's events have been read, over as many connections as that takes."""

    def __init__(
        self, backoff: Sequence[float], jobid: str | None, after: int | str | None
    ) -> None:
        self.jobid = jobid
        self.ended = False
        self._after = None if after is None else str(after)
        self._backoff = backoff
        self._failures = 0
        self._parser = EventParser()

    def headers(self) -> dict[str, str]:
        """For the next connection, which begins with a parser of its own."""
        self._parser = EventParser()
        resume = {} if self._after is None else {"Last-Event-ID": self._after}
        return {"Accept": "text/event-stream", **resume}

    def feed(self, chunk: bytes) -> Iterator[Event]:
        self._failures = 0
        for data in self._parser.feed(chunk):
            event = _event(data)
            self._after = self._parser.last_id or self._after
            self.jobid = self.jobid or event.get("jobId") or event.get("job", {}).get("jobid")
            self.ended = event.get("job", {}).get("status") in FINAL
            yield event
            if self.ended:
                return

    def pause(self, error: ClientError) -> float:
        """Seconds to wait before the next connection; raises `error` when that won't help."""
        away = isinstance(error, Unreachable)
        away = away or (isinstance(error, ApiError) and error.status in AWAY)
        if not away or self.jobid is None or self._failures >= len(self._backoff):
            raise error
        self._failures += 1
        return self._backoff[self._failures - 1]


def _address(base_url: str | None) -> str:
    address = base_url or os.environ.get("HELIOGRAPH_URL") or DEFAULT_URL
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{address!r} is not the http:// or https:// address of a server")
    return address.rstrip("/")


def _options(address: str) -> dict[str, Any]:
    # A proxy from the environment is for the world outside; it can't reach this machine's own
    # loopback, and must not see its tokens.
    host = urlsplit(address).hostname or ""
    local = host in {"localhost", "::1"} or host.startswith("127.")
    return {"timeout": TIMEOUT, "trust_env": not local}


def _credentials(token: str | None) -> dict[str, str]:
    token = token or os.environ.get("HELIOGRAPH_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}


def _order(prompt: str, stream: bool, options: Options) -> dict[str, Any]:
    fields = {
        "prompt": prompt,
        "stream": stream,
        "channel": options.get("channel"),
        "replyUrl": options.get("reply_url"),
        "replyRef": options.get("reply_ref"),
        "replyLevel": options.get("reply_level"),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _path(kind: str, name: str) -> str:
    return f"{ROOT}/{kind}/{quote(name, safe=':')}"


def _refusal(status: int, content: bytes) -> ApiError:
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    error = body.get("error") if isinstance(body, dict) else None
    return ApiError(status, error or f"The server answered with status {status}.", body)


def _answer(response: httpx2.Response) -> Any:
    if not response.is_success:
        raise _refusal(response.status_code, response.content)
    if response.status_code == 204:
        return None
    try:
        return json.loads(response.content)
    except ValueError:
        raise ApiError(response.status_code, "The server's answer is not JSON.") from None


def _expect_events(response: httpx2.Response) -> None:
    kind = response.headers.get("content-type", "").partition(";")[0]
    if kind != "text/event-stream":
        raise ApiError(response.status_code, "The server's answer is not a stream of events.")


@contextlib.contextmanager
def _translated(address: str) -> Iterator[None]:
    """The HTTP library's failures as this module's, so that callers need to know one tree."""
    try:
        yield
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
        raise Unreachable(
            f"No connection to {address}: {error or type(error).__name__}."
        ) from error
    except (httpx2.TransportError, httpx2.StreamError) as error:
        what = str(error) or type(error).__name__
        raise Lost(f"The connection to {address} was lost: {what}.") from error


class _Part:
    """A file that gets its name only once it is whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        self._name = Path(name)
        self._file = open(descriptor, "wb")  # noqa: SIM115 - closed by finish and by discard
        self.write: Callable[[bytes], int] = self._file.write

    def finish(self) -> None:
        self._file.close()
        # mkstemp's files are for their owner alone; a picture is an ordinary file.
        self._name.chmod(0o666 & ~_umask())
        self._name.replace(self._path)

    def discard(self) -> None:
        self._file.close()
        self._name.unlink(missing_ok=True)


def _umask() -> int:
    # The mask can only be read by setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


class Client:
    """A server, seen from blocking code.

    `base_url` and `token` fall back to HELIOGRAPH_URL and HELIOGRAPH_TOKEN. `backoff` holds the
    pauses before each new try to go on with a stream whose connection was lost.
    """

    def __init__(
        self,
        base_url: str | None = None,
        token: str | None = None,
        *,
        backoff: Sequence[float] = BACKOFF,
    ) -> None:
        self.base_url = _address(base_url)
        self._headers = _credentials(token)
        self._backoff = backoff
        self._http = httpx2.Client(**_options(self.base_url))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def imagine(
        self,
        prompt: str,
        on_event: Callable[[Event], None] | None = None,
        **options: Unpack[Options],
    ) -> Job:
        """Submits `prompt` and waits; returns the job in its final state, whichever that is."""
        final: Job = {}
        for event in self.stream(prompt, **options):
            if on_event is not None:
                on_event(event)
            final = event.get("job", final)
        return final

    def submit(self, prompt: str, **options: Unpack[Options]) -> Job:
        """Submits `prompt`; returns the new job without waiting for it."""
        order = _order(prompt, False, options)
        job: Job = self._call("POST", f"{ROOT}/jobs/imagine", json=order)
        return job

    def stream(self, prompt: str, **options: Unpack[Options]) -> Iterator[Event]:
        """Submits `prompt`; yields its events up to the final one.

        A connection lost on the way is replaced by one that resumes; the prompt is sent once.
        """
        order = _order(prompt, True, options)
        cursor = _Cursor(self._backoff, None, None)
        try:
            yield from self._events(cursor, "POST", f"{ROOT}/jobs/imagine", json=order)
        except Unreachable as error:
            time.sleep(cursor.pause(error))
            yield from self._resume(cursor)

    def follow(self, jobid: str, *, after: int | str | None = None) -> Iterator[Event]:
        """Yields the events of a job that come after the one with id `after` (None: all).

        Resumes by itself after a lost connection, and ends with the final event.
        """
        yield from self._resume(_Cursor(self._backoff, jobid, after))

    def get(self, jobid: str) -> Job:
        """The job as it is now."""
        job: Job = self._call("GET", _path("jobs", jobid))
        return job

    def jobs(self) -> dict[str, Any]:
        """The running jobs of all channels, with their counts and limits."""
        running: dict[str, Any] = self._call("GET", f"{ROOT}/jobs")
        return running

    def cancel(self, jobid: str) -> None:
        """Cancels a running job; ApiError 409 if it has ended."""
        self._call("DELETE", _path("jobs", jobid))

    def accounts(self) -> dict[str, dict[str, Any]]:
        """The configured channels by their id."""
        accounts: dict[str, dict[str, Any]] = self._call("GET", f"{ROOT}/accounts")
        return accounts

    def account(self, channel: str) -> dict[str, Any]:
        """One configured channel."""
        account: dict[str, Any] = self._call("GET", _path("accounts", channel))
        return account

    def download(self, url: str, path: Path) -> None:
        """Fetches a picture; `path` is there whole or not at all, and is replaced if it was.

        Media URLs need no token, and many lead to other hosts, so none is sent.
        """
        part = _Part(path)
        try:
            with (
                _translated(url),
                self._http.stream("GET", url, follow_redirects=True) as response,
            ):
                if not response.is_success:
                    raise _refusal(response.status_code, response.read())
                for chunk in response.iter_bytes():
                    part.write(chunk)
            part.finish()
        finally:
            part.discard()

    def _call(self, method: str, path: str, **body: Any) -> Any:
        with _translated(self.base_url):
            url = self.base_url + path
            return _answer(self._http.request(method, url, headers=self._headers, **body))

    def _resume(self, cursor: _Cursor) -> Iterator[Event]:
        while not cursor.ended:
            try:
                yield from self._events(cursor, "GET", _path("jobs", cursor.jobid or ""))
            except ClientError as error:
                time.sleep(cursor.pause(error))

    def _events(self, cursor: _Cursor, method: str, path: str, **body: Any) -> Iterator[Event]:
        headers = {**self._headers, **cursor.headers()}
        with (
            _translated(self.base_url),
            self._http.stream(method, self.base_url + path, headers=headers, **body) as response,
        ):
            if not response.is_success:
                raise _refusal(response.status_code, response.read())
            _expect_events(response)
            for chunk in response.iter_bytes():
                yield from cursor.feed(chunk)
                if cursor.ended:
                    return
        raise Lost(f"The connection to {self.base_url} ended before the job did.")


class AsyncClient:
    """A server, seen from asyncio; the same methods and arguments as `Client`."""

    def __init__(
        self,
        base_url: str | None = None,
        token: str | None = None,
        *,
        backoff: Sequence[float] = BACKOFF,
    ) -> None:
        self.base_url = _address(base_url)
        self._headers = _credentials(token)
        self._backoff = backoff
        self._http = httpx2.AsyncClient(**_options(self.base_url))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._http.aclose()

    async def imagine(
        self,
        prompt: str,
        on_event: Callable[[Event], None] | None = None,
        **options: Unpack[Options],
    ) -> Job:
        """Submits `prompt` and waits; returns the job in its final state, whichever that is."""
        final: Job = {}
        async for event in self.stream(prompt, **options):
            if on_event is not None:
                on_event(event)
            final = event.get("job", final)
        return final

    async def submit(self, prompt: str, **options: Unpack[Options]) -> Job:
        """Submits `prompt`; returns the new job without waiting for it."""
        order = _order(prompt, False, options)
        job: Job = await self._call("POST", f"{ROOT}/jobs/imagine", json=order)
        return job

    async def stream(self, prompt: str, **options: Unpack[Options]) -> AsyncIterator[Event]:
        """Submits `prompt`; yields its events up to the final one.

        A connection lost on the way is replaced by one that resumes; the prompt is sent once.
        """
        order = _order(prompt, True, options)
        cursor = _Cursor(self._backoff, None, None)
        try:
            async for event in self._events(cursor, "POST", f"{ROOT}/jobs/imagine", json=order):
                yield event
        except Unreachable as error:
            await asyncio.sleep(cursor.pause(error))
            async for event in self._resume(cursor):
                yield event

    async def follow(self, jobid: str, *, after: int | str | None = None) -> AsyncIterator[Event]:
        """Yields the events of a job that come after the one with id `after` (None: all).

        Resumes by itself after a lost connection, and ends with the final event.
        """
        async for event in self._resume(_Cursor(self._backoff, jobid, after)):
            yield event

    async def get(self, jobid: str) -> Job:
        """The job as it is now."""
        job: Job = await self._call("GET", _path("jobs", jobid))
        return job

    async def jobs(self) -> dict[str, Any]:
        """The running jobs of all channels, with their counts and limits."""
        running: dict[str, Any] = await self._call("GET", f"{ROOT}/jobs")
        return running

    async def cancel(self, jobid: str) -> None:
        """Cancels a running job; ApiError 409 if it has ended."""
        await self._call("DELETE", _path("jobs", jobid))

    async def accounts(self) -> dict[str, dict[str, Any]]:
        """The configured channels by their id."""
        accounts: dict[str, dict[str, Any]] = await self._call("GET", f"{ROOT}/accounts")
        return accounts

    async def account(self, channel: str) -> dict[str, Any]:
        """One configured channel."""
        account: dict[str, Any] = await self._call("GET", _path("accounts", channel))
        return account

    async def download(self, url: str, path: Path) -> None:
        """Fetches a picture; `path` is there whole or not at all, and is replaced if it was.

        Media URLs need no token, and many lead to other hosts, so none is sent.
        """
        part = await asyncio.to_thread(_Part, path)
        try:
            with _translated(url):
                async with self._http.stream("GET", url, follow_redirects=True) as response:
                    if not response.is_success:
                        raise _refusal(response.status_code, await response.aread())
                    async for chunk in response.aiter_bytes():
                        await asyncio.to_thread(part.write, chunk)
            await asyncio.to_thread(part.finish)
        finally:
            part.discard()

    async def _call(self, method: str, path: str, **body: Any) -> Any:
        with _translated(self.base_url):
            url = self.base_url + path
            return _answer(await self._http.request(method, url, headers=self._headers, **body))

    async def _resume(self, cursor: _Cursor) -> AsyncIterator[Event]:
        while not cursor.ended:
            try:
                async for event in self._events(cursor, "GET", _path("jobs", cursor.jobid or "")):
                    yield event
            except ClientError as error:
                await asyncio.sleep(cursor.pause(error))

    async def _events(
        self, cursor: _Cursor, method: str, path: str, **body: Any
    ) -> AsyncIterator[Event]:
        headers = {**self._headers, **cursor.headers()}
        with _translated(self.base_url):
            async with self._http.stream(
                method, self.base_url + path, headers=headers, **body
            ) as response:
                if not response.is_success:
                    raise _refusal(response.status_code, await response.aread())
                _expect_events(response)
                async for chunk in response.aiter_bytes():
                    for event in cursor.feed(chunk):
                        yield event
                    if cursor.ended:
                        return
        raise Lost(f"The connection to {self.base_url} ended before the job did.")
