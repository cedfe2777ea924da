"""Ids as Discord makes them, snowflakes from the clock, and whatever else must be new."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b, sha256
from random import Random
from uuid import UUID

# The first millisecond of 2015, from which Discord counts.
EPOCH = 1_420_070_400_000
# Users and channels of ours look like real ones of the last years: nineteen digits.
OLDEST = 1_050_000_000_000_000_000
SPAN = 3 * 10**17

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


def iso(moment: float) -> str:
    """A time as Discord writes it."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")
