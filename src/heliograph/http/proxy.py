"""`GET /v1/proxy/cdn-midjourney/?cdnUrl=…`: files of the Midjourney CDN, and of this server.

Only what lies below the configured CDN is fetched, in our own name, and no redirect is followed. A
403 of the CDN is passed on, for its callers know it.
"""

import asyncio
import contextlib
import posixpath
from collections.abc import AsyncGenerator
from urllib.parse import unquote, urlsplit

import aiohttp
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from heliograph.errors import Problem
from heliograph.http.media import file_answer
from heliograph.http.state import base_url, state
from heliograph.http.v3 import answer, user_of
from heliograph.outgoing import OutgoingRefused

MOST_BYTES = 256 * 1024 * 1024
START_SECONDS = 20.0
WHOLE_SECONDS = 300.0
CHUNK = 64 * 1024
OURS = "/media/"
PASSED = ("Content-Type", "Content-Length", "ETag", "Last-Modified")


async def get_proxy(request: Request) -> Response:
    """A file of the Midjourney CDN, or of this server's own media."""
    try:
        await user_of(request)
    except Problem as problem:
        return _refused(str(problem), problem.status)
    url = request.query_params.get("cdnUrl", "")
    cdn = state(request).cdn
    if not url:
        return _refused("Parameter cdnUrl is required", 400)
    if own := _own(url, base_url(request)):
        return await file_answer(request, own)
    if not _below(url, cdn):
        return _refused(f"Parameter cdnUrl must be a valid URL starting with {cdn}/", 400)
    return await _fetched(request, url)


def _refused(sentence: str, status: int) -> Response:
    return answer({"error": sentence, "code": status}, status)


def _own(url: str, base: str) -> str | None:
    """The key of a file of this server's. `base` is as the caller wrote it: maybe no URL."""
    for prefix in (base + OURS, OURS):
        if url.startswith(prefix):
            return unquote(urlsplit(OURS + url.removeprefix(prefix)).path).removeprefix(OURS)
    return None


def _below(url: str, cdn: str) -> bool:
    """Whether a URL lies under the CDN's: same scheme, host and port, and no way up."""
    # Parsers drop spaces and line ends without a word, each its own way.
    if not url.isprintable() or " " in url:
        return False
    try:
        named, base = urlsplit(url), urlsplit(cdn)
        same = (named.scheme, named.netloc.lower()) == (base.scheme, base.netloc.lower())
    except ValueError:
        return False
    path = unquote(named.path)
    plain = posixpath.normpath(path) == path.rstrip("/") and "\\" not in path
    return same and plain and path.startswith(f"{base.path}/") and len(path) > len(base.path) + 1


async def _fetched(request: Request, url: str) -> Response:
    stack = contextlib.AsyncExitStack()
    try:
        async with asyncio.timeout(START_SECONDS):
            call = state(request).cdn_client.open(url, redirects=0)
            found = await stack.enter_async_context(call)
    except (OutgoingRefused, TimeoutError):
        await stack.aclose()
        return _refused("The Midjourney CDN can't be reached", 502)
    if found.status != 200:
        await stack.aclose()
        return _not_given(found.status)
    if (found.content_length or 0) > MOST_BYTES:
        await stack.aclose()
        return _refused(f"The file is larger than {MOST_BYTES // 1024**2} MB", 502)
    headers = {name: found.headers[name] for name in PASSED if name in found.headers}
    # Whatever it is, a browser must not take it for a page of this server's.
    headers |= {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
    if request.method == "HEAD":
        await stack.aclose()
        return Response(headers=headers)
    return StreamingResponse(_chunks(stack, found), headers=headers)


def _not_given(status: int) -> Response:
    if status in (403, 404):
        return _refused(f"The Midjourney CDN answered {status}", status)
    return _refused(f"The Midjourney CDN answered {status}", 502)


async def _chunks(
    stack: contextlib.AsyncExitStack, found: aiohttp.ClientResponse
) -> AsyncGenerator[bytes, None]:
    """The file in pieces. One that grows too large or takes too long breaks off, which its reader
    notices: the answer has no proper end."""
    sent = 0
    async with stack, asyncio.timeout(WHOLE_SECONDS):
        async for chunk in found.content.iter_chunked(CHUNK):
            sent += len(chunk)
            if sent > MOST_BYTES:
                raise OutgoingRefused("the CDN's file never ends")
            yield chunk
