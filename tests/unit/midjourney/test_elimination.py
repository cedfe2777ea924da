"""Jobs and messages that lost each other: only what is certain is taken."""

import itertools
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from heliograph import job as jobs
from heliograph.job import Job, JobType
from heliograph.midjourney import elimination
from heliograph.midjourney.wire import Message

SENT = 1_795_275_000_000
BOT = {"id": "936929561302675456", "bot": True}


def snowflake(ms: int) -> str:
    return str((ms - elimination.DISCORD_EPOCH_MS) << 22)


NUMBERS = itertools.count(1)


def sent(verb: str = "imagine", prompt: str = "a cat --v 7", at: int = SENT, **inputs: Any) -> Job:
    made = jobs.new(
        now=at,
        digits=next(NUMBERS),
        user=1,
        channel="5",
        verb=verb,
        type=JobType.IMAGE,
        request={"prompt": prompt},
        inputs=inputs,
    )
    return msgspec.structs.replace(made, sent=at)


def final(words: str = "a cat", after: int = 1000, user: str = "1", action: str = "") -> Message:
    """Of a job whose progress message came `after` ms."""
    text = f"**{words} --v 7.0 --s 250** - {action}<@{user}> (fast)"
    return {
        "id": snowflake(SENT + after + 5000),
        "content": text,
        "author": BOT,
        "message_reference": {"message_id": snowflake(SENT + after)},
    }


def pairs(made: list[Job], messages: list[Message], claimed: Sequence[str] = ()) -> dict[str, str]:
    return dict(elimination.pairs(made, messages, user="1", claimed=claimed))


def test_one_job_and_one_message_belong_together() -> None:
    job, other = sent(), sent(prompt="a dog")
    cat, dog = final(), final("a dog", after=2000)
    found = pairs([job, other], [dog, cat])
    assert found == {job.id: snowflake(SENT + 1000), other.id: snowflake(SENT + 2000)}


def test_a_progress_message_is_its_own_first() -> None:
    job = sent()
    progress = {"id": snowflake(SENT + 500), "content": "**a cat --v 7.0** - <@1> (31%) (fast)"}
    assert pairs([job], [progress | {"author": BOT}]) == {job.id: snowflake(SENT + 500)}


@pytest.mark.parametrize(
    "message",
    [
        final("a dog"),
        final(after=-10_000),
        final(after=400_000),
        final(user="2"),
        final(action="Zoom Out by "),
        final() | {"author": {"id": "2"}},
        final() | {"content": "hello"},
    ],
)
def test_what_does_not_fit_is_left(message: Message) -> None:
    assert pairs([sent()], [message]) == {}


def test_two_that_could_be_meant_are_both_left() -> None:
    one, two = sent(), sent()
    assert pairs([one, two], [final()]) == {}
    assert pairs([one], [final(), final(after=1500)]) == {}
    assert pairs([one, two], [final(), final(after=1500)]) == {}


def test_a_message_that_is_another_jobs_is_left() -> None:
    message = final()
    assert pairs([sent()], [message], [str(message["id"])]) == {}


def test_links_and_parameters_are_written_anew_by_the_bot() -> None:
    job = sent(prompt="https://x.test/a.png  a   cat --ar 3:2")
    assert pairs([job], [final("<https://s.mj.run/abc> a cat")]) != {}


def test_a_press_is_told_by_what_was_pressed() -> None:
    uuid = "00000000-0000-0000-0000-00000000000a"
    parent = snowflake(SENT - 60_000)
    pressed = sent("button", message={"id": parent}, custom_id=f"MJ::JOB::upsample::2::{uuid}")
    answers = [
        final(action=action) | {"message_reference": {"message_id": reference}}
        for action, reference in [
            ("Image #1 ", parent),
            ("Image #2 ", parent),
            ("Variations by ", parent),
            ("Image #2 ", snowflake(SENT)),
        ]
    ]
    assert pairs([pressed], answers[:1] + answers[2:]) == {}
    assert pairs([pressed], answers) == {pressed.id: answers[1]["id"]}


def test_a_shown_job_is_that_of_the_seed_that_was_asked_for() -> None:
    uuid = "00000000-0000-0000-0000-00000000000a"
    asked, other = sent("seed", uuid=uuid), sent("seed", uuid=uuid.replace("a", "b"))
    shown = final(after=500) | {"attachments": [{"filename": f"user_a_cat_{uuid}.png"}]}
    told = shown | {"id": snowflake(SENT + 9000)}
    told |= {"content": f"**a cat**\n**Job ID**: {uuid}\n**seed** 5"}
    assert pairs([asked, other], [shown, told]) == {asked.id: shown["id"]}
