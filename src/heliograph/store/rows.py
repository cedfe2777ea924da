"""Rows of the tables to the core's values, and back."""

import sqlite3
from typing import Any

import msgspec

from heliograph.channel import Channel
from heliograph.job import Child, Event, Job, JobType, Status
from heliograph.store.base import Token, User
from heliograph.task import Task, Usage
from heliograph.turns import Waiting


def json_of(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def parsed(text: str | None) -> Any:
    return None if text is None else msgspec.json.decode(text)


def job_values(job: Job) -> dict[str, Any]:
    # Plain text for the enumerations: sqlite3 takes ten times as long over a subclass of str.
    return {
        "id": job.id,
        "user": job.user,
        "channel": job.channel,
        "verb": job.verb,
        "type": job.type.value if job.type else None,
        "nonce": job.nonce,
        "status": job.status.value,
        "created": job.created,
        "request": json_of(job.request),
        "seq": job.seq,
        "percent": job.percent,
        "parent": job.parent,
        "once": job.once,
        "inputs": json_of(job.inputs or None),
    }


def event_values(event: Event) -> dict[str, Any]:
    plain = {"status": event.status.value, "response": json_of(event.response)}
    return msgspec.structs.asdict(event) | plain


def job_of(row: sqlite3.Row) -> Job:
    return Job(
        id=row["id"],
        user=row["user_id"],
        channel=row["channel"],
        verb=row["verb"],
        type=JobType(row["type"]) if row["type"] else None,
        nonce=row["nonce"],
        status=Status(row["status"]),
        created=row["created"],
        updated=row["updated"],
        request=parsed(row["request"]),
        response=parsed(row["response"]),
        error=row["error"],
        details=row["details"],
        code=row["code"],
        seq=row["seq"],
        percent=row["percent"],
        sent=row["sent"],
        interaction=row["interaction"],
        message=row["message"],
        uuid=row["uuid"],
        parent=row["parent"],
        once=row["once"],
        inputs=parsed(row["inputs"]) or {},
        watched=bool(row["watched"]),
    )


def child_of(row: sqlite3.Row) -> Child:
    return Child(
        id=row["id"],
        verb=row["verb"],
        button=parsed(row["request"]).get("button"),
        status=Status(row["status"]),
        created=row["created"],
        once=row["once"],
    )


def user_of(row: sqlite3.Row) -> User:
    return User(
        id=row["id"],
        created=row["created"],
        subscription_until=row["subscription_until"],
        fast_jobs=row["fast_jobs"],
        relaxed_jobs=row["relaxed_jobs"],
        unfinished=row["unfinished"],
        mail=row["mail"],
    )


def usage_of(row: sqlite3.Row) -> Usage:
    return Usage(
        user=row["user_id"],
        fast=row["fast"],
        relaxed=row["relaxed"],
        images=row["images"],
        videos=row["videos"],
        failed=row["failed"],
        tasks=row["tasks"],
    )


def task_of(row: sqlite3.Row) -> Task:
    return Task(
        id=row["id"],
        user=row["user_id"],
        prompt=row["prompt"],
        mode=row["mode"],
        hook_url=row["hook_url"],
        timeout=row["timeout"],
        created=row["created"],
        deadline=row["deadline"],
        ended=row["ended"],
        fail_reason=row["fail_reason"],
    )


def waiting_of(row: sqlite3.Row) -> Waiting:
    return Waiting(
        id=row["id"],
        user=row["user_id"],
        type=JobType(row["type"]),
        relaxed=bool(row["relaxed"]),
        enqueued=row["enqueued"],
        job=row["job"],
        task=row["task"],
        channel=row["channel"],
    )


def event_of(row: sqlite3.Row) -> Event:
    return Event(
        job=row["job"],
        seq=row["seq"],
        at=row["at"],
        name=row["name"],
        status=Status(row["status"]),
        updated=row["updated"],
        response=parsed(row["response"]),
        error=row["error"],
        details=row["details"],
        code=row["code"],
    )


def channel_of(row: sqlite3.Row) -> Channel:
    return Channel(
        id=row["id"],
        user=row["user_id"],
        token=row["token"],
        max_jobs=row["max_jobs"],
        max_image_jobs=row["max_image_jobs"],
        max_video_jobs=row["max_video_jobs"],
        reply_url=row["reply_url"],
        error=row["error"],
    )


def token_of(row: sqlite3.Row) -> Token:
    return Token(
        id=row["id"],
        user=row["user_id"],
        name=row["name"],
        hint=row["hint"],
        created=row["created"],
        revoked=row["revoked"],
    )
