"""REST over real sockets: what is sent, what an answer means, and how often a thing is said."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest
import structlog
from aiohttp import web
from PIL import Image

from heliograph import __version__
from heliograph.discord.accounts import Accounts
from heliograph.discord.wire import DiscordWire
from heliograph.midjourney import interactions
from heliograph.midjourney.wire import Message, WireBarred, WireLost, WireRefused
from tests.integration.discord.paper import (
    BOT,
    DIRECT,
    GUILD,
    INDEX,
    TOKEN,
    Call,
    Paper,
    reply,
)

POST = "POST /api/v9/interactions"
LISTING = f"GET /api/v9/channels/{DIRECT}/application-command-index"
HISTORY = f"GET /api/v9/channels/{DIRECT}/messages"
OUTDATED = {
    "message": "Invalid Form Body",
    "code": 50035,
    "errors": {"data": {"_errors": [{"code": "INTERACTION_APPLICATION_COMMAND_INVALID_VERSION"}]}},
}
IMAGINE = interactions.imagine(DIRECT, "a cat", "123")
MESSAGE: Message = {
    "id": "9",
    "channel_id": DIRECT,
    "author": {"id": BOT},
    "components": [{"type": 1, "components": [{"type": 2, "custom_id": "MJ::x", "style": 2}]}],
}
PRESS = interactions.press(MESSAGE, "MJ::x", "124")


@pytest.fixture
async def wire(accounts: Accounts, paper: Paper) -> AsyncIterator[DiscordWire]:
    async with asyncio.TaskGroup() as group:
        connecting = group.create_task(accounts.connect(TOKEN, DIRECT))
        group.create_task(paper.session())
    yield connecting.result()
    await connecting.result().close()


async def test_a_command_is_looked_up_by_its_name(wire: DiscordWire, paper: Paper) -> None:
    await wire.interact(IMAGINE)
    await wire.interact(interactions.imagine(DIRECT, "a dog", "125"))
    first, second = paper.called(POST)
    assert first.json == {
        "type": 2,
        "application_id": BOT,
        "channel_id": DIRECT,
        "session_id": "session-1",
        "nonce": "123",
        "analytics_location": "slash_ui",
        "data": {
            "version": "100",
            "id": "2",
            "name": "imagine",
            "type": 1,
            "options": [{"type": 3, "name": "prompt", "value": "a cat"}],
            "attachments": [],
        },
    }
    assert first.headers["Authorization"] == TOKEN
    assert first.headers["User-Agent"] == f"Heliograph/{__version__}"
    assert first.headers["Content-Type"] == "application/json"
    assert second.json["nonce"] == "125"
    assert len(paper.called(LISTING)) == 1


async def test_commands_at_once_need_one_reading(wire: DiscordWire, paper: Paper) -> None:
    payloads = [interactions.imagine(DIRECT, "a cat", str(n)) for n in range(5)]
    await asyncio.gather(*(wire.interact(payload) for payload in payloads))
    assert len(paper.called(LISTING)) == 1
    assert len(paper.called(POST)) == 5


async def test_the_command_of_a_message_has_an_id_too(wire: DiscordWire, paper: Paper) -> None:
    await wire.interact(interactions.message_command("Cancel Job", MESSAGE, "126"))
    data = paper.called(POST)[0].json["data"]
    assert (data["id"], data["version"], data["type"], data["target_id"]) == ("3", "100", 3, "9")


async def test_a_press_needs_no_listing(wire: DiscordWire, paper: Paper) -> None:
    await wire.interact(PRESS)
    assert paper.called(LISTING) == []
    assert paper.called(POST)[0].json == PRESS | {"session_id": "session-1"}


async def test_a_replaced_version_is_looked_up_and_sent_once_more(
    wire: DiscordWire, paper: Paper
) -> None:
    newer = {"application_commands": [INDEX["application_commands"][1] | {"version": "101"}]}
    paper.answer(LISTING, 200, INDEX)
    paper.answer(LISTING, 200, newer)
    paper.answer(POST, 400, OUTDATED)
    await wire.interact(IMAGINE)
    assert [call.json["data"]["version"] for call in paper.called(POST)] == ["100", "101"]
    assert len({call.json["nonce"] for call in paper.called(POST)}) == 1


async def test_a_command_that_is_always_outdated_is_refused(
    wire: DiscordWire, paper: Paper
) -> None:
    paper.standing[POST] = lambda call: reply(400, OUTDATED, {})
    with pytest.raises(WireRefused, match="400 Invalid Form Body"):
        await wire.interact(IMAGINE)
    assert len(paper.called(POST)) == 3


async def test_a_press_with_an_invalid_body_is_not_sent_again(
    wire: DiscordWire, paper: Paper
) -> None:
    paper.answer(POST, 400, OUTDATED)
    with pytest.raises(WireRefused):
        await wire.interact(PRESS)
    assert len(paper.called(POST)) == 1


async def test_without_an_index_the_command_is_searched(wire: DiscordWire, paper: Paper) -> None:
    paper.answer(LISTING, 404, {"message": "404: Not Found", "code": 0})
    search = f"GET /api/v9/channels/{DIRECT}/application-commands/search"
    paper.answer(search, 200, INDEX)
    await wire.interact(IMAGINE)
    asked = paper.called(search)[0].query
    assert asked == {"type": "1", "include_applications": "true", "query": "imagine"}
    assert paper.called(POST)[0].json["data"]["id"] == "2"


async def test_a_command_that_the_bot_does_not_have(wire: DiscordWire, paper: Paper) -> None:
    search = f"GET /api/v9/channels/{DIRECT}/application-commands/search"
    paper.answer(search, 200, {"application_commands": []})
    with pytest.raises(WireRefused, match="no command 'blend'"):
        await wire.interact(interactions.blend(DIRECT, [], "Square", "1"))
    assert paper.called(POST) == []


async def test_an_index_that_cannot_be_read_leaves_no_doubt(
    wire: DiscordWire, paper: Paper
) -> None:
    paper.standing[LISTING] = lambda call: reply(500, None, {})
    with pytest.raises(WireRefused, match="500"):
        await wire.interact(IMAGINE)
    assert paper.called(POST) == []


async def test_in_a_guild_commands_are_the_guilds(
    accounts: Accounts, wire: DiscordWire, paper: Paper
) -> None:
    paper.answer("GET /api/v9/channels/600", 200, {"id": "600", "type": 0, "guild_id": GUILD})
    paper.answer(f"GET /api/v9/guilds/{GUILD}/application-command-index", 200, INDEX)
    there = await accounts.connect(TOKEN, "600")
    await there.interact(interactions.imagine("600", "a cat", "1"))
    sent = paper.called(POST)[0].json
    assert (sent["guild_id"], sent["channel_id"]) == (GUILD, "600")
    await there.close()


async def test_a_429_is_waited_for_and_the_command_sent_again(
    wire: DiscordWire, paper: Paper
) -> None:
    limited = {"message": "You are being rate limited.", "retry_after": 0.4, "global": False}
    paper.answer(POST, 429, limited)
    await wire.interact(PRESS)
    first, second = paper.called(POST)
    assert first.json == second.json
    assert second.at - first.at >= 0.39


@pytest.mark.parametrize(("everything", "calls"), [(True, 0), (False, 1)])
async def test_a_long_limit_refuses_and_a_global_one_refuses_every_call(
    wire: DiscordWire, paper: Paper, everything: bool, calls: int
) -> None:
    paper.answer(POST, 429, {"retry_after": 5000, "global": everything})
    paper.standing[HISTORY] = lambda call: reply(200, [], {})
    with pytest.raises(WireRefused, match="another 5000 seconds"):
        await wire.interact(PRESS)
    with pytest.raises(WireRefused, match="another") if everything else contextlib.nullcontext():
        await wire.history()
    assert len(paper.called(HISTORY)) == calls


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_leaves_it_open_and_nothing_is_sent_twice(
    wire: DiscordWire, paper: Paper, status: int
) -> None:
    paper.answer(POST, status, {"message": "oh"})
    with pytest.raises(WireLost, match=str(status)):
        await wire.interact(PRESS)
    assert len(paper.called(POST)) == 1


async def test_a_call_that_breaks_off_leaves_it_open_too(wire: DiscordWire, paper: Paper) -> None:
    paper.answers[POST].append(_aborting)
    with pytest.raises(WireLost, match="broke off"):
        await wire.interact(PRESS)
    assert len(paper.called(POST)) == 1


def _aborting(call: Call) -> web.StreamResponse:
    assert call.transport is not None
    call.transport.abort()
    return reply(204, None, {})


async def test_what_can_be_asked_twice_is(wire: DiscordWire, paper: Paper) -> None:
    paper.answer(HISTORY, 502)
    paper.answers[HISTORY].append(_aborting)
    paper.answer(HISTORY, 200, [{"id": "1"}])
    assert await wire.history(limit=100, before="77") == [{"id": "1"}]
    assert [call.query for call in paper.called(HISTORY)] == [{"limit": "100", "before": "77"}] * 3


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (401, {"message": "401: Unauthorized", "code": 0}, "does not accept the account's token"),
        (403, {"message": "Missing Access", "code": 50001}, "in this channel: Missing Access"),
    ],
)
async def test_a_refused_account_needs_a_person(
    wire: DiscordWire, paper: Paper, status: int, body: Any, sentence: str
) -> None:
    paper.answer(POST, status, body)
    with pytest.raises(WireBarred) as barred:
        await wire.interact(PRESS)
    assert barred.value.reason.endswith(sentence)


async def test_a_reaction_that_is_forbidden_bars_nobody(wire: DiscordWire, paper: Paper) -> None:
    path = f"PUT /api/v9/channels/{DIRECT}/messages/9/reactions/✉️/@me"
    paper.answer(path, 403, {"message": "Reaction blocked", "code": 90001})
    with pytest.raises(WireRefused) as refused:
        await wire.react("9", "✉️")
    assert not isinstance(refused.value, WireBarred)
    paper.answer(path, 204)
    await wire.react("9", "✉️")
    assert paper.called(path)[1].raw == (
        f"/api/v9/channels/{DIRECT}/messages/9/reactions/%E2%9C%89%EF%B8%8F/%40me"
        "?location=Message&type=0"
    )


async def test_a_file_goes_to_the_place_that_it_was_given(wire: DiscordWire, paper: Paper) -> None:
    place = {
        "id": 0,
        "upload_url": f"{paper.url}/storage/a%2Fb?upload_id=x%2By",
        "upload_filename": "u/cat.png",
    }
    paper.answer(f"POST /api/v9/channels/{DIRECT}/attachments", 200, {"attachments": [place]})
    paper.answer("PUT /storage/a/b", 200)
    assert await wire.upload("cat.png", b"bytes", "image/png") == "u/cat.png"
    asked, put = paper.calls[-2:]
    assert asked.json == {"files": [{"filename": "cat.png", "file_size": 5, "id": "0"}]}
    assert (put.method, put.body, put.headers["Content-Type"]) == ("PUT", b"bytes", "image/png")
    assert put.raw == "/storage/a%2Fb?upload_id=x%2By"
    assert "Authorization" not in put.headers


async def test_a_place_that_is_not_given_is_a_refusal(wire: DiscordWire, paper: Paper) -> None:
    paper.answer(f"POST /api/v9/channels/{DIRECT}/attachments", 200, {"attachments": []})
    with pytest.raises(WireRefused, match="no place"):
        await wire.upload("cat.png", b"bytes", "image/png")


def mask(format: str = "PNG") -> bytes:
    drawn = BytesIO()
    picture = Image.new("L", (4, 4))
    picture.putpixel((1, 2), 255)
    picture.save(drawn, format, lossless=True)
    return drawn.getvalue()


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
async def test_the_region_editor_is_answered_in_the_newer_way(
    wire: DiscordWire, paper: Paper, format: str
) -> None:
    new = "POST /activities/.proxy/inpaint/api/submit-job/frame"
    paper.answer(new, 200, {})
    await wire.submit_inpaint("frame", mask(format), "a hat")
    [call] = paper.called(new)
    assert call.json["prompt"] == "a hat"
    with Image.open(BytesIO(base64.b64decode(call.json["mask"]))) as drawn:
        assert drawn.format == "WEBP"
        assert drawn.convert("L").getpixel((1, 2)) == 255
        assert drawn.convert("L").getpixel((0, 0)) == 0
    assert "Authorization" not in call.headers


async def test_else_in_the_older(wire: DiscordWire, paper: Paper) -> None:
    old = "POST /activities/inpaint/api/submit-job"
    paper.answer(old, 200, {})
    await wire.submit_inpaint("frame", mask(), "a hat")
    assert paper.called(old)[0].json == {
        "username": "0",
        "userId": "0",
        "customId": "frame",
        "mask": base64.b64encode(mask()).decode(),
        "prompt": "a hat",
        "full_prompt": None,
    }


@pytest.mark.parametrize(("status", "error"), [(400, WireRefused), (500, WireLost)])
async def test_an_answer_that_the_editor_did_not_take(
    wire: DiscordWire, paper: Paper, status: int, error: type[Exception]
) -> None:
    new = "POST /activities/.proxy/inpaint/api/submit-job/frame"
    paper.answer(new, status)
    with pytest.raises(error):
        await wire.submit_inpaint("frame", mask(), "a hat")
    assert len(paper.called(new)) == 1


async def test_nothing_that_is_logged_names_the_token(wire: DiscordWire, paper: Paper) -> None:
    with structlog.testing.capture_logs() as lines:
        for status in (401, 403, 500):
            paper.answer(POST, status, {"message": "no"})
            with pytest.raises((WireRefused, WireLost)) as error:
                await wire.interact(PRESS)
            assert TOKEN not in repr(error.value) + str(error.value)
        heard = wire.dispatches()
        await paper.sockets[0].ws.close(code=4004)
        with pytest.raises(WireBarred):
            await anext(heard)
    assert lines != []
    assert TOKEN not in repr(lines) + repr(wire)
