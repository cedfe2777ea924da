"""Bad input: nothing created, one clear sentence, the right status."""

import asyncio
import socket
from typing import Any

import pytest

from heliograph.http import heads
from tests.integration.conftest import TOKEN, V3, Running, Serve

IMAGINE = f"{V3}/jobs/imagine"


async def refused(server: Running, status: int, sentence: str | None, **request: Any) -> None:
    answer = await server.client.request(request.pop("method", "POST"), **request)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    said = answer.json()
    assert list(said) == ["error"]
    if sentence is not None:
        assert said["error"] == sentence
    assert "Traceback" not in answer.text
    assert (await server.client.get(f"{V3}/jobs")).json()["total"] == 0


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer wrong",
        "Basic a-token-for-tests",
        "a-token-for-tests",
        b"Bearer \xff\xfe",
        "Bearer a-token-for-tests x",
    ],
)
async def test_no_token_or_a_wrong_one(server: Running, authorization: str | bytes) -> None:
    for method, path in (
        ("POST", IMAGINE),
        ("GET", f"{V3}/jobs"),
        ("GET", f"{V3}/jobs/j1"),
        ("DELETE", f"{V3}/jobs/j1"),
        ("GET", f"{V3}/accounts"),
        ("GET", f"{V3}/accounts/1"),
    ):
        await refused(
            server,
            401,
            "Unauthorized",
            method=method,
            url=path,
            headers={"Authorization": authorization},
        )


async def test_a_missing_header_is_unauthorized(server: Running) -> None:
    del server.client.headers["Authorization"]
    answer = await server.client.post(IMAGINE, json={"prompt": "x"})
    assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized"})


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
async def test_the_scheme_has_no_case(server: Running, scheme: str) -> None:
    answer = await server.client.get(
        f"{V3}/accounts", headers={"Authorization": f"{scheme} {TOKEN}"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "Parameter prompt is required"),
        ({"prompt": " \n"}, "Parameter prompt is required"),
        ({"prompt": None}, "Parameter prompt is required"),
        ({"prompt": "x" * 5001}, "Parameter prompt must be at most 5000 characters long"),
        ({"prompt": 7}, "Parameter prompt must be a string"),
        ({"prompt": {"a": 1}}, "Parameter prompt must be a string"),
        ({"prompt": "x", "stream": "no"}, "Parameter stream must be true or false"),
        ({"prompt": "x", "channel": 1}, "Parameter channel must be a string"),
        ({"prompt": "x", "replyUrl": "nowhere"}, "Parameter replyUrl must be an http or https URL"),
    ],
)
async def test_wrong_fields(server: Running, body: dict[str, Any], sentence: str) -> None:
    await refused(server, 400, sentence, url=IMAGINE, json=body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"not json",
        b'{"prompt": "x",}',
        b'{"prompt": "\xff"}',
        '{"prompt": "x"}'.encode("utf-16"),
        b'{"prompt": "\\ud800"}',
        b"[" * 100_000,
        b"\x00" * 10,
    ],
)
async def test_broken_json(server: Running, body: bytes) -> None:
    await refused(server, 400, None, url=IMAGINE, content=body)


@pytest.mark.parametrize("body", [b"[]", b"5", b'"x"', b"null", b"true"])
async def test_json_that_is_no_object(server: Running, body: bytes) -> None:
    sentence = "Request body must be a JSON object"
    await refused(server, 400, sentence, url=IMAGINE, content=body)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=", b"--\r\n"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"garbage"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\ncut off in the mid',
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n\xff\xfe\r\n--x--\r\n',
        ),
        ("multipart/form-data; boundary=x", b"--x\r\nno colon\r\n\r\nv\r\n--x--\r\n"),
        ("multipart/mixed; boundary=x", b"--x\r\n\r\nv\r\n--x--\r\n"),
    ],
)
async def test_broken_multipart(server: Running, content_type: str, body: bytes) -> None:
    headers = {"Content-Type": content_type}
    await refused(server, 400, None, url=IMAGINE, content=body, headers=headers)


async def test_form_values_are_checked_too(server: Running) -> None:
    files = {"prompt": (None, "x"), "stream": (None, "perhaps")}
    await refused(server, 400, "Parameter stream must be true or false", url=IMAGINE, files=files)


async def test_long_form_values_are_judged_by_their_field(server: Running) -> None:
    files = {"prompt": (None, "x" * 2_000_000)}
    sentence = "Parameter prompt must be at most 5000 characters long"
    await refused(server, 400, sentence, url=IMAGINE, files=files)


