"""Plain pictures and clips of the right size, for load tests and for trying the server out.

Each size is encoded once and the bytes are handed out again and again, so that a job costs the
server what the job costs, and nothing for its picture.
"""

import asyncio
from typing import Literal

import msgspec

from heliograph.studio import sizes
from heliograph.studio.painters import plain
from heliograph.studio.painters.base import CELLS, Fetch, Order, Painting, Picture, Report
from heliograph.studio.sizes import Size

# A size is some 20 KB; prompts may ask for any aspect, and memory has an end.
KEPT_SIZES = 64
# Shows a percent every eighth of the time, more often than the bot passes on.
STEPS = 8
PROMPTS = (
    "four plain fields of blue",
    "a flat, even surface in the colour of slate",
    "quiet blue squares, side by side, minimalistic",
    "an empty page, tinted like the sky before rain",
)

Kind = Literal["pictures", "picture", "clips"]


class _Set(msgspec.Struct, frozen=True):
    whole: Painting
    parts: tuple[Painting, ...]
    preview: Picture


class BlankPainter:
    """Paints nothing, at once, or after `seconds` with percents and previews on the way."""

    name = "blank"

    def __init__(self, seconds: float = 0.0, *, slots: int = 64) -> None:
        self.slots = slots
        self._seconds = seconds
        self._sets: dict[tuple[Kind, Size], _Set] = {}
        self._encoding = asyncio.Lock()

    async def paint(self, order: Order, report: Report, fetch: Fetch) -> Painting:
        for url in (*order.sources, *order.references):
            # A link of the user's that leads nowhere fails the job here as it would elsewhere.
            if "://" in url:
                await fetch(url)
        if order.operation == "describe":
            shape = sizes.reduced(order.aspect)
            return Painting(
                None, prompts=tuple(f"{prompt} --ar {shape[0]}:{shape[1]}" for prompt in PROMPTS)
            )
        key = _wanted(order)
        ready = self._sets.get(key) or await self._encode(key)
        if order.operation == "single":
            return ready.parts[order.cell - 1]
        if self._seconds > 0:
            await self._pretend(report, ready.preview)
        return _first(ready.whole, len(order.seeds))

    async def close(self) -> None:
        self._sets.clear()

    async def _encode(self, key: tuple[Kind, Size]) -> _Set:
        # One at a time: a burst of jobs wants the same size, which is encoded for the first alone.
        async with self._encoding:
            if key not in self._sets:
                ready = await asyncio.to_thread(_ENCODED[key[0]], key[1])
                if len(self._sets) >= KEPT_SIZES:
                    self._sets.pop(next(iter(self._sets)))
                self._sets[key] = ready
            return self._sets[key]

    async def _pretend(self, report: Report, preview: Picture) -> None:
        report(0, None)
        for step in range(1, STEPS):
            await asyncio.sleep(self._seconds / STEPS)
            report(100 * step // STEPS, preview if step > 1 else None)
        await asyncio.sleep(self._seconds / STEPS)


def _wanted(order: Order) -> tuple[Kind, Size]:
    if order.of_clips:
        return "clips", sizes.clip_size(order.aspect)
    cell = sizes.cell_size(order.aspect)
    if order.operation == "upscale":
        return "picture", sizes.upscaled(cell, order.factor)
    return "pictures", cell


def _first(whole: Painting, count: int) -> Painting:
    """As many of the cells as there are seeds."""
    if count >= len(whole.cells):
        return whole
    return Painting(whole.picture, whole.cells[:count], whole.scenes[:count])


def _pictures(size: Size) -> _Set:
    cells = tuple(plain.picture(size, (tint,), "JPEG") for tint in plain.TINTS)
    singles = (plain.picture(size, (tint,), "PNG") for tint in plain.TINTS)
    return _Set(
        whole=Painting(
            plain.picture(sizes.grid_size(size), plain.TINTS, "PNG"), cells, ("",) * CELLS
        ),
        parts=tuple(
            Painting(single, (cell,), ("",)) for single, cell in zip(singles, cells, strict=True)
        ),
        preview=plain.picture(sizes.preview_size(size), plain.TINTS, "WEBP"),
    )


def _picture(size: Size) -> _Set:
    tints = plain.TINTS[:1]
    whole = Painting(
        plain.picture(size, tints, "PNG"), (plain.picture(size, tints, "JPEG"),), ("",)
    )
    return _Set(whole, (whole,), plain.picture(sizes.preview_size(size), tints, "WEBP"))


def _clips(size: Size) -> _Set:
    cells = tuple(plain.clip(size, tint) for tint in plain.TINTS)
    return _Set(
        whole=Painting(plain.reel(size), cells, ("",) * CELLS),
        parts=tuple(Painting(cell, (cell,), ("",)) for cell in cells),
        preview=plain.picture(sizes.preview_size(size), plain.TINTS, "WEBP"),
    )


_ENCODED = {"pictures": _pictures, "picture": _picture, "clips": _clips}
