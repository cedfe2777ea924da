"""Media: what they must not lose, on a plain subject (a face with two eyes before hills)."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from diorama.media import MEDIA, areas
from diorama.strokes import grey

Field = np.ndarray[Any, Any]


def portrait(size: int) -> tuple[Field, Field]:
    """A shaded face of the ground's own lightness: (pixels, cover)."""
    x, y = np.meshgrid(*[(np.arange(size, dtype=np.float32) + 0.5) / size] * 2)
    sky = np.stack([0.45 + 0.3 * y, 0.62 + 0.15 * y, 0.85 - 0.2 * y], 2)
    hill = y > 0.66 + 0.06 * np.sin(7 * x)
    pixels = np.where(hill[..., None], np.asarray((0.35, 0.55, 0.25)), sky)
    away = np.hypot(x - 0.5, y - 0.45)
    cover = np.clip((0.24 - away) * size + 0.5, 0, 1).astype(np.float32)
    shade = 0.72 + 0.5 * (x - 0.26)
    face = np.asarray((0.95, 0.72, 0.35)) * shade[..., None]
    for side in (-1, 1):
        eye = np.hypot(x - 0.5 - 0.09 * side, y - 0.42) < 0.030
        face = np.where(eye[..., None], np.asarray((0.12, 0.08, 0.08)), face)
    pixels = pixels + (face - pixels) * cover[..., None]
    return np.asarray(pixels, np.float32), cover


def painted(style: str, size: int) -> Field:
    pixels, cover = portrait(size)
    return MEDIA[style](pixels, float(size), 7, cover)


@pytest.mark.parametrize("style", sorted(set(MEDIA) - {"pixel", "stitch"}))
def test_a_medium_is_the_same_picture_at_every_size(style: str) -> None:
    small, large = painted(style, 256), painted(style, 512)
    shrunk = cv2.resize(np.asarray(large, np.float32), (256, 256), interpolation=cv2.INTER_AREA)
    soft = [cv2.GaussianBlur(np.asarray(one, np.float32), (0, 0), 4) for one in (small, shrunk)]
    assert np.abs(soft[0] - soft[1]).mean() < 0.03


@pytest.mark.parametrize("style", sorted(MEDIA))
def test_a_medium_gives_the_same_pixels_again_and_keeps_what_it_was_given(style: str) -> None:
    pixels, cover = portrait(128)
    before = pixels.copy(), cover.copy()
    first = MEDIA[style](pixels, 128.0, 7, cover)
    assert np.array_equal(first, MEDIA[style](pixels, 128.0, 7, cover))
    assert np.array_equal(pixels, before[0])
    assert np.array_equal(cover, before[1])
    assert first.shape == pixels.shape
    assert first.min() >= 0
    assert first.max() <= 1


@pytest.mark.parametrize("style", sorted(MEDIA))
def test_a_medium_paints_a_picture_without_things(style: str) -> None:
    pixels, cover = portrait(96)
    out = MEDIA[style](pixels, 96.0, 7, np.zeros_like(cover))
    assert np.isfinite(out).all()
    assert out.std() > 0.02


def test_a_shaded_face_is_one_area_and_its_eyes_are_others() -> None:
    pixels, cover = portrait(320)
    found = areas.found(pixels, 320.0, cover, ground=9, things=9)
    scale = found.labels.shape[0]
    inside = found.labels[round(0.3 * scale) : round(0.6 * scale), scale // 2]
    assert len(np.unique(inside)) == 1
    lit, dark = (found.labels[round(0.5 * scale), round(x * scale)] for x in (0.32, 0.68))
    assert lit == dark
    eyes = {found.labels[round(0.42 * scale), round(x * scale)] for x in (0.41, 0.59)}
    assert len(eyes) == 2
    assert lit not in eyes


def test_a_thing_of_the_grounds_colour_is_an_area_of_its_own() -> None:
    pixels = np.full((200, 200, 3), 0.5, np.float32)
    cover = np.zeros((200, 200), np.float32)
    cover[60:140, 60:140] = 1
    found = areas.found(pixels, 200.0, cover, ground=5, things=5)
    assert found.things[found.labels[100, 100]]
    assert not found.things[found.labels[10, 10]]


@pytest.mark.parametrize("style", ["glass", "comic", "ink", "woodblock", "pencil", "blueprint"])
def test_a_line_runs_all_round_the_thing(style: str) -> None:
    size = 320
    light = grey(painted(style, size))
    turns = np.linspace(0, 2 * np.pi, 180, endpoint=False)

    def ring(radius: float) -> Field:
        x, y = (0.5 + radius * np.cos(turns)) * size, (0.45 + radius * np.sin(turns)) * size
        return np.asarray(light[y.astype(int), x.astype(int)])

    around = np.stack([ring(0.24 + k * 0.002) for k in range(-3, 4)])
    plain = np.stack([ring(0.205), ring(0.275)])
    line = around.max(0) - plain.mean(0) if style == "blueprint" else plain.mean(0) - around.min(0)
    assert (line > 0.12).mean() > 0.95


def test_pencil_hatches_the_shade_only() -> None:
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[None, :, None]
    pixels = np.broadcast_to(ramp, (256, 256, 3)).copy()
    light = grey(MEDIA["pencil"](pixels, 256.0, 7, np.zeros((256, 256), np.float32)))
    assert light[:, 120:160].std() < 0.05
    assert light[:, 200:].mean() > 0.94
    assert light[:, :40].mean() < 0.75
