"""What a caller sees is the same over both upstreams, event by event, but for ids and times.

The script does everything that the v3 pages offer, so this is also where all verbs and buttons go
over the network.
"""

import base64
import json
import re
from pathlib import Path
from typing import Any

import httpx2

from tests.contract_table import REPLY, post
from tests.integration.conftest import TOKEN, Running, Serve, running
from tests.integration.labels import (
    ANIMATED,
    CHANGES,
    ENLARGED,
    EXTENDED,
    GRID,
    OLD,
    REEL,
    REGION,
    VARIED,
    of_the_page,
)
from tests.integration.pressing import opened, small
from tests.integration.states import Calls, square_mask
from tests.integration.wires import Network, both_wires

Job = dict[str, Any]

SETTINGS = ["settings", "info", "fast", "relax", "turbo", "fast", "variability", "variability"]
REFUSED = {"a hentai cat": 422, "a cat --fluffy 3": 400, "a cat --ar 0:0": 400}
OTHER = "a castle in the desert"

TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)|\b\d\d:\d\d:\d\d\.\d{3}|<t:\d+:\w>")
# Addresses, down to the file's name.
URL = re.compile(r'https?://127\.[^\s"<>]*/([^\s"/?<>]+)[^\s"<>]*')
SEED = re.compile(r'(?<=\*\*seed\*\* )\d+|(?<="seed": )\d+')
ID = re.compile(
    r"j\d{19}[iv]?-u\d+-c\d+-bot:midjourney|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|\d{15,}"
    r"|\b[\da-f]{32}\b"
)
# Our own bot calls its user after the server, the sandbox its users by their numbers.
NAME = re.compile(r'\b(?:heliograph|tester_1)(?=_|")')


class Script:
    """A user who does everything once, and writes down what the streams tell: `told` has a line
    for each line of each event, in which ids are numbered as they are met."""

    def __init__(self, calls: Calls) -> None:
        self.told: list[str] = []
        self.pressed: set[str] = set()
        self._calls = calls
        self._numbers: dict[str, str] = {}

    async def play(self) -> None:
        for verb in SETTINGS:
            await self.job(verb, {})
        grid = await self.job("imagine", {"prompt": "a lighthouse --ar 3:2"})
        for label in GRID:
            await self.press(grid, label)
        single = await self.press(grid, "U1")
        for label in CHANGES:
            await self.press(single, label)
        await self.clips(single)
        for version in ENLARGED:
            await self.enlarged(version)
        old = await self.press(await self.job("imagine", {"prompt": "an owl --v 3"}), "U3")
        for label in OLD:
            await self.press(old, label)
        await self.job("seed", {"jobId": grid["jobid"]})
        await self.job("blend", {"blendDimensions": "Portrait"}, "imageBlob_1", "imageBlob_2")
        await self.job("describe", {}, "imageBlob")
        await self.remixed(grid, single)
        await self.refused()

    async def clips(self, single: Job) -> None:
        reel = await self.press(single, ANIMATED[0])
        clips = [await self.press(reel, label) for label in REEL]
        for label in EXTENDED:
            await self.press(clips[1], label)

    async def enlarged(self, version: str) -> None:
        grid = await self.job("imagine", {"prompt": f"a lighthouse --v {version}"})
        single = await self.press(grid, "U2")
        for label in ENLARGED[version]:
            await self.press(await self.press(single, label), f"Redo {label}")

    async def remixed(self, grid: Job, single: Job) -> None:
        await self.job("remix", {})
        for label in ("V2", "🔄"):
            await self.press(grid, label, prompt=OTHER)
        for label in (*VARIED, REGION, "➡️"):
            varied = await self.press(single, label, prompt=OTHER)
            assert OTHER in varied["response"]["content"]
        await self.job("remix", {})

    async def refused(self) -> None:
        """Words and parameters that the bot refuses, and last a channel that needs a person."""
        for prompt, code in REFUSED.items():
            assert (await self.job("imagine", {"prompt": prompt}))["code"] == code
        await self._calls.server.wire.bar(self._calls.post, await self._calls.channel())
        assert (await self.job("imagine", {"prompt": "a cat"}))["code"] == 596

    async def press(self, parent: Job, label: str, **more: Any) -> Job:
        if label == "Custom Zoom":
            more["prompt"] = "a lighthouse --ar 2:1 --zoom 1.25"
        if label == REGION:
            file = parent["response"]["attachments"][0]
            mask = square_mask((file["width"], file["height"]))
            more["mask"] = base64.b64encode(mask).decode()
        job = await self.job("button", {"jobId": parent["jobid"], "button": label, **more})
        assert job["status"] == "completed", job
        self.pressed.add(label)
        return job

    async def job(self, verb: str, body: dict[str, Any], *uploads: str) -> Job:
        """The job as the last event of its stream shows it."""
        events = await self._calls.streamed(post(verb, body | REPLY, *uploads))
        told = json.dumps(events, ensure_ascii=False, indent=1, sort_keys=True)
        self.told += [f"{verb} {body.get('button', '')}", *self._plain(told).splitlines()]
        return dict(events[-1]["job"])

    def _plain(self, text: str) -> str:
        for pattern, shown in ((TIME, "a time"), (URL, r"\1"), (SEED, "0"), (NAME, "a name")):
            text = pattern.sub(shown, text)
        return ID.sub(lambda id: self._numbers.setdefault(id[0], f"#{len(self._numbers)}"), text)


