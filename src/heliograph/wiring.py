"""The composition root: the only file that names concrete classes."""

import asyncio
import contextlib
import gc
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from random import Random
from typing import Any

import structlog
import uvicorn

from heliograph import vault
from heliograph.bus.local import LocalBus
from heliograph.calm import Calm
from heliograph.channel import Channel
from heliograph.discord.account import Endpoints
from heliograph.discord.accounts import Accounts, connected
from heliograph.discord.memory import Memory
from heliograph.errors import Invalid, Unauthorized
from heliograph.home import Home, HomeFault
from heliograph.http import envelopes, views
from heliograph.http.app import create_app
from heliograph.http.heads import BoundedHttp
from heliograph.http.state import State
from heliograph.hub import Hub
from heliograph.inbox import Inbox
from heliograph.lane import Tools
from heliograph.listening import listen, url_of
from heliograph.mail.base import Addresses
from heliograph.mail.dispatch import MailDispatcher
from heliograph.mail.post import Server, SmtpPost
from heliograph.media.store import Media
from heliograph.midjourney.files import FileRefused
from heliograph.outgoing import Outgoing, OutgoingRefused, Policy
from heliograph.retry import Schedule
from heliograph.sandbox.faults import FaultInvalid as FaultInvalid
from heliograph.sandbox.server import Sandbox as Sandbox
from heliograph.sandbox.settings import Settings as SandboxSettings
from heliograph.scheduler import Scheduler
from heliograph.service import Service, milliseconds
from heliograph.settings import Settings
from heliograph.store.base import Store, StoreFault
from heliograph.store.deliveries import SqliteDeliveries
from heliograph.store.mails import SqliteOutbox
from heliograph.store.queue import SqliteQueue, SqliteTasks
from heliograph.store.sqlite import SqliteStore
from heliograph.studio.bot import Bot
from heliograph.studio.files import Files, LinkRefused
from heliograph.studio.link import StudioLink
from heliograph.studio.memory import MemoryFault
from heliograph.studio.moderation import ListInvalid, Moderation
from heliograph.studio.painters.base import Painter
from heliograph.studio.painters.blank import BlankPainter
from heliograph.studio.painters.composer import ComposerPainter
from heliograph.task import Known
from heliograph.tasks import TaskService, echo_of
from heliograph.upkeep import Keep, Patience, Upkeep
from heliograph.upstreams import Upstreams
from heliograph.vault import Vault, VaultFault
from heliograph.webhooks.base import Due
from heliograph.webhooks.calling import GuardedCaller
from heliograph.webhooks.delivery import Dispatcher
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

Connecting = Callable[..., contextlib.AbstractAsyncContextManager[Accounts]]


@contextlib.asynccontextmanager
async def offline(settings: Settings) -> AsyncIterator[Service]:
    """The service over the data folder, without a server: for administration."""
    home = Home(settings.data)
    home.create()
    store = _store(settings, home)
    try:
        media, bus = Media.folder(home.media), LocalBus()
        inbox = Inbox(media, Outgoing(Policy()))
        yield Service(
            store,
            bus,
            Calm(),
            inbox=inbox,
            discover=_nowhere,
            deliveries=SqliteDeliveries(store.database, _addresses(settings)),
        )
    finally:
        await store.close()


async def serve(
    settings: Settings,
    *,
    ready: Callable[[str], None],
    stop: asyncio.Event,
    welcome: Callable[[str], None] | None = None,
    discord: Connecting = connected,
) -> None:
    """Runs the server until `stop` is set; `ready` gets its URL once jobs are taken up.

    `welcome` gets user 1's first token, right after `ready`, if the user has none; without it no
    such token is made. `discord` connects the accounts of the network upstream. Raises HomeFault
    (AlreadyServed among them) for the data folder, OSError for the address, sqlite3.Error for the
    databases.
    """
    home = Home(settings.data)
    with home.lock(), contextlib.closing(listen(settings.host, settings.port)) as listening:
        store = _store(settings, home)
        try:
            await _sealed(store)
            async with _discord(settings, home, discord) as accounts:
                await _run(settings, home, store, listening, accounts, ready, stop, welcome)
        finally:
            await store.close()


@contextlib.asynccontextmanager
async def _discord(
    settings: Settings, home: Home, connect: Connecting
) -> AsyncIterator[Accounts | None]:
    """The network upstream, once the operator has turned it on."""
    if not settings.discord.enabled:
        yield None
        return
    endpoints = Endpoints(
        api=settings.discord.api,
        gateway=settings.discord.gateway,
        activities=settings.discord.activities,
        cdn=settings.midjourney.cdn,
    )
    async with connect(endpoints, memory=Memory(home.sessions)) as accounts:
        yield accounts


