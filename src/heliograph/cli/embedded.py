"""A server inside this process, for a command that found none running.

It runs in a thread with an event loop of its own and stops when the command ends; work that is
not done by then is handed over to the next server on the same data folder.
"""

import asyncio
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import structlog
import uvloop

from heliograph import logs, wiring
from heliograph.home import Home, HomeFault
from heliograph.settings import Settings

log: Any = structlog.get_logger("heliograph.embedded")

START_SECONDS = 60
# A server ends within 10 s; one that doesn't is left to die with this process.
STOP_SECONDS = 12
LOG_BYTES = 1024 * 1024


class Embedded:
    """One server on a free loopback port over the data folder of `settings`."""

    def __init__(self, settings: Settings) -> None:
        # The settings are those of a server that others reach; this one is reached from here.
        change = {"host": "127.0.0.1", "port": 0, "public_url": None}
        self._settings = settings.model_copy(update=change)
        self._url: Future[str] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="embedded-server", daemon=True)

    @property
    def log(self) -> Path:
        return self._settings.data / "embedded.log"

    def start(self) -> str:
        """Starts it and returns its URL. Raises what kept it from starting."""
        self._thread.start()
        return self._url.result(timeout=START_SECONDS)

    def close(self) -> None:
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                self._loop = runner.get_loop()
                runner.run(self._serve())
            self._fail(RuntimeError("the server ended before it was ready"))
        except BaseException as error:
            self._fail(error)

    async def _serve(self) -> None:
        Home(self._settings.data).create()
        # Standard error belongs to the progress bar.
        mode = "a" if not self.log.exists() or self.log.stat().st_size < LOG_BYTES else "w"
        with self.log.open(mode, encoding="utf-8") as stream:
            logs.configure(self._settings.log.level, "console", stream)
            try:
                await wiring.serve(self._settings, ready=self._url.set_result, stop=self._stop)
            except HomeFault:
                raise  # another command was quicker, or the folder can't be used: no failure here
            except Exception:
                log.exception("the embedded server failed")
                raise
            finally:
                # The stream closes now; what is still logged must not go to it.
                logs.configure("error", "console")

    def _fail(self, error: BaseException) -> None:
        if not self._url.done():
            self._url.set_exception(error)