async def test_empty_form_values_count_as_absent(server: Running) -> None:
    files = {"prompt": (None, "x"), "stream": (None, ""), "channel": (None, "")}
    answer = await server.client.post(IMAGINE, files=files)
    assert answer.status_code == 200
    assert answer.text.startswith("id: 0")


def raw(server: Running, *parts: bytes, end: bool = False) -> bytes:
    """The answer to bytes that no client library would send; `end`: no more will be sent."""
    port = int(server.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        answer = b""
        try:
            for part in parts:
                connection.sendall(part)
            if end:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the server may close as soon as it has seen enough
        try:
            while piece := connection.recv(65536):
                answer += piece
        except OSError:
            pass
    return answer


async def test_a_head_without_end_is_cut_off(server: Running) -> None:
    parts = [b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ", *[b"a" * 65536] * 400]
    answer = await asyncio.to_thread(raw, server, *parts)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 "), answer[:200]
    assert (await server.client.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01 hello\r\n\r\n", b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n"]
)
async def test_what_is_no_http_is_refused_like_all_else(server: Running, sent: bytes) -> None:
    answer = await asyncio.to_thread(raw, server, sent)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b'{"error":"The request is not valid HTTP"}')


async def test_a_long_head_within_the_bound_is_fine(server: Running) -> None:
    headers = {"X-Long": "a" * 60_000}
    assert (await server.client.get("/healthz", headers=headers)).status_code == 200


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for seconds in ("HEAD_SECONDS", "BODY_SECONDS", "UNREAD_SECONDS"):
        monkeypatch.setattr(heads, seconds, 0.2)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "part",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Half: ",
        b"POST /v3/midjourney/jobs/imagine HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
        + TOKEN.encode()
        + b"\r\nContent-Length: 1000\r\n\r\n{",
    ],
)
async def test_a_request_that_does_not_go_on_is_cut_off(server: Running, part: bytes) -> None:
    answer = await asyncio.to_thread(raw, server, part)
    assert answer.startswith(b"HTTP/1.1 408 "), answer
    assert answer.endswith(b'{"error":"The request did not come in time"}')


@pytest.mark.usefixtures("impatient")
async def test_a_connection_that_asks_nothing_is_closed(server: Running) -> None:
    assert await asyncio.to_thread(raw, server, b"") == b""


@pytest.mark.usefixtures("impatient")
async def test_a_body_that_goes_on_after_its_answer_is_cut_off(server: Running) -> None:
    head = b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
    answer = await asyncio.to_thread(raw, server, head, b"x")
    # One answer, and no second one to the same request.
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert answer.count(b"HTTP/1.1") == 1


async def test_what_follows_a_body_has_a_bound_too(server: Running) -> None:
    head = b"POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    answer = await asyncio.to_thread(raw, server, head, *[b"X-Trailer: abcdefgh\r\n"] * 200_000)
    assert answer.count(b"HTTP/1.1") <= 1


async def test_requests_sent_ahead_have_a_bound(server: Running) -> None:
    line = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await asyncio.to_thread(raw, server, line * 1000)
    assert answer.count(b"HTTP/1.1 200") < 1000
    few = line * 9 + line.replace(b"Host", b"Connection: close\r\nHost")
    answer = await asyncio.to_thread(raw, server, few)
    assert answer.count(b"HTTP/1.1 200") == 10


async def test_nonsense_behind_a_request_is_no_part_of_its_answer(server: Running) -> None:
    line = b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await asyncio.to_thread(raw, server, line + b"\x16\x03 nonsense\r\n\r\n")
    assert b" 400 " not in answer


