"""The gateway over real sockets: what a client may do, and what it gets."""

import asyncio
import time

import pytest

from heliograph.midjourney import content
from heliograph.sandbox.server import Sandbox
from heliograph.studio.painters.blank import BlankPainter
from tests.integration.sandbox.visiting import BOT, Json, Town, Visitor, is_final


@pytest.mark.parametrize("path", ["/", "/gateway", "/gateway/"])
@pytest.mark.parametrize("query", ["", "?v=9&encoding=json", "?v=10&compress=zlib-stream"])
async def test_a_client_logs_in(visitor: Visitor, path: str, query: str) -> None:
    gateway = await visitor.connect(query, path)
    assert (await gateway.op(10))["d"]["heartbeat_interval"] == 41250
    await gateway.say(2, {"token": visitor.person.token})
    ready = await gateway.event("READY")
    person = visitor.person
    assert ready["user"]["id"] == person.user
    [direct] = ready["private_channels"]
    assert (direct["id"], direct["type"], direct["recipient_ids"]) == (visitor.channel, 1, [BOT])
    assert [user["id"] for user in ready["users"]] == [BOT]
    [guild] = ready["guilds"]
    assert guild["id"] == person.guild
    assert [channel["id"] for channel in guild["channels"]] == [person.inside.channel]
    assert [role["id"] for role in guild["roles"]] == [person.guild]
    assert ready["resume_gateway_url"] == visitor.sandbox.gateway
    assert "?" not in ready["resume_gateway_url"]
    supplement = await gateway.event("READY_SUPPLEMENTAL")
    assert set(supplement["merged_presences"]) == {"guilds", "friends"}
    assert gateway.sequence == 2


async def test_permessage_deflate_is_never_agreed_on(visitor: Visitor) -> None:
    async with visitor.http.ws_connect(visitor.sandbox.gateway, compress=15) as socket:
        assert socket.compress == 0


async def test_what_is_not_understood_is_passed_over(visitor: Visitor) -> None:
    gateway = await visitor.connect()
    # Before HELLO was read, as text and as bytes, and whatever a client thinks of.
    await gateway.socket.send_bytes(b'{"op":2,"d":{"token":"%s"}}' % visitor.person.token.encode())
    for op in (3, 4, 8, 14, 37, 99):
        await gateway.say(op, {"anything": [1]})
    for beat in (None, 0, 251, 10**12):
        await gateway.say(1, beat)
    for _ in range(4):
        await gateway.op(11)
    assert [type for type, _ in gateway.dispatches()] == ["READY", "READY_SUPPLEMENTAL"]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('{"op":2,"d":{"token":"nobody\'s"}}', 4004),
        ('{"op":6,"d":{"token":"nobody\'s","session_id":"x","seq":1}}', 4004),
        ("no JSON", 4002),
        ('{"op":2,"d":{}}', 4002),
        ('{"op":"two"}', 4002),
    ],
)
async def test_the_close_code_says_what_was_wrong(visitor: Visitor, frame: str, code: int) -> None:
    gateway = await visitor.connect()
    await gateway.socket.send_str(frame)
    assert await gateway.ended() == code


