"""Uploads: where they are kept, how commands name them; and what a description offers."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from heliograph.midjourney import interactions
from heliograph.midjourney.interactions import File
from heliograph.midjourney.wire import Dispatch, Message, WireRefused


def picture(color: str, size: tuple[int, int] = (320, 180)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, color).save(out, "PNG")
    return out.getvalue()


async def uploaded(client: Any, name: str, color: str) -> File:
    return File(name, await client.link.upload(name, picture(color), "image/png"))


async def described(client: Any, nonce: str) -> tuple[Message, Message]:
    ack = await client.acknowledged(nonce)

    def done(dispatch: Dispatch) -> bool:
        return dispatch.data.get("id") == ack["id"] and bool(dispatch.data.get("embeds"))

    return ack, (await client.until(done)).data


async def test_uploads_are_kept_under_names_nobody_guesses(studio: Any) -> None:
    async with studio.client() as client:
        names = [(await uploaded(client, "../a cat?.png", "red")).uploaded for _ in range(2)]
        assert len(set(names)) == 2
        for name in names:
            secret, _, filename = name.partition("/")
            assert len(secret) == 32
            assert filename == "a_cat_.png"
            assert await studio.files.fetch(f"/media/{name}") == picture("red")


async def test_an_upload_is_served_as_what_it_was_sent_as(studio: Any) -> None:
    async with studio.client() as client:
        name = await client.link.upload("page.html", b"<script>", "text/html")
        assert name.endswith("/page.bin")


async def test_prompts_of_a_description_can_be_imagined(studio: Any) -> None:
    async with studio.client() as client:
        file = await uploaded(client, "red.png", "red")
        _, told = await described(client, await client.run(interactions.describe, file))
        second = told["embeds"][0]["description"].split("\n\n")[1].partition(" ")[2]
        words = second.partition(" --")[0]
        ack = await client.asked(told, "MJ::Job::PicReader::2")
        assert words in ack["content"]
        await client.final(told["id"])

        await client.press_id(told, "MJ::Job::PicReader::all")
        for _ in range(4):
            await client.final(told["id"])

        await client.told(await client.run(interactions.prefer, "remix"))
        form = await client.opened(await client.press_id(told, "MJ::Job::PicReader::2"))
        assert form.data["custom_id"] == "MJ::Picreader::Modal::2"
        [text] = form.data["components"][0]["components"]
        assert text["custom_id"] == "MJ::Picreader::Modal::PromptField"
        assert text["value"] == second
        ack = await client.acknowledged(await client.submit(form, "a better prompt"))
        assert "a better prompt" in ack["content"]

        _, again = await described(client, await client.press_id(told, "MJ::Picread::Retry"))
        assert again["id"] != told["id"]


@pytest.mark.parametrize("id", ["0", 0, 7, 1_700_000_000_123])
async def test_options_name_attachments_by_any_id(studio: Any, id: str | int) -> None:
    async with studio.client() as client:
        file = await uploaded(client, "red.png", "red")
        nonce = client.nonce()
        payload = interactions.describe(client.link.channel, file, nonce)
        payload["data"]["attachments"][0]["id"] = id
        payload["data"]["options"][0]["value"] = str(id)
        await client.link.interact(payload)
        await described(client, nonce)


async def test_pictures_that_were_not_brought(studio: Any) -> None:
    async with studio.client() as client:
        known = await uploaded(client, "red.png", "red")
        for unknown in ("0" * 32 + "/red.png", "cdn/x/0_0.jpeg", "../../studio.db", ""):
            files = [known, File("red.png", unknown)]
            with pytest.raises(WireRefused) as refusal:
                await client.run(interactions.blend, files, "Square")
            assert refusal.value.body["code"] == 50146
        with pytest.raises(WireRefused) as refusal:
            await client.run(interactions.blend, [known], "Square")
        assert refusal.value.body["code"] == 50035
        for link in ("no link", "ftp://example.com/a.png", "https://", "http://[::1"):
            answer = await client.acknowledged(await client.run(interactions.describe, link))
            assert answer["embeds"][0]["title"] == "Invalid link"
        assert studio.files.kept.keys() == {f"/media/{known.uploaded}"}
