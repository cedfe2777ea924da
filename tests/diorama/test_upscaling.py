"""Upscaling: size, fidelity, detail, tiles without seams, the same bytes, refusals."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import diorama
from diorama import PictureError, compose, render, upscale
from diorama.noise import Field
from diorama.tiling import Pixels, Tiling
from diorama.upscaling import super_resolved

PACKAGE = Path(diorama.__file__).parent
Mode = Literal["subtle", "creative"]
MODES: tuple[Mode, ...] = ("subtle", "creative")


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    """A painted picture that needs more than one tile each way."""
    return render(compose("cozy cabin in a snowy forest", seed=3), 192, 180)


def values(picture: Image.Image) -> Field:
    return np.asarray(picture.convert("RGB"), dtype=np.float32)


def roughness(picture: Image.Image) -> float:
    """The median of what a small blur takes away: texture counts, single outlines do not."""
    pixels = values(picture)
    return float(np.median(np.abs(pixels - cv2.GaussianBlur(pixels, (0, 0), 2))))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("factor", [2, 4])
def test_a_picture_grows_by_its_factor(factor: int, mode: Mode) -> None:
    small = Image.radial_gradient("L").resize((71, 64)).convert("RGB")
    large = upscale(small, factor, mode)
    assert (large.mode, large.size) == ("RGB", (71 * factor, 64 * factor))


@pytest.mark.parametrize("size", [(1, 1), (1, 90), (7, 3), (177, 5)])
def test_sizes_smaller_than_a_margin_or_just_over_a_tile(size: tuple[int, int]) -> None:
    large = values(upscale(Image.new("RGB", size, (200, 120, 40)), 2, "creative"))
    assert large.shape == (size[1] * 2, size[0] * 2, 3)
    assert np.abs(large - [200, 120, 40]).max() < 12


@pytest.mark.parametrize("factor", [2, 4])
def test_subtle_is_the_picture_when_made_small_again(picture: Image.Image, factor: int) -> None:
    back = upscale(picture, factor, "subtle").resize(picture.size, Image.Resampling.BOX)
    off = np.abs(values(back) - values(picture))
    assert off.mean() < 3.2
    assert np.percentile(off, 99) < 20


def test_subtle_has_sharper_edges_than_plain_enlarging() -> None:
    disc = Image.new("L", (96, 96), 40)
    disc.paste(220, (24, 24, 72, 72))
    disc = disc.rotate(20, Image.Resampling.BICUBIC, fillcolor=40)
    plain = disc.resize((192, 192), Image.Resampling.BICUBIC)
    steepest = [
        np.abs(np.diff(values(made), axis=1)).max(axis=1).mean()
        for made in (upscale(disc, 2, "subtle"), plain)
    ]
    assert steepest[0] > 1.15 * steepest[1]


def test_creative_adds_detail_and_keeps_the_picture(picture: Image.Image) -> None:
    subtle, creative = (upscale(picture, 2, mode) for mode in MODES)
    assert roughness(creative) > 1.15 * roughness(subtle)
    blurred = [cv2.GaussianBlur(values(made), (0, 0), 24) for made in (subtle, creative)]
    assert np.abs(blurred[0] - blurred[1]).max() < 12


def test_creative_leaves_a_smooth_sky_smooth() -> None:
    ramp = np.linspace(90, 200, 128, dtype=np.float32)[:, None, None] + np.zeros((1, 128, 3))
    sky = Image.fromarray(ramp.astype(np.uint8), "RGB")
    assert roughness(upscale(sky, 2, "creative")) < 1.0


def test_creative_leaves_no_halo_along_a_strong_edge() -> None:
    grey = np.full((96, 96, 3), 236, np.uint8)
    grey[:, 40:56] = 20
    made = np.asarray(upscale(Image.fromarray(grey), 2, "creative", seed=1)).astype(int)
    beside = np.r_[64:74, 118:128]
    assert np.abs(made[20:-20, beside] - 236).max() <= 3


def test_creative_follows_its_seed_and_subtle_does_not(picture: Image.Image) -> None:
    small = picture.crop((60, 60, 124, 124))
    creative = {upscale(small, 2, "creative", seed=seed).tobytes() for seed in (1, 2, 1)}
    subtle = {upscale(small, 2, "subtle", seed=seed).tobytes() for seed in (1, 2)}
    assert (len(creative), len(subtle)) == (2, 1)


@pytest.mark.parametrize("mode", MODES)
def test_the_number_of_threads_does_not_change_a_byte(picture: Image.Image, mode: Mode) -> None:
    made = {upscale(picture, 2, mode, threads=threads).tobytes() for threads in (1, 2)}
    assert len(made) == 1


def test_tiles_give_what_the_whole_picture_gives(picture: Image.Image) -> None:
    """Judged on the network alone: it looks farthest, and the margin cuts what it sees."""

    def work(window: Pixels, _y: int, _x: int) -> Field:
        return super_resolved(window.astype(np.float32) / 255)

    def made(side: int) -> Field:
        tiling = Tiling(side=side, margin=10, fade=6)
        whole = tiling.map(np.asarray(picture), 4, work, lambda _: None)
        return np.asarray(whole, dtype=np.float32)

    off = np.abs(made(64) - made(192))
    assert off.max() <= 4
    assert off.mean() < 0.1


@pytest.mark.parametrize("mode", MODES)
def test_a_plain_surface_shows_no_seams(mode: Mode) -> None:
    plain = values(upscale(Image.new("RGB", (190, 60), (90, 130, 200)), 2, mode))
    steps = np.abs(np.diff(plain.mean(axis=(0, 2))))
    assert steps.max() < 1


@given(length=st.integers(1, 5000), side=st.integers(20, 600), fade=st.integers(0, 19))
def test_tiles_cover_an_axis_and_overlap(length: int, side: int, fade: int) -> None:
    spans = Tiling(side=side, margin=10, fade=fade).spans(length)
    assert (spans[0].start, spans[-1].stop) == (0, length)
    assert all(0 < span.stop - span.start <= side for span in spans)
    assert all(one.stop - two.start >= fade for one, two in itertools.pairwise(spans))


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "CMYK", "I;16"])
def test_other_kinds_of_pixels_become_rgb(mode: str) -> None:
    small = Image.radial_gradient("L").resize((40, 30))
    large = upscale(small.convert(mode), 2, "subtle")
    assert (large.mode, large.size) == ("RGB", (80, 60))


def test_what_is_transparent_becomes_white() -> None:
    clear = upscale(Image.new("RGBA", (32, 32), (255, 0, 0, 0)), 2, "subtle")
    assert values(clear).min() > 250


class Stopped(Exception):
    pass


@pytest.mark.parametrize("mode", MODES)
def test_progress_rises_to_one_with_every_tile(picture: Image.Image, mode: Mode) -> None:
    seen: list[float] = []
    upscale(picture, 2, mode, progress=seen.append)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)
    assert len(seen) >= 5


@pytest.mark.parametrize("at", [0.0, 0.3])
def test_what_progress_raises_ends_the_work(picture: Image.Image, at: float) -> None:
    calls: list[float] = []

    def stop(value: float) -> None:
        calls.append(value)
        if value >= at:
            raise Stopped

    with pytest.raises(Stopped):
        upscale(picture, 2, "creative", progress=stop)
    assert len(calls) <= 3


@pytest.mark.parametrize(
    ("size", "factor", "mode", "sentence"),
    [
        ((64, 64), 3, "subtle", "A picture can be upscaled by 2 or by 4."),
        ((64, 64), 2.0, "subtle", "A picture can be upscaled by 2 or by 4."),
        ((64, 64), 0, "subtle", "A picture can be upscaled by 2 or by 4."),
        ((64, 64), 2, "strong", 'An upscale must be "subtle" or "creative".'),
        ((1025, 64), 4, "subtle", "would have 4100 x 256 pixels; no side may exceed 4096."),
        ((64, 2049), 2, "creative", "would have 128 x 4098 pixels; no side may exceed 4096."),
    ],
)
def test_what_cannot_be_upscaled_is_refused(
    size: tuple[int, int], factor: int, mode: Mode, sentence: str
) -> None:
    with pytest.raises(PictureError, match=sentence.replace("(", r"\(")):
        upscale(Image.new("RGB", size), factor, mode)


def test_the_command_line_upscales_a_file(tmp_path: Path) -> None:
    source, target = tmp_path / "in.png", tmp_path / "out.png"
    Image.radial_gradient("L").resize((50, 40)).save(source)
    command = [sys.executable, "-m", "diorama", "upscale", str(source), str(target)]
    done = subprocess.run(
        [*command, "--factor", "4", "--creative"],
        check=False,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(PACKAGE.parent)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    with Image.open(target) as made:
        assert made.size == (200, 160)


def test_the_package_stays_small() -> None:
    """What a user downloads and keeps: 60 MB at the most, weights and cut-outs and all."""
    kept = (path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc")
    assert sum(path.stat().st_size for path in kept) <= 60_000_000
