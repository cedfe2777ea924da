"""Streams: played to their end, over as many connections as it takes. For both clients."""

import socket
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from heliograph.client import ApiError, Button, ClientError, Event, Lost, Unreachable
from tests.unit.client.scripted import EVENTS, JOBID, Open, Script, Talk, encoded, event


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


KEY = {"key": "order-7"}


def test_with_a_key_a_submission_that_got_lost_is_sent_again(talk: Talk, script: Script) -> None:
    script.streams = [b": nothing yet\n\n", Response(status_code=503), encoded(EVENTS)]
    assert talk.stream("x", **KEY) == EVENTS
    assert script.lines() == ["POST /v3/midjourney/jobs/imagine"] * 3
    assert script.asked("idempotency-key") == ["order-7"] * 3


def test_with_a_key_a_refusal_is_not_sent_again(talk: Talk, script: Script) -> None:
    script.streams = [JSONResponse({"error": "All 2 channels are busy"}, 429)]
    with pytest.raises(ApiError, match="busy"):
        talk.stream("x", **KEY)


@pytest.mark.parametrize(
    ("name", "args", "verb"),
    [
        ("imagine", ["x"], "imagine"),
        ("run", [Button(JOBID, "U1")], "button"),
        ("button", [JOBID, "U1"], "button"),
        ("blend", [[b"one", b"two"]], "blend"),
        ("describe", ["http://a/b.png"], "describe"),
    ],
)
def test_what_waits_returns_the_finished_job(
    talk: Talk, script: Script, name: str, args: list[Any], verb: str
) -> None:
    script.streams = [encoded(EVENTS)]
    seen: list[Event] = []
    assert talk.call(name, *args, on_event=seen.append) == EVENTS[-1]["job"]
    assert seen == EVENTS
    assert script.lines() == [f"POST /v3/midjourney/jobs/{verb}"]


@pytest.mark.parametrize(
    "verb", ["settings", "info", "fast", "relax", "turbo", "remix", "variability"]
)
def test_a_setting_is_waited_for(talk: Talk, script: Script, verb: str) -> None:
    script.streams = [encoded(EVENTS)]
    assert talk.call(verb, channel="7") == EVENTS[-1]["job"]
    [(_, path, _, body)] = script.requests
    assert (path, body) == (f"/v3/midjourney/jobs/{verb}", {"stream": True, "channel": "7"})


def test_a_seed_is_waited_for(talk: Talk, script: Script) -> None:
    script.streams = [encoded(EVENTS)]
    assert talk.call("seed", JOBID) == EVENTS[-1]["job"]
    assert script.requests[0][3] == {"stream": True, "jobId": JOBID}


def test_a_tail_tells_all_jobs_events_and_that_it_began(talk: Talk, script: Script) -> None:
    script.streams = [encoded([*EVENTS[1:], *EVENTS[1:3]])]
    seen: list[Event] = []
    begun: list[int] = []
    with pytest.raises(Lost, match="ended before the stream did"):
        talk.tail(seen, lambda: begun.append(len(seen)))
    assert seen == [*EVENTS[1:], *EVENTS[1:3]]
    assert begun == [0]
    assert script.lines() == ["GET /v3/midjourney/events"]
