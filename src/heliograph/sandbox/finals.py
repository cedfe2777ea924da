"""Final messages: which are some, and how the real bot sends grids since 2026.

There a grid is a reduced WebP, and its text links to the website for the whole picture. Single
pictures, and all that is made larger, stay PNG files without a link.
"""

import re
from collections.abc import Mapping

from heliograph.midjourney import content
from heliograph.midjourney.wire import Message
from heliograph.studio.messages import BOT

_MODE = re.compile(r" \((?:fast|relaxed|turbo)(?:, stealth)?\)$")
_SINGLE = re.compile(r" - (?:Image #\d |Upscaled)")
WEBSITE = " [(Open on website for full quality)](<https://midjourney.com/jobs/{uuid}>)"


def is_final(message: Message) -> bool:
    """Answers to interactions have `interaction_metadata`; the message with the result has none."""
    return (
        bool(message.get("attachments"))
        and bool(message.get("message_reference"))
        and (message.get("author") or {}).get("id") == BOT
        and "interaction_metadata" not in message
    )


def reduced(message: Message, sizes: Mapping[str, int]) -> Message:
    """A grid as a WebP with the link; all else as it is. `sizes` are those of the WebP files, by
    the URL of the PNG."""
    if parent := message.get("referenced_message"):
        message = message | {"referenced_message": reduced(parent, sizes)}
    if not is_final(message) or not (mode := _MODE.search(message["content"])):
        return message
    [picture, *_] = message["attachments"]
    uuid = content.uuid_of(message)
    if picture["content_type"] != "image/png" or _SINGLE.search(message["content"]) or not uuid:
        return message
    text = message["content"][: mode.start()] + WEBSITE.format(uuid=uuid) + mode[0]
    return message | {"content": text, "attachments": [_webp(picture, sizes)]}


def webp_name(name: str) -> str:
    """What the WebP of a PNG is called, or where it lies."""
    return name.removesuffix(".png") + ".webp"


def _webp(picture: Message, sizes: Mapping[str, int]) -> Message:
    url = webp_name(picture["url"])
    return picture | {
        "filename": webp_name(picture["filename"]),
        "url": url,
        "proxy_url": url,
        "content_type": "image/webp",
        "size": sizes.get(picture["url"], picture["size"]),
    }
