"""What the bot does not take up, and what Discord itself would not."""

from typing import Any

import pytest

from heliograph.midjourney import interactions, notices
from heliograph.midjourney.wire import WireRefused


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("a cat --hat", "Invalid parameter"),
        ("a cat --ar 9:1", "Invalid parameter"),
        ("a cat --repeat 4", "Invalid parameter"),
        ("waves --video", "Invalid parameter"),
        ("a cat --oref https://example.com/cat.png", "Invalid parameter"),
        ("--ar 3:2", "Empty prompt"),
    ],
)
async def test_prompt_is_refused_with_an_embed(studio: Any, prompt: str, title: str) -> None:
    async with studio.client() as client:
        refusal = await client.acknowledged(await client.imagine(prompt))
        [embed] = refusal["embeds"]
        assert embed["title"] == title
        assert embed["color"] == 16711680
        assert embed["footer"] == {"text": f"/imagine {prompt}"}
        assert [d.type for d in client.seen] == [
            "INTERACTION_CREATE",
            "INTERACTION_SUCCESS",
            "MESSAGE_CREATE",
        ]
        notice = notices.read(refusal)
        assert notice
        assert notice.kind == "job_error"
        assert [m["id"] for m in await client.link.history()] == [refusal["id"]]
        await client.painted("and the next one is painted")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"application_id": "1"}, 10002),
        ({"channel_id": "1"}, 10003),
        ({"data": {"name": "dance", "type": 1}}, 50035),
        ({"data": {"name": "imagine", "type": 1, "options": []}}, 50035),
        ({"data": None}, 50035),
        ({"type": 9}, 50035),
        ({"nonce": "1" * 30}, 50035),
        ({"type": 2, "data": {"name": "Cancel Job", "type": 3, "target_id": "x"}}, 10008),
        ({"type": 3, "message_id": "9" * 30, "data": {"custom_id": "MJ::x"}}, 10008),
        ({"type": 3, "message_id": "9" * 19, "data": {"custom_id": "MJ::x"}}, 10008),
    ],
)
async def test_discord_refuses(studio: Any, change: dict[str, Any], code: int) -> None:
    async with studio.client() as client:
        payload = interactions.imagine(client.link.channel, "a cat", client.nonce())
        with pytest.raises(WireRefused) as refusal:
            await client.link.interact(payload | change)
        assert refusal.value.status == 400
        assert refusal.value.body["code"] == code
        assert await client.link.history() == []


async def test_nonce_and_what_we_ignore_are_optional(studio: Any) -> None:
    async with studio.client() as client:
        payload = interactions.imagine(client.link.channel, "a cat", "x")
        del payload["nonce"]
        payload["data"]["version"] = "1077969938624553050"
        for _ in range(2):
            await client.link.interact(payload)
        for _ in range(2):
            await client.until(lambda d: d.data.get("type") == 0)
        assert all("nonce" not in d.data for d in client.seen if d.data.get("type") == 20)


async def test_banned_prompt(studio: Any) -> None:
    async with studio.client() as client:
        refusal = await client.acknowledged(await client.imagine("a naked man on a horse"))
        notice = notices.read(refusal)
        assert notice
        assert (notice.kind, notice.title, notice.code) == (
            "moderated",
            "Banned prompt detected",
            422,
        )
        assert refusal["embeds"][0]["footer"] == {"text": "/imagine a naked man on a horse"}
        grid = await client.painted("a man on a horse")

        await client.told(await client.run(interactions.prefer, "remix"))
        form = await client.opened(await client.press(grid, "V1"))
        refusal = await client.acknowledged(await client.submit(form, "a naked man"))
        assert refusal["embeds"][0]["title"] == "Banned prompt detected"
        assert refusal["referenced_message"]["id"] == grid["id"]
        with pytest.raises(WireRefused):
            await client.submit(form, "a man")
