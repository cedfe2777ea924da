"""The API's `response`: the Discord message as it is, and what clients want to read off it."""

import re
from typing import Any

from heliograph.midjourney import buttons, content, panel
from heliograph.midjourney.wire import Message

WITHOUT_PICTURE = frozenset(
    {"describe", "seed", "settings", "info", "fast", "relax", "turbo", "remix", "variability"}
)
_CELL = re.compile(r"MJ::JOB::(?P<verb>upsample|video_virtual_upscale)::(?P<n>\d+)::[0-9a-f-]{36}$")


def _listed(uuid: str, cdn: str, cells: range, *, video: bool) -> list[dict[str, Any]]:
    form = "{cdn}/video/{uuid}/{cell}.mp4" if video else "{cdn}/{uuid}/0_{cell}.jpeg"
    return [
        {"id": n, "url": form.format(cdn=cdn.rstrip("/"), uuid=uuid, cell=cell)}
        for n, cell in enumerate(cells, 1)
    ]


def _is_clip(message: Message) -> bool:
    names = [str(file.get("filename") or "") for file in message.get("attachments") or ()]
    return any(name.endswith(".mp4") for name in names)


def _media_of(message: Message, cdn: str) -> dict[str, Any]:
    """`imageUx` or `videoUx` of a final message; which one its buttons and files tell."""
    uuid = content.uuid_of(message)
    if uuid is None or not message.get("attachments"):
        return {}
    ids = [button.custom_id for button in buttons.offered(message)]
    if cells := [found for id in ids if (found := _CELL.match(id))]:
        if cells[0]["verb"] == "upsample":
            return {"imageUx": _listed(uuid, cdn, range(4), video=False)}
        # A batch of clips may be smaller than four.
        return {"videoUx": _listed(uuid, cdn, range(len(cells)), video=True)}
    clip = content.clip_of(message)
    if clip is not None or _is_clip(message):
        slot = max(clip or 1, 1) - 1
        return {"videoUx": _listed(uuid, cdn, range(slot, slot + 1), video=True)}
    return {"imageUx": _listed(uuid, cdn, range(1), video=False)}


def _text(message: Message) -> str:
    # Answers that stand in an embed (describe, info, notices) are read from `content` by clients.
    if text := message.get("content") or "":
        return str(text)
    descriptions = (embed.get("description") for embed in message.get("embeds") or ())
    return str(next((text for text in descriptions if text), ""))


def response(message: Message, *, cdn: str, verb: str = "") -> dict[str, Any]:
    """All of the message's fields, and what clients want to read off it.

    A picture's or clip's message has `progress_percent`, and a final one `buttons` and `imageUx`
    (four for a grid, one for a single picture, at `{cdn}/{uuid}/0_{n}.jpeg`) or `videoUx` (the same
    for clips, at `{cdn}/video/{uuid}/{n}.mp4`). The answers to other verbs have none of these, but
    `settings` (see `panel`) or, told by seed, `seed`.
    """
    shown: dict[str, Any] = {**message, "content": _text(message)}
    if verb in WITHOUT_PICTURE:
        settings = panel.read(message, verb)
        return shown | ({"settings": settings} if settings else {}) | _seed(message)
    return shown | _picture(message, cdn) | _seed(message)


def _seed(message: Message) -> dict[str, Any]:
    seed = content.read(message.get("content") or "").seed
    return {} if seed is None else {"seed": seed}


def _picture(message: Message, cdn: str) -> dict[str, Any]:
    meaning = content.read(message.get("content") or "")
    match meaning.kind:
        case "waiting":
            return {"progress_percent": 0}
        case "progress":
            return {"progress_percent": meaning.percent}
        case "done" if meaning.seed is None:
            made = {"progress_percent": 100, "buttons": buttons.labels(message)}
            return made | _media_of(message, cdn)
        case _:
            return {}
