"""The job endpoints through the front door."""

import asyncio
import json
import re
import sqlite3
import threading
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import pytest
import requests
from PIL import Image

from heliograph import wiring
from heliograph.studio.sizes import cell_size, grid_size
from tests.golden import differences, unmatched
from tests.integration.conftest import TOKEN, V3, Running, Serve, events
from tests.integration.wires import both_wires

ID = re.compile(r"^j\d{19}i-u1-c\d{19}-bot:midjourney$")


async def stream(server: Running, body: dict[str, Any]) -> list[dict[str, Any]]:
    async with server.client.stream("POST", f"{V3}/jobs/imagine", json=body) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        return [event async for event in events(answer)]


@both_wires
async def test_a_stream_tells_the_whole_job(serve: Serve) -> None:
    server = await serve(**{"studio.blank_seconds": 2.5})
    told = await stream(server, {"prompt": "a cat in a hat --ar 16:9", "replyRef": "mine"})
    names = [event["event"] for event in told]
    progress = names.count("midjourney_progress")
    assert progress >= 3
    assert names == [
        "initialized",
        "midjourney_created",
        "midjourney_started",
        *["midjourney_progress"] * progress,
        "midjourney_completed",
    ]
    seqs = [event["seq"] for event in told]
    assert seqs[0] == 0
    assert seqs == sorted(set(seqs))
    jobs = [event["job"] for event in told[1:]]
    assert {job["jobid"] for job in jobs} == {told[0]["jobId"]}
    percents = [job["response"]["progress_percent"] for job in jobs if "response" in job]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert all(job["request"]["replyRef"] == "mine" for job in jobs)
    assert all(job["response"]["replyRef"] == "mine" for job in jobs if "response" in job)
    assert all(re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3}", event["ts"]) for event in told)


@both_wires
async def test_previews_and_final_pictures_can_be_fetched_by_anybody(serve: Serve) -> None:
    server = await serve(**{"studio.blank_seconds": 2.5})
    told = await stream(server, {"prompt": "a cat in a hat --ar 3:2"})
    shown = [event["job"]["response"] for event in told[3:]]
    previews = [response["attachments"][0] for response in shown[:-1] if response["attachments"]]
    assert previews
    assert max(previews[0]["width"], previews[0]["height"]) == 512
    final = shown[-1]
    async with httpx2.AsyncClient() as anybody:
        picture = (await anybody.get(previews[0]["url"])).content
        assert Image.open(BytesIO(picture)).format == "WEBP"
        grid = Image.open(BytesIO((await anybody.get(final["attachments"][0]["url"])).content))
        assert (grid.format, grid.size) == ("PNG", (2688, 1792))
        assert [single["id"] for single in final["imageUx"]] == [1, 2, 3, 4]
        for single in final["imageUx"]:
            cell = Image.open(BytesIO((await anybody.get(single["url"])).content))
            assert cell.size == (1344, 896)


@pytest.mark.parametrize("aspect", [(1, 1), (16, 9), (2, 3), (4, 1), (1, 4), (7, 5)])
async def test_every_aspect_has_its_size(server: Running, aspect: tuple[int, int]) -> None:
    made = await server.submit(f"a cat --ar {aspect[0]}:{aspect[1]}")
    attachment = (await server.ended(made["jobid"]))["response"]["attachments"][0]
    width, height = grid_size(cell_size(aspect))
    assert (attachment["width"], attachment["height"]) == (width, height)
    assert width / height == pytest.approx(aspect[0] / aspect[1], rel=0.03)


@both_wires
async def test_json_answers_at_once_and_the_job_goes_on(server: Running) -> None:
    made = await server.submit("a cat")
    assert ID.match(made["jobid"])
    assert made["status"] == "created"
    assert made["request"] == {"stream": False, "prompt": "a cat"}
    assert "response" not in made
    ended = await server.ended(made["jobid"])
    assert (ended["status"], ended["code"]) == ("completed", 200)
    assert ended["response"]["buttons"] == ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]
    assert ended["response"]["children"] == {}
    assert ended["response"]["executeOnce"] == {}


