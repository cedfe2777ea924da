"""Every REST route over real sockets, and what each refuses."""

import base64
import io
import json

import aiohttp
import pytest
from PIL import Image

from heliograph.sandbox.server import ROUTES, Sandbox
from tests.integration.sandbox.visiting import BOT, Json, Town, Visitor, is_final


def png(size: tuple[int, int] = (64, 48), colour: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


async def uploaded(visitor: Visitor, data: bytes, id: object = "0") -> Json:
    """An upload slot, filled."""
    body = {"files": [{"filename": "a cat.png?ex=1", "file_size": len(data), "id": id}]}
    status, answer = await visitor.call(
        "POST", f"channels/{visitor.channel}/attachments", json=body
    )
    assert status == 200
    [slot] = answer["attachments"]
    status, _ = await visitor.call(
        "PUT", slot["upload_url"], data=data, headers={"Content-Type": "image/png"}
    )
    assert status == 200
    found: Json = slot
    return found


@pytest.mark.parametrize("version", ["v9", "v10"])
async def test_who_am_i(visitor: Visitor, version: str) -> None:
    url = f"{visitor.sandbox.url}/api/{version}/users/@me"
    headers = {"Authorization": visitor.person.token}
    async with visitor.http.get(url, headers=headers) as answer:
        assert answer.headers["Content-Type"] == "application/json"
        assert (await answer.json())["id"] == visitor.person.user


@pytest.mark.parametrize("authorization", ["", "nobody's", "Bot nobody's"])
async def test_every_route_asks_for_a_token(visitor: Visitor, authorization: str) -> None:
    for method, path, _ in ROUTES:
        status, body = await visitor.call(
            method,
            path.format(id=1, message=1, emoji="x"),
            headers={"Authorization": authorization},
        )
        assert (status, body) == (401, {"message": "401: Unauthorized", "code": 0}), path


async def test_users_and_their_profiles(visitor: Visitor) -> None:
    person = visitor.person
    for id, name in ((BOT, "Midjourney Bot"), (person.user, "tester_1")):
        assert (await visitor.call("GET", f"users/{id}"))[1]["username"] == name
        _, profile = await visitor.call("GET", f"users/{id}/profile")
        assert profile["user"]["id"] == id
        assert profile["mutual_guilds"][0]["id"] == person.guild
    assert (await visitor.call("GET", "users/1"))[0] == 404


async def test_channels_and_guilds(visitor: Visitor) -> None:
    person = visitor.person
    _, direct = await visitor.call("GET", f"channels/{visitor.channel}")
    assert (direct["type"], direct["recipients"][0]["id"]) == (1, BOT)
    assert "guild_id" not in direct
    _, inside = await visitor.call("GET", f"channels/{person.inside.channel}")
    assert (inside["type"], inside["guild_id"]) == (0, person.guild)
    _, [listed] = await visitor.call("GET", "users/@me/channels")
    _, opened = await visitor.call("POST", "users/@me/channels", json={"recipients": [BOT]})
    assert listed["id"] == opened["id"] == visitor.channel
    stranger = await visitor.call("POST", "users/@me/channels", json={"recipients": ["1"]})
    assert stranger[0] == 403
    _, [guild] = await visitor.call("GET", "users/@me/guilds")
    assert guild == (await visitor.call("GET", f"guilds/{person.guild}"))[1]
    _, [channel] = await visitor.call("GET", f"guilds/{person.guild}/channels")
    assert channel["id"] == person.inside.channel
    assert (await visitor.call("GET", "guilds/1"))[0] == 404


async def test_nobody_reads_anothers_channel(visitor: Visitor, sandbox: Sandbox) -> None:
    other = sandbox.accounts[1].direct.channel
    for path in ("", "/messages", "/messages/1"):
        status, body = await visitor.call("GET", f"channels/{other}{path}")
        assert (status, body["code"]) == (403, 50001)
        status, body = await visitor.call("GET", f"channels/1{path}")
        assert (status, body["code"]) == (404, 10003)


async def test_the_history(visitor: Visitor) -> None:
    ids: list[str] = []
    for number in range(5):
        body = {"content": f"number {number}", "nonce": str(number)}
        _, message = await visitor.call("POST", f"channels/{visitor.channel}/messages", json=body)
        assert message["nonce"] == str(number)
        assert len(message["id"]) == 19
        ids.insert(0, message["id"])

    async def got(query: str) -> list[str]:
        _, found = await visitor.call("GET", f"channels/{visitor.channel}/messages?{query}")
        assert not any("nonce" in message for message in found)
        return [message["id"] for message in found]

    assert await got("") == ids
    assert await got("limit=2") == ids[:2]
    assert await got(f"before={ids[2]}") == ids[3:]
    assert await got(f"after={ids[2]}") == ids[:2]
    # Those that follow it most closely, as Discord has it.
    assert await got(f"after={ids[4]}&limit=2") == ids[2:4]
    assert await got(f"around={ids[2]}&limit=1") == [ids[2]]
    assert await got(f"around={ids[2]}&limit=3") == ids[1:4]
    assert await got("around=1&limit=1") == []
    for query in ("limit=0", "limit=101", "limit=many", "around=here"):
        status, body = await visitor.call("GET", f"channels/{visitor.channel}/messages?{query}")
        assert (status, body["code"]) == (400, 50035)
    path = f"channels/{visitor.channel}/messages/{ids[0]}"
    assert (await visitor.call("GET", path))[1]["content"] == "number 4"
    assert (await visitor.call("POST", f"{path}/ack", json={"token": None}))[0] == 200
    assert (await visitor.call("POST", f"channels/{visitor.channel}/typing"))[0] == 204


async def test_messages_with_files(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    path, data = f"channels/{visitor.channel}/messages", png()
    slot = await uploaded(visitor, data)
    named = {"id": "0", "filename": "a cat.png?ex=1", "uploaded_filename": slot["upload_filename"]}
    _, message = await visitor.call("POST", path, json={"content": "", "attachments": [named]})
    form = aiohttp.FormData({"payload_json": json.dumps({"content": "a file"})})
    form.add_field("files[0]", data, filename="b.png", content_type="image/png")
    _, other = await visitor.call("POST", path, data=form)
    for posted in (message, other):
        [attachment] = posted["attachments"]
        assert (attachment["width"], attachment["height"], attachment["size"]) == (
            64,
            48,
            len(data),
        )
        assert (await visitor.call("GET", attachment["url"])) == (200, data)
        assert "_" not in attachment["url"].partition("?")[2]
        heard = await gateway.event("MESSAGE_CREATE")
        assert heard["id"] == posted["id"]
        assert heard["author"]["id"] == visitor.person.user
    gone = named | {"uploaded_filename": f"{'0' * 32}/gone.png"}
    status, body = await visitor.call("POST", path, json={"attachments": [gone]})
    assert (status, body["code"]) == (400, 50146)
    assert (await visitor.call("POST", path, json={}))[1]["code"] == 50006
    for bad in ({"content": 5}, {"attachments": "x"}, {"attachments": [1]}):
        assert (await visitor.call("POST", path, json=bad))[1]["code"] == 50035


@pytest.mark.parametrize("id", ["0", 7, 1_795_274_766_513])
async def test_a_slot_echoes_its_id(visitor: Visitor, id: object) -> None:
    gateway = await visitor.identified()
    slot = await uploaded(visitor, png(), id)
    assert slot["id"] == id
    attachment = {"id": str(id), "filename": "a.png", "uploaded_filename": slot["upload_filename"]}
    option = {"type": 11, "name": "image", "value": id}
    await visitor.send(visitor.command("describe", option, attachments=[attachment]))
    first = await gateway.event("MESSAGE_CREATE")
    assert first["flags"] == 192
    described = await gateway.until(lambda t, d: t == "MESSAGE_UPDATE" and bool(d["embeds"]))
    assert described["flags"] == 64
    assert (await visitor.call("GET", described["embeds"][0]["image"]["url"]))[0] == 200
    # What only its user sees is no part of the history.
    assert (await visitor.call("GET", f"channels/{visitor.channel}/messages"))[1] == []


async def test_an_interaction_as_multipart(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    option = {"type": 11, "name": "image", "value": 0}
    payload = visitor.command("describe", option, attachments=[{"id": "0", "filename": "a.png"}])
    form = aiohttp.FormData({"payload_json": json.dumps(payload)})
    form.add_field("files[0]", png(), filename="a.png", content_type="image/png")
    assert (await visitor.call("POST", "interactions", data=form))[0] == 204
    await gateway.until(lambda t, d: t == "MESSAGE_UPDATE" and bool(d["embeds"]))
    plain = aiohttp.FormData({"payload_json": json.dumps(visitor.imagine())})
    plain.add_field("unused", b"", filename="")
    assert (await visitor.call("POST", "interactions", data=plain))[0] == 204
    await gateway.until(is_final)


async def test_interactions_that_leave_out_what_they_may(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    bare = visitor.imagine()
    del bare["session_id"], bare["nonce"]
    await visitor.send(bare | {"guild_id": ""})
    await gateway.until(is_final)
    inside = visitor.imagine(guild=True)
    await visitor.send(inside)
    await gateway.until(is_final)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"channel_id": "1"}, 10003),
        ({"channel_id": None}, 10003),
        ({"guild_id": "1"}, 10003),
        ({"application_id": "1"}, 10002),
        ({"data": {"name": "unheard of"}}, 50035),
        ({"data": None}, 50035),
        ({"data": {"name": "imagine", "attachments": 5}}, 50035),
        ({"type": "two"}, 50035),
        ({"type": 3, "message_id": "1", "data": {"custom_id": "x", "component_type": 2}}, 10008),
    ],
)
async def test_an_interaction_that_is_refused(visitor: Visitor, changes: Json, code: int) -> None:
    refused = await visitor.send(visitor.imagine() | changes, 400)
    assert refused["code"] == code
    assert visitor.sandbox.log()["total_accepted"] == 0
    assert visitor.sandbox.log()["interactions"][0]["status"] == 400


