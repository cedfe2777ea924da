"""`GET /v1/proxy/cdn-midjourney/?cdnUrl=…` before a CDN that is played on loopback."""

import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from urllib.parse import quote

import httpx2
import pytest
import pytest_asyncio

from heliograph.http import proxy
from tests.integration.conftest import TOKEN, running
from tests.integration.elsewhere import Elsewhere, Page, elsewhere
from tests.integration.states import Calls, picture

loop = pytest.mark.asyncio(loop_scope="module")
PROXY = "/v1/proxy/cdn-midjourney"
PNG = picture()


@pytest.fixture(scope="module")
def cdn() -> Iterator[Elsewhere]:
    kind = {"Content-Type": "image/png", "ETag": '"abc"', "Set-Cookie": "a=b", "Server": "x"}
    pages = {
        "/base/picture.png": Page(body=PNG, headers=kind),
        "/base/a%20b/%C3%BC.png": Page(body=PNG, headers=kind),
        "/base/page.html": Page(body=b"<script>1</script>", headers={"Content-Type": "text/html"}),
        "/base/forbidden.png": Page(403, b"<html>Cloudflare</html>"),
        "/base/broken.png": Page(500),
        "/base/away.png": Page(302, headers={"Location": "/secret.png"}),
        "/base/large.mp4": Page(body=b"x" * 10, length=proxy.MOST_BYTES + 1),
        "/base/breaks.mp4": Page(body=b"x" * 10, length=100),
        "/secret.png": Page(body=b"not below the base"),
    }
    with elsewhere(pages) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def calls(tmp_path_factory: pytest.TempPathFactory, cdn: Elsewhere) -> AsyncIterator[Calls]:
    folder = tmp_path_factory.mktemp("proxy")
    async with running(folder, **{"midjourney.cdn": f"{cdn.url}/base"}) as server:
        yield Calls(server, TOKEN, f"{cdn.url}/base")


async def through(calls: Calls, url: str, **headers: str) -> httpx2.Response:
    path = f"{PROXY}/?cdnUrl={quote(url, safe='')}"
    return await calls.server.client.get(path, headers=headers)


async def refused(calls: Calls, url: str, status: int) -> str:
    answer = await through(calls, url)
    assert answer.status_code == status, answer.text
    said = answer.json()
    assert set(said) == {"error", "code"}
    assert said["code"] == status
    return str(said["error"])


@loop
@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_file_comes_through_as_it_is(calls: Calls, cdn: Elsewhere, slash: str) -> None:
    cdn.requests.clear()
    url = quote(f"{calls.cdn_url}/picture.png", safe="")
    answer = await calls.server.client.get(f"{PROXY}{slash}?cdnUrl={url}")
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["etag"] == '"abc"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not {"set-cookie", "server"} & set(answer.headers)
    ((method, path, headers, _),) = cdn.requests
    assert (method, path) == ("GET", "/base/picture.png")
    # In our own name, and without the caller's token.
    assert headers["User-Agent"].startswith("Heliograph/")
    assert "Authorization" not in headers


@loop
async def test_names_are_passed_as_they_are_written(calls: Calls, cdn: Elsewhere) -> None:
    answer = await through(calls, f"{calls.cdn_url}/a%20b/%C3%BC.png")
    assert (answer.status_code, answer.content) == (200, PNG)
    assert cdn.requests[-1][1] == "/base/a%20b/%C3%BC.png"


@loop
async def test_a_page_of_the_cdn_is_no_page_of_ours(calls: Calls) -> None:
    answer = await through(calls, f"{calls.cdn_url}/page.html")
    assert answer.headers["content-security-policy"] == "sandbox"


@loop
async def test_what_the_cdn_refuses(calls: Calls) -> None:
    said = "The Midjourney CDN answered 403"
    assert await refused(calls, f"{calls.cdn_url}/forbidden.png", 403) == said
    said = "The Midjourney CDN answered 404"
    assert await refused(calls, f"{calls.cdn_url}/gone.png", 404) == said
    said = "The Midjourney CDN answered 500"
    assert await refused(calls, f"{calls.cdn_url}/broken.png", 502) == said


@loop
async def test_a_redirect_is_not_followed(calls: Calls, cdn: Elsewhere) -> None:
    cdn.requests.clear()
    said = "The Midjourney CDN answered 302"
    assert await refused(calls, f"{calls.cdn_url}/away.png", 502) == said
    assert [path for _, path, _, _ in cdn.requests] == ["/base/away.png"]


