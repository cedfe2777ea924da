"""SQLite without blocking the event loop: one writer thread, one reader thread.

SQLite lets one connection write at a time, and a durable commit costs an fsync. So all writes
of a process go through one thread, which takes whatever has queued up, runs every unit in its
own SAVEPOINT and commits them together: the fsync is paid once a group, and a unit that fails
rolls back alone. A unit's result is handed out only after the commit, so what a caller is told
has survived. Readers use a second connection and thread; in WAL mode neither waits for the other.

Knows nothing of jobs or of the bot: the job store and the bot's memory each open their own file.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
Unit = Callable[[sqlite3.Connection], T]

# Larger groups stop paying: the fsync is already a small part, and callers wait for the whole.
MAX_GROUP = 256


def connect(path: Path, *, synchronous: str = "FULL") -> sqlite3.Connection:
    """A connection in WAL mode that may wait 10 s for another process's write.

    `synchronous` FULL survives a power cut; NORMAL only a crash of the process.
    """
    connection = sqlite3.connect(
        path, timeout=10, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("PRAGMA foreign_keys = ON")
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
        """Runs `unit` in the next group commit; returns once that commit is durable.

        An exception of `unit` undoes what it did, and nothing else, and is raised here.
        """
        return await asyncio.wrap_future(self._writer.submit(unit))

    async def read(self, unit: Unit[T]) -> T:
        """Runs `unit` on the reading connection; it sees every commit before this call."""
        return await asyncio.wrap_future(self._reader.submit(unit))

    def close(self) -> None:
        """Finishes what was submitted, then closes both connections."""
        self._reader.stop()
        self._writer.stop()


class _Lane:
    def __init__(self, name: str, *, grouped: bool) -> None:
        self._queue: queue.SimpleQueue[tuple[Unit[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._grouped = grouped
        self._connection: sqlite3.Connection

    def start(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._thread.start()

    def submit(self, unit: Unit[T]) -> Future[T]:
        future: Future[T] = Future()
        self._queue.put((unit, future))
        return future

    def stop(self) -> None:
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _run(self) -> None:
        for group in self._groups():
            if self._grouped:
                self._commit(group)
            else:
                for unit, future in group:
                    _settle(future, unit, self._connection)
        self._connection.close()

    def _groups(self) -> Iterator[list[tuple[Unit[Any], Future[Any]]]]:
        while (item := self._queue.get()) is not None:
            group = [item]
            while self._grouped and len(group) < MAX_GROUP:
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
                if item is None:
                    yield group
                    return
                group.append(item)
            yield group

    def _commit(self, group: list[tuple[Unit[Any], Future[Any]]]) -> None:
        results: list[tuple[Future[Any], Any]] = []
        failures: list[tuple[Future[Any], BaseException]] = []
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            for unit, future in group:
                if not future.set_running_or_notify_cancel():
                    continue
                connection.execute("SAVEPOINT unit")
                try:
                    results.append((future, unit(connection)))
                except BaseException as error:
                    connection.execute("ROLLBACK TO unit")
                    failures.append((future, error))
                connection.execute("RELEASE unit")
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            failures = [(future, error) for _, future in group if not future.cancelled()]
            results = []
        for future, result in results:
            future.set_result(result)
        for future, failure in failures:
            future.set_exception(failure)


def _settle(future: Future[Any], unit: Unit[Any], connection: sqlite3.Connection) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(unit(connection))
    except BaseException as error:
        future.set_exception(error)
