"""`heliograph sandbox`: the stand-in for Discord in this process until a signal ends it."""

import asyncio
import contextlib
import json
import signal
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from heliograph import logs, wiring
from heliograph.cli.ending import Quit
from heliograph.home import HomeFault


def run(
    settings: dict[str, Any],
    *,
    painter: str,
    seconds: float,
    data: Path | None,
    faults: Path | None,
) -> None:
    """Serves until SIGTERM or SIGINT. Raises Quit when it can't."""
    logs.configure("warning", "auto")
    wanted = _read(faults) if faults else None
    place = f"port {settings['port']} of {settings['host']}"
    with _folder(data) as folder:
        try:
            asyncio.run(_serve(settings, folder, painter, seconds, wanted))
        except wiring.FaultInvalid as fault:
            raise Quit(f"{faults}: {fault}.") from None
        except HomeFault as fault:
            raise Quit(str(fault)) from None
        except sqlite3.Error as error:
            raise Quit(f"the folder {folder} can't be used: {error}.") from error
        except OSError as error:
            raise Quit(f"can't serve on {place}: {error.strerror or error}.") from error


async def _serve(
    settings: dict[str, Any], folder: Path, painter: str, seconds: float, faults: object
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await wiring.sandbox(
        settings, folder, painter, seconds=seconds, faults=faults, ready=_ready, stop=stop
    )


def _ready(box: wiring.Sandbox) -> None:
    print(f"The sandbox serves at {box.url}")
    print(f"Its gateway is {box.gateway}")
    for person in box.accounts:
        print(f"{person.direct.username}: channel {person.direct.channel}, token {person.token}")
    print(end="", flush=True)


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise Quit(f"{path} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise Quit(f"{path} is no JSON: {error}.") from error


@contextlib.contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    """The folder given, or one for this run alone."""
    if data is not None:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="heliograph-sandbox-") as made:
        yield Path(made)
