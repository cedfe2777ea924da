"""The embedded painter's clips: their file, their motion, their ends, and what comes after."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from diorama import (
    Clip,
    PictureError,
    Scene,
    animate,
    animation,
    compose,
    extend,
    reframe,
    render,
    repaint,
)
from diorama.clips import decode, facts
from diorama.motion.camera import REST, Lens, goal, orbit, path
from diorama.motion.film import Film
from diorama.motion.unfolding import Setting, unfold

Frames = NDArray[Any]
SEA = "a sailing boat on the sea at sunset"
WIDTH, HEIGHT = 160, 96


def scene(prompt: str = SEA, seed: int = 3) -> Scene:
    return compose(prompt, seed=seed, aspect=(5, 3))


def clip(motion: Any = "low", *, seconds: float = 0.5, seed: int = 5, **options: Any) -> Clip:
    source = options.pop("source", None) or scene()
    options = {"width": WIDTH, "height": HEIGHT, "seed": seed, "seconds": seconds, **options}
    return animate(source, motion, **options)


def frames(video: bytes) -> Frames:
    return np.stack([np.asarray(frame, np.float32) / 255 for frame in decode(video)])


def between(a: Frames, b: Frames) -> float:
    return float(np.abs(a - b).mean())


def steps(film: Frames) -> list[float]:
    return [between(a, b) for a, b in itertools.pairwise(film)]


def test_a_clip_is_what_a_browser_plays() -> None:
    made = clip(fps=12)
    with av.open(io.BytesIO(made.video), "r") as film:
        assert len(film.streams) == 1
        stream = film.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
        assert (context.width, context.height) == (WIDTH, HEIGHT)
        assert stream.average_rate == 12
        assert len(list(film.decode(video=0))) == made.frames == 6
    assert made.video.index(b"moov") < made.video.index(b"mdat")
    assert made.poster.size == (WIDTH, HEIGHT)
    assert made.seconds == 0.5


def test_the_same_arguments_give_the_same_bytes_and_another_seed_another_film() -> None:
    one, two, other = clip("high"), clip("high"), clip("high", seed=6)
    assert one == two
    assert one.video != other.video
    assert between(frames(one.video)[-1], frames(other.video)[-1]) > 0.01


@pytest.mark.parametrize(
    "prompt",
    [
        SEA,
        "a fox in the forest at dawn",
        "a rocket in space",
        "a robot in a library",
        "a rose, oil",
    ],
)
def test_a_clip_begins_as_the_picture_and_high_moves_more_than_low(prompt: str) -> None:
    source = scene(prompt)
    picture = np.asarray(render(source, WIDTH, HEIGHT), np.float32) / 255
    low, high = (frames(clip(m, source=source, seconds=1.0).video) for m in ("low", "high"))
    assert between(low[0], picture) < 0.05  # a medium's strokes may lie elsewhere
    moved, much = between(low[0], low[12]), between(high[0], high[-1])
    assert moved > 0.001
    assert much > 1.5 * between(low[0], low[-1])
    assert max(steps(high)) < 0.06


def _repainted() -> Scene:
    mask = np.zeros((60, 100), np.uint8)
    mask[8:30, 50:90] = 255
    stored = io.BytesIO()
    Image.fromarray(mask).save(stored, "PNG")
    return repaint(scene("a cat in a meadow"), stored.getvalue(), "a red balloon", 3)


SPECIAL: dict[str, Callable[[], Scene]] = {
    "repainted": _repainted,
    "wider": lambda: reframe(scene("a cat in a meadow"), zoom=1.5),
    "pattern": lambda: compose("a cat", seed=1, aspect=(5, 3), parameters={"tile": True}),
    "glass": lambda: scene("a castle on a hill, stained glass"),
    "blurred": lambda: scene("a cat in a meadow, bokeh"),
    "bulging": lambda: scene("a castle, fisheye"),
    "woodblock": lambda: scene("a pirate ship on the ocean, woodblock"),
}


@pytest.mark.parametrize("kind", SPECIAL)
def test_scenes_of_every_making_begin_as_their_picture(kind: str) -> None:
    source = SPECIAL[kind]()
    picture = np.asarray(render(source, WIDTH, HEIGHT), np.float32) / 255
    film = frames(clip("high", source=source).video)
    assert between(film[0], picture) < 0.08
    assert between(film[0], film[-1]) > 0.002


def test_a_loop_ends_where_it_begins() -> None:
    for motion in ("low", "high"):
        film = frames(clip(motion, loop=True, seconds=1.0).video)
        assert between(film[0], film[-1]) < 1.6 * max(steps(film)) + 0.005


@pytest.mark.parametrize("kind", ["scene", "picture"])
def test_a_clip_ends_at_the_picture_asked_for(kind: str) -> None:
    last = scene("a cabin in the snow at night")
    picture = render(last, WIDTH, HEIGHT)
    made = clip(end=last if kind == "scene" else picture, seconds=1.0)
    film = frames(made.video)
    there = np.asarray(picture, np.float32) / 255
    assert between(film[-1], there) < 0.04
    assert between(film[0], there) > 0.1
    assert max(steps(film)) < 0.5 * between(film[0], there)
    assert bool(json.loads(made.state)["scene"]) == (kind == "scene")


@pytest.mark.parametrize("loop", [False, True])
def test_more_seconds_follow_without_a_jump_and_leave_the_old_ones_alone(loop: bool) -> None:
    first = clip("high", seconds=1.0)
    longer = extend(first.state, first.video, "low", seed=9, seconds=1.0, loop=loop)
    old, film = frames(first.video), frames(longer.video)
    assert len(film) == longer.frames == 48
    assert np.array_equal(film[:24], old)
    assert steps(film)[23] < 2.5 * max(steps(old)) + 0.01
    assert longer.poster.size == first.poster.size
    if loop:
        assert between(film[0], film[-1]) < 0.5 * between(film[0], film[24])


def test_a_clip_of_a_picture_goes_on_from_its_last_frame() -> None:
    first = clip("high", source=render(scene(), 200, 200), seconds=0.5)
    longer = extend(first.state, first.video, "high", seed=2, seconds=0.5)
    film = frames(longer.video)
    assert len(film) == 24
    assert steps(film)[11] < 0.05
    assert json.loads(longer.state)["scene"] == ""


def test_a_clip_of_another_encoder_is_carried_on_all_the_same() -> None:
    first = clip(seconds=0.5)
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as out:
        stream = out.add_stream("mpeg4", rate=24)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for pixels in decode(first.video):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        out.mux(stream.encode(None))
    longer = extend(first.state, target.getvalue(), "low", seed=1, seconds=0.25)
    assert facts(longer.video).frames == 18


@pytest.mark.parametrize("count", [1, 2, 4])
def test_clips_become_one_animated_webp(count: int) -> None:
    made = clip(seconds=1.0)
    seen: list[float] = []
    data = animation([made] * count, fps=12, side=200, progress=seen.append)
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.format == "WEBP"
        assert getattr(picture, "n_frames", 0) == 12
        assert picture.info["loop"] == 0
        wide = WIDTH if count == 1 else 200
        tall = {1: HEIGHT, 2: HEIGHT * 100 // WIDTH, 4: 2 * (HEIGHT * 100 // WIDTH)}[count]
        assert picture.size == (wide, tall)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_progress_rises_to_one_and_may_cancel() -> None:
    seen: list[float] = []
    clip(progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0

    class Cancelled(Exception):
        pass

    def stop(done: float) -> None:
        if done > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        clip(progress=stop)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"width": 161}, "even number"),
        ({"width": 32}, "64 to"),
        ({"width": 2000, "height": 64}, "four times"),
        ({"seconds": 0.0}, "2 to 1200 frames"),
        ({"seconds": float("nan")}, "2 to 1200 frames"),
        ({"fps": 0}, "1 to 60 frames"),
        ({"motion": "wild"}, '"low" or "high"'),
        ({"seed": "one"}, "whole number"),
        ({"loop": True, "end": scene()}, "not both"),
    ],
)
def test_what_cannot_be_filmed_says_why(options: dict[str, object], sentence: str) -> None:
    usual: dict[str, object] = {
        "motion": "low", "width": WIDTH, "height": HEIGHT, "seed": 1, "seconds": 0.2,
    }  # fmt: skip
    with pytest.raises(PictureError, match=rf"^[A-Z].*{sentence}.*\.$"):
        animate(scene(), **{**usual, **options})  # type: ignore[arg-type]


def test_what_cannot_be_carried_on_says_why() -> None:
    made = clip(seconds=0.25)
    for video in (b"", b"no film", made.video[:400]):
        with pytest.raises(PictureError, match="video cannot be read"):
            extend(made.state, video, "low", seed=1)
    for state in ("", "{}", "[]", made.state.replace('"pose"', '"nose"')):
        with pytest.raises(PictureError, match="state cannot be read"):
            extend(state, made.video, "low", seed=1)
    other = clip(seconds=0.5)
    with pytest.raises(PictureError, match="belong together"):
        extend(other.state, made.video, "low", seed=1)
    with pytest.raises(PictureError, match="longer than"):
        extend(made.state, made.video, "low", seed=1, seconds=49.9)
    with pytest.raises(PictureError, match="one to four"):
        animation([])
    with pytest.raises(PictureError, match="cannot be read"):
        animation([b"no film"])


LENSES = st.builds(
    lambda w, h, margin, x, y: Lens(
        w, h, round(w * margin), round(h * margin), w * x, h * y
    ),
    st.integers(64, 900), st.integers(64, 900), st.sampled_from([0.0, 0.1]),
    st.floats(0.25, 0.75), st.floats(0.25, 0.7),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(LENSES, st.integers(0, 2**40), st.booleans())
def test_no_way_of_the_camera_shows_what_lies_beyond_the_set(
    lens: Lens, seed: int, closed: bool
) -> None:
    aim = goal(seed, "high", closed=closed)
    poses = orbit(lens, aim, 48) if closed else path(lens, REST, REST, aim, 48, 24)
    assert poses[0] == pytest.approx(REST)
    assert all(lens.inside(pose) for pose in poses)
    if closed:
        assert poses[-1] == pytest.approx(REST)


def test_the_command_line_films(tmp_path: Path) -> None:
    from diorama.__main__ import main

    for name, kind in (("out.mp4", b"ftyp"), ("out.webp", b"WEBP")):
        out = tmp_path / name
        arguments = ["animate", "a cat", str(out), "--size", "96", "--seconds", "0.2"]
        assert main(arguments) == 0
        assert kind in out.read_bytes()[:16]
    assert main(["animate", "a cat", str(tmp_path / "x.mp4"), "--seconds", "0"]) == 2


def stir(setting: Setting, where: Frames) -> float:
    """Return how much a part of the frame changes, in bytes, while the camera rests."""
    film = Film(setting, 1, lively=False)
    film.shade = None
    rest, later = (film.frame(clock)[where].astype(np.float32) for clock in (0.0, 0.3))
    return between(rest, later)


@pytest.mark.parametrize("prompt", ["a lake at noon", "a river at noon", "a pond at sunset"])
def test_still_water_moves(prompt: str) -> None:
    setting = unfold(scene(prompt), WIDTH, HEIGHT, lambda _: None)
    assert setting.water is not None
    wet = setting.water > 0.6
    assert wet.any()
    assert stir(setting, wet) > stir(replace(setting, water=None), wet) + 0.2


def test_ice_lies_still() -> None:
    assert unfold(scene("a frozen lake at noon"), WIDTH, HEIGHT, lambda _: None).water is None


@pytest.mark.parametrize("prompt", ["a birch forest", "a jungle", "a bedroom"])
def test_leaves_overhead_and_curtains_stir(prompt: str) -> None:
    setting = unfold(scene(prompt), WIDTH, HEIGHT, lambda _: None)
    assert setting.stirred is not None
    where = setting.stirred > 0.5 * setting.stirred.max()
    assert stir(setting, where) > stir(replace(setting, stirred=None), where) + 0.2
    assert not setting.stirred[-HEIGHT // 4 :].any()


def test_a_fire_in_its_place_flickers_by_day() -> None:
    setting = unfold(scene("a fireplace in a living room, noon"), WIDTH, HEIGHT, lambda _: None)
    film = Film(setting, 1, lively=False)
    assert film.flames