@both_wires
async def test_multipart_is_the_same_as_json(server: Running) -> None:
    answer = await server.client.post(
        f"{V3}/jobs/imagine",
        files={"prompt": (None, "ein Kätzchen 🐱"), "stream": (None, "false")},
    )
    assert answer.status_code == 201
    assert answer.json()["request"] == {"prompt": "ein Kätzchen 🐱", "stream": False}


@both_wires
async def test_the_bots_words_about_a_parameter_reach_the_caller(server: Running) -> None:
    made = await server.submit("a cat --fluffy 3")
    ended = await server.ended(made["jobid"])
    assert (ended["status"], ended["code"]) == ("failed", 400)
    assert "--fluffy" in ended["errorDetails"]
    assert (await server.client.get(f"{V3}/jobs")).json()["total"] == 0


@both_wires
async def test_running_jobs_are_listed_by_channel(serve: Serve) -> None:
    server = await serve(**{"studio.blank_seconds": 30})
    made = [await server.submit("a cat"), await server.submit("a video --video")]
    listed = (await server.client.get(f"{V3}/jobs")).json()
    (channel,) = listed["channels"].values()
    assert listed["total"] == len(channel["jobs"]) <= 2
    assert channel["jobs"][0]["jobId"] == made[0]["jobid"]
    assert re.fullmatch(r"\d\d:\d\d", channel["jobs"][0]["elapsed"])
    assert channel["maxJobs"] == 3


@both_wires
async def test_a_full_channel_answers_429_and_a_cancelled_job_frees_its_slot(serve: Serve) -> None:
    server = await serve(**{"studio.blank_seconds": 30})
    made = [await server.submit("a cat") for _ in range(3)]
    body = {"prompt": "one more"}
    busy = await server.client.post(f"{V3}/jobs/imagine", json=body)
    assert (busy.status_code, busy.json()) == (429, {"error": "All 1 channels are busy"})
    channel = made[0]["jobid"].split("-c")[1].split("-")[0]
    named = await server.client.post(f"{V3}/jobs/imagine", json=body | {"channel": channel})
    assert named.json() == {"error": f"Channel {channel} is busy executing 3 image jobs"}
    gone = await server.client.delete(f"{V3}/jobs/{made[0]['jobid']}")
    assert (gone.status_code, gone.content) == (204, b"")
    await server.submit("one more")


@both_wires
async def test_cancelling_ends_the_job_for_everybody(serve: Serve) -> None:
    server = await serve(**{"studio.blank_seconds": 30})
    made = await server.submit("a cat")
    following = asyncio.create_task(server.follow(made["jobid"]))
    await server.client.delete(f"{V3}/jobs/{made['jobid']}")
    told = await following
    assert told[-1]["event"] == "midjourney_failed"
    ended = await server.job(made["jobid"])
    assert ended["status"] == "failed"
    assert ended["code"] == 499
    assert ended["error"] == "Job cancelled by user"
    again = await server.client.delete(f"{V3}/jobs/{made['jobid']}")
    assert (again.status_code, again.json()) == (409, {"error": "Job is already failed"})
    assert (await server.client.get(f"{V3}/jobs")).json()["total"] == 0


@both_wires
async def test_what_is_cancelled_at_once_is_not_painted_either(serve: Serve) -> None:
    server = await serve(**{"studio.blank_seconds": 60})
    for delay in range(30):
        made = await server.submit("a cat")
        # Turns of the loop, so that the cancelling meets every step of the sending.
        for _ in range(delay):
            await asyncio.sleep(0)
        await server.client.delete(f"{V3}/jobs/{made['jobid']}")
    assert await asyncio.to_thread(empties, server)


def empties(server: Running) -> bool:
    """Whether the queue in the bot's own memory becomes empty (a job in it would take a minute)."""
    with closing(sqlite3.connect(server.wire.memory, timeout=10)) as memory:
        for _ in range(500):
            if not memory.execute("SELECT COUNT(*) FROM queue").fetchone()[0]:
                return True
            threading.Event().wait(0.02)
    return False


