"""What stands before every REST call: who is it, is it too often, and does a fault strike."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from heliograph.midjourney.wire import WireRefused
from heliograph.sandbox import answers, payloads
from heliograph.sandbox.kinds import (
    HangUp,
    RateLimit,
    ServerError,
)
from heliograph.sandbox.people import Person
from heliograph.sandbox.world import World

# What an interaction's handler finds with its request.
PAYLOAD = web.RequestKey("payload", dict[str, Any])
FILES = web.RequestKey("files", list[payloads.File])
ENTRY = web.RequestKey("entry", dict[str, Any])

Handler = Callable[[web.Request, World, Person], Awaitable[web.StreamResponse]]


class Buckets:
    """Counts an account's calls on a route, second by second."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._seconds: dict[tuple[str, str], tuple[int, int]] = {}

    def count(self, user: str, route: str, now: float) -> int:
        """How many more calls this second allows after this one; less than 0 if it is too many."""
        second, calls = self._seconds.get((user, route), (0, 0))
        calls = calls + 1 if second == int(now) else 1
        self._seconds[user, route] = int(now), calls
        return self.most - calls


async def guarded(
    request: web.Request, world: World, buckets: Buckets, handler: Handler
) -> web.StreamResponse:
    """The handler's answer, or that of whatever stands before it."""
    route = answers.route(request.path)
    world.journal.call(f"{request.method} {route}")
    person = world.people.of_token(request.headers.get("Authorization", ""))
    if person is None:
        return answers.unauthorized()
    left = buckets.count(person.user, route, time.time())
    if left < 0:
        return answers.limited(1.0 - time.time() % 1.0, everywhere=False)
    if route == "interactions":
        return await _interaction(request, world, person, handler)
    response = await _answered(request, world, person, route, handler)
    _show_limit(response, route, buckets.most, left)
    return response


async def _interaction(
    request: web.Request, world: World, person: Person, handler: Handler
) -> web.StreamResponse:
    """It is noted whatever becomes of it, and heard of only once its answer has gone out."""
    try:
        payload, files = await payloads.read(request)
    except WireRefused as refused:
        return answers.refusal(refused)
    entry = world.journal.interaction(person.user, payload)
    request[PAYLOAD], request[FILES], request[ENTRY] = payload, files, entry
    gate = world.posts[person.user].gate()
    try:
        response = await _answered(request, world, person, "interactions", handler)
        entry["status"] = response.status
        # Whoever hung up, by order or by itself, hears no answer.
        with contextlib.suppress(ConnectionError):
            await response.prepare(request)
            await response.write_eof()
    finally:
        wait = world.settings.first_dispatch_seconds
        asyncio.get_running_loop().call_later(wait, gate.set_result, None)
    return response


async def _answered(
    request: web.Request, world: World, person: Person, route: str, handler: Handler
) -> web.StreamResponse:
    if struck := _struck(world, request, person.user, route, taken=False):
        return struck
    try:
        response = await handler(request, world, person)
    except WireRefused as refused:
        return answers.refusal(refused)
    return _struck(world, request, person.user, route, taken=True) or response


def _struck(
    world: World, request: web.Request, user: str, route: str, *, taken: bool
) -> web.Response | None:
    """A fault's answer, before the call is done or after it was `taken`."""
    faults = world.faults

    def here(fault: HangUp | ServerError) -> bool:
        return fault.taken == taken and fault.route in ("", route)

    if not taken and (limit := faults.take(RateLimit, user, lambda one: one.route in ("", route))):
        return answers.limited(limit.retry_after, everywhere=limit.everywhere)
    if broken := faults.take(ServerError, user, here):
        return answers.error(broken.status, 0, f"{broken.status}: Server Error")
    if faults.take(HangUp, user, here) and request.transport:
        request.transport.abort()
        return web.Response(status=500)
    return None


def _show_limit(response: web.StreamResponse, route: str, most: int, left: int) -> None:
    ends = int(time.time()) + 1
    response.headers.update(
        {
            "X-RateLimit-Bucket": route,
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": f"{ends:.3f}",
            "X-RateLimit-Reset-After": f"{max(0.001, ends - time.time()):.3f}",
        }
    )
