"""The wire's objects as types: what the OpenAPI document says of bodies and answers.

Job objects carry a Discord message, so more keys than these may be there; none of these is of
another type. Tests hold real answers against them.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from heliograph.command import (
    BUTTON_LENGTH,
    CHANNEL_LENGTH,
    CHANNEL_REPLY_LENGTH,
    LEAST_SECONDS,
    MOST_SECONDS,
    MOST_TASKS,
    PROMPT_LENGTH,
    REPLY_LENGTH,
    TASK_SECONDS,
    TOKEN_LENGTH,
    URL_LENGTH,
    ChallengeKind,
    Dimensions,
    ReplyLevel,
)
from heliograph.task import Mode

JobId = Annotated[str, Meta(examples=["j1024181105489769750i-u1-c123-bot:midjourney"])]
TaskId = Annotated[str, Meta(examples=["MtAd7mCuc4YqK_a1iAQSW"])]
Time = Annotated[str, Meta(examples=["2025-10-24T18:11:05.501Z"])]
Running = Literal["created", "started", "progress"]
EventName = Literal[
    "initialized",
    "midjourney_created",
    "midjourney_started",
    "midjourney_progress",
    "midjourney_completed",
    "midjourney_failed",
    "midjourney_moderated",
    "error",
]
StatusName = Literal["created", "started", "progress", "completed", "failed", "moderated"]


Reference = Annotated[str, Meta(max_length=REPLY_LENGTH)]
Prompt = Annotated[str, Meta(min_length=1, max_length=PROMPT_LENGTH)]
File = Annotated[
    str, Meta(description="A PNG, JPEG, WebP or GIF file, sent as multipart/form-data")
]
Queue = Annotated[
    bool, Meta(description="Wait for room where every channel is busy, instead of a 429")
]
Address = Annotated[str, Meta(max_length=URL_LENGTH)]


class _Common(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    stream: bool = True
    channel: Annotated[str, Meta(max_length=CHANNEL_LENGTH)] | UnsetType = UNSET
    reply_url: Reference | UnsetType = UNSET
    reply_ref: Reference | UnsetType = UNSET
    reply_level: ReplyLevel | UnsetType = UNSET


class _Queued(_Common, omit_defaults=True, kw_only=True):
    queue: Queue = False


class ImagineBody(_Queued, kw_only=True):
    """What `POST /jobs/imagine` takes, as JSON or as multipart fields."""

    prompt: Prompt


class ButtonBody(_Queued, kw_only=True):
    """What `POST /jobs/button` takes. `mask` is a PNG or WebP in base64, or a file."""

    job_id: JobId
    button: Annotated[str, Meta(min_length=1, max_length=BUTTON_LENGTH, examples=["U1"])]
    prompt: Annotated[str, Meta(max_length=PROMPT_LENGTH)] | UnsetType = UNSET
    mask: str | UnsetType = UNSET


class SeedBody(_Common, kw_only=True):
    """What `POST /jobs/seed` takes."""

    job_id: JobId


class SettingBody(_Common, kw_only=True):
    """What the settings verbs take; the channel is required when there are several."""


class DescribeBody(_Common, kw_only=True):
    """What `POST /jobs/describe` takes: one of the two."""

    image_url: Address | UnsetType = UNSET
    image_blob: File | UnsetType = UNSET


class BlendBody(
    _Queued,
    kw_only=True,
    rename={
        **{f"url_{n}": f"imageUrl_{n}" for n in range(1, 6)},
        **{f"blob_{n}": f"imageBlob_{n}" for n in range(1, 6)},
        "blend_dimensions": "blendDimensions",
        "reply_url": "replyUrl",
        "reply_ref": "replyRef",
        "reply_level": "replyLevel",
    },
):
    """What `POST /jobs/blend` takes: two to five pictures, each by URL or as a file."""

    url_1: Address | UnsetType = UNSET
    blob_1: File | UnsetType = UNSET
    url_2: Address | UnsetType = UNSET
    blob_2: File | UnsetType = UNSET
    url_3: Address | UnsetType = UNSET
    blob_3: File | UnsetType = UNSET
    url_4: Address | UnsetType = UNSET
    blob_4: File | UnsetType = UNSET
    url_5: Address | UnsetType = UNSET
    blob_5: File | UnsetType = UNSET
    blend_dimensions: Dimensions = "Square"


class AccountBody(msgspec.Struct, rename="camel", omit_defaults=True):
    """What `POST /accounts` takes. `discord` is `studio…` for an account of our own bot."""

    discord: Annotated[str, Meta(min_length=1, max_length=TOKEN_LENGTH, examples=["studio-2"])]
    max_jobs: Annotated[int, Meta(ge=1, le=15)] = 3
    max_image_jobs: Annotated[int, Meta(ge=1, le=12)] = 3
    max_video_jobs: Annotated[int, Meta(ge=1, le=12)] = 3
    reply_url: Annotated[str, Meta(max_length=CHANNEL_REPLY_LENGTH)] | UnsetType = UNSET


class ChallengeBody(msgspec.Struct, omit_defaults=True):
    """What our own bot is to raise: a pending moderation message, or a challenge."""

    kind: ChallengeKind = "moderation"


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


class EventObject(msgspec.Struct, rename="camel"):
    """One event of a stream. `initialized` has `message` and `jobId`, all others have the job."""

    event: EventName
    seq: int
    ts: Annotated[str, Meta(pattern=r"^\d{2}:\d{2}:\d{2}\.\d{3}$")]
    job: JobObject | UnsetType = UNSET
    message: str | UnsetType = UNSET
    job_id: JobId | UnsetType = UNSET


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


class AttemptObject(msgspec.Struct):
    """One call of a webhook: its answer, or why there was none."""

    at: Time
    ms: int
    status: int | UnsetType = UNSET
    answer: str | UnsetType = UNSET
    error: str | UnsetType = UNSET


class DeliveryObject(msgspec.Struct, rename={"task_id": "taskId"}):
    """One event on its way to a receiver; `due` is the next attempt. A task of the v1 API that
    failed before its turn came has no job."""

    id: int
    event: str
    seq: int
    url: str
    state: Literal["pending", "delivered", "failed"]
    attempts: int
    created: Time
    jobid: JobId | UnsetType = UNSET
    task_id: str | UnsetType = UNSET
    due: Time | UnsetType = UNSET
    settled: Time | UnsetType = UNSET
    log: list[AttemptObject] | UnsetType = UNSET


class DeliveriesObject(msgspec.Struct):
    """Webhook deliveries, newest first."""

    deliveries: list[DeliveryObject]


class SecretsObject(msgspec.Struct):
    """Signing secrets, newest first, by the Standard Webhooks specification."""

    secrets: list[str]


class ProxyErrorObject(msgspec.Struct):
    """What went wrong, in a sentence, and the answer's status again."""

    error: str
    code: int


