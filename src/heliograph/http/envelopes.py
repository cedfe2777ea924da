"""Tasks as callers of the v1 API see them, in its envelope. That API's names stand here alone."""

from typing import Any

from heliograph.http.views import absolute, encode
from heliograph.job import Job, Status
from heliograph.task import Known, Task

# In the envelope of an answer with HTTP status 200.
ACCEPTED, NO_QUOTA, TOO_MANY = 0, 1001, 1002
IN_PROGRESS, COMPLETED, FAILED = 0, 1, 2


def envelope(data: Any, status: int = ACCEPTED, message: str = "success") -> dict[str, Any]:
    return {"status": status, "data": data, "message": message}


def task_object(known: Known, echo: str, base: str) -> dict[str, Any]:
    """A task. `echo` is its prompt as the bot wrote it; `base` is put before the server-relative
    URLs of our own media. Every key is always there: empty where nothing is known yet."""
    task, job = known.task, known.job
    status, response = _status(task, job), _final(job, base)
    grid: dict[str, Any] = next(iter(response.get("attachments") or ()), {})
    singles = response.get("imageUx") or response.get("videoUx") or ()
    return {
        "taskId": task.id,
        "status": status,
        "jobId": job.id if job else "",
        "image": grid.get("url") or "",
        "images": [single["url"] for single in singles],
        "prompt": task.prompt,
        "mjPrompt": echo,
        "failReason": _why(task, job) if status == FAILED else "",
        "progress": max(0, job.percent) if job else 0,
        "createdAt": task.created,
        "meta": {"width": grid.get("width") or 0, "height": grid.get("height") or 0},
    }


def hook(known: Known, echo: str, base: str) -> bytes:
    """What is POSTed to a task's `hookUrl`."""
    return encode(envelope(task_object(known, echo, base)))


def _status(task: Task, job: Job | None) -> int:
    if job is not None:
        if job.running:
            return IN_PROGRESS
        return COMPLETED if job.status is Status.COMPLETED else FAILED
    return IN_PROGRESS if task.ended is None else FAILED


def _final(job: Job | None, base: str) -> dict[str, Any]:
    """The finished message; previews on the way are no results."""
    if job is None or job.status is not Status.COMPLETED or job.response is None:
        return {}
    shown: dict[str, Any] = absolute(job.response, base)
    return shown


def _why(task: Task, job: Job | None) -> str:
    if job is None:
        return task.fail_reason or ""
    return ": ".join(dict.fromkeys(text for text in (job.error, job.details) if text))