async def _sealed(store: SqliteStore) -> None:
    """What an earlier version kept in the clear is sealed, and a wrong key is found at once."""
    try:
        await store.seal()
    except VaultFault as fault:
        raise HomeFault(str(fault)) from None


async def _run(
    settings: Settings,
    home: Home,
    store: SqliteStore,
    listening: socket.socket,
    discord: Accounts | None,
    ready: Callable[[str], None],
    stop: asyncio.Event,
    welcome: Callable[[str], None] | None,
) -> None:
    # The lock on the folder says that whoever held these leases is gone.
    await store.release(None)
    bus, calm, media = LocalBus(), Calm(), Media.folder(home.media)
    outgoing = Outgoing(_policy(settings))
    # The operator names the CDN, so it may lie anywhere.
    cdn_client = Outgoing(Policy(loopback=True, private=True))
    inbox = Inbox(media, outgoing, cdn_client)
    bot = await _bot(settings, home, _BotFiles(media, inbox))
    deliveries = SqliteDeliveries(store.database, _addresses(settings))
    refuses = partial(_refusal, outgoing)
    upstreams = Upstreams(partial(StudioLink.open, bot), discord)
    service = Service(
        store,
        bus,
        calm,
        inbox=inbox,
        discover=upstreams.discover,
        deliveries=deliveries,
        refuses=refuses,
        rehearsal=bot,
        queue_most=settings.queue.most,
    )
    tasks = SqliteTasks(store.database)
    task_service = TaskService(
        tasks, bus, refuses=refuses, most=settings.queue.most, now=milliseconds
    )
    hub = Hub(store, bus)

    owner = f"worker-{secrets.token_hex(8)}"
    tools = Tools(
        store=store,
        bus=bus,
        calm=calm,
        connect=upstreams.connect,
        files=inbox,
        now=milliseconds,
    )
    worker = Worker(tools, owner=owner)
    patience = Patience(settings.jobs.timeout_minutes, settings.jobs.relaxed_timeout_minutes)
    keep = Keep(event_days=settings.keep.event_days, delivery_days=settings.keep.delivery_days)
    upkeep = Upkeep(store, bus, patience, keep, now=milliseconds)
    scheduler = Scheduler(
        store,
        SqliteQueue(store.database),
        tasks,
        bus,
        patience_seconds=settings.queue.relaxed_wait_seconds,
        now=milliseconds,
        rng=Random(),
    )
    app = create_app(
        State(
            service=service,
            tasks=task_service,
            hub=hub,
            media=media,
            cdn=settings.midjourney.cdn,
            cdn_client=cdn_client,
            ready=lambda: worker.attached.is_set() and not stop.is_set(),
            public_url=settings.public_url,
            heartbeat=settings.streams.heartbeat_seconds,
            stream_age=settings.streams.age_minutes * 60,
            json_bytes=settings.limits.json_bytes,
            multipart_bytes=settings.limits.multipart_bytes,
        )
    )
    server, url = _Server(app), url_of(listening)
    dispatcher = Dispatcher(
        deliveries,
        bus,
        GuardedCaller(outgoing),
        partial(_body, settings.public_url or url),
        schedule=Schedule(settings.webhooks.schedule),
        per_host=settings.webhooks.per_host,
        now=milliseconds,
        rng=Random(),
    )
    try:
        mailing = _mailing(settings, store, bus, settings.public_url or url)
        await _first_channel(store, bot)
        async with asyncio.TaskGroup() as group:
            working = group.create_task(worker.run(), name="worker")
            # The lanes read the history before the bot goes on, so no final message is missed.
            await worker.attached.wait()
            group.create_task(bot.run(), name="bot")
            tending = group.create_task(upkeep.run(), name="upkeep")
            telling = group.create_task(dispatcher.run(), name="webhooks")
            scheduling = group.create_task(scheduler.run(), name="scheduler")
            posting = group.create_task(mailing.run(), name="mails") if mailing else None
            serving = group.create_task(server.serve(sockets=[listening]), name="http")
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
            tending.cancel()
            telling.cancel()
            scheduling.cancel()
            if posting is not None:
                posting.cancel()
            await bot.close()
    finally:
        await bot.close()
        await outgoing.close()
        await cdn_client.close()


def _addresses(settings: Settings) -> Addresses | None:
    """Whom mail may go to; None where mail is not configured."""
    return Addresses(settings.mail.to) if settings.mail.host else None


def _mailing(
    settings: Settings, store: SqliteStore, bus: LocalBus, base: str
) -> MailDispatcher | None:
    mail = settings.mail
    if mail.host is None or mail.sender is None:
        log.info("mail is not configured: nobody is told when a channel needs a person")
        return None
    password = mail.password.get_secret_value() if mail.password else None
    server = Server(
        host=mail.host,
        port=mail.port,
        tls=mail.tls,
        username=mail.username,
        password=password,
        ca_file=mail.ca_file,
    )
    try:
        post = SmtpPost(server)
    except OSError as error:
        raise HomeFault(f"The certificates of mail.ca_file can't be used: {error}.") from None
    return MailDispatcher(
        SqliteOutbox(store.database),
        bus,
        post,
        sender=mail.sender,
        base=base,
        schedule=Schedule(mail.schedule),
        now=milliseconds,
        rng=Random(),
    )


