"""Jobs over the whole wire: our client, the sandbox's Discord, and the bot behind it."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import get_args

import aiohttp
import pytest
from PIL import Image

from heliograph import errors
from heliograph.command import (
    Blend,
    Button,
    Describe,
    Imagine,
    Seed,
    Setting,
    SettingsVerb,
)
from heliograph.fields import Upload
from heliograph.job import Job, Status
from heliograph.midjourney import buttons, interactions
from heliograph.sandbox.server import Sandbox
from heliograph.sandbox.settings import Settings
from heliograph.studio.painters.blank import BlankPainter
from tests.integration.discord.office import USER, Office, opened


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    settings = Settings(
        heartbeat_seconds=0.5, silent_seconds=2.0, first_dispatch_seconds=0.02, update_seconds=0.05
    )
    async with Sandbox(BlankPainter(0.3), tmp_path / "sandbox", settings) as sandbox:
        yield sandbox


@pytest.fixture
async def office(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(sandbox, tmp_path / "office") as office:
        yield office


async def imagined(office: Office, prompt: str = "a lighthouse") -> Job:
    return await office.ended(await office.jobs.imagine(USER, Imagine(prompt=prompt)))


def each_command_was_taken_once(sandbox: Sandbox) -> bool:
    return all(count == 1 for count in sandbox.log()["accepted"].values())


async def test_an_account_is_found_by_its_token(sandbox: Sandbox, office: Office) -> None:
    [first, _] = sandbox.accounts
    assert (await office.configure(first.token)).id == first.direct.channel
    with pytest.raises(errors.Unauthorized):
        await office.configure("no.such.token")


async def test_a_job_and_what_is_pressed_on_it(sandbox: Sandbox, office: Office) -> None:
    await office.configure(sandbox.accounts[0].token)
    grid = await imagined(office)
    assert (grid.status, grid.error) == (Status.COMPLETED, None)
    assert grid.response is not None
    assert len(grid.response["attachments"]) == 1
    events = await office.events(grid.id)
    assert events[:2] == ["midjourney_created", "midjourney_started"]
    assert events[-1] == "midjourney_completed"
    for label in ("U1", "V2"):
        pressed = await office.jobs.button(USER, Button(job=grid.id, button=label))
        assert (await office.ended(pressed)).status is Status.COMPLETED
    seed = await office.ended(await office.jobs.seed(USER, Seed(job=grid.id)))
    assert seed.response is not None
    assert seed.response["seed"] > 0
    assert each_command_was_taken_once(sandbox)


@pytest.mark.parametrize("verb", get_args(SettingsVerb))
async def test_commands_without_a_picture(
    sandbox: Sandbox, office: Office, verb: SettingsVerb
) -> None:
    await office.configure(sandbox.accounts[0].token)
    done = await office.ended(await office.jobs.setting(USER, Setting(verb=verb)))
    assert (done.status, done.error) == (Status.COMPLETED, None)
    assert done.response is not None
    assert done.response["content"]


async def test_a_form_is_filled_in_over_the_wire(sandbox: Sandbox, office: Office) -> None:
    await office.configure(sandbox.accounts[0].token)
    await office.ended(await office.jobs.setting(USER, Setting(verb="remix")))
    grid = await imagined(office)
    asked = Button(job=grid.id, button="V1", prompt="a red lighthouse")
    varied = await office.ended(await office.jobs.button(USER, asked))
    assert varied.status is Status.COMPLETED
    assert "red" in (varied.response or {})["content"]


def png(size: tuple[int, int] = (64, 64), shade: int = 255) -> bytes:
    drawn = BytesIO()
    Image.new("L", size, shade).save(drawn, "PNG")
    return drawn.getvalue()


async def test_pictures_are_uploaded(sandbox: Sandbox, office: Office) -> None:
    await office.configure(sandbox.accounts[0].token)
    pictures = tuple(Upload("image", f"{n}.png", "image/png", png(shade=n)) for n in (1, 2))
    blended = await office.ended(await office.jobs.blend(USER, Blend(images=pictures)))
    assert (blended.status, blended.error) == (Status.COMPLETED, None)
    described = await office.jobs.describe(USER, Describe(image=pictures[0]))
    assert (await office.ended(described)).status is Status.COMPLETED


async def test_a_region_is_painted_anew(sandbox: Sandbox, office: Office) -> None:
    await office.configure(sandbox.accounts[0].token)
    grid = await imagined(office)
    single = await office.ended(await office.jobs.button(USER, Button(job=grid.id, button="U1")))
    [shown] = (single.response or {})["attachments"]
    mask = png((shown["width"], shown["height"]))
    asked = Button(job=single.id, button="Vary (Region)", mask=mask)
    varied = await office.ended(await office.jobs.button(USER, asked))
    assert (varied.status, varied.error) == (Status.COMPLETED, None)
    assert "Variations (Region)" in (varied.response or {})["content"]


async def test_a_job_is_cancelled_at_the_bot(sandbox: Sandbox, office: Office) -> None:
    await office.configure(sandbox.accounts[0].token)
    sandbox.trouble({"late_final": 2})
    begun = await office.jobs.imagine(USER, Imagine(prompt="never mind"))
    await office.begun(begun.job.id)
    await office.jobs.cancel(USER, begun.job.id)
    async with asyncio.timeout(20):
        while (pressed := await office.taken.get()) == begun.job.nonce:
            pass
    [*_, last] = sandbox.log()["interactions"]
    assert (last["nonce"], last["taken"]) == (pressed, True)
    assert "CancelJob" in last["name"] or last["name"] == "Cancel Job"


async def test_a_channel_that_has_to_wait_holds_up_no_other(
    sandbox: Sandbox, office: Office
) -> None:
    slow, other = sandbox.accounts[:2]
    sandbox.trouble({"late_final": {"seconds": 100, "user": slow.user}})
    for person in (slow, other):
        await office.configure(person.token)
    asked = Imagine(prompt="never mind", channel=slow.direct.channel)
    begun = await office.jobs.imagine(USER, asked)
    await office.begun(begun.job.id)
    limit = {"retry_after": 100, "route": "interactions", "user": slow.user}
    sandbox.trouble({"rate_limit": limit})
    await office.jobs.cancel(USER, begun.job.id)
    for prompt in ("meanwhile", "and again"):
        asked = Imagine(prompt=prompt, channel=other.direct.channel)
        done = await office.ended(await office.jobs.imagine(USER, asked))
        assert done.status is Status.COMPLETED


@pytest.mark.parametrize(
    "fault",
    [
        {"drop": 1},
        {"silent": 3},
        {"duplicate": 20},
        {"reorder": 2},
        {"late_final": 1},
        {"lost_final": 1},
        {"rate_limit": {"times": 2, "retry_after": 0.3}},
        {"rate_limit": {"times": 2, "retry_after": 0.3, "global": True}},
        {"rotate": 1},
        {"reconnect": 1},
        {"close": 1001},
        {"server_error": {"times": 1, "route": "application-command-index"}},
    ],
    ids=str,
)
async def test_trouble_that_no_caller_notices(
    sandbox: Sandbox, office: Office, fault: dict[str, object]
) -> None:
    await office.configure(sandbox.accounts[0].token)
    await imagined(office, "before the trouble")
    sandbox.trouble(fault)
    jobs = [office.jobs.imagine(USER, Imagine(prompt=f"number {n}")) for n in range(3)]
    ended = await asyncio.gather(*(office.ended(one) for one in await asyncio.gather(*jobs)))
    assert [(job.status, job.error) for job in ended] == [(Status.COMPLETED, None)] * 3
    # Every job has its own picture, and its own words.
    assert len({job.uuid for job in ended}) == 3
    assert all(f"number {n}" in (job.response or {})["content"] for n, job in enumerate(ended))
    assert each_command_was_taken_once(sandbox)


async def test_a_lost_session_is_made_up_for_by_the_history(
    sandbox: Sandbox, office: Office
) -> None:
    await office.configure(sandbox.accounts[0].token)
    await imagined(office)
    sandbox.trouble([{"invalid_session": 1}, {"drop": 1}])
    after = await imagined(office, "after the gap")
    assert (after.status, after.error) == (Status.COMPLETED, None)
    assert each_command_was_taken_once(sandbox)


async def test_an_account_that_is_disabled_needs_a_person(sandbox: Sandbox, office: Office) -> None:
    person = sandbox.accounts[0]
    channel = await office.configure(person.token)
    await imagined(office)
    sandbox.trouble({"disable": 1})
    ended = await imagined(office, "in mid-job")
    assert (ended.status, ended.code) == (Status.FAILED, 596)
    locked = await office.channels.channel(USER, channel.id)
    assert "token" in (locked.error or "")
    with pytest.raises(errors.ChannelError):
        await office.jobs.imagine(USER, Imagine(prompt="x"))


async def test_a_forbidden_command_puts_the_channel_in_error(
    sandbox: Sandbox, office: Office
) -> None:
    channel = await office.configure(sandbox.accounts[0].token)
    sandbox.trouble({"forbidden": 1})
    ended = await imagined(office)
    assert (ended.status, ended.code) == (Status.FAILED, 596)
    assert (await office.channels.channel(USER, channel.id)).error is not None
    await office.channels.reset(USER, channel.id)
    assert (await imagined(office)).status is Status.COMPLETED


async def test_a_deleted_channel_leaves_the_gateway(sandbox: Sandbox, office: Office) -> None:
    channel = await office.configure(sandbox.accounts[0].token)
    await imagined(office)
    [before] = office.connections()
    await office.channels.delete(USER, channel.id)
    async with asyncio.timeout(20):
        await asyncio.wait([before])
    assert office.connections() == []


async def test_a_restart_finds_what_finished_meanwhile(sandbox: Sandbox, tmp_path: Path) -> None:
    async with opened(sandbox, tmp_path / "office") as office:
        await office.configure(sandbox.accounts[0].token)
        await imagined(office)
        begun = await office.jobs.imagine(USER, Imagine(prompt="over the night"))
        await office.begun(begun.job.id)
    async with opened(sandbox, tmp_path / "office") as office:
        ended = await office.ended(begun.job.id)
        assert (ended.status, ended.error) == (Status.COMPLETED, None)
    assert each_command_was_taken_once(sandbox)


async def test_a_restart_hears_what_no_history_tells(sandbox: Sandbox, tmp_path: Path) -> None:
    async with opened(sandbox, tmp_path / "office") as office:
        await office.configure(sandbox.accounts[0].token)
        await imagined(office)
        sandbox.trouble({"silent": 1.5})
        begun = await office.jobs.imagine(USER, Imagine(prompt="nothing was heard of it"))
        while await asyncio.wait_for(office.taken.get(), 20) != begun.job.nonce:
            pass
    # Its interaction is nowhere written down, and its final names nothing of ours.
    async with opened(sandbox, tmp_path / "office") as office:
        assert (await office.jobs.job(USER, begun.job.id)).interaction is None
        ended = await office.ended(begun.job.id)
        assert (ended.status, ended.error) == (Status.COMPLETED, None)
    assert each_command_was_taken_once(sandbox)


async def test_an_upscale_that_was_pressed_by_hand_is_the_result(
    sandbox: Sandbox, office: Office
) -> None:
    person = sandbox.accounts[0]
    await office.configure(person.token)
    grid = await imagined(office)
    message = grid.response or {}
    [found] = [button for button in buttons.offered(message) if button.label == "U2"]
    heard = sandbox.world.bot.listen(person.direct)
    by_hand = interactions.press(message, found.custom_id, "1234567890123456789")
    url, headers = f"{sandbox.url}/api/v9/interactions", {"Authorization": person.token}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(url, json=by_hand) as answer,
    ):
        assert answer.status == 204
    async with asyncio.timeout(20):
        # The pressed grid is coloured, too.
        while "Image #2" not in (said := (await anext(heard)).data).get("content", ""):
            pass
    sandbox.trouble({"notice": "slow down"})
    pressed = await office.jobs.button(USER, Button(job=grid.id, button="U2"))
    ended = await office.ended(pressed)
    assert (ended.status, ended.error) == (Status.COMPLETED, None)
    assert (ended.response or {})["id"] == said["id"]
    # One that nobody has pressed is refused, in the bot's words.
    sandbox.trouble({"notice": "slow down"})
    pressed = await office.jobs.button(USER, Button(job=grid.id, button="U3"))
    refused = await office.ended(pressed)
    assert (refused.status, refused.code, refused.error) == (Status.FAILED, 429, "Slow Down!")
