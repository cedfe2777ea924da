"""`GET /media/{key}`: pictures by unguessable URL, with ETag, one byte range, and caching for
ever, since what lies under a key never changes."""

import re

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from heliograph.errors import NotFound
from heliograph.http.state import state
from heliograph.media.store import Kept

IMMUTABLE = "public, max-age=31536000, immutable"
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})$")


async def get_media(request: Request) -> Response:
    """A picture or clip."""
    return await file_answer(request, request.path_params["key"])


async def file_answer(request: Request, key: str) -> Response:
    """What lies under a key, or the part of it that the request asks for. Raises NotFound."""
    media = state(request).media
    kept = await media.stat(key)
    if kept is None:
        raise NotFound
    headers = {
        "ETag": kept.etag,
        "Cache-Control": IMMUTABLE,
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
    }
    if _matches(request.headers.get("if-none-match"), kept):
        return Response(status_code=304, headers=headers)
    wanted = _range(request, kept)
    if wanted is None:
        headers["Content-Range"] = f"bytes */{kept.size}"
        return Response(status_code=416, headers=headers)
    start, end = wanted
    status = 200
    if end - start != kept.size:
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{kept.size}"
    headers["Content-Length"] = str(end - start)
    headers["Content-Type"] = kept.content_type
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    return StreamingResponse(media.read(key, start, end), status_code=status, headers=headers)


def _matches(header: str | None, kept: Kept) -> bool:
    if header is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or kept.etag in tags


def _range(request: Request, kept: Kept) -> tuple[int, int] | None:
    """The half-open byte range to send; the whole file where no usable single range is asked
    for (RFC 9110 lets a server ignore the header); None when it can't be satisfied."""
    whole = (0, kept.size)
    header = request.headers.get("range")
    condition = request.headers.get("if-range")
    if header is None or (condition is not None and condition != kept.etag):
        return whole
    found = RANGE.match(header.strip())
    if found is None or found.groups() == ("", ""):
        return whole
    first, last = found.groups()
    if first == "":
        return (max(0, kept.size - int(last)), kept.size) if int(last) else None
    if int(first) >= kept.size:
        return None
    if last and int(last) < int(first):
        return whole
    return int(first), min(int(last) + 1, kept.size) if last else kept.size
