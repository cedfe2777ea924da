"""The Python client against a small real server that plays a recorded job, and drops connections.

Everything runs for both clients: `Blocking` shows the async one as the sync one's twin.
"""

import asyncio
import json
import re
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from heliograph.client import (
    ApiError,
    AsyncClient,
    Client,
    ClientError,
    Event,
    EventParser,
    Lost,
    Unreachable,
)

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
    requests: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    url: str = ""

    def asked(self, header: str) -> list[str | None]:
        return [headers.get(header) for _, _, headers, _ in self.requests]

    def lines(self) -> list[str]:
        return [f"{method} {path}" for method, path, _, _ in self.requests]

    async def answer_to(self, request: Request) -> Response:
        body = await request.body()
        headers = dict(request.headers)
        sent = json.loads(body) if body else None
        self.requests.append((request.method, request.url.path, headers, sent))
        if "text/event-stream" not in headers.get("accept", ""):
            return self.answer
        play = self.streams.pop(0)
        if isinstance(play, Response):
            return play
        return StreamingResponse(_played(play), media_type="text/event-stream")


async def _played(body: bytes) -> AsyncIterator[bytes]:
    # Chunks that end within lines and within letters.
    for start in range(0, len(body), 7):
        yield body[start : start + 7]
    if b"midjourney_completed" not in body:
        raise ConnectionError("cut by the script")


async def _picture(request: Request) -> Response:
    if request.url.path.endswith("moved.png"):
        return Response(status_code=302, headers={"location": "/media/whole.png"})
    if request.url.path.endswith("cut.png"):
        return StreamingResponse(_played(PICTURE), headers={"content-length": "9999999"})
    return Response(PICTURE)


@pytest.fixture(scope="module")
def server() -> Iterator[Script]:
    script = Script()
    verbs = ["GET", "POST", "DELETE"]
    app = Starlette(
        routes=[
            Route("/media/{name}", _picture),
            Route("/v3/midjourney/{rest:path}", script.answer_to, methods=verbs),
        ]
    )
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        script.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield script
        server.should_exit = True
        thread.join()


@pytest.fixture
def script(server: Script) -> Script:
    server.streams, server.requests = [], []
    server.answer = JSONResponse({"jobid": JOBID}, 201)
    return server


class Talk(Protocol):
    """What both clients do, with streams as lists."""

    def stream(self, prompt: str) -> list[Event]: ...

    def follow(self, jobid: str, after: int | None = None) -> list[Event]: ...

    def call(self, name: str, *args: Any, **options: Any) -> Any: ...


class Plain:
    def __init__(self, *args: Any, **options: Any) -> None:
        self._open = partial(Client, *args, **options)

    def stream(self, prompt: str) -> list[Event]:
        with self._open() as client:
            return list(client.stream(prompt))

    def follow(self, jobid: str, after: int | None = None) -> list[Event]:
        with self._open() as client:
            return list(client.follow(jobid, after=after))

    def call(self, name: str, *args: Any, **options: Any) -> Any:
        with self._open() as client:
            return getattr(client, name)(*args, **options)


class Blocking:
    def __init__(self, *args: Any, **options: Any) -> None:
        self._open = partial(AsyncClient, *args, **options)

    def stream(self, prompt: str) -> list[Event]:
        async def act() -> list[Event]:
            async with self._open() as client:
                return [event async for event in client.stream(prompt)]

        return asyncio.run(act())

    def follow(self, jobid: str, after: int | None = None) -> list[Event]:
        async def act() -> list[Event]:
            async with self._open() as client:
                return [event async for event in client.follow(jobid, after=after)]

        return asyncio.run(act())

    def call(self, name: str, *args: Any, **options: Any) -> Any:
        async def act() -> Any:
            async with self._open() as client:
                return await getattr(client, name)(*args, **options)

        return asyncio.run(act())


Open = Callable[..., Talk]


@pytest.fixture(params=[Plain, Blocking], ids=["sync", "async"])
def open_client(request: pytest.FixtureRequest) -> Open:
    kind: Open = request.param
    return kind


@pytest.fixture
def talk(open_client: Open, script: Script) -> Talk:
    return open_client(script.url, "secret-token", backoff=(0.0, 0.0, 0.0))


def test_a_stream_is_played_to_its_end(talk: Talk, script: Script) -> None:
    script.streams = [encoded(EVENTS)]
    assert talk.stream("Kätzchen im Hut") == EVENTS
    assert script.lines() == ["POST /v3/midjourney/jobs/imagine"]
    assert script.requests[0][3] == {"prompt": "Kätzchen im Hut", "stream": True}
    assert script.asked("authorization") == ["Bearer secret-token"]


