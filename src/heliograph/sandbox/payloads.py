"""Bodies that come as JSON or as multipart with a `payload_json`."""

import mimetypes
from typing import Any

import msgspec
from aiohttp import BodyPartReader, web

from heliograph.midjourney.wire import WireRefused
from heliograph.sandbox import answers
from heliograph.sandbox.shelf import Shelf
from heliograph.studio.ids import UPLOADS, media_key, upload_name


class File(msgspec.Struct, frozen=True):
    """A file of a multipart body; `number` is that of its part, `files[0]`."""

    number: str
    filename: str
    content_type: str
    data: bytes


async def read(request: web.Request) -> tuple[dict[str, Any], list[File]]:
    """The body and its files. Raises WireRefused for what is no JSON object."""
    if request.content_type != "multipart/form-data":
        return await answers.json_body(request), []
    payload: Any = {}
    files: list[File] = []
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            data = bytes(await part.read(decode=True))
            if part.name == "payload_json":
                payload = msgspec.json.decode(data)
            elif part.filename:
                kind = part.headers.get("Content-Type", "")
                number = (part.name or "").removeprefix("files[").rstrip("]")
                files.append(File(number, part.filename, content_type(part.filename, kind), data))
            elif part.name and isinstance(payload, dict):
                payload.setdefault(part.name, data.decode("utf-8", "replace"))
    except (ValueError, msgspec.DecodeError) as error:
        raise WireRefused(
            400, {"message": "The request body contains invalid JSON.", "code": 50109}
        ) from error
    if not isinstance(payload, dict):
        raise answers.invalid("payload_json", "Only dictionaries may be used in a DictType")
    return payload, files


def attachments(body: dict[str, Any]) -> list[dict[str, Any]]:
    """What a body names as attachments. Raises WireRefused for what is no list of objects."""
    listed = body.get("attachments") or []
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise answers.invalid("attachments", "Only dictionaries may be used in a DictType")
    return listed


def content_type(filename: str, given: str = "") -> str:
    """What a file is, if need be by its name; clients leave a query behind it."""
    if given in UPLOADS:
        return given
    return mimetypes.guess_type(filename.partition("?")[0])[0] or "application/octet-stream"


def upload_key(filename: str, given: str = "") -> str:
    """A fresh key for a file, which is its `uploaded_filename`."""
    return media_key(upload_name(filename.partition("?")[0], content_type(filename, given)))


async def keep(shelf: Shelf, files: list[File]) -> dict[str, str]:
    """Keeps the files; their `uploaded_filename` by number."""
    kept = {}
    for file in files:
        kept[file.number] = key = upload_key(file.filename, file.content_type)
        await shelf.publish(key, file.data, file.content_type)
    return kept
