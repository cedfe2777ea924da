"""ThumbHash: a picture's colours in some twenty bytes, drawn by clients until the picture has come.

A discrete cosine transform of a thumbnail: seven frequencies of lightness at most, three of each of
two colour differences, packed to half a byte each. Discord's attachments carry it in base64. In
plain Python, since the server process makes do without numpy.
"""

from base64 import b64encode
from collections.abc import Sequence
from math import cos, pi
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from PIL.Image import Image

# Seven frequencies need no more pixels than this on the long side.
THUMBNAIL = 24
MOST = 7


class _Channel(msgspec.Struct, frozen=True):
    mean: float
    waves: list[float]  # each from 0 to 1
    scale: float


def placeholder(image: "Image") -> str:
    """The base64 of the picture's ThumbHash."""
    small = image.convert("RGB")
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    raw = small.tobytes()
    pixels = [[value / 255 for value in raw[at : at + 3]] for at in range(0, len(raw), 3)]
    return b64encode(_hash(small.width, small.height, pixels)).decode()


def _hash(width: int, height: int, pixels: Sequence[Sequence[float]]) -> bytes:
    longest = max(width, height)
    across, down = (max(1, round(MOST * side / longest)) for side in (width, height))
    size = width, height
    light = _waves([(r + g + b) / 3 for r, g, b in pixels], size, max(3, across), max(3, down))
    yellow = _waves([(r + g) / 2 - b for r, g, b in pixels], size, 3, 3)
    red = _waves([r - g for r, g, _ in pixels], size, 3, 3)
    landscape = width > height
    head = (
        round(63 * light.mean)
        | round(31.5 + 31.5 * yellow.mean) << 6
        | round(31.5 + 31.5 * red.mean) << 12
        | round(31 * light.scale) << 18
    )
    tail = (
        (down if landscape else across)
        | round(63 * yellow.scale) << 3
        | round(63 * red.scale) << 9
        | landscape << 15
    )
    packed = bytearray(head.to_bytes(3, "little") + tail.to_bytes(2, "little"))
    halves = [round(15 * wave) for channel in (light, yellow, red) for wave in channel.waves]
    for low, high in zip(halves[::2], [*halves[1::2], 0], strict=False):
        packed.append(low | high << 4)
    return bytes(packed)


def _waves(values: Sequence[float], size: tuple[int, int], across: int, down: int) -> _Channel:
    width, height = size
    found = [
        _wave(values, width, height, cx, cy)
        for cy in range(down)
        for cx in range(across)
        if cx * down < across * (down - cy)
    ]
    mean, *waves = found
    scale = max(map(abs, waves), default=0.0)
    return _Channel(mean, [0.5 + 0.5 / scale * w if scale else 0.0 for w in waves], scale)


def _wave(values: Sequence[float], width: int, height: int, cx: int, cy: int) -> float:
    across = [cos(pi / width * cx * (x + 0.5)) for x in range(width)]
    down = [cos(pi / height * cy * (y + 0.5)) for y in range(height)]
    rows = (values[y * width : (y + 1) * width] for y in range(height))
    sums = (
        fy * sum(value * fx for value, fx in zip(row, across, strict=True))
        for fy, row in zip(down, rows, strict=True)
    )
    return sum(sums) / (width * height)
