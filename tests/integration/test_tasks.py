"""The v1 task API over a served port."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from standardwebhooks import Webhook

from heliograph import wiring
from heliograph.http.app import create_app
from heliograph.http.shapes import FaultObject, SubmittedObject, TaskObject, TasksObject
from tests.integration.conftest import TOKEN, V3, Running, Serve, running
from tests.receivers import Call, Receiver, receiving, status

V1 = "/midjourney/v1"
SUBMIT, STATUS = "submit-jobs", "job-status"
KEY = {"API-KEY": TOKEN, "Authorization": ""}
PAINTING = {"studio.blank_seconds": 0.2, "studio.update_seconds": 0.05}
LONG = {"studio.blank_seconds": 600, "studio.update_seconds": 0.05}


async def ask(server: Running, path: str, body: Any, **headers: str) -> dict[str, Any]:
    answer = await server.client.post(f"{V1}/{path}", json=body, headers=KEY | headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def submit(server: Running, prompt: str = "a cat", **fields: Any) -> str:
    answer = await ask(server, "submit-jobs", {"prompt": prompt} | fields)
    assert (answer["status"], answer["message"]) == (0, "success"), answer
    return str(answer["data"]["taskId"])


async def look(server: Running, *ids: str) -> list[dict[str, Any]]:
    answer = await ask(server, "job-status", {"taskIds": list(ids)})
    assert (answer["status"], answer["message"]) == (0, "success")
    found: list[dict[str, Any]] = answer["data"]
    return found


async def told(receiver: Receiver, count: int) -> list[dict[str, Any]]:
    """The tasks that a hook was told of, in order, once there are so many."""

    def heard(calls: list[Call]) -> list[dict[str, Any]]:
        return [call.job["data"] for call in calls if call.heard and "data" in call.job]

    return heard(await receiver.until(lambda calls: len(heard(calls)) >= count))


@asynccontextmanager
async def no_room(server: Running, **limits: int) -> AsyncIterator[None]:
    """What is submitted meanwhile begins together afterwards, on a channel with these limits."""
    (channel,) = (await server.client.get(f"{V3}/accounts")).json()
    await server.client.delete(f"{V3}/accounts/{channel}")
    yield
    body = {"discord": "studio"} | limits
    assert (await server.client.post(f"{V3}/accounts", json=body)).status_code == 201


def late(server: Running, id: str) -> None:
    """Lets a task's time run out."""
    with closing(sqlite3.connect(server.home.database, timeout=10)) as rows, rows:
        rows.execute("UPDATE tasks SET deadline = 1 WHERE id = ?", [id])


async def administer(server: Running, **quotas: int | None) -> None:
    async with wiring.offline(server.settings) as offline:
        await offline.people.set_quotas(1, quotas)


async def test_a_task_waits_runs_and_calls_back_with_what_its_status_shows(serve: Serve) -> None:
    server = await serve(**PAINTING)
    async with receiving() as receiver:
        id = await submit(server, "a cat --ar 2:1", hookUrl=f"{receiver.url}/hook?mine=1")
        assert re.fullmatch(r"[A-Za-z0-9_-]{21}", id)
        (final,) = await told(receiver, 1)
    (call,) = receiver.calls
    (shown,) = await look(server, id)
    assert call.job == {"status": 0, "data": shown, "message": "success"}
    assert call.path == "/hook?mine=1"
    assert call.headers["Content-Type"] == "application/json"
    task = msgspec.convert(final, TaskObject)
    assert (task.task_id, task.status, task.progress, task.fail_reason) == (id, 1, 100, "")
    assert task.prompt == "a cat --ar 2:1"
    assert task.mj_prompt.startswith("a cat --ar 2:1 --v")
    job = await server.job(task.job_id)
    assert job["request"]["prompt"] == "a cat --ar 2:1 --fast"
    grid = job["response"]["attachments"][0]
    assert task.image == grid["url"]
    assert (task.meta.width, task.meta.height) == (grid["width"], grid["height"])
    assert task.images == [single["url"] for single in job["response"]["imageUx"]]
    assert len(set(task.images)) == 4
    picture = await server.client.get(task.image, headers={"Authorization": ""})
    assert picture.status_code == 200


