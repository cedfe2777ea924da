"""A whole job with the composing painter in its real processes."""

import asyncio
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from heliograph.midjourney import content
from heliograph.studio import sizes
from heliograph.studio.painters.composer import ComposerPainter

PROMPT = "a cat in a hat"


@pytest.fixture(autouse=True)
def small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "SQUARE", 256)


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


async def test_grid_single_and_variation(studio: Any, tmp_path: Path) -> None:
    pixels = tmp_path / "pixels"
    async with studio.client(ComposerPainter(pixels), update_seconds=0.05) as client:
        ack = await client.acknowledged(await client.imagine(f"{PROMPT} --seed 5"))
        grid = await client.final(ack["id"])
        updates = client.updates(ack["id"])
        assert content.read(updates[0]["content"]).percent == 0
        assert any(update["attachments"] for update in updates)
        whole = opened(await studio.files.fetch(grid["attachments"][0]["url"]))
        assert whole.size == (512, 512)

        await client.press(grid, "U4")
        single = await client.final(grid["id"])
        picture = opened(await studio.files.fetch(single["attachments"][0]["url"]))
        quarter = whole.crop((256, 256, 512, 512))
        assert ImageChops.difference(picture, quarter).getbbox() is None

        await client.press(single, "Vary (Subtle)")
        await client.final(single["id"])
        assert list(pixels.iterdir()) == []


async def test_same_seed_same_picture_after_a_restart(studio: Any, tmp_path: Path) -> None:
    pictures = []
    for _ in range(2):
        async with studio.client(ComposerPainter(tmp_path / "pixels")) as client:
            final = await client.painted(f"{PROMPT} --seed 5")
            pictures.append(await studio.files.fetch(final["attachments"][0]["url"]))
    assert pictures[0] == pictures[1]


async def test_cancelled_job_leaves_no_pixels(studio: Any, tmp_path: Path) -> None:
    pixels = tmp_path / "pixels"
    async with studio.client(ComposerPainter(pixels)) as client:
        ack = await client.acknowledged(await client.imagine(PROMPT))
        await client.until(lambda d: "(0%)" in d.data.get("content", ""))
        await client.cancel(ack)
        await client.until(lambda d: "(Stopped)" in d.data.get("content", ""))
        await client.painted("the next one")
        assert list(pixels.iterdir()) == []


async def test_closing_while_painting_is_prompt(studio: Any, tmp_path: Path) -> None:
    async with studio.client(ComposerPainter(tmp_path / "pixels")) as client:
        await client.imagine(PROMPT)
        await client.until(lambda d: "(0%)" in d.data.get("content", ""))
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 3
