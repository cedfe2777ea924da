"""Repainting changes what is under the mask, and nothing else."""

from __future__ import annotations

import io
import json
import struct
import zlib
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from diorama import (
    PictureError,
    Scene,
    compose,
    reframe,
    remaster,
    render,
    repaint,
    repaint_picture,
    vary,
)
from diorama.filling import filled
from diorama.masks import (
    KEPT,
    EmptyMask,
    HeavyMask,
    MaskOfAnotherSize,
    MaskRefused,
    UnreadableMask,
    pack,
    reach,
    read_mask,
    unpack,
)

SIZE = (128, 128)
BOX = (70, 60, 120, 122)


def pixels(scene: Scene, size: tuple[int, int] = SIZE) -> np.ndarray[Any, Any]:
    return np.asarray(render(scene, *size)).astype(int)


def mask(
    box: tuple[int, int, int, int] = BOX, size: tuple[int, int] = SIZE, kind: str = "PNG",
    round_: bool = False,
) -> bytes:  # fmt: skip
    picture = Image.new("L", size, 0)
    draw = ImageDraw.Draw(picture)
    (draw.ellipse if round_ else draw.rectangle)(box, fill=255)
    out = io.BytesIO()
    picture.convert("RGB").save(out, kind, lossless=True)
    return out.getvalue()


def away(data: bytes) -> np.ndarray[Any, Any]:
    """Pixels from the white part of a mask."""
    black = (~read_mask(data)).astype(np.uint8)
    return cv2.distanceTransform(black, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)


CASES = [
    ("a cat in a meadow", "a red apple"),
    ("a castle in the mountains at sunset", "a dragon"),
    ("a sailing boat on the sea", "a whale"),
    ("a lamp in a room", ""),
    ("a fox in the forest, oil painting", "a bear"),
    ("a car in a city street at night", "a robot"),
    ("a fish underwater, watercolor", "a turtle"),
    ("a house in the snow, pixel art", "a snowman"),
    ("an astronaut in space", "a rocket"),
    ("a dog on the beach, woodblock print", "a palm tree"),
    ("a cat in a meadow", "stormy sky at night"),
    ("a teapot in a kitchen, stained glass", "a cup"),
]


@pytest.mark.parametrize(("prompt", "new"), CASES)
@pytest.mark.parametrize("round_", [False, True])
def test_outside_the_mask_and_its_feather_no_byte_changes(
    prompt: str, new: str, round_: bool
) -> None:
    scene, data = compose(prompt, seed=5), mask(round_=round_)
    painted = repaint(scene, data, new, 3, size=SIZE)
    before, after = pixels(scene), pixels(painted)
    far = away(data) > reach(*SIZE) + 1.5
    assert np.array_equal(after[far], before[far])
    assert Scene.from_json(painted.to_json()) == painted


@pytest.mark.parametrize(("prompt", "new"), [case for case in CASES if case[1]])
def test_what_is_under_the_mask_follows_the_prompt(prompt: str, new: str) -> None:
    scene, data = compose(prompt, seed=5), mask()
    before, after = pixels(scene), pixels(repaint(scene, data, new, 3))
    assert np.abs(after - before)[away(data) == 0].mean() > 4


@given(
    box=st.tuples(st.integers(0, 80), st.integers(0, 80), st.integers(12, 60), st.integers(12, 60)),
    round_=st.booleans(),
    seed=st.integers(0, 9),
)
@settings(max_examples=25, deadline=None)
def test_any_mask_keeps_the_rest(box: tuple[int, int, int, int], round_: bool, seed: int) -> None:
    data = mask((box[0], box[1], box[0] + box[2], box[1] + box[3]), (120, 120), round_=round_)
    scene = compose("a boat on the sea", seed=2)
    far = away(data) > reach(120, 120) + 1.5
    assert reach(4096, 4096) + 1.5 + 4096 / 512 / 4 <= 16
    before = pixels(scene, (120, 120))
    after = pixels(repaint(scene, data, "a duck", seed), (120, 120))
    assert np.array_equal(after[far], before[far])
    picture = Image.fromarray(before.astype(np.uint8))
    plain = np.asarray(repaint_picture(picture, data, "a duck", seed)).astype(int)
    assert np.array_equal(plain[far], before[far])


