"""Commands that paint nothing: what they answer, against the recordings, and what they change."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from heliograph.midjourney import content, interactions, notices, panel
from heliograph.midjourney.wire import Message, WireRefused
from heliograph.studio.link import StudioLink
from heliograph.studio.painters.blank import BlankPainter
from tests.golden import differences

# What the API adds to a message, or copies within it.
OF_THE_API = {"settings", "content"}


def recorded(shared: Path, verb: str) -> tuple[Message, Message]:
    """The answer as it began and as it was, of a recording."""
    path = shared / "spec" / "examples" / f"post-midjourney-jobs-{verb}.sse.jsonl"
    events = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    first, last = [e["job"]["response"] for e in events if "response" in e.get("job", {})]
    return first, {key: value for key, value in last.items() if key not in OF_THE_API}


@pytest.mark.parametrize(
    "verb", ["info", "settings", "fast", "relax", "turbo", "remix", "variability"]
)
async def test_answers_are_those_of_the_recordings(studio: Any, shared: Path, verb: str) -> None:
    began, ended = recorded(shared, verb)
    async with studio.client() as client:
        if verb in ("remix", "variability"):
            nonce = await client.run(interactions.prefer, verb)
        else:
            nonce = await client.command(verb)
        first, last = await client.told(nonce)
    assert differences(began, first) == []
    assert differences(ended, last) == []
    assert (first["flags"], first["content"], first["type"]) == (192, "", 20)
    assert (last["flags"], "nonce" in last) == (64, False)
    assert first["interaction_metadata"]["name"] == ended["interaction_metadata"]["name"]


async def test_private_answers_are_not_in_the_history(studio: Any) -> None:
    async with studio.client() as client:
        await client.told(await client.command("info"))
        await client.told(await client.command("settings"))
        assert await client.link.history() == []


@pytest.mark.parametrize("mode", ["fast", "relax", "turbo"])
async def test_mode_holds_for_what_follows(studio: Any, mode: str) -> None:
    async with studio.client() as client:
        _, said = await client.told(await client.command(mode))
        assert panel.read(said, mode) == {name: name == mode for name in ("fast", "relax", "turbo")}
        final = await client.painted("a ship")
        assert final["content"].endswith(f"({'relaxed' if mode == 'relax' else mode})")
        assert content.read((await client.painted("a ship --fast"))["content"]).mode == "fast"
    async with studio.client() as client:
        _, said = await client.told(await client.command("info"))
        assert panel.read(said, "info")[mode] is True


@pytest.mark.parametrize(
    ("what", "begins"), [("remix", "Remix mode"), ("variability", "Strong variability mode")]
)
async def test_prefer_switches_to_and_fro(studio: Any, what: str, begins: str) -> None:
    async with studio.client() as client:
        states = []
        for _ in range(2):
            _, said = await client.told(await client.run(interactions.prefer, what))
            assert said["content"].startswith(begins)
            states.append(panel.read(said, what)[what])
        # A new account has strong variations, and no remix mode.
        assert states == ([True, False] if what == "remix" else [False, True])
        nonce = await client.run(interactions.prefer, what)
        _, said = await client.told(nonce)
        payload = interactions.prefer(client.link.channel, what, nonce)
        await client.link.interact(payload)
        _, shown = await client.told(await client.command("settings"))
        assert panel.read(shown, "settings")[what] is states[0], "a repeated nonce switched again"


async def test_two_switches_at_once_leave_it_as_it_was(studio: Any) -> None:
    async with studio.client() as client:
        await asyncio.gather(*(client.run(interactions.prefer, "remix") for _ in range(4)))
        _, shown = await client.told(await client.command("settings"))
        assert panel.read(shown, "settings")["remix"] is False


async def test_suffix_of_ones_own(studio: Any) -> None:
    async with studio.client() as client:

        async def prefer(value: str) -> Message:
            payload = interactions.prefer(client.link.channel, "suffix", nonce := client.nonce())
            new = {"type": 3, "name": "new_value", "value": value}
            payload["data"]["options"][0]["options"] = [new]
            await client.link.interact(payload)
            answer: Message = await client.acknowledged(nonce)
            return answer

        await prefer("--ar 3:2  --chaos 5")
        _, shown = await client.told(await client.command("settings"))
        assert panel.read(shown, "settings")["suffix"] == "--v 7 --s 250 --ar 3:2 --chaos 5"
        final = await client.painted("a ship --chaos 9")
        assert "**a ship --ar 3:2 --v 7.0 --s 250 --chaos 9**" in final["content"]
        refusal = await prefer("--sparkle 5")
        assert refusal["embeds"][0]["title"] == "Invalid parameter"
        await prefer("")
        assert "**a boat --v 7.0 --s 250**" in (await client.painted("a boat"))["content"]


PRESSES = [
    ("Style::raw", "--v 7 --s 250 --raw", {"raw": True}),
    ("Stylization::50", "--v 7 --s 50", {"stylize": 50}),
    ("Stylization::100", "--v 7 --s 100", {"stylize": 100}),
    ("Stylization::750", "--v 7 --s 750", {"stylize": 750}),
    ("PersonalizedStyle", "--v 7 --s 250 --p", {"personalization": True}),
    ("PrivateMode::off", "--v 7 --s 250", {"public": False}),
    ("RemixMode", "--v 7 --s 250", {"remix": True}),
    ("HighVariabilityMode::0", "--v 7 --s 250", {"variability": False}),
    ("TurboMode", "--v 7 --s 250", {"turbo": True, "fast": False}),
    ("RelaxMode", "--v 7 --s 250", {"relax": True, "fast": False}),
]
NEW = {
    "version": "7",
    "raw": False,
    "stylize": 250,
    "personalization": False,
    "public": True,
    "remix": False,
    "variability": True,
    "turbo": False,
    "fast": True,
    "relax": False,
}


@pytest.mark.parametrize(("name", "suffix", "changed"), PRESSES)
async def test_panel_buttons(
    studio: Any, name: str, suffix: str, changed: dict[str, object]
) -> None:
    async with studio.client() as client:
        _, shown = await client.told(await client.command("settings"))
        assert panel.read(shown, "settings") == NEW | {"suffix": "--v 7 --s 250"}
        await client.press_id(shown, f"MJ::Settings::{name}")
        edited = (await client.until(lambda d: d.type == "MESSAGE_UPDATE")).data
        assert (edited["id"], edited["flags"]) == (shown["id"], 64)
        assert panel.read(edited, "settings") == NEW | changed | {"suffix": suffix}
    async with studio.client() as client:
        _, again = await client.told(await client.command("settings"))
        assert panel.read(again, "settings") == NEW | changed | {"suffix": suffix}
        await client.press_id(again, "MJ::Settings::ResetSettings")
        edited = (await client.until(lambda d: d.type == "MESSAGE_UPDATE")).data
        assert panel.read(edited, "settings") == NEW | {"suffix": "--v 7 --s 250"}


@pytest.mark.parametrize(
    ("value", "suffix", "echo"),
    [
        ("6.1", "--v 6.1 --s 250", "--v 6.1 --s 250"),
        ("niji 6", "--niji 6 --s 250", "--niji 6 --s 250"),
        ("default", "--v 7 --s 250", "--v 7.0 --s 250"),
    ],
)
async def test_panel_menu(studio: Any, value: str, suffix: str, echo: str) -> None:
    async with studio.client() as client:
        _, shown = await client.told(await client.command("settings"))
        await client.press_id(shown, "MJ::Settings::VersionSelector", [value])
        edited = (await client.until(lambda d: d.type == "MESSAGE_UPDATE")).data
        assert panel.read(edited, "settings")["suffix"] == suffix
        assert f"**a ship {echo}**" in (await client.painted("a ship"))["content"]
        for values in ([], ["12"], ["6", "5"]):
            with pytest.raises(WireRefused):
                await client.press_id(shown, "MJ::Settings::VersionSelector", values)


async def test_stealth_is_said(studio: Any) -> None:
    async with studio.client() as client:
        _, shown = await client.told(await client.command("settings"))
        await client.press_id(shown, "MJ::Settings::PrivateMode::off")
        assert (await client.painted("a ship"))["content"].endswith("(fast, stealth)")
        _, info = await client.told(await client.command("info"))
        assert "**Visibility Mode**: Stealth" in info["embeds"][0]["description"]


async def test_info_counts(studio: Any, scripted: Any) -> None:
    async with studio.client(BlankPainter(0.05)) as client:
        await client.painted("one --turbo")
        await client.painted("two")
        await client.painted("three --relax")
    painter = scripted()
    async with studio.client(painter) as client:
        await client.acknowledged(await client.imagine("a first"))
        await client.until(lambda d: "(40%)" in d.data.get("content", ""))
        for prompt in ("a second", "a third --relax"):
            await client.acknowledged(await client.imagine(prompt))
        _, info = await client.told(await client.command("info"))
    facts = dict(
        line.split(": ", 1) for line in info["embeds"][0]["description"].splitlines() if line
    )
    assert facts["**Lifetime Usage**"] == "12 images"
    assert facts["**Fast Usage**"] == facts["**Turbo Usage**"] == "4 images"
    assert facts["**Relaxed Usage**"] == "4 images"
    assert facts["**Queued Jobs (fast)**"] == facts["**Queued Jobs (relax)**"] == "1"
    assert facts["**Running Jobs**"] == "1"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", facts["**User ID**"])
    hours = r"[\d.]+/15\.0 hours \([\d.]+%\)"
    assert re.fullmatch(hours, facts["**Fast Time Remaining**"])
    plan = r"([A-Za-z\s]+) \(([A-Za-z\s]+), renews next on <t:(\d+)>\)"
    assert re.fullmatch(plan, facts["**Subscription**"])


async def test_show(studio: Any) -> None:
    async with studio.client() as client:
        grid = await client.painted("a lighthouse")
        nonce = await client.run(interactions.show, content.uuid_of(grid))
        ack = await client.acknowledged(nonce)
        assert (ack["content"], ack["flags"]) == ("Displaying...", 0)
        again = await client.final(ack["id"])
        for key in ("content", "attachments", "components"):
            assert again[key] == grid[key]
        assert again["id"] > grid["id"]
        newest, *_ = await client.link.history()
        assert (newest["id"], newest["nonce"]) == (again["id"], nonce)
        await client.press(again, "U2")
        assert "Image #2" in (await client.final(again["id"]))["content"]


async def test_show_of_nothing(studio: Any, connect: Any) -> None:
    async with studio.bot() as bot:
        mine, other = [connect(await StudioLink.open(bot, token)) for token in ("a", "b")]
        grid = await mine.painted("mine alone")
        for client, uuid in ((mine, "nonsense"), (other, content.uuid_of(grid))):
            refusal = await client.acknowledged(await client.run(interactions.show, uuid))
            notice = notices.read(refusal)
            assert notice is not None
            assert notice.kind == "job_error"
