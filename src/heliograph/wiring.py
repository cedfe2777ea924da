"""The composition root: the only file that names concrete classes."""

import asyncio
import contextlib
import errno
import gc
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import structlog
import uvicorn

from heliograph.bus.local import LocalBus
from heliograph.calm import Calm
from heliograph.channel import Channel
from heliograph.errors import Unauthorized
from heliograph.home import Home, HomeFault
from heliograph.http.app import create_app
from heliograph.http.heads import BoundedHttp
from heliograph.http.state import State
from heliograph.hub import Hub
from heliograph.media.store import Media
from heliograph.midjourney.wire import Wire
from heliograph.service import Service, milliseconds
from heliograph.settings import Settings
from heliograph.store.base import Store, StoreFault
from heliograph.store.sqlite import SqliteStore
from heliograph.studio.bot import Bot
from heliograph.studio.link import StudioLink
from heliograph.studio.memory import MemoryFault
from heliograph.studio.painters.base import Painter
from heliograph.studio.painters.blank import BlankPainter
from heliograph.studio.painters.composer import ComposerPainter
from heliograph.worker import Worker

log: Any = structlog.get_logger("heliograph")

FIRST_USER = 1
LOCAL = "local command line"
STUDIO_TOKEN = "studio"  # noqa: S105 - the name of our own bot's account, no secret
# Requests make much garbage and few cycles; at the default of 700 objects the collector would run
# several times a request, and longer the more readers are connected.
GC_THRESHOLDS = (20_000, 20, 100)
# Streams and downloads under way get this long to end by themselves.
GRACE_SECONDS = 4


@contextlib.asynccontextmanager
async def offline(settings: Settings) -> AsyncIterator[Service]:
    """The service over the data folder, without a server: for administration."""
    home = Home(settings.data)
    home.create()
    store = _store(settings, home)
    try:
        yield Service(store, LocalBus(), Calm())
    finally:
        await store.close()


async def serve(
    settings: Settings,
    *,
    ready: Callable[[str], None],
    stop: asyncio.Event,
    welcome: Callable[[str], None] | None = None,
) -> None:
    """Runs the server until `stop` is set; `ready` gets its URL once jobs are taken up.

    `welcome` gets user 1's first token, right after `ready`, if the user has none; without it no
    such token is made. Raises HomeFault (AlreadyServed among them) for the data folder, OSError
    for the address, sqlite3.Error for the databases.
    """
    home = Home(settings.data)
    with home.lock(), contextlib.closing(_listen(settings)) as listening:
        store = _store(settings, home)
        try:
            await _run(settings, home, store, listening, ready, stop, welcome)
        finally:
            await store.close()


async def _run(
    settings: Settings,
    home: Home,
    store: Store,
    listening: socket.socket,
    ready: Callable[[str], None],
    stop: asyncio.Event,
    welcome: Callable[[str], None] | None,
) -> None:
    # The lock on the folder says that whoever held these leases is gone.
    await store.release(None)
    bus, calm, media = LocalBus(), Calm(), Media.folder(home.media)
    service, hub = Service(store, bus, calm), Hub(store, bus)
    bot = await _bot(settings, home, media)

    async def connect(channel: Channel) -> Wire:
        return await StudioLink.open(bot, channel.token)

    owner = f"worker-{secrets.token_hex(8)}"
    worker = Worker(store, bus, calm, connect, owner=owner, now=milliseconds)
    app = create_app(
        State(
            service=service,
            hub=hub,
            media=media,
            ready=lambda: worker.attached.is_set() and not stop.is_set(),
            public_url=settings.public_url,
            json_bytes=settings.limits.json_bytes,
            multipart_bytes=settings.limits.multipart_bytes,
        )
    )
    server = _Server(app)
    try:
        await _first_channel(store, bot)
        async with asyncio.TaskGroup() as group:
            working = group.create_task(worker.run(), name="worker")
            # The lanes read the history before the bot goes on, so no final message is missed.
            await worker.attached.wait()
            group.create_task(bot.run(), name="bot")
            serving = group.create_task(server.serve(sockets=[listening]), name="http")
            url = _url(listening)
            # Start-up's objects live for ever; scanning them again and again stops the loop.
            gc.collect()
            gc.freeze()
            gc.set_threshold(*GC_THRESHOLDS)
            first = await _tokens(settings, home, service, make=welcome is not None)
            home.advertise(url)
            ready(url)
            if welcome is not None and first is not None:
                welcome(first)
            await stop.wait()
            log.info("ending")
            hub.close()
            server.should_exit = True
            await serving
            working.cancel()
            await bot.close()
    finally:
        await bot.close()


async def _first_channel(store: Store, bot: Bot) -> None:
    """Gives user 1 a channel of our own bot. Until accounts can be deleted over the API, a user
    without a channel is one who has never had one."""
    link = await StudioLink.open(bot, STUDIO_TOKEN)
    if not await store.channels(FIRST_USER):
        channel = Channel(id=link.channel, user=FIRST_USER, token=STUDIO_TOKEN)
        await store.add_channel(channel, milliseconds())


async def _tokens(settings: Settings, home: Home, service: Service, *, make: bool) -> str | None:
    """Sees to it that user 1 can come in: with the token of the settings, or with one that is
    made and returned if there is none (and `make`), and from this machine's command line."""
    secret = None
    tokens = await service.tokens(FIRST_USER)
    if settings.token is not None:
        given = settings.token.get_secret_value()
        await service.create_token(FIRST_USER, "from settings", secret=given)
    elif make and all(token.name == LOCAL for token in tokens):
        secret = await service.create_token(FIRST_USER, "first")
        if not tokens:
            home.write_token(secret)
    left = home.read_token()
    try:
        await service.user_of(left or "")
    except Unauthorized:
        home.write_token(await service.create_token(FIRST_USER, LOCAL))
    return secret


def _store(settings: Settings, home: Home) -> SqliteStore:
    try:
        return SqliteStore.open(home.database, synchronous=settings.database.synchronous)
    except StoreFault as fault:
        raise HomeFault(str(fault)) from None


async def _bot(settings: Settings, home: Home, media: Media) -> Bot:
    try:
        return await Bot.open(
            home.studio,
            _painter(settings, home),
            media,
            rng=secrets.SystemRandom(),
            update_seconds=settings.studio.update_seconds,
        )
    except MemoryFault as fault:
        raise HomeFault(str(fault)) from None


def _painter(settings: Settings, home: Home) -> Painter:
    if settings.studio.painter == "blank":
        return BlankPainter(seconds=settings.studio.blank_seconds)

    return ComposerPainter(
        home.work / "pixels",
        workers=settings.studio.workers,
        idle_seconds=settings.studio.idle_seconds,
    )


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: who runs `serve` decides when it ends."""

    def __init__(self, app: Any) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=BoundedHttp,
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


def _listen(settings: Settings) -> socket.socket:
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except UnicodeError as error:
        raise OSError(errno.EADDRNOTAVAIL, f"{settings.host!r} is no host name") from error
    listening = socket.socket(family, kind, proto)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(2048)
    except BaseException:
        listening.close()
        raise
    return listening


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{local}]:{port}" if ":" in local else f"http://{local}:{port}"
