"""Upscaling: a picture at two or four times its size, by super-resolution on the processor.

The weights (see ASSETS.md) were trained on drawn pictures: they mend edges and flatten texture.
"Subtle" therefore gives back what they took between the edges; "creative" goes on from there and
draws finer detail (see `enriching`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any, Literal

import cv2
import numpy as np
from PIL import Image

from .assets import ROOT
from .enriching import MARGIN, brightness, enrich, steepness
from .noise import Field, smoothstep
from .progress import Progress, Report
from .rendering import give_back_memory
from .scene import PictureError
from .tiling import Pixels, Tiling
from .uploads import flat

Mode = Literal["subtle", "creative"]

WEIGHTS = ROOT / "upscaler" / "realesr-animevideov3-x4"
SCALE = 4  # of the weights
MOST_THREADS = 2  # each needs 200 MB; with two, 1024 to 4096 peaks at 530
LONGEST = 4096
MENDED = 0.7  # how far the network's edges are taken for the source's; 1 strays, 0 is jagged
# The network needs 180 MB for a window of 196. It sees 17 pixels far, but what lies 10 pixels off
# moves a value by less than 1.5 / 255.
WINDOWS = Tiling(side=176, margin=10, fade=6)


def upscale(
    picture: Image.Image,
    factor: int,
    mode: Mode,
    *,
    seed: int = 0,
    threads: int | None = None,
    progress: Report | None = None,
) -> Image.Image:
    """Return the picture as RGB, `factor` (2 or 4) times as wide and as high.

    "subtle" is faithful; "creative" adds fine detail, another for another seed. `threads` (None:
    one for each core, up to MOST_THREADS) do not change a byte. `progress` is called with 0..1
    after every tile; whatever it raises ends the work. Raises PictureError for another factor, mode
    or kind of seed, and when a side of the result would be longer than LONGEST.
    """
    _check(picture, factor, mode, seed)
    steps = Progress(progress or (lambda _: None))
    threads = min(threads or _cores(), MOST_THREADS)
    try:
        with _opencv_single():
            steps.phase(0.75 if mode == "creative" else 1.0)
            steps.reached(0.0)
            source = np.asarray(flat(picture))
            _network()  # once, before the threads ask for it
            work = partial(_enlarged, factor=factor)
            pixels = WINDOWS.map(source, factor, work, steps.reached, threads=threads)
            if mode == "creative":
                give_back_memory()
                steps.phase(0.25)
                pixels = _enriched(pixels, factor, seed, steps, threads)
    finally:
        give_back_memory()
    steps.phase(0.0)
    return Image.fromarray(pixels, "RGB")


def _check(picture: Image.Image, factor: int, mode: str, seed: int) -> None:
    if not isinstance(factor, int) or factor not in (2, 4):
        raise PictureError("A picture can be upscaled by 2 or by 4.")
    if mode not in ("subtle", "creative"):
        raise PictureError('An upscale must be "subtle" or "creative".')
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise PictureError("A seed must be a whole number.")
    width, height = picture.width * factor, picture.height * factor
    if max(width, height) > LONGEST:
        raise PictureError(
            f"The upscaled picture would have {width} x {height} pixels; "
            f"no side may exceed {LONGEST}."
        )


def _cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


@contextmanager
def _opencv_single() -> Iterator[None]:
    """Keep OpenCV to the thread that calls it: the tiles are shared out already."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


@lru_cache(maxsize=1)
def _network() -> Any:
    import ncnn  # type: ignore[import-untyped]

    net = ncnn.Net()
    # Threads within a layer wait for each other by spinning: on a busy machine two of them took
    # three times as long as one. Tiles need not wait.
    net.opt.num_threads = 1
    # Where a processor has half precision, ncnn would take it: coarser, and other bytes.
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    if net.load_param(f"{WEIGHTS}.param") or net.load_model(f"{WEIGHTS}.bin"):
        raise FileNotFoundError(f"{WEIGHTS}.param")
    return net


def super_resolved(image: Field) -> Field:
    """Return pixels (height, width, 3) of 0..1 at SCALE times the size; values may overshoot."""
    import ncnn

    planes = np.ascontiguousarray(image.transpose(2, 0, 1))  # must outlive the Mat, which borrows
    extractor = _network().create_extractor()
    extractor.input("data", ncnn.Mat(planes))
    _, made = extractor.extract("output")
    return np.ascontiguousarray(np.array(made).transpose(1, 2, 0))


def _enlarged(window: Pixels, _y: int, _x: int, *, factor: int) -> Field:
    source = window.astype(np.float32) / 255
    made = super_resolved(source)
    height, width = source.shape[:2]
    if factor != SCALE:
        size = width * factor, height * factor
        made = np.asarray(cv2.resize(made, size, interpolation=cv2.INTER_AREA), np.float32)
    return made + _lost(source, made)


def _lost(source: Field, made: Field) -> Field:
    """Return what the network took from the source: all of it, but on edges, its proper work."""
    height, width = source.shape[:2]
    lost = source - cv2.resize(made, (width, height), interpolation=cv2.INTER_AREA)
    tone = cv2.GaussianBlur(lost, (0, 0), 2)
    edge = cv2.dilate(steepness(brightness(source)), np.ones((3, 3), np.uint8))
    kept = 1 - MENDED * smoothstep(0.015, 0.06, cv2.GaussianBlur(edge, (0, 0), 1))
    lost = tone + kept[..., None] * (lost - tone)
    size = made.shape[1], made.shape[0]
    return np.asarray(cv2.resize(lost, size, interpolation=cv2.INTER_CUBIC), np.float32)


def _enriched(pixels: Pixels, factor: int, seed: int, steps: Progress, threads: int) -> Pixels:
    scale = factor // 2
    windows = Tiling(side=512, margin=MARGIN * scale, fade=16)

    def work(window: Pixels, y: int, x: int) -> Field:
        return enrich(window.astype(np.float32) / 255, y, x, scale, seed)

    return windows.map(pixels, 1, work, steps.reached, threads=threads)
