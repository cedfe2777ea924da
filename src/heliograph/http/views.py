"""Rows as callers see them. The wire's names stand here and nowhere else."""

import functools
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from heliograph.channel import Channel
from heliograph.job import RUNNING, Child, Event, Job, JobType, Status
from heliograph.webhooks.base import Attempt, Delivery

encode = msgspec.json.Encoder().encode
OURS = "/media/"


def time(ms: int) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`."""
    return f"{_second(ms // 1000)}.{ms % 1000:03d}Z"


def clock(ms: int) -> str:
    """`HH:MM:SS.mmm` in UTC, the `ts` of an event."""
    return time(ms)[11:-1]


@functools.lru_cache(maxsize=256)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def job_object(job: Job, base: str, children: Sequence[Child] = ()) -> dict[str, Any]:
    """The job object: the same JSON in answers, streams and callbacks. `base` is put before the
    server-relative URLs of our own media; `children` are the jobs made from this one."""
    fields = {
        "jobid": job.id,
        "verb": job.verb,
        "jobType": job.type,
        "status": job.status,
        "created": time(job.created),
        "request": job.request,
        "updated": None if job.updated is None else time(job.updated),
        "response": _response(job, base, children),
        "error": job.error,
        "errorDetails": job.details,
        "code": job.code,
    }
    return {key: value for key, value in fields.items() if value is not None}


def at_event(job: Job, event: Event) -> Job:
    """The job as it was when `event` was written."""
    return msgspec.structs.replace(
        job,
        status=event.status,
        updated=event.updated,
        response=event.response,
        error=event.error,
        details=event.details,
        code=event.code,
    )


def missed(id: str, seq: int, now: int) -> bytes:
    """Tells a reader that the events up to `seq` are no longer kept."""
    data = {
        "event": "error",
        "message": f"The events up to {seq} are no longer kept; the job follows as it is",
        "jobId": id,
        "seq": seq,
        "ts": clock(now),
    }
    return b"id: %d\ndata: %s\n\n" % (seq, encode(data))


def callback(job: Job, event: Event, base: str, ref: str | None) -> bytes:
    """The body of a webhook: the job object as it was at an event (decision 1). `ref` is the
    reference of who is told, which may be another's than the job's own."""
    then = at_event(job, event)
    if ref != job.reply_ref:
        then = msgspec.structs.replace(
            then,
            request=_referred(job.request, ref),
            response=_referred(then.response, ref) if then.response else then.response,
        )
    return encode(job_object(then, base))


def _referred(fields: dict[str, Any], ref: str | None) -> dict[str, Any]:
    others = {key: value for key, value in fields.items() if key != "replyRef"}
    return others if ref is None else others | {"replyRef": ref}


def _response(job: Job, base: str, children: Sequence[Child]) -> dict[str, Any] | None:
    if job.response is None:
        return None
    shown: dict[str, Any] = absolute(job.response, base)
    if job.status is Status.COMPLETED and job.type is not None:
        listed = {child.id: _child(child) for child in children}
        shown = {**shown, "children": listed, "executeOnce": _once(children)}
    return shown


def _child(child: Child) -> dict[str, Any]:
    fields = {
        "verb": child.verb,
        "button": child.button,
        "status": child.status,
        "created": time(child.created),
    }
    return {key: value for key, value in fields.items() if value is not None}


def _once(children: Sequence[Child]) -> dict[str, str]:
    # One that failed may be had again, so it stands for nothing.
    lost = (Status.FAILED, Status.MODERATED)
    return {child.once: child.id for child in children if child.once and child.status not in lost}


def absolute(value: Any, base: str) -> Any:
    """A copy of JSON in which every URL of our own media is absolute."""
    if isinstance(value, dict):
        return {
            key: absolute(item, base)
            if isinstance(item, dict | list)
            else base + item
            if key in ("url", "proxy_url") and isinstance(item, str) and item.startswith(OURS)
            else item
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [absolute(item, base) for item in value]
    return value


def sse(event: Event, job: Job, base: str, children: Sequence[Child] = ()) -> bytes:
    """One event of a stream: its id, and one line of JSON."""
    data = {
        "event": event.name,
        "job": job_object(at_event(job, event), base, children),
        "seq": event.seq,
        "ts": clock(event.at),
    }
    return b"id: %d\ndata: %s\n\n" % (event.seq, encode(data))


def initialized(id: str, now: int) -> bytes:
    """The first event of a stream that is no resumption."""
    data = {
        "event": "initialized",
        "message": "Stream initialized",
        "jobId": id,
        "seq": 0,
        "ts": clock(now),
    }
    return b"id: 0\ndata: %s\n\n" % encode(data)


def delivery_object(
    delivery: Delivery, attempts: Sequence[Attempt] | None = None
) -> dict[str, Any]:
    """A webhook delivery; with its `attempts` where it is shown alone."""
    fields: dict[str, Any] = {
        "id": delivery.id,
        "jobid": delivery.job,
        "taskId": delivery.task,
        "event": delivery.event,
        "seq": delivery.seq,
        "url": delivery.url,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "created": time(delivery.created),
        "due": None if delivery.due is None else time(delivery.due),
        "settled": None if delivery.settled is None else time(delivery.settled),
    }
    if attempts is not None:
        fields["log"] = [_attempt(attempt) for attempt in attempts]
    return {key: value for key, value in fields.items() if value is not None}


def _attempt(attempt: Attempt) -> dict[str, Any]:
    fields = {
        "at": time(attempt.at),
        "ms": attempt.ms,
        "status": attempt.status,
        "answer": attempt.answer or None,
        "error": attempt.error,
    }
    return {key: value for key, value in fields.items() if value is not None}


def channel_object(channel: Channel) -> dict[str, Any]:
    """A channel's configuration, its token shown by three characters at each end."""
    fields = {
        "discord": f"{channel.token[:3]}...{channel.token[-3:]}",
        "channel": channel.id,
        "maxJobs": channel.max_jobs,
        "maxImageJobs": channel.max_image_jobs,
        "maxVideoJobs": channel.max_video_jobs,
        "replyUrl": channel.reply_url,
        "error": channel.error,
    }
    return {key: value for key, value in fields.items() if value is not None}


def running_object(jobs: Sequence[Job], channels: Iterable[Channel], now: int) -> dict[str, Any]:
    """What `GET /jobs` answers: the user's running jobs, by channel."""
    known = {channel.id: channel for channel in channels}
    by_channel: dict[str, list[Job]] = {}
    for job in jobs:
        if job.status in RUNNING:
            by_channel.setdefault(job.channel, []).append(job)
    return {
        **_counts(jobs),
        "channels": {
            id: {
                **_counts(listed),
                **_limits(known.get(id)),
                "jobs": [_listed(job, now) for job in listed],
            }
            for id, listed in by_channel.items()
        },
    }


def _counts(jobs: Sequence[Job]) -> dict[str, int]:
    return {
        "total": len(jobs),
        "images": sum(job.type is JobType.IMAGE for job in jobs),
        "videos": sum(job.type is JobType.VIDEO for job in jobs),
    }


def _limits(channel: Channel | None) -> dict[str, int]:
    # The jobs of a deleted channel go on; such a channel has no room, hence zeros.
    return {
        "maxJobs": channel.max_jobs if channel else 0,
        "maxImageJobs": channel.max_image_jobs if channel else 0,
        "maxVideoJobs": channel.max_video_jobs if channel else 0,
    }


def _listed(job: Job, now: int) -> dict[str, Any]:
    minutes, seconds = divmod(max(0, now - job.created) // 1000, 60)
    return {
        "jobId": job.id,
        "channel": job.channel,
        "jobType": job.type,
        "created": time(job.created),
        "elapsed": f"{minutes:02d}:{seconds:02d}",
    }
