"""Callers first: work that has time lets those go ahead who wait for an answer.

A burst of submissions and the sending of what they submitted want the same processor. Sent at
once, each job would delay the answers to the callers behind it; sent a moment later it delays
nobody, since its painting takes seconds.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

# Under an endless stream of callers, work goes on at this pace all the same.
PATIENCE_SECONDS = 0.025
# A turn is short: it never spans a call to an upstream.
AT_ONCE = 1


class Calm:
    """Shared by those who answer (`disturbed`) and those who have time (`turn`)."""

    def __init__(self) -> None:
        self._callers = 0
        self._calm = asyncio.Event()
        self._calm.set()
        self._turns = asyncio.Semaphore(AT_ONCE)

    @contextlib.contextmanager
    def disturbed(self) -> Iterator[None]:
        """Around what a caller waits for."""
        self._callers += 1
        self._calm.clear()
        try:
            yield
        finally:
            self._callers -= 1
            if not self._callers:
                self._calm.set()

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Around work that has time: begins when nobody waits, or when patience is at its end."""
        async with self._turns:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._calm.wait()
            yield
