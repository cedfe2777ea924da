"""The data folder: what lies where, who serves it, and the token for the local command line."""

import contextlib
import fcntl
import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

# `running` takes the lock for an instant to see whether it is free, and a server that is ending
# holds it a little longer than its socket; neither may turn away a server that is starting.
LOCK_ATTEMPTS = 25
LOCK_PAUSE = 0.02


class HomeFault(Exception):
    """The data folder can't be used; the message is a sentence for the user."""


class AlreadyServed(HomeFault):
    """Another server holds the data folder; `url` is where, if it has said so yet."""

    def __init__(self, path: Path, url: str | None) -> None:
        where = f", at {url}" if url else ""
        super().__init__(f"The data folder {path} is already served by another process{where}.")
        self.url = url


class Home:
    """The paths of one data folder, and the lock that gives it to one server at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = path / "heliograph.db"
        self.studio = path / "studio.db"
        self.media = path / "media"
        self.work = path / "work"
        self.token_file = path / "cli-token"
        self.keys = path / "keys"
        self.sessions = path / "sessions.json"
        self._lock_file = path / "lock"
        self._server_file = path / "server.json"

    def create(self) -> None:
        """Makes what is missing, the folder itself for its owner only. Raises HomeFault."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise HomeFault(
                f"The data folder {self.path} can't be made: {error.strerror}."
            ) from error
        try:
            self.media.mkdir(mode=0o700, exist_ok=True)
            self.work.mkdir(mode=0o700, exist_ok=True)
            # A folder that was made earlier may have become read-only since.
            with tempfile.TemporaryFile(dir=self.path):
                pass
        except OSError as error:
            raise HomeFault(
                f"The data folder {self.path} can't be written: {error.strerror}."
            ) from error

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the folder for one server; the kernel frees it whatever way the process ends.

        A child made by fork alone would share the lock and outlive its parent with it: painting
        processes must be spawned. Raises AlreadyServed, or HomeFault when it can't be made.
        """
        self.create()
        descriptor = self._open_lock(os.O_RDWR | os.O_CREAT)
        try:
            if not _taken(descriptor, LOCK_ATTEMPTS):
                raise AlreadyServed(self.path, self._advertised())
            # What a killed server left here would be believed again, now that the lock is held.
            self._server_file.unlink(missing_ok=True)
            try:
                yield
            finally:
                self._server_file.unlink(missing_ok=True)
        finally:
            os.close(descriptor)

    def advertise(self, url: str) -> None:
        """Tells local programs where the server is; only its holder of the lock may say so."""
        self._replace(self._server_file, json.dumps({"url": url, "pid": os.getpid()}))

    def running(self) -> str | None:
        """The URL of the server that holds the folder now, or None: nobody does, or it is still
        starting."""
        return self._advertised() if self.served() else None

    def served(self) -> bool:
        """Whether some process holds the lock."""
        try:
            descriptor = self._open_lock(os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            return not _taken(descriptor, 1)
        finally:
            os.close(descriptor)

    def write_token(self, secret: str) -> None:
        """Leaves the token for the local command line, readable by the folder's owner only."""
        self._replace(self.token_file, secret + "\n")

    def read_token(self) -> str | None:
        """The token that a server left for the local command line, or None."""
        try:
            return self.token_file.read_text("ascii").strip() or None
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise HomeFault(f"The local token {self.token_file} can't be read: {error}.") from error

    def _open_lock(self, mode: int) -> int:
        try:
            return os.open(self._lock_file, mode | os.O_CLOEXEC, 0o600)
        except (FileNotFoundError, NotADirectoryError):
            raise FileNotFoundError(self._lock_file) from None
        except OSError as error:
            raise HomeFault(
                f"The data folder {self.path} can't be locked: {error.strerror}."
            ) from error

    def _advertised(self) -> str | None:
        try:
            url = json.loads(self._server_file.read_text("utf-8"))["url"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return url if isinstance(url, str) else None

    def _replace(self, path: Path, text: str) -> None:
        """Writes a whole file or none, with mode 0600 from its first byte."""
        try:
            descriptor, name = tempfile.mkstemp(dir=self.path, prefix=f".{path.name}-")
        except OSError as error:
            raise HomeFault(
                f"The data folder {self.path} can't be written: {error.strerror}."
            ) from error
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _taken(descriptor: int, attempts: int) -> bool:
    for attempt in range(attempts):
        if attempt:
            time.sleep(LOCK_PAUSE)
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    return False
