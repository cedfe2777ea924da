"""`/imagine`, from the interaction to the final message."""

import sqlite3
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from heliograph.midjourney import content
from heliograph.studio.memory import Memory, MemoryFault
from heliograph.studio.painters.blank import BlankPainter


async def test_whole_sequence(studio: Any) -> None:
    async with studio.client() as client:
        nonce = await client.imagine("a  cat in a hat --ar 3:2")
        ack = await client.acknowledged(nonce)
        final = await client.final(ack["id"])
        gone = await client.next()

        created, success = client.seen[:2]
        assert created.type == "INTERACTION_CREATE"
        assert success.type == "INTERACTION_SUCCESS"
        assert created.data == success.data
        assert created.data["nonce"] == nonce
        assert ack["interaction_metadata"]["id"] == created.data["id"]
        user = f"<@{client.link.user}>"
        assert ack["content"] == (
            f"**a cat in a hat --ar 3:2 --v 7.0 --s 250** - {user} (Waiting to start)"
        )
        assert ack["components"] == []
        assert final["content"] == f"**a cat in a hat --ar 3:2 --v 7.0 --s 250** - {user} (fast)"
        assert final["id"] > ack["id"]
        assert final["nonce"] != nonce
        assert (gone.type, gone.data["id"]) == ("MESSAGE_DELETE", ack["id"])
        assert content.uuid_of(final)
        assert [message["id"] for message in await client.link.history()] == [final["id"]]


async def test_files(studio: Any) -> None:
    async with studio.client() as client:
        final = await client.painted("a red rose, watercolor --ar 3:2")
        [grid] = final["attachments"]
        uuid = content.uuid_of(final)
        assert grid["filename"] == f"heliograph_a_red_rose_watercolor_{uuid}.png"
        picture = Image.open(BytesIO(await studio.files.fetch(grid["url"])))
        assert picture.format == "PNG"
        assert picture.size == (grid["width"], grid["height"]) == (2688, 1792)
        assert grid["size"] == len(await studio.files.fetch(grid["url"]))
        for n in range(4):
            data = await studio.files.fetch(f"{client.link.cdn}/{uuid}/0_{n}.jpeg")
            cell = Image.open(BytesIO(data))
            assert (cell.format, cell.size) == ("JPEG", (1344, 896))


async def test_progress(studio: Any) -> None:
    async with studio.client(BlankPainter(1.2), update_seconds=0.3) as client:
        final = await client.painted("a dragon over a castle --ar 16:9")
        updates = client.updates(final["message_reference"]["message_id"])
        percents = [content.read(update["content"]).percent or 0 for update in updates]
        assert len(percents) >= 3
        assert percents[0] == 0
        assert percents == sorted(percents)
        assert all("nonce" not in update and update["edited_timestamp"] for update in updates)
        previews = [update["attachments"][0] for update in updates if update["attachments"]]
        assert previews
        for preview in previews:
            picture = Image.open(BytesIO(await studio.files.fetch(preview["url"])))
            assert picture.format == "WEBP"
            assert picture.size == (preview["width"], preview["height"]) == (512, 286)
            assert preview["filename"] == f"{content.uuid_of(final)}_grid_0.webp"


@pytest.mark.parametrize(
    ("aspect", "size"),
    [("1:1", (2048, 2048)), ("1:4", (1088, 4352)), ("4:1", (4352, 1088)), ("16:9", (2912, 1632))],
)
async def test_aspects(studio: Any, aspect: str, size: tuple[int, int]) -> None:
    async with studio.client() as client:
        final = await client.painted(f"a long wall --ar {aspect}")
        [grid] = final["attachments"]
        picture = Image.open(BytesIO(await studio.files.fetch(grid["url"])))
        assert picture.size == (grid["width"], grid["height"]) == size


async def test_usage_is_counted_by_mode(studio: Any) -> None:
    async with studio.client() as client:
        grid = await client.painted("one --turbo")
        await client.painted("two")
        await client.press(grid, "U1")
        await client.final(grid["id"])
    memory = await Memory.open(studio.path)
    account = await memory.account("studio", "heliograph")
    usage = {used.mode: (used.jobs, used.images) for used in await memory.usage(account)}
    assert usage == {"turbo": (1, 4), "fast": (2, 4)}
    await memory.close()


async def test_a_newer_memory_is_left_alone(studio: Any) -> None:
    async with studio.client():
        pass
    with sqlite3.connect(studio.path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(MemoryFault, match="newer version"):
        await Memory.open(studio.path)
