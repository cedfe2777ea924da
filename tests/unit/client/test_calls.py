"""Requests and answers without streams. For both clients."""

import inspect
import re
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from heliograph.client import ApiError, AsyncClient, Button, Client, Lost
from tests.unit.client.scripted import JOBID, Open, Script, Talk, cut


def test_submitting_sends_only_what_was_said(talk: Talk, script: Script) -> None:
    assert talk.call("submit", "x", channel="7", reply_ref="r", reply_url=None)["jobid"] == JOBID
    [(_, _, _, body)] = script.requests
    assert body == {"prompt": "x", "stream": False, "channel": "7", "replyRef": "r"}


def test_a_command_is_submitted_as_a_prompt_is(talk: Talk, script: Script) -> None:
    talk.call("submit", Button(JOBID, "🔄"), queue=True, key="order-7")
    [(_, path, _, body)] = script.requests
    assert path == "/v3/midjourney/jobs/button"
    assert body == {"jobId": JOBID, "button": "🔄", "stream": False, "queue": True}
    assert script.asked("idempotency-key") == ["order-7"]


def test_only_with_a_key_a_lost_submission_is_sent_again(talk: Talk, script: Script) -> None:
    script.answers = [cut(), Response(status_code=502)]
    assert talk.call("submit", "x", key="order-7")["jobid"] == JOBID
    assert len(script.requests) == 3
    script.answers = [cut()]
    with pytest.raises(Lost):
        talk.call("submit", "x")
    assert len(script.requests) == 4


CALLS: list[tuple[str, list[Any], dict[str, Any], str, dict[str, Any] | None]] = [
    ("get", [JOBID], {}, f"GET /jobs/{JOBID}", None),
    ("jobs", [], {}, "GET /jobs", None),
    ("accounts", [], {}, "GET /accounts", None),
    ("account", ["7"], {}, "GET /accounts/7", None),
    (
        "configure",
        ["studio-2"],
        {"max_jobs": 5, "max_video_jobs": 1, "reply_url": "http://a/"},
        "POST /accounts",
        {"discord": "studio-2", "maxJobs": 5, "maxVideoJobs": 1, "replyUrl": "http://a/"},
    ),
    ("delivery", [7], {}, "GET /webhooks/7", None),
    ("replay", [7], {}, "POST /webhooks/7/replay", None),
]
SILENT = [
    ("cancel", [JOBID], f"DELETE /jobs/{JOBID}", None),
    ("delete_account", ["7"], "DELETE /accounts/7", None),
    ("reset", ["7"], "POST /accounts/reset/7", None),
    ("challenge", ["7"], "POST /studio/7/challenge", {"kind": "moderation"}),
    ("challenge", ["7", "challenge"], "POST /studio/7/challenge", {"kind": "challenge"}),
    ("resolve", ["7"], "DELETE /studio/7/challenge", None),
]
LISTS: list[tuple[str, list[Any], str, str]] = [
    ("deliveries", [], "GET /webhooks?limit=100", "deliveries"),
    ("deliveries", ["failed", 7], "GET /webhooks?state=failed&limit=7", "deliveries"),
    ("signing_secrets", [], "GET /webhooks/secret", "secrets"),
    ("rotate_secret", [], "POST /webhooks/secret", "secrets"),
]


def asked(script: Script) -> tuple[str, Any]:
    [(method, path, _, body)] = script.requests
    return f"{method} {path.removeprefix('/v3/midjourney')}", body


@pytest.mark.parametrize(("name", "args", "options", "line", "body"), CALLS)
def test_what_answers_with_an_object(
    talk: Talk,
    script: Script,
    name: str,
    args: list[Any],
    options: dict[str, Any],
    line: str,
    body: dict[str, Any] | None,
) -> None:
    script.answer = JSONResponse({"a": 1})
    assert talk.call(name, *args, **options) == {"a": 1}
    assert asked(script) == (line, body)


@pytest.mark.parametrize(("name", "args", "line", "body"), SILENT)
def test_what_answers_with_nothing(
    talk: Talk, script: Script, name: str, args: list[Any], line: str, body: dict[str, Any] | None
) -> None:
    script.answer = Response(status_code=204)
    assert talk.call(name, *args) is None
    assert asked(script) == (line, body)


@pytest.mark.parametrize(("name", "args", "line", "key"), LISTS)
def test_what_answers_with_a_list(
    talk: Talk, script: Script, name: str, args: list[Any], line: str, key: str
) -> None:
    script.answer = JSONResponse({key: ["a", "b"]})
    assert talk.call(name, *args) == ["a", "b"]
    assert asked(script) == (line, None)


def test_both_clients_take_the_same() -> None:
    names = {name for name in dir(Client) if not name.startswith("_")} - {"close"}
    assert names == {name for name in dir(AsyncClient) if not name.startswith("_")} - {"aclose"}
    for name in names:
        sync, aio = (inspect.signature(getattr(kind, name)) for kind in (Client, AsyncClient))
        assert sync.parameters == aio.parameters, name


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
