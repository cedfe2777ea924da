"""Jobs that were asked for with `queue`, over a served port."""

import asyncio
from typing import Any

import httpx2
import pytest

from tests.integration.conftest import V3, Running, Serve, events
from tests.receivers import Call, receiving

# Long enough that nothing ends by itself.
LONG = {"studio.blank_seconds": 600, "studio.update_seconds": 0.05}


async def channel(server: Running, **fields: Any) -> str:
    """The first channel, with these fields."""
    answer = await server.client.post(f"{V3}/accounts", json={"discord": "studio"} | fields)
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["channel"])


async def asked(server: Running, **fields: Any) -> httpx2.Response:
    body = {"prompt": "a cat", "stream": False} | fields
    return await server.client.post(f"{V3}/jobs/imagine", json=body)


async def cancel(server: Running, made: dict[str, Any]) -> None:
    answer = await server.client.delete(f"{V3}/jobs/{made['jobid']}")
    assert answer.status_code == 204, answer.text


async def until(server: Running, id: str, name: str) -> None:
    """Waits for an event of a job."""
    headers = {"Accept": "text/event-stream"}
    async with server.client.stream("GET", f"{V3}/jobs/{id}", headers=headers) as answer:
        async for event in events(answer):
            if event["event"] == name:
                return
    raise AssertionError(f"{id} ended without {name}")


async def listed(server: Running) -> list[str]:
    found = (await server.client.get(f"{V3}/jobs")).json()
    return [job["jobId"] for one in found["channels"].values() for job in one["jobs"]]


async def test_a_busy_channel_refuses_who_does_not_queue_and_keeps_who_does(serve: Serve) -> None:
    server = await serve(**LONG)
    await channel(server, maxJobs=1)
    first = await server.submit(queue=True)
    assert first["request"] == {"prompt": "a cat", "stream": False, "queue": True}
    await until(server, first["jobid"], "midjourney_started")
    assert (await asked(server)).status_code == 429
    assert (await asked(server, queue=False)).status_code == 429
    waiting = await server.submit(queue=True)
    assert waiting["status"] == "created"
    assert await listed(server) == [first["jobid"], waiting["jobid"]]
    await cancel(server, first)
    await until(server, waiting["jobid"], "midjourney_started")
    assert await listed(server) == [waiting["jobid"]]


async def test_a_stream_that_waits_begins_with_its_job(serve: Serve) -> None:
    server = await serve(**LONG)
    await channel(server, maxJobs=1)
    first = await server.submit()
    body = {"prompt": "a cat", "queue": True}
    names = []
    async with server.client.stream("POST", f"{V3}/jobs/imagine", json=body) as answer:
        assert answer.status_code == 200
        async for event in events(answer):
            names.append(event["event"])
            if event["event"] == "midjourney_created":
                await cancel(server, first)
            if event["event"] == "midjourney_started":
                break
    assert names == ["initialized", "midjourney_created", "midjourney_started"]


async def test_a_waiting_job_can_be_cancelled_and_is_never_sent(serve: Serve) -> None:
    server = await serve(**LONG)
    await channel(server, maxJobs=1)
    first = await server.submit()
    waiting, last = await server.submit(queue=True), await server.submit(queue=True)
    await cancel(server, waiting)
    assert [event["event"] for event in await server.follow(waiting["jobid"])] == [
        "initialized",
        "midjourney_created",
        "midjourney_failed",
    ]
    assert (await server.job(waiting["jobid"]))["code"] == 499
    assert await listed(server) == [first["jobid"], last["jobid"]]
    await cancel(server, first)
    await until(server, last["jobid"], "midjourney_started")


async def test_they_run_in_the_order_in_which_they_came(serve: Serve) -> None:
    server = await serve()
    async with receiving() as receiver:
        await channel(server, maxJobs=1)
        made = [
            (await server.submit(queue=True, replyUrl=receiver.url, replyLevel="minimal"))["jobid"]
            for _ in range(6)
        ]
        await receiver.until(lambda calls: len(calls) == 6)
        assert [call.job["jobid"] for call in receiver.calls] == made
        assert {call.job["status"] for call in receiver.calls} == {"completed"}