def tricks(base: str) -> list[str]:
    """URLs that look as if they lay below the CDN."""
    host = base.partition("//")[2].partition("/")[0]
    name, _, port = host.partition(":")
    return [
        "",
        "x",
        base,
        f"{base}/",
        f"{base}x/picture.png",
        f"http://{host}/secret.png",
        f"{base}/../secret.png",
        f"{base}/%2e%2e/secret.png",
        f"{base}/a/%2e%2e/%2e%2e/secret.png",
        f"{base}/..%2fsecret.png",
        f"{base}/%2e%2e%5csecret.png",
        f"{base}/./../secret.png",
        f"{base}//picture.png",
        f"http://user@{host}/base/picture.png",
        f"http://{host}@example.com/base/picture.png",
        f"http://example.com#@{host}/base/picture.png",
        f"http://{name}/base/picture.png",
        f"http://{name}:{int(port) + 1}/base/picture.png",
        f"http://localhost:{port}/base/picture.png",
        f"http://{name}.example.com:{port}/base/picture.png",
        f"https://{host}/base/picture.png",
        f"file://{host}/base/picture.png",
        f"//{host}/base/picture.png",
        f"http:\\\\{host}/base/picture.png",
        f"http://[::1/base/{host}",
        f" {base}/picture.png",
        f"{base}/\r\nHost: x/picture.png",
        "https://example.com/picture.png",
        "http://169.254.169.254/latest/meta-data",
    ]


@loop
@pytest.mark.parametrize("index", range(len(tricks("http://a:1/base"))))
async def test_nothing_else_is_fetched(calls: Calls, cdn: Elsewhere, index: int) -> None:
    cdn.requests.clear()
    said = await refused(calls, tricks(calls.cdn_url)[index], 400)
    assert "cdnUrl" in said
    assert cdn.requests == []


@loop
async def test_the_cdn_itself_may_be_asked_with_a_query(calls: Calls, cdn: Elsewhere) -> None:
    answer = await through(calls, f"{calls.cdn_url}/picture.png?width=100&x=..")
    assert answer.status_code == 200
    assert cdn.requests[-1][1] == "/base/picture.png?width=100&x=.."


@loop
async def test_files_have_a_largest_size(calls: Calls) -> None:
    said = await refused(calls, f"{calls.cdn_url}/large.mp4", 502)
    assert said == "The file is larger than 256 MB"


@loop
async def test_a_file_that_breaks_off_does_not_look_whole(calls: Calls) -> None:
    with pytest.raises(httpx2.HTTPError):
        await through(calls, f"{calls.cdn_url}/breaks.mp4")


@loop
async def test_a_file_without_end_is_cut_off(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy, "MOST_BYTES", 100_000)
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"

        def pour() -> None:
            connection, _ = listening.accept()
            with closing(connection):
                connection.recv(65_536)
                head = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n"
                try:
                    while True:
                        connection.sendall(head)
                        head = b"x" * 65_536
                except OSError:
                    return

        pouring = threading.Thread(target=pour)
        pouring.start()
        folder = calls.server.settings.data.parent / "endless"
        async with running(folder, **{"midjourney.cdn": base}) as server:
            with pytest.raises(httpx2.HTTPError):
                await through(Calls(server, TOKEN), f"{base}/endless.mp4")
        pouring.join()


@loop
async def test_a_cdn_that_is_not_there(calls: Calls) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    folder = calls.server.settings.data.parent / "absent"
    async with running(folder, **{"midjourney.cdn": base}) as server:
        said = await refused(Calls(server, TOKEN), f"{base}/x.png", 502)
        assert said == "The Midjourney CDN can't be reached"


@loop
async def test_our_own_media_come_without_a_detour(calls: Calls, cdn: Elsewhere) -> None:
    cdn.requests.clear()
    job = await calls.ended(await calls.parent())
    url = job["response"]["imageUx"][0]["url"]
    whole = (await calls.server.client.get(url)).content
    for named in (url, url.removeprefix(calls.server.url)):
        assert (await through(calls, named)).content == whole
    part = await through(calls, url, Range="bytes=10-19")
    assert (part.status_code, part.content) == (206, whole[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole)}"
    beyond = await through(calls, url, Range=f"bytes={len(whole)}-")
    assert beyond.status_code == 416
    again = await through(calls, url, **{"If-None-Match": part.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert cdn.requests == []


@loop
@pytest.mark.parametrize(
    "path", ["nothing/here.png", "../heliograph.db", "%2e%2e/heliograph.db", "..%2fheliograph.db"]
)
async def test_own_media_that_are_none(calls: Calls, path: str) -> None:
    answer = await through(calls, f"{calls.server.url}/media/{path}")
    assert answer.status_code in (400, 404), answer.text


@loop
async def test_who_is_asking_must_be_known(calls: Calls, cdn: Elsewhere) -> None:
    cdn.requests.clear()
    answer = await through(calls, f"{calls.cdn_url}/picture.png", Authorization="Bearer wrong")
    assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized", "code": 401})
    assert cdn.requests == []
