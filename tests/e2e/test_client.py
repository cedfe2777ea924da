"""The Python client against a real server: every verb, and what it hands back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from heliograph.client import ApiError, AsyncClient, Button, Client, prompts
from tests.e2e.serving import TOKEN, Server, started

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with started(tmp_path_factory.mktemp("data"), 0) as server:
        yield server


def test_the_verbs_of_pictures(server: Server, tmp_path: Path) -> None:
    with Client(server.url, TOKEN) as client:
        grid = client.imagine("a cat", key="a cat")
        assert client.imagine("a cat", key="a cat")["jobid"] == grid["jobid"]
        single = client.button(grid["jobid"], "U1")
        assert client.get(grid["jobid"])["response"]["executeOnce"] == {"U1": single["jobid"]}
        [picture] = client.save(single, tmp_path)
        paths = client.save(grid, tmp_path)
        assert [path.suffix for path in paths] == [".png", *[".jpeg"] * 4]
        mask = tmp_path / "mask.png"
        with Image.open(picture) as shown:
            Image.new("L", shown.size, 255).save(mask)
        varied = client.button(single["jobid"], "Vary (Region)", prompt="a hat", mask=mask)
        assert (varied["status"], varied["request"]["mask"]) == ("completed", "blob")
        assert client.seed(grid["jobid"])["response"]["seed"] >= 0
        images = [
            picture,
            str(paths[1]),
            paths[2].read_bytes(),
            grid["response"]["imageUx"][3]["url"],
        ]
        blended = client.blend(images, "Landscape", reply_ref="Hut 🎩")
        (made,) = blended["response"]["attachments"]
        assert made["width"] > made["height"]
        assert blended["request"]["replyRef"] == "Hut 🎩"
        described = client.describe(picture)
        assert len(prompts(described)) == 4
        with pytest.raises(ApiError, match="Available buttons"):
            client.submit(Button(grid["jobid"], "Bogus"))


def test_the_verbs_of_settings(server: Server) -> None:
    with Client(server.url, TOKEN) as client:
        for verb in ("settings", "info", "fast", "relax", "turbo", "remix", "variability"):
            job = getattr(client, verb)()
            assert (job["verb"], job["status"]) == (verb, "completed"), job


async def test_channels_and_secrets(server: Server) -> None:
    async with AsyncClient(server.url, TOKEN) as client:
        made = await client.configure("studio-2", max_jobs=5, max_image_jobs=2)
        assert (made["maxJobs"], made["maxImageJobs"]) == (5, 2)
        channel = made["channel"]
        assert await client.account(channel) == made
        await client.challenge(channel)
        assert (await client.imagine("x", channel=channel))["code"] == 596
        assert "error" in await client.account(channel)
        await client.resolve(channel)
        await client.reset(channel)
        assert "error" not in await client.account(channel)
        await client.delete_account(channel)
        assert channel not in await client.accounts()
        (old,) = await client.signing_secrets()
        assert (await client.rotate_secret())[1:] == [old]
        assert await client.deliveries("failed") == []
