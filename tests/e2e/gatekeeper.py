"""Stands between a server and a sandbox, and stops calls on their way."""

import asyncio
import re
from collections import defaultdict

import aiohttp
from aiohttp import web

from heliograph.sandbox.server import Sandbox

# The calls of a sending; what else a client asks for goes through at any time.
STEPS = re.compile(
    r"POST /api/v\d+/interactions$|POST /api/v\d+/channels/\d+/attachments$|PUT /upload/"
    r"|GET /api/v\d+/channels/\d+/application-command-index$|PUT .*/reactions/|POST /activities/"
)
UNSENT = {"host", "content-length", "transfer-encoding", "content-encoding", "connection", "date"}


class Gatekeeper:
    """A call has two moments: before it arrives, and before its answer goes back. `stop` names the
    one at which an account's calls are held; who calls without a token is `nameless`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.url = ""
        self.nameless = ""
        self._sandbox = sandbox
        self._places: dict[str, str] = {}
        self._passed: defaultdict[str, list[str]] = defaultdict(list)
        self._stops: dict[str, int] = {}
        self._stopped: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._opened = asyncio.Event()

    async def __aenter__(self) -> "Gatekeeper":
        self._http = aiohttp.ClientSession(auto_decompress=False)
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = "http://{}:{}".format(*self._runner.addresses[0][:2])
        return self

    async def __aexit__(self, *error: object) -> None:
        self.open()
        await self._runner.cleanup()
        await self._http.close()

    def stop(self, account: str, moment: int | None) -> None:
        """Counts the account's steps from now on, and holds it at that moment, if any."""
        self._passed[account] = []
        self._stopped[account] = asyncio.Event()
        self._opened = asyncio.Event()
        if moment is not None:
            self._stops[account] = moment

    async def stopped(self, account: str) -> None:
        """Returns once the account is held."""
        await self._stopped[account].wait()

    def steps(self, account: str) -> list[str]:
        """The account's calls since `stop`, those that were held before they arrived among them."""
        return list(self._passed[account])

    def open(self) -> None:
        """Lets go of everything that is held; what had not arrived never does."""
        self._stops.clear()
        self._opened.set()

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        step = STEPS.match(f"{request.method} {request.path}")
        account = self._account(request)
        if step is None:
            return await self._forward(request, account)
        self._passed[account].append(request.path.rpartition("/api/")[2])
        moment = 2 * len(self._passed[account]) - 2
        if await self._held(account, moment):
            raise web.HTTPBadGateway
        answer = await self._forward(request, account)
        await self._held(account, moment + 1)
        return answer

    async def _held(self, account: str, moment: int) -> bool:
        if self._stops.get(account) != moment:
            return False
        self._stopped[account].set()
        await self._opened.wait()
        return True

    def _account(self, request: web.Request) -> str:
        named = request.headers.get("Authorization") or self._places.get(request.path)
        return named or self.nameless

    async def _forward(self, request: web.Request, account: str) -> web.Response:
        kept = {
            name: value for name, value in request.headers.items() if name.lower() not in UNSENT
        }
        async with self._http.request(
            request.method,
            f"{self._sandbox.url}{request.raw_path}",
            data=await request.read(),
            headers=kept,
        ) as got:
            body = (await got.read()).replace(self._sandbox.url.encode(), self.url.encode())
            for place in re.findall(rb'"upload_url":\s*"([^"]+)"', body):
                self._places[place.decode().removeprefix(self.url)] = account
            shown = {
                name: value for name, value in got.headers.items() if name.lower() not in UNSENT
            }
            return web.Response(status=got.status, body=body, headers=shown)
