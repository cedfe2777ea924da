"""Jobs that begin with pictures of the user's: blends, descriptions, image prompts."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from heliograph.midjourney import buttons, content, interactions, notices
from heliograph.midjourney.interactions import File
from heliograph.studio.painters.base import OrderRefused

ELSEWHERE = "https://example.com/cat.png"


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 64), (200, 60, 40)).save(out, "PNG")
    return out.getvalue()


async def uploaded(client: Any, name: str = "cat.png") -> File:
    return File(name, await client.link.upload(name, picture(), "image/png"))


@pytest.mark.parametrize(
    ("dimensions", "size", "shape"),
    [
        ("Portrait", (1792, 2688), " --ar 2:3"),
        ("Square", (2048, 2048), " --ar 1:1"),
        ("Landscape", (2688, 1792), " --ar 3:2"),
    ],
)
async def test_blend(studio: Any, dimensions: str, size: tuple[int, int], shape: str) -> None:
    async with studio.client() as client:
        files = [await uploaded(client), await uploaded(client, "dog.png")]
        ack = await client.acknowledged(await client.run(interactions.blend, files, dimensions))
        final = await client.final(ack["id"])
        user = f"<@{client.link.user}>"
        text = f"**{shape} --v 7.0 --s 250**"
        assert ack["content"] == f"{text} - {user} (Waiting to start)"
        assert ack["interaction_metadata"]["name"] == "blend"
        assert final["content"] == f"{text} - {user} (fast)"
        [attachment] = final["attachments"]
        assert (attachment["width"], attachment["height"]) == size
        name = f"heliograph_None_{content.uuid_of(final)}.png"
        assert attachment["filename"] == name
        await client.press(final, "V1")
        varied = await client.final(final["id"])
        assert varied["content"].startswith(f"{text} - Variations (Strong) by ")


async def test_describe(studio: Any) -> None:
    async with studio.client() as client:
        nonce = await client.run(interactions.describe, await uploaded(client))
        first, last = await client.told(nonce)
        assert (first["flags"], first["content"], first["components"]) == (192, "", [])
        assert first["interaction_metadata"]["name"] == "describe"
        assert (last["flags"], last["content"], "nonce" in last) == (64, "", False)
        [embed] = last["embeds"]
        paragraphs = embed["description"].split("\n\n")
        assert [paragraph[0] for paragraph in paragraphs] == ["1", "2", "3", "4"]
        assert all(paragraph.endswith(" --ar 1:1") for paragraph in paragraphs)
        assert await studio.files.fetch(embed["image"]["url"]) == picture()
        ids = [button.custom_id for button in buttons.offered(last)]
        assert ids[-2:] == ["MJ::Picread::Retry", "MJ::Job::PicReader::all"]
        assert await client.link.history() == []

        again = await client.told(await client.press_id(last, "MJ::Picread::Retry"))
        assert again[1]["embeds"] == last["embeds"]
        await client.press_id(last, "MJ::Job::PicReader::2")
        final = await client.until(lambda d: bool(d.data.get("attachments")))
        assert final.data["content"].startswith(f"**{paragraphs[1][4:].partition(' --ar')[0]}")


async def test_what_cannot_be_fetched_fails_its_job(studio: Any) -> None:
    async with studio.client() as client:
        ack = await client.acknowledged(await client.imagine(f"{ELSEWHERE} in a hat"))
        assert "<https://s.mj.run/" in ack["content"]
        reply = await client.until(lambda d: bool(d.data.get("embeds")))
        [embed] = reply.data["embeds"]
        assert embed["title"] == "Invalid link"
        assert embed["description"] == "Could not fetch image. Received status code 403"
        assert reply.data["message_reference"]["message_id"] == ack["id"]
        notice = notices.read(reply.data)
        assert notice
        assert notice.kind == "job_error"
        _, last = await client.told(await client.run(interactions.describe, ELSEWHERE))
        assert last["embeds"][0]["title"] == "Invalid link"
        assert last["embeds"][0]["footer"] == {"text": "/describe"}


async def test_what_the_painter_cannot_read_fails_its_job(studio: Any, scripted: Any) -> None:
    painter = scripted(error=OrderRefused("The picture is broken."))
    painter.go.set()
    async with studio.client(painter) as client:
        _, last = await client.told(await client.run(interactions.describe, await uploaded(client)))
        assert last["embeds"][0]["description"] == "The picture is broken."
        assert last["flags"] == 64
