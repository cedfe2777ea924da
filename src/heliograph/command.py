"""What may be asked of the server: one type a verb, parsed from loosely typed fields or refused by
field name.

Unknown fields are ignored (decision 12). Each command's `echo` is its job's `request`: what the
caller sent, less credentials and bytes (decision 2).
"""

import binascii
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Literal, TypeVar

import msgspec

from heliograph import fields as read
from heliograph.errors import Invalid
from heliograph.fields import Fields, Upload
from heliograph.task import MODES, Mode

PROMPT_LENGTH = 5_000
REPLY_LENGTH = 1_024
CHANNEL_REPLY_LENGTH = 2_048
# A channel is a Discord snowflake: at most 20 digits today. The room is for whatever comes.
CHANNEL_LENGTH = 64
JOB_ID_LENGTH = 200
BUTTON_LENGTH = 64
TOKEN_LENGTH = 512
URL_LENGTH = 8_192
KEY_LENGTH = 255
TASK_SECONDS, LEAST_SECONDS, MOST_SECONDS = 600, 300, 1200
MOST_TASKS = 50
IMAGE_BYTES = 10 * 1024 * 1024
# Base64 takes four characters for three bytes.
MASK_LENGTH = IMAGE_BYTES * 4 // 3 + 100

BOOLEANS = frozenset({"stream", "queue"})
NUMBERS = frozenset({"maxJobs", "maxImageJobs", "maxVideoJobs", "timeout"})
WHITESPACE = b" \t\r\n\f\v"
DATA_URL = re.compile(rb"data:image/[a-z+.-]+(;[a-z0-9=-]+)*;base64,", re.IGNORECASE)

ReplyLevel = Literal["all", "standard", "minimal"]
REPLY_LEVELS: tuple[ReplyLevel, ...] = ("all", "standard", "minimal")
Dimensions = Literal["Portrait", "Square", "Landscape"]
DIMENSIONS: tuple[Dimensions, ...] = ("Portrait", "Square", "Landscape")
MOST_BLENDED = 5
ChallengeKind = Literal["moderation", "challenge"]
CHALLENGES: tuple[ChallengeKind, ...] = ("moderation", "challenge")
SettingsVerb = Literal["settings", "info", "fast", "relax", "turbo", "remix", "variability"]

Image = str | Upload
"""A picture by its URL, or the file itself."""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What all commands share: how to answer, and on which channel.

    `key` is the caller's own, for sending the same command twice safely; it is no part of it.
    `queue`: where every channel is busy, the job waits instead of being refused.
    """

    key: str | None = None
    stream: bool = True
    queue: bool = False
    channel: str | None = None
    reply_url: str | None = None
    reply_ref: str | None = None
    reply_level: ReplyLevel | None = None

    @property
    def digest(self) -> str:
        """The same for the same command, whatever its key."""
        return _digest(self)

    @property
    def echo(self) -> dict[str, Any]:
        """The job's `request`; `stream` only when false."""
        fields = {
            "channel": self.channel,
            "replyUrl": self.reply_url,
            "replyRef": self.reply_ref,
            "replyLevel": self.reply_level,
            "stream": False if not self.stream else None,
            "queue": True if self.queue else None,
            **self._asked(),
        }
        return {key: value for key, value in fields.items() if value is not None}

    def _asked(self) -> dict[str, Any]:
        return {}


class Imagine(Command, frozen=True, kw_only=True):
    """Paint a prompt."""

    prompt: str

    def _asked(self) -> dict[str, Any]:
        return {"prompt": self.prompt}


class Button(Command, frozen=True, kw_only=True):
    """Press a button of a finished job. `mask` is an encoded picture, white where to paint anew."""

    job: str
    button: str
    prompt: str | None = None
    mask: bytes | None = None

    def _asked(self) -> dict[str, Any]:
        mask = None if self.mask is None else "blob"
        return {"button": self.button, "jobId": self.job, "prompt": self.prompt, "mask": mask}


class Seed(Command, frozen=True, kw_only=True):
    """Tell a finished job's seed."""

    job: str

    def _asked(self) -> dict[str, Any]:
        return {"jobId": self.job}


