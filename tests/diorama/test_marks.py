"""Marks: scenes that travel in a picture's file, and files that only pretend."""

from __future__ import annotations

import base64
import io
import json
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from diorama import PictureError, Scene, compose, render
from diorama.marks import KEYWORD, _png_chunk, mark, recognise
from diorama.uploads import read_picture

SCENES = tuple(
    compose(prompt, seed=seed)
    for seed, prompt in enumerate(
        ["a cat in a hat", "a sailboat at night", "two red foxes in the snow", "joy, oil painting"]
    )
)
KINDS = [("PNG", {}), ("JPEG", {}), ("WEBP", {}), ("WEBP", {"lossless": True}),
         ("JPEG", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"})]  # fmt: skip


def encoded(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    noise = np.random.default_rng(3).integers(0, 255, (31, 45, 3)).astype(np.uint8)
    picture = Image.fromarray(noise).convert(mode)
    if mode == "RGBA":
        picture.putpixel((0, 0), (9, 9, 9, 80))
    picture.save(out, kind, **options)
    return out.getvalue()


def forged(text: bytes) -> bytes:
    """A PNG whose mark holds this text."""
    plain = encoded("PNG")
    return plain[:33] + _png_chunk(b"iTXt", KEYWORD + text) + plain[33:]


def packed(value: object) -> bytes:
    return base64.b64encode(zlib.compress(json.dumps(value).encode()))


@pytest.mark.parametrize(("kind", "options"), KINDS)
@pytest.mark.parametrize("count", [1, 4])
def test_what_is_marked_is_recognised(kind: str, options: dict[str, Any], count: int) -> None:
    plain = encoded(kind, **options)
    marked = mark(plain, SCENES[:count])
    assert recognise(marked) == SCENES[:count]
    assert recognise(plain) == ()
    assert read_picture(marked).tobytes() == read_picture(plain).tobytes()


def test_a_webp_with_alpha_keeps_it() -> None:
    marked = mark(encoded("WEBP", "RGBA", lossless=True), SCENES[:1])
    assert Image.open(io.BytesIO(marked)).mode == "RGBA"
    assert recognise(marked) == SCENES[:1]


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_a_second_mark_takes_the_place_of_the_first(kind: str, options: dict[str, Any]) -> None:
    once = mark(encoded(kind, **options), SCENES[:1])
    twice = mark(once, SCENES[1:2])
    assert recognise(twice) == SCENES[1:2]
    assert mark(twice, SCENES[:1]) == once


def test_a_long_mark_fills_several_segments_of_a_jpeg() -> None:
    noise = np.random.default_rng(1).bytes(90_000)
    long = replace(SCENES[0], lettering=base64.b64encode(noise).decode()[:6000])
    scenes = tuple(replace(long, prompt=long.lettering[k:]) for k in range(16))
    marked = mark(encoded("JPEG"), scenes)
    assert recognise(marked) == scenes
    read_picture(marked)


def test_only_three_formats_can_be_marked() -> None:
    with pytest.raises(PictureError, match="PNG, JPEG and WebP"):
        mark(encoded("GIF"), SCENES[:1])


def broken(path: str, value: object) -> object:
    data = json.loads(SCENES[0].to_json())
    part, keys = data, path.split(".")
    for key in keys[:-1]:
        part = part[int(key)] if key.isdigit() else part[key]
    part[keys[-1]] = value
    return data


HOSTILE = [
    broken("place", "../../etc"), broken("things.0.asset", "../../secret"),
    broken("things.0.size", -1), broken("things.0.size", "large"), broken("things.0.x", 1e30),
    broken("things.0.host", 9), broken("light.sun", "red"), broken("light.time", "never"),
    broken("camera", [0, 0, 0]), broken("aspect", [1, 900]), broken("palette", []),
    broken("things.0.body", "none"), broken("prompt", "x" * 9000), broken("extra", 1),
    broken("version", 99), broken("seed", "7"), broken("light.key", float("nan")),
    broken("grade", {"shadow": "x"}),
]  # fmt: skip


@pytest.mark.parametrize("scene", HOSTILE, ids=range(len(HOSTILE)))
def test_a_scene_that_cannot_be_is_not_believed(scene: object) -> None:
    assert recognise(forged(packed([scene]))) == ()


@pytest.mark.parametrize(
    "text",
    [
        b"", b"%%%", base64.b64encode(b"no zlib"), packed({}), packed([1]), packed(None),
        packed([json.loads(SCENES[0].to_json())] * 40),
        base64.b64encode(zlib.compress(b" " * 40_000_000)),
        base64.b64encode(zlib.compress(b"[" * 400_000)),
    ],
)  # fmt: skip
def test_a_text_that_is_no_mark_gives_nothing(text: bytes) -> None:
    assert recognise(forged(text)) == ()


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(["PNG", "JPEG", "WEBP"]), st.integers(0), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_gives_whole_scenes_or_nothing(kind: str, at: int, bits: bytes) -> None:
    data = bytearray(mark(encoded(kind), SCENES[:2]))
    at %= len(data)
    data[at : at + len(bits)] = bits
    found = recognise(bytes(data))
    assert found == () or len(found) <= 2
    assert recognise(bytes(data[:at])) in ((), SCENES[:2])


def test_a_recognised_scene_paints_the_same_picture() -> None:
    scene: Scene = SCENES[2]
    (back,) = recognise(mark(encoded("JPEG"), [scene]))
    assert render(back, 64, 64).tobytes() == render(scene, 64, 64).tobytes()