async def test_nobody_identifies_twice_on_one_socket(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    await gateway.say(2, {"token": visitor.person.token})
    assert await gateway.ended() == 4005


async def test_a_client_that_is_not_heard_of_is_gone(town: Town) -> None:
    sandbox = await town.sandbox(heartbeat_seconds=0.1, silent_seconds=0.2)
    visitor = await town.visitor(sandbox)
    gateway = await visitor.identified()
    assert await gateway.ended() == 4009


@pytest.mark.parametrize("query", ["?v=9&encoding=json", "?v=9&encoding=json&compress=zlib-stream"])
async def test_a_job_over_the_gateway(visitor: Visitor, query: str) -> None:
    gateway = await visitor.identified(query=query)
    payload = visitor.imagine()
    await visitor.send(payload)
    await gateway.event("MESSAGE_DELETE")
    said = gateway.dispatches()[2:]
    assert [type for type, _ in said] == [
        *("INTERACTION_CREATE", "INTERACTION_SUCCESS"),
        *("MESSAGE_CREATE", "MESSAGE_CREATE", "MESSAGE_DELETE"),
    ]
    create, _, ack, done, gone = (data for _, data in said)
    assert create["nonce"] == ack["nonce"] == payload["nonce"] != done["nonce"]
    assert ack["interaction_metadata"]["id"] == create["id"]
    assert ack["channel_type"] == 1
    assert done["message_reference"]["message_id"] == ack["id"] == gone["id"]


async def test_nothing_is_heard_before_the_answer_went_out(town: Town) -> None:
    visitor = await town.visitor(await town.sandbox(first_dispatch_seconds=0.3))
    gateway = await visitor.identified()
    heard = asyncio.create_task(gateway.event("INTERACTION_CREATE"))
    await visitor.send(visitor.imagine())
    answered = time.monotonic()
    await heard
    # The client's clock starts a little after the answer left, so a little less than the setting.
    assert time.monotonic() - answered > 0.2


async def test_a_resumed_session_lost_nothing_and_doubled_nothing(town: Town) -> None:
    sandbox = await town.sandbox(BlankPainter(0.3))
    visitor = await town.visitor(sandbox)
    watching = await (await town.visitor(sandbox)).identified()
    first = await visitor.identified()
    await visitor.send(visitor.imagine())
    await first.event("MESSAGE_CREATE")
    seen = first.sequence
    await first.socket.close(code=4000)
    await watching.event("MESSAGE_DELETE")
    second = await visitor.resumed(seen)
    await second.event("RESUMED")
    numbers = [f["s"] for gateway in (first, second) for f in gateway.frames if f["op"] == 0]
    assert numbers == list(range(1, len(numbers) + 1))
    heard = [
        d
        for gateway in (first, second)
        for d in gateway.dispatches()[2 if gateway is first else 0 :]
    ]
    assert heard[:-1] == watching.dispatches()[2:]
    await visitor.send(visitor.imagine("and on it goes"))
    await second.until(is_final)


async def test_a_session_goes_on_over_the_newer_socket_alone(visitor: Visitor) -> None:
    first = await visitor.identified()
    second = await visitor.resumed(first.sequence)
    await second.event("RESUMED")
    assert await first.ended() == 4000


async def test_what_can_not_be_resumed_is_refused(visitor: Visitor, town: Town) -> None:
    await visitor.identified()
    other = await town.visitor(visitor.sandbox, 1)
    other.session_id = visitor.session_id
    for stranger, sequence in ((other, 1), (visitor, 10_000)):
        gateway = await stranger.resumed(sequence)
        assert (await gateway.op(9))["d"] is False
    # The socket is good for a new session still.
    await gateway.say(2, {"token": visitor.person.token})
    await gateway.event("READY")


async def test_accounts_hear_of_their_own_alone(sandbox: Sandbox, town: Town) -> None:
    visitors = [await town.visitor(sandbox, number) for number in (0, 1)]
    gateways = [await visitor.identified() for visitor in visitors]
    for visitor in visitors:
        await visitor.send(visitor.imagine("the same words"))
        await visitor.send(visitor.imagine("the same words", guild=True))
    for visitor, gateway in zip(visitors, gateways, strict=True):
        for _ in range(2):
            await gateway.event("MESSAGE_DELETE")
        messages = [d for t, d in gateway.dispatches() if t.startswith("MESSAGE")]
        own = {visitor.channel, visitor.person.inside.channel}
        assert {message["channel_id"] for message in messages} == own
        assert {u["id"] for m in messages for u in m.get("mentions", ())} == {visitor.person.user}


async def test_a_job_in_a_guild(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    inside = visitor.person.inside
    await visitor.send(visitor.imagine(guild=True))
    done = await gateway.until(is_final)
    assert done["channel_id"] == inside.channel
    assert (done["channel_type"], done["guild_id"]) == (0, inside.guild)
    assert "joined_at" in done["member"]
    await visitor.send(visitor.press(done, "U2"))
    single = await gateway.until(lambda t, d: is_final(t, d) and "Image #2" in d["content"])
    assert single["channel_id"] == inside.channel
    assert single["message_reference"] == {
        "type": 0,
        "channel_id": inside.channel,
        "message_id": done["id"],
        "guild_id": inside.guild,
    }
    _, history = await visitor.call("GET", f"channels/{inside.channel}/messages")
    assert [message["id"] for message in history] == [single["id"], done["id"]]
    assert (await visitor.call("GET", f"channels/{visitor.channel}/messages"))[1] == []


async def test_the_letter_about_a_guilds_job_comes_to_the_direct_channel(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    await visitor.send(visitor.imagine(guild=True))
    done = await gateway.until(is_final)
    path = f"channels/{done['channel_id']}/messages/{done['id']}/reactions/%E2%9C%89%EF%B8%8F/@me"
    status, _ = await visitor.call("PUT", path)
    assert status == 204
    letter = await gateway.until(lambda t, d: "**seed**" in d.get("content", ""))
    assert letter["channel_id"] == visitor.channel
    assert len(letter["attachments"]) == 4
    assert letter["channel_type"] == 1


async def test_the_sandbox_goes_on_where_it_ended(town: Town) -> None:
    first = await town.sandbox()
    visitor = await town.visitor(first)
    gateway = await visitor.identified()
    await visitor.send(visitor.imagine())
    done = await gateway.until(is_final)
    await first.stop()
    assert await gateway.ended() == 1001
    again = await town.visitor(await town.sandbox())
    assert again.person == visitor.person
    gateway = await again.identified()
    _, [kept] = await again.call("GET", f"channels/{again.channel}/messages")
    assert kept["id"] == done["id"]
    await again.send(again.press(kept, "V1"))
    await gateway.until(is_final)


async def test_grids_with_a_link_to_the_website(town: Town) -> None:
    sandbox = await town.sandbox(website_finals=True, final_nonces=False)
    visitor = await town.visitor(sandbox)
    gateway = await visitor.identified()
    await visitor.send(visitor.imagine())
    grid = await gateway.until(is_final)
    uuid = content.uuid_of(grid)
    link = f"[(Open on website for full quality)](<https://midjourney.com/jobs/{uuid}>)"
    assert grid["content"].endswith(f"<@{visitor.person.user}> {link} (fast)")
    [picture] = grid["attachments"]
    assert (picture["filename"][-5:], picture["content_type"]) == (".webp", "image/webp")
    status, data = await visitor.call("GET", picture["url"])
    assert (status, len(data), data[8:12]) == (200, picture["size"], b"WEBP")
    assert "nonce" not in grid
    await visitor.send(visitor.press(grid, "U1"))
    single = await gateway.until(is_final)
    assert "website" not in single["content"]
    assert single["attachments"][0]["content_type"] == "image/png"
    assert single["referenced_message"]["content"] == grid["content"]
    _, [_, kept] = await visitor.call("GET", f"channels/{visitor.channel}/messages")
    assert kept["content"] == grid["content"]


async def test_jobs_that_wait_for_others_and_a_full_queue(town: Town) -> None:
    sandbox = await town.sandbox(BlankPainter(0.4), concurrent=2)
    visitor = await town.visitor(sandbox)
    gateway = await visitor.identified()
    nonces: list[str] = []

    def acknowledged(type: str, data: Json) -> bool:
        return type == "MESSAGE_CREATE" and data["nonce"] == nonces[-1]

    for number in range(13):
        payload = visitor.imagine(f"number {number}")
        nonces.append(payload["nonce"])
        await visitor.send(payload)
        # One after the other: what is painted already is what counts.
        await gateway.until(acknowledged)
    first = [d for t, d in gateway.dispatches() if t == "MESSAGE_CREATE" and d["nonce"] in nonces]
    titles = [[embed["title"] for embed in message["embeds"]] for message in first]
    assert titles == [*([[]] * 2), *([["Job queued"]] * 10), ["Queue full"]]
    for _ in range(12):
        await gateway.until(lambda t, d: t == "MESSAGE_DELETE")
    done = [d["message_reference"]["message_id"] for t, d in gateway.dispatches() if is_final(t, d)]
    assert sorted(done) == [message["id"] for message in first[:12]]
