"""Presses on what the bot's messages offer."""

from io import BytesIO
from typing import Any, cast

import pytest
from PIL import Image

from heliograph.midjourney import buttons, content, interactions, response
from heliograph.midjourney.wire import Message, WireRefused
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
        assert buttons.labels(single)[:2] == ["Upscale (Subtle)", "Upscale (Creative)"]


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


async def single(client: Any, prompt: str) -> Message:
    """U2 of a grid of that prompt."""
    grid = await client.painted(prompt)
    await client.press(grid, "U2")
    return cast(Message, await client.final(grid["id"]))


async def pressed(client: Any, parent: Message, label: str) -> tuple[Message, Message]:
    """A press: the acknowledgement, and the final message."""
    ack = await client.acknowledged(await client.press(parent, label))
    return ack, await client.final(parent["id"])


@pytest.mark.parametrize(
    ("label", "prompt", "size", "how", "echo"),
    [
        ("Zoom Out 2x", "a cat", (2048, 2048), "Zoom Out by ", "a cat"),
        ("Zoom Out 1.5x", "a cat --ar 3:2", (2688, 1792), "Zoom Out by ", "a cat --ar 3:2"),
        ("Make Square", "a cat --ar 3:2", (2048, 2048), "Zoom Out by ", "a cat --ar 1:1"),
        ("⬅️", "a cat", (2688, 1792), "Pan Left by ", "a cat --ar 3:2"),
        ("➡️", "a cat", (2688, 1792), "Pan Right by ", "a cat --ar 3:2"),
        ("⬆️", "a cat", (1792, 2688), "Pan Up by ", "a cat --ar 2:3"),
        ("⬇️", "a cat --ar 3:2", (2048, 2048), "Pan Down by ", "a cat --ar 1:1"),
    ],
)
async def test_reframing(
    studio: Any, label: str, prompt: str, size: tuple[int, int], how: str, echo: str
) -> None:
    async with studio.client(BlankPainter(0.01)) as client:
        parent = await single(client, prompt)
        ack, final = await pressed(client, parent, label)
        user = f"<@{client.link.user}>"
        text = f"**{echo} --v 7.0 --s 250**"
        assert ack["content"] == f"{text} - {user} (Waiting to start)"
        assert client.updates(ack["id"])[0]["content"] == f"{text} - {how}{user} (0%) (fast)"
        assert final["content"] == f"{text} - {how}{user} (fast)"
        assert buttons.cancel(ack)
        [attachment] = final["attachments"]
        assert (attachment["width"], attachment["height"]) == size
        assert buttons.labels(final)[:5] == ["U1", "U2", "U3", "U4", "🔄"]
        _, again = await pressed(client, final, "🔄")
        assert again["content"] == final["content"]


@pytest.mark.parametrize(
    ("label", "version", "how", "side"),
    [
        ("Upscale (Subtle)", "7", "Upscaled", 2048),
        ("Upscale (Creative)", "7", "Upscaled", 2048),
        ("Upscale (Creative)", "6.1", "Upscaled (Creative)", 2048),
        ("Upscale (2x)", "5.2", "Upscaled (2x)", 2048),
        ("Upscale (4x)", "5.2", "Upscaled (4x)", 4096),
    ],
)
async def test_upscale_of_a_single(
    studio: Any, label: str, version: str, how: str, side: int
) -> None:
    async with studio.client() as client:
        parent = await single(client, f"a cat --v {version}")
        ack, final = await pressed(client, parent, label)
        user = f"<@{client.link.user}>"
        assert ack["content"].startswith("Upscaling image #1 with **a cat --v ")
        assert final["content"].endswith(f"** - {how} by {user} (fast)")
        [attachment] = final["attachments"]
        assert (attachment["width"], attachment["content_type"]) == (side, "image/png")
        redo = f"Redo {label}"
        _, again = await pressed(client, final, redo)
        assert again["attachments"][0]["width"] == side
        assert redo in buttons.labels(again)
        _, wider = await pressed(client, again, "Zoom Out 2x")
        assert buttons.labels(wider)[0] == "U1"


@pytest.mark.parametrize(
    ("label", "how"), [("Make Variations", "Variations by "), ("Remaster", "Remaster by ")]
)
async def test_old_models(studio: Any, label: str, how: str) -> None:
    async with studio.client() as client:
        parent = await single(client, "a cat --v 3")
        assert buttons.labels(parent) == ["Make Variations", "Remaster"]
        _, final = await pressed(client, parent, label)
        assert f"** - {how}<@" in final["content"]
        assert buttons.labels(final)[0] == "U1"


