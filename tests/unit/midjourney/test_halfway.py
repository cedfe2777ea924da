"""Sendings that were cut off between two steps, and presses whose result was there before."""

import asyncio
from typing import Any

import pytest

from heliograph import errors
from heliograph.job import Job
from heliograph.midjourney.wire import Dispatch, Message
from tests.unit.midjourney.scripted import (
    BOT,
    CUSTOM_ZOOM,
    PARENT,
    PROMPT,
    REGION,
    ScriptedBot,
    Stage,
    settled,
)

V1 = f"MJ::JOB::variation::1::{PARENT}"
U2 = f"MJ::JOB::upsample::2::{PARENT}"
UUID = "00000000-1111-0000-0000-000000000000"


async def cut_off(stage: Stage, job: Job) -> list[Dispatch]:
    """Ends the sending before anything has come back; what comes, a later process hears."""
    sending = asyncio.create_task(stage.driver.send(job))
    await settled()
    sending.cancel()
    await settled()
    [script] = stage.bot.running
    stage.bot.running.clear()
    return list(script)


async def go_on(stage: Stage) -> None:
    async with asyncio.TaskGroup() as group:
        for job, answer in stage.driver.halfway():
            group.create_task(stage.driver.go_on(job, answer, stage.now))
        await stage.play()


@pytest.mark.parametrize(
    ("custom_id", "inputs"),
    [
        (CUSTOM_ZOOM, {"prompt": "a dog --zoom 1.5"}),
        (V1, {"prompt": "a dog"}),
        (REGION, {"prompt": "a dog", "mask": "m"}),
    ],
)
async def test_a_form_that_opens_after_a_restart_is_filled_in_once(
    custom_id: str, inputs: dict[str, Any]
) -> None:
    stage = Stage(ScriptedBot(remix=True))
    job = stage.button(custom_id, **inputs)
    late = await cut_off(stage, job)
    for dispatch in (*late, *late):
        stage.hear(dispatch)
    await go_on(stage)
    # And what opened it comes once more.
    for dispatch in late:
        stage.hear(dispatch)
    assert stage.driver.halfway() == []
    filled = [one for one in stage.bot.payloads if one["type"] == 5]
    assert len(filled) + len(stage.bot.masks) == 1
    assert stage.jobs[job.id].inputs["filled"] == stage.now
    assert (stage.jobs[job.id].response or {})["id"] == stage.bot.finals[job.nonce]


async def test_a_form_that_is_being_filled_in_is_told_of_once() -> None:
    stage = Stage(ScriptedBot(remix=True))
    job = stage.button(V1, prompt="a dog")
    late = await cut_off(stage, job)
    stage.hear(late[-1])
    [(halfway, form)] = stage.driver.halfway()
    # More is heard of the job before its form is on its way: the press has succeeded.
    for dispatch in late:
        stage.hear(dispatch)
    assert stage.jobs[job.id].status == "started"
    assert stage.driver.halfway() == []
    await stage.driver.go_on(halfway, form, stage.now)
    assert [one["type"] for one in stage.bot.payloads] == [3, 5]


async def test_a_form_outlives_the_process_that_heard_of_it() -> None:
    before, after = Stage(ScriptedBot()), Stage(ScriptedBot())
    job = before.button(CUSTOM_ZOOM, prompt="a dog --zoom 1.5")
    for dispatch in await cut_off(before, job):
        before.hear(dispatch)
    after.driver.adopt(before.jobs[job.id])
    [(halfway, form)] = after.driver.halfway()
    assert halfway.id == job.id
    assert isinstance(form, Dispatch)
    assert form.data["nonce"] == job.nonce


async def test_a_form_that_may_have_been_filled_in_is_left_alone() -> None:
    stage = Stage(ScriptedBot())
    job = stage.button(CUSTOM_ZOOM, prompt="a dog --zoom 1.5", filled=1)
    for dispatch in await cut_off(stage, job):
        stage.hear(dispatch)
    assert stage.driver.halfway() == []
    assert isinstance(stage.driver.doubt(job), errors.UpstreamUnknown)


async def test_a_job_that_has_ended_leaves_its_form_empty() -> None:
    stage = Stage(ScriptedBot())
    job = stage.button(CUSTOM_ZOOM, prompt="a dog --zoom 1.5")
    for dispatch in await cut_off(stage, job):
        stage.hear(dispatch)
    [(halfway, form)] = stage.driver.halfway()
    stage.driver.drop(job.id)
    await stage.driver.go_on(halfway, form, stage.now)
    assert [payload["type"] for payload in stage.bot.payloads] == [3]
    # Nothing is remembered of it.
    stage.driver.adopt(halfway)
    assert stage.driver.halfway() == [(halfway, form)]


async def test_a_kept_form_is_waited_for_by_nobody() -> None:
    stage = Stage(ScriptedBot())
    job = stage.button(CUSTOM_ZOOM, prompt="a dog --zoom 1.5")
    for dispatch in await cut_off(stage, job):
        stage.hear(dispatch)
    assert stage.driver.unheard(stage.now) == []


async def test_a_form_that_nobody_foresaw_leaves_its_job_in_doubt() -> None:
    stage = Stage(ScriptedBot())
    job = stage.button(CUSTOM_ZOOM, prompt="a dog --zoom 1.5")
    *_, form = await cut_off(stage, job)
    stage.hear(Dispatch(form.type, {"nonce": job.nonce}))
    [(halfway, answer)] = stage.driver.halfway()
    with pytest.raises(KeyError):
        await stage.driver.go_on(halfway, answer, stage.now)
    assert stage.driver.lost(stage.now + 1) == [job.id]


