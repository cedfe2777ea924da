"""What a job's progress message shows, and when.

A painter reports as often as it likes; a message is edited at once at 0 %, then not more often
than every `update_seconds`. Two updates may come early: the first preview, which people wait for,
and the last before the end. A job of more than a second shows at least three, whatever it reports.
A percent never falls, not even when a restarted bot begins the painting anew.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from heliograph.studio.ids import Clock
from heliograph.studio.painters.base import Picture
from heliograph.studio.tickets import Shown

FEWEST = 3
LONG_SECONDS = 1.0
# What the bot shows last; 100 % is the final message's to say.
LAST = 99

T = TypeVar("T")
Show = Callable[[int, Picture | None], Awaitable[None]]


class Progress:
    """Takes a painter's reports, and shows them in time during `over`."""

    def __init__(self, show: Show, before: Shown, clock: Clock, update_seconds: float) -> None:
        self._show = show
        self._clock = clock
        self._every = update_seconds
        self._percent = before.percent
        self._shown = before.percent
        self._preview: Picture | None = None
        self._previewed = False
        self._updates = 0
        self._due = self._began = clock()
        self._news = asyncio.Event()
        self._ended = False

    def report(self, percent: int, preview: Picture | None) -> None:
        """The painter's `Report`."""
        self._percent = max(self._percent, min(percent, LAST))
        self._preview = preview or self._preview
        self._news.set()

    async def over(self, painting: Awaitable[T]) -> T:
        """Waits for the painting, and shows reports in time meanwhile."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._run())
                try:
                    return await painting
                finally:
                    self._ended = True
                    self._news.set()
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def _run(self) -> None:
        while not self._ended:
            await self._news.wait()
            self._news.clear()
            if not self._ended and (self._early or await self._in_time()):
                await self._update()

    async def finish(self) -> None:
        """Shows what was held back, and enough for a long job to have shown three."""
        if self._clock() - self._began < LONG_SECONDS:
            return
        if self._stale:
            await self._update()
        while self._updates < FEWEST and self._percent < LAST:
            self._percent += (LAST - self._percent + 1) // 2
            await self._update()

    @property
    def _stale(self) -> bool:
        return self._percent > self._shown or self._preview is not None

    @property
    def _early(self) -> bool:
        return self._updates == 0 or (self._preview is not None and not self._previewed)

    async def _in_time(self) -> bool:
        """Waits for the next update's time; false when there is nothing to show in it."""
        if not self._stale:
            return False
        deadline = asyncio.get_running_loop().time() + self._due - self._clock()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                while not self._ended and not self._early:
                    await self._news.wait()
                    self._news.clear()
        return not self._ended

    async def _update(self) -> None:
        preview, self._preview = self._preview, None
        self._previewed = self._previewed or preview is not None
        self._shown = self._percent
        self._updates += 1
        self._due = self._clock() + self._every
        await self._show(self._percent, preview)
