"""Sessions that outlive their process, in a file.

Discord keeps what it would have sent for some minutes. So a server that is started again, even
after a crash, resumes its accounts' sessions, and hears what it missed with all its identities,
which the history no longer shows. And it begins no session within five seconds of another, since
each IDENTIFY is noted before it is sent. The file holds no token: an entry is found by the token's
hash.
"""

import hashlib
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import structlog

from heliograph.discord.account import Kept

_FRESH = os.O_WRONLY | os.O_CREAT | os.O_TRUNC

log: Any = structlog.get_logger("heliograph.discord")


class Memory:
    """`path` is made when there is something to write, for its owner's eyes alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = self._read()
        self._written: bytes | None = None
        self._writing = threading.Lock()

    def take(self, token: str) -> Kept | None:
        """What an earlier process kept of that account, once."""
        return self._kept.pop(_name(token), None)

    def write(self, sessions: Mapping[str, Kept]) -> None:
        """Keeps these, by token, and what nobody has taken yet. A file that can't be written is
        told of, and done without."""
        named = {_name(token): kept for token, kept in sessions.items()}
        data = msgspec.json.encode(self._kept | named)
        with self._writing:
            if data == self._written:
                return
            fresh = self._path.with_suffix(".new")
            try:
                with open(os.open(fresh, _FRESH, 0o600), "wb") as file:
                    file.write(data)
                fresh.replace(self._path)
                self._written = data
            except OSError as error:
                log.warning("gateway sessions not kept", reason=error.strerror)

    def _read(self) -> dict[str, Kept]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, Kept])
        except (OSError, msgspec.DecodeError):
            return {}


def _name(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