async def test_a_caller_sees_the_same_over_both_wires(tmp_path: Path, shared: Path) -> None:
    told = []
    with small():
        for wire in ("studio", "discord"):
            async with running(tmp_path / wire, wire) as server:
                script = Script(Calls(server, TOKEN))
                await script.play()
            assert script.pressed == of_the_page(shared)
            told.append(script.told)
    own, network = told
    assert len(own) > 10_000
    assert own == network


async def pictures(server: Running, job: Job) -> list[tuple[int, int]]:
    """The sizes of what a job shows and of its single pictures, as anybody gets them."""
    shown = job["response"]
    [file] = shown["attachments"]
    assert file["url"].startswith(f"{server.url}/media/")
    assert file["url"] == file["proxy_url"]
    async with httpx2.AsyncClient() as anybody:
        got = [await anybody.get(one["url"]) for one in (file, *shown["imageUx"])]
    assert [one.status_code for one in got] == [200] * len(got)
    assert (got[0].headers["content-type"], len(got[0].content)) == ("image/png", file["size"])
    assert opened(got[0].content).size == (file["width"], file["height"])
    return [opened(one.content).size for one in got]


@both_wires
async def test_anybody_gets_the_pictures_as_they_are_told(serve: Serve) -> None:
    with small():
        server = await serve()
        calls = Calls(server, TOKEN)
        grid = await calls.made("imagine", {"prompt": "a lighthouse --ar 3:2"})
        assert await pictures(server, grid) == [(384, 256)] + [(192, 128)] * 4
        single = await calls.made("button", {"jobId": grid["jobid"], "button": "U1"})
        assert await pictures(server, single) == [(192, 128)] * 2


async def test_the_upstreams_pictures_come_through_the_proxy_and_outlive_its_links(
    tmp_path: Path,
) -> None:
    # Those of our own bot lie under this server's media from the first.
    with small():
        async with running(tmp_path, "discord") as server:
            made = await Calls(server, TOKEN).made("imagine", {"prompt": "a lighthouse --ar 3:2"})
            for single in made["response"]["imageUx"]:
                assert single["url"].startswith(server.settings.midjourney.cdn)
                url = f"/v1/proxy/cdn-midjourney/?cdnUrl={single['url']}"
                got = await server.client.get(url)
                assert opened(got.content).size == (192, 128)
            assert isinstance(server.wire, Network)
            server.wire.sandbox.trouble({"expire_links": 1})
            assert await pictures(server, made) == [(384, 256)] + [(192, 128)] * 4
