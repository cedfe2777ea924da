"""The parts of a server, put together. `heliograph.wiring.serving` runs them."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from functools import partial
from random import Random

import msgspec

from heliograph import clock
from heliograph.bus.local import LocalBus
from heliograph.calm import Calm
from heliograph.discord.accounts import Accounts
from heliograph.home import Home
from heliograph.http.app import create_app
from heliograph.http.state import State
from heliograph.hub import Hub
from heliograph.inbox import Inbox
from heliograph.lane import Tools
from heliograph.mail.dispatch import MailDispatcher
from heliograph.media.store import Media
from heliograph.outgoing import Outgoing, Policy
from heliograph.scheduler import Scheduler
from heliograph.service.channels import Channels
from heliograph.service.jobs import Jobs
from heliograph.service.people import People
from heliograph.service.tasks import Tasks
from heliograph.service.webhooks import Webhooks
from heliograph.settings import Settings
from heliograph.store.deliveries import SqliteDeliveries
from heliograph.store.queue import SqliteQueue, SqliteTasks
from heliograph.store.sqlite import SqliteStore
from heliograph.studio.bot import Bot
from heliograph.studio.link import StudioLink
from heliograph.upkeep import Keep, Patience, Upkeep
from heliograph.upstreams import Upstreams
from heliograph.webhooks.delivery import Dispatcher
from heliograph.wiring import stores, studio, telling
from heliograph.wiring.front import Server
from heliograph.worker import Worker


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What runs, or is needed while it runs. `mailing` is None where mail is not configured."""

    people: People
    hub: Hub
    bot: Bot
    worker: Worker
    upkeep: Upkeep
    scheduler: Scheduler
    dispatcher: Dispatcher
    mailing: MailDispatcher | None
    server: Server


@contextlib.asynccontextmanager
async def built(
    settings: Settings,
    home: Home,
    store: SqliteStore,
    discord: Accounts | None,
    url: str,
    stop: asyncio.Event,
) -> AsyncIterator[Parts]:
    """For the server at `url` that holds the folder; it isn't ready any more once `stop` is set.
    What holds anything open is closed in the end. Raises HomeFault."""
    # The lock on the folder says that whoever held these leases is gone.
    await store.release(None)
    bus, calm, media = LocalBus(), Calm(), Media.folder(home.media)
    outgoing = Outgoing(telling.policy(settings))
    # The operator names the CDN, so it may lie anywhere.
    cdn_client = Outgoing(Policy(loopback=True, private=True))
    inbox = Inbox(media, outgoing, cdn_client)
    bot = await studio.opened(settings, home, media, inbox)
    try:
        upstreams = Upstreams(partial(StudioLink.open, bot), discord)
        deliveries = SqliteDeliveries(store.database, stores.addresses(settings))
        tasks = SqliteTasks(store.database)
        people, hub = People(store), Hub(store, bus)
        worker = _worker(store, bus, calm, upstreams, inbox)
        refuses, most = telling.refusals(outgoing), settings.queue.most
        app = create_app(
            State(
                people=people,
                jobs=Jobs(store, bus, calm, inbox=inbox, refuses=refuses, queue_most=most),
                tasks=Tasks(tasks, bus, refuses=refuses, most=most, now=clock.milliseconds),
                channels=Channels(
                    store, bus, discover=upstreams.discover, refuses=refuses, rehearsal=bot
                ),
                webhooks=Webhooks(deliveries, bus),
                hub=hub,
                media=media,
                cdn=settings.midjourney.cdn,
                cdn_client=cdn_client,
                ready=lambda: worker.attached.is_set() and not stop.is_set(),
                now=clock.milliseconds,
                public_url=settings.public_url,
                heartbeat=settings.streams.heartbeat_seconds,
                stream_age=settings.streams.age_minutes * 60,
                json_bytes=settings.limits.json_bytes,
                multipart_bytes=settings.limits.multipart_bytes,
            )
        )
        base = settings.public_url or url
        yield Parts(
            people=people,
            hub=hub,
            bot=bot,
            worker=worker,
            upkeep=_upkeep(settings, store, bus),
            scheduler=_scheduler(settings, store, tasks, bus),
            dispatcher=telling.dispatcher(settings, deliveries, bus, outgoing, base),
            mailing=telling.mailing(settings, store, bus, base),
            server=Server(app),
        )
    finally:
        await bot.close()
        await outgoing.close()
        await cdn_client.close()


def _worker(
    store: SqliteStore, bus: LocalBus, calm: Calm, upstreams: Upstreams, inbox: Inbox
) -> Worker:
    tools = Tools(
        store=store,
        bus=bus,
        calm=calm,
        connect=upstreams.connect,
        files=inbox,
        now=clock.milliseconds,
    )
    return Worker(tools, owner=f"worker-{secrets.token_hex(8)}")


def _upkeep(settings: Settings, store: SqliteStore, bus: LocalBus) -> Upkeep:
    jobs, keep = settings.jobs, settings.keep
    patience = Patience(jobs.timeout_minutes, jobs.relaxed_timeout_minutes)
    kept = Keep(event_days=keep.event_days, delivery_days=keep.delivery_days)
    return Upkeep(store, bus, patience, kept, now=clock.milliseconds)


def _scheduler(
    settings: Settings, store: SqliteStore, tasks: SqliteTasks, bus: LocalBus
) -> Scheduler:
    return Scheduler(
        store,
        SqliteQueue(store.database),
        tasks,
        bus,
        patience_seconds=settings.queue.relaxed_wait_seconds,
        now=clock.milliseconds,
        rng=Random(),
    )
