"""Presses on what the bot's messages offer."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from heliograph.midjourney import buttons, content, interactions
from heliograph.midjourney.wire import WireRefused
from heliograph.studio.painters.blank import BlankPainter

PROMPT = "a sailing boat --ar 2:3"
ECHO = "**a sailing boat --ar 2:3 --v 7.0 --s 250**"


async def test_grid_offers_what_the_bot_can_do(studio: Any) -> None:
    async with studio.client() as client:
        final = await client.painted(PROMPT)
        offered = ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]
        assert buttons.labels(final) == offered
        assert [row["id"] for row in final["components"]] == [1, 7]


async def test_upscale(studio: Any) -> None:
    async with studio.client() as client:
        grid = await client.painted(PROMPT)
        ack = await client.acknowledged(await client.press(grid, "U3"))
        parent = await client.until(lambda d: d.type == "MESSAGE_UPDATE")
        single = await client.final(grid["id"])

        user = f"<@{client.link.user}>"
        assert ack["content"] == f"Upscaling image #3 with {ECHO} - {user} (Waiting to start)"
        assert single["content"] == f"{ECHO} - Image #3 {user}"
        assert ack["type"] == single["type"] == 19
        assert single["referenced_message"]["id"] == grid["id"]
        assert buttons.cancel(ack)
        assert parent.data["id"] == grid["id"]
        styles = {b.label: b.style for b in buttons.offered(parent.data)}
        assert styles["U3"] == 1
        assert styles["U2"] == 2

        [attachment] = single["attachments"]
        picture = Image.open(BytesIO(await studio.files.fetch(attachment["url"])))
        assert (picture.format, picture.size) == ("PNG", (896, 1344))
        uuid = content.uuid_of(single)
        assert uuid != content.uuid_of(grid)
        assert await studio.files.fetch(f"{client.link.cdn}/{uuid}/0_0.jpeg")
        assert buttons.labels(single) == ["Vary (Subtle)", "Vary (Strong)"]


@pytest.mark.parametrize(
    ("label", "how"), [("V2", "Strong"), ("Vary (Subtle)", "Subtle"), ("Vary (Strong)", "Strong")]
)
async def test_vary(studio: Any, label: str, how: str) -> None:
    async with studio.client(BlankPainter(0.01)) as client:
        parent = await client.painted(PROMPT)
        if label != "V2":
            await client.press(parent, "U2")
            parent = await client.final(parent["id"])
        ack = await client.acknowledged(await client.press(parent, label))
        final = await client.final(parent["id"])

        user, n = f"<@{client.link.user}>", 2 if label == "V2" else 1
        assert ack["content"] == (
            f"Making variations for image #{n} with prompt {ECHO} - {user} (Waiting to start)"
        )
        running, *_ = client.updates(ack["id"])
        assert running["content"] == f"{ECHO} - Variations ({how}) by {user} (0%) (fast)"
        assert buttons.cancel(running) == buttons.cancel(ack)
        assert final["content"] == f"{ECHO} - Variations ({how}) by {user} (fast)"
        assert buttons.labels(final)[:5] == ["U1", "U2", "U3", "U4", "🔄"]


async def test_reroll(studio: Any) -> None:
    async with studio.client() as client:
        grid = await client.painted(PROMPT)
        ack = await client.acknowledged(await client.press(grid, "🔄"))
        final = await client.final(grid["id"])
        user = f"<@{client.link.user}>"
        assert ack["content"] == f"{ECHO} - {user} (Waiting to start)"
        assert final["content"] == f"{ECHO} - {user} (fast)"
        assert content.uuid_of(final) not in (None, content.uuid_of(grid))


async def test_two_presses_at_once_colour_both_buttons(studio: Any) -> None:
    async with studio.client() as client:
        grid = await client.painted(PROMPT)
        await client.press(grid, "U1")
        await client.press(grid, "U4")
        for _ in range(2):
            await client.final(grid["id"])
        history = {message["id"]: message for message in await client.link.history()}
        styles = {b.label: b.style for b in buttons.offered(history[grid["id"]])}
        assert [styles[f"U{n}"] for n in range(1, 5)] == [1, 2, 2, 1]


async def test_only_what_is_offered_can_be_pressed(studio: Any) -> None:
    async with studio.client() as client:
        grid = await client.painted(PROMPT)
        uuid = content.uuid_of(grid)
        for custom_id in (
            f"MJ::JOB::upsample::5::{uuid}",
            f"MJ::JOB::high_variation::1::{uuid}::SOLO",
            "MJ::JOB::upsample::1::00000000-0000-4000-8000-000000000000",
            "nonsense",
        ):
            with pytest.raises(WireRefused) as refusal:
                await client.link.interact(interactions.press(grid, custom_id, client.nonce()))
            assert (refusal.value.status, refusal.value.body["code"]) == (400, 50035)
        with pytest.raises(WireRefused) as refusal:
            await client.press(grid | {"id": "1"}, "U1")
        assert refusal.value.body["code"] == 10008
