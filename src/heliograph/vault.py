"""Account tokens at rest: sealed with a key that is not in the database.

Fernet (AES-128-CBC with an HMAC) from `cryptography`. A sealed text says so by its beginning, so
that what an earlier version stored in the clear is still read, and sealed at the next start. The
first key seals, all of them open: that is how one replaces another.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

SEALED = "sealed:"


class VaultFault(Exception):
    """A key or a sealed text can't be used; the message is a sentence for the operator."""


class Vault:
    """Seals and opens texts. `keys` as `Fernet.generate_key` makes them, the newest first."""

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            # The library's own words would show a part of the key.
            raise VaultFault("A key must be 32 bytes in URL-safe base64.") from None

    def seal(self, text: str) -> str:
        return SEALED + self._fernet.encrypt(text.encode()).decode()

    def open(self, text: str) -> str:
        """A text that was never sealed comes back as it is. Raises VaultFault for one that none
        of the keys opens."""
        if not text.startswith(SEALED):
            return text
        try:
            return self._fernet.decrypt(text.removeprefix(SEALED).encode()).decode()
        except InvalidToken:
            raise VaultFault(
                "A stored account token was sealed with another key: bring back the data folder's"
                " key file, or the key that HELIOGRAPH_KEYS had."
            ) from None


def new_key() -> str:
    return Fernet.generate_key().decode()


def keys_of(path: Path) -> list[str]:
    """The keys of a key file, the newest first; the file is made with one key if it is not there,
    for its owner alone. Raises OSError."""
    try:
        return path.read_text("ascii").split()
    except FileNotFoundError:
        write_keys(path, [new_key()])
        return keys_of(path)


def write_keys(path: Path, keys: Sequence[str]) -> None:
    """Replaces the key file, whole or not at all. Raises OSError."""
    part = path.with_suffix(".new")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("".join(f"{key}\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
