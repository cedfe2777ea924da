"""How large pictures are, from the aspect that a prompt asks for."""

from math import sqrt

Size = tuple[int, int]

SQUARE = 1024
# What the bot's 3:2 pictures measure (1344 x 896); every aspect but 1:1 keeps about this area.
AREA = 1344 * 896
STEP = 16
WIDEST = 4
PREVIEW = 512


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


def preview_size(cell: Size) -> Size:
    """A progress picture: 512 on its long side, the other side even, as the bot's are."""
    longest = max(cell)
    width, height = (PREVIEW * side // longest // 2 * 2 for side in cell)
    return width, height


def _stepped(side: float) -> int:
    return round(side / STEP) * STEP
