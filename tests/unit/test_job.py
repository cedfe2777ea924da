"""The state machine: every transition from every state, and what ids look like."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph import errors, job
from heliograph.job import FINAL, RUNNING, Change, Job, JobType, Status

NOW = 1_761_329_465_501  # 2025-10-24T18:11:05.501Z


def make(status: Status = Status.CREATED, **fields: Any) -> Job:
    made = job.new(
        now=NOW,
        digits=769750,
        user=12345,
        channel="1234567890987654321",
        verb="imagine",
        type=JobType.IMAGE,
        request={"prompt": "cat in the hat"},
    )
    return msgspec.structs.replace(made, status=status, **fields)


def test_id_is_made_as_decision_5_says() -> None:
    assert make().id == "j1024181105501769750i-u12345-c1234567890987654321-bot:midjourney"


def test_nonce_is_the_id_a_day_later() -> None:
    assert make().nonce == "1025181105501769750"


@pytest.mark.parametrize(
    ("type", "letter"), [(JobType.IMAGE, "i-"), (JobType.VIDEO, "v-"), (None, "-")]
)
def test_id_tells_the_type(type: JobType | None, letter: str) -> None:
    assert job.job_id(NOW, 7, type, 1, "2")[20:].startswith(letter)


@given(st.integers(0, 4_102_444_800_000), st.integers(0, 999_999))
def test_id_always_has_nineteen_digits_and_a_nineteen_digit_nonce(now: int, digits: int) -> None:
    id = job.job_id(now, digits, None, 1, "2")
    assert id[1:20].isdigit()
    assert id[20] == "-"
    assert len(job.nonce_of(id)) == 19


def every_change(of: Job) -> dict[str, Change]:
    return {
        "sending": job.sending(of, NOW),
        "start": job.start(of, NOW),
        "progress": job.progress(of, NOW, {}, 5),
        "complete": job.complete(of, NOW, {}),
        "moderate": job.moderate(of, NOW, "Banned prompt", None, None),
        "fail": job.fail(of, NOW, "no", code=500),
        "cancel": job.cancel(of, NOW),
    }


@pytest.mark.parametrize("name", sorted(every_change(make())))
def test_nothing_leaves_a_final_state(name: str) -> None:
    assert not every_change(make())[name].guard & FINAL


@pytest.mark.parametrize("name", ["sending", "start"])
def test_only_a_created_job_is_sent_or_started(name: str) -> None:
    assert every_change(make())[name].guard == {Status.CREATED}


@pytest.mark.parametrize("name", ["progress", "complete", "moderate", "fail", "cancel"])
def test_every_running_job_may_go_on_or_end(name: str) -> None:
    assert every_change(make())[name].guard == RUNNING


def test_progress_is_guarded_against_going_down() -> None:
    assert job.progress(make(), NOW, {}, 40).percent_at_most == 40


def test_final_codes() -> None:
    codes = {name: change.columns.get("code") for name, change in every_change(make()).items()}
    assert codes["complete"] == 200
    assert codes["moderate"] == 422
    assert codes["cancel"] == 499


def test_cancelling_what_has_ended_says_how_it_ended() -> None:
    with pytest.raises(errors.JobEnded, match="Job is already completed"):
        job.cancel(make(Status.COMPLETED), NOW)


def test_reply_ref_is_in_the_response_as_soon_as_there_is_one() -> None:
    asked = msgspec.structs.replace(make(), request={"prompt": "x", "replyRef": "mine"})
    assert job.progress(asked, NOW, {"content": "x"}, 0).columns["response"]["replyRef"] == "mine"
    assert "response" not in job.cancel(asked, NOW).columns


def test_bind_keeps_only_what_is_new() -> None:
    bound = make(interaction="1")
    assert job.bind(bound, interaction="1") is None
    change = job.bind(bound, interaction="1", message="2")
    assert change is not None
    assert change.columns == {"message": "2"}
    assert change.event is None
