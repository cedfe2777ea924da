"""Tasks of the v1 API: what is asked, what goes to the bot, what is shown; months."""

import contextlib
import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph import command, job, task
from heliograph.errors import Invalid
from heliograph.http.envelopes import task_object
from heliograph.job import Change, Job, JobType
from heliograph.scheduler import spoken
from heliograph.service.tasks import echo_of, month_of
from heliograph.task import Known, Mode, Task

NOW = 1_757_165_031_000
BASE = "https://pictures.example"


def made(prompt: str = "a cat", mode: Mode = "fast") -> Task:
    return task.new(now=NOW, user=1, prompt=prompt, mode=mode, hook_url=None, timeout=600)


def running() -> Job:
    return job.new(
        now=NOW, digits=7, user=1, channel="9", verb="imagine", type=JobType.IMAGE, request={}
    )


def after(change: Change) -> Job:
    return msgspec.structs.replace(running(), **change.columns)


def shown(known: Known) -> dict[str, Any]:
    return task_object(known, echo_of(known.job), BASE)


def test_only_a_prompt_is_needed() -> None:
    assert command.task({"prompt": "a cat"}) == command.Task(
        prompt="a cat", mode="fast", hook_url=None, timeout=600
    )
    asked = command.task({"prompt": "x", "mode": "", "hookUrl": None, "timeout": 300.0, "more": 1})
    assert (asked.mode, asked.hook_url, asked.timeout) == ("fast", None, 300)


def test_a_key_is_no_part_of_what_was_asked() -> None:
    one, other = command.task({"prompt": "a"}), command.task({"prompt": "b"})
    assert command.keyed(one, "k").digest == one.digest != other.digest


names = st.sampled_from(["prompt", "mode", "hookUrl", "timeout", "taskIds"])
values = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())


@given(st.dictionaries(names, values))
def test_any_fields_are_read_or_refused(fields: dict[str, Any]) -> None:
    for read in (command.task, command.task_ids):
        with contextlib.suppress(Invalid):
            read(fields)


@pytest.mark.parametrize(
    ("prompt", "mode", "said"),
    [
        ("a cat", "fast", "a cat --fast"),
        ("a cat --ar 1:2", "relaxed", "a cat --ar 1:2 --relax"),
        ("a cat --turbo", "relaxed", "a cat --turbo"),
    ],
)
def test_the_mode_goes_to_the_bot_with_the_prompt(prompt: str, mode: Mode, said: str) -> None:
    assert spoken(made(prompt, mode)) == said


def test_ids_are_those_that_clients_know() -> None:
    ids = {task.new_id() for _ in range(200)}
    assert len(ids) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{21}", id) for id in ids)


def test_a_waiting_task_has_every_key_and_no_job() -> None:
    waiting = made()
    assert shown(Known(waiting)) == {
        "taskId": waiting.id,
        "status": 0,
        "jobId": "",
        "image": "",
        "images": [],
        "prompt": "a cat",
        "mjPrompt": "",
        "failReason": "",
        "progress": 0,
        "createdAt": NOW,
        "meta": {"width": 0, "height": 0},
    }


def test_a_preview_is_no_result() -> None:
    preview = {
        "content": "**a cat --v 7** - <@1> (31%) (fast)",
        "attachments": [{"url": "/media/x"}],
    }
    found = shown(Known(made(), after(job.progress(running(), NOW, preview, 31))))
    assert (found["status"], found["progress"], found["image"]) == (0, 31, "")
    assert found["mjPrompt"] == "a cat --v 7"


def test_a_finished_task_shows_its_grid_and_its_pictures() -> None:
    message = {
        "content": "**a cat --v 7** - <@1> (fast)",
        "attachments": [{"url": "/media/k/grid.png", "width": 2048, "height": 1024}],
        "imageUx": [{"id": 1, "url": "https://cdn.example/0.jpeg"}, {"id": 2, "url": "/media/2"}],
    }
    found = shown(Known(made(), after(job.complete(running(), NOW, message))))
    assert (found["status"], found["progress"], found["failReason"]) == (1, 100, "")
    assert found["image"] == f"{BASE}/media/k/grid.png"
    assert found["images"] == ["https://cdn.example/0.jpeg", f"{BASE}/media/2"]
    assert found["meta"] == {"width": 2048, "height": 1024}


def test_a_failed_task_says_why() -> None:
    moderated = job.moderate(running(), NOW, "Banned prompt", "The word gore", None)
    found = shown(Known(made(), after(moderated)))
    assert (found["status"], found["failReason"]) == (2, "Banned prompt: The word gore")
    same = job.fail(running(), NOW, "Invalid", code=400, details="Invalid")
    assert shown(Known(made(), after(same)))["failReason"] == "Invalid"
    never = msgspec.structs.replace(made(), ended=NOW, fail_reason="No channel")
    assert (shown(Known(never))["status"], shown(Known(never))["failReason"]) == (2, "No channel")


@given(st.integers(0, 4_000_000_000_000))
def test_a_month_begins_on_its_first_at_midnight(now: int) -> None:
    moment = datetime.fromtimestamp(now / 1000, UTC)
    began = datetime.fromtimestamp(month_of(now) / 1000, UTC)
    assert (began.year, began.month, began.day) == (moment.year, moment.month, 1)
    assert (began.hour, began.minute, began.second, began.microsecond) == (0, 0, 0, 0)
