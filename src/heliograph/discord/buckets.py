"""When a call to Discord may be made.

Theory. Discord counts calls in *buckets*: so many (`X-RateLimit-Limit`) in a window of time, of
which so many remain (`-Remaining`) until it begins anew (`-Reset-After`, seconds). Which bucket a
call belongs to is not known before its first answer names it (`-Bucket`, an opaque word): some
routes share one. A bucket is counted apart for each *major parameter*, the channel or guild in the
path. So

    route (method and path without ids) ──learned──▶ bucket's name ─┐
    channel or guild in the path ───────────────────────────────────┴──▶ one counter

Until a route's bucket is known, it has a counter of its own, with no limit. Beside them stands one
*global* limit for the whole account.

What is told about a counter is old when it arrives: calls that are under way are not in it yet, or
already. So calls are counted here when they are made, and an answer may only lower the number
within its window; a new window begins at its limit, less the calls under way.

Time is taken from `Reset-After`, never from `-Reset`, which would compare two machines' clocks.

A call that came too early is answered 429, which says how long to wait (`retry_after`) and what
for: with `global` every call of the account waits, else those of the one counter. An answer without
any of that comes from the proxies in front, which count addresses: then everything waits. A 429
means that the call was not taken, so it is made again after its time. What is not followed here is
the habit of other clients to try a little earlier: accounts are suspended for a count of 429s.

Beyond what Discord demands, calls of one account keep a distance (`spacing`): 350 ms is faster than
a person's hands, and slow enough that no bucket that is known runs dry.

Nothing here waits, sends or looks at a clock; times are seconds of one that never goes back.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from heliograph.discord.routes import Route

SPACING = 0.35
# Where a 429 says nothing of how long.
UNTOLD = 5.0
# While as many calls as a window allows are all under way.
_ASK_AGAIN = 0.1


class _Counter(msgspec.Struct):
    """`remaining` is None where no limit is known. `until`: the window's end, or that of a 429."""

    remaining: int | None = None
    limit: int = 1
    until: float = 0.0
    blocked: float = 0.0
    under_way: int = 0


class Buckets:
    """What is known of one account's limits."""

    def __init__(self, spacing: float = SPACING) -> None:
        self._spacing = spacing
        self._next = 0.0
        self._stopped = 0.0
        self._names: dict[tuple[str, str], str] = {}
        self._counters: dict[tuple[str, str], _Counter] = {}

    def take(self, route: Route, now: float) -> float:
        """0.0 when the call may be made, which is then counted as under way: `told` or `lost` must
        follow. Else how many seconds to wait before asking again."""
        counter = self._counter(route)
        earliest = max(self._next, self._stopped, counter.blocked)
        if counter.remaining is not None and now >= counter.until:
            counter.remaining = max(counter.limit - counter.under_way, 0)
            counter.until = now
        if counter.remaining == 0:
            # A window that went by while all its calls were under way is told anew by an answer.
            earliest = max(earliest, counter.until, now + _ASK_AGAIN)
        if earliest > now:
            return earliest - now
        self._next = now + self._spacing
        counter.under_way += 1
        if counter.remaining is not None:
            counter.remaining -= 1
        return 0.0

    def lost(self, route: Route) -> None:
        """A call that was taken has no answer."""
        self._landed(self._counter(route))

    def told(
        self, route: Route, status: int, headers: Mapping[str, str], body: Any, now: float
    ) -> float | None:
        """What an answer says; for a 429 in how many seconds the call may be made again."""
        self._landed(self._counter(route))
        if name := headers.get("X-RateLimit-Bucket"):
            self._learn(route, name)
        counter = self._counter(route)
        self._count(counter, headers, now)
        if status != 429:
            return None
        told = body if isinstance(body, dict) else {}
        wait = _seconds(told.get("retry_after")) or _seconds(headers.get("Retry-After")) or UNTOLD
        if not told or told.get("global") or headers.get("X-RateLimit-Scope") == "global":
            self._stopped = max(self._stopped, now + wait)
        else:
            counter.blocked = max(counter.blocked, now + wait)
        return wait

    def _counter(self, route: Route) -> _Counter:
        name = self._names.get(route.key, f"{route.method} {route.template}")
        return self._counters.setdefault((name, route.major), _Counter())

    def _learn(self, route: Route, name: str) -> None:
        before = self._counter(route)
        self._names[route.key] = name
        after = self._counter(route)
        if after is not before:
            # Its calls under way will land in the new one.
            after.under_way += before.under_way

    def _count(self, counter: _Counter, headers: Mapping[str, str], now: float) -> None:
        remaining = _seconds(headers.get("X-RateLimit-Remaining"))
        reset_after = _seconds(headers.get("X-RateLimit-Reset-After"))
        if remaining is None or reset_after is None:
            return
        counter.limit = max(1, int(_seconds(headers.get("X-RateLimit-Limit")) or 1))
        if counter.remaining is None or now >= counter.until:
            counter.remaining = max(int(remaining) - counter.under_way, 0)
        else:
            counter.remaining = min(counter.remaining, int(remaining))
        counter.until = max(counter.until, now + reset_after)

    def _landed(self, counter: _Counter) -> None:
        counter.under_way = max(counter.under_way - 1, 0)


def _seconds(told: object) -> float | None:
    """A number that is told as one or as text; None for anything else."""
    try:
        number = float(told) if isinstance(told, str | int | float) else None
    except ValueError:
        return None
    # NaN is no time, and a day is longer than anybody waits.
    return min(number, 86_400.0) if number is not None and number >= 0 else None