def test_nothing_is_read_after_the_final_event(talk: Talk, script: Script) -> None:
    script.streams = [encoded([*EVENTS, event("progress", 99, status="progress")])]
    assert talk.stream("x") == EVENTS


@pytest.mark.parametrize("cut", [2, 3, 4])
def test_a_cut_stream_is_resumed_and_the_prompt_sent_once(
    talk: Talk, script: Script, cut: int
) -> None:
    whole = encoded(EVENTS[:cut])
    half = encoded(EVENTS[cut : cut + 1])[:30]
    script.streams = [whole + half, encoded(EVENTS[cut:])]
    assert talk.stream("x") == EVENTS
    assert script.lines() == [
        "POST /v3/midjourney/jobs/imagine",
        f"GET /v3/midjourney/jobs/{JOBID}",
    ]
    assert script.asked("last-event-id") == [None, str(EVENTS[cut - 1]["seq"])]


def test_a_stream_cut_before_the_job_has_a_name_is_not_sent_again(
    talk: Talk, script: Script
) -> None:
    script.streams = [b": nothing yet\n\n"]
    with pytest.raises(Lost):
        talk.stream("x")
    assert len(script.requests) == 1


def test_following_begins_after_the_event_that_was_named(talk: Talk, script: Script) -> None:
    script.streams = [encoded(EVENTS[2:])]
    assert talk.follow(JOBID, after=12) == EVENTS[2:]
    assert script.asked("last-event-id") == ["12"]


def test_following_waits_out_a_server_that_restarts(talk: Talk, script: Script) -> None:
    away = JSONResponse({"error": "ending"}, 503)
    script.streams = [encoded(EVENTS[:3]), away, Response("bad gateway", 502), encoded(EVENTS[3:])]
    assert talk.follow(JOBID) == EVENTS
    assert script.asked("last-event-id") == [None, "17", "17", "17"]


def test_every_event_gives_new_patience(talk: Talk, script: Script) -> None:
    away: list[bytes | Response] = [Response(status_code=503)] * 3
    script.streams = [*away, encoded(EVENTS[:2]), *away[:2], encoded(EVENTS[2:])]
    assert talk.follow(JOBID) == EVENTS


def test_following_gives_up_in_the_end(talk: Talk, script: Script) -> None:
    script.streams = [Response(status_code=503)] * 5
    with pytest.raises(ApiError, match=r"^The server answered with status 503\.$"):
        talk.follow(JOBID)
    assert len(script.requests) == 4


def test_a_refusal_is_not_asked_again(talk: Talk, script: Script) -> None:
    script.streams = [JSONResponse({"error": "Job not found"}, 404)]
    with pytest.raises(ApiError, match=r"^Job not found$") as caught:
        talk.follow(JOBID)
    assert (caught.value.status, caught.value.body) == (404, {"error": "Job not found"})


@pytest.mark.parametrize("body", [b"data: {\n\n", b"data: 3\n\n"])
def test_a_stream_of_something_else_is_told(talk: Talk, script: Script, body: bytes) -> None:
    script.streams = [body]
    with pytest.raises(ClientError, match="not a JSON event"):
        talk.follow(JOBID)


def test_an_answer_that_is_no_stream_is_told(talk: Talk, script: Script) -> None:
    script.streams = [JSONResponse({"jobid": JOBID})]
    with pytest.raises(ApiError, match="not a stream of events"):
        talk.follow(JOBID)


def test_nobody_listening_is_told(open_client: Open) -> None:
    with socket.socket() as silent:  # bound, so that nobody else gets the port; never listening
        silent.bind(("127.0.0.1", 0))
        talk = open_client(f"http://127.0.0.1:{silent.getsockname()[1]}", backoff=())
        with pytest.raises(Unreachable, match=r"^No connection to http://127") as caught:
            talk.call("submit", "x")
        assert not isinstance(caught.value, Lost)


def test_imagine_returns_the_finished_job(talk: Talk, script: Script) -> None:
    script.streams = [encoded(EVENTS)]
    seen: list[Event] = []
    job = talk.call("imagine", "x", seen.append)
    assert job == EVENTS[-1]["job"]
    assert seen == EVENTS


def test_submitting_sends_only_what_was_said(talk: Talk, script: Script) -> None:
    assert talk.call("submit", "x", channel="7", reply_ref="r", reply_url=None)["jobid"] == JOBID
    [(_, _, _, body)] = script.requests
    assert body == {"prompt": "x", "stream": False, "channel": "7", "replyRef": "r"}


