"""Files going up, and pictures coming down: upload targets, attachments, the Midjourney CDN."""

import contextlib
import re
from typing import Any

from aiohttp import web

from heliograph.sandbox import answers, payloads
from heliograph.sandbox.links import ATTACHMENTS, CDN
from heliograph.sandbox.people import Person, unknown_channel
from heliograph.sandbox.world import World

MOST_BYTES = 25 * 1024 * 1024
GONE = "This content is no longer available."
_KEY = re.compile(r"[0-9a-f]{32}/[A-Za-z0-9_.-]{1,90}")


async def reserve(request: web.Request, world: World, person: Person) -> web.Response:
    """POST /channels/{id}/attachments: where each file is to be put. Its `id` comes back as it
    was given."""
    if person.at(request.match_info["id"]) is None:
        raise unknown_channel(404)
    body = await answers.json_body(request)
    files = body.get("files")
    if not isinstance(files, list) or not files:
        raise answers.invalid("files", "This field is required")
    return answers.answer({"attachments": [_slot(world, file) for file in files]})


def _slot(world: World, file: Any) -> dict[str, Any]:
    if not isinstance(file, dict) or not isinstance(file.get("filename"), str):
        raise answers.invalid("filename", "This field is required")
    size = file.get("file_size")
    if not isinstance(size, int | str) or not str(size).isdecimal():
        raise answers.invalid("file_size", "This field is required")
    if int(size) > MOST_BYTES:
        raise answers.invalid("file_size", "File too large")
    key = payloads.upload_key(file["filename"])
    slot = {"upload_url": f"{world.origin}/upload/{key}", "upload_filename": key}
    return ({"id": file["id"]} if "id" in file else {}) | slot


async def put(request: web.Request, world: World) -> web.Response:
    """PUT to an upload target: whoever knows it may."""
    key = request.match_info["key"]
    if not _KEY.fullmatch(key):
        return web.Response(status=404, text="There is no such upload.")
    data = await request.read()
    kind = payloads.content_type(key, request.content_type)
    await world.shelf.publish(key, data, kind)
    world.journal.call("PUT upload")
    return web.Response(status=200)


async def attachment(request: web.Request, world: World) -> web.Response:
    """GET of a signed link; 404 once it has lapsed, as for one that was never good."""
    if not world.links.good(request.path, request.query):
        return web.Response(status=404, text=GONE)
    number, name = request.match_info["number"], request.match_info["name"]
    return await _file(world, f"{ATTACHMENTS}/{number}/{name}")


async def cell(request: web.Request, world: World) -> web.Response:
    """GET of a single picture or clip, where the Midjourney CDN has it."""
    return await _file(world, f"{CDN}/{request.match_info['path']}")


async def _file(world: World, key: str) -> web.Response:
    with contextlib.suppress(FileNotFoundError, ValueError):
        if found := await world.shelf.media.stat(key):
            data = await world.shelf.media.fetch(key)
            headers = {
                "Content-Type": found.content_type,
                "ETag": found.etag,
                "Cache-Control": "public, max-age=31536000",
                "Access-Control-Allow-Origin": "*",
            }
            return web.Response(body=data, headers=headers)
    return web.Response(status=404, text=GONE)
