"""The API's `response`: the Discord message as it is, and what clients want to read off it."""

import re
from typing import Any

from heliograph.midjourney import buttons, content
from heliograph.midjourney.wire import Message

_CELL = re.compile(r"MJ::JOB::(?P<verb>upsample|video_virtual_upscale)::(?P<n>\d+)::[0-9a-f-]{36}$")
_EXTEND = re.compile(r"MJ::JOB::animate_\w+_extend::(?P<n>\d+)::")


def _media(uuid: str, cdn: str, cells: range, *, video: bool) -> list[dict[str, Any]]:
    form = "{cdn}/video/{uuid}/{cell}.mp4" if video else "{cdn}/{uuid}/0_{cell}.jpeg"
    return [
        {"id": n, "url": form.format(cdn=cdn.rstrip("/"), uuid=uuid, cell=cell)}
        for n, cell in enumerate(cells, 1)
    ]


def _is_clip(message: Message) -> bool:
    names = [str(file.get("filename") or "") for file in message.get("attachments") or ()]
    return any(name.endswith(".mp4") for name in names)


def _pictures(message: Message, cdn: str) -> dict[str, Any]:
    """`imageUx` or `videoUx` of a final message; which one its buttons and files tell."""
    uuid = content.uuid_of(message)
    if uuid is None or not message.get("attachments"):
        return {}
    ids = [button.custom_id for button in buttons.offered(message)]
    if cells := [found for id in ids if (found := _CELL.match(id))]:
        if cells[0]["verb"] == "upsample":
            return {"imageUx": _media(uuid, cdn, range(4), video=False)}
        # A batch of clips may be smaller than four.
        return {"videoUx": _media(uuid, cdn, range(len(cells)), video=True)}
    extends = [int(found["n"]) for id in ids if (found := _EXTEND.match(id))]
    if extends or _is_clip(message):
        slot = max(extends[0], 1) - 1 if extends else 0
        return {"videoUx": _media(uuid, cdn, range(slot, slot + 1), video=True)}
    return {"imageUx": _media(uuid, cdn, range(1), video=False)}


def _text(message: Message) -> str:
    # Answers that stand in an embed (describe, info, notices) are read from `content` by clients.
    if text := message.get("content") or "":
        return str(text)
    descriptions = (embed.get("description") for embed in message.get("embeds") or ())
    return str(next((text for text in descriptions if text), ""))


def response(message: Message, *, cdn: str) -> dict[str, Any]:
    """All of the message's fields, `progress_percent`, and on a final picture or clip its media.

    A final one has `buttons` and `imageUx` (four for a grid, one for a single picture, at
    `{cdn}/{uuid}/0_{n}.jpeg`) or `videoUx` (the same for clips, at `{cdn}/video/{uuid}/{n}.mp4`).
    Answers to settings commands and notices get none of these.
    """
    shown: dict[str, Any] = {**message, "content": _text(message)}
    meaning = content.read(message.get("content") or "")
    if meaning.kind == "waiting":
        shown["progress_percent"] = 0
    elif meaning.kind == "progress":
        shown["progress_percent"] = meaning.percent
    elif meaning.kind == "done" and meaning.seed is None:
        shown["progress_percent"] = 100
        shown["buttons"] = buttons.labels(message)
        shown |= _pictures(message, cdn)
    return shown
