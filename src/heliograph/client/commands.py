"""What a server can be asked to do as a job: one class a verb."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, TypedDict

Image = str | Path | bytes
"""A picture: its http(s) URL, the path of a file, or the file's bytes."""
Dimensions = Literal["Portrait", "Square", "Landscape"]
SettingsVerb = Literal["settings", "info", "fast", "relax", "turbo", "remix", "variability"]
File = tuple[str, bytes]
"""A file's name and its bytes, as they are uploaded."""


class Options(TypedDict, total=False):
    """What may be said with every command; the API's reference explains each.

    `key` makes it safe to send the same command twice (`Idempotency-Key`): a submission whose
    connection is lost is then sent again. `queue` has an imagine, button or blend wait for its
    turn where all channels are busy.
    """

    channel: str | None
    reply_url: str | None
    reply_ref: str | None
    reply_level: Literal["all", "standard", "minimal"] | None
    queue: bool | None
    key: str | None


class Command(Protocol):
    """`verb` is the last part of the endpoint's path."""

    @property
    def verb(self) -> str: ...

    def fields(self) -> dict[str, Any]:
        """What the body says; None is left out. Raises OSError for a file that can't be read."""

    def files(self) -> dict[str, File]:
        """What is uploaded with it. Raises OSError."""


class _WithoutFiles:
    def files(self) -> dict[str, File]:
        return {}


@dataclass(frozen=True)
class Imagine(_WithoutFiles):
    """Paint a prompt."""

    verb: ClassVar[str] = "imagine"
    prompt: str

    def fields(self) -> dict[str, Any]:
        return {"prompt": self.prompt}


@dataclass(frozen=True)
class Button(_WithoutFiles):
    """Press a button of a finished job, by its label.

    `mask` is a PNG or WebP of the picture's size, white where Vary (Region) paints anew.
    """

    verb: ClassVar[str] = "button"
    jobid: str
    label: str
    prompt: str | None = None
    mask: Path | str | bytes | None = None

    def fields(self) -> dict[str, Any]:
        mask = None if self.mask is None else base64.b64encode(_bytes(self.mask)).decode()
        return {"jobId": self.jobid, "button": self.label, "prompt": self.prompt, "mask": mask}


@dataclass(frozen=True)
class Seed(_WithoutFiles):
    """Tell a finished job's seed: `response.seed` of the new job."""

    verb: ClassVar[str] = "seed"
    jobid: str

    def fields(self) -> dict[str, Any]:
        return {"jobId": self.jobid}


@dataclass(frozen=True)
class Setting(_WithoutFiles):
    """Show or switch a setting of the bot."""

    verb: SettingsVerb

    def fields(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class Blend:
    """Make one picture of two to five."""

    verb: ClassVar[str] = "blend"
    images: Sequence[Image]
    dimensions: Dimensions | None = None

    def fields(self) -> dict[str, Any]:
        urls = {f"imageUrl_{n}": image for n, image in self._numbered() if _is_url(image)}
        return {**urls, "blendDimensions": self.dimensions}

    def files(self) -> dict[str, File]:
        return {f"imageBlob_{n}": _file(one) for n, one in self._numbered() if not _is_url(one)}

    def _numbered(self) -> list[tuple[int, Image]]:
        return list(enumerate(self.images, 1))


@dataclass(frozen=True)
class Describe:
    """Write four prompts for a picture; `prompts` reads them off the finished job."""

    verb: ClassVar[str] = "describe"
    image: Image

    def fields(self) -> dict[str, Any]:
        return {"imageUrl": self.image} if _is_url(self.image) else {}

    def files(self) -> dict[str, File]:
        return {} if _is_url(self.image) else {"imageBlob": _file(self.image)}


def _is_url(image: Image) -> bool:
    return isinstance(image, str) and image.lower().startswith(("http://", "https://"))


def _bytes(image: Image) -> bytes:
    return image if isinstance(image, bytes) else Path(image).read_bytes()


def _file(image: Image) -> File:
    return ("image" if isinstance(image, bytes) else Path(image).name), _bytes(image)
