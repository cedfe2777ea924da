"""Encoded fields of colour: pictures, clips, and grids of them."""

from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Literal

from heliograph.studio.painters.base import Picture
from heliograph.studio.painters.thumbhash import placeholder
from heliograph.studio.sizes import Size

# Pillow and PyAV are tens of MB that a server with another painter does not need.
if TYPE_CHECKING:
    from PIL import Image

Tint = tuple[int, int, int]

# Four neighbouring blues: plain, and yet a person sees the four cells of a grid.
TINTS: tuple[Tint, ...] = ((118, 144, 168), (128, 153, 175), (137, 161, 182), (147, 170, 189))
# Half a second: enough for a player to show that it plays.
FRAMES, RATE = 12, 24


def picture(size: Size, tints: tuple[Tint, ...], form: Literal["PNG", "JPEG", "WEBP"]) -> Picture:
    """One tint all over, or four tints in quarters."""
    image = _image(size, tints)
    out = BytesIO()
    (image if form == "PNG" else image.convert("RGB")).save(out, form)
    return _kept(out.getvalue(), f"image/{form.lower()}", image)


def clip(size: Size, tint: Tint) -> Picture:
    """A clip of one tint, in H.264."""
    import av

    image = _image(size, (tint,)).convert("RGB")
    out = BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for number in range(FRAMES):
            frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return _kept(out.getvalue(), "video/mp4", image)


def reel(size: Size) -> Picture:
    """Four clips in one animated picture; its tints change places, so that something moves."""
    frames = [_image(size, TINTS).convert("RGB"), _image(size, TINTS[::-1]).convert("RGB")]
    out = BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=250, loop=0)
    return _kept(out.getvalue(), "image/webp", frames[0])


def _image(size: Size, tints: tuple[Tint, ...]) -> "Image.Image":
    from PIL import Image

    width, height = size
    image = Image.new("P", size)
    image.putpalette([value for tint in tints for value in tint])
    for n in range(1, len(tints)):
        left, top = n % 2 * (width // 2), n // 2 * (height // 2)
        image.paste(n, (left, top, left + width // 2, top + height // 2))
    return image


def _kept(data: bytes, content_type: str, image: "Image.Image") -> Picture:
    return Picture(
        data=data,
        content_type=content_type,
        width=image.width,
        height=image.height,
        placeholder=placeholder(image),
        same_as=sha256(data).hexdigest(),
    )