@both_wires
async def test_another_users_job_does_not_exist(serve: Serve) -> None:
    server = await serve()
    made = await server.submit("a cat")
    async with wiring.offline(server.settings) as offline:
        other = await offline.people.create_token(2, "other")
    headers = {"Authorization": f"Bearer {other}"}
    for method in ("GET", "DELETE"):
        answer = await server.client.request(method, f"{V3}/jobs/{made['jobid']}", headers=headers)
        assert (answer.status_code, answer.json()) == (404, {"error": "Job not found"})
    listed = (await server.client.get(f"{V3}/jobs", headers=headers)).json()
    assert listed == {"total": 0, "images": 0, "videos": 0, "channels": {}}
    none = await server.client.post(f"{V3}/jobs/imagine", json={"prompt": "x"}, headers=headers)
    assert none.status_code == 404
    assert none.json() == {"error": "No Midjourney channels configured"}


async def test_accounts_are_shown_without_their_tokens(server: Running) -> None:
    accounts = (await server.client.get(f"{V3}/accounts")).json()
    ((id, account),) = accounts.items()
    assert account == {
        "discord": "stu...dio",
        "channel": id,
        "maxJobs": 3,
        "maxImageJobs": 3,
        "maxVideoJobs": 3,
    }
    assert (await server.client.get(f"{V3}/accounts/{id}")).json() == account
    unknown = await server.client.get(f"{V3}/accounts/123")
    assert (unknown.status_code, unknown.content) == (404, b"")


def read_with_requests(url: str, token: str) -> list[dict[str, Any]]:
    told = []
    with requests.post(
        f"{url}{V3}/jobs/imagine",
        headers={"Authorization": f"Bearer {token}"},
        json={"prompt": "ein Kätzchen 🐱"},
        stream=True,
        timeout=30,
    ) as answer:
        for line in answer.iter_lines():
            if line.startswith(b"data:"):
                told.append(json.loads(line[5:]))
    return told


@both_wires
async def test_ten_lines_of_requests_read_a_stream(server: Running) -> None:
    told = await asyncio.to_thread(read_with_requests, server.url, TOKEN)
    assert told[0]["event"] == "initialized"
    assert told[-1]["event"] == "midjourney_completed"
    assert told[-1]["job"]["request"]["prompt"] == "ein Kätzchen 🐱"


def example(shared: Path, page: str) -> dict[str, Any]:
    text = (shared / "spec" / "examples" / f"{page}.json").read_text()
    found: dict[str, Any] = json.loads(text)["responses"]
    return found


async def test_the_recorded_stream_is_matched(serve: Serve, shared: Path) -> None:
    path = shared / "spec" / "examples" / "post-midjourney-jobs-imagine.sse.jsonl"
    recorded = [json.loads(line) for line in path.read_text().splitlines()]
    server = await serve(**{"studio.blank_seconds": 5})
    body = {
        "prompt": "cat in the hat",
        "replyUrl": "http://127.0.0.1:9/hook",
        "replyRef": "2025-10-24T18:11:04.335Z",
    }
    told = await stream(server, body)
    assert unmatched(recorded, told) == []


async def test_the_pages_answers_are_matched(serve: Serve, shared: Path) -> None:
    server = await serve(**{"studio.blank_seconds": 1})
    imagine = example(shared, "post-midjourney-jobs-imagine")
    body = {"replyUrl": "http://127.0.0.1:9/hook", "replyRef": "ref"}
    made = await server.submit("cat in the hat", **body)
    assert differences(imagine["201"], made) == []
    listed = (await server.client.get(f"{V3}/jobs")).json()
    wanted = example(shared, "get-midjourney-jobs")["200"]
    assert differences({**wanted, "channels": {}}, listed) == []
    (channel,) = listed["channels"].values()
    assert differences(wanted["channels"]["1234567890123456789"], channel) == []
    ended = await server.ended(made["jobid"])
    assert differences(example(shared, "get-midjourney-jobs-jobid")["200"], ended) == []
    accounts = (await server.client.get(f"{V3}/accounts")).json()
    account = dict(example(shared, "get-midjourney-accounts-channel")["200"])
    # Our own bot's first channel has no webhook of its own.
    del account["replyUrl"]
    assert differences(account, next(iter(accounts.values()))) == []