def test_the_new_subject_stands_within_the_mask_and_the_old_one_goes() -> None:
    scene = compose("a cat in a meadow", seed=5)
    cat = scene.things[0]
    x, foot, half = (cat.x + 0.5) * 128, cat.y * 128, cat.size * 70
    box = (int(x - half), int(foot - 2 * half), int(x + half), int(min(foot + 6, 127)))
    new = repaint(scene, mask(box), "a rabbit", 1).patches[-1].scene
    assert "cat" not in {thing.name for thing in new.things}
    rabbit = next(thing for thing in new.things if thing.name == "rabbit")
    assert box[0] <= (rabbit.x + 0.5) * 128 <= box[2]
    assert box[1] <= rabbit.y * 128 <= box[3]
    assert rabbit.pose == "stand"
    assert (new.place, new.style, new.light) == (scene.place, scene.style, scene.light)


def test_what_the_mask_only_touches_stays_whole() -> None:
    scene = compose("a cat in a meadow", seed=5)
    new = repaint(scene, mask((2, 2, 30, 40)), "a balloon", 1).patches[-1].scene
    assert new.things[0] == scene.things[0]
    assert new.things[-1].pose == "fly"


def test_a_repainted_scene_can_be_worked_on_further() -> None:
    scene = compose("a cat in a meadow", seed=5)
    data = mask((4, 60, 50, 122))
    once = repaint(scene, data, "a red apple", 1)
    twice = repaint(once, mask((80, 8, 120, 50)), "a balloon", 2)
    first, second = pixels(once), pixels(twice)
    far = away(mask((80, 8, 120, 50))) > reach(*SIZE) + 1.5
    assert np.array_equal(first[far], second[far])
    wider = reframe(twice, pan="right", seed=1)
    assert np.array_equal(pixels(wider, (192, 128))[:, :128], second)
    subtle = vary(twice, "subtle", 3)
    assert len(subtle.patches) == 2
    strong = vary(once, "strong", 3)
    assert {"cat", "apple"} <= {thing.name for thing in strong.things}
    finer = remaster(twice, 1)
    assert np.corrcoef(pixels(finer).ravel(), second.ravel())[0, 1] > 0.9


def test_a_mask_at_the_edge_goes_on_beyond_it() -> None:
    scene = compose("a cat in a meadow", seed=5)
    sky = repaint(scene, mask((0, 0, 128, 60)), "stormy sky at night", 1)
    wider = pixels(reframe(sky, zoom=2.0, seed=1))
    plain = pixels(reframe(scene, zoom=2.0, seed=1))
    assert wider[:40, :28].mean() < 0.8 * plain[:40, :28].mean()


@pytest.mark.parametrize("new", ["a red apple", "", "a beach at sunset", "snow"])
def test_a_plain_picture_is_painted_anew_under_the_mask(new: str) -> None:
    rng = np.random.default_rng(8)
    low = (rng.random((8, 10, 3)) * 255).astype(np.uint8)
    picture = Image.fromarray(low).resize((160, 128), Image.Resampling.BICUBIC)
    data = mask((40, 40, 110, 110), (160, 128))
    seen: list[float] = []
    out = repaint_picture(picture, data, new, 1, progress=seen.append)
    before, after = np.asarray(picture).astype(int), np.asarray(out).astype(int)
    far = away(data) > reach(160, 128)
    assert np.array_equal(after[far], before[far])
    assert np.abs(after - before)[~far].mean() > 2
    assert (seen[0], seen[-1]) == (0.0, 1.0)
    assert seen == sorted(seen)
    assert np.array_equal(after, np.asarray(repaint_picture(picture, data, new, 1)))


def test_a_hole_is_filled_as_its_rows_go_on() -> None:
    rows = np.linspace(0, 1, 96, dtype=np.float32)
    picture = np.repeat(np.repeat(rows[:, None, None], 96, 1), 3, 2)
    hole = np.zeros((96, 96), bool)
    hole[30:70, 30:70] = True
    spoiled = np.where(hole[..., None], np.float32(0.9), picture)
    assert np.abs(filled(spoiled, hole) - picture)[hole].max() < 0.06


