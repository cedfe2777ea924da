"""The port between the bot and whatever paints for it.

A painter is told everything in an `Order`, which is plain data: the bot keeps it on disk, and
after a restart hands the very same order in again. An order with the same seeds gives the same
pictures, so a job that a crash interrupted ends as it would have ended.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, Protocol

import msgspec

from heliograph.studio.sizes import Size

Operation = Literal["imagine", "vary", "single"]
Strength = Literal["strong", "subtle"]

CELLS = 4


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """One cell of an earlier painting: its scene in the painter's own words, and its seed.

    `scene` is empty when another painter made it; the prompt and the seed must then do.
    """

    seed: int
    scene: str = ""


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """What to paint.

    `imagine` and `vary` make four cells, one a seed; `single` takes the picture `cell` (from 1)
    out of the grid that is `sources[0]`. `sources` are URLs for `Fetch`.
    """

    operation: Operation
    prompt: str
    aspect: Size
    seeds: tuple[int, ...]
    parameters: dict[str, Any] = {}
    strength: Strength = "strong"
    origin: Origin | None = None
    cell: int = 0
    sources: tuple[str, ...] = ()


class Picture(msgspec.Struct, frozen=True):
    """An encoded picture. `same_as` is set on pictures that many paintings share, byte for byte.

    `placeholder` is its ThumbHash in base64: what clients draw until the picture has come.
    """

    data: bytes
    content_type: str
    width: int
    height: int
    placeholder: str = ""
    same_as: str | None = None


class Painting(msgspec.Struct, frozen=True):
    """What an order came to: the picture to show, and the same as single JPEGs.

    A grid has four cells, a single picture one. `scenes` has a text for each cell: what
    `Origin.scene` will be.
    """

    picture: Picture
    cells: tuple[Picture, ...]
    scenes: tuple[str, ...]


Report = Callable[[int, Picture | None], None]
"""Takes the percent done and, when there is a new one, a preview (webp, long side 512)."""

Fetch = Callable[[str], Awaitable[bytes]]
"""Reads one of an order's sources. Raises OrderRefused when it is no longer there."""


class PaintingFailed(Exception):
    """The painter broke down over an order; it may well succeed when asked again."""


class OrderRefused(PaintingFailed):
    """The order can't be painted; the text says why, in words for the one who asked."""


class Painter(Protocol):
    """Paints orders. Every implementation passes the suite in `test_painters.py`."""

    @property
    def name(self) -> str:
        """What settings call it."""

    @property
    def slots(self) -> int:
        """How many orders it is worth painting at once."""

    async def paint(self, order: Order, report: Report, fetch: Fetch) -> Painting:
        """Paints one order; cancelling it stops the work soon.

        Unless it is done at once it reports 0 at the start, then as it gets on, never less than
        before. Raises OrderRefused or PaintingFailed.
        """

    async def close(self) -> None:
        """Gives up whatever is being painted and lets go of processes and memory."""
