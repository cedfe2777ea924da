"""What the composer's worker processes do for clips; called by name from `composer` and `reels`.

A clip's first frame lies in the job's folder for the preview, the clip itself for the grid.
"""

from io import BytesIO
from pathlib import Path
from typing import Any

import av
import msgspec
from PIL import Image

import diorama
from diorama import Clip, PictureError, Scene
from heliograph.studio import sizes
from heliograph.studio.painters import easel
from heliograph.studio.painters.base import Order, OrderRefused, Picture
from heliograph.studio.painters.scenes import refusing, source
from heliograph.studio.painters.thumbhash import placeholder
from heliograph.studio.painters.worker import Progress

MP4 = "video/mp4"


@refusing
def film(
    progress: Progress, *, folder: str, order: Any, cell: int, side: int
) -> tuple[Picture, Picture, str]:
    """Makes one clip; returns it, the preview with it, and the state from which it goes on.

    `side` is that of a square clip, see `sizes.clip_size`.
    """
    asked = msgspec.convert(order, Order)
    if asked.operation == "extend":
        made = _extended(progress, asked, cell, folder)
    else:
        made = _animated(progress, asked, cell, folder, side)
    Path(folder, f"{cell}.mp4").write_bytes(made.video)
    easel.keep(Path(folder, f"{cell}.cell.npy"), made.poster)
    preview = sizes.preview_size((made.width, made.height))
    look = easel.look(progress, folder=folder, order=order, size=preview)
    return _picture(made.video, made.poster), look, made.state


@refusing
def reel(progress: Progress, *, folder: str, order: Any, count: int) -> Picture:
    """The clips side by side, as an animated webp."""
    videos = [Path(folder, f"{n}.mp4").read_bytes() for n in range(count)]
    data = diorama.animation(videos, progress=progress)
    with Image.open(BytesIO(data)) as image:
        return Picture(data, "image/webp", image.width, image.height, placeholder(image))


def clip(progress: Progress, *, video: bytes) -> Picture:
    """A finished clip, with what can be told of it."""
    with av.open(BytesIO(video), "r") as container:
        frame = next(container.decode(video=0))
        return _picture(video, Image.fromarray(frame.to_ndarray(format="rgb24")))


def _animated(progress: Progress, order: Order, cell: int, folder: str, side: int) -> Clip:
    begin = _begin(order, folder)
    if isinstance(begin, Scene):
        width, height = sizes.clip_size(order.aspect, side)
    elif sizes.fits(begin.size):
        width, height = sizes.clip_size(begin.size, side)
    else:
        raise OrderRefused("A clip can't be more than four times as long as it is wide.")
    return diorama.animate(
        begin,
        order.motion,
        width=width,
        height=height,
        seed=order.seeds[cell],
        loop=order.loop,
        end=diorama.read_picture(source(folder, 1)) if len(order.sources) > 1 else None,
        progress=progress,
    )


def _extended(progress: Progress, order: Order, cell: int, folder: str) -> Clip:
    state = order.origin.scene if order.origin else ""
    return diorama.extend(
        state, source(folder), order.motion, seed=order.seeds[cell], loop=order.loop,
        progress=progress,
    )  # fmt: skip


def _begin(order: Order, folder: str) -> Scene | Image.Image:
    """The scene, whose parts can move each by itself; else the picture."""
    if order.origin is None:
        return diorama.read_picture(source(folder))
    try:
        return Scene.from_json(order.origin.scene)
    except PictureError:
        return Image.open(BytesIO(source(folder))).convert("RGB")


def _picture(video: bytes, poster: Image.Image) -> Picture:
    return Picture(video, MP4, poster.width, poster.height, placeholder(poster))