async def test_a_task_without_room_is_in_progress_without_a_job(server: Running) -> None:
    async with no_room(server):
        id = await submit(server)
        (waiting,) = await look(server, id)
        assert (await server.client.get(f"{V3}/jobs")).json()["total"] == 0
    task = msgspec.convert(waiting, TaskObject)
    assert (task.status, task.job_id, task.image, task.images) == (0, "", "", [])
    assert (task.progress, task.mj_prompt, task.meta.width) == (0, "", 0)


@pytest.mark.parametrize(
    ("fields", "prompt", "mode"),
    [
        ({"mode": "relaxed"}, "a cat --relax", "relaxed"),
        ({"mode": "fast"}, "a cat --fast", "fast"),
        ({"mode": "fast", "prompt": "a cat --relax"}, "a cat --relax", "relaxed"),
        ({"mode": "relaxed", "prompt": "a cat --turbo"}, "a cat --turbo", "turbo"),
    ],
)
async def test_the_mode_is_the_prompts_own_or_else_what_was_sent(
    server: Running, fields: dict[str, str], prompt: str, mode: str
) -> None:
    async with receiving() as receiver:
        await submit(server, **({"hookUrl": receiver.url} | fields))
        (final,) = await told(receiver, 1)
    job = await server.job(final["jobId"])
    assert job["request"]["prompt"] == prompt
    assert job["response"]["content"].endswith(f"({mode})")


async def order(server: Running) -> str:
    """In which order four tasks of one user end, on a channel that runs one at a time."""
    async with receiving() as receiver:
        ids = {}
        async with no_room(server, maxJobs=1):
            for name, mode in (("A", "relaxed"), ("b", "fast"), ("C", "relaxed"), ("d", "fast")):
                ids[await submit(server, mode=mode, hookUrl=receiver.url)] = name
        return "".join(ids[final["taskId"]] for final in await told(receiver, 4))


async def test_fast_goes_before_relaxed_and_the_oldest_first(server: Running) -> None:
    assert await order(server) == "bdAC"


async def test_relaxed_that_has_waited_long_goes_by_age(serve: Serve) -> None:
    assert await order(await serve(**{"queue.relaxed_wait_seconds": 0})) == "AbCd"


@pytest.mark.parametrize("prompt", ["a cat --fluffy", "gore everywhere"])
async def test_what_the_bot_refuses_has_failed_and_says_why(server: Running, prompt: str) -> None:
    async with receiving() as receiver:
        id = await submit(server, prompt, hookUrl=receiver.url)
        (final,) = await told(receiver, 1)
    job = await server.job(final["jobId"])
    assert job["status"] in ("failed", "moderated")
    assert (final["taskId"], final["status"]) == (id, 2)
    assert final["failReason"].startswith(job["error"])
    assert (final["image"], final["images"]) == ("", [])


async def test_a_task_that_waits_beyond_its_time_fails_without_a_job(server: Running) -> None:
    async with receiving() as receiver, no_room(server):
        id = await submit(server, hookUrl=receiver.url, timeout=300)
        late(server, id)
        (final,) = await told(receiver, 1)
        assert (final["taskId"], final["status"], final["jobId"]) == (id, 2, "")
        assert final["failReason"] == (
            "The task was still waiting in the queue after 300 seconds:"
            " No Midjourney channels configured"
        )
        assert await look(server, id) == [final]
        (delivery,) = (await server.client.get(f"{V3}/webhooks")).json()["deliveries"]
        assert delivery["taskId"] == id
        assert "jobid" not in delivery
    assert (await server.client.get(f"{V3}/jobs")).json()["total"] == 0


async def test_a_task_that_runs_beyond_its_time_ends_and_so_does_its_job(serve: Serve) -> None:
    server = await serve(**LONG)
    async with receiving() as receiver:
        # The channel's address hears of a task's job as of any other.
        await server.client.post(
            f"{V3}/accounts", json={"discord": "studio", "replyUrl": f"{receiver.url}/channel"}
        )
        id = await submit(server, hookUrl=receiver.url)
        await receiver.until(lambda calls: any(call.job["status"] == "started" for call in calls))
        late(server, id)
        (final,) = await told(receiver, 1)
    assert final["failReason"] == "The task was not finished within 600 seconds"
    job = await server.job(final["jobId"])
    assert (job["status"], job["code"], job["error"]) == ("failed", 504, final["failReason"])
    assert (await server.client.get(f"{V3}/jobs")).json()["total"] == 0


