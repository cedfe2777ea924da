"""A task of the v1 API: a prompt that waits for its turn, and then is a job like any other."""

import secrets
from typing import Literal

import msgspec

from heliograph.job import Job

Mode = Literal["fast", "relaxed"]
MODES: tuple[Mode, ...] = ("fast", "relaxed")
# 126 bits of chance are 21 characters of URL-safe base64, which is what clients know.
ID_BYTES, ID_LENGTH = 16, 21


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the tasks table. Times in ms since 1970, UTC; `timeout` in seconds.

    `mode` is how it runs. `fail_reason` is for a task that never had a job: a job says itself how
    it ended.
    """

    id: str
    user: int
    prompt: str
    mode: Mode
    hook_url: str | None
    timeout: int
    created: int
    deadline: int
    ended: int | None = None
    fail_reason: str | None = None


class Known(msgspec.Struct, frozen=True):
    """A task with its job, once it has one."""

    task: Task
    job: Job | None = None


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What a user had done in some time. `fast` and `relaxed` are the image and video jobs by
    speed (turbo is fast); `failed` are those of them that failed or were moderated."""

    user: int
    fast: int = 0
    relaxed: int = 0
    images: int = 0
    videos: int = 0
    failed: int = 0
    tasks: int = 0


def new_id() -> str:
    return secrets.token_urlsafe(ID_BYTES)[:ID_LENGTH]


def new(
    *, now: int, user: int, prompt: str, mode: Mode, hook_url: str | None, timeout: int
) -> Task:
    return Task(
        id=new_id(),
        user=user,
        prompt=prompt,
        mode=mode,
        hook_url=hook_url,
        timeout=timeout,
        created=now,
        deadline=now + timeout * 1000,
    )
