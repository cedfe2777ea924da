"""Reframing keeps the old picture where it lies in the new one, and goes on round it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama import PictureError, Scene, compose, reframe, render, vary
from diorama.reframing import frame_in, window_of
from diorama.rendering import place_table

PROMPTS = [
    "a cat in a meadow",
    "a castle in the mountains at sunset",
    "a sailing boat on a stormy sea at night",
    "a lamp in a room",
    "a fox in the forest in the snow",
    "a car in a city street at night",
    "a teapot in a kitchen",
    "a fish underwater",
    "an astronaut in space",
    "a crab on the beach",
    "a book in a library",
    "a bat in a cave",
    "a parrot in the jungle",
    "joy, abstract",
    "a boat before the skyline",
]
MEDIA = ["oil painting", "watercolor", "pixel art", "woodblock print", "stained glass", "pencil"]


def pixels(scene: Scene, width: int, height: int) -> np.ndarray[Any, Any]:
    return np.asarray(render(scene, width, height), np.float32) / 255


def cut(picture: np.ndarray[Any, Any], scene: Scene) -> np.ndarray[Any, Any]:
    box = frame_in(scene, picture.shape[1], picture.shape[0])
    assert box is not None
    return picture[box[1] : box[3], box[0] : box[2]]


def psnr(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> float:
    return float(-10 * np.log10(max(float(((a - b) ** 2).mean()), 1e-10)))


def inner(old: np.ndarray[Any, Any], scene: Scene, new: tuple[int, int]) -> np.ndarray[Any, Any]:
    """The old picture at its size in the new one, without the margin that `frame_in` leaves out."""
    plain = replace(scene, patches=(replace(scene.patches[-1], scene=_unmargined(scene)),))
    whole = frame_in(plain, *new)
    kept = frame_in(scene, *new)
    assert whole is not None
    assert kept is not None
    size = (whole[2] - whole[0], whole[3] - whole[1])
    small = cv2.resize(old, size, interpolation=cv2.INTER_AREA)
    return small[kept[1] - whole[1] : kept[3] - whole[1], kept[0] - whole[0] : kept[2] - whole[0]]


def _unmargined(scene: Scene) -> Scene:
    return replace(scene.patches[-1].scene, style="photo")


@pytest.mark.parametrize("prompt", [*PROMPTS, *(f"a cat, {medium}" for medium in MEDIA)])
@pytest.mark.parametrize("zoom", [1.5, 2.0])
def test_zooming_out_keeps_the_old_picture_inside(prompt: str, zoom: float) -> None:
    scene = compose(prompt, seed=5)
    wider = reframe(scene, zoom=zoom, seed=1)
    new = pixels(wider, 128, 128)
    assert psnr(cut(new, wider), inner(pixels(scene, 128, 128), wider, (128, 128))) > 34


@pytest.mark.parametrize("prompt", [*PROMPTS[::2], *(f"a cat, {medium}" for medium in MEDIA[:3])])
@pytest.mark.parametrize("pan", ["left", "right", "up", "down"])
def test_a_pan_keeps_the_old_picture_pixel_for_pixel(prompt: str, pan: Any) -> None:
    scene = compose(prompt, seed=5)
    longer = reframe(scene, pan=pan, seed=1)
    size = (144, 96) if pan in ("left", "right") else (96, 144)
    assert longer.aspect == ((3, 2) if pan in ("left", "right") else (2, 3))
    new = pixels(longer, *size)
    assert np.array_equal(cut(new, longer), inner(pixels(scene, 96, 96), longer, size))


@pytest.mark.parametrize("prompt", PROMPTS)
def test_no_seam_shows_at_the_old_edge(prompt: str) -> None:
    scene = compose(prompt, seed=5)
    wider = reframe(scene, zoom=2.0, seed=1)
    new = pixels(wider, 256, 256)
    left, top, right, bottom = frame_in(wider, 256, 256) or (0, 0, 0, 0)
    for axis, at, span in (
        (1, left, slice(top, bottom)),
        (1, right, slice(top, bottom)),
        (0, top, slice(left, right)),
        (0, bottom, slice(left, right)),
    ):
        steps = np.abs(np.diff(new, axis=axis)).mean(2)
        lines = steps[span] if axis == 1 else steps.T[span]
        near = [k for k in range(at - 7, at + 6) if k != at - 1]
        assert lines[:, at - 1].mean() < 2.2 * max(lines[:, near].mean(0).max(), 0.004)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_new_ground_is_neither_empty_nor_the_old_one_again(prompt: str) -> None:
    wider = reframe(compose(prompt, seed=5), zoom=2.0, seed=1)
    new = pixels(wider, 128, 128)
    for part in (new[:32], new[96:], new[:, :32], new[:, 96:]):
        assert part.std() > 0.004
    left, middle = new[32:96, :32], new[32:96, 32:64]
    for other in (middle, middle[:, ::-1]):
        assert np.abs(left - other).mean() > 0.01


@given(
    zoom=st.floats(1.0, 2.0),
    pan=st.sampled_from([None, "left", "right", "up", "down"]),
    square=st.booleans(),
    aspect=st.sampled_from([(1, 1), (3, 2), (2, 3), (16, 9), (2, 1)]),
)
@settings(max_examples=60, deadline=None)
def test_the_new_window_holds_the_old_one(
    zoom: float, pan: Any, square: bool, aspect: tuple[int, int]
) -> None:
    scene = compose("a cat in a meadow", seed=3, aspect=aspect)
    wider = reframe(scene, zoom=zoom, pan=pan, square=square, seed=2)
    old, new = window_of(scene), window_of(wider)
    assert new[0] <= old[0] + 1e-4
    assert new[1] <= old[1] + 1e-4
    assert new[0] + new[2] >= old[0] + old[2] - 1e-4
    assert new[1] + new[3] >= old[1] + old[3] - 1e-4
    if square:
        assert wider.aspect == (1, 1)
    assert Scene.from_json(wider.to_json()) == wider


def test_half_a_frame_is_added_and_a_square_pan_is_three_to_two() -> None:
    scene = compose("a cat in a meadow", seed=3)
    assert frame_in(reframe(scene, pan="right"), 150, 100) == (0, 0, 100, 100)
    assert frame_in(reframe(scene, pan="left"), 150, 100) == (50, 0, 150, 100)
    assert frame_in(reframe(scene, pan="down"), 100, 150) == (0, 0, 100, 100)
    assert frame_in(reframe(scene, pan="up"), 100, 150) == (0, 50, 100, 150)
    assert frame_in(scene, 100, 100) is None


def test_zooms_of_zooms_and_pans_of_pans_keep_every_earlier_picture() -> None:
    scene = compose("a sailing boat on the sea", seed=4)
    once = reframe(scene, zoom=2.0, seed=1)
    twice = reframe(once, zoom=2.0, seed=2)
    new, middle = pixels(twice, 256, 256), pixels(once, 256, 256)
    assert psnr(cut(new, twice), cv2.resize(middle, (128, 128), interpolation=cv2.INTER_AREA)) > 34
    panned = reframe(reframe(scene, pan="left", seed=1), pan="left", seed=2)
    assert panned.aspect == (9, 4)
    assert np.array_equal(
        cut(pixels(panned, 216, 96), panned),
        pixels(reframe(scene, pan="left", seed=1), 144, 96),
    )


def test_a_picture_can_be_made_longer_only_to_four_to_one() -> None:
    scene = compose("a cat", seed=1, aspect=(3, 1))
    with pytest.raises(PictureError, match="four times"):
        reframe(scene, pan="right")
    assert reframe(scene, square=True).aspect == (1, 1)


@pytest.mark.parametrize(
    "change",
    [{"zoom": 0.5}, {"zoom": 2.5}, {"zoom": float("nan")}, {"pan": "in"}, {"aspect": (0, 1)},
     {"seed": "x"}],
)  # fmt: skip
def test_what_cannot_be_reframed_is_answered_with_a_sentence(change: dict[str, Any]) -> None:
    with pytest.raises(PictureError, match=r"\.$"):
        reframe(compose("a cat", seed=1), **change)


def test_seeds_differ_in_what_stands_in_the_new_ground_only() -> None:
    scene = compose("a cat in a meadow", seed=5)
    first, second = (reframe(scene, zoom=2.0, seed=seed) for seed in (1, 2))
    one, two = pixels(first, 128, 128), pixels(second, 128, 128)
    assert np.abs(one - two).mean() > 0.002
    assert np.array_equal(cut(one, first), cut(two, second))
    assert reframe(scene, zoom=2.0, seed=1) == first


def test_a_new_prompt_shapes_the_new_ground_and_leaves_the_old_subject() -> None:
    scene = compose("a cat in a meadow", seed=5)
    wider = reframe(scene, zoom=2.0, seed=1, prompt="a cat and a big elephant in a meadow")
    left, top, wide, high = window_of(scene)
    found = next(thing for thing in wider.things if thing.name == "elephant")
    assert not (left < found.x < left + wide and top < found.y < top + high)
    assert wider.things[0] == scene.things[0]


def test_a_reframed_scene_can_be_varied() -> None:
    wider = reframe(compose("a cat in a meadow", seed=5), zoom=2.0, seed=1)
    subtle, strong = vary(wider, "subtle", 1), vary(wider, "strong", 1)
    assert window_of(subtle) == window_of(wider)
    assert psnr(pixels(subtle, 128, 128), pixels(wider, 128, 128)) > 12
    assert not strong.patches
    assert strong.things[0].name == "cat"


@pytest.mark.parametrize("place", sorted(place_table()))
def test_every_place_goes_on_far_beyond_its_first_frame(place: str) -> None:
    scene = replace(compose("a cat", seed=5), place=place, weather=())
    far = replace(scene, camera=(0.0, 0.5, 0.25), frame=1.0)
    for size in ((64, 64), (96, 80), (200, 64)):
        # rows of the smaller one fall exactly on world units, where formulas have their poles
        picture = pixels(far, *size)
        rows = picture.std(axis=1).mean(axis=1)
        assert rows.max() > 0.01
        flat = picture.reshape(-1, 3)
        assert (flat == flat[0]).all(axis=1).mean() < 0.9