class TaskBody(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    """What `POST /midjourney/v1/submit-jobs` takes. `timeout` in seconds."""

    prompt: Prompt
    mode: Mode = "fast"
    hook_url: Reference | UnsetType = UNSET
    timeout: Annotated[int, Meta(ge=LEAST_SECONDS, le=MOST_SECONDS)] = TASK_SECONDS


class TaskIdsBody(msgspec.Struct, rename="camel"):
    """What `POST /midjourney/v1/job-status` takes."""

    task_ids: Annotated[list[TaskId], Meta(min_length=1, max_length=MOST_TASKS)]


class SizeObject(msgspec.Struct):
    """Pixels; zeros until the task is completed."""

    width: int
    height: int


class TaskObject(msgspec.Struct, rename="camel"):
    """A task. `status` is 0 in progress (waiting in the queue, too), 1 completed, 2 failed."""

    task_id: TaskId
    status: Literal[0, 1, 2]
    job_id: str
    image: str
    images: list[str]
    prompt: str
    mj_prompt: str
    fail_reason: str
    progress: Annotated[int, Meta(ge=0, le=100)]
    created_at: int
    meta: SizeObject


class TaskIdObject(msgspec.Struct, rename="camel"):
    """The id of a task that was taken."""

    task_id: TaskId


class SubmittedObject(msgspec.Struct):
    """The envelope of a submission: `status` is 0 accepted, 1001 quota not enough, 1002 too many
    unfinished tasks; without `data` unless accepted."""

    status: Literal[0, 1001, 1002]
    data: TaskIdObject | None
    message: str


class TasksObject(msgspec.Struct):
    """The envelope of tasks, in the order of the ids."""

    status: Literal[0]
    data: list[TaskObject]
    message: str


class FaultObject(msgspec.Struct):
    """The envelope of what went wrong; `status` is the answer's."""

    status: int
    data: None
    message: str


class StateObject(msgspec.Struct):
    """How the server is."""

    status: str
