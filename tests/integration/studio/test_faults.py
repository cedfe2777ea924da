"""Trouble to order, by which the way of a 596 can be tried without anybody being in trouble."""

from typing import Any

import pytest

from heliograph.midjourney import buttons, interactions, notices
from heliograph.midjourney.wire import WireRefused
from heliograph.studio.faults import UnknownChannel
from heliograph.studio.link import StudioLink


def kind(message: Any) -> str:
    notice = notices.read(message)
    assert notice is not None
    return notice.kind


async def test_pending_moderation_until_it_is_acknowledged(studio: Any, connect: Any) -> None:
    async with studio.bot() as bot:
        client = connect(await StudioLink.open(bot, "studio"))
        grid = await client.painted("before the trouble")
        await bot.challenge(client.link.channel, "moderation")
        for nonce in (
            await client.imagine("a cat"),
            await client.command("info"),
            await client.run(interactions.prefer, "remix"),
            await client.press(grid, "V1"),
        ):
            refusal = await client.acknowledged(nonce)
            assert kind(refusal) == "channel_error"
            assert refusal["embeds"][0]["title"] == "Pending mod message"
            assert [b.label for b in buttons.offered(refusal)] == ["Acknowledge"]
        assert refusal["referenced_message"]["id"] == grid["id"]

    async with studio.bot() as bot:
        client = connect(await StudioLink.open(bot, "studio"))
        refusal = await client.acknowledged(await client.imagine("after a restart"))
        [button] = buttons.offered(refusal)
        await client.press_id(refusal, button.custom_id)
        edited = await client.until(lambda d: d.type == "MESSAGE_UPDATE")
        assert edited.data["id"] == refusal["id"]
        assert buttons.offered(edited.data)[0].disabled
        await client.painted("after it")
    async with studio.client() as client:
        await client.painted("and after another restart")


async def test_challenge_until_it_is_resolved(studio: Any, connect: Any) -> None:
    async with studio.bot() as bot:
        client = connect(await StudioLink.open(bot, "studio"))
        await bot.challenge(client.link.channel, "challenge")
        nonce = await client.imagine("a cat")
        frame = await client.opened(nonce)
        assert frame.type == "INTERACTION_IFRAME_MODAL_CREATE"
        assert frame.data["title"] == "Action required to continue"
        assert frame.data["iframe_path"].startswith("/captcha/embedded/")
        notice = notices.challenge(frame)
        assert notice is not None
        assert notice.code == 596
        token = frame.data["custom_id"].removeprefix("MJ::iframe::")
        with pytest.raises(WireRefused):
            # It is no form: nothing that is sent to it helps.
            await client.link.submit_inpaint(token, b"\x89PNG\r\n\x1a\n", "")
        assert await client.link.history() == []
        await bot.resolve(client.link.channel)
        await client.painted("after it")


async def test_what_was_begun_goes_on(studio: Any, connect: Any, scripted: Any) -> None:
    painter = scripted()
    async with studio.bot(painter) as bot:
        client = connect(await StudioLink.open(bot, "studio"))
        first, second = [
            await client.acknowledged(await client.imagine(prompt)) for prompt in ("one", "two")
        ]
        await bot.challenge(client.link.channel, "moderation")
        await client.cancel(second)
        painter.go.set()
        await client.final(first["id"])


async def test_others_are_not_troubled(studio: Any, connect: Any) -> None:
    async with studio.bot() as bot:
        mine, other = [connect(await StudioLink.open(bot, token)) for token in ("a", "b")]
        await bot.challenge(mine.link.channel, "moderation")
        await other.painted("undisturbed")
        for wrong in (bot.challenge("1", "moderation"), bot.resolve("1")):
            with pytest.raises(UnknownChannel):
                await wrong
