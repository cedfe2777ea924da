"""Every fault, at work: what a client sees of it, and that it is over afterwards."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest

from heliograph.midjourney import notices as meaning
from heliograph.sandbox import posting
from heliograph.sandbox.kinds import KINDS
from heliograph.sandbox.notices import NOTICES
from heliograph.sandbox.server import Sandbox
from heliograph.studio.painters.blank import BlankPainter
from tests.integration.sandbox.visiting import Json, Town, Visitor, is_final

BEFORE = [name for name, notice in NOTICES.items() if not notice.late and name != "job queued"]
AFTER = [name for name, notice in NOTICES.items() if notice.late]


async def arm(visitor: Visitor, fault: Any) -> Json:
    status, body = await visitor.control("POST", "faults", json=fault)
    assert status == 200, body
    found: Json = body
    return found


async def history(visitor: Visitor) -> list[Json]:
    _, found = await visitor.call("GET", f"channels/{visitor.channel}/messages")
    messages: list[Json] = found
    return messages


@pytest.fixture
async def slow(town: Town) -> Visitor:
    """A visitor where jobs take a while, with percents."""
    return await town.visitor(await town.sandbox(BlankPainter(0.3)))


async def test_a_dropped_socket(slow: Visitor) -> None:
    first = await slow.identified()
    await arm(slow, {"drop": 1})
    await slow.send(slow.imagine())
    assert await first.ended() == 1006
    assert first.dispatches()[-1][0] == "MESSAGE_CREATE"
    second = await slow.resumed(first.sequence)
    await second.event("MESSAGE_DELETE")
    numbers = [f["s"] for gateway in (first, second) for f in gateway.frames if f["op"] == 0]
    assert numbers == list(range(1, len(numbers) + 1))
    await slow.send(slow.imagine())
    await second.until(is_final)


async def test_a_silent_socket(slow: Visitor) -> None:
    gateway = await slow.identified()
    await arm(slow, {"silent": 0.6})
    began = time.monotonic()
    await gateway.say(1, None)
    await slow.send(slow.imagine())
    await gateway.op(11)
    assert time.monotonic() - began > 0.5
    await gateway.until(is_final)
    numbers = [f["s"] for f in gateway.frames if f["op"] == 0]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_a_socket_that_will_be_silent(slow: Visitor) -> None:
    await arm(slow, {"silent": 0.4})
    began = time.monotonic()
    await (await slow.connect()).op(10)
    assert time.monotonic() - began > 0.3
    await slow.identified()


async def test_a_refused_resume(visitor: Visitor) -> None:
    first = await visitor.identified()
    await arm(visitor, {"invalid_session": 1})
    gateway = await visitor.resumed(first.sequence)
    assert (await gateway.op(9))["d"] is False
    # It is gone for good.
    gateway = await visitor.resumed(first.sequence)
    assert (await gateway.op(9))["d"] is False
    await visitor.identified()


async def test_sockets_that_are_closed_or_sent_away(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    await arm(visitor, {"reconnect": True})
    await gateway.op(7)
    await arm(visitor, {"close": 4009})
    assert await gateway.ended() == 4009


async def test_doubled_dispatches(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    await arm(visitor, {"duplicate": 2})
    await visitor.send(visitor.imagine())
    await gateway.event("MESSAGE_DELETE")
    said = [(type, data["id"]) for type, data in gateway.dispatches()[4:]]
    assert len(said) == 5
    assert said[0] == said[1]
    assert said[2] == said[3]


async def test_dispatches_that_change_places(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow the machine is, the next dispatch comes first.
    monkeypatch.setattr(posting, "REORDER_SECONDS", 60.0)
    gateway = await visitor.identified()
    await arm(visitor, {"reorder": 1})
    payload = visitor.imagine()
    await visitor.send(payload)
    await gateway.event("MESSAGE_DELETE")
    said = [(type, data) for type, data in gateway.dispatches() if type.startswith("MESSAGE_")]
    acknowledged = ("MESSAGE_CREATE", payload["nonce"])
    assert [(type, data.get("nonce")) == acknowledged for type, data in said[:2]] == [False, True]


async def test_a_dispatch_with_none_to_change_places_with_comes_late(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    await arm(visitor, {"reorder": 1})
    await visitor.call("POST", f"channels/{visitor.channel}/messages", json={"content": "alone"})
    assert (await gateway.event("MESSAGE_CREATE"))["content"] == "alone"


async def test_a_late_final(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    await arm(visitor, {"late_final": 2.0})
    # Whichever is done first is the one that is late.
    for prompt in ("one", "another"):
        await visitor.send(visitor.imagine(prompt))
    first = await gateway.until(is_final)
    assert [message["id"] for message in await history(visitor)] == [first["id"]]
    late = await gateway.until(is_final)
    assert late["id"] < first["id"]
    gone = await gateway.event("MESSAGE_DELETE")
    assert gone["id"] == late["message_reference"]["message_id"]
    assert {message["id"] for message in await history(visitor)} == {first["id"], late["id"]}


async def test_a_lost_final(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    await arm(visitor, {"lost_final": 1})
    await visitor.send(visitor.imagine())
    await gateway.event("MESSAGE_DELETE")
    assert not any(is_final(*dispatch) for dispatch in gateway.dispatches())
    assert [is_final("MESSAGE_CREATE", message) for message in await history(visitor)] == [True]


async def test_a_job_without_a_final(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    await arm(visitor, {"no_final": 1})
    await visitor.send(visitor.imagine())
    await gateway.event("MESSAGE_DELETE")
    assert not any(is_final(*dispatch) for dispatch in gateway.dispatches())
    assert await history(visitor) == []


async def test_429(visitor: Visitor) -> None:
    await arm(visitor, {"rate_limit": {"times": 2, "retry_after": 0.25, "route": "interactions"}})
    assert (await visitor.call("GET", "users/@me"))[0] == 200
    for _ in range(2):
        body = await visitor.send(visitor.imagine(), 429)
        assert body == {
            "message": "The resource is being rate limited.",
            "retry_after": 0.25,
            "global": False,
        }
    await visitor.send(visitor.imagine())
    await arm(visitor, {"rate_limit": {"global": True}})
    assert (await visitor.call("GET", "users/@me"))[1]["global"] is True
    _, log = await visitor.control("GET", "log")
    assert (log["total"], log["total_accepted"]) == (3, 1)
    assert [entry["status"] for entry in log["interactions"]] == [429, 429, 204]


@pytest.mark.parametrize("taken", [False, True])
async def test_5xx(visitor: Visitor, taken: bool) -> None:
    await arm(visitor, {"server_error": {"status": 502, "taken": taken, "route": "interactions"}})
    assert (await visitor.call("GET", "users/@me"))[0] == 200
    await visitor.send(visitor.imagine(), 502)
    assert visitor.sandbox.log()["total_accepted"] == int(taken)


@pytest.mark.parametrize("taken", [False, True])
async def test_a_call_without_an_answer(
    visitor: Visitor, taken: bool, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = await visitor.identified()
    await arm(visitor, {"hang_up": {"taken": taken}})
    with pytest.raises(aiohttp.ClientError):
        await visitor.send(visitor.imagine("unanswered"))
    await visitor.send(visitor.imagine("answered"))
    done = [await gateway.until(is_final) for _ in range(1 + taken)]
    assert any("unanswered" in message["content"] for message in done) == taken
    assert visitor.sandbox.log()["total_accepted"] == 1 + taken
    # What was ordered is no error of the sandbox's.
    assert [entry.message for entry in caplog.records if entry.levelname == "ERROR"] == []


async def test_a_forbidden_interaction(visitor: Visitor) -> None:
    await arm(visitor, {"forbidden": 1})
    assert (await visitor.send(visitor.imagine(), 403))["code"] == 50001
    await visitor.send(visitor.imagine())


async def test_an_interaction_that_fails(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    await arm(visitor, {"interaction_failure": {"reason": 4}})
    payload = visitor.imagine()
    await visitor.send(payload)
    created = await gateway.event("INTERACTION_CREATE")
    failed = await gateway.event("INTERACTION_FAILURE")
    assert created["nonce"] == failed["nonce"] == payload["nonce"]
    assert failed["reason_code"] == 4
    await visitor.send(visitor.imagine())
    await gateway.until(is_final)


async def test_outdated_commands(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    await arm(visitor, {"rotate": 1})
    body = await visitor.send(visitor.imagine(), 400)
    [error] = body["errors"]["data"]["_errors"]
    assert body["code"] == 50035
    assert error["code"] == "INTERACTION_APPLICATION_COMMAND_INVALID_VERSION"
    _, index = await visitor.call("GET", f"channels/{visitor.channel}/application-command-index")
    [imagine] = [c for c in index["application_commands"] if c["name"] == "imagine"]
    payload = visitor.imagine()
    payload["data"]["version"] = imagine["version"]
    await visitor.send(payload)
    # Presses have no version.
    await visitor.send(visitor.press(await gateway.until(is_final), "U1"))


async def test_expired_links(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    await visitor.send(visitor.imagine())
    url = (await gateway.until(is_final))["attachments"][0]["url"]
    await arm(visitor, {"expire_links": True})
    assert (await visitor.call("GET", url))[0] == 404
    [message] = await history(visitor)
    assert (await visitor.call("GET", message["attachments"][0]["url"]))[0] == 200


@pytest.mark.parametrize("name", BEFORE)
async def test_a_notice_instead_of_a_job(visitor: Visitor, name: str) -> None:
    gateway = await visitor.identified()
    await arm(visitor, {"notice": name})
    payload = visitor.imagine()
    await visitor.send(payload)
    said = await gateway.event("MESSAGE_CREATE")
    assert said["nonce"] == payload["nonce"]
    assert meaning.read(said) is not None
    labels = [b["label"] for row in said["components"] for b in row["components"]]
    assert labels == ([NOTICES[name].button[0]] if NOTICES[name].button else [])  # type: ignore[index]
    await visitor.send(visitor.imagine())
    await gateway.until(is_final)


async def test_a_notice_in_answer_to_a_press(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    await visitor.send(visitor.imagine(guild=True))
    done = await gateway.until(is_final)
    await arm(visitor, {"notice": "slow down"})
    await visitor.send(visitor.press(done, "U1"))
    said = await gateway.event("MESSAGE_CREATE")
    assert said["embeds"][0]["title"] == "Slow Down!"
    assert said["message_reference"]["message_id"] == done["id"]
    assert said["channel_id"] == visitor.person.inside.channel


@pytest.mark.parametrize("name", AFTER)
async def test_a_notice_after_the_start(slow: Visitor, name: str) -> None:
    gateway = await slow.identified()
    await arm(slow, {"notice": {"name": name}})
    await slow.send(slow.imagine())
    ack = await gateway.event("MESSAGE_CREATE")
    said = await gateway.event("MESSAGE_CREATE")
    assert said["message_reference"]["message_id"] == ack["id"]
    assert (said["type"], said["attachments"]) == (19, [])
    assert meaning.read(said) is not None
    stopped = await gateway.event("MESSAGE_UPDATE")
    assert stopped["id"] == ack["id"]
    assert stopped["content"].endswith("(Stopped)")
    assert [message["id"] for message in await history(slow)] == [said["id"]]


async def test_a_job_that_is_queued_first(slow: Visitor) -> None:
    gateway = await slow.identified()
    await arm(slow, {"notice": "job queued"})
    payload = slow.imagine()
    await slow.send(payload)
    ack = await gateway.event("MESSAGE_CREATE")
    assert (ack["nonce"], ack["embeds"][0]["title"]) == (payload["nonce"], "Job queued")
    done = await gateway.until(is_final)
    assert done["message_reference"]["message_id"] == ack["id"]


async def test_a_challenge(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    await arm(visitor, {"challenge": 1})
    payload = visitor.imagine()
    await visitor.send(payload)
    frame = await gateway.event("INTERACTION_IFRAME_MODAL_CREATE")
    assert frame["nonce"] == payload["nonce"]
    assert frame["title"] == "Action required to continue"
    assert frame["iframe_path"].startswith("/captcha/embedded/")
    await visitor.send(visitor.imagine())
    await gateway.until(is_final)


async def test_an_account_that_is_disabled_in_mid_job(slow: Visitor, town: Town) -> None:
    other = await town.visitor(slow.sandbox, 1)
    gateways = [await slow.identified(), await other.identified()]
    await arm(slow, {"disable": {"user": slow.person.user}})
    for visitor in (other, slow):
        await visitor.send(visitor.imagine())
    assert await gateways[0].ended() == 4004
    await gateways[1].until(is_final)
    assert (await slow.call("GET", "users/@me"))[0] == 401
    assert await (await slow.resumed(gateways[0].sequence)).ended() == 4004
    assert slow.person.user in [
        account["user"]
        for account in (await slow.control("GET", "accounts"))[1]
        if account["disabled"]
    ]
    await arm(slow, {"enable": True})
    await slow.identified()


async def test_a_fault_for_one_account_alone(sandbox: Sandbox, town: Town) -> None:
    visitors = [await town.visitor(sandbox, number) for number in (0, 1)]
    await arm(visitors[0], {"forbidden": {"user": visitors[1].person.user}})
    await visitors[0].send(visitors[0].imagine())
    await visitors[1].send(visitors[1].imagine(), 403)


async def test_chance_comes_from_the_seed(town: Town) -> None:
    runs = []
    for _ in range(2):
        sandbox = await town.sandbox(seed=7)
        visitor = await town.visitor(sandbox)
        await arm(visitor, {"random": {"rate": 0.5, "kinds": ["forbidden"]}})
        runs.append(
            [
                (await visitor.call("POST", "interactions", json=visitor.imagine()))[0]
                for _ in range(12)
            ]
        )
        await sandbox.stop()
    assert runs[0] == runs[1]
    assert set(runs[0]) == {204, 403}


async def test_the_list_of_faults_and_its_end(visitor: Visitor) -> None:
    waiting = (await arm(visitor, [{"drop": 2, "duplicate": 1}, {"drop": 1}]))["waiting"]
    assert [next(iter(one)) for one in waiting] == ["drop", "duplicate", "drop"]
    _, listed = await visitor.control("GET", "faults")
    assert listed["waiting"] == waiting
    assert set(listed["known"]) == {*KINDS, "notices"}
    assert all(listed["known"][name]["does"] for name in KINDS)
    assert (await visitor.control("DELETE", "faults"))[0] == 204
    assert (await visitor.control("GET", "faults"))[1]["waiting"] == []


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ({"dorp": 1}, "dorp"),
        ({"drop": 0}, "times"),
        ({"drop": {"time": 1}}, "time"),
        ({"silent": "long"}, "seconds"),
        ({"close": 42}, "code"),
        ({"notice": "good news"}, "good news"),
        ({"random": {"kinds": ["silent"]}}, "silent"),
        ({"drop": {"user": "42"}}, "no user '42'"),
        ({"rate_limit": {"route": "interaction"}}, "no route 'interaction'"),
        ({}, "JSON object"),
        ([5], "JSON object"),
        ([{"drop": 1}, {"drop": -1}], "times"),
    ],
)
async def test_what_is_no_fault(visitor: Visitor, fault: Any, named: str) -> None:
    status, body = await visitor.control("POST", "faults", json=fault)
    assert status == 400
    assert named in body["error"]
    assert (await visitor.control("GET", "faults"))[1]["waiting"] == []


async def test_the_log_counts_and_can_be_emptied(visitor: Visitor) -> None:
    await visitor.identified()
    await asyncio.gather(*(visitor.send(visitor.imagine(f"number {n}")) for n in range(5)))
    _, log = await visitor.control("GET", "log")
    assert sorted(log["received"].values()) == [1] * 5
    assert log["calls"]["POST interactions"] == 5
    assert log["gateway"]["identify"] == 1
    assert (await visitor.control("DELETE", "log"))[0] == 204
    assert (await visitor.control("GET", "log"))[1]["total"] == 0
