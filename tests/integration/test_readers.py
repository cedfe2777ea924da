"""Readers that leave, stall, never read, come back, or come late."""

import asyncio
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.integration.conftest import TOKEN, V3, Running, Serve, events


def request(server: Running, path: str, *, method: str = "GET", body: bytes = b"") -> bytes:
    host = urlsplit(server.url).netloc
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Accept: text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def connect(server: Running, path: str) -> socket.socket:
    """A reader that asks for a stream and takes nothing of it."""
    parts = urlsplit(server.url)
    loop = asyncio.get_running_loop()
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    reader.setblocking(False)
    await loop.sock_connect(reader, (parts.hostname, parts.port))
    await loop.sock_sendall(reader, request(server, path))
    return reader


@pytest.fixture
async def slow(serve: Serve) -> Running:
    return await serve(**{"studio.blank_seconds": 3, "studio.update_seconds": 0.1})


async def test_a_reader_that_leaves_changes_nothing_for_its_job(slow: Running) -> None:
    body = {"prompt": "a cat"}
    async with slow.client.stream("POST", f"{V3}/jobs/imagine", json=body) as answer:
        async for event in events(answer):
            if event["event"] == "midjourney_progress":
                break
    id = event["job"]["jobid"]
    assert (await slow.ended(id))["status"] == "completed"


async def test_readers_that_never_read_cost_the_others_nothing(slow: Running) -> None:
    made = await slow.submit()
    path = f"{V3}/jobs/{made['jobid']}"
    idle = [await connect(slow, path) for _ in range(50)]
    told = await asyncio.gather(*(slow.follow(made["jobid"]) for _ in range(10)))
    for reader in idle:
        reader.close()
    # Each reader's `initialized` has a time of its own; the job's events are the same bytes.
    assert all(one[1:] == told[0][1:] for one in told)
    assert told[0][-1]["event"] == "midjourney_completed"


@pytest.mark.parametrize("after", [0, 1, 3])
async def test_a_resumed_stream_misses_and_repeats_nothing(slow: Running, after: int) -> None:
    made = await slow.submit()
    whole = await slow.follow(made["jobid"])
    resumed = await slow.follow(made["jobid"], after=after)
    assert resumed == [event for event in whole if event["seq"] > after]
    assert all(event["event"] != "initialized" for event in resumed)


async def test_a_cursor_at_the_end_ends_at_once(slow: Running) -> None:
    made = await slow.submit()
    last = (await slow.follow(made["jobid"]))[-1]["seq"]
    assert await slow.follow(made["jobid"], after=last) == []
    assert await slow.follow(made["jobid"], after=last + 5) == []


async def test_a_cursor_ahead_of_a_running_job_still_sees_its_end(slow: Running) -> None:
    made = await slow.submit()
    told = await slow.follow(made["jobid"], after=999)
    assert told[-1]["event"] == "midjourney_completed"


async def test_who_refuses_streams_gets_none(slow: Running) -> None:
    made = await slow.submit()
    headers = {"Accept": "application/json, text/event-stream;q=0"}
    answer = await slow.client.get(f"{V3}/jobs/{made['jobid']}", headers=headers)
    assert answer.headers["content-type"] == "application/json"


async def test_the_cursor_may_stand_in_the_query(slow: Running) -> None:
    made = await slow.submit()
    whole = await slow.follow(made["jobid"])
    headers = {"Accept": "text/event-stream"}
    url = f"{V3}/jobs/{made['jobid']}?after=2"
    async with slow.client.stream("GET", url, headers=headers) as answer:
        assert [event async for event in events(answer)] == whole[3:]


async def test_reading_by_parts_gives_the_whole(slow: Running) -> None:
    made = await slow.submit()
    url, after = f"{V3}/jobs/{made['jobid']}", 0
    told: list[dict[str, Any]] = []
    while not told or told[-1]["event"] != "midjourney_completed":
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
        async with slow.client.stream("GET", url, headers=headers) as answer:
            async for event in events(answer):
                told.append(event)
                after = event["seq"]
                break
    whole = await slow.follow(made["jobid"])
    assert told == whole[1:]


async def test_every_event_carries_its_id(slow: Running) -> None:
    made = await slow.submit()
    headers = {"Accept": "text/event-stream"}
    url = f"{V3}/jobs/{made['jobid']}"
    async with slow.client.stream("GET", url, headers=headers) as answer:
        lines = [line async for line in answer.aiter_lines() if line]
    ids = [int(line.removeprefix("id: ")) for line in lines if line.startswith("id: ")]
    data = [line for line in lines if line.startswith("data: ")]
    assert ids == [int(line.rsplit('"seq":', 1)[1].split(",")[0]) for line in data]
    assert len(ids) + len(data) == len(lines)


async def test_who_looks_on_misses_and_repeats_nothing(server: Running) -> None:
    headers, told = {"Accept": "text/event-stream"}, list[dict[str, Any]]()
    async with server.client.stream("GET", f"{V3}/events", headers=headers) as answer:
        lines = answer.aiter_lines()
        assert await anext(lines) == ": heartbeat"
        made = [(await server.submit())["jobid"] for _ in range(3)]
        while sum(event["event"] == "midjourney_completed" for event in told) < len(made):
            line = await anext(lines)
            if line.startswith("data:"):
                told.append(json.loads(line.removeprefix("data:")))
    for job in made:
        seqs = [event["seq"] for event in told if event["job"]["jobid"] == job]
        assert seqs == list(range(1, len(seqs) + 1))


async def test_streams_end_when_the_server_does(serve: Serve) -> None:
    server = await serve(**{"studio.blank_seconds": 60})
    made = await server.submit()
    url = f"{server.url}{V3}/jobs/{made['jobid']}"
    headers = {"Accept": "text/event-stream"}
    async with (
        httpx2.AsyncClient(headers=server.client.headers, timeout=30) as client,
        client.stream("GET", url, headers=headers) as answer,
    ):
        lines = answer.aiter_lines()
        assert (await anext(lines)).startswith("id: 0")
        server.stop.set()
        rest = [line async for line in lines]
    assert not any("midjourney_completed" in line for line in rest)