def _body(base: str, due: Due) -> bytes:
    job = due.job and views.at_event(due.job, due.event)
    if due.target.kind == "task" and due.task is not None:
        return envelopes.hook(Known(due.task, job), echo_of(job), base)
    if due.job is None:
        raise ValueError(f"delivery {due.id} is about nothing")
    return views.callback(due.job, due.event, base, due.target.ref)


def _refusal(outgoing: Outgoing, url: str) -> str | None:
    try:
        outgoing.check(url)
    except OutgoingRefused as refused:
        return str(refused)
    return None


async def _first_channel(store: Store, bot: Bot) -> None:
    """Gives user 1 a channel of our own bot, once: who deletes it does not get it back."""
    link = await StudioLink.open(bot, STUDIO_TOKEN)
    if await store.welcome(FIRST_USER, milliseconds()):
        channel = Channel(id=link.channel, user=FIRST_USER, token=STUDIO_TOKEN)
        await store.add_channel(channel, milliseconds())


async def _nowhere(token: str) -> str:
    raise Invalid("Channels are configured over a running server's API")


def _policy(settings: Settings) -> Policy:
    """Whoever reaches a server on loopback is on this machine, and may call it anyway."""
    try:
        loopback = ip_address(settings.host).is_loopback
    except ValueError:
        loopback = settings.host == "localhost"
    return Policy(loopback=loopback, private=settings.outgoing.private)


class _BotFiles:
    """`heliograph.studio.files.Files` over the media store and the inbox."""

    def __init__(self, media: Media, inbox: Inbox) -> None:
        self.publish = media.publish
        self.fetch = media.fetch
        self._inbox = inbox

    async def read(self, url: str) -> bytes:
        try:
            return await self._inbox.fetch(url)
        except FileRefused as refused:
            raise LinkRefused(str(refused)) from None


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
        return SqliteStore.open(
            home.database,
            synchronous=settings.database.synchronous,
            addresses=_addresses(settings),
            vault=Vault(_keys(settings, home)),
        )
    except (StoreFault, VaultFault) as fault:
        raise HomeFault(str(fault)) from None


def _keys(settings: Settings, home: Home) -> list[str]:
    if settings.keys is not None:
        return [key.strip() for key in settings.keys.get_secret_value().split(",")]
    return vault.keys_of(home.keys)


async def rotate_keys(settings: Settings) -> None:
    """Seals all account tokens with a new key, and forgets the old ones. With keys of the settings:
    with the first of them. Raises HomeFault, also while a server runs on the folder."""
    home = Home(settings.data)
    with home.lock():
        if settings.keys is None:
            # Whatever happens in between, a key that opens is in the file.
            vault.write_keys(home.keys, [vault.new_key(), *vault.keys_of(home.keys)])
        store = _store(settings, home)
        try:
            await store.seal()
        except VaultFault as fault:
            raise HomeFault(str(fault)) from None
        finally:
            await store.close()
        if settings.keys is None:
            vault.write_keys(home.keys, vault.keys_of(home.keys)[:1])


async def sandbox(
    settings: dict[str, Any],
    folder: Path,
    painter: str,
    *,
    seconds: float,
    faults: object,
    ready: Callable[[Sandbox], None],
    stop: asyncio.Event,
) -> None:
    """Runs the sandbox over a folder until `stop` is set. `settings` are those of
    `heliograph.sandbox.settings.Settings`; blank pictures take `seconds`; `faults` are read as
    `POST /__faults` does, unless they are None.

    Raises OSError for the address, sqlite3.Error or HomeFault for the folder, FaultInvalid.
    """
    paints = (
        BlankPainter(seconds=seconds) if painter == "blank" else ComposerPainter(folder / "pixels")
    )
    box = Sandbox(paints, folder, SandboxSettings(**settings))
    try:
        await box.start()
    except MemoryFault as fault:
        raise HomeFault(str(fault)) from None
    try:
        if faults is not None:
            box.trouble(faults)
        ready(box)
        await stop.wait()
    finally:
        await box.stop()


async def _bot(settings: Settings, home: Home, files: Files) -> Bot:
    try:
        return await Bot.open(
            home.studio,
            _painter(settings, home),
            files,
            rng=secrets.SystemRandom(),
            update_seconds=settings.studio.update_seconds,
            moderation=Moderation.load(settings.studio.words),
        )
    except (MemoryFault, ListInvalid) as fault:
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
