"""Many jobs at once: order, accounts, repeated nonces, cancellation."""

import asyncio
from typing import Any

import pytest

from heliograph.midjourney import buttons, content, interactions
from heliograph.midjourney.wire import WireRefused
from heliograph.studio import reception
from heliograph.studio.link import StudioLink
from heliograph.studio.painters.base import OrderRefused, PaintingFailed
from heliograph.studio.painters.blank import BlankPainter


async def test_accounts_hear_of_their_own_jobs_only(studio: Any, connect: Any) -> None:
    async with studio.bot(BlankPainter(0.02)) as bot:
        clients = [connect(await StudioLink.open(bot, f"studio-{n}")) for n in range(3)]
        assert len({c.link.user for c in clients} | {c.link.channel for c in clients}) == 6
        nonces: dict[str, list[str]] = {client.link.channel: [] for client in clients}
        for _ in range(4):
            for client in clients:
                nonces[client.link.channel].append(await client.imagine("the same words"))
        uuids = set()
        for client in clients:
            for _ in range(4):
                await client.until(lambda d: d.type == "MESSAGE_DELETE")
            heard = [d.data for d in client.seen]
            acks = [m for m in heard if m.get("nonce") and m.get("type") == 20]
            finals = [m for m in heard if m.get("type") == 0]
            assert [m["nonce"] for m in acks] == nonces[client.link.channel]
            references = {m["message_reference"]["message_id"] for m in finals}
            assert references == {m["id"] for m in acks}
            assert {m.get("channel_id", client.link.channel) for m in heard} == {
                client.link.channel
            }
            uuids |= {content.uuid_of(m) for m in finals}
        assert len(uuids) == 12


async def test_turbo_before_fast_before_relaxed(studio: Any, scripted: Any) -> None:
    painter = scripted()
    async with studio.client(painter) as client:
        await client.imagine("first")
        await painter.begun.wait()
        for word in ("slow --relax", "usual", "quick --turbo", "slower --relax"):
            await client.imagine(word)
        painter.go.set()
        finals = [await client.until(lambda d: d.data.get("type") == 0) for _ in range(5)]
        assert [order.prompt for order in painter.painted] == [
            "first",
            "quick",
            "usual",
            "slow",
            "slower",
        ]
        assert [final.data["content"].rsplit(" ", 1)[1] for final in finals] == [
            "(fast)",
            "(turbo)",
            "(fast)",
            "(relaxed)",
            "(relaxed)",
        ]


async def test_repeated_nonce_does_nothing(studio: Any, scripted: Any) -> None:
    painter = scripted()
    async with studio.client(painter) as client:
        nonce = await client.imagine("once")
        ack = await client.acknowledged(nonce)
        await asyncio.gather(*(client.imagine("once", nonce) for _ in range(3)))
        await painter.begun.wait()
        painter.go.set()
        await client.final(ack["id"])
        await client.imagine("once", nonce)
    async with studio.client(painter) as client:
        await client.imagine("once", nonce)
        assert len(await client.link.history()) == 1
    assert len(painter.painted) == 1


async def test_cancel_while_painting(studio: Any, scripted: Any) -> None:
    painter = scripted()
    async with studio.client(painter) as client:
        ack = await client.acknowledged(await client.imagine("a mistake"))
        await painter.begun.wait()
        command = interactions.message_command("Cancel Job", ack, client.nonce())
        await client.link.interact(command)
        stopped = await client.until(lambda d: "(Stopped)" in d.data.get("content", ""))
        assert content.read(stopped.data["content"]).kind == "stopped"
        await client.link.interact(command)
        await painter.given_up.wait()
        with pytest.raises(WireRefused):
            await client.cancel(ack)
        painter.go.set()
        await client.painted("the next one")
    async with studio.client(painter) as client:
        assert len(await client.link.history()) == 2
    assert len(painter.painted) == 2


async def test_cancel_while_waiting_by_button(studio: Any, scripted: Any) -> None:
    painter = scripted()
    async with studio.client() as client:
        grid = await client.painted("a lighthouse")
    async with studio.client(painter) as client:
        await client.imagine("keeps the painter busy")
        await painter.begun.wait()
        ack = await client.acknowledged(await client.press(grid, "V1"))
        assert buttons.cancel(ack)
        await client.press_id(ack, buttons.cancel(ack))
        stopped = await client.until(lambda d: "(Stopped)" in d.data.get("content", ""))
        assert stopped.data["id"] == ack["id"]
        assert stopped.data["components"] == []
        painter.go.set()
        await client.painted("after it")
    assert [order.operation for order in painter.painted] == ["imagine", "imagine"]


async def test_others_cannot_cancel(studio: Any, scripted: Any, connect: Any) -> None:
    painter = scripted()
    async with studio.bot(painter) as bot:
        mine, other = [connect(await StudioLink.open(bot, token)) for token in ("a", "b")]
        ack = await mine.acknowledged(await mine.imagine("mine"))
        with pytest.raises(WireRefused) as refusal:
            await other.cancel(ack | {"channel_id": other.link.channel})
        assert refusal.value.body["code"] == 10008
        painter.go.set()
        await mine.final(ack["id"])


async def test_full_queue(studio: Any, scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reception, "MOST_QUEUED", 2)
    painter = scripted()
    async with studio.client(painter) as client:
        for prompt in ("one", "two"):
            await client.acknowledged(await client.imagine(prompt))
        refusal = await client.acknowledged(await client.imagine("three"))
        assert refusal["embeds"][0]["title"] == "Queue full"
        painter.go.set()
        await client.until(lambda d: d.data.get("type") == 0)
        await client.until(lambda d: d.data.get("type") == 0)
        await client.acknowledged(await client.imagine("three"))


@pytest.mark.parametrize(
    ("error", "title", "text"),
    [
        (PaintingFailed("broken"), "Sorry, something went wrong", "The job encountered an error"),
        (RuntimeError("a bug"), "Sorry, something went wrong", "The job encountered an error"),
        (OrderRefused("No such scene."), "Invalid request", "No such scene."),
    ],
)
async def test_failures_reply_to_the_progress_message(
    studio: Any, scripted: Any, error: Exception, title: str, text: str
) -> None:
    painter = scripted(error=error)
    async with studio.client(painter) as client:
        ack = await client.acknowledged(await client.imagine("a failure"))
        painter.go.set()
        reply = await client.until(lambda d: bool(d.data.get("embeds")))
        stopped = await client.until(lambda d: "(Stopped)" in d.data.get("content", ""))
        [embed] = reply.data["embeds"]
        assert embed["title"] == title
        assert embed["description"].startswith(text)
        assert reply.data["message_reference"]["message_id"] == ack["id"]
        assert stopped.data["id"] == ack["id"]
        painter.error = None
        await client.painted("works again")
