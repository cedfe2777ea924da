"""What may be had once is made once, whoever calls at the same instant."""

import asyncio
import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.integration.conftest import TOKEN, V3, Running
from tests.integration.states import Calls
from tests.integration.wires import both_wires

CALLERS = 50
ONCE: list[tuple[str, dict[str, str], str]] = [
    ("button", {"button": "U1"}, "U1"),
    ("seed", {}, "seed"),
]


async def call(server: Running, verb: str, body: dict[str, Any]) -> tuple[int, str]:
    """One caller's status and the child's id; every other one streams."""
    answer = await server.client.post(f"{V3}/jobs/{verb}", json=body)
    if not body["stream"]:
        return answer.status_code, answer.json()["jobid"]
    told = [json.loads(line[5:]) for line in answer.text.splitlines() if line.startswith("data:")]
    assert told[-1]["event"] == "midjourney_completed"
    assert {event["job"]["jobid"] for event in told[1:]} == {told[0]["jobId"]}
    return answer.status_code, told[0]["jobId"]


async def at_once(server: Running, verb: str, body: dict[str, Any]) -> list[tuple[int, str]]:
    calls = (call(server, verb, body | {"stream": n % 2 == 0}) for n in range(CALLERS))
    return await asyncio.gather(*calls)


def children(server: Running, parent: str) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(server.home.database, timeout=10)) as database:
        rows = database.execute(
            "SELECT id, status FROM jobs WHERE parent = ? ORDER BY id", (parent,)
        )
        return rows.fetchall()


@both_wires
@pytest.mark.parametrize(("verb", "press", "once"), ONCE)
async def test_fifty_callers_get_one_child(
    server: Running, verb: str, press: dict[str, str], once: str
) -> None:
    calls = Calls(server, TOKEN)
    parent = await calls.parent()
    results = await at_once(server, verb, {"jobId": parent} | press)
    ((made, _),) = children(server, parent)
    assert {id for _, id in results} == {made}
    plain = sorted(status for n, (status, _) in enumerate(results) if n % 2)
    # Who made it was told so, unless it was one that streams.
    assert plain in ([200] * 25, [200] * 24 + [201])
    shown = (await calls.ended(parent))["response"]
    assert shown["executeOnce"] == {once: made}
    assert set(shown["children"]) == {made}


@both_wires
@pytest.mark.parametrize(("verb", "press", "once"), ONCE)
async def test_what_failed_may_be_had_once_more(
    server: Running, verb: str, press: dict[str, str], once: str
) -> None:
    calls = Calls(server, TOKEN)
    parent, channel = await calls.parent(), await calls.channel()
    body = {"jobId": parent} | press
    # The bot meets the press with a moderation message, which a person then acknowledges.
    await server.wire.bar(calls.post, channel)
    failed = await calls.made(verb, body)
    assert failed["status"] == "failed", failed
    assert (await calls.ended(parent))["response"]["executeOnce"] == {}
    await server.wire.clear(lambda path: server.client.delete(f"{V3}/{path}"), channel)
    await server.client.post(f"{V3}/accounts/reset/{channel}")
    results = await at_once(server, verb, body)
    (made,) = {id for _, id in results}
    assert sorted(children(server, parent)) == sorted(
        [(failed["jobid"], "failed"), (made, "completed")]
    )
    shown = (await calls.ended(parent))["response"]
    assert shown["executeOnce"] == {once: made}
    assert set(shown["children"]) == {made, failed["jobid"]}
