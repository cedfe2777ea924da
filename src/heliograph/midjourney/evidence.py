"""What a message says of its origin, and what a press says of its result."""

import re
from typing import Any

import msgspec

from heliograph.midjourney import content
from heliograph.midjourney.content import Content
from heliograph.midjourney.interactions import APPLICATIONS
from heliograph.midjourney.wire import Message


class Evidence(msgspec.Struct, frozen=True):
    """`interactions` are those that the message answers; `reference` is the message it refers to,
    `image` the number of the picture or clip in its grid."""

    id: str
    nonce: str | None
    interactions: tuple[str, ...]
    reference: str | None
    uuid: str | None
    image: int | None
    text: Content


def id_of(value: object) -> str | None:
    """An id as text, however it was written."""
    return str(value) if isinstance(value, str | int) and value != "" else None


def _inner(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _interactions(message: Message) -> tuple[str, ...]:
    metadata = _inner(message, "interaction_metadata")
    sources = (
        metadata,
        # The answer to a modal names the press that opened it.
        _inner(metadata, "triggering_interaction_metadata"),
        _inner(message, "interaction"),
    )
    return tuple(id for source in sources if (id := id_of(source.get("id"))) is not None)


def read(message: Message) -> Evidence:
    """Takes a message's evidence; what it doesn't say is None."""
    text = content.read(message.get("content") or "")
    return Evidence(
        id=id_of(message.get("id")) or "",
        nonce=id_of(message.get("nonce")),
        interactions=_interactions(message),
        reference=id_of(_inner(message, "message_reference").get("message_id")),
        uuid=content.uuid_of(message),
        image=text.image or content.clip_of(message),
        text=text,
    )


def from_bot(message: Message) -> bool:
    """Whether a message, or an edit of one, is the bot's own."""
    # Edits may come without their author; people answer to the bot's messages too.
    author = _inner(message, "author")
    return not author or bool(author.get("bot")) or id_of(author.get("id")) in APPLICATIONS


def family(action: str) -> str:
    """The kind of action, which the bot names differently before, while and after it is done."""
    match action.split(" ")[0]:
        case "Upscaling" | "Upscaled" | "Image":
            return "upscale"
        case "Variations" | "Remix":
            return "variation"
        case "Video" | "":
            return ""
        case _:
            return action


_CLIP = "MJ::JOB::video_virtual_upscale::"
# What a press will lead to, where the facts tell one action for it.
_PRESSED = (
    (re.compile(r"MJ::JOB::upsample(?:_\w+)?::(?P<image>\d)::"), "upscale"),
    (re.compile(r"MJ::JOB::(?:low_|high_)?variation::|MJ::Inpaint::"), "variation"),
    (re.compile(r"MJ::Outpaint::(?:50|75)::|MJ::CustomZoom::"), "Zoom Out"),
    (re.compile(r"MJ::JOB::pan_left::"), "Pan Left"),
    (re.compile(r"MJ::JOB::pan_right::"), "Pan Right"),
    (re.compile(r"MJ::JOB::pan_up::"), "Pan Up"),
    (re.compile(r"MJ::JOB::pan_down::"), "Pan Down"),
    (re.compile(r"MJ::JOB::animate_"), ""),
    (re.compile(rf"{_CLIP}(?P<image>\d)::"), ""),
)


class Outlook(msgspec.Struct, frozen=True):
    """What a press will lead to; `family` is None where it can't be foreseen.

    Clips taken out of a grid keep its uuid (`shares_uuid`).
    """

    family: str | None = None
    image: int | None = None
    shares_uuid: bool = False


def outlook(custom_id: str) -> Outlook:
    """What a press on this button will lead to."""
    for pattern, family in _PRESSED:
        if found := pattern.match(custom_id):
            image = found.groupdict().get("image")
            clip = custom_id.startswith(_CLIP)
            return Outlook(family, int(image) if image else None, clip)
    return Outlook()
