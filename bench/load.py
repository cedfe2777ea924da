"""A load generator that costs little: raw HTTP/1.1 over kept connections, answers checked."""

import asyncio
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec


class Measured(msgspec.Struct):
    """Latencies in seconds, in the order of completion, and the whole run's wall time."""

    seconds: float
    latencies: list[float]

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def post(url: str, token: str, body: bytes) -> bytes:
    """One request as bytes."""
    parts = urlsplit(url)
    return (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def run(url: str, request: bytes, *, callers: int, each: int, status: int) -> Measured:
    """`callers` connections send `each` requests one after another.

    Raises RuntimeError when an answer has another status.
    """
    parts = urlsplit(url)
    connections = [
        await asyncio.open_connection(parts.hostname, parts.port) for _ in range(callers)
    ]
    latencies: list[float] = []
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for reader, writer in connections:
            group.create_task(_caller(reader, writer, request, each, status, latencies))
    seconds = time.perf_counter() - began
    for _, writer in connections:
        writer.close()
    return Measured(seconds, latencies)


async def _caller(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    request: bytes,
    each: int,
    status: int,
    latencies: list[float],
) -> None:
    for _ in range(each):
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(_length(head))
        if not head.startswith(b"HTTP/1.1 %d" % status):
            raise RuntimeError((head + body).decode(errors="replace"))
        latencies.append(time.perf_counter() - began)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