class Blend(Command, frozen=True, kw_only=True):
    """Make one picture of two to five."""

    images: tuple[Image, ...]
    dimensions: Dimensions | None = None

    def _asked(self) -> dict[str, Any]:
        urls = [
            image if isinstance(image, str) else f"blob_{n}" for n, image in enumerate(self.images)
        ]
        return {"blendUrls": urls, "blendDimensions": self.dimensions}


class Describe(Command, frozen=True, kw_only=True):
    """Write prompts for a picture."""

    image: Image

    def _asked(self) -> dict[str, Any]:
        return {"describeUrl": self.image if isinstance(self.image, str) else "blob"}


class Setting(Command, frozen=True, kw_only=True):
    """Show or switch a setting of the bot."""

    verb: SettingsVerb


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A task of the v1 API. `timeout` in seconds."""

    prompt: str
    mode: Mode = "fast"
    hook_url: str | None = None
    timeout: int = TASK_SECONDS
    key: str | None = None

    @property
    def digest(self) -> str:
        """As a command's."""
        return _digest(self)


C = TypeVar("C", bound=Command | Task)


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A channel's configuration; None is for what was not sent."""

    token: str
    max_jobs: int | None = None
    max_image_jobs: int | None = None
    max_video_jobs: int | None = None
    reply_url: str | None = None


def imagine(fields: Fields) -> Imagine:
    """Reads the body of `POST /jobs/imagine`. Raises Invalid naming the field at fault."""
    return Imagine(prompt=_prompt(fields), **_queued(fields))


def button(fields: Fields) -> Button:
    """Reads the body of `POST /jobs/button`. Raises Invalid."""
    job = _job(fields)
    label = read.text(fields, "button", BUTTON_LENGTH)
    if label is None:
        raise Invalid("button is required")
    prompt = read.text(fields, "prompt", PROMPT_LENGTH)
    return Button(job=job, button=label, prompt=prompt, mask=_mask(fields), **_queued(fields))


def seed(fields: Fields) -> Seed:
    """Reads the body of `POST /jobs/seed`. Raises Invalid."""
    return Seed(job=_job(fields), **_common(fields))


def blend(fields: Fields) -> Blend:
    """Reads the body of `POST /jobs/blend`. Raises Invalid."""
    images = tuple(_images(fields))
    if len(images) < 2:
        raise Invalid("At least 2 images are required for blend")
    dimensions = read.choice(fields, "blendDimensions", DIMENSIONS)
    return Blend(images=images, dimensions=dimensions, **_queued(fields))


def describe(fields: Fields) -> Describe:
    """Reads the body of `POST /jobs/describe`. Raises Invalid."""
    image = _image(fields, "imageUrl", "imageBlob")
    if image is None:
        raise Invalid("Either imageUrl or imageBlob is required")
    return Describe(image=image, **_common(fields))


def setting(verb: SettingsVerb, fields: Fields) -> Setting:
    """Reads the body of `POST /jobs/{verb}`. Raises Invalid."""
    return Setting(verb=verb, **_common(fields))


def task(fields: Fields) -> Task:
    """Reads the body of `POST /midjourney/v1/submit-jobs`. Raises Invalid."""
    return Task(
        prompt=_prompt(fields),
        mode=read.choice(fields, "mode", MODES) or "fast",
        hook_url=read.url(fields, "hookUrl", REPLY_LENGTH),
        timeout=read.whole(fields, "timeout", LEAST_SECONDS, MOST_SECONDS) or TASK_SECONDS,
    )


def task_ids(fields: Fields) -> tuple[str, ...]:
    """Reads the body of `POST /midjourney/v1/job-status`. Raises Invalid."""
    ids = read.texts(fields, "taskIds", MOST_TASKS)
    if ids is None:
        raise Invalid("Parameter taskIds is required")
    return ids


