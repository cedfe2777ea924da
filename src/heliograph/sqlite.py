"""SQLite without blocking the event loop: one writer thread, one reader thread.

SQLite lets one connection write at a time, and a durable commit costs an fsync. So all writes
of a process go through one thread, which takes whatever has queued up, runs it and commits it
together: the fsync is paid once a group. Most units that fail do so before they have written
anything, and need no undoing; where one fails later, the whole group is undone and run again,
each unit now in a SAVEPOINT of its own, so that it rolls back alone. Hence a unit must bear being
run twice. A unit's result is handed out only after the commit, so what a caller is told
has survived. Readers use a second connection and thread; in WAL mode neither waits for the other.

Knows nothing of jobs or of the bot: the job store and the bot's memory each open their own file.
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Unit = Callable[[sqlite3.Connection], T]

# Copying the log back into the file costs an fsync too; every 16 MiB is seldom enough, and a log
# of that size costs readers nothing that shows. (Pages of 4 KiB.)
CHECKPOINT_PAGES = 4_000
# Larger groups stop paying: the fsync is already a small part, and callers wait for the whole.
MAX_GROUP = 256


def connect(path: Path, *, synchronous: str = "FULL") -> sqlite3.Connection:
    """A connection in WAL mode that may wait 10 s for another process's write.

    `synchronous` FULL survives a power cut; NORMAL only a crash of the process.
    """
    # The owner's alone from the first byte; SQLite gives its log files the same mode.
    path.touch(mode=0o600, exist_ok=True)
    connection = sqlite3.connect(
        path, timeout=10, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    return connection


def queries(package: str, name: str) -> dict[str, str]:
    """The named statements of a `.sql` file: `-- name: x` opens one, comment lines say its purpose.

    Raises ValueError for a statement without a name or with a name used twice.
    """
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in files(package).joinpath(name).read_text("utf-8").splitlines():
        if line.startswith("-- name:"):
            key = line.removeprefix("-- name:").strip()
            if key in found:
                raise ValueError(f"{name}: {key} is defined twice")
            current = found[key] = []
        elif line.strip() and not line.startswith("--"):
            if current is None:
                raise ValueError(f"{name}: a statement stands before the first name")
            current.append(line)
    return {key: "\n".join(lines) for key, lines in found.items()}


class Database:
    """One SQLite file behind a writer and a reader thread. Open it, use it, close it."""

    def __init__(self, path: Path, *, synchronous: str = "FULL") -> None:
        self.path = path
        self._synchronous = synchronous
        self._writer = _Lane(f"{path.stem}-writer", grouped=True)
        self._reader = _Lane(f"{path.stem}-reader", grouped=False)

    def open(self) -> None:
        """Connects both threads. Raises sqlite3.Error when the file can't be used."""
        self._writer.start(connect(self.path, synchronous=self._synchronous))
        self._reader.start(connect(self.path, synchronous=self._synchronous))

    async def write(self, unit: Unit[T]) -> T:
        """Runs `unit` (perhaps twice) in the next group commit; returns once that is durable.

        An exception of `unit` undoes what it did, and nothing else, and is raised here. A caller
        that is cancelled meanwhile does not undo the unit.
        """
        return await self._writer.submit(unit)

    async def read(self, unit: Unit[T]) -> T:
        """Runs `unit` on the reading connection; it sees every commit before this call."""
        return await self._reader.submit(unit)

    def close(self) -> None:
        """Finishes what was submitted, then closes both connections."""
        self._reader.stop()
        self._writer.stop()


class _Task(Generic[T]):
    """A unit on its way to a thread and back to the event loop that waits for it."""

    def __init__(self, unit: Unit[T]) -> None:
        self.unit = unit
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self.loop.create_future()
        self.result: T
        self.error: BaseException | None = None

    def run(self, connection: sqlite3.Connection) -> bool:
        """Whether the unit went well; what came of it is kept until `settle`."""
        self.error = None
        try:
            self.result = self.unit(connection)
        except BaseException as error:
            self.error = error
        return self.error is None

    def settle(self) -> None:
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class _Lane:
    def __init__(self, name: str, *, grouped: bool) -> None:
        self._queue: queue.SimpleQueue[_Task[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._grouped = grouped
        self._connection: sqlite3.Connection

    def start(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._thread.start()

    def submit(self, unit: Unit[T]) -> asyncio.Future[T]:
        task = _Task(unit)
        self._queue.put(task)
        return task.future

    def stop(self) -> None:
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _run(self) -> None:
        for group in self._groups():
            if self._grouped:
                self._commit(group)
            else:
                for task in group:
                    task.run(self._connection)
            _settle(group)
        self._connection.close()

    def _groups(self) -> Iterator[list[_Task[Any]]]:
        while (task := self._queue.get()) is not None:
            group = [task]
            while len(group) < MAX_GROUP:
                try:
                    following = self._queue.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    yield group
                    return
                group.append(following)
            yield group

    def _commit(self, group: list[_Task[Any]]) -> None:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            if not _run_together(connection, group):
                connection.execute("ROLLBACK")
                connection.execute("BEGIN IMMEDIATE")
                _run_apart(connection, group)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            for task in group:
                task.error = task.error or error


def _run_together(connection: sqlite3.Connection, group: list[_Task[Any]]) -> bool:
    """False as soon as a unit failed after it had written something."""
    for task in group:
        before = connection.total_changes
        if not task.run(connection) and connection.total_changes != before:
            return False
    return True


def _run_apart(connection: sqlite3.Connection, group: list[_Task[Any]]) -> None:
    for task in group:
        connection.execute("SAVEPOINT unit")
        if not task.run(connection):
            connection.execute("ROLLBACK TO unit")
        connection.execute("RELEASE unit")


def _settle(group: list[_Task[Any]]) -> None:
    """Wakes each event loop once for all of its tasks: a wake-up is a system call."""
    waiting: dict[asyncio.AbstractEventLoop, list[_Task[Any]]] = {}
    for task in group:
        waiting.setdefault(task.loop, []).append(task)
    for loop, tasks in waiting.items():
        # A loop that was closed has nobody left to tell.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle_here, tasks)


def _settle_here(tasks: list[_Task[Any]]) -> None:
    for task in tasks:
        task.settle()
