"""The sandbox's server: everything on one port, for a process of its own or for a test's loop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from pathlib import Path
from random import Random
from time import time
from typing import Any

from aiohttp import web

from heliograph.listening import listen, url_of
from heliograph.media.store import Media
from heliograph.sandbox import (
    answers,
    control,
    faults,
    gateway,
    guard,
    interactions,
    rest,
    uploads,
)
from heliograph.sandbox.faults import Faults
from heliograph.sandbox.links import Links
from heliograph.sandbox.people import People, Person
from heliograph.sandbox.sessions import Sessions
from heliograph.sandbox.settings import Settings
from heliograph.sandbox.shelf import Shelf
from heliograph.sandbox.world import World
from heliograph.studio.bot import Bot
from heliograph.studio.ids import Ids
from heliograph.studio.painters.base import Painter

_log = logging.getLogger(__name__)

MOST_BYTES = 32 * 1024 * 1024
# Discord itself goes away with this code; clients come back.
GOING_AWAY = 1001
# Downloads under way get so many seconds to end.
GRACE_SECONDS = 1.0

# Behind the guard, under /api/v9 and /api/v10.
ROUTES: tuple[tuple[str, str, guard.Handler], ...] = (
    ("POST", "interactions", interactions.post),
    ("GET", "users/@me", rest.me),
    ("GET", "users/@me/channels", rest.direct_channels),
    ("POST", "users/@me/channels", rest.open_direct),
    ("GET", "users/@me/guilds", rest.guilds),
    ("GET", "users/{id}", rest.user),
    ("GET", "users/{id}/profile", rest.profile),
    ("GET", "oauth2/applications/@me", rest.application),
    ("GET", "applications/@me", rest.application),
    ("GET", "guilds/{id}", rest.guild),
    ("GET", "guilds/{id}/channels", rest.guild_channels),
    ("GET", "guilds/{id}/application-command-index", interactions.index),
    ("GET", "channels/{id}", rest.channel),
    ("GET", "channels/{id}/application-command-index", interactions.index),
    ("GET", "channels/{id}/application-commands/search", interactions.search),
    ("POST", "channels/{id}/attachments", uploads.reserve),
    ("GET", "channels/{id}/messages", rest.messages),
    ("POST", "channels/{id}/messages", rest.write),
    ("GET", "channels/{id}/messages/{message}", rest.message),
    ("POST", "channels/{id}/messages/{message}/ack", rest.acknowledge),
    ("PUT", "channels/{id}/messages/{message}/reactions/{emoji}/@me", rest.react),
    ("DELETE", "channels/{id}/messages/{message}/reactions/{emoji}/@me", rest.unreact),
    ("POST", "channels/{id}/typing", rest.typing),
)
# For everybody.
OPEN: tuple[tuple[str, str, Callable[[web.Request, World], Awaitable[web.Response]]], ...] = (
    ("PUT", "/upload/{key:.+}", uploads.put),
    ("GET", "/attachments/{channel}/{number}/{name}", uploads.attachment),
    ("GET", "/cdn/{path:.+}", uploads.cell),
    ("POST", "/activities/inpaint/api/submit-job", interactions.inpaint),
    ("POST", "/activities/.proxy/inpaint/api/submit-job", interactions.inpaint),
    ("POST", "/activities/.proxy/inpaint/api/submit-job/{token}", interactions.inpaint),
    ("GET", "/__accounts", control.accounts),
    ("GET", "/__faults", control.known_faults),
    ("POST", "/__faults", control.post_faults),
    ("DELETE", "/__faults", control.clear_faults),
    ("GET", "/__log", control.log),
    ("DELETE", "/__log", control.clear_log),
    ("GET", "/healthz", control.health),
)


class Sandbox:
    """Discord in small. `start` it, and `stop` it; or use it as a context.

    `folder` keeps what the bot knows, so that a sandbox over the same folder goes on where the last
    one ended. The painter is closed with it.
    """

    def __init__(self, painter: Painter, folder: Path, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.url = ""
        self._painter = painter
        self._folder = folder
        self._bot: Bot | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def accounts(self) -> list[Person]:
        """Who can log in, with which token."""
        return list(self.world.people)

    @property
    def gateway(self) -> str:
        """The gateway's address."""
        return self.world.gateway

    def trouble(self, wanted: object) -> None:
        """What `POST /__faults` does. Raises FaultInvalid."""
        for fault in faults.read(wanted, self.world.people.users):
            self.world.trouble(fault)

    def log(self) -> dict[str, Any]:
        """What `GET /__log` tells."""
        return self.world.journal.told()

    async def start(self) -> str:
        """Listens, and returns the URL. Raises OSError for an address that can't be had,
        sqlite3.Error or MemoryFault for a folder that can't be used."""
        listening = listen(self.settings.host, self.settings.port)
        self.url = url_of(listening)
        self._runner = web.AppRunner(
            self._app(), access_log=None, shutdown_timeout=GRACE_SECONDS, handle_signals=False
        )
        try:
            self.world = await self._world(self.settings.public_url.rstrip("/") or self.url)
            await self._runner.setup()
            await web.SockSite(self._runner, listening, backlog=2048).start()
        except BaseException:
            listening.close()
            await self._close()
            raise
        self._begin()
        return self.url

    async def stop(self) -> None:
        """Sends everybody away; jobs that are not finished wait for the next start."""
        for outlet in self.world.sessions.outlets(""):
            outlet.close(GOING_AWAY)
        await self._runner.cleanup()
        await self._close()
        for post in self.world.posts.values():
            post.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _close(self) -> None:
        """The bot, and with it the painter."""
        await (self._bot.close() if self._bot else self._painter.close())

    async def __aenter__(self) -> "Sandbox":
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    async def _world(self, origin: str) -> World:
        settings = self.settings
        self._folder.mkdir(parents=True, exist_ok=True)
        shelf = Shelf(Media.folder(self._folder / "files"), with_webp=settings.website_finals)
        self._bot = bot = await Bot.open(
            self._folder / "bot.db",
            self._painter,
            shelf,
            rng=Random(settings.seed),
            update_seconds=settings.update_seconds,
            concurrent=settings.concurrent,
        )
        return World(
            settings=settings,
            origin=origin,
            bot=bot,
            shelf=shelf,
            links=Links(origin, settings.seed, time, settings.link_seconds),
            people=await People.gather(bot, settings.accounts, settings.seed),
            faults=Faults(Random(settings.seed + 1)),
            sessions=Sessions(time, settings.session_seconds),
            ids=Ids(time, Random(settings.seed + 2)),
        )

    def _begin(self) -> None:
        world = self.world
        for person in world.people:
            for account in (person.direct, person.inside):
                # Listening begins here, before the bot says anything.
                heard = world.bot.listen(account)
                self._start(world.posts[person.user].run(account, heard))
        self._start(world.bot.run())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(_report)
        self._tasks.append(task)

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=MOST_BYTES)
        buckets = guard.Buckets(self.settings.calls_per_second)
        for method, path, handler in ROUTES:
            behind = partial(self._guarded, buckets, handler)
            for version in ("v9", "v10"):
                app.router.add_route(method, f"/api/{version}/{path}", behind)
        for method, path, public in OPEN:
            app.router.add_route(method, path, partial(self._open, public))
        for version in ("v9", "v10"):
            for name in ("gateway", "gateway/bot"):
                app.router.add_get(f"/api/{version}/{name}", self._where)
        for path in ("/", "/gateway", "/gateway/"):
            app.router.add_get(path, self._door)
        app.router.add_route("*", "/{rest:.*}", self._unknown)
        return app

    async def _guarded(
        self, buckets: guard.Buckets, handler: guard.Handler, request: web.Request
    ) -> web.StreamResponse:
        return await guard.guarded(request, self.world, buckets, handler)

    async def _open(
        self,
        handler: Callable[[web.Request, World], Awaitable[web.Response]],
        request: web.Request,
    ) -> web.Response:
        return await handler(request, self.world)

    async def _where(self, request: web.Request) -> web.Response:
        """GET /gateway, and what libraries for bots ask."""
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        more = {"shards": 1, "session_start_limit": limit} if request.path.endswith("bot") else {}
        return answers.answer({"url": self.gateway} | more)

    async def _door(self, request: web.Request) -> web.StreamResponse:
        """The gateway, for who wants a WebSocket."""
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await gateway.serve(request, self.world)
        return answers.answer({"url": self.gateway, "docs": "docs/sandbox.md"})

    async def _unknown(self, request: web.Request) -> web.Response:
        return answers.error(404, 0, "404: Not Found")


def _report(task: asyncio.Task[None]) -> None:
    """Nothing that the sandbox does for itself may end with an error."""
    if not task.cancelled() and (error := task.exception()):
        _log.error("the sandbox is broken", exc_info=error)