async def test_ten_tasks_may_be_unfinished(serve: Serve) -> None:
    server = await serve(**LONG)
    for _ in range(10):
        await submit(server)
    refused = await ask(server, "submit-jobs", {"prompt": "a cat"})
    msgspec.convert(refused, SubmittedObject)
    assert (refused["status"], refused["data"]) == (1002, None)
    assert refused["message"] == "Concurrency limit reached: 10 of your tasks are unfinished"
    await administer(server, unfinished=11)
    await submit(server)
    assert (await ask(server, "submit-jobs", {"prompt": "a cat"}))["status"] == 1002


async def test_a_months_quota_ends(server: Running) -> None:
    await administer(server, fast_jobs=1, relaxed_jobs=0)
    await submit(server)
    for mode, sentence in (("fast", "1 fast"), ("relaxed", "0 relaxed")):
        refused = await ask(server, "submit-jobs", {"prompt": "a cat", "mode": mode})
        assert (refused["status"], refused["data"]) == (1001, None)
        assert sentence in refused["message"]
    async with wiring.offline(server.settings) as offline:
        await offline.people.subscribe(1, 1)
        await asyncio.sleep(1.1)  # so long a token is remembered
        refused = await ask(server, "submit-jobs", {"prompt": "a cat"})
        assert refused["status"] == 1001
        assert await ask(server, "job-status", {"taskIds": ["x"]}) == {
            "status": 0,
            "data": [],
            "message": "success",
        }


async def test_a_made_up_id_checks_the_key(server: Running) -> None:
    body = {"taskIds": ["00000000-made-up"]}
    answer = await ask(server, "job-status", body)
    assert answer == {"status": 0, "data": [], "message": "success"}
    msgspec.convert(answer, TasksObject)
    for headers in (
        {"API-KEY": "no-such-token", "Authorization": ""},
        {"API-KEY": "no-such-token"},
        {"Authorization": "Bearer no-such-token"},
        {"Authorization": ""},
    ):
        refused = await server.client.post(f"{V1}/job-status", json=body, headers=headers)
        assert refused.status_code == 401
        assert refused.json() == {"status": 401, "data": None, "message": "Unauthorized"}
    bearer = await server.client.post(f"{V1}/job-status", json=body)
    assert bearer.json() == answer


async def test_a_task_that_is_sent_again_with_its_key_is_the_same(server: Running) -> None:
    async def send(prompt: str) -> httpx2.Response:
        headers = KEY | {"Idempotency-Key": "order 7"}
        body = {"prompt": prompt}
        return await server.client.post(f"{V1}/submit-jobs", json=body, headers=headers)

    answers = await asyncio.gather(*(send("a cat") for _ in range(5)))
    assert len({answer.json()["data"]["taskId"] for answer in answers}) == 1
    assert sorted("idempotent-replay" in answer.headers for answer in answers) == [0, 1, 1, 1, 1]
    other = await send("a dog")
    assert other.status_code == 422
    assert msgspec.convert(other.json(), FaultObject).status == 422
    # A key is one user's own, whichever API it was used with.
    headers = {"Idempotency-Key": "order 7"}
    job = await server.client.post(
        f"{V3}/jobs/imagine", json={"prompt": "a cat", "stream": False}, headers=headers
    )
    assert job.status_code == 422


async def test_another_users_task_is_absent(server: Running) -> None:
    id = await submit(server)
    async with wiring.offline(server.settings) as offline:
        other = await offline.people.create_token(2, "other")
    answer = await ask(server, "job-status", {"taskIds": [id]}, **{"API-KEY": other})
    assert answer["data"] == []
    assert [task["taskId"] for task in await look(server, "x", id, id)] == [id]


