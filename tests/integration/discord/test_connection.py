"""The gateway over real sockets: whatever breaks, nothing is missed in silence."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import msgspec
import pytest
import structlog

from heliograph import __version__, errors
from heliograph.discord.account import Kept
from heliograph.discord.accounts import Accounts, connected
from heliograph.discord.gateway import Gateway
from heliograph.discord.memory import Memory
from heliograph.discord.session import Ready
from heliograph.discord.wire import DiscordWire
from heliograph.midjourney import interactions
from heliograph.midjourney.wire import Dispatch, WireBarred, WireLost
from tests.integration.discord.conftest import endpoints
from tests.integration.discord.paper import BOT, DIRECT, TOKEN, USER, Paper, Socket, reply


async def attach(accounts: Accounts, paper: Paper) -> tuple[DiscordWire, Socket]:
    async with asyncio.TaskGroup() as group:
        connecting = group.create_task(accounts.connect(TOKEN, DIRECT))
        beginning = group.create_task(paper.session())
    return connecting.result(), beginning.result()


async def following(heard: AsyncIterator[Dispatch]) -> Dispatch:
    return await asyncio.wait_for(anext(heard), 20)


def message(id: str, channel: str = DIRECT) -> dict[str, Any]:
    return {"id": id, "channel_id": channel, "content": id}


async def test_it_names_itself_and_nobody_else(accounts: Accounts, paper: Paper) -> None:
    connecting = asyncio.ensure_future(accounts.connect(TOKEN, DIRECT))
    socket = await paper.connection()
    told = await socket.expect(2)
    assert told["token"] == TOKEN
    assert told["properties"] == dict.fromkeys(("os", "browser", "device"), "Heliograph")
    assert socket.headers["User-Agent"] == f"Heliograph/{__version__}"
    assert "Sec-WebSocket-Extensions" not in socket.headers
    assert socket.query == {"encoding": "json", "v": "9"}
    await paper.ready(socket, "s")
    wire = await connecting
    assert (wire.user, wire.channel, wire.cdn) == (USER, DIRECT, f"{paper.url}/cdn")
    await wire.close()


async def test_dispatches_of_the_channel_come_in_order(accounts: Accounts, paper: Paper) -> None:
    wire, socket = await attach(accounts, paper)
    heard = wire.dispatches()
    await paper.dispatch(socket, "MESSAGE_CREATE", message("1"))
    await paper.dispatch(socket, "MESSAGE_CREATE", message("2", channel="999"))
    await paper.dispatch(socket, "PRESENCE_UPDATE", {"user": {"id": "1"}})
    await paper.dispatch(socket, "INTERACTION_SUCCESS", {"id": "3", "nonce": "n"})
    await paper.dispatch(socket, "MESSAGE_DELETE", message("4"))
    seen = [await following(heard) for _ in range(3)]
    assert [(one.type, one.data["id"]) for one in seen] == [
        ("MESSAGE_CREATE", "1"),
        ("INTERACTION_SUCCESS", "3"),
        ("MESSAGE_DELETE", "4"),
    ]
    await wire.close()
    with pytest.raises(StopAsyncIteration):
        await anext(heard)


@pytest.mark.parametrize("compress", [False, True])
async def test_a_dropped_socket_is_resumed_and_nothing_is_missed(
    paper: Paper, compress: bool
) -> None:
    async with connected(
        endpoints(paper), spacing=0.0, compress=compress, chance=Random(5)
    ) as accounts:
        wire, socket = await attach(accounts, paper)
        heard = wire.dispatches()
        await paper.dispatch(socket, "MESSAGE_CREATE", message("1"))
        assert (await following(heard)).data["id"] == "1"
        assert socket.ws._req is not None
        transport = socket.ws._req.transport
        assert transport is not None
        transport.abort()
        back = await paper.connection()
        assert (await back.expect(6)) == {"token": TOKEN, "session_id": "session-1", "seq": 2}
        assert ("compress" in back.query) is compress
        await paper.dispatch(back, "MESSAGE_CREATE", message("2"))
        await paper.dispatch(back, "RESUMED", {})
        assert (await following(heard)).data["id"] == "2"
        await wire.close()


async def test_a_silent_socket_is_a_zombie(accounts: Accounts, paper: Paper) -> None:
    paper.heartbeat = 200.0
    wire, socket = await attach(accounts, paper)
    socket.acknowledges = False
    back = await paper.connection()
    assert (await back.expect(6))["seq"] == 1
    assert await socket.closed_with == 4000
    assert socket.beats >= 1
    await wire.close()


async def test_reconnect_by_discords_wish(accounts: Accounts, paper: Paper) -> None:
    wire, socket = await attach(accounts, paper)
    await socket.send(7)
    back = await paper.connection()
    await back.expect(6)
    assert await socket.closed_with == 4000
    await wire.close()


async def test_a_lost_session_sends_everybody_to_the_history(
    accounts: Accounts, paper: Paper
) -> None:
    wire, socket = await attach(accounts, paper)
    heard = wire.dispatches()
    await socket.ws.close(code=4009)
    with pytest.raises(WireLost, match="history"):
        await following(heard)
    with pytest.raises(WireLost):
        await following(wire.dispatches())
    await wire.close()
    async with asyncio.TaskGroup() as group:
        again = group.create_task(accounts.connect(TOKEN, DIRECT))
        group.create_task(paper.session("session-2"))
    paper.answer(f"GET /api/v9/channels/{DIRECT}/messages", 200, [message("1")])
    assert [one["id"] for one in await again.result().history()] == ["1"]
    await again.result().close()


async def test_a_refused_resume_begins_a_session_on_the_same_socket(
    accounts: Accounts, paper: Paper
) -> None:
    wire, socket = await attach(accounts, paper)
    heard = wire.dispatches()
    began = asyncio.get_running_loop().time()
    await socket.ws.close(code=1001)
    back = await paper.connection()
    await back.expect(6)
    await back.send(9, False)
    with pytest.raises(WireLost):
        await following(heard)
    await back.expect(2)
    # One IDENTIFY in five seconds, counted from the first; the clock is ours, not the network's.
    assert asyncio.get_running_loop().time() - began > 4.0
    await wire.close()


@pytest.mark.parametrize(("code", "text"), [(4004, "token"), (4013, "client")])
async def test_an_account_that_is_refused_stays_away(
    accounts: Accounts, paper: Paper, code: int, text: str
) -> None:
    wire, socket = await attach(accounts, paper)
    heard = wire.dispatches()
    await socket.ws.close(code=code)
    with pytest.raises(WireBarred, match=text) as barred:
        await following(heard)
    assert TOKEN not in str(barred.value) + repr(barred.value.body)
    with pytest.raises(WireBarred):
        await following(wire.dispatches())
    await wire.close()
    assert len(paper.sockets) == 1


async def test_an_account_that_was_refused_is_tried_again_when_it_is_asked_for(
    accounts: Accounts, paper: Paper
) -> None:
    wire, socket = await attach(accounts, paper)
    heard = wire.dispatches()
    await socket.ws.close(code=4004)
    with pytest.raises(WireBarred):
        await following(heard)
    # Somebody has looked at it, sooner than the old connection is forgotten.
    async with asyncio.TaskGroup() as group:
        again = group.create_task(accounts.connect(TOKEN, DIRECT))
        group.create_task(paper.session("session-2"))
    await wire.close()
    heard = again.result().dispatches()
    await paper.dispatch(paper.sockets[-1], "MESSAGE_CREATE", message("1"))
    assert (await following(heard)).data["id"] == "1"
    await accounts.close()
    # The new connection is the one that is closed, whatever became of the old one.
    assert await asyncio.wait_for(paper.sockets[-1].closed_with, 20) == 1000


async def test_no_token_is_logged_at_any_level(
    accounts: Accounts, paper: Paper, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    with structlog.testing.capture_logs() as lines:
        wire, socket = await attach(accounts, paper)
        heard = wire.dispatches()
        await socket.ws.send_str("{nonsense")
        back = await paper.connection()
        await back.expect(6)
        await back.ws.close(code=4004)
        with pytest.raises(WireBarred):
            await following(heard)
        paper.answer("POST /api/v9/interactions", 401, {"message": "401: Unauthorized"})
        with pytest.raises(WireBarred):
            await wire.interact(interactions.press({"id": "1", "channel_id": DIRECT}, "x", "n"))
        await wire.close()
    assert len(lines) >= 3
    assert TOKEN not in caplog.text + repr(lines)


async def test_two_wires_share_a_connection(accounts: Accounts, paper: Paper) -> None:
    paper.answer("GET /api/v9/channels/600", 200, {"id": "600", "type": 0, "guild_id": "888"})
    wire, socket = await attach(accounts, paper)
    other = await accounts.connect(TOKEN, "600")
    here, there = wire.dispatches(), other.dispatches()
    await paper.dispatch(socket, "MESSAGE_CREATE", message("1", channel="600"))
    await paper.dispatch(socket, "MESSAGE_CREATE", message("2"))
    assert (await following(here)).data["id"] == "2"
    # The bot answers some commands directly, wherever they were given.
    assert [(await following(there)).data["id"] for _ in range(2)] == ["1", "2"]
    assert len(paper.sockets) == 1
    await wire.close()
    await other.close()


async def test_what_cannot_be_read_costs_a_connection_and_no_more(
    accounts: Accounts, paper: Paper
) -> None:
    wire, socket = await attach(accounts, paper)
    heard = wire.dispatches()
    await socket.ws.send_str("{nonsense")
    back = await paper.connection()
    await back.expect(6)
    await paper.dispatch(back, "MESSAGE_CREATE", {"id": "1", "channel_id": ["odd"]})
    await paper.dispatch(back, "MESSAGE_CREATE", message("2"))
    assert (await following(heard)).data["id"] == "2"
    await wire.close()


async def discover(accounts: Accounts, paper: Paper) -> str:
    async with asyncio.TaskGroup() as group:
        finding = group.create_task(accounts.discover(TOKEN))
        group.create_task(paper.session())
    return finding.result()


@pytest.mark.parametrize(
    "channels",
    [
        [{"id": DIRECT, "type": 1, "recipient_ids": [BOT]}],
        [{"id": DIRECT, "type": 1, "recipients": [{"id": BOT, "username": "Midjourney Bot"}]}],
        [
            {"id": "1", "type": 3, "recipient_ids": [BOT, "9"]},
            {"id": "2", "type": 1, "recipient_ids": ["9"]},
            {"id": DIRECT, "type": 1, "recipient_ids": [BOT], "is_spam": False},
        ],
    ],
)
async def test_the_direct_channel_is_found_in_ready(
    accounts: Accounts, paper: Paper, channels: list[Any]
) -> None:
    paper.ready_extra = {"private_channels": channels}
    assert await discover(accounts, paper) == DIRECT


async def test_else_it_is_asked_for(accounts: Accounts, paper: Paper) -> None:
    paper.ready_extra = {"private_channels": []}
    listed = [{"id": DIRECT, "type": 1, "recipients": [{"id": BOT}], "last_message_id": "4"}]
    paper.answer("GET /api/v9/users/@me/channels", 200, listed)
    assert await discover(accounts, paper) == DIRECT


async def test_without_one_the_refusal_says_what_to_do(accounts: Accounts, paper: Paper) -> None:
    paper.ready_extra = {"private_channels": []}
    with pytest.raises(ExceptionGroup) as group:
        await discover(accounts, paper)
    [refused] = group.value.exceptions
    assert isinstance(refused, errors.Invalid)
    assert "open Discord" in str(refused)


@pytest.mark.parametrize("token", ["wrong", "", "Bot abc", "two\nlines", "schlüssel"])
async def test_a_bad_token_is_told_without_a_session(
    accounts: Accounts, paper: Paper, token: str
) -> None:
    with pytest.raises(errors.Unauthorized, match="does not accept this token"):
        await accounts.discover(token)
    assert paper.sockets == []


async def test_a_discord_that_is_down_is_no_bad_token(accounts: Accounts, paper: Paper) -> None:
    for _ in range(3):
        paper.answer("GET /api/v9/users/@me", 503, {"message": "down"})
    with pytest.raises(errors.Upstream, match="503"):
        await accounts.discover(TOKEN)
    assert paper.sockets == []


async def test_the_session_of_a_discovery_serves_the_first_wire(
    accounts: Accounts, paper: Paper
) -> None:
    channel = await discover(accounts, paper)
    wire = await accounts.connect(TOKEN, channel)
    assert len(paper.sockets) == 1
    await wire.close()


async def test_a_channel_that_is_not_there_needs_a_person(accounts: Accounts, paper: Paper) -> None:
    wire, _ = await attach(accounts, paper)
    paper.standing["GET /api/v9/channels/600"] = lambda call: reply(403, {"code": 50001}, {})
    with pytest.raises(WireBarred, match="no channel 600"):
        await accounts.connect(TOKEN, "600")
    await wire.close()


async def test_a_session_outlives_its_process(paper: Paper, tmp_path: Path) -> None:
    file = tmp_path / "sessions.json"
    async with connected(
        endpoints(paper), spacing=0.0, chance=Random(5), memory=Memory(file)
    ) as accounts:
        _, socket = await attach(accounts, paper)
    assert await socket.closed_with == 4000
    assert file.stat().st_mode & 0o777 == 0o600
    assert TOKEN not in file.read_text()
    async with connected(
        endpoints(paper), spacing=0.0, chance=Random(5), memory=Memory(file)
    ) as accounts:
        connecting = asyncio.ensure_future(accounts.connect(TOKEN, DIRECT))
        back = await paper.connection()
        assert (await back.expect(6)) == {"token": TOKEN, "session_id": "session-1", "seq": 1}
        await paper.dispatch(back, "INTERACTION_CREATE", {"id": "3", "nonce": "n"})
        await paper.dispatch(back, "RESUMED", {})
        wire = await connecting
        assert (wire.user, wire.channel) == (USER, DIRECT)
        assert (await following(wire.dispatches())).data["nonce"] == "n"
        await wire.close()


async def test_a_session_that_outlived_its_process_may_be_gone(
    paper: Paper, tmp_path: Path
) -> None:
    memory = Memory(tmp_path / "sessions.json")
    memory.write({TOKEN: Kept("old", None, 7, USER, DIRECT)})
    memory = Memory(tmp_path / "sessions.json")
    async with connected(
        endpoints(paper), spacing=0.0, chance=Random(5), memory=memory
    ) as accounts:
        connecting = asyncio.ensure_future(accounts.connect(TOKEN, DIRECT))
        back = await paper.connection()
        assert (await back.expect(6))["seq"] == 7
        await back.send(9, False)
        await back.expect(2)
        await paper.ready(back, "new")
        await (await connecting).close()


async def test_an_identify_is_noted_before_it_is_sent(paper: Paper, tmp_path: Path) -> None:
    file = tmp_path / "sessions.json"
    async with connected(
        endpoints(paper), spacing=0.0, chance=Random(5), memory=Memory(file)
    ) as accounts:
        connecting = asyncio.ensure_future(accounts.connect(TOKEN, DIRECT))
        await (await paper.connection()).expect(2)
        # No READY has come, and there may never be one: a crash now leaves this behind.
        kept = Memory(file).take(TOKEN)
        connecting.cancel()
    assert kept is not None
    assert kept.session is None
    assert kept.identified is not None
    assert 0 <= time.time() - kept.identified < 60


class SlowBooks:
    """A listener that takes its time to note an IDENTIFY."""

    def __init__(self) -> None:
        self.asked, self.noted = asyncio.Event(), asyncio.Event()

    async def identifying(self) -> None:
        self.asked.set()
        await self.noted.wait()

    def started(self, ready: Ready) -> None: ...

    def resumed(self) -> None: ...

    def dispatched(self, type: str, data: msgspec.Raw) -> None: ...

    def missed(self) -> None: ...

    def barred(self, code: int) -> None: ...


async def test_the_distance_between_identifies_counts_from_the_sending(paper: Paper) -> None:
    books = SlowBooks()
    async with aiohttp.ClientSession() as http:
        gateway = Gateway(http, TOKEN, paper.gateway, books, chance=Random(5))
        running = asyncio.ensure_future(gateway.run())
        await books.asked.wait()
        before = asyncio.get_running_loop().time()
        books.noted.set()
        await (await paper.connection()).expect(2)
        assert gateway.session.identified is not None
        assert gateway.session.identified >= before
        running.cancel()
        await asyncio.wait([running])


async def test_a_later_process_keeps_the_distance_between_identifies(
    paper: Paper, tmp_path: Path
) -> None:
    file = tmp_path / "sessions.json"
    before = time.time()
    Memory(file).write({TOKEN: Kept(None, None, 0, "", None, before - 3.5)})
    async with connected(
        endpoints(paper), spacing=0.0, chance=Random(5), memory=Memory(file)
    ) as accounts:
        connecting = asyncio.ensure_future(accounts.connect(TOKEN, DIRECT))
        await paper.session()
        # The clock is ours, not the network's.
        assert time.time() - before >= 1.5
        await (await connecting).close()


@pytest.mark.parametrize("text", [None, "", "{", '{"x": 1}', "[]"])
def test_a_memory_that_cannot_be_read_is_empty(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "sessions.json"
    if text is not None:
        file.write_text(text)
    assert Memory(file).take(TOKEN) is None
