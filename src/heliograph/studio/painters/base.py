"""The port between the bot and whatever paints for it.

A painter is told everything in an `Order`, which is plain data: the bot keeps it on disk, and
after a restart hands the very same order in again. An order with the same seeds gives the same
pictures, so a job that a crash interrupted ends as it would have ended.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, Protocol

import msgspec

from heliograph.studio.sizes import Size

Operation = Literal[
    "imagine",
    "vary",
    "single",
    "reframe",
    "repaint",
    "remaster",
    "upscale",
    "blend",
    "describe",
    "animate",
    "extend",
]
Strength = Literal["strong", "subtle"]
Direction = Literal["left", "right", "up", "down"]
Motion = Literal["low", "high"]

CELLS = 4


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """One cell of an earlier painting: its scene in the painter's own words, and its seed.

    `scene` is empty when another painter made it; the prompt and the seed must then do. `aspect` is
    the cell's where the order's is another.
    """

    seed: int
    scene: str = ""
    aspect: Size | None = None


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """What to paint. `sources` and `references` are URLs for `Fetch`.

    | operation | makes | from |
    |---|---|---|
    | imagine | four cells, one a seed | `prompt`; `sources`: image prompts; `references`: styles |
    | vary | four cells | `origin`, `strength`; another `prompt` than the origin's counts (remix) |
    | reframe | four cells | `origin`; `zoom` out (1.0 to 2.0), `pan` by half a frame, or `square`;
      `aspect` is the new picture's |
    | repaint | four cells | `origin`, `sources` (the picture, the mask), `prompt` inside the mask |
    | remaster | four cells | `origin`, painted anew with more detail |
    | upscale | one cell, `factor` times the size | `origin`, `sources` (the picture); `strength`
      "strong" is the bot's "Creative" |
    | blend | four cells | `sources`: two to five pictures |
    | describe | no cell, four `prompts` | `sources`: the picture |
    | single | one cell | cell `cell` (from 1) of the grid, or the clip, that is `sources[0]` |
    | animate | clips, one a seed | `origin`, `sources` (the first picture; then, if there is a
      second, the one to end with), `motion`, `loop` |
    | extend | clips, one a seed | `origin` (what `scenes` held for the clip), `sources` (the clip),
      `motion`, `loop` |
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
    references: tuple[str, ...] = ()
    zoom: float = 1.0
    pan: Direction | None = None
    square: bool = False
    factor: int = 2
    motion: Motion = "low"
    loop: bool = False

    @property
    def of_clips(self) -> bool:
        """Whether it is about clips, not pictures."""
        return bool(self.parameters.get("video"))


class Picture(msgspec.Struct, frozen=True):
    """An encoded picture or clip. `same_as` is set on those that many paintings share, byte for
    byte.

    `placeholder` is its ThumbHash in base64: what clients draw until the picture has come.
    """

    data: bytes
    content_type: str
    width: int
    height: int
    placeholder: str = ""
    same_as: str | None = None


class Painting(msgspec.Struct, frozen=True):
    """What an order came to: the picture to show, and each cell as a JPEG or an mp4.

    A grid of clips is shown as an animated webp, a single clip as its mp4. `scenes` has a text for
    each cell: what `Origin.scene` will be. A description has `prompts` and no picture.
    """

    picture: Picture | None
    cells: tuple[Picture, ...] = ()
    scenes: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()


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
