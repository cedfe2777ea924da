"""Receivers of webhooks that behave, and that misbehave in every way, on loopback."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Call(msgspec.Struct, frozen=True):
    """One call as it came; `heard` is whether it was answered with 2xx."""

    path: str
    headers: dict[str, str]
    body: bytes
    heard: bool

    @property
    def job(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def seq(self) -> int:
        """The event's number, the last part of the id."""
        return int(self.id.rpartition("_")[2])


class Receiver:
    """Takes calls at `url`; `answers` decides what comes of each, by its path and number."""

    def __init__(self, answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> None:
        self.calls: list[Call] = []
        self.url = ""
        self.port = 0
        self._answer = answer
        self._moved = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listens, on the same port as before if it has listened before."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        assert site._server is not None
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def until(self, enough: Callable[[list[Call]], bool]) -> list[Call]:
        """The calls, as soon as there are enough of them."""
        while not enough(self.calls):
            self._moved.clear()
            await self._moved.wait()
        return self.calls

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        answer: web.StreamResponse | None = None
        try:
            answer = await self._answer(request)
            return answer
        finally:
            heard = answer is not None and 200 <= answer.status < 300
            self.calls.append(Call(request.path_qs, dict(request.headers), body, heard))
            self._moved.set()


async def fine(request: web.Request) -> web.StreamResponse:
    return web.Response(text="thanks")


async def hang(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(3600)
    raise AssertionError


async def reset(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response(status=500)


def status(code: int, **headers: str) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=code, text="no", headers=headers)

    return answer


def slow(seconds: float) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return web.Response()

    return answer


def moody(rng: random.Random, moods: list[Handler]) -> Handler:
    """Now well, now in one of those moods."""

    async def answer(request: web.Request) -> web.StreamResponse:
        mood = fine if rng.random() < 0.5 else rng.choice(moods)
        return await mood(request)

    return answer


@asynccontextmanager
async def receiving(answer: Handler = fine) -> AsyncIterator[Receiver]:
    receiver = Receiver(answer)
    await receiver.start()
    try:
        yield receiver
    finally:
        await receiver.stop()
