"""When progress is shown. Time is a number here; only what waits for it uses the loop's clock."""

import asyncio

import pytest

from heliograph.studio.painters.base import Picture
from heliograph.studio.progress import Progress
from heliograph.studio.tickets import Shown

PREVIEW = Picture(b"", "image/webp", 512, 512)


class Watched:
    """A progress with a manual clock; `shown` is what came out."""

    def __init__(self, before: int = -1, every: float = 60.0) -> None:
        self.now = 100.0
        self.shown: list[tuple[int, bool]] = []
        self.progress = Progress(self._show, Shown(before), lambda: self.now, every)

    async def _show(self, percent: int, preview: Picture | None) -> None:
        self.shown.append((percent, preview is not None))

    async def report(self, percent: int, preview: Picture | None = None) -> None:
        self.progress.report(percent, preview)
        for _ in range(5):
            await asyncio.sleep(0)


async def test_first_at_once_then_preview_then_in_time() -> None:
    watched = Watched()

    async def paint() -> str:
        await watched.report(0)
        assert watched.shown == [(0, False)]
        await watched.report(5)
        await watched.report(9)
        assert watched.shown == [(0, False)]
        await watched.report(12, PREVIEW)
        assert watched.shown == [(0, False), (12, True)]
        await watched.report(30, PREVIEW)
        return "done"

    assert await watched.progress.over(paint()) == "done"
    assert watched.shown == [(0, False), (12, True)]


async def test_updates_come_after_a_while() -> None:
    watched = Watched(every=0.01)

    async def paint() -> None:
        await watched.report(0)
        watched.progress.report(50, None)
        async with asyncio.timeout(5):
            while len(watched.shown) < 2:
                await watched.report(50)

    await watched.progress.over(paint())
    assert watched.shown == [(0, False), (50, False)]


@pytest.mark.parametrize("reports", [[], [0], [0, 10], [0, 98]])
async def test_a_long_job_shows_three(reports: list[int]) -> None:
    watched = Watched()

    async def paint() -> None:
        for percent in reports:
            await watched.report(percent)
        watched.now += 1.5

    await watched.progress.over(paint())
    await watched.progress.finish()
    percents = [percent for percent, _ in watched.shown]
    assert len(percents) >= 3
    assert percents == sorted(set(percents))
    assert percents[-1] < 100


async def test_a_short_job_shows_what_it_reports() -> None:
    watched = Watched()

    async def paint() -> None:
        watched.now += 0.5

    await watched.progress.over(paint())
    await watched.progress.finish()
    assert watched.shown == []


async def test_never_less_than_before() -> None:
    watched = Watched(before=45)

    async def paint() -> None:
        await watched.report(0)
        await watched.report(20, PREVIEW)
        await watched.report(99)
        watched.now += 2

    await watched.progress.over(paint())
    await watched.progress.finish()
    assert [percent for percent, _ in watched.shown] == [45, 45, 99]


async def test_errors_come_out_as_they_are() -> None:
    watched = Watched()

    async def paint() -> None:
        await watched.report(0)
        raise LookupError("paint is dry")

    with pytest.raises(LookupError, match="paint is dry"):
        await watched.progress.over(paint())
