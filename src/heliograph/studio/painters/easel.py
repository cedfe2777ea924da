"""What the composer's worker processes do: `diorama` scenes to pixels, pixels to files.

Raw pixels of a job lie in its own folder, one file a sketch or cell, so that whichever process
puts the grid together finds them; only encoded pictures go over the pipes. Called by name from
`composer` and `grids`, hence imports that the server itself never pays for.
"""

import os
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

import diorama
from diorama import Scene
from heliograph.studio.painters import scenes as staged
from heliograph.studio.painters.base import CELLS, Order, Picture
from heliograph.studio.painters.scenes import refusing, source
from heliograph.studio.painters.thumbhash import placeholder
from heliograph.studio.painters.worker import Progress
from heliograph.studio.sizes import Size

Pixels = NDArray[np.uint8]

JPEG_QUALITY = 92
# Previews are looked at for a second.
WEBP_QUALITY = 80
# Level 1 with filter "sub": a 2048 x 2048 grid in 0.3 s; level 6 takes 2 s and saves a tenth.
PNG = (cv2.IMWRITE_PNG_COMPRESSION, 1)
GREY = 128

# The pool has a process for each core.
cv2.setNumThreads(1)


@refusing
def sketch(progress: Progress, *, folder: str, order: Any, cell: int, size: Size) -> str:
    """Composes a cell's scene, keeps a small picture of it for the preview, returns the scene."""
    scene = staged.scene(msgspec.convert(order, Order), cell, folder)
    keep(Path(folder, f"{cell}.sketch.npy"), diorama.render(scene, *size))
    return scene.to_json()


@refusing
def paint(
    progress: Progress,
    *,
    folder: str,
    order: Any,
    scene: str,
    cell: int,
    size: Size,
    preview: Size,
) -> list[Picture]:
    """Paints a cell in full; returns it as JPEG, and the preview as it is with it."""
    image = diorama.render(Scene.from_json(scene), *size, progress=progress).convert("RGB")
    keep(Path(folder, f"{cell}.cell.npy"), image)
    painted = marked(encoded(image, "JPEG", quality=JPEG_QUALITY), [scene])
    return [painted, look(progress, folder=folder, order=order, size=preview)]


def look(progress: Progress, *, folder: str, order: Any, size: Size) -> Picture:
    """The preview: of each cell its picture, else its sketch, else nothing yet."""
    cell = size[0] // 2, size[1] // 2
    grid = np.full((size[1], size[0], 3), GREY, np.uint8)
    for n, window in enumerate(_windows(grid, cell)):
        for kind in ("cell", "sketch"):
            if (kept := Path(folder, f"{n}.{kind}.npy")).exists():
                window[:] = cv2.resize(np.load(kept), cell, interpolation=cv2.INTER_AREA)
                break
    return encoded(Image.fromarray(grid), "WEBP", quality=WEBP_QUALITY, method=1)


def assemble(
    progress: Progress, *, folder: str, order: Any, size: Size, scenes: list[str]
) -> Picture:
    """The four painted cells side by side, as PNG."""
    grid = np.empty((size[1] * 2, size[0] * 2, 3), np.uint8)
    for n, window in enumerate(_windows(grid, size)):
        window[:] = np.load(Path(folder, f"{n}.cell.npy"), mmap_mode="r")
    return marked(_png(grid), scenes)


@refusing
def single(progress: Progress, *, grid: bytes, cell: int, scene: str) -> list[Picture]:
    """One cell of a grid, pixel for pixel, as PNG and as JPEG; `cell` counts from 1."""
    image = Image.open(BytesIO(grid)).convert("RGB")
    width, height = image.width // 2, image.height // 2
    left, top = (cell - 1) % 2 * width, (cell - 1) // 2 * height
    return _both(image.crop((left, top, left + width, top + height)), scene)


@refusing
def upscale(
    progress: Progress, *, folder: str, order: Any, size: Size, threads: int
) -> list[Picture]:
    """The order's picture made larger, as PNG and as JPEG."""
    asked = msgspec.convert(order, Order)
    image = Image.open(BytesIO(source(folder))).convert("RGB")
    # Where the factor leads beyond the largest size, what it is applied to is a little smaller.
    small = size[0] // asked.factor, size[1] // asked.factor
    if image.size != small:
        image = image.resize(small, Image.Resampling.LANCZOS)
    larger = diorama.upscale(
        image,
        asked.factor,
        "creative" if asked.strength == "strong" else "subtle",
        seed=asked.seeds[0],
        threads=threads,
        progress=progress,
    )
    return _both(larger, asked.origin.scene if asked.origin else "")


@refusing
def describe(progress: Progress, *, folder: str, order: Any) -> list[str]:
    """Four prompts for the order's picture."""
    return list(diorama.describe(source(folder)))


def keep(path: Path, image: Image.Image) -> None:
    """Writes pixels so that another process sees all of them or none."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.save(file, np.asarray(image.convert("RGB")))
    os.replace(part, path)


def encoded(image: Image.Image, form: str, **options: Any) -> Picture:
    """The picture as a file of that form."""
    out = BytesIO()
    image.save(out, form, **options)
    return _picture(image, form.lower(), out.getvalue())


def marked(picture: Picture, scenes: Sequence[str]) -> Picture:
    """The picture with its scenes in the file, so that the painter knows it when it comes back."""
    known = staged.readable(scenes)
    if not known:
        return picture
    return msgspec.structs.replace(picture, data=diorama.mark(picture.data, known))


def _both(image: Image.Image, scene: str) -> list[Picture]:
    pictures = _png(np.asarray(image)), encoded(image, "JPEG", quality=JPEG_QUALITY)
    return [marked(picture, [scene]) for picture in pictures]


def _windows(grid: Pixels, cell: Size) -> list[Pixels]:
    width, height = cell
    return [grid[n // 2 * height :, n % 2 * width :][:height, :width] for n in range(CELLS)]


def _png(pixels: Pixels) -> Picture:
    done, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), PNG)
    if not done:
        raise RuntimeError("the picture could not be encoded")
    return _picture(Image.fromarray(pixels), "png", data.tobytes())


def _picture(image: Image.Image, form: str, data: bytes) -> Picture:
    return Picture(
        data=data,
        content_type=f"image/{form}",
        width=image.width,
        height=image.height,
        placeholder=placeholder(image),
    )
