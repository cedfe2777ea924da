"""What callers send as pictures and masks, checked before a job is made of it.

Pillow is loaded with the first upload: a server that paints from words alone does without its
20 MB. Decoding a mask takes a moment, so both checks belong into a thread.
"""

import re
import warnings
from io import BytesIO
from typing import TYPE_CHECKING

import msgspec

from heliograph.errors import Invalid

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MASK_FORMATS = ("PNG", "WEBP")
# A picture of more pixels is a mistake or an attack: it would take a gigabyte when decoded.
MOST_PIXELS = 100_000_000
# Antialiased edges and lossy encoders leave greys; what is lighter than this is painted anew.
WHITE = 128
NO_NAME = re.compile(r"[^A-Za-z0-9-]+")
LONGEST_NAME = 60


class Inspected(msgspec.Struct, frozen=True):
    """A file's own word for what it is, and its size in pixels."""

    content_type: str
    width: int
    height: int


def inspect(name: str, data: bytes) -> Inspected:
    """The picture that field `name` brought. Raises Invalid for what is none of the formats."""
    with _opened(name, data, FORMATS) as image:
        kind = (image.format or "").lower()
        return Inspected(f"image/{kind}", image.width, image.height)


def filename(sent: str, content_type: str) -> str:
    """A plain file name like the sent one, with the ending that its bytes deserve."""
    stem = NO_NAME.sub("_", sent.replace("\\", "/").rpartition("/")[2].rpartition(".")[0])
    return f"{stem[:LONGEST_NAME].strip('_') or 'image'}.{content_type.removeprefix('image/')}"


def check_mask(data: bytes, size: tuple[int, int]) -> str:
    """The content type of a mask for a picture of `size`.

    Raises Invalid for what is no PNG or WebP, has another size, or marks nothing.
    """
    with _opened("mask", data, MASK_FORMATS) as image:
        if image.size != size:
            raise Invalid(
                f"Parameter mask must have the size of the picture, {size[0]} x {size[1]} pixels;"
                f" it has {image.width} x {image.height}"
            )
        try:
            highest = image.convert("L").getextrema()[1]
        except (OSError, ValueError, SyntaxError) as error:
            raise _broken("mask", MASK_FORMATS) from error
        if not isinstance(highest, int | float) or highest < WHITE:
            raise Invalid("Parameter mask is black all over: white is what is painted anew")
        return f"image/{(image.format or '').lower()}"


def _opened(name: str, data: bytes, formats: tuple[str, ...]) -> "Image":
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(data), formats=formats)
    except Image.DecompressionBombError as error:
        raise _large(name) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise _broken(name, formats) from error
    if image.width * image.height > MOST_PIXELS:
        raise _large(name)
    return image


def _broken(name: str, formats: tuple[str, ...]) -> Invalid:
    *others, last = (("WebP" if one == "WEBP" else one) for one in formats)
    return Invalid(f"Parameter {name} must be a {', '.join(others)} or {last} picture")


def _large(name: str) -> Invalid:
    return Invalid(f"Parameter {name} has more than {MOST_PIXELS // 10**6} million pixels")
