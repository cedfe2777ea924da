"""The bot dies and lives again: the queue goes on, nothing is doubled, old buttons work."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

from heliograph.midjourney import content, interactions
from heliograph.studio.painters.blank import BlankPainter

PROMPTS = ["one", "two", "three", "four"]


async def killed_while_painting(folder: Path) -> None:
    """Lets a bot take four jobs and paint at them for a while, then kills it."""
    script = Path(__file__).with_name("living_bot.py")
    bot = await asyncio.create_subprocess_exec(
        sys.executable,
        script,
        folder,
        *PROMPTS,
        stdout=PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert bot.stdout
    async with asyncio.timeout(30):
        while "(37%)" not in (line := (await bot.stdout.readline()).decode()):
            assert line, "the bot ended by itself"
    bot.kill()
    await bot.communicate()


def percent(message: dict[str, Any]) -> int:
    return content.read(message["content"]).percent or 0


async def test_kill_while_painting(studio: Any, tmp_path: Path) -> None:
    await killed_while_painting(tmp_path)
    async with studio.client(BlankPainter(0.2, slots=2), update_seconds=0.01) as client:
        before = {message["id"]: message for message in await client.link.history()}
        assert len(before) == 4
        assert [m["nonce"] for m in before.values()] == [f"{n:019}" for n in (3, 2, 1, 0)]
        for n, prompt in enumerate(PROMPTS):
            # What a client that doubts does; the bot knows better.
            payload = interactions.imagine(client.link.channel, prompt, f"{n:019}")
            await client.link.interact(payload)
        finals = [(await client.until(lambda d: d.data.get("type") == 0)).data for _ in PROMPTS]
        last_gone = await client.next()
        assert last_gone.type == "MESSAGE_DELETE"

        assert {m["message_reference"]["message_id"] for m in finals} == before.keys()
        assert len({content.uuid_of(m) for m in finals}) == 4
        for id, message in before.items():
            shown = [percent(message), *map(percent, client.updates(id))]
            assert shown == sorted(shown)
        assert max(percent(message) for message in before.values()) >= 37
        history = await client.link.history()
        assert {m["id"] for m in history} == {m["id"] for m in finals}

    async with studio.client() as client:
        await client.press(finals[0], "U2")
        await client.final(finals[0]["id"])
        await client.press(finals[1], "V3")
        await client.final(finals[1]["id"])


async def test_same_order_after_a_restart(studio: Any, scripted: Any) -> None:
    first, second = scripted(), scripted(percent=10)
    async with studio.client(first) as client:
        ack = await client.acknowledged(await client.imagine("a fox --seed 7"))
        await client.until(lambda d: "(40%)" in d.data.get("content", ""))
    assert first.given_up.is_set()
    second.go.set()
    async with studio.client(second) as client:
        await client.final(ack["id"])
        updates = client.updates(ack["id"])
    assert first.painted == second.painted
    assert all("(40%)" in update["content"] for update in updates)


async def test_ids_grow_over_a_restart_with_the_clock_set_back(studio: Any) -> None:
    async with studio.client(clock=lambda: 1_800_000_000.0) as client:
        first = await client.painted("now")
    async with studio.client(clock=lambda: 1_700_000_000.0) as client:
        second = await client.painted("before")
    assert int(second["id"]) > int(first["id"])


async def test_closing_while_painting_is_prompt(studio: Any, scripted: Any) -> None:
    painter = scripted(slots=4)
    async with asyncio.timeout(3):
        async with studio.client(painter) as client:
            for n in range(6):
                await client.imagine(f"number {n}")
            await painter.begun.wait()
    async with studio.client() as client:
        for _ in range(6):
            await client.until(lambda d: d.data.get("type") == 0)