def account(fields: Fields) -> Account:
    """Reads the body of `POST /accounts`. Raises Invalid."""
    token = read.text(fields, "discord", TOKEN_LENGTH)
    if token is None or not token.strip():
        raise Invalid("Required parameter discord is missing or empty")
    if not (token.strip().isascii() and token.strip().isprintable()):
        raise Invalid("Parameter discord contains characters that no token has")
    return Account(
        token=token.strip(),
        max_jobs=read.whole(fields, "maxJobs", 1, 15),
        max_image_jobs=read.whole(fields, "maxImageJobs", 1, 12),
        max_video_jobs=read.whole(fields, "maxVideoJobs", 1, 12),
        reply_url=read.url(fields, "replyUrl", CHANNEL_REPLY_LENGTH),
    )


def keyed(asked: C, key: str | None) -> C:
    """The command with its caller's Idempotency-Key, if there is one. Raises Invalid."""
    if key is None:
        return asked
    if not 1 <= len(key) <= KEY_LENGTH or not key.isprintable():
        raise Invalid(f"Idempotency-Key must be 1 to {KEY_LENGTH} printable characters")
    return msgspec.structs.replace(asked, key=key)


def _digest(asked: Command | Task) -> str:
    whole = msgspec.structs.replace(asked, key=None)
    return sha256(msgspec.msgpack.encode([type(asked).__name__, whole])).hexdigest()


def challenge(fields: Fields) -> ChallengeKind:
    """Reads which challenge is to be raised; a moderation message unless it says otherwise."""
    return read.choice(fields, "kind", CHALLENGES) or "moderation"


def typed(fields: Fields) -> dict[str, Any]:
    """The fields of a form, where all values are text, with booleans and numbers read as such."""
    return read.typed(fields, BOOLEANS, NUMBERS)


def _common(fields: Fields) -> dict[str, Any]:
    return {
        "stream": read.boolean(fields, "stream", default=True),
        "channel": read.text(fields, "channel", CHANNEL_LENGTH),
        "reply_url": read.url(fields, "replyUrl", REPLY_LENGTH),
        "reply_ref": read.text(fields, "replyRef", REPLY_LENGTH),
        "reply_level": read.choice(fields, "replyLevel", REPLY_LEVELS),
    }


def _queued(fields: Fields) -> dict[str, Any]:
    return {**_common(fields), "queue": read.boolean(fields, "queue", default=False)}


def _prompt(fields: Fields) -> str:
    prompt = read.text(fields, "prompt", PROMPT_LENGTH)
    if prompt is None or not prompt.strip():
        raise Invalid("Parameter prompt is required")
    return prompt


def _job(fields: Fields) -> str:
    job = read.text(fields, "jobId", JOB_ID_LENGTH)
    if job is None:
        raise Invalid("jobId is required")
    return job


def _mask(fields: Fields) -> bytes | None:
    # A form may bring it as the file that it is.
    if isinstance(fields.get("mask"), Upload):
        uploaded = read.upload(fields, "mask", IMAGE_BYTES)
        return uploaded.data if uploaded else None
    mask = read.text(fields, "mask", MASK_LENGTH)
    if mask is None:
        return None
    try:
        encoded = mask.encode("ascii").translate(None, WHITESPACE)
        if prefix := DATA_URL.match(encoded):
            encoded = encoded[prefix.end() :]
        data = binascii.a2b_base64(encoded, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("Parameter mask must be a base64-encoded PNG or WebP picture") from error
    if not data or len(data) > IMAGE_BYTES:
        raise Invalid("Parameter mask must be a picture of at most 10 MB")
    return data


def _images(fields: Fields) -> Iterator[Image]:
    for n in range(1, MOST_BLENDED + 1):
        image = _image(fields, f"imageUrl_{n}", f"imageBlob_{n}")
        if image is not None:
            yield image
        elif n <= 2:
            raise Invalid("At least 2 images are required for blend")


def _image(fields: Fields, url: str, blob: str) -> Image | None:
    named, uploaded = read.url(fields, url, URL_LENGTH), read.upload(fields, blob, IMAGE_BYTES)
    if named is not None and uploaded is not None:
        raise Invalid(f"Only one of {url} and {blob} may be given")
    return named or uploaded
