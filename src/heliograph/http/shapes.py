"""The wire's objects as types: what the OpenAPI document says of bodies and answers.

Job objects carry a Discord message, so more keys than these may be there; none of these is of
another type. Tests hold real answers against them.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from heliograph.command import PROMPT_LENGTH, REPLY_LENGTH, ReplyLevel

JobId = Annotated[str, Meta(examples=["j1024181105489769750i-u1-c123-bot:midjourney"])]
Time = Annotated[str, Meta(examples=["2025-10-24T18:11:05.501Z"])]
Running = Literal["created", "started", "progress"]
StatusName = Literal["created", "started", "progress", "completed", "failed", "moderated"]


class ImagineBody(msgspec.Struct, rename="camel", omit_defaults=True):
    """What `POST /jobs/imagine` takes, as JSON or as multipart fields."""

    prompt: Annotated[str, Meta(min_length=1, max_length=PROMPT_LENGTH)]
    stream: bool = True
    channel: str | UnsetType = UNSET
    reply_url: Annotated[str, Meta(max_length=REPLY_LENGTH)] | UnsetType = UNSET
    reply_ref: Annotated[str, Meta(max_length=REPLY_LENGTH)] | UnsetType = UNSET
    reply_level: ReplyLevel | UnsetType = UNSET


class Attachment(msgspec.Struct):
    """A picture or clip of a message."""

    id: str
    filename: str
    url: str
    proxy_url: str
    size: int
    width: int | UnsetType = UNSET
    height: int | UnsetType = UNSET
    content_type: str | UnsetType = UNSET


class Single(msgspec.Struct):
    """One picture of a grid, counted from 1."""

    id: int
    url: str


class Child(msgspec.Struct):
    """A job made by a button of this one."""

    verb: str
    status: StatusName
    created: Time
    button: str | UnsetType = UNSET


class ResponseObject(
    msgspec.Struct,
    rename={
        "execute_once": "executeOnce",
        "image_ux": "imageUx",
        "video_ux": "videoUx",
        "reply_ref": "replyRef",
    },
):
    """The bot's message, with what was read from it."""

    id: str | UnsetType = UNSET
    content: str | UnsetType = UNSET
    timestamp: str | UnsetType = UNSET
    progress_percent: int | UnsetType = UNSET
    attachments: list[Attachment] | UnsetType = UNSET
    buttons: list[str] | UnsetType = UNSET
    image_ux: list[Single] | UnsetType = UNSET
    video_ux: list[Single] | UnsetType = UNSET
    children: dict[str, Child] | UnsetType = UNSET
    execute_once: dict[str, JobId] | UnsetType = UNSET
    embeds: list[dict[str, Any]] | UnsetType = UNSET
    components: list[dict[str, Any]] | UnsetType = UNSET
    reply_ref: str | UnsetType = UNSET


class JobObject(msgspec.Struct, rename="camel"):
    """A job, the same in answers, streams and callbacks."""

    jobid: JobId
    verb: str
    status: StatusName
    created: Time
    request: dict[str, Any]
    job_type: Literal["image", "video"] | UnsetType = UNSET
    updated: Time | UnsetType = UNSET
    response: ResponseObject | UnsetType = UNSET
    error: str | UnsetType = UNSET
    error_details: str | UnsetType = UNSET
    code: int | UnsetType = UNSET


class ListedJob(msgspec.Struct, rename="camel"):
    """A running job in a list."""

    job_id: JobId
    channel: str
    job_type: Literal["image", "video"] | None
    created: Time
    elapsed: Annotated[str, Meta(pattern=r"^\d{2,}:\d{2}$")]


class ChannelJobs(msgspec.Struct, rename="camel"):
    """The running jobs of one channel, and how many it may run."""

    total: int
    images: int
    videos: int
    max_jobs: int
    max_image_jobs: int
    max_video_jobs: int
    jobs: list[ListedJob]


class RunningObject(msgspec.Struct):
    """What `GET /jobs` answers."""

    total: int
    images: int
    videos: int
    channels: dict[str, ChannelJobs]


class ChannelObject(msgspec.Struct, rename="camel"):
    """A channel's configuration; `discord` shows the token's first and last three characters."""

    discord: str
    channel: str
    max_jobs: int
    max_image_jobs: int
    max_video_jobs: int
    reply_url: str | UnsetType = UNSET
    error: str | UnsetType = UNSET


class ErrorObject(msgspec.Struct):
    """What went wrong, in a sentence."""

    error: str


class StateObject(msgspec.Struct):
    """How the server is."""

    status: str