FAULTS: list[tuple[str, Any, str]] = [
    (SUBMIT, {}, "Parameter prompt is required"),
    (SUBMIT, {"prompt": " "}, "Parameter prompt is required"),
    (SUBMIT, {"prompt": 5}, "Parameter prompt must be a string"),
    (SUBMIT, {"prompt": "x" * 5001}, "Parameter prompt must be at most 5000 characters"),
    (SUBMIT, {"prompt": "a", "mode": "turbo"}, "Parameter mode must be one of fast, relaxed"),
    (SUBMIT, {"prompt": "a", "mode": 1}, "Parameter mode must be a string"),
    (SUBMIT, {"prompt": "a", "timeout": 299}, "Parameter timeout must be between"),
    (SUBMIT, {"prompt": "a", "timeout": 1201}, "Parameter timeout must be between"),
    (SUBMIT, {"prompt": "a", "timeout": "600"}, "Parameter timeout must be a whole number"),
    (SUBMIT, {"prompt": "a", "hookUrl": "x"}, "Parameter hookUrl must be an http or"),
    (SUBMIT, {"prompt": "a", "hookUrl": "http://10.0.0.1/"}, "Parameter hookUrl can't be called"),
    (SUBMIT, [], "Request body must be a JSON object"),
    (STATUS, {}, "Parameter taskIds is required"),
    (STATUS, {"taskIds": []}, "Parameter taskIds must have 1 to 50 items"),
    (STATUS, {"taskIds": ["x"] * 51}, "Parameter taskIds must have 1 to 50 items"),
    (STATUS, {"taskIds": "x"}, "Parameter taskIds must be a list of strings"),
    (STATUS, {"taskIds": [1]}, "Parameter taskIds must be a list of strings"),
    (STATUS, {"taskIds": ["\x00"]}, "Parameter taskIds contains characters"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "sentence"), FAULTS)
async def test_a_wrong_field_is_named_in_an_envelope(
    server: Running, path: str, body: Any, sentence: str
) -> None:
    answer = await server.client.post(f"{V1}/{path}", json=body, headers=KEY)
    assert answer.status_code == 400
    fault = msgspec.convert(answer.json(), FaultObject)
    assert (fault.status, fault.message[: len(sentence)]) == (400, sentence)
    with closing(sqlite3.connect(server.home.database)) as rows:
        assert rows.execute("SELECT COUNT(*) FROM tasks").fetchone() == (0,)


async def test_all_else_is_an_envelope_too(server: Running) -> None:
    async def post(path: str, content: bytes) -> httpx2.Response:
        return await server.client.post(f"{V1}/{path}", content=content, headers=KEY)

    answers = [
        (400, await post("submit-jobs", b"{")),
        (400, await post("job-status", b"")),
        (404, await post("no-such-thing", b"{}")),
        (405, await server.client.get(f"{V1}/job-status", headers=KEY)),
        (413, await post("submit-jobs", b" " * (20 * 1024 * 1024 + 1))),
    ]
    for code, answer in answers:
        assert answer.status_code == code
        assert msgspec.convert(answer.json(), FaultObject).status == code


async def test_a_hook_is_signed_tried_again_and_listed(serve: Serve) -> None:
    server = await serve(**{"webhooks.schedule": "[0.02, 0.02]"})
    tries = iter([status(500), status(503)])

    async def answer(request: Any) -> Any:
        return await next(tries, status(204))(request)

    async with receiving(answer) as receiver:
        id = await submit(server, hookUrl=receiver.url)
        await told(receiver, 1)
        calls = list(receiver.calls)
        assert len({call.id for call in calls}) == 1
        assert [call.heard for call in calls] == [False, False, True]
        secret = (await server.client.get(f"{V3}/webhooks/secret")).json()["secrets"][0]
        assert Webhook(secret).verify(calls[-1].body, calls[-1].headers) == calls[-1].job
    (delivery,) = (await server.client.get(f"{V3}/webhooks")).json()["deliveries"]
    (task,) = await look(server, id)
    assert (delivery["taskId"], delivery["jobid"]) == (id, task["jobId"])
    assert delivery["event"] == "midjourney_completed"


async def test_waiting_tasks_survive_a_restart(tmp_path: Path) -> None:
    async with receiving() as receiver:
        async with running(tmp_path / "data") as server:
            (channel,) = (await server.client.get(f"{V3}/accounts")).json()
            await server.client.delete(f"{V3}/accounts/{channel}")
            ids = [await submit(server, hookUrl=receiver.url) for _ in range(3)]
        async with running(tmp_path / "data") as again:
            assert [task["status"] for task in await look(again, *ids)] == [0, 0, 0]
            await again.client.post(f"{V3}/accounts", json={"discord": "studio", "maxJobs": 1})
            assert [final["taskId"] for final in await told(receiver, 3)] == ids


async def test_a_fault_of_the_server_is_an_envelope_without_a_trace() -> None:
    broken: Any = object()
    transport = httpx2.ASGITransport(create_app(broken), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://server") as client:
        answer = await client.post(f"{V1}/job-status", json={}, headers={"API-KEY": "x"})
    assert (answer.status_code, answer.json()) == (
        500,
        {"status": 500, "data": None, "message": "Internal server error"},
    )
