"""Ids as Discord makes them, snowflakes from the clock, and whatever else must be new."""

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b, sha256
from pathlib import PurePosixPath
from random import Random
from uuid import UUID

# The first millisecond of 2015, from which Discord counts.
EPOCH = 1_420_070_400_000
# Users and channels of ours look like real ones of the last years: nineteen digits.
OLDEST = 1_050_000_000_000_000_000
SPAN = 3 * 10**17
LONGEST_STEM = 80
UPLOADS = {
    "image/png": ".png",
    "image/jpeg": ".jpeg",
    "image/webp": ".webp",
    "image/gif": ".gif",
}

Clock = Callable[[], float]


class Ids:
    """Makes ids that only grow, also over a restart and a clock that was set back."""

    def __init__(self, clock: Clock, rng: Random, *, last: int = 0) -> None:
        self._clock = clock
        self._rng = rng
        self._last = last

    def snowflake(self) -> str:
        moment = (int(self._clock() * 1000) - EPOCH) << 22
        self._last = max(self._last + 1, moment)
        return str(self._last)

    def uuid(self, snowflake: str) -> str:
        """A job's uuid; unlike the random numbers, the snowflake in it can't come twice."""
        salt = self._rng.getrandbits(64).to_bytes(8, "big")
        digest = blake2b(snowflake.encode(), digest_size=16, key=salt).digest()
        return str(UUID(bytes=digest, version=4))

    def seed(self) -> int:
        return self._rng.getrandbits(32)

    def nonce(self) -> str:
        """Of the twenty digits that the bot puts on finals; never equal to a client's nineteen."""
        return str(10**19 + self._rng.randrange(8 * 10**18))


def cell_seed(seed: int, cell: int) -> int:
    """The seed of one of the four cells, unlike that of its neighbours and of seed + 1."""
    digest = blake2b(f"{seed}:{cell}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big")


def account_ids(token: str) -> tuple[str, str]:
    """User and channel of a token, the same on every machine; the token can't be had from them."""
    digest = sha256(b"heliograph studio account\0" + token.encode()).digest()
    user, channel = (int.from_bytes(digest[at : at + 8], "big") for at in (0, 8))
    return str(OLDEST + user % SPAN), str(OLDEST + channel % SPAN)


def media_key(filename: str) -> str:
    """A key that nobody guesses; never drawn from a seeded generator."""
    return f"{secrets.token_hex(16)}/{filename}"


def upload_name(filename: str, content_type: str) -> str:
    """A safe name for a user's file, whose ending says what the file was sent as."""
    stem = re.sub(r"[^A-Za-z0-9-]+", "_", PurePosixPath(filename).stem)[:LONGEST_STEM]
    return (stem or "file") + UPLOADS.get(content_type, ".bin")


def moment_of(snowflake: str) -> float:
    """When an id was given out, in seconds since 1970."""
    return ((int(snowflake) >> 22) + EPOCH) / 1000


def first_of(moment: float) -> int:
    """The smallest id that could be given out at that moment."""
    return (int(moment * 1000) - EPOCH) << 22


def iso_month(moment: float) -> str:
    """Its month in UTC, such as "2026-11"."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m")


def iso(moment: float) -> str:
    """A time as Discord writes it."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")