async def test_a_guilds_channel_needs_its_guild(visitor: Visitor) -> None:
    payload = visitor.imagine(guild=True)
    del payload["guild_id"]
    assert (await visitor.send(payload, 400))["code"] == 10003


@pytest.mark.parametrize("body", [b"no json", b"[]", b"", b"5"])
async def test_a_body_that_is_no_object(visitor: Visitor, body: bytes) -> None:
    paths = ["interactions", f"channels/{visitor.channel}/messages"]
    for path in [*paths, f"channels/{visitor.channel}/attachments"]:
        status, answer = await visitor.call("POST", path, data=body)
        assert status == 400, path
        assert answer["code"] in (50109, 50035), path


async def test_a_nonce_used_twice_is_taken_once(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    payload = visitor.imagine()
    await visitor.send(payload)
    await gateway.until(is_final)
    await visitor.send(payload)
    await visitor.send(visitor.imagine("another"))
    await gateway.until(is_final)
    _, history = await visitor.call("GET", f"channels/{visitor.channel}/messages")
    assert len(history) == 2
    _, log = await visitor.control("GET", "log")
    assert log["received"][payload["nonce"]] == log["accepted"][payload["nonce"]] == 2
    assert log["total"] == 3


async def test_the_commands(visitor: Visitor) -> None:
    person = visitor.person
    places = [f"channels/{visitor.channel}", f"guilds/{person.guild}", f"guilds/{visitor.channel}"]
    indexes = [
        (await visitor.call("GET", f"{place}/application-command-index"))[1] for place in places
    ]
    assert indexes[0] == indexes[1] == indexes[2]
    names = {command["name"]: command for command in indexes[0]["application_commands"]}
    assert names["imagine"]["id"] == "938956540159881230"
    assert names["imagine"]["options"][0]["name"] == "prompt"
    assert [application["id"] for application in indexes[0]["applications"]] == [BOT]
    path = f"channels/{visitor.channel}/application-commands/search?type=1&query=imag"
    _, found = await visitor.call("GET", f"{path}&include_applications=true")
    assert [command["name"] for command in found["application_commands"]] == ["imagine"]
    assert (await visitor.call("GET", "guilds/1/application-command-index"))[0] == 404


async def test_where_the_gateway_is(visitor: Visitor) -> None:
    for path in ("gateway", "gateway/bot"):
        _, found = await visitor.call("GET", path, headers={"Authorization": ""})
        assert found["url"] == visitor.sandbox.gateway
    assert (await visitor.call("GET", f"{visitor.sandbox.url}/"))[0] == 200
    assert (await visitor.call("GET", "nowhere"))[0] == 404


async def test_reactions(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    await visitor.send(visitor.imagine())
    done = await gateway.until(is_final)
    path = f"channels/{visitor.channel}/messages/{done['id']}/reactions"
    letter, cross = "%E2%9C%89%EF%B8%8F", "%E2%9D%8C"
    query = "?location=Message&type=0"
    assert (await visitor.call("PUT", f"{path}/{letter}/%40me{query}"))[0] == 204
    await gateway.until(lambda t, d: "**seed**" in d.get("content", ""))
    # It is there already, until it is taken away.
    for method in ("PUT", "DELETE", "PUT"):
        assert (await visitor.call(method, f"{path}/{letter}/@me"))[0] == 204
    await gateway.until(lambda t, d: "**seed**" in d.get("content", ""))
    reactions = [data for type, data in gateway.dispatches() if type == "MESSAGE_REACTION_ADD"]
    assert len(reactions) == 2
    assert (await visitor.call("PUT", f"{path}/{cross}/@me"))[0] == 204
    await gateway.until(lambda t, d: t == "MESSAGE_DELETE" and d["id"] == done["id"])
    assert (await visitor.call("PUT", f"{path}/{cross}/@me"))[0] == 404


@pytest.mark.parametrize("new", [False, True])
async def test_vary_region(visitor: Visitor, new: bool) -> None:
    gateway = await visitor.identified()
    await visitor.send(visitor.imagine())
    await visitor.send(visitor.press(await gateway.until(is_final), "U1"))
    await visitor.send(visitor.press(await gateway.until(is_final), "Vary (Region)"))
    frame = await gateway.event("INTERACTION_IFRAME_MODAL_CREATE")
    token = frame["custom_id"].removeprefix("MJ::iframe::")
    mask = base64.b64encode(png((512, 512), "white")).decode()
    activities = f"{visitor.sandbox.url}/activities"
    if new:
        url = f"{activities}/.proxy/inpaint/api/submit-job/{token}"
        body: Json = {"mask": mask, "prompt": "a dog"}
    else:
        url = f"{activities}/inpaint/api/submit-job"
        body = {"username": "0", "userId": "0", "customId": token, "mask": mask, "prompt": "a dog"}
    assert (await visitor.call("POST", url, json=body | {"mask": "§"}))[0] == 400
    assert (await visitor.call("POST", url, json=body))[0] == 200
    done = await gateway.until(is_final)
    assert "Variations (Region) by" in done["content"]
    # A frame takes one answer.
    assert (await visitor.call("POST", url, json=body))[0] == 404


async def test_the_pictures(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    await visitor.send(visitor.imagine())
    done = await gateway.until(is_final)
    url = done["attachments"][0]["url"]
    status, data = await visitor.call("GET", url, headers={"Authorization": ""})
    assert status == 200
    assert Image.open(io.BytesIO(data)).size == (2048, 2048)
    uuid = done["attachments"][0]["filename"].rpartition("_")[2].removesuffix(".png")
    status, cell = await visitor.call("GET", f"{visitor.sandbox.url}/cdn/{uuid}/0_3.jpeg")
    assert (status, Image.open(io.BytesIO(cell)).format) == (200, "JPEG")
    for bad in (url[:-1] + "0" * (url[-1] != "0") + "1" * (url[-1] == "0"), url.partition("?")[0]):
        assert await visitor.call("GET", bad) == (404, b"This content is no longer available.")
    assert (await visitor.call("GET", f"{visitor.sandbox.url}/cdn/{uuid}/0_9.jpeg"))[0] == 404


async def test_links_lapse(town: Town) -> None:
    visitor = await town.visitor(await town.sandbox(link_seconds=1))
    body = {
        "attachments": [
            {"id": "0", "uploaded_filename": (await uploaded(visitor, png()))["upload_filename"]}
        ]
    }
    _, message = await visitor.call("POST", f"channels/{visitor.channel}/messages", json=body)
    url = message["attachments"][0]["url"]
    while (await visitor.call("GET", url))[0] == 200:
        pass
    # The history gives out links that are good again.
    _, [again] = await visitor.call("GET", f"channels/{visitor.channel}/messages")
    assert (await visitor.call("GET", again["attachments"][0]["url"]))[0] == 200


async def test_too_many_calls_a_second(town: Town) -> None:
    visitor = await town.visitor(await town.sandbox(calls_per_second=3))
    answers = [await visitor.call("GET", "users/@me") for _ in range(10)]
    statuses = [status for status, _ in answers]
    assert statuses[0] == 200
    limited = answers[statuses.index(429)][1]
    assert limited["message"] == "The resource is being rate limited."
    assert 0 < limited["retry_after"] <= 1
    assert limited["global"] is False


async def test_a_slot_needs_a_name_and_a_size(visitor: Visitor) -> None:
    path = f"channels/{visitor.channel}/attachments"
    for files in (
        [],
        "x",
        [5],
        [{"filename": "a"}],
        [{"file_size": 1}],
        [{"filename": "a", "file_size": 10**12}],
    ):
        status, body = await visitor.call("POST", path, json={"files": files})
        assert (status, body["code"]) == (400, 50035), files
    for key in ("x", f"{'0' * 32}/..%2f..%2fx", f"{'0' * 32}/a/b"):
        assert (await visitor.call("PUT", f"{visitor.sandbox.url}/upload/{key}", data=b"x"))[
            0
        ] == 404


async def test_the_link_of_a_describe_leads_no_further_than_this_machine(visitor: Visitor) -> None:
    gateway = await visitor.identified()
    option = {"type": 3, "name": "link", "value": "https://picture.example/cat.png"}
    await visitor.send(visitor.command("describe", option))
    said = await gateway.until(lambda t, d: bool(d.get("embeds")))
    assert said["embeds"][0]["title"] == "Invalid link"
    assert "403" in said["embeds"][0]["description"]


async def test_health(visitor: Visitor) -> None:
    assert await visitor.call("GET", f"{visitor.sandbox.url}/healthz") == (200, {"status": "ok"})


async def test_the_accounts(visitor: Visitor) -> None:
    _, accounts = await visitor.control("GET", "accounts")
    assert len(accounts) == 2
    person = visitor.person
    assert accounts[0] == {
        "token": person.token,
        "user": person.user,
        "username": "tester_1",
        "channel": person.direct.channel,
        "guild": person.guild,
        "guild_channel": person.inside.channel,
        "disabled": False,
    }
