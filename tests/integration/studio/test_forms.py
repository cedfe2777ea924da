"""Presses that open a form or a frame, with remix mode and without."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from heliograph.midjourney import content, interactions
from heliograph.midjourney.wire import Message, WireRefused
from heliograph.studio.link import StudioLink

PROMPT = "a sailing boat --ar 3:2"
ECHO = "a sailing boat --ar 3:2 --v 7.0 --s 250"


async def remix(client: Any) -> None:
    await client.told(await client.run(interactions.prefer, "remix"))


async def parents(client: Any) -> tuple[Message, Message]:
    """A grid, and a picture out of it."""
    grid = await client.painted(PROMPT)
    await client.press(grid, "U1")
    return grid, await client.final(grid["id"])


def mask(size: tuple[int, int], format: str = "PNG") -> bytes:
    out = BytesIO()
    picture = Image.new("L", size, 0)
    picture.paste(255, (0, 0, size[0] // 2, size[1]))
    picture.save(out, format)
    return out.getvalue()


# The button, whether it stands under the grid, and what the facts say of its form.
REMIXED = [
    ("variation::2", True, "MJ::RemixModal::{uuid}::2::1", "MJ::RemixModal::new_prompt"),
    ("reroll", True, "MJ::ImagineModal::{message}", "MJ::ImagineModal::new_prompt"),
    ("low_variation", False, "MJ::RemixModal::{uuid}::1::0", "MJ::RemixModal::new_prompt"),
    ("high_variation", False, "MJ::RemixModal::{uuid}::1::1", "MJ::RemixModal::new_prompt"),
    ("pan_left", False, "MJ::PanModal::left::{uuid}::1", "MJ::PanModal::prompt"),
    ("pan_down", False, "MJ::PanModal::down::{uuid}::1", "MJ::PanModal::prompt"),
]


@pytest.mark.parametrize(("button", "under_grid", "modal", "field"), REMIXED)
async def test_remix_opens_a_form(
    studio: Any, button: str, under_grid: bool, modal: str, field: str
) -> None:
    async with studio.client() as client:
        grid, single = await parents(client)
        parent = grid if under_grid else single
        await remix(client)
        nonce = await client.press_id(parent, client.custom_id(parent, f"::{button}::"))
        form = await client.opened(nonce)

        *_, created, success = [d for d in client.seen if d.type.startswith("INTERACTION_")][:-1]
        assert (created.type, success.type) == ("INTERACTION_CREATE", "INTERACTION_SUCCESS")
        assert form.type == "INTERACTION_MODAL_CREATE"
        assert form.data["id"] == created.data["id"] == success.data["id"]
        assert form.data["nonce"] == created.data["nonce"] == nonce
        expected = modal.format(uuid=content.uuid_of(parent), message=parent["id"])
        assert form.data["custom_id"] == expected
        [row] = form.data["components"]
        [text] = row["components"]
        assert (text["custom_id"], text["value"]) == (field, ECHO)

        ack = await client.acknowledged(await client.submit(form, "a rowing boat"))
        metadata = ack["interaction_metadata"]
        assert metadata["type"] == 5
        opener = metadata["triggering_interaction_metadata"]
        assert (opener["id"], opener["type"]) == (form.data["id"], 3)
        assert metadata["id"] != opener["id"]
        assert opener["interacted_message_id"] == parent["id"]
        final = await client.final(parent["id"])
        assert content.read(final["content"]).prompt.startswith("a rowing boat")


async def test_form_sent_as_it_came_changes_nothing(studio: Any) -> None:
    async with studio.client() as client:
        grid, _ = await parents(client)
        await remix(client)
        form = await client.opened(await client.press(grid, "V3"))
        await client.submit(form)
        final = await client.final(grid["id"])
        assert content.read(final["content"]).prompt == ECHO
        history = {message["id"]: message for message in await client.link.history()}
        styles = {
            button.get("label"): button["style"]
            for row in history[grid["id"]]["components"]
            for button in row["components"]
        }
        assert (styles["V3"], styles["V2"]) == (1, 2)


async def test_without_remix_nothing_is_asked(studio: Any) -> None:
    async with studio.client() as client:
        grid, single = await parents(client)
        for parent, part in ((grid, "variation::2"), (single, "pan_left"), (grid, "reroll")):
            await client.asked(parent, client.custom_id(parent, f"::{part}::"))
            await client.final(parent["id"])
        assert all("MODAL" not in d.type for d in client.seen)


async def test_custom_zoom_asks_always(studio: Any) -> None:
    async with studio.client() as client:
        _, single = await parents(client)
        nonce = await client.press(single, "Custom Zoom")
        form = await client.opened(nonce)
        uuid = content.uuid_of(single)
        assert form.data["custom_id"] == f"MJ::OutpaintCustomZoomModal::{uuid}"
        [text] = form.data["components"][0]["components"]
        assert text["custom_id"] == "MJ::OutpaintCustomZoomModal::prompt"
        assert text["value"] == f"{ECHO} --zoom 2"
        await client.submit(form, f"{ECHO} --zoom 1.8")
        assert "Zoom Out by" in (await client.final(single["id"]))["content"]

        form = await client.opened(await client.press(single, "Custom Zoom"))
        refusal = await client.acknowledged(await client.submit(form, f"{ECHO} --zoom 9"))
        assert refusal["embeds"][0]["title"] == "Invalid parameter"
        assert refusal["type"] == 19


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
@pytest.mark.parametrize("remixed", [True, False])
async def test_region(studio: Any, scripted: Any, format: str, remixed: bool) -> None:
    painter = scripted()
    painter.go.set()
    async with studio.client(painter) as client:
        _, single = await parents(client)
        if remixed:
            await remix(client)
        nonce = await client.press(single, "Vary (Region)")
        frame = await client.opened(nonce)
        assert (frame.type, frame.data["title"]) == ("INTERACTION_IFRAME_MODAL_CREATE", "Inpaint")
        token = frame.data["custom_id"].removeprefix("MJ::iframe::")
        size = (single["attachments"][0]["width"], single["attachments"][0]["height"])
        await client.link.submit_inpaint(token, mask(size, format), "a red sail")
        ack = await client.acknowledged(nonce)
        assert ack["interaction_metadata"]["id"] == frame.data["id"]
        final = await client.final(single["id"])
        assert "(Region) by" in final["content"]
        order = painter.painted[-1]
        assert order.operation == "repaint"
        assert order.prompt == ("a red sail" if remixed else "a sailing boat")
        kept = await studio.files.fetch(order.sources[1])
        assert Image.open(BytesIO(kept)).format == format
        with pytest.raises(WireRefused) as again:
            await client.link.submit_inpaint(token, mask(size), "")
        assert again.value.status == 404


async def test_region_takes_pictures_only(studio: Any) -> None:
    async with studio.client() as client:
        _, single = await parents(client)
        frame = await client.opened(await client.press(single, "Vary (Region)"))
        token = frame.data["custom_id"].removeprefix("MJ::iframe::")
        for refused in ("", "0" * 32):
            with pytest.raises(WireRefused):
                await client.link.submit_inpaint(refused, mask((64, 64)), "")
        with pytest.raises(WireRefused):
            await client.link.submit_inpaint(token, b"GIF89a", "")
        await client.link.submit_inpaint(token, mask((1344, 896)), "")
        await client.final(single["id"])


async def test_forms_are_answered_once_and_survive_a_restart(studio: Any) -> None:
    async with studio.client() as client:
        grid, _ = await parents(client)
        await remix(client)
        form = await client.opened(await client.press(grid, "V1"))
    async with studio.client() as client:
        await client.submit(form, "a rowing boat")
        final = await client.final(grid["id"])
        assert "a rowing boat" in final["content"]
        with pytest.raises(WireRefused) as again:
            await client.submit(form, "a raft")
        assert (again.value.status, again.value.body["code"]) == (404, 10062)


async def test_forms_lapse(studio: Any) -> None:
    times = [1_800_000_000.0]
    async with studio.client(clock=lambda: times[0]) as client:
        grid, single = await parents(client)
        await remix(client)
        form = await client.opened(await client.press(grid, "V1"))
        frame = await client.opened(await client.press(single, "Vary (Region)"))
        times[0] += 15 * 60 + 1
        with pytest.raises(WireRefused):
            await client.submit(form, "too late")
        token = frame.data["custom_id"].removeprefix("MJ::iframe::")
        with pytest.raises(WireRefused):
            await client.link.submit_inpaint(token, mask((1344, 896)), "")


async def test_others_cannot_answer(studio: Any, connect: Any) -> None:
    async with studio.bot() as bot:
        mine, other = [connect(await StudioLink.open(bot, token)) for token in ("a", "b")]
        grid, single = await parents(mine)
        await remix(mine)
        form = await mine.opened(await mine.press(grid, "V1"))
        frame = await mine.opened(await mine.press(single, "Vary (Region)"))
        payload = interactions.submit(form.data, "theirs", other.nonce())
        with pytest.raises(WireRefused):
            await other.link.interact(payload | {"channel_id": other.link.channel})
        token = frame.data["custom_id"].removeprefix("MJ::iframe::")
        with pytest.raises(WireRefused):
            await other.link.submit_inpaint(token, mask((1344, 896)), "")
        wrong = form.data | {"custom_id": "MJ::RemixModal::another"}
        with pytest.raises(WireRefused):
            await mine.link.interact(interactions.submit(wrong, "x", mine.nonce()))