@pytest.mark.parametrize(
    ("name", "args", "line"),
    [
        ("get", [JOBID], f"GET /v3/midjourney/jobs/{JOBID}"),
        ("jobs", [], "GET /v3/midjourney/jobs"),
        ("cancel", [JOBID], f"DELETE /v3/midjourney/jobs/{JOBID}"),
        ("accounts", [], "GET /v3/midjourney/accounts"),
        ("account", ["7"], "GET /v3/midjourney/accounts/7"),
    ],
)
def test_the_other_calls(talk: Talk, script: Script, name: str, args: list[str], line: str) -> None:
    script.answer = Response(status_code=204) if name == "cancel" else JSONResponse({"a": 1})
    assert talk.call(name, *args) == (None if name == "cancel" else {"a": 1})
    assert script.lines() == [line]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (JSONResponse({"error": "All 2 channels are busy"}, 429), "All 2 channels are busy"),
        (JSONResponse([], 500), "The server answered with status 500."),
        (Response("<html>", 404), "The server answered with status 404."),
        (Response("<html>", 200), "The server's answer is not JSON."),
    ],
)
def test_refusals_are_sentences(talk: Talk, script: Script, answer: Response, error: str) -> None:
    script.answer = answer
    with pytest.raises(ApiError) as caught:
        talk.call("submit", "x")
    assert (str(caught.value), caught.value.status) == (error, answer.status_code)


@pytest.mark.parametrize("name", ["whole.png", "moved.png"])
def test_a_picture_is_there_whole(talk: Talk, script: Script, tmp_path: Path, name: str) -> None:
    path = tmp_path / "pictures" / "cat.png"
    talk.call("download", f"{script.url}/media/{name}", path)
    assert path.read_bytes() == PICTURE
    assert [file.name for file in path.parent.iterdir()] == ["cat.png"]
    assert script.requests == []  # the token goes to the API alone


def test_a_picture_cut_short_leaves_nothing(talk: Talk, script: Script, tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(b"the old one")
    with pytest.raises(Lost):
        talk.call("download", f"{script.url}/media/cut.png", path)
    assert path.read_bytes() == b"the old one"
    assert [file.name for file in tmp_path.iterdir()] == ["cat.png"]


def test_a_picture_that_is_not_there_is_told(talk: Talk, script: Script, tmp_path: Path) -> None:
    with pytest.raises(ApiError) as caught:
        talk.call("download", f"{script.url}/nothing.png", tmp_path / "cat.png")
    assert caught.value.status == 404
    assert list(tmp_path.iterdir()) == []


def test_address_and_token_come_from_the_environment(
    open_client: Open, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELIOGRAPH_URL", script.url + "/")
    monkeypatch.setenv("HELIOGRAPH_TOKEN", "from-outside")
    open_client().call("submit", "x")
    assert script.asked("authorization") == ["Bearer from-outside"]


def test_a_proxy_for_the_world_does_not_get_loopback_calls(
    open_client: Open, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    open_client(script.url).call("submit", "x")
    assert len(script.requests) == 1


@pytest.mark.parametrize("url", ["127.0.0.1:80", "ftp://a", "http://"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(url))):
        Client(url)


TEXT = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))
ENDS = st.sampled_from(["\n", "\r", "\r\n"])
MESSAGES = st.lists(st.tuples(st.lists(TEXT, min_size=1), st.none() | TEXT, st.none() | TEXT))


@given(MESSAGES, ENDS, st.booleans(), st.data())
def test_events_come_out_whole_wherever_the_chunks_are_split(
    messages: list[tuple[list[str], str | None, str | None]],
    end: str,
    mark: bool,
    data: st.DataObject,
) -> None:
    lines = []
    for texts, identity, comment in messages:
        lines += [] if comment is None else [f":{comment}", ""]
        lines += [] if identity is None else [f"id: {identity}"]
        lines += [*(f"data: {text}" for text in texts), ""]
    # The comment at the end lets a final CR be known as a whole line end.
    body = ("\ufeff" if mark else "").encode() + "".join(x + end for x in [*lines, ":"]).encode()
    cuts = data.draw(st.lists(st.integers(0, len(body))).map(sorted))
    parser = EventParser()
    bounds = zip([0, *cuts], [*cuts, len(body)], strict=True)
    found = [text for start, stop in bounds for text in parser.feed(body[start:stop])]
    assert found == ["\n".join(texts) for texts, _, _ in messages]
    assert parser.last_id == next((i for _, i, _ in reversed(messages) if i is not None), None)


@given(st.lists(st.binary()))
def test_the_parser_takes_any_bytes(chunks: list[bytes]) -> None:
    parser = EventParser()
    for chunk in chunks:
        assert all(isinstance(data, str) for data in parser.feed(chunk))
