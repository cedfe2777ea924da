"""Reactions: ✉️ is answered with the seed and the pictures, ❌ deletes."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from heliograph.midjourney import content, interactions
from heliograph.midjourney.wire import Dispatch, Message, WireLost, WireRefused
from tests.golden import differences


def about(uuid: str | None) -> Any:
    """Whether a dispatch is the letter about that job."""

    def wanted(dispatch: Dispatch) -> bool:
        read = content.read(dispatch.data.get("content") or "")
        return dispatch.type == "MESSAGE_CREATE" and read.seed is not None and read.uuid == uuid

    return wanted


async def test_envelope(studio: Any) -> None:
    async with studio.client() as client:
        grid = await client.painted("cat in the hat --seed 3937070146")
        uuid = content.uuid_of(grid)
        await client.link.react(grid["id"], "✉️")
        added = await client.until(lambda d: d.type == "MESSAGE_REACTION_ADD")
        assert (added.data["message_id"], added.data["emoji"]["name"]) == (grid["id"], "✉️")
        letter = (await client.until(about(uuid))).data

        prompt = content.read(grid["content"]).prompt
        assert letter["content"] == f"**{prompt}**\n**Job ID**: {uuid}\n**seed** 3937070146"
        assert [file["filename"] for file in letter["attachments"]] == [
            f"heliograph_cat_in_the_hat_{n}_{uuid}.png" for n in range(4)
        ]
        shape = {"url": "", "width": 1024, "height": 1024}
        assert differences([shape] * 4, letter["attachments"]) == []
        for file in letter["attachments"]:
            picture = Image.open(BytesIO(await studio.files.fetch(file["url"])))
            assert (picture.format, picture.size) == ("PNG", (1024, 1024))
        assert [m["id"] for m in await client.link.history()] == [letter["id"], grid["id"]]


async def test_seed_makes_the_same_pictures(studio: Any, scripted: Any) -> None:
    painter = scripted()
    painter.go.set()
    async with studio.client(painter) as client:
        grid = await client.painted("a harbour")
        await client.link.react(grid["id"], "\u2709")
        letter = (await client.until(about(content.uuid_of(grid)))).data
        seed = content.read(letter["content"]).seed
        await client.painted(f"a harbour --seed {seed}")
    first, last = painter.painted[0], painter.painted[-1]
    assert first.seeds == last.seeds


async def test_envelope_on_a_single_picture_and_on_a_shown_one(studio: Any) -> None:
    async with studio.client() as client:
        grid = await client.painted("a tower --ar 2:3")
        await client.press(grid, "U3")
        single = await client.final(grid["id"])
        await client.link.react(single["id"], "✉️")
        letter = (await client.until(about(content.uuid_of(single)))).data
        assert [(f["width"], f["height"]) for f in letter["attachments"]] == [(896, 1344)]
        uuid = content.uuid_of(grid)
        ack = await client.acknowledged(await client.run(interactions.show, uuid))
        shown = await client.final(ack["id"])
        await client.link.react(shown["id"], "✉️")
        assert len((await client.until(about(uuid))).data["attachments"]) == 4


async def test_other_reactions_and_other_messages_get_no_letter(studio: Any, connect: Any) -> None:
    async with studio.client() as client:
        grid = await client.painted("a tower")
        await client.link.react(grid["id"], "👍")
        refusal = await client.acknowledged(await client.imagine("--ar 3:2"))
        await client.link.react(refusal["id"], "✉️")
        await client.link.react(grid["id"], "✉️")
        await client.until(about(content.uuid_of(grid)))
        letters = [d for d in client.seen if "**seed**" in d.data.get("content", "")]
        assert len(letters) == 1
        with pytest.raises(WireRefused) as unknown:
            await client.link.react("1", "✉️")
        assert (unknown.value.status, unknown.value.body["code"]) == (404, 10008)


async def test_cross_deletes(studio: Any) -> None:
    async with studio.client() as client:
        grid = await client.painted("a mistake")
        await client.link.react(grid["id"], "❌")
        gone = await client.until(
            lambda d: d.type == "MESSAGE_DELETE" and d.data["id"] == grid["id"]
        )
        assert gone.data["channel_id"] == client.link.channel
        assert await client.link.history() == []
        for again in (client.link.react(grid["id"], "❌"), client.press(grid, "U1")):
            with pytest.raises(WireRefused):
                await again


async def test_cross_ends_a_running_job(studio: Any, scripted: Any) -> None:
    painter = scripted()
    async with studio.client(painter) as client:
        ack: Message = await client.acknowledged(await client.imagine("a mistake"))
        await painter.begun.wait()
        await client.link.react(ack["id"], "❌")
        await painter.given_up.wait()
        await client.until(lambda d: d.type == "MESSAGE_DELETE")
        assert await client.link.history() == []


async def test_a_closed_bot_hears_no_reaction(studio: Any) -> None:
    async with studio.client() as client:
        grid = await client.painted("the last words")
    for call in (
        client.link.react(grid["id"], "✉️"),
        client.link.submit_inpaint("0" * 32, b"\x89PNG\r\n", ""),
    ):
        with pytest.raises(WireLost):
            await call
