"""Request bodies: JSON or multipart to a mapping of fields, within their limits.

A JSON body may be large, since it may hold a picture, and while it is decoded the server does
nothing else. So only the fields that some endpoint knows are decoded; the rest is checked to be
JSON, and skipped.
"""

from collections.abc import AsyncGenerator
from typing import Any

import msgspec
from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from heliograph.command import typed
from heliograph.errors import Invalid, TooLarge
from heliograph.fields import Upload
from heliograph.http import shapes
from heliograph.http.state import state

# A body over its limit is read on up to this size and thrown away: most clients only look at
# the answer once they have sent everything.
PATIENCE_BYTES = 256 * 1024 * 1024
MAX_PARTS = 100
BOM = b"\xef\xbb\xbf"
# Lists are of ids, 50 at most. What is longer is read as an empty one, and refused as such.
LIST_BYTES = 256 * 1024
BODIES = (
    shapes.AccountBody,
    shapes.BlendBody,
    shapes.ButtonBody,
    shapes.ChallengeBody,
    shapes.DescribeBody,
    shapes.ImagineBody,
    shapes.SeedBody,
    shapes.SettingBody,
    shapes.TaskBody,
    shapes.TaskIdsBody,
)
NAMES = sorted({one.encode_name for body in BODIES for one in msgspec.structs.fields(body)})
Known = msgspec.defstruct(
    "Known", [(name, msgspec.Raw | msgspec.UnsetType, msgspec.UNSET) for name in NAMES]
)
_known = msgspec.json.Decoder(Known).decode
_any = msgspec.json.Decoder().decode
_skip = msgspec.json.Decoder(msgspec.Raw).decode


async def fields(request: Request, *, optional: bool = False) -> dict[str, Any]:
    """The fields of a body; none of no body at all, where it is `optional`.

    Raises Invalid (400) or TooLarge (413), each saying what is wrong.
    """
    content_type = request.headers.get("content-type", "").lower()
    if content_type.startswith("multipart/form-data"):
        return await _form(request)
    body = await _bytes(request, state(request).json_bytes)
    return {} if optional and not body.strip() else parsed(body)


def parsed(body: bytes) -> dict[str, Any]:
    """The known fields of a JSON object; of those that are objects only that they are.

    Raises Invalid.
    """
    body = body.removeprefix(BOM)
    try:
        if not body.isascii():
            # What is skipped is not looked at so closely.
            body.decode()
        if not body.lstrip().startswith(b"{"):
            _skip(body)
            raise Invalid("Request body must be a JSON object")
        found = msgspec.structs.asdict(_known(body))
        return {name: _value(raw) for name, raw in found.items() if raw is not msgspec.UNSET}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("Request body is not valid JSON") from error


def _value(raw: msgspec.Raw) -> Any:
    with memoryview(raw) as text:
        if text[0] == ord("{"):
            # No field takes an object, whatever is in it.
            return {}
        if text[0] == ord("[") and len(text) > LIST_BYTES:
            return []
    return _any(raw)


async def _bytes(request: Request, limit: int) -> bytes:
    length = request.headers.get("content-length", "")
    # A body of a stated length can't grow beyond it: the server cuts it off there.
    if length.isdecimal() and int(length) <= limit:
        return await request.body()
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


class _Parser(MultiPartParser):
    """starlette's parser, less its leniency: text that is not UTF-8 would be read as Latin-1,
    and a body that breaks off would count as ended."""

    ended = False

    def on_part_end(self) -> None:
        if self._current_part.file is None:
            self._current_part.data.decode("utf-8")
        super().on_part_end()

    def on_end(self) -> None:
        self.ended = True


async def _form(request: Request) -> dict[str, Any]:
    limit = state(request).multipart_bytes
    parser = _Parser(
        request.headers,
        limited(request, limit),
        max_files=MAX_PARTS,
        max_fields=MAX_PARTS,
        # A mask may come as text; how long each field may be is said where it is read.
        max_part_size=limit,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        sentence = f"Request body can't be read as multipart/form-data: {error.message}"
        raise Invalid(sentence) from error
    except (FormParserError, UnicodeError, KeyError) as error:
        raise Invalid("Request body is not valid multipart/form-data") from error
    try:
        if not parser.ended:
            raise Invalid("Request body ends before its multipart/form-data does")
        return typed({name: await _part(name, value) for name, value in form.items()})
    finally:
        await form.close()


async def _part(name: str, value: str | UploadFile) -> str | Upload:
    if isinstance(value, str):
        return value
    content_type = value.content_type or "application/octet-stream"
    return Upload(name, value.filename or "", content_type, await value.read())
