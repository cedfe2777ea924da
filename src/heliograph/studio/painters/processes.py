"""A pool of worker processes: painting holds a core for seconds, and the event loop must not.

Not `concurrent.futures`: its processes can't be cancelled, one that crashes breaks the whole pool,
they share the terminal's Ctrl-C, and they outlive a server that was killed. Ours are children
spoken to over their pipes, one task at a time each. From that follows everything else:

- they start on demand and end when nobody needed them for a while;
- to cancel a task is to kill its worker: prompt, and nothing lingers;
- a worker that dies is an end of file in the middle of an answer: that one task is tried once more
  in a fresh worker, the others notice nothing;
- the server's death is an end of file on the worker's side, and it ends itself;
- each has a session of its own, so Ctrl-C reaches the command line tool alone.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from heliograph.studio.painters.base import OrderRefused, PaintingFailed
from heliograph.studio.painters.worker import LENGTH, packed

ATTEMPTS = 2
# Answers are megabytes: asyncio's default of 64 KB would stop and start reading all the time.
BUFFER = 1024 * 1024
# The pool has a process a core already: libraries must not make threads on top.
SINGLE_THREADED = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

# A grid has four cells: what a process keeps of older tasks is gone.
SUBJECTS = 8

Progress = Callable[[float], None]


class Pool:
    """At most `size` processes (one a core by default), which end after `idle_seconds`."""

    def __init__(self, size: int | None = None, *, idle_seconds: float = 20.0) -> None:
        self.size = size or os.cpu_count() or 1
        self._idle_seconds = idle_seconds
        self._turn = asyncio.Semaphore(self.size)
        self._idle: list[_Worker] = []
        self._started: set[_Worker] = set()

    @property
    def pids(self) -> list[int]:
        """The processes that are there just now."""
        return [worker.process.pid for worker in self._started if worker.running]

    async def call(
        self, function: str, progress: Progress, *, about: str = "", **arguments: Any
    ) -> Any:
        """Runs `module:function` with a progress callback and these arguments, in its turn.

        Arguments and result are what msgpack carries. A free process that was last busy with a
        task `about` the same is preferred, for what it may have kept. Raises OrderRefused as the
        function does, and PaintingFailed when it raised anything else or took its process down
        twice.
        """
        request = packed([function, arguments])
        async with self._turn:
            for _ in range(ATTEMPTS):
                try:
                    return _understood(function, await self._attempt(request, progress, about))
                except _WorkerDied:
                    continue
        raise PaintingFailed(f"{function} took its process down {ATTEMPTS} times")

    async def close(self) -> None:
        """Ends all processes, and with them whatever they are busy with."""
        self._idle.clear()
        for worker in self._started:
            worker.kill()
        for worker in self._started:
            await worker.process.wait()
        self._started.clear()

    async def _attempt(self, request: bytes, progress: Progress, about: str) -> list[Any]:
        worker = await self._worker(about)
        try:
            answer = await worker.ask(request, progress)
        except BaseException:
            # Cancelled, or out of step with us: nothing that it says is of use any more.
            worker.kill()
            raise
        worker.subjects.append(about)
        self._idle.append(worker)
        loop = asyncio.get_running_loop()
        worker.timer = loop.call_later(self._idle_seconds, self._dismiss, worker)
        return answer

    async def _worker(self, about: str) -> "_Worker":
        self._started = {worker for worker in self._started if worker.running}
        # Stable: of the others, the one that rested last comes last, and is taken first.
        self._idle.sort(key=lambda worker: about in worker.subjects)
        while self._idle:
            worker = self._idle.pop()
            worker.wake()
            if worker.running:
                return worker
        worker = _Worker(await _start())
        self._started.add(worker)
        return worker

    def _dismiss(self, worker: "_Worker") -> None:
        if worker in self._idle:
            self._idle.remove(worker)
            worker.kill()


class _WorkerDied(Exception):
    """The process ended in the middle of a task."""


class _Worker:
    def __init__(self, process: Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise TypeError("a worker needs both pipes")
        self.process = process
        self._in, self._out = process.stdin, process.stdout
        self.timer: asyncio.TimerHandle | None = None
        self.subjects: deque[str] = deque(maxlen=SUBJECTS)

    @property
    def running(self) -> bool:
        return self.process.returncode is None

    def wake(self) -> None:
        if self.timer:
            self.timer.cancel()
            self.timer = None

    def kill(self) -> None:
        self.wake()
        if self.running:
            self.process.kill()

    async def ask(self, request: bytes, progress: Progress) -> list[Any]:
        """Hands one task in and returns the frame that answers it."""
        try:
            self._in.write(request)
            await self._in.drain()
            while True:
                head = await self._out.readexactly(LENGTH)
                body = await self._out.readexactly(int.from_bytes(head, "big"))
                frame: list[Any] = msgspec.msgpack.decode(body)
                if frame[0] != "progress":
                    return frame
                progress(frame[1])
        except (asyncio.IncompleteReadError, ConnectionError) as death:
            raise _WorkerDied from death


async def _start() -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "heliograph.studio.painters.worker",
        stdin=PIPE,
        stdout=PIPE,
        limit=BUFFER,
        start_new_session=True,
        # The same modules as ours, however we came by them.
        env={
            **os.environ,
            **SINGLE_THREADED,
            "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
        },
    )


def _understood(function: str, answer: list[Any]) -> Any:
    kind, value = answer
    if kind == "done":
        return value
    if kind == "refused":
        raise OrderRefused(value)
    raise PaintingFailed(f"{function} failed:\n{value}")