@pytest.mark.parametrize(
    ("custom_id", "sentence"),
    [
        (CUSTOM_ZOOM, "nothing was made"),
        (REGION, "nothing was made"),
        # Without remix mode this press alone makes something.
        (V1, "unknown whether"),
    ],
)
def test_what_a_lost_form_leaves_behind(custom_id: str, sentence: str) -> None:
    stage = Stage(ScriptedBot())
    assert sentence in str(stage.driver.doubt(stage.button(custom_id)))


async def test_a_seed_is_asked_for_when_the_shown_job_comes_late() -> None:
    stage = Stage(ScriptedBot())
    job = stage.job("seed", uuid=UUID)
    for dispatch in await cut_off(stage, job):
        stage.hear(dispatch)
    assert stage.driver.unheard(stage.now) == []
    await go_on(stage)
    assert (stage.jobs[job.id].response or {})["seed"] == 77
    assert len(stage.bot.reactions) == 1


async def test_a_shown_job_that_comes_late_is_told_of_at_once_and_once() -> None:
    stage = Stage(ScriptedBot())
    *early, shown = await cut_off(stage, stage.job("seed", uuid=UUID))
    assert [stage.hear(dispatch).more for dispatch in early] == [False] * len(early)
    assert stage.hear(shown).more
    assert len(stage.driver.halfway()) == 1
    assert not stage.hear(shown).more
    assert stage.driver.halfway() == []


async def test_a_shown_job_that_is_edited_is_reacted_to_once() -> None:
    stage = Stage(ScriptedBot())
    job = stage.job("seed", uuid=UUID)
    async with asyncio.TaskGroup() as group:
        group.create_task(stage.driver.send(job))
        await settled()
        for dispatch in stage.bot.running.pop(0):
            stage.hear(dispatch)
            await settled()
        stage.hear(dispatch)
        assert stage.driver.halfway() == []


SLOW = {
    "title": "Slow Down!",
    "description": "You can request another upscale for this image <t:1900000000:R>",
    "color": 16776960,
}


def refused(stage: Stage, custom_id: str = U2, label: str = "U2") -> Job:
    job = stage.button(custom_id, label=label)
    told = {"id": "100", "author": BOT, "nonce": job.nonce, "content": "", "embeds": [SLOW]}
    stage.hear(Dispatch("MESSAGE_CREATE", told))
    return job


def upscaled(image: int, parent: str = "50", **more: Any) -> Message:
    return {
        "id": f"6{image}",
        "author": BOT,
        "content": f"{PROMPT} - Image #{image} <@2>",
        "message_reference": {"message_id": parent},
        "attachments": [{"filename": f"user_x_{UUID}.png"}],
    } | more


def test_an_upscale_that_is_there_already_is_the_result() -> None:
    stage = Stage(ScriptedBot())
    job = refused(stage)
    assert stage.jobs[job.id].running
    # A connection that breaks now finds the refusal again.
    assert stage.jobs[job.id].message == "100"
    [(repeated, _)] = stage.driver.repeated()
    stage.apply(stage.driver.made(repeated, [upscaled(1), upscaled(2), upscaled(3)], stage.now))
    ended = stage.jobs[job.id]
    assert (ended.status, ended.uuid) == ("completed", UUID)
    assert (ended.response or {})["id"] == "62"
    assert stage.driver.repeated() == []


@pytest.mark.parametrize(
    "message",
    [
        upscaled(1),
        upscaled(2, parent="51"),
        upscaled(2, content=f"Upscaling image #2 with {PROMPT} - <@2> (Waiting to start)"),
        upscaled(2, author={"id": "3"}),
    ],
)
def test_a_refused_upscale_that_is_nowhere_fails_with_the_bots_words(message: Message) -> None:
    stage = Stage(ScriptedBot())
    job = refused(stage)
    [(repeated, _)] = stage.driver.repeated()
    stage.apply(stage.driver.made(repeated, [message], stage.now))
    ended = stage.jobs[job.id]
    assert (ended.status, ended.code, ended.error) == ("failed", 429, "Slow Down!")


@pytest.mark.parametrize("label", ["U1", "U2"])
def test_a_clip_is_told_by_its_number(label: str) -> None:
    stage = Stage(ScriptedBot())
    number = int(label[1])
    job = refused(stage, f"MJ::JOB::video_virtual_upscale::{number}::{PARENT}", label)
    [(repeated, _)] = stage.driver.repeated()
    clips = [
        upscaled(
            n,
            content=f"{PROMPT} (fast)",
            components=[{"type": 2, "custom_id": f"MJ::JOB::animate_low_extend::{n}::{PARENT}"}],
        )
        for n in (1, 2, 3)
    ]
    stage.apply(stage.driver.made(repeated, clips, stage.now))
    assert (stage.jobs[job.id].response or {})["id"] == f"6{number}"


def test_a_press_of_unknown_outcome_is_told_by_no_message() -> None:
    stage = Stage(ScriptedBot())
    job = refused(stage, f"MJ::JOB::next-upscale::2::{PARENT}")
    [(repeated, _)] = stage.driver.repeated()
    varied = upscaled(2, content=f"{PROMPT} - Variations (Strong) by <@2> (fast)")
    stage.apply(stage.driver.made(repeated, [varied], stage.now))
    assert (stage.jobs[job.id].status, stage.jobs[job.id].code) == ("failed", 429)


def test_what_may_be_had_often_is_not_looked_for() -> None:
    stage = Stage(ScriptedBot())
    job = refused(stage, V1, "V1")
    assert (stage.jobs[job.id].status, stage.jobs[job.id].code) == ("failed", 429)
