"""From a command to its result, in all the steps that it takes."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heliograph import errors
from heliograph.job import Job
from heliograph.midjourney.files import FileRefused
from heliograph.midjourney.sending import form_nonce
from heliograph.midjourney.wire import Dispatch, WireLost, WireRefused
from tests.unit.midjourney.scripted import (
    BOT,
    CLIPS,
    CUSTOM_ZOOM,
    PARENT,
    PROMPT,
    REGION,
    ScriptedBot,
    Stage,
    settled,
)

Make = Callable[[Stage], Job]

U1, U2 = (f"MJ::JOB::upsample::{n}::{PARENT}" for n in (1, 2))
V1, V2 = (f"MJ::JOB::variation::{n}::{PARENT}" for n in (1, 2))
BLEND = {"images": [{"url": "a"}, {"key": "b"}], "dimensions": "Portrait"}


def clip(n: int) -> str:
    return f"MJ::JOB::video_virtual_upscale::{n}::{CLIPS}"


def seed(n: int) -> str:
    return f"{n:08}-1111-0000-0000-000000000000"


async def run(stage: Stage, *jobs: Job) -> None:
    async with asyncio.TaskGroup() as group:
        for job in jobs:
            group.create_task(stage.driver.send(job))
        await stage.play()


def sent(stage: Stage, type: int) -> list[dict[str, Any]]:
    return [payload for payload in stage.bot.payloads if payload["type"] == type]


PICTURE = ["started", "progress", "progress", "completed"]
PRIVATE = ["started", "progress", "completed"]


@pytest.mark.parametrize(
    ("make", "events"),
    [
        (lambda stage: stage.job("imagine"), PICTURE),
        (lambda stage: stage.job("blend", **BLEND), PICTURE),
        (lambda stage: stage.button(U1), PICTURE),
        (lambda stage: stage.button(clip(2), uuid=CLIPS), PRIVATE),
        (lambda stage: stage.job("describe", images=[{"key": "a"}]), PRIVATE),
        (lambda stage: stage.job("info"), PRIVATE),
        (lambda stage: stage.job("remix"), PRIVATE),
        (lambda stage: stage.job("seed", uuid=seed(1)), PICTURE),
    ],
)
async def test_every_verb_reaches_its_result(make: Make, events: list[str]) -> None:
    stage = Stage(ScriptedBot())
    job = make(stage)
    await run(stage, job)
    done = stage.jobs[job.id]
    assert stage.events[job.id] == events
    assert done.response is not None
    assert done.response["id"] == stage.bot.finals[job.nonce]
    assert [payload["nonce"] for payload in stage.bot.payloads] == [job.nonce]


async def test_what_answers_show() -> None:
    stage = Stage(ScriptedBot())
    info, remix, asked = stage.job("info"), stage.job("remix"), stage.job("seed", uuid=seed(1))
    described = stage.job("describe", images=[{"key": "a"}])
    await run(stage, info, remix, asked, described)
    responses = {id: job.response or {} for id, job in stage.jobs.items()}
    assert responses[info.id]["settings"] == {"fast": False, "relax": False, "turbo": True}
    assert responses[remix.id]["settings"] == {"remix": True}
    assert responses[asked.id]["seed"] == 77
    assert responses[described.id]["content"].startswith("1️⃣ a cat")
    for response in responses.values():
        assert not {"progress_percent", "buttons", "imageUx"} & response.keys()


async def test_pictures_are_uploaded_before_the_command_that_names_them() -> None:
    stage = Stage(ScriptedBot())
    await run(stage, stage.job("blend", **BLEND))
    assert stage.bot.uploads == [("a.png", b"a", "image/png"), ("b.png", b"b", "image/png")]
    [payload] = stage.bot.payloads
    uploaded = [file["uploaded_filename"] for file in payload["data"]["attachments"]]
    assert uploaded == ["1/a.png", "2/b.png"]


@pytest.mark.parametrize("verb", ["blend", "describe"])
async def test_a_picture_that_cannot_be_had_stops_the_command(verb: str) -> None:
    stage = Stage(ScriptedBot(), "b")
    inputs = BLEND if verb == "blend" else {"images": [{"key": "b"}]}
    with pytest.raises(FileRefused, match="b is not a picture"):
        await stage.driver.send(stage.job(verb, **inputs))
    assert stage.bot.payloads == []


async def test_an_upload_that_breaks_off_leaves_no_doubt() -> None:
    stage = Stage(ScriptedBot())
    stage.bot.breaks.add("upload")
    job = stage.job("describe", images=[{"key": "a"}])
    with pytest.raises(WireRefused, match=r"502 the upload of a\.png broke off"):
        await stage.driver.send(job)
    assert stage.driver.lost(stage.now + 1) == [job.id]
    assert stage.bot.payloads == []


@pytest.mark.parametrize(
    ("prompt", "value"), [("a dog --zoom 1.5", "a dog --zoom 1.5"), (None, "what it offers")]
)
async def test_a_form_is_filled_in(prompt: str | None, value: str) -> None:
    stage = Stage(ScriptedBot())
    job = stage.button(CUSTOM_ZOOM, prompt=prompt)
    await run(stage, job)
    [press], [form] = sent(stage, 3), sent(stage, 5)
    assert (press["message_id"], press["nonce"]) == ("50", job.nonce)
    assert form["nonce"] != job.nonce
    assert form["data"]["custom_id"].startswith("MJ::AnyModal::")
    assert form["data"]["components"] == [
        {"type": 1, "components": [{"type": 4, "custom_id": "MJ::Any::prompt", "value": value}]}
    ]
    assert stage.events[job.id] == PICTURE
    assert (stage.jobs[job.id].response or {})["id"] == stage.bot.finals[job.nonce]


async def test_no_form_is_waited_for_when_the_bot_answers_with_a_message() -> None:
    stage = Stage(ScriptedBot(remix=False))
    job = stage.button(V1, prompt="a dog")
    await run(stage, job)
    assert sent(stage, 5) == []
    assert stage.events[job.id] == PICTURE


@pytest.mark.parametrize(("prompt", "shown"), [("a dog", "a dog"), (None, "x --v 7.0")])
async def test_a_region_is_painted_anew(prompt: str | None, shown: str) -> None:
    stage = Stage(ScriptedBot())
    job = stage.button(REGION, prompt=prompt, mask="m")
    await run(stage, job)
    [(token, mask, said)] = stage.bot.masks
    assert token.startswith("token")
    assert (mask, said) == (b"m", shown)
    assert (stage.jobs[job.id].response or {})["id"] == stage.bot.finals[job.nonce]


async def test_a_mask_that_cannot_be_had_presses_nothing() -> None:
    stage = Stage(ScriptedBot(), "m")
    with pytest.raises(FileRefused):
        await stage.driver.send(stage.button(REGION, mask="m"))
    assert stage.bot.payloads == []


async def test_a_frame_without_a_mask_to_give_fails() -> None:
    stage = Stage(ScriptedBot())
    with pytest.raises(ExceptionGroup) as failed:
        await run(stage, stage.button(REGION))
    assert failed.group_contains(errors.Upstream, match="asked for a mask")


async def test_a_challenge_instead_of_a_frame_locks_the_channel() -> None:
    stage = Stage(ScriptedBot())
    job = stage.button(REGION, mask="m")
    asked = {
        "id": "1",
        "nonce": job.nonce,
        "title": "Action required to continue",
        "custom_id": "MJ::iframe::ab",
        "iframe_path": "/captcha/embedded/x",
    }
    async with asyncio.TaskGroup() as group:
        group.create_task(stage.driver.send(job))
        await settled()
        reading = stage.hear(Dispatch("INTERACTION_IFRAME_MODAL_CREATE", asked))
    assert reading.channel_error == "Action required to continue"
    assert (stage.jobs[job.id].status, stage.jobs[job.id].code) == ("failed", 596)
    assert stage.bot.masks == []


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda stage: stage.button(CUSTOM_ZOOM), "opened no form within 0 seconds"),
        (lambda stage: stage.button(REGION), "opened no form within 0 seconds"),
        (lambda stage: stage.job("seed", uuid=seed(1)), "did not show the job within 0 seconds"),
    ],
)
async def test_what_never_comes_fails_the_job(make: Make, sentence: str) -> None:
    stage = Stage(ScriptedBot(), seconds=0)
    with pytest.raises(errors.Upstream, match=sentence) as failed:
        await stage.driver.send(make(stage))
    assert failed.value.code == 502


async def test_a_press_that_needs_no_form_may_be_answered_late() -> None:
    stage = Stage(ScriptedBot(), seconds=0)
    job = stage.button(U1)
    await stage.driver.send(job)
    await stage.play()
    assert stage.events[job.id] == PICTURE


async def test_a_form_that_opens_in_the_last_moment_is_filled_in() -> None:
    stage = Stage(ScriptedBot(), seconds=0)
    sending = asyncio.create_task(stage.driver.send(stage.button(CUSTOM_ZOOM)))
    # It waits now, and its time is over when the loop next looks at the clock.
    await asyncio.sleep(0)
    for dispatch in stage.bot.running.pop():
        stage.hear(dispatch)
    await sending
    assert [payload["type"] for payload in stage.bot.payloads] == [3, 5]


async def test_the_seed_is_asked_for_with_an_envelope_on_the_shown_message() -> None:
    stage = Stage(ScriptedBot())
    await run(stage, stage.job("seed", uuid=seed(1)))
    [payload] = stage.bot.payloads
    assert payload["data"]["options"] == [{"type": 3, "name": "job_id", "value": seed(1)}]
    [(message, emoji)] = stage.bot.reactions
    assert emoji == "✉️"
    assert message != stage.bot.finals[payload["nonce"]]


async def test_a_job_that_ends_meanwhile_is_sent_no_further() -> None:
    stage = Stage(ScriptedBot())
    job = stage.button(CUSTOM_ZOOM)
    async with asyncio.TaskGroup() as group:
        group.create_task(stage.driver.send(job))
        await settled()
        stage.driver.drop(job.id)
    await stage.play()
    assert sent(stage, 5) == []
    assert stage.events[job.id] == []


async def test_a_step_that_breaks_off_is_never_taken_again() -> None:
    stage = Stage(ScriptedBot())
    job = stage.job("seed", uuid=seed(1))
    stage.bot.breaks.add("react")
    with pytest.raises(ExceptionGroup) as failed:
        await run(stage, job)
    assert failed.group_contains(WireLost)
    assert stage.driver.lost(stage.now) == []
    assert stage.driver.lost(stage.now + 1) == [job.id]


async def test_a_job_whose_pictures_are_still_being_read_is_not_lost() -> None:
    stage = Stage(ScriptedBot())
    job = stage.button(CUSTOM_ZOOM)
    async with asyncio.TaskGroup() as group:
        group.create_task(stage.driver.send(job))
        await settled()
        assert stage.driver.lost(stage.now + 100_000) == []
        stage.driver.drop(job.id)


async def test_answers_need_no_cancelling() -> None:
    stage = Stage(ScriptedBot())
    assert await stage.driver.cancel(stage.job("describe").id)
    assert not await stage.driver.cancel(stage.job("imagine").id)
    assert stage.bot.payloads == []


def started(stage: Stage, verb: str = "imagine") -> Job:
    """A job with a progress message, 101."""
    job = stage.job(verb)
    text = f"{PROMPT} - <@1> (20%) (fast)"
    ack = {"id": "101", "author": BOT, "nonce": job.nonce, "content": text}
    stage.hear(Dispatch("MESSAGE_CREATE", ack))
    return job


QUEUED = {"title": "Job queued", "description": "You have reached the maximum allowed number …"}


async def test_a_queued_description_waits_too() -> None:
    stage = Stage(ScriptedBot())
    job = stage.job("describe", images=[{"key": "a"}])
    said = {"id": "100", "author": BOT, "nonce": job.nonce, "content": "", "embeds": [QUEUED]}
    stage.hear(Dispatch("MESSAGE_CREATE", said))
    assert stage.events[job.id] == ["started", "progress"]


def test_a_queued_job_waits_and_goes_on() -> None:
    stage = Stage(ScriptedBot())
    job = stage.job("imagine")
    said = {"id": "100", "author": BOT, "nonce": job.nonce, "content": "", "embeds": [QUEUED]}
    stage.hear(Dispatch("MESSAGE_CREATE", said | {"interaction_metadata": {"id": "99"}}))
    assert stage.events[job.id] == ["started", "progress"]
    stage.hear(Dispatch("MESSAGE_DELETE", {"id": "100"}))
    stage.now += 100_000
    assert stage.driver.overdue(stage.now).changes == ()
    text = f"{PROMPT} - <@1> (Waiting to start)"
    begun = {"id": "101", "author": BOT, "content": text, "interaction_metadata": {"id": "99"}}
    stage.hear(Dispatch("MESSAGE_CREATE", begun))
    assert stage.jobs[job.id].message == "101"
    final = {
        "id": "102",
        "author": BOT,
        "content": f"{PROMPT} - <@1> (fast)",
        "message_reference": {"message_id": "101"},
    }
    stage.hear(Dispatch("MESSAGE_CREATE", final))
    assert stage.events[job.id][-1] == "completed"


def test_a_stopped_job_says_why_if_the_reason_follows() -> None:
    stage = Stage(ScriptedBot())
    job = started(stage)
    stopped = {"id": "101", "author": BOT, "content": f"{PROMPT} - <@1> (Stopped)"}
    stage.hear(Dispatch("MESSAGE_UPDATE", stopped))
    assert stage.driver.overdue(stage.now + 4_999).changes == ()
    denied = {
        "id": "102",
        "author": BOT,
        "content": "",
        "message_reference": {"message_id": "101"},
        "embeds": [{"title": "Image denied", "description": "Filters", "color": 15548997}],
    }
    stage.hear(Dispatch("MESSAGE_CREATE", denied))
    assert (stage.jobs[job.id].status, stage.jobs[job.id].code) == ("moderated", 422)


def test_a_job_stopped_for_no_reason_failed() -> None:
    stage = Stage(ScriptedBot())
    job = started(stage)
    stopped = {"id": "101", "author": BOT, "content": f"{PROMPT} - <@1> (Stopped)"}
    stage.hear(Dispatch("MESSAGE_UPDATE", stopped))
    stage.apply(stage.driver.overdue(stage.now + 5_000))
    assert (stage.jobs[job.id].status, stage.jobs[job.id].code) == ("failed", 499)
    assert stage.driver.overdue(stage.now + 100_000).changes == ()


def test_an_edit_that_brings_only_an_embed_moderates() -> None:
    stage = Stage(ScriptedBot())
    job = started(stage)
    edit = {"id": "101", "embeds": [{"title": "Request cancelled due to output filters"}]}
    stage.hear(Dispatch("MESSAGE_UPDATE", edit))
    ended = stage.jobs[job.id]
    assert ended.status == "moderated"
    assert (ended.response or {})["content"] == f"{PROMPT} - <@1> (20%) (fast)"


def test_a_deleted_progress_message_with_no_result_is_moderation() -> None:
    stage = Stage(ScriptedBot())
    job = started(stage)
    stage.hear(Dispatch("MESSAGE_DELETE", {"id": "101"}))
    assert stage.driver.overdue(stage.now + 59_999).changes == ()
    stage.apply(stage.driver.overdue(stage.now + 60_000))
    assert (stage.jobs[job.id].status, stage.jobs[job.id].code) == ("moderated", 422)


def test_the_result_may_come_after_the_deletion() -> None:
    stage = Stage(ScriptedBot())
    job = started(stage)
    stage.hear(Dispatch("MESSAGE_DELETE", {"id": "101"}))
    final = {
        "id": "102",
        "author": BOT,
        "content": f"{PROMPT} - <@1> (fast)",
        "message_reference": {"message_id": "101"},
    }
    stage.hear(Dispatch("MESSAGE_CREATE", final))
    assert stage.jobs[job.id].status == "completed"
    assert stage.driver.overdue(stage.now + 60_000).changes == ()


async def test_a_refused_command_fails_with_the_bots_words() -> None:
    stage = Stage(ScriptedBot())
    job = stage.job("describe", images=[{"key": "a"}])
    embed = {"title": "Invalid link!", "description": "Could not fetch image.", "color": 16711680}
    said = {"id": "100", "author": BOT, "nonce": job.nonce, "content": "", "embeds": [embed]}
    stage.hear(Dispatch("MESSAGE_CREATE", said))
    ended = stage.jobs[job.id]
    assert (ended.code, ended.error, ended.details) == (
        400,
        "Invalid link!",
        "Could not fetch image.",
    )


def test_after_a_restart_a_seed_that_was_not_told_is_unheard() -> None:
    stage = Stage(ScriptedBot())
    asked, told, painted = (
        stage.job("seed", uuid=seed(1)),
        stage.job("seed", uuid=seed(2)),
        started(stage),
    )
    text = f"{PROMPT}\n**Job ID**: {seed(2)}\n**seed** 5"
    stage.apply(stage.driver.read({"id": "200", "author": BOT, "content": text}, stage.now))
    assert (stage.jobs[told.id].response or {})["seed"] == 5
    assert stage.driver.unheard(10**15) == [asked.id]
    assert painted.id in stage.driver.jobs


def test_after_a_restart_a_private_answer_that_was_begun_is_waited_for() -> None:
    # The channel's history shows none of it.
    stage = Stage(ScriptedBot())
    begun, unknown = stage.job("describe"), stage.job("describe")
    stage.hear(Dispatch("INTERACTION_SUCCESS", {"id": "100", "nonce": begun.nonce}))
    assert stage.driver.unheard(stage.now) == [unknown.id]
    assert stage.driver.lost(stage.now) == []
    assert begun.id in stage.driver.lost(stage.now + 1)


def test_where_the_history_lags_behind_a_job_may_still_show_up() -> None:
    stage = Stage(ScriptedBot())
    stage.bot.lag_ms = 60_000
    silent, late = stage.job("imagine"), stage.job("imagine")
    for id, job in (("11", silent), ("12", late)):
        stage.hear(Dispatch("INTERACTION_SUCCESS", {"id": id, "nonce": job.nonce}))
    assert stage.driver.unheard(90_000) == []
    text = f"{PROMPT} - <@1> (Waiting to start)"
    told = {"id": "200", "author": BOT, "content": text, "nonce": late.nonce}
    stage.hear(Dispatch("MESSAGE_CREATE", told))
    assert stage.driver.lost(90_000) == []
    assert stage.driver.lost(90_001) == [silent.id]


def test_a_result_that_did_not_come_is_looked_for_once() -> None:
    stage = Stage(ScriptedBot())
    job = started(stage)
    message = str(stage.jobs[job.id].message)
    stage.hear(Dispatch("MESSAGE_DELETE", {"id": message}))
    assert stage.driver.unseen(stage.now + 4_999) == []
    assert [found.id for found in stage.driver.unseen(stage.now + 5_000)] == [job.id]
    assert stage.driver.unseen(stage.now + 6_000) == []


def test_after_a_restart_a_press_finds_its_final_by_its_parent() -> None:
    stage = Stage(ScriptedBot())
    first, second = stage.button(U1), stage.button(U2)
    for n, job in enumerate((first, second)):
        stage.hear(Dispatch("INTERACTION_SUCCESS", {"id": f"10{n}", "nonce": job.nonce}))
    final = {
        "id": "200",
        "author": BOT,
        "content": f"{PROMPT} - Image #2 <@1>",
        "message_reference": {"message_id": "50"},
    }
    stage.apply(stage.driver.read(final, stage.now))
    assert stage.jobs[second.id].status == "completed"
    assert stage.driver.unheard(10**15) == [first.id]


def test_after_a_restart_the_result_of_a_form_is_known_by_its_nonce() -> None:
    stage = Stage(ScriptedBot())
    job = stage.button(V1)
    final = {
        "id": "200",
        "author": BOT,
        "content": f"{PROMPT} - Remix (Strong) by <@1> (fast)",
        "nonce": form_nonce(job),
    }
    stage.apply(stage.driver.read(final, stage.now))
    assert stage.jobs[job.id].status == "completed"


MAKERS: dict[str, Make] = {
    "imagine": lambda stage: stage.job("imagine"),
    "blend": lambda stage: stage.job("blend", **BLEND),
    "describe": lambda stage: stage.job("describe", images=[{"key": "a"}]),
    "info": lambda stage: stage.job("info"),
    "remix": lambda stage: stage.job("remix"),
    "U1": lambda stage: stage.button(U1),
    "U2": lambda stage: stage.button(U2),
    "V1": lambda stage: stage.button(V1, prompt="a dog"),
    "V2": lambda stage: stage.button(V2),
    "region": lambda stage: stage.button(REGION, mask="m"),
    "zoom": lambda stage: stage.button(CUSTOM_ZOOM, prompt="a dog --zoom 2"),
    "clip 1": lambda stage: stage.button(clip(1), uuid=CLIPS),
    "clip 2": lambda stage: stage.button(clip(2), uuid=CLIPS),
    "seed of parent": lambda stage: stage.job("seed", uuid=PARENT),
    "another seed": lambda stage: stage.job("seed", uuid=seed(1)),
}
# What is done once a parent: two at a time would be one.
SINGLE = {"U1", "U2", "clip 1", "clip 2", "seed of parent", "another seed"}


# What is most easily taken for each other.
RIVALS = (
    ("imagine", "imagine"),
    ("blend", "blend"),
    ("describe", "describe"),
    ("U1", "U2"),
    ("V1", "V2"),
    ("V1", "V1"),
    ("zoom", "region"),
    ("clip 1", "clip 2"),
    ("seed of parent", "V1"),
)


@settings(max_examples=150)
@given(
    rivals=st.sampled_from(RIVALS),
    others=st.lists(st.sampled_from(sorted(MAKERS)), max_size=4),
    remix=st.booleans(),
    data=st.data(),
)
def test_every_job_gets_its_own_result_in_any_order(
    rivals: tuple[str, ...], others: list[str], remix: bool, data: st.DataObject
) -> None:
    asyncio.run(_interleaved([*rivals, *others], remix, data))


async def _interleaved(kinds: list[str], remix: bool, data: st.DataObject) -> None:
    stage = Stage(ScriptedBot(remix=remix))
    once = [kind for n, kind in enumerate(kinds) if kind not in SINGLE or kind not in kinds[:n]]
    made = [MAKERS[kind](stage) for kind in once]
    async with asyncio.TaskGroup() as group:
        for job in made:
            group.create_task(stage.driver.send(job))
        await settled()
        while stage.bot.running:
            script = data.draw(st.sampled_from(range(len(stage.bot.running))))
            dispatch = next(stage.bot.running[script], None)
            if dispatch is None:
                del stage.bot.running[script]
            else:
                stage.hear(dispatch)
                await settled()
    for job in made:
        done = stage.jobs[job.id]
        assert done.status == "completed"
        assert done.response is not None
        assert done.response["id"] == stage.bot.finals[job.nonce]
    assert stage.driver.jobs == {}