async def test_a_thousand_may_wait_unless_the_setting_says_otherwise(serve: Serve) -> None:
    server = await serve(**LONG, **{"queue.most": 2})
    await channel(server, maxJobs=1)
    made = [await server.submit(queue=True) for _ in range(3)]
    refused = await asked(server, queue=True)
    assert refused.status_code == 429
    assert refused.json() == {"error": "The queue is full: 2 of your jobs are waiting already"}
    await cancel(server, made[1])
    await server.submit(queue=True)


async def test_forms_and_named_channels_queue_too(serve: Serve) -> None:
    server = await serve(**LONG)
    named = await channel(server, maxJobs=1)
    await server.submit()
    form = {"prompt": (None, "a cat"), "queue": (None, "true"), "stream": (None, "false")}
    made = await server.client.post(f"{V3}/jobs/imagine", files=form)
    assert made.status_code == 201, made.text
    assert (await asked(server, queue=True, channel=named)).status_code == 201
    assert (await asked(server, channel=named)).status_code == 429
    assert (await asked(server, queue=True, channel="1")).status_code == 404
    wrong = await asked(server, queue="yes")
    assert (wrong.status_code, wrong.json()["error"]) == (
        400,
        "Parameter queue must be true or false",
    )


async def test_a_button_waits_in_its_parents_channel(server: Running) -> None:
    parent = await server.submit()
    await server.ended(parent["jobid"])
    await channel(server, maxJobs=1)
    body = {"jobId": parent["jobid"], "button": "V1", "queue": True, "stream": False}
    answers = await asyncio.gather(
        *(server.client.post(f"{V3}/jobs/button", json=body) for _ in range(4))
    )
    assert [answer.status_code for answer in answers] == [201] * 4
    for answer in answers:
        assert (await server.ended(answer.json()["jobid"]))["status"] == "completed"


async def test_a_channel_that_is_opened_again_goes_on_with_its_line(serve: Serve) -> None:
    server = await serve(**LONG)
    named = await channel(server, maxJobs=1)
    first, waiting = await server.submit(), await server.submit(queue=True)
    # What the bot has taken goes on.
    await until(server, first["jobid"], "midjourney_started")
    body = {"kind": "moderation"}
    await server.client.post(f"{V3}/studio/{named}/challenge", json=body)
    # Any answer of the bot raises it.
    info = {"channel": named, "stream": False}
    raised = await server.client.post(f"{V3}/jobs/info", json=info)
    await server.ended(raised.json()["jobid"])
    assert (await asked(server, queue=True)).status_code == 596
    await cancel(server, first)
    assert waiting["jobid"] in await listed(server)
    await server.client.delete(f"{V3}/studio/{named}/challenge")
    await server.client.post(f"{V3}/accounts/reset/{named}")
    await until(server, waiting["jobid"], "midjourney_started")


@pytest.mark.parametrize("named", [True, False])
async def test_who_waits_for_a_deleted_channel_is_told(serve: Serve, named: bool) -> None:
    server = await serve(**LONG)
    gone = await channel(server, maxJobs=1)
    await server.submit()
    async with receiving() as receiver:
        fields = {"channel": gone} if named else {}
        waiting = await server.submit(queue=True, replyUrl=receiver.url, **fields)
        assert (await server.client.delete(f"{V3}/accounts/{gone}")).status_code == 204

        def failed(calls: list[Call]) -> bool:
            return any(call.job["status"] == "failed" for call in calls)

        await receiver.until(failed)
    ended = await server.job(waiting["jobid"])
    assert ended["error"] == f"Channel {gone} was deleted while the job waited for its turn"
    assert ended["code"] == 500


async def test_a_channel_that_is_given_more_room_takes_more(serve: Serve) -> None:
    server = await serve(**LONG)
    await channel(server, maxJobs=1)
    await server.submit()
    waiting = await server.submit(queue=True)
    await channel(server, maxJobs=2, maxImageJobs=2)
    await until(server, waiting["jobid"], "midjourney_started")


async def test_the_same_key_gives_the_same_waiting_job(serve: Serve) -> None:
    server = await serve(**LONG)
    await channel(server, maxJobs=1)
    await server.submit()
    body = {"prompt": "a cat", "queue": True, "stream": False}
    answers = [
        await server.client.post(f"{V3}/jobs/imagine", json=body, headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert len({answer.json()["jobid"] for answer in answers}) == 1