@pytest.mark.parametrize("pattern", ["checkers", "slanted stripes", "bricks"])
def test_a_pattern_goes_on_through_a_hole(pattern: str) -> None:
    y, x = np.mgrid[:96, :96]
    light = {
        "checkers": (x // 12 + y // 12) % 2 > 0,
        "slanted stripes": (x + y // 2) % 12 < 6,
        "bricks": (y % 12 < 2) | ((x + y // 12 % 2 * 12) % 24 < 2),
    }[pattern]
    picture = np.repeat(np.where(light, 0.8, 0.3)[..., None], 3, axis=2).astype(np.float32)
    hole = np.zeros((96, 96), bool)
    hole[31:65, 28:67] = True
    found = filled(np.where(hole[..., None], np.float32(0.5), picture), hole)
    # What the rows alone would tell is wrong in half of the hole, or grey all over.
    assert (np.abs(found - picture)[hole] > 0.15).mean() < 0.12


@pytest.mark.parametrize(
    ("size", "hole"),
    [((40, 200), np.s_[:, 60:140]), ((9, 9), np.s_[3:5]), ((64, 64), np.s_[:60]),
     ((8, 150), np.s_[:, 5:140]), ((120, 90), np.s_[50:, 40:])],
)  # fmt: skip
def test_a_hole_of_any_shape_is_filled_with_colours_of_the_rest(
    size: tuple[int, int], hole: Any
) -> None:
    rng = np.random.default_rng(2)
    picture = (0.3 + 0.1 * rng.random((*size, 3))).astype(np.float32)
    covered = np.zeros(size, bool)
    covered[hole] = True
    found = filled(np.where(covered[..., None], np.float32(0.9), picture), covered)
    assert np.array_equal(found[~covered], picture[~covered])
    assert 0.1 < found.min() <= found.max() < 0.6


def bomb(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "error", "sentence"),
    [
        (b"", UnreadableMask, "PNG or WebP"),
        (b"no picture", UnreadableMask, "PNG or WebP"),
        (mask()[:90], UnreadableMask, "PNG or WebP"),
        (bomb(60000, 60000), UnreadableMask, "too many pixels"),
        (bomb(9000, 9000), UnreadableMask, "too many pixels"),
        (mask(size=(64, 128), box=(1, 1, 9, 9)), MaskOfAnotherSize, "64 x 128"),
        (mask(kind="JPEG"), UnreadableMask, "PNG or WebP"),
        (b"\0" * (10 * 1024 * 1024 + 1), HeavyMask, "10 MB"),
    ],
)
def test_a_mask_that_cannot_be_used_is_refused(
    data: bytes, error: type[MaskRefused], sentence: str
) -> None:
    scene = compose("a cat", seed=1)
    for size in (SIZE, None):
        with pytest.raises(error, match=sentence):
            repaint(scene, data, "a dog", 1, size=size)
    with pytest.raises(error, match=sentence):
        repaint_picture(Image.new("RGB", SIZE), data, "a dog", 1)


def test_a_black_mask_is_refused() -> None:
    out = io.BytesIO()
    Image.new("L", SIZE, 0).save(out, "WEBP")
    with pytest.raises(EmptyMask, match="black"):
        repaint(compose("a cat", seed=1), out.getvalue(), "a dog", 1)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_both_kinds_of_file_are_read_alike(kind: str) -> None:
    found = read_mask(mask(kind=kind), SIZE)
    assert found[80, 90]
    assert not found[5, 5]
    assert np.array_equal(found, read_mask(mask()))


def test_a_mask_of_sixteen_bits_is_white_from_its_middle_on() -> None:
    ramp = np.linspace(0, 65535, 64).astype(np.uint16)[None].repeat(16, axis=0)
    out = io.BytesIO()
    Image.fromarray(ramp).save(out, "PNG")
    white = read_mask(out.getvalue())
    assert not white[:, :31].any()
    assert white[:, 33:].all()


def test_transparent_parts_of_a_mask_are_black() -> None:
    clear = Image.new("RGBA", SIZE, (255, 255, 255, 0))
    clear.paste((255, 255, 255, 255), (10, 10, 30, 30))
    out = io.BytesIO()
    clear.save(out, "PNG")
    found = read_mask(out.getvalue())
    assert found.sum() == 400


def test_a_white_mask_paints_the_whole_picture() -> None:
    scene = compose("a cat in a meadow", seed=5)
    whole = repaint(scene, mask((0, 0, 127, 127)), "a dog", 1)
    names = {thing.name for thing in whole.patches[0].scene.things}
    assert ("dog" in names, "cat" in names) == (True, False)
    picture = render(scene, *SIZE)
    assert repaint_picture(picture, mask((0, 0, 127, 127)), "a dog", 1).size == SIZE


@given(st.integers(1, 900), st.integers(1, 900), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_a_packed_mask_is_short_and_says_the_same(width: int, height: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    coarse = (rng.random((4, 4)) < 0.4).astype(np.uint8)
    coarse[1, 1] = 1
    white = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_NEAREST) > 0
    if not white.any():
        white[0, 0] = True
    found = unpack(pack(white))
    assert found.any()
    assert len(pack(white)) < 4000
    back = cv2.resize(found.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
    scaled = max(width, height) > KEPT  # then each edge of the mask may move by half a pixel or so
    assert (back != white).mean() <= (0.02 + 2.5 / min(width, height) if scaled else 0.0)


@pytest.mark.parametrize("text", ["", "4x4:", "x", "9999x9999:abc", "4x4:####", "-1x4:00"])
def test_a_spoiled_stored_mask_is_refused(text: str) -> None:
    with pytest.raises(PictureError, match="mask"):
        unpack(text)


@pytest.mark.parametrize(("prompt", "seed"), [("x" * 7000, 1), ("a cat", "one"), (None, 1)])
def test_bad_prompts_and_seeds_are_refused(prompt: Any, seed: Any) -> None:
    scene = compose("a cat", seed=1)
    with pytest.raises(PictureError, match=r"\.$"):
        repaint(scene, mask(), prompt, seed)
    with pytest.raises(PictureError, match=r"\.$"):
        repaint_picture(Image.new("RGB", SIZE), mask(), prompt, seed)


@pytest.mark.parametrize("prompt", ["a cat in a meadow", "a castle at sunset, oil painting"])
def test_a_remaster_keeps_the_layout_and_has_more_detail(prompt: str) -> None:
    scene = compose(prompt, seed=5)
    finer = remaster(scene, 1)
    assert (finer.things, finer.light, finer.seed) == (scene.things, scene.light, scene.seed)
    before, after = pixels(scene, (192, 192)) / 255, pixels(finer, (192, 192)) / 255
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.93
    fine = [p - cv2.GaussianBlur(p, (0, 0), 6) for p in (before, after)]
    assert fine[1].std() > 1.04 * fine[0].std()
    assert np.abs(before - after).mean() > 0.01
    with pytest.raises(PictureError, match="seed"):
        remaster(scene, "x")  # type: ignore[arg-type]


@pytest.mark.parametrize("strength", ["subtle", "strong"])
def test_another_prompt_takes_the_place_of_the_old_one(strength: Any) -> None:
    scene = compose("a cat in a meadow", seed=5)
    remixed = vary(scene, strength, 1, prompt="a dog in a meadow at night, watercolor")
    assert remixed.things[0].name == "dog"
    assert (remixed.place, remixed.style, remixed.light.time) == ("meadow", "watercolor", "night")
    if strength == "subtle":
        assert abs(remixed.things[0].x - scene.things[0].x) < 0.05
    beach = vary(scene, strength, 1, prompt="a cat on the beach")
    assert (beach.place, beach.things[0].name, beach.style) == ("beach", "cat", scene.style)
    assert vary(scene, strength, 1, prompt=scene.prompt) == vary(scene, strength, 1)


def test_a_part_that_is_wholly_painted_over_is_forgotten() -> None:
    scene = compose("a cat in a meadow", seed=5)
    once = repaint(scene, mask((20, 20, 60, 60)), "an apple", 1)
    again = repaint(once, mask((10, 10, 80, 80)), "a balloon", 2)
    assert len(again.patches) == 1
    for k in range(24):
        scene = repaint(scene, mask((4 * k, 4, 4 * k + 12, 20)), "", k)
    with pytest.raises(PictureError, match="too many parts"):
        repaint(scene, mask((4, 60, 60, 90)), "an apple", 1)


@pytest.mark.parametrize(
    "window", [[0, 0, 1e9, 1], [0, 0, 0, 1], [0, float("nan"), 1, 1], [1e99] * 4]
)
def test_a_stored_patch_out_of_all_bounds_is_refused(window: list[float]) -> None:
    data = json.loads(repaint(compose("a cat", seed=1), mask(), "a dog", 1).to_json())
    data["patches"][0]["window"] = window
    with pytest.raises(PictureError, match="stored scene"):
        Scene.from_json(json.dumps(data))
