"""When a failed call is tried again, and for how long it is worth it."""

from email.utils import parsedate_to_datetime
from typing import Protocol

import msgspec

JITTER = 0.2
# A receiver that asks for more than a day's peace has most likely miscalculated.
LONGEST_SECONDS = 86_400.0


class Uniform(Protocol):
    """The part of `random.Random` that jitter needs."""

    def uniform(self, a: float, b: float, /) -> float: ...


class Schedule(msgspec.Struct, frozen=True):
    """The pauses, in seconds, before the second attempt, the third …"""

    pauses: tuple[float, ...]

    def pause(self, failed: int, rng: Uniform, *, asked: float | None = None) -> float | None:
        """The pause after `failed` attempts; None when there have been enough.

        It is the scheduled one ± 20 %, so that many failures don't come back as one wave, and no
        shorter than what the receiver `asked` for (its Retry-After), up to a day.
        """
        if failed > len(self.pauses):
            return None
        pause = self.pauses[failed - 1] * rng.uniform(1 - JITTER, 1 + JITTER)
        return max(pause, min(asked or 0.0, LONGEST_SECONDS))


def retry_after(header: str | None, now: float) -> float | None:
    """The seconds that a Retry-After asks for, as a number or a date; None for anything else.

    `now` in seconds since 1970.
    """
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None
