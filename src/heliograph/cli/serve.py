"""`heliograph serve`: the server in this process until a signal ends it."""

import asyncio
import contextlib
import errno
import os
import resource
import signal
import socket
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import uvloop

from heliograph import logs, wiring
from heliograph.cli.ending import Quit, of_settings
from heliograph.home import HomeFault
from heliograph.settings import Settings, SettingsFault, load

MOST_FILES = 65_536


def run(flags: Mapping[str, Any], config: Path | None) -> None:
    """Serves until SIGTERM or SIGINT. Raises Quit when it can't."""
    try:
        settings = load(flags, config=config)
    except SettingsFault as fault:
        raise of_settings(fault) from None
    logs.configure(settings.log.level, settings.log.format)
    _allow_files()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings))
    except HomeFault as fault:
        raise Quit(str(fault)) from None
    except sqlite3.Error as error:
        raise Quit(f"the databases in {settings.data} can't be used: {error}.") from error
    except OSError as error:
        raise _explained(settings, error) from error


def _allow_files() -> None:
    """Connections are files, of which many systems allow 1,024 to whoever asks for no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _end, loop, stop, number)
    await wiring.serve(settings, ready=_ready, stop=stop, welcome=_welcome)


def _end(loop: asyncio.AbstractEventLoop, stop: asyncio.Event, number: signal.Signals) -> None:
    """The first signal asks; a second one, of a person who won't wait, kills."""
    if not stop.is_set():
        stop.set()
        return
    loop.remove_signal_handler(number)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _ready(url: str) -> None:
    print(f"Heliograph serves at {url}", flush=True)


def _welcome(secret: str) -> None:
    print(f"The first API token, shown only now: {secret}")
    print("`heliograph token create` makes more.", flush=True)


def _explained(settings: Settings, error: OSError) -> Quit:
    place = f"port {settings.port} of {settings.host}"
    if error.errno == errno.EADDRINUSE:
        return Quit(f"{place} is in use; choose another with --port, or 0 for any free one.")
    if isinstance(error, socket.gaierror) or error.errno in {errno.EADDRNOTAVAIL, errno.EACCES}:
        return Quit(f"can't serve on {place}: {error.strerror}.")
    return Quit(f"the server ended: {error}.")
