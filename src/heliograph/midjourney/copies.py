"""Copies of a result's files, whose own links lapse."""

from typing import Any

from heliograph.midjourney.files import FileRefused, Files
from heliograph.midjourney.wire import Message, Wire, WireLost, WireRefused

_Attachments = list[dict[str, Any]]


async def made(files: Files, wire: Wire, message: Message) -> _Attachments:
    """The message's attachments as our own. Raises FileRefused."""
    attachments: _Attachments = message["attachments"]
    try:
        return [await files.copy(one) for one in attachments]
    except FileRefused:
        if (fresh := await _again(wire, str(message["id"]))) is None:
            raise
        return [await files.copy(one) for one in fresh]


async def _again(wire: Wire, id: str) -> _Attachments | None:
    """The same attachments by the links that the history gives out now."""
    if not id.isdecimal():
        return None
    try:
        page = await wire.history(limit=1, before=str(int(id) + 1))
    except (WireLost, WireRefused):
        return None
    return page[0]["attachments"] if page and str(page[0]["id"]) == id else None
