"""A small real server that plays a recorded job and drops connections, and both clients of it.

`Blocking` shows the async client as the sync one's twin.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from heliograph.client import AsyncClient, Client, Command, Event

JOBID = "j1024181125701303160i-u1-c1234567890987654321-bot:midjourney"
PICTURE = bytes(range(256)) * 400


def event(name: str, seq: int, **job: Any) -> Event:
    if name == "initialized":
        return {"event": name, "message": "Stream initialized", "jobId": JOBID, "seq": seq}
    return {"event": f"midjourney_{name}", "job": {"jobid": JOBID, **job}, "seq": seq}


EVENTS = [
    event("initialized", 0),
    event("created", 12, status="created", request={"prompt": "Kätzchen im Hut"}),
    event("progress", 17, status="progress", response={"progress_percent": 15}),
    event("progress", 24, status="progress", response={"progress_percent": 96}),
    event("completed", 34, status="completed", response={"buttons": ["U1", "🔄"]}),
]


def encoded(events: list[Event]) -> bytes:
    parts = []
    for one in events:
        data = json.dumps(one, ensure_ascii=False)
        parts.append(f": still here\n\nid: {one['seq']}\ndata: {data}\n\n")
    return "".join(parts).encode()


@dataclass
class Script:
    """What the server will do, and what it was asked."""

    # The body of each stream to come; the connection is cut after a body without final event.
    streams: list[bytes | Response] = field(default_factory=list)
    answer: Response = field(default_factory=lambda: JSONResponse({"jobid": JOBID}, 201))
    # What is answered before that.
    answers: list[Response] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    url: str = ""

    def asked(self, header: str) -> list[str | None]:
        return [headers.get(header) for _, _, headers, _ in self.requests]

    def lines(self) -> list[str]:
        return [f"{method} {path}" for method, path, _, _ in self.requests]

    async def answer_to(self, request: Request) -> Response:
        headers = dict(request.headers)
        line = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.requests.append((request.method, line, headers, await _sent(request)))
        if "text/event-stream" not in headers.get("accept", ""):
            return self.answers.pop(0) if self.answers else self.answer
        play = self.streams.pop(0)
        if isinstance(play, Response):
            return play
        return StreamingResponse(_played(play), media_type="text/event-stream")


async def _sent(request: Request) -> Any:
    """A body of JSON, or a form with its files as (name, bytes)."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        body = await request.body()
        return json.loads(body) if body else None
    async with request.form() as form:
        return {
            name: (value.filename, await value.read()) if isinstance(value, UploadFile) else value
            for name, value in form.items()
        }


def cut() -> Response:
    """An answer that breaks off."""
    return StreamingResponse(_played(b'{"jobid": '), media_type="application/json")


async def _played(body: bytes) -> AsyncIterator[bytes]:
    # Chunks that end within lines and within letters.
    for start in range(0, len(body), 7):
        yield body[start : start + 7]
    if b"midjourney_completed" not in body:
        raise ConnectionError("cut by the script")


async def picture(request: Request) -> Response:
    if request.url.path.endswith("moved.png"):
        return Response(status_code=302, headers={"location": "/media/whole.png"})
    if request.url.path.endswith("cut.png"):
        return StreamingResponse(_played(PICTURE), headers={"content-length": "9999999"})
    return Response(PICTURE)


class Talk(Protocol):
    """What both clients do, with streams as lists."""

    def follow(self, jobid: str, after: int | None = None) -> list[Event]: ...

    def stream(self, what: str | Command, **options: Any) -> list[Event]: ...

    def tail(self, seen: list[Event], opened: Callable[[], None]) -> None:
        """Fills `seen` until the connection ends."""

    def call(self, name: str, *args: Any, **options: Any) -> Any: ...


class Plain:
    def __init__(self, *args: Any, **options: Any) -> None:
        self._open = partial(Client, *args, **options)

    def stream(self, what: str | Command, **options: Any) -> list[Event]:
        with self._open() as client:
            return list(client.stream(what, **options))

    def follow(self, jobid: str, after: int | None = None) -> list[Event]:
        with self._open() as client:
            return list(client.follow(jobid, after=after))

    def tail(self, seen: list[Event], opened: Callable[[], None]) -> None:
        with self._open() as client:
            for event in client.tail(opened):
                seen.append(event)

    def call(self, name: str, *args: Any, **options: Any) -> Any:
        with self._open() as client:
            return getattr(client, name)(*args, **options)


class Blocking:
    def __init__(self, *args: Any, **options: Any) -> None:
        self._open = partial(AsyncClient, *args, **options)

    def stream(self, what: str | Command, **options: Any) -> list[Event]:
        async def act() -> list[Event]:
            async with self._open() as client:
                return [event async for event in client.stream(what, **options)]

        return asyncio.run(act())

    def follow(self, jobid: str, after: int | None = None) -> list[Event]:
        async def act() -> list[Event]:
            async with self._open() as client:
                return [event async for event in client.follow(jobid, after=after)]

        return asyncio.run(act())

    def tail(self, seen: list[Event], opened: Callable[[], None]) -> None:
        async def act() -> None:
            async with self._open() as client:
                async for event in client.tail(opened):
                    seen.append(event)

        asyncio.run(act())

    def call(self, name: str, *args: Any, **options: Any) -> Any:
        async def act() -> Any:
            async with self._open() as client:
                return await getattr(client, name)(*args, **options)

        return asyncio.run(act())


Open = Callable[..., Talk]
