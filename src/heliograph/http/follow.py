"""Server-Sent Events: a job's log to one reader, as fast as that reader takes it.

A reader is never waited for: what it has not read stays in the store, and one whose connection
takes nothing for `STALL_SECONDS` is dropped. Existing clients split the body into lines and keep
those that begin with `data:`, so every event is one such line, with its `id:` before it.
"""

import contextlib
import random
import re
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from math import inf

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from heliograph.errors import Invalid
from heliograph.http import views
from heliograph.http.state import base_url, state
from heliograph.job import Child, Event, Job, Status

STALL_SECONDS = 30.0
HEARTBEAT = b": heartbeat\n\n"
REFUSED = re.compile(r";q=0(\.0*)?$")
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    # nginx would hold events back until its buffer is full.
    "X-Accel-Buffering": "no",
}


class EventStream(Response):
    """Sends `chunks` until they end, the reader leaves, or it takes nothing for `stall` seconds."""

    def __init__(
        self,
        chunks: AsyncGenerator[bytes, None],
        headers: dict[str, str],
        *,
        stall: float = STALL_SECONDS,
    ) -> None:
        super().__init__(headers=HEADERS | headers)
        del self.headers["content-length"]
        self._chunks = chunks
        self._stall = stall

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Left to the garbage collector, what a reader holds would be held long after it left.
        if scope["method"] == "HEAD":
            # The next request on the connection would wait for the end of a body that nobody gets.
            await self._chunks.aclose()
        async with contextlib.aclosing(self._chunks), anyio.create_task_group() as group:
            group.start_soon(self._listen, receive, group.cancel_scope)
            await self._stream(send)
            group.cancel_scope.cancel()

    async def _listen(self, receive: Receive, scope: anyio.CancelScope) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        scope.cancel()

    async def _stream(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        try:
            with anyio.fail_after(self._stall):
                await send(start)
            async for chunk in self._chunks:
                with anyio.fail_after(self._stall):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            with anyio.fail_after(self._stall):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (TimeoutError, OSError):
            return


class _Encoded:
    """The latest events as sent, so that many readers of a job cost one encoding."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[str, int, str], bytes] = OrderedDict()

    def get(self, event: Event, job: Job, base: str) -> bytes:
        key = (event.job, event.seq, base)
        if (found := self._kept.get(key)) is None:
            found = self._kept[key] = views.sse(event, job, base)
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return found


# An event is some 4 KB, and 50 KB with the longest prompt.
_encoded = _Encoded(512)


def wanted(request: Request) -> bool:
    """Whether the caller of a GET asks for a stream."""
    offers = request.headers.get("accept", "").lower().replace(" ", "").split(",")
    return any(
        offer.startswith("text/event-stream") and not REFUSED.search(offer) for offer in offers
    )


def cursor(request: Request) -> int | None:
    """`Last-Event-ID` (or `?after=`); None when there is none. Raises Invalid."""
    name, value = "Last-Event-ID", request.headers.get("last-event-id")
    if value is None:
        name, value = "after", request.query_params.get("after")
    if value is None or value == "":
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise Invalid(f"{name} must be the id of an event: a whole number")
    return int(value)


def stream(
    request: Request, job: Job, after: int | None, children: Sequence[Child] = ()
) -> EventStream:
    """The job's events: all with an `initialized` before them, or those behind `after`.

    `children` are those of a finished job, which its last event shows as they are now.
    """
    return EventStream(_chunks(request, job, after, children), {"X-Job-Id": job.id})


async def _chunks(
    request: Request, job: Job, after: int | None, children: Sequence[Child]
) -> AsyncGenerator[bytes, None]:
    shared, base = state(request), base_url(request)
    fresh = request.method == "POST"
    if after is None:
        # A submission's stream began with its job.
        yield views.initialized(job.id, job.created if fresh else shared.now())
    elif not job.running and after >= job.seq:
        return
    # Behind a cursor ahead of the log, the final event would never come.
    cursor = min(after or 0, job.seq)
    began = spoke = time.monotonic()
    # All readers of a server that came back connect at once; at random they part again.
    age = inf if fresh else shared.stream_age * random.uniform(0.8, 1.2)
    async with contextlib.aclosing(shared.hub.follow(job.id, cursor)) as following:
        async for events in following:
            if events:
                spoke = time.monotonic()
                if after is not None and events[0].seq > cursor + 1:
                    yield views.missed(job.id, events[0].seq - 1, shared.now())
                for event in events:
                    cursor = event.seq
                    if children and event.status is Status.COMPLETED:
                        yield views.sse(event, job, base, children)
                    else:
                        yield _encoded.get(event, job, base)
            elif time.monotonic() - spoke >= shared.heartbeat:
                spoke = time.monotonic()
                yield HEARTBEAT
            if time.monotonic() - began >= age:
                return


def tail(request: Request, user: int) -> EventStream:
    """The events of all the user's jobs from now on, for looking on."""
    return EventStream(_tailed(request, user), {})


async def _tailed(request: Request, user: int) -> AsyncGenerator[bytes, None]:
    shared, base = state(request), base_url(request)
    # The first heartbeat comes at once: the reader knows by it that nothing is missed from here on.
    spoke = -inf
    async with contextlib.aclosing(shared.hub.tail(user)) as following:
        async for events in following:
            for job, event in events:
                spoke = time.monotonic()
                yield _encoded.get(event, job, base)
            if time.monotonic() - spoke >= shared.heartbeat:
                spoke = time.monotonic()
                yield HEARTBEAT
