"""Webhooks from a served port to receivers that behave in all the ways there are."""

import asyncio
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.integration.conftest import V3, Running, Serve
from tests.receivers import Call, fine, receiving, reset, slow, status

FAST = {"webhooks.schedule": "[0.02, 0.02, 0.02]"}
PAINTING = {"studio.blank_seconds": 0.4, "studio.update_seconds": 0.05}
LIFE = ["created", "started", "completed"]


def ended(calls: list[Call]) -> bool:
    return any(call.heard and call.job["status"] == "completed" for call in calls)


def lifecycle(calls: list[Call]) -> list[str]:
    return [call.job["status"] for call in calls if call.job["status"] != "progress"]


async def listed(server: Running, **query: Any) -> list[dict[str, Any]]:
    answer = await server.client.get(f"{V3}/webhooks", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["deliveries"]
    return found


async def test_every_event_is_told_in_order_with_the_job_as_it_is_shown(serve: Serve) -> None:
    server = await serve(**PAINTING)
    async with receiving() as receiver:
        url = f"{receiver.url}/hook?key=1&b=%20&signature=a%2Fb%7e%3D"
        made = await server.submit(replyUrl=url, replyRef="mine")
        calls = await receiver.until(ended)
    shown = await server.job(made["jobid"])
    assert lifecycle(calls) == LIFE
    assert len(calls) > len(LIFE)
    assert [call.seq for call in calls] == sorted(call.seq for call in calls)
    final = calls[-1].job
    assert final == shown
    assert final["request"]["replyRef"] == final["response"]["replyRef"] == "mine"
    assert {call.path for call in calls} == {"/hook?key=1&b=%20&signature=a%2Fb%7e%3D"}
    assert calls[0].headers["Content-Type"] == "application/json"
    assert calls[0].headers["User-Agent"].startswith("Heliograph/")


@pytest.mark.parametrize(
    ("level", "told"), [("minimal", ["completed"]), ("standard", ["created", "completed"])]
)
async def test_a_level_tells_less(serve: Serve, level: str, told: list[str]) -> None:
    server = await serve(**PAINTING)
    async with receiving() as receiver:
        await server.submit(replyUrl=receiver.url, replyLevel=level)
        calls = await receiver.until(ended)
        assert [call.job["status"] for call in calls] == told


async def test_the_channels_address_is_told_where_a_job_names_none(server: Running) -> None:
    async with receiving() as own, receiving() as channels:
        body = {"discord": "studio", "replyUrl": channels.url}
        assert (await server.client.post(f"{V3}/accounts", json=body)).status_code == 200
        first, second = await server.submit(), await server.submit(replyUrl=own.url)
        await channels.until(ended)
        await own.until(ended)
        assert {call.job["jobid"] for call in channels.calls} == {first["jobid"]}
        assert {call.job["jobid"] for call in own.calls} == {second["jobid"]}


async def test_calls_are_signed_also_while_a_secret_is_replaced(server: Running) -> None:
    async with receiving() as receiver:
        (old,) = (await server.client.get(f"{V3}/webhooks/secret")).json()["secrets"]
        rotated = await server.client.post(f"{V3}/webhooks/secret")
        new, kept = rotated.json()["secrets"]
        assert (rotated.status_code, kept) == (201, old)
        await server.submit(replyUrl=receiver.url)
        for call in await receiver.until(ended):
            for secret in (old, new):
                assert Webhook(secret).verify(call.body, call.headers) == call.job


@pytest.mark.parametrize("mood", ["status", "reset", "redirect", "slow"])
async def test_what_was_not_heard_is_told_again(serve: Serve, mood: str) -> None:
    server = await serve(**FAST)
    bad = {
        "status": status(500),
        "reset": reset,
        "redirect": status(302, Location="/elsewhere"),
        "slow": slow(0.2),
    }[mood]
    seen: set[str] = set()

    async def twice(request: Any) -> Any:
        id = request.headers["webhook-id"]
        first = id not in seen
        seen.add(id)
        return await (bad if first else fine)(request)

    async with receiving(twice) as receiver:
        await server.submit(replyUrl=receiver.url, replyLevel="standard")
        calls = await receiver.until(ended)
        assert "/elsewhere" not in {call.path for call in calls}
        expected = LIFE[::2] if mood == "slow" else ["created", "created", "completed", "completed"]
        assert lifecycle(calls) == expected
        # Stable over retries, and no two events share one.
        assert len({call.id for call in calls}) == 2


async def test_gone_ends_it_and_the_next_event_is_still_told(serve: Serve) -> None:
    server = await serve(**FAST)
    async with receiving(status(410)) as receiver:
        await server.submit(replyUrl=receiver.url, replyLevel="standard")
        calls = await receiver.until(lambda calls: len(calls) == 2)
        assert lifecycle(calls) == ["created", "completed"]
        while not all(one["state"] == "failed" for one in await listed(server)):
            pass


async def test_given_up_is_replayed_by_hand_and_every_attempt_is_shown(serve: Serve) -> None:
    server = await serve(**FAST)
    async with receiving(status(503)) as receiver:
        made = await server.submit(replyUrl=receiver.url, replyLevel="minimal")
        await receiver.until(lambda calls: len(calls) == 4)
        while not (failed := await listed(server, state="failed")):
            pass
        receiver._answer = fine
        (delivery,) = failed
        assert (delivery["jobid"], delivery["attempts"]) == (made["jobid"], 4)
        shown = (await server.client.get(f"{V3}/webhooks/{delivery['id']}")).json()
        assert [(one["status"], one["answer"]) for one in shown["log"]] == [(503, "no")] * 4
        replayed = await server.client.post(f"{V3}/webhooks/{delivery['id']}/replay")
        assert (replayed.status_code, replayed.json()["state"]) == (200, "pending")
        await receiver.until(ended)
        assert len({call.id for call in receiver.calls}) == 1


async def test_a_dead_receiver_is_tried_until_it_is_back(serve: Serve) -> None:
    server = await serve(**{"webhooks.schedule": str([0.05] * 100)})
    async with receiving() as receiver:
        await receiver.stop()
        jobs = [await server.submit(f"cat {n}", replyUrl=receiver.url) for n in range(3)]
        for made in jobs:
            await server.ended(made["jobid"])
        while not any(one["attempts"] > 0 for one in await listed(server, state="pending")):
            pass
        await receiver.start()

        def all_ended(calls: list[Call]) -> bool:
            done = {call.job["jobid"] for call in calls if call.job["status"] == "completed"}
            return len(done) == 3

        calls = await receiver.until(all_ended)
        for made in jobs:
            told = [call for call in calls if call.job["jobid"] == made["jobid"]]
            assert lifecycle(told) == LIFE
            assert [call.seq for call in told] == sorted(call.seq for call in told)


async def test_a_dead_receiver_does_not_slow_another(serve: Serve) -> None:
    server = await serve(**{"webhooks.schedule": "[600]", "webhooks.per_host": 2})

    async def stuck(request: Any) -> Any:
        await asyncio.sleep(15)

    async with receiving(stuck) as dead, receiving() as healthy:
        for _ in range(3):
            stuck_job = await server.submit(replyUrl=dead.url)
            sound_job = await server.submit(replyUrl=healthy.url)
            await server.ended(stuck_job["jobid"])
            await server.ended(sound_job["jobid"])

        def done(calls: list[Call]) -> bool:
            return lifecycle(calls).count("completed") == 3

        async with asyncio.timeout(10):
            await healthy.until(done)


async def test_a_repeated_upscale_is_called_back_too(server: Running) -> None:
    async with receiving() as first, receiving() as second:
        grid = await server.ended((await server.submit())["jobid"])
        body = {"jobId": grid["jobid"], "button": "U1", "stream": False}
        one = await server.client.post(
            f"{V3}/jobs/button", json=body | {"replyUrl": first.url, "replyRef": "a"}
        )
        await first.until(ended)
        two = await server.client.post(
            f"{V3}/jobs/button", json=body | {"replyUrl": second.url, "replyRef": "b"}
        )
        assert (one.status_code, two.status_code) == (201, 200)
        (call,) = await second.until(ended)
        assert call.job["jobid"] == one.json()["jobid"]
        assert call.job["request"]["replyRef"] == call.job["response"]["replyRef"] == "b"


async def test_a_failed_job_and_a_cancelled_one_are_told(serve: Serve) -> None:
    server = await serve(**{"studio.blank_seconds": 5})
    async with receiving() as receiver:
        made = await server.submit(replyUrl=receiver.url, replyLevel="minimal")
        assert (await server.client.delete(f"{V3}/jobs/{made['jobid']}")).status_code == 204
        (call,) = await receiver.until(lambda calls: bool(calls))
        assert (call.job["status"], call.job["code"]) == ("failed", 499)
        await server.submit("a cat --nonsense 1", replyUrl=receiver.url, replyLevel="minimal")
        calls = await receiver.until(lambda calls: len(calls) == 2)
        assert (calls[-1].job["status"], calls[-1].job["code"]) == ("failed", 400)


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/x",
        "http://169.254.169.254/latest",
        "http://[fd00::1]/x",
        "http://0.0.0.0/",
        "http://10.1/hook",
        "http://0xA9FEA9FE/",
    ],
)
async def test_an_address_that_may_not_be_called_is_refused_at_once(
    server: Running, url: str
) -> None:
    body = {"prompt": "a cat", "stream": False, "replyUrl": url}
    answer = await server.client.post(f"{V3}/jobs/imagine", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Parameter replyUrl can't be called: ")
    account = {"discord": "studio", "replyUrl": url}
    assert (await server.client.post(f"{V3}/accounts", json=account)).status_code == 400
    assert (await server.client.get(f"{V3}/jobs")).json()["total"] == 0


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("?state=lost", 400),
        ("?limit=0", 400),
        ("?limit=501", 400),
        ("?limit=x", 400),
        ("/0", 404),
        ("/x", 404),
        ("/99999999999999999999", 404),
    ],
)
async def test_bad_questions_are_answered_plainly(server: Running, path: str, code: int) -> None:
    answer = await server.client.get(f"{V3}/webhooks{path}")
    assert answer.status_code == code
    assert answer.json()["error"]
    assert (await server.client.post(f"{V3}/webhooks/1/replay")).status_code == 404
