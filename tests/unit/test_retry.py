"""When a failed call is tried again."""

import random
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.retry import LONGEST_SECONDS, Schedule, retry_after

NOW = 1_761_329_465.0
pauses = st.lists(st.floats(0.01, 1e5), max_size=8).map(tuple)


@given(pauses, st.integers(1, 20), st.integers(), st.none() | st.floats(0, 1e9))
def test_a_pause_is_near_the_scheduled_one_and_no_shorter_than_asked(
    pauses: tuple[float, ...], failed: int, seed: int, asked: float | None
) -> None:
    pause = Schedule(pauses).pause(failed, random.Random(seed), asked=asked)
    if failed > len(pauses):
        assert pause is None
        return
    assert pause is not None
    planned, least = pauses[failed - 1], min(asked or 0, LONGEST_SECONDS)
    assert pause >= max(0.8 * planned, least) - 1e-9
    assert pause <= max(1.2 * planned, least) + 1e-9


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 0 ", 0),
        (format_datetime(datetime.fromtimestamp(NOW + 90, UTC), usegmt=True), 90),
        (format_datetime(datetime.fromtimestamp(NOW - 90, UTC), usegmt=True), 0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("9" * 400, 999_999_999),
        ("Mon, 99 Foo 2025", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds
