"""A server's run: what starts before what, and what ends after what."""

import asyncio
import contextlib
import gc
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import structlog

from heliograph.discord.accounts import connected
from heliograph.home import Home
from heliograph.listening import listen, url_of
from heliograph.settings import Settings
from heliograph.wiring import first_user, stores, upstreams
from heliograph.wiring.parts import Parts, built
from heliograph.wiring.upstreams import Connecting

log: Any = structlog.get_logger("heliograph")

# Requests make much garbage and few cycles; at the default of 700 objects the collector would run
# several times a request, and longer the more readers are connected.
GC_THRESHOLDS = (20_000, 20, 100)


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
        url = url_of(listening)
        async with (
            stores.sealed(settings, home) as store,
            upstreams.discord(settings, home, discord) as accounts,
            built(settings, home, store, accounts, url, stop) as parts,
        ):
            await first_user.add_channel(store, parts.bot)
            async with _running(parts, listening):
                make = welcome is not None
                first = await first_user.add_tokens(settings, home, parts.people, make=make)
                home.advertise(url)
                ready(url)
                if welcome is not None and first is not None:
                    welcome(first)
                await stop.wait()


@contextlib.asynccontextmanager
async def _running(parts: Parts, listening: socket.socket) -> AsyncIterator[None]:
    """The parts, running; they end in order when the body has ended well, else all at once."""
    async with asyncio.TaskGroup() as group:
        working = group.create_task(parts.worker.run(), name="worker")
        # The lanes read the history before the bot goes on, so no final message is missed.
        await parts.worker.attached.wait()
        group.create_task(parts.bot.run(), name="bot")
        endless = [
            working,
            group.create_task(parts.upkeep.run(), name="upkeep"),
            group.create_task(parts.dispatcher.run(), name="webhooks"),
            group.create_task(parts.scheduler.run(), name="scheduler"),
        ]
        if parts.mailing is not None:
            endless.append(group.create_task(parts.mailing.run(), name="mails"))
        serving = group.create_task(parts.server.serve(sockets=[listening]), name="http")
        # Start-up's objects live for ever; scanning them again and again stops the loop.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        yield
        log.info("ending")
        parts.hub.close()
        parts.server.should_exit = True
        await serving
        for task in endless:
            task.cancel()
        await parts.bot.close()