@pytest.mark.usefixtures("impatient")
async def test_who_reads_nothing_is_dropped(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = asyncio.Event()

    ended = heads.BoundedHttp.connection_lost

    def tell(self: heads.BoundedHttp, exc: Exception | None) -> None:
        ended(self, exc)
        lost.set()

    large = server.home.media / "large" / "file.png"
    large.parent.mkdir(parents=True)
    large.write_bytes(bytes(32 * 1024 * 1024))
    monkeypatch.setattr(heads.BoundedHttp, "connection_lost", tell)
    port = int(server.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"GET /media/large/file.png HTTP/1.1\r\nHost: x\r\n\r\n")
        await lost.wait()


async def test_too_many_connections_are_turned_away(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "most_connections", lambda: 0)
    answer = await asyncio.to_thread(raw, server, b"")
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert answer.endswith(b'{"error":"The server has too many connections"}')


async def test_while_half_the_connections_are_taken_none_is_kept_idle(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "most_connections", lambda: 1)
    answer = await asyncio.to_thread(raw, server, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" in answer


HEAD = (
    f"POST {IMAGINE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
    "Content-Length: %d\r\n%s\r\n"
)


async def test_who_ends_their_side_with_the_request_is_answered(server: Running) -> None:
    body = b'{"prompt": "a cat", "stream": false}'
    answer = await asyncio.to_thread(raw, server, (HEAD % (len(body), "")).encode(), body, end=True)
    assert answer.startswith(b"HTTP/1.1 201 ")
    assert b"connection: close" in answer


async def test_an_offer_of_another_protocol_costs_no_body(server: Running) -> None:
    # What Java's HttpClient sends. What looks like it in a body is left alone.
    values = {b"prompt": b"a\nupgrade: h2c", b"stream": b"false"}
    part = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    body = b"".join(part % pair for pair in values.items()) + b"--x--\r\n"
    offer = (
        "Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n"
    )
    answer = await asyncio.to_thread(raw, server, (HEAD % (len(body), offer)).encode() + body)
    assert answer.startswith(b"HTTP/1.1 201 ")
    assert b'"prompt":"a\\nupgrade: h2c"' in answer


async def test_a_body_over_its_limit(serve: Serve) -> None:
    server = await serve(**{"limits.json_bytes": 1000, "limits.multipart_bytes": 2000})
    long = {"prompt": "x", "padding": "y" * 2000}
    await refused(server, 413, "The request body is larger than 1000 bytes", url=IMAGINE, json=long)
    files = {"prompt": (None, "x"), "padding": (None, "y" * 3000)}
    await refused(
        server, 413, "The request body is larger than 2000 bytes", url=IMAGINE, files=files
    )


async def test_a_large_body_over_its_limit_is_answered_after_it_was_sent(server: Running) -> None:
    body = b'{"prompt": "x", "padding": "' + b"y" * (21 * 1024 * 1024) + b'"}'
    await refused(server, 413, None, url=IMAGINE, content=body)


@pytest.mark.parametrize("path", ["/", "/v3", "/v3/midjourney/job", "/v3/midjourney/jobs/", "/%ff"])
async def test_unknown_routes(server: Running, path: str) -> None:
    await refused(server, 404, "Not found", method="GET", url=path)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", IMAGINE, "POST"),
        ("PUT", IMAGINE, "POST"),
        ("POST", f"{V3}/jobs", "GET, HEAD"),
        ("PATCH", f"{V3}/jobs/j1", "GET, DELETE, HEAD"),
        ("DELETE", f"{V3}/accounts", "POST, GET, HEAD"),
        ("POST", "/healthz", "GET, HEAD"),
    ],
)
async def test_wrong_methods(server: Running, method: str, path: str, allowed: str) -> None:
    answer = await server.client.request(method, path)
    assert (answer.status_code, answer.json()) == (405, {"error": "Method not allowed"})
    assert answer.headers["allow"] == allowed


async def test_a_channel_that_is_not_the_callers(server: Running) -> None:
    await refused(
        server,
        404,
        "Channel 123 not found or not configured",
        url=IMAGINE,
        json={"prompt": "x", "channel": "123"},
    )


@pytest.mark.parametrize("id", ["j1", "x" * 3000, "j1121112239546815063i", "%00", "🐱"])
async def test_unknown_jobs(server: Running, id: str) -> None:
    for method in ("GET", "DELETE"):
        answer = await server.client.request(method, f"{V3}/jobs/{id}")
        assert answer.status_code == 404, answer.text
        assert answer.json() == {"error": "Job not found"}


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 40, "²"])
async def test_a_cursor_that_is_no_number(server: Running, cursor: str) -> None:
    made = await server.submit()
    await server.ended(made["jobid"])
    headers = {b"Accept": b"text/event-stream", b"Last-Event-ID": cursor.encode()}
    answer = await server.client.get(f"{V3}/jobs/{made['jobid']}", headers=headers)
    assert answer.status_code == 400
    assert answer.json() == {"error": "Last-Event-ID must be the id of an event: a whole number"}


async def test_a_caller_who_leaves_in_mid_body_harms_nobody(server: Running) -> None:
    port = int(server.url.rsplit(":", 1)[1])
    head = (
        f"POST {IMAGINE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
        'Content-Length: 1000\r\n\r\n{"prompt": '
    )

    def leave() -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(head.encode())

    await asyncio.to_thread(leave)
    assert (await server.client.get(f"{V3}/jobs")).json()["total"] == 0
    await server.ended((await server.submit())["jobid"])
