"""Request bodies: JSON or multipart to a mapping of fields, within their limits."""

from collections.abc import AsyncGenerator
from typing import Any

import msgspec
from python_multipart.exceptions import FormParserError
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request

from heliograph.command import typed
from heliograph.errors import Invalid, TooLarge
from heliograph.http.state import state

# A body over its limit is read on up to this size and thrown away: most clients only look at
# the answer once they have sent everything.
PATIENCE_BYTES = 256 * 1024 * 1024
MAX_PARTS = 100
BOM = b"\xef\xbb\xbf"
decode = msgspec.json.Decoder().decode


async def fields(request: Request) -> dict[str, Any]:
    """The fields of a body. Raises Invalid (400) or TooLarge (413), each saying what is wrong."""
    content_type = request.headers.get("content-type", "").lower()
    if content_type.startswith("multipart/"):
        return await _form(request)
    return _object(await _bytes(request, state(request).json_bytes))


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = decode(body.removeprefix(BOM))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("Request body is not valid JSON") from error
    if not isinstance(value, dict):
        raise Invalid("Request body must be a JSON object")
    return value


async def _bytes(request: Request, limit: int) -> bytes:
    return b"".join([chunk async for chunk in limited(request, limit)])


async def limited(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """The body in pieces. Raises TooLarge as soon as it is known to exceed `limit` bytes, having
    read what the caller is still sending (up to a point)."""
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received <= limit:
            yield chunk
        elif received > PATIENCE_BYTES:
            break
    if received > limit:
        raise TooLarge(limit=limit)


class _Limited(Request):
    """A request whose form parser sees no more than the limit."""

    limit: int

    async def stream(self) -> AsyncGenerator[bytes, None]:
        original = Request(self.scope, self._receive)
        async for chunk in limited(original, self.limit):
            yield chunk


async def _form(request: Request) -> dict[str, Any]:
    bounded = _Limited(request.scope, request.receive)
    bounded.limit = state(request).multipart_bytes
    try:
        async with bounded.form(max_files=MAX_PARTS, max_fields=MAX_PARTS) as form:
            texts = {name: value for name, value in form.items() if isinstance(value, str)}
    except (HTTPException, MultiPartException, FormParserError, UnicodeError, KeyError) as error:
        raise Invalid("Request body is not valid multipart/form-data") from error
    return typed(texts)


__all__ = ["ClientDisconnect", "fields", "limited"]
