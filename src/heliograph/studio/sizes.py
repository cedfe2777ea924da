"""How large pictures are, from the aspect that a prompt asks for."""

from math import gcd, sqrt

Size = tuple[int, int]

SQUARE = 1024
# What the bot's 3:2 pictures measure (1344 x 896); every aspect but 1:1 keeps about this area.
AREA = 1344 * 896
STEP = 16
WIDEST = 4
PREVIEW = 512
# The recorded grid of clips is 624 x 624; a clip keeps about the area of such a square.
CLIP = 624
# Beyond this side an upscale does not go, whatever its factor.
LARGEST = 4096


def fits(aspect: Size) -> bool:
    """Whether pictures of this aspect are made at all: from 1:4 to 4:1."""
    width, height = aspect
    return width > 0 and height > 0 and max(aspect) <= WIDEST * min(aspect)


def cell_size(aspect: Size) -> Size:
    """The size of one of the four pictures. Raises ValueError for an aspect that is not made."""
    if not fits(aspect):
        raise ValueError(f"aspect {aspect[0]}:{aspect[1]} is not between 1:{WIDEST} and {WIDEST}:1")
    width, height = aspect
    if width == height:
        return SQUARE, SQUARE
    # Rounding may step over the widest ratio, which painters refuse.
    across, down = _stepped(sqrt(AREA * width / height)), _stepped(sqrt(AREA * height / width))
    return min(across, WIDEST * down), min(down, WIDEST * across)


def grid_size(cell: Size) -> Size:
    return cell[0] * 2, cell[1] * 2


def panned(aspect: Size, way: str) -> Size:
    """The aspect with half a frame more to that side: left, right, up or down."""
    width, height = aspect
    wider, higher = (3 * width, 2 * height), (2 * width, 3 * height)
    return reduced(wider if way in ("left", "right") else higher)


def reduced(aspect: Size) -> Size:
    """The same aspect in the smallest whole numbers."""
    common = gcd(*aspect)
    return aspect[0] // common, aspect[1] // common


def upscaled(cell: Size, factor: int) -> Size:
    """The size of a picture made that much larger, as far as LARGEST allows."""
    scale = min(factor, LARGEST / max(cell))
    return round(cell[0] * scale), round(cell[1] * scale)


def clip_size(aspect: Size, side: int | None = None) -> Size:
    """The size of a clip; both sides even, as its codec wants them. `side` is a square one's."""
    width, height = cell_size(aspect)
    scale = (side or CLIP) / sqrt(width * height)
    across, down = _stepped(width * scale), _stepped(height * scale)
    return min(across, WIDEST * down), min(down, WIDEST * across)


def preview_size(cell: Size) -> Size:
    """A progress picture: 512 on its long side, the other side even, as the bot's are."""
    longest = max(cell)
    width, height = (PREVIEW * side // longest // 2 * 2 for side in cell)
    return width, height


def _stepped(side: float) -> int:
    return round(side / STEP) * STEP
