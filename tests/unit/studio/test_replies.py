"""The figures of `/info`."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from heliograph.studio import replies
from heliograph.studio.ids import iso_month
from heliograph.studio.memory import Queued, Usage
from heliograph.studio.preferences import Settings
from heliograph.studio.tickets import Account

ACCOUNT = Account("1239501965626710593", "1143484373475478538", "somebody")
NOVEMBER = datetime(2026, 11, 21, 14, tzinfo=UTC).timestamp()


def described(*usage: Usage, queued: tuple[Queued, ...] = ()) -> list[str]:
    embed = replies.info(ACCOUNT, Settings(), usage, queued, id="1", now=NOVEMBER)
    assert embed["title"] == "Your info - somebody"
    return str(embed["description"]).splitlines()


def test_only_this_month_counts_against_the_hours_and_turbo_twice() -> None:
    lines = described(
        Usage("", "fast", 9, 36, 90_000.0),
        Usage("2026-10", "fast", 1, 4, 7200.0),
        Usage("2026-11", "fast", 2, 8, 3600.0),
        Usage("2026-11", "turbo", 1, 4, 1800.0),
        Usage("2026-11", "relax", 1, 4, 50_000.0),
    )
    assert "**Fast Time Remaining**: 13.00/15.0 hours (86.67%)" in lines
    assert "**Lifetime Usage**: 56 images" in lines
    assert "**Fast Usage**: 48 images" in lines


def test_hours_that_are_used_up() -> None:
    lines = described(Usage("2026-11", "fast", 1, 4, 1e6))
    assert "**Fast Time Remaining**: 0.00/15.0 hours (0.00%)" in lines


def test_jobs() -> None:
    queued = tuple(Queued(mode, running=False) for mode in ("fast", "turbo", "relax"))
    assert described(queued=queued)[-3:] == [
        "**Queued Jobs (fast)**: 2",
        "**Queued Jobs (relax)**: 1",
        "**Running Jobs**: None",
    ]
    assert described(queued=(*queued, Queued("fast", running=True)))[-1] == "**Running Jobs**: 1"


@given(st.floats(1_420_070_400, 7_258_118_400))
def test_the_next_month_begins_in_the_next_month(now: float) -> None:
    then = replies.next_month(now)
    assert then > now
    assert iso_month(then) > iso_month(now)
    assert iso_month(then - 1) == iso_month(now)
