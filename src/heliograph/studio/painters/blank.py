"""Plain pictures of the right size, for load tests and for trying the server out.

Each size is encoded once and the bytes are handed out again and again, so that a job costs the
server what the job costs, and nothing for its picture.
"""

import asyncio
from hashlib import sha256
from io import BytesIO
from typing import Literal

import msgspec

from heliograph.studio.painters.base import CELLS, Fetch, Order, Painting, Picture, Report
from heliograph.studio.painters.thumbhash import placeholder
from heliograph.studio.sizes import Size, cell_size, grid_size, preview_size

# Four neighbouring blues: plain, and yet a person sees the four cells of a grid.
TINTS = ((118, 144, 168), (128, 153, 175), (137, 161, 182), (147, 170, 189))
# A size is some 20 KB; prompts may ask for any aspect, and memory has an end.
KEPT_SIZES = 64
# Shows a percent every eighth of the time, more often than the bot passes on.
STEPS = 8


class _Set(msgspec.Struct, frozen=True):
    grid: Painting
    singles: tuple[Painting, ...]
    preview: Picture


class BlankPainter:
    """Paints nothing, at once, or after `seconds` with percents and previews on the way."""

    name = "blank"

    def __init__(self, seconds: float = 0.0, *, slots: int = 64) -> None:
        self.slots = slots
        self._seconds = seconds
        self._sets: dict[Size, _Set] = {}
        self._encoding = asyncio.Lock()

    async def paint(self, order: Order, report: Report, fetch: Fetch) -> Painting:
        size = cell_size(order.aspect)
        ready = self._sets.get(size) or await self._encode(size)
        if order.operation == "single":
            return ready.singles[order.cell - 1]
        if self._seconds > 0:
            await self._pretend(report, ready.preview)
        return ready.grid

    async def close(self) -> None:
        self._sets.clear()

    async def _encode(self, size: Size) -> _Set:
        # One at a time: a burst of jobs wants the same size, which is encoded for the first alone.
        async with self._encoding:
            if size not in self._sets:
                ready = await asyncio.to_thread(_encoded, size)
                if len(self._sets) >= KEPT_SIZES:
                    self._sets.pop(next(iter(self._sets)))
                self._sets[size] = ready
            return self._sets[size]

    async def _pretend(self, report: Report, preview: Picture) -> None:
        report(0, None)
        for step in range(1, STEPS):
            await asyncio.sleep(self._seconds / STEPS)
            report(100 * step // STEPS, preview if step > 1 else None)
        await asyncio.sleep(self._seconds / STEPS)


def _encoded(size: Size) -> _Set:

    cells = tuple(_picture(size, (tint,), "JPEG") for tint in TINTS)
    return _Set(
        grid=Painting(
            picture=_picture(grid_size(size), TINTS, "PNG"),
            cells=cells,
            scenes=("",) * CELLS,
        ),
        singles=tuple(
            Painting(picture=_picture(size, (tint,), "PNG"), cells=(cell,), scenes=("",))
            for tint, cell in zip(TINTS, cells, strict=True)
        ),
        preview=_picture(preview_size(size), TINTS, "WEBP"),
    )


def _picture(
    size: Size, tints: tuple[tuple[int, int, int], ...], form: Literal["PNG", "JPEG", "WEBP"]
) -> Picture:
    """One tint all over, or four tints in quarters."""
    # Pillow is 20 MB that a server with another painter does not need.
    from PIL import Image

    width, height = size
    image = Image.new("P", size)
    image.putpalette([value for tint in tints for value in tint])
    for n in range(1, len(tints)):
        left, top = n % 2 * (width // 2), n // 2 * (height // 2)
        image.paste(n, (left, top, left + width // 2, top + height // 2))
    out = BytesIO()
    (image if form == "PNG" else image.convert("RGB")).save(out, form)
    data = out.getvalue()
    return Picture(
        data=data,
        content_type=f"image/{form.lower()}",
        width=width,
        height=height,
        placeholder=placeholder(image),
        same_as=sha256(data).hexdigest(),
    )
