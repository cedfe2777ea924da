"""Rate limits, against servers on paper that count."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.discord import routes
from heliograph.discord.buckets import SPACING, UNTOLD, Buckets
from heliograph.discord.routes import Route

HISTORY, OTHER = routes.messages("5"), routes.messages("6")
POST = routes.interactions()


def headers(remaining: int, reset_after: float, *, name: str = "b", limit: int = 5) -> Any:
    return {
        "X-RateLimit-Bucket": name,
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset-After": str(reset_after),
    }


def ask(buckets: Buckets, route: Route, now: float) -> float:
    """Waits as long as it takes; returns when the call was made."""
    for _ in range(1000):
        wait = buckets.take(route, now)
        if wait == 0.0:
            return now
        now += wait
    raise AssertionError("never")


def test_calls_of_an_account_keep_their_distance() -> None:
    buckets = Buckets()
    times = [ask(buckets, route, 0.0) for route in (POST, HISTORY, OTHER)]
    assert times == [0.0, SPACING, 2 * SPACING]


def test_a_bucket_that_is_used_up_waits_for_its_window_and_no_other_does() -> None:
    buckets = Buckets(spacing=0.0)
    buckets.take(HISTORY, 0.0)
    buckets.told(HISTORY, 200, headers(0, 3.0), [], 0.0)
    assert buckets.take(OTHER, 0.1) == 0.0
    assert buckets.take(HISTORY, 0.1) == pytest.approx(2.9)
    assert ask(buckets, HISTORY, 0.1) == pytest.approx(3.0)


def test_calls_under_way_are_counted_before_their_answers_come() -> None:
    buckets = Buckets(spacing=0.0)
    buckets.take(HISTORY, 0.0)
    buckets.told(HISTORY, 200, headers(2, 3.0), [], 0.0)
    assert [buckets.take(HISTORY, 0.1) for _ in range(2)] == [0.0, 0.0]
    assert buckets.take(HISTORY, 0.1) == pytest.approx(2.9)


def test_an_answer_that_was_overtaken_gives_nothing_back() -> None:
    buckets = Buckets(spacing=0.0)
    buckets.take(HISTORY, 0.0)
    buckets.told(HISTORY, 200, headers(3, 3.0), [], 0.0)
    for _ in range(2):
        buckets.take(HISTORY, 0.1)
    for told in (1, 2):
        buckets.told(HISTORY, 200, headers(told, 2.8), [], 0.2)
    assert [buckets.take(HISTORY, 0.3) == 0.0 for _ in range(2)] == [True, False]


def test_routes_that_share_a_bucket_share_its_count() -> None:
    buckets = Buckets(spacing=0.0)
    for route in (POST, routes.me()):
        buckets.take(route, 0.0)
    buckets.told(POST, 204, headers(3, 9.0), None, 0.1)
    buckets.told(routes.me(), 200, headers(0, 9.0), {}, 0.1)
    assert buckets.take(POST, 0.2) == pytest.approx(8.9)


def test_a_429_stops_its_bucket_for_as_long_as_it_says() -> None:
    buckets = Buckets(spacing=0.0)
    buckets.take(HISTORY, 0.0)
    told = {"message": "The resource is being rate limited.", "retry_after": 2.5, "global": False}
    assert buckets.told(HISTORY, 429, {}, told, 0.0) == 2.5
    assert buckets.take(POST, 0.0) == 0.0
    assert ask(buckets, HISTORY, 0.0) == 2.5


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({}, {"retry_after": 4, "global": True}, 4.0),
        ({"X-RateLimit-Scope": "global"}, {"retry_after": 4}, 4.0),
        ({"Retry-After": "7"}, "<html>", 7.0),
        ({}, None, UNTOLD),
        ({"Retry-After": "nan"}, None, UNTOLD),
    ],
)
def test_a_global_429_stops_every_call(headers: Any, body: Any, seconds: float) -> None:
    buckets = Buckets(spacing=0.0)
    buckets.take(HISTORY, 0.0)
    assert buckets.told(HISTORY, 429, headers, body, 0.0) == seconds
    assert ask(buckets, POST, 0.0) == seconds


def test_a_call_that_broke_off_leaves_its_place() -> None:
    buckets = Buckets(spacing=0.0)
    buckets.take(HISTORY, 0.0)
    buckets.told(HISTORY, 200, headers(4, 1.0, limit=1), [], 0.0)
    assert ask(buckets, HISTORY, 2.0) == 2.0
    assert buckets.take(HISTORY, 2.0) > 0.0
    buckets.lost(HISTORY)
    assert buckets.take(HISTORY, 3.0) == 0.0


class Counting:
    """A server that counts in fixed windows, each of which begins with its first call."""

    def __init__(self, limit: int, window: float) -> None:
        self.limit, self.window = limit, window
        self.begun: float | None = None
        self.used = 0

    def call(self, now: float) -> tuple[int, Any]:
        if self.begun is None or now >= self.begun + self.window:
            self.begun, self.used = now, 0
        self.used += 1
        left = max(self.begun + self.window - now, 0.0)
        if self.used > self.limit:
            return 429, headers(0, left, limit=self.limit)
        return 200, headers(self.limit - self.used, left, limit=self.limit)


CALLS = st.lists(st.tuples(st.sampled_from([HISTORY, OTHER]), st.floats(0, 3)), max_size=40)


@given(st.integers(1, 6), st.floats(0.1, 8), st.floats(0, 1), CALLS)
def test_a_server_that_tells_its_limits_never_has_to_refuse(
    limit: int, window: float, spacing: float, calls: list[tuple[Route, float]]
) -> None:
    buckets = Buckets(spacing)
    servers = {route.major: Counting(limit, window) for route in (HISTORY, OTHER)}
    now, last = 0.0, -10.0
    for route, wait in calls:
        now = ask(buckets, route, now + wait)
        assert now - last >= spacing - 1e-9
        last = now
        status, told = servers[route.major].call(now)
        assert status == 200
        buckets.told(route, status, told, {}, now)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([HISTORY, OTHER, POST]),
            st.sampled_from([None, "bucket", "global"]),
            st.floats(0.01, 5),
        ),
        max_size=30,
    )
)
def test_no_call_is_made_before_a_429_is_over(calls: list[tuple[Route, Any, float]]) -> None:
    buckets, now = Buckets(spacing=0.1), 0.0
    stopped, blocked = 0.0, dict.fromkeys((HISTORY, OTHER, POST), 0.0)
    for route, refused, seconds in calls:
        now = ask(buckets, route, now)
        assert now >= max(stopped, blocked[route]) - 1e-9
        if refused is None:
            buckets.told(route, 200, {}, {}, now)
            continue
        body = {"retry_after": seconds, "global": refused == "global"}
        assert buckets.told(route, 429, {}, body, now) == seconds
        if refused == "global":
            stopped = max(stopped, now + seconds)
        else:
            blocked[route] = max(blocked[route], now + seconds)


WEIRD = st.one_of(st.none(), st.text(max_size=5), st.floats(), st.integers())


@given(st.dictionaries(st.sampled_from([*headers(1, 1.0), "Retry-After"]), st.text()), WEIRD, WEIRD)
def test_whatever_is_told_a_call_can_be_made_in_the_end(told: Any, after: Any, status: Any) -> None:
    buckets = Buckets()
    buckets.take(POST, 0.0)
    buckets.told(POST, 429 if status else 200, told, {"retry_after": after}, 0.0)
    assert ask(buckets, POST, 0.0) <= 86_400.0 + SPACING
