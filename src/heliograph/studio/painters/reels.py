"""A grid of clips, in tasks: one a clip, and one that puts them together."""

import asyncio

import msgspec

from heliograph.studio import sizes
from heliograph.studio.painters.base import Painting, Picture
from heliograph.studio.painters.steps import LAST, PROJECTOR, Bench, all_of


class Reel:
    """One grid of clips on its way; `turn` bounds how many are made at once."""

    def __init__(self, bench: Bench, turn: asyncio.Semaphore) -> None:
        self._bench = bench
        self._turn = turn
        self._made = [0.0] * len(bench.order.seeds)
        self._percent = 0

    async def make(self) -> Painting:
        clips = await all_of([self._clip(n) for n in range(len(self._made))], self._creep)
        shown = await self._bench.call(f"{PROJECTOR}:reel", count=len(clips))
        return Painting(
            msgspec.convert(shown, Picture),
            tuple(clip for clip, _ in clips),
            tuple(state for _, state in clips),
        )

    def _on(self, percent: int, look: Picture | None) -> None:
        self._percent = max(self._percent, percent)
        self._bench.report(self._percent, look)

    def _creep(self) -> None:
        self._on(min(self._percent + 1, LAST), None)

    async def _clip(self, n: int) -> tuple[Picture, str]:
        def progress(fraction: float, look: Picture | None = None) -> None:
            self._made[n] = max(self._made[n], fraction)
            self._on(int(sum(self._made) / len(self._made) * LAST), look)

        async with self._turn:
            # One process after all clips, if there is a choice: it knows the scene by then.
            found = await self._bench.call(
                f"{PROJECTOR}:film", progress, about="film", cell=n, side=sizes.CLIP
            )
        clip, look, state = msgspec.convert(found, tuple[Picture, Picture, str])
        progress(1.0, look)
        return clip, state
