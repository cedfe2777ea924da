"""The stream as an ASGI response, to connections that behave in all the ways there are."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from heliograph.http.follow import EventStream

Message = dict[str, Any]


class Connection:
    """An ASGI connection that takes `takes` messages and then nothing more."""

    def __init__(self, takes: int) -> None:
        self.sent: list[Message] = []
        self.left = asyncio.Event()
        self.flowing = asyncio.Event()
        self._takes = takes

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if len(self.sent) == self._takes:
            await asyncio.Event().wait()
        self.sent.append(message)
        if len(self.sent) == 5:
            self.flowing.set()


class Chunks:
    """Counts what was asked of it, and notes that it was closed."""

    def __init__(self, count: int | None = None) -> None:
        self.asked = 0
        self.closed = asyncio.Event()
        self._count = count

    async def __call__(self) -> AsyncGenerator[bytes, None]:
        try:
            while self._count is None or self.asked < self._count:
                self.asked += 1
                yield b"data: {}\n\n"
                await asyncio.sleep(0)
        finally:
            self.closed.set()


SCOPE: Message = {"type": "http", "method": "GET"}


async def test_a_reader_that_takes_nothing_is_dropped_and_nothing_piles_up() -> None:
    chunks, connection = Chunks(), Connection(takes=4)
    await EventStream(chunks(), {}, stall=0.05)(SCOPE, connection.receive, connection.send)
    assert len(connection.sent) == 4
    assert chunks.asked == 4
    assert chunks.closed.is_set()


async def test_a_reader_that_leaves_ends_the_stream() -> None:
    chunks, connection = Chunks(), Connection(takes=10**9)
    async with asyncio.TaskGroup() as group:
        group.create_task(EventStream(chunks(), {})(SCOPE, connection.receive, connection.send))
        await connection.flowing.wait()
        connection.left.set()
    assert chunks.closed.is_set()


async def test_a_reader_that_reads_gets_everything_and_the_end() -> None:
    chunks, connection = Chunks(3), Connection(takes=10**9)
    await EventStream(chunks(), {"X-Job-Id": "j1"})(SCOPE, connection.receive, connection.send)
    start, *bodies = connection.sent
    headers = dict(start["headers"])
    assert headers[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert headers[b"x-job-id"] == b"j1"
    assert b"content-length" not in headers
    assert [body["body"] for body in bodies] == [b"data: {}\n\n"] * 3 + [b""]
    assert [body["more_body"] for body in bodies] == [True] * 3 + [False]


async def test_who_asks_for_the_head_alone_gets_it_at_once() -> None:
    chunks, connection = Chunks(), Connection(takes=10**9)
    head = SCOPE | {"method": "HEAD"}
    await EventStream(chunks(), {})(head, connection.receive, connection.send)
    assert [message["type"] for message in connection.sent] == [
        "http.response.start",
        "http.response.body",
    ]
    assert chunks.asked == 0