async def test_custom_zoom(studio: Any) -> None:
    async with studio.client() as client:
        parent = await single(client, "a cat")
        form = await client.opened(await client.press(parent, "Custom Zoom"))
        nonce = await client.submit(form, "a cat in a barn --zoom 1.8 --ar 16:9")
        ack = await client.acknowledged(nonce)
        final = await client.final(parent["id"])
        user = f"<@{client.link.user}>"
        echo = "**a cat in a barn --ar 16:9 --v 7.0 --s 250**"
        assert ack["content"] == f"{echo} - {user} (Waiting to start)"
        assert final["content"] == f"{echo} - Zoom Out by {user} (fast)"
        assert final["attachments"][0]["width"] == 2 * 1456

        form = await client.opened(await client.press(parent, "Custom Zoom"))
        refusal = await client.acknowledged(await client.submit(form, "a cat --zoom 3"))
        assert refusal["embeds"][0]["title"] == "Invalid parameter"


async def test_vary_region(studio: Any) -> None:
    async with studio.client() as client:
        parent = await single(client, "a cat")
        frame = await client.opened(await client.press(parent, "Vary (Region)"))
        token = frame.data["custom_id"].removeprefix("MJ::iframe::")
        await client.link.submit_inpaint(token, b"\x89PNG\r\n\x1a\nmask", "")
        final = await client.final(parent["id"])
        user = f"<@{client.link.user}>"
        echo = "**a cat --v 7.0 --s 250**"
        assert final["content"] == f"{echo} - Variations (Region) by {user} (fast)"


async def test_remix(studio: Any) -> None:
    async with studio.client() as client:
        await client.told(await client.run(interactions.prefer, "remix"))
        parent = await single(client, "a cat --ar 3:2")
        form = await client.opened(await client.press(parent, "Vary (Strong)"))
        await client.submit(form, "a dog")
        final = await client.final(parent["id"])
        assert final["content"].startswith(
            "**a dog --ar 3:2 --v 7.0 --s 250** - Remix (Strong) by "
        )
        form = await client.opened(await client.press(parent, "Vary (Subtle)"))
        await client.submit(form)
        final = await client.final(parent["id"])
        assert "Variations (Subtle) by" in final["content"]


@pytest.mark.parametrize("motion", ["High", "Low"])
async def test_clips(studio: Any, motion: str) -> None:
    async with studio.client(BlankPainter(0.01)) as client:
        parent = await single(client, "a cat --no hats")
        ack, grid = await pressed(client, parent, f"Animate ({motion} motion)")
        user = f"<@{client.link.user}>"
        echo = f"**a cat --motion {motion.lower()} --video 1 --aspect 1:1**"
        assert ack["content"] == "Animating..."
        first, running, *_ = client.updates(ack["id"])
        assert first["content"] == f"Creating video with prompt {echo} - {user} (Waiting to start)"
        assert running["content"] == f"{echo} - {user} (0%) (fast)"
        assert not buttons.cancel(first)
        assert grid["content"] == f"{echo} - {user} (fast)"
        [attachment] = grid["attachments"]
        assert (attachment["content_type"], attachment["width"]) == ("image/webp", 624)
        assert attachment["filename"].endswith(".webp")
        assert buttons.labels(grid) == ["U1", "U2", "U3", "U4", "🔄"]

        ack, clip = await pressed(client, grid, "U2")
        uuid = content.uuid_of(clip)
        assert ack["content"].startswith(f"Upscaling image #2 with {echo}")
        assert clip["content"] == f"{echo} (fast)"
        assert clip["attachments"][0]["filename"] == f"{uuid}_1_720_N.mp4"
        assert clip["attachments"][0]["content_type"] == "video/mp4"
        assert buttons.labels(clip) == ["Extend (High motion)", "Extend (Low motion)"]

        _, longer = await pressed(client, clip, "Extend (Low motion)")
        assert "--motion low" in longer["content"]
        assert buttons.labels(longer) == ["U1", "U2", "U3", "U4", "🔄"]
        _, again = await pressed(client, longer, "🔄")
        for message in (grid, clip, again):
            shown = response.response(message, cdn=client.link.cdn)
            assert [bool(await studio.files.fetch(ux["url"])) for ux in shown["videoUx"]]
            assert len(shown["videoUx"]) == (1 if message is clip else 4)


async def test_turbo_makes_no_clips(studio: Any) -> None:
    async with studio.client() as client:
        parent = await single(client, "a cat")
        await client.told(await client.command("turbo"))
        refusal = await client.acknowledged(await client.press(parent, "Animate (Low motion)"))
        [embed] = refusal["embeds"]
        assert embed["title"] == "Job action restricted"
        assert embed["description"] == "Turbo mode isn't supported for video jobs."


async def test_clip_of_a_picture_by_url(studio: Any) -> None:
    url = "https://example.com/cat.png"
    studio.files.kept[url] = b"a picture", "image/png"
    async with studio.client() as client:
        final = await client.painted(f"{url} waves --video --bs 2")
        assert buttons.labels(final) == ["U1", "U2", "🔄"]
        _, clip = await pressed(client, final, "U2")
        assert clip["attachments"][0]["content_type"] == "video/mp4"


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
