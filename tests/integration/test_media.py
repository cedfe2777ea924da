"""Pictures by URL: caching, ranges, and whose address they carry."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.integration.conftest import V3, Running, Serve


async def picture(server: Running) -> str:
    made = await server.submit("a cat")
    url: str = (await server.ended(made["jobid"]))["response"]["attachments"][0]["url"]
    return url


async def test_a_picture_may_be_kept_for_ever(server: Running) -> None:
    url = await picture(server)
    whole = await server.client.get(url, headers={"Authorization": ""})
    assert whole.status_code == 200
    assert whole.headers["content-type"] == "image/png"
    assert whole.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert whole.headers["accept-ranges"] == "bytes"
    assert int(whole.headers["content-length"]) == len(whole.content)
    tag = whole.headers["etag"]
    for header in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        kept = await server.client.get(url, headers={"If-None-Match": header})
        assert (kept.status_code, kept.content) == (304, b"")
    assert (await server.client.get(url, headers={"If-None-Match": '"x"'})).status_code == 200


async def test_head_tells_the_size_alone(server: Running) -> None:
    url = await picture(server)
    head = await server.client.head(url)
    assert (head.status_code, head.content) == (200, b"")
    whole = await server.client.get(url)
    assert int(head.headers["content-length"]) == len(whole.content)


async def test_ranges(server: Running) -> None:
    url = await picture(server)
    whole = (await server.client.get(url)).content
    size = len(whole)
    for header, part in [
        ("bytes=0-9", whole[:10]),
        ("bytes=10-", whole[10:]),
        ("bytes=-5", whole[-5:]),
        (f"bytes={size - 1}-{size + 50}", whole[-1:]),
    ]:
        answer = await server.client.get(url, headers={"Range": header})
        assert (answer.status_code, answer.content) == (206, part), header
        start = size - len(part) if whole.endswith(part) else 0
        end = start + len(part) - 1
        assert answer.headers["content-range"] == f"bytes {start}-{end}/{size}"
    for header in (f"bytes={size}-", "bytes=-0"):
        answer = await server.client.get(url, headers={"Range": header})
        assert answer.status_code == 416
        assert answer.headers["content-range"] == f"bytes */{size}"


@pytest.mark.parametrize(
    "header",
    ["bytes=9-3", "bytes=a-b", "lines=1-2", "bytes=0-1,4-5", "-", "bytes=0-" + "9" * 5000],
)
async def test_a_range_that_makes_no_sense_is_ignored(server: Running, header: str) -> None:
    url = await picture(server)
    answer = await server.client.get(url, headers={"Range": header})
    assert answer.status_code == 200


async def test_a_range_of_an_older_picture_is_the_whole_new_one(server: Running) -> None:
    url = await picture(server)
    headers = {"Range": "bytes=0-9", "If-Range": '"older"'}
    assert (await server.client.get(url, headers=headers)).status_code == 200
    tag = (await server.client.head(url)).headers["etag"]
    headers["If-Range"] = tag
    assert (await server.client.get(url, headers=headers)).status_code == 206


@pytest.mark.parametrize(
    "key",
    [
        "nothing",
        "../heliograph.db",
        "%2e%2e/heliograph.db",
        "..%2fheliograph.db",
        "/etc/passwd",
        "%00",
        "cdn",
        "cdn/",
        "a//b",
        "x" * 5000,
        "shared/x.png",
        "",
        "/",
        "a/" * 3000,
        "🐱" * 100,
    ],
)
async def test_nothing_else_can_be_read(server: Running, key: str) -> None:
    answer = await server.client.get(f"/media/{key}")
    assert answer.status_code == 404
    assert answer.json() == {"error": "Not found"}


async def test_urls_are_those_of_the_host_that_was_asked(server: Running) -> None:
    made = await server.submit("a cat")
    await server.ended(made["jobid"])
    port = urlsplit(server.url).port
    answer = await server.client.get(
        f"{V3}/jobs/{made['jobid']}", headers={"Host": f"pictures.example:{port}"}
    )
    response = answer.json()["response"]
    urls = [response["attachments"][0]["url"], response["attachments"][0]["proxy_url"]]
    urls += [single["url"] for single in response["imageUx"]]
    assert all(url.startswith(f"http://pictures.example:{port}/media/") for url in urls)


async def test_urls_are_those_of_the_setting(serve: Serve) -> None:
    server = await serve(public_url="https://pictures.example/base/")
    made = await server.submit("a cat")
    url = (await server.ended(made["jobid"]))["response"]["attachments"][0]["url"]
    assert url.startswith("https://pictures.example/base/media/")
    found = await server.client.get(url.removeprefix("https://pictures.example/base"))
    assert found.status_code == 200


async def test_file_names_are_as_discord_gives_them(server: Running) -> None:
    made = await server.submit("A cat, in a hat! --ar 16:9")
    response = (await server.ended(made["jobid"]))["response"]
    uuid = response["components"][0]["components"][0]["custom_id"].split("::")[-1]
    name = Path(urlsplit(response["attachments"][0]["url"]).path).name
    assert name == response["attachments"][0]["filename"]
    assert name.endswith(f"_{uuid}.png")
    assert [urlsplit(single["url"]).path.rsplit("/", 2)[1:] for single in response["imageUx"]] == [
        [uuid, f"0_{n}.jpeg"] for n in range(4)
    ]
