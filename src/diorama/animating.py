"""Animating: a few seconds of film from a scene or a picture, and more seconds after them."""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Literal

import cv2
from PIL import Image

from .clips import MOST_FRAMES, Clip, decode, encode, facts, last_frame
from .motion.camera import REST, Pose, goal, orbit, path
from .motion.crossing import Crossing
from .motion.film import Film
from .motion.snapshots import take_apart
from .motion.unfolding import Setting, unfold, unfolds
from .noise import Field, seed_of
from .progress import Report
from .rendering import check_size, give_back_memory, render
from .scene import PictureError, Scene

Source = Scene | Image.Image
Motion = Literal["low", "high"]
EXTENSION = 4.0
UNFOLDING = 0.25  # of a clip's time
EASE = 0.8  # seconds in which one way of moving gives way to the next


@dataclass(frozen=True)
class State:
    """Where a clip ends, so that `extend` can go on: a scene, its clock, camera and figures.

    `clock` counts turns of `period` seconds; `speed` is the pose's change a second. A clip of a
    picture has no scene: its last frame is then the picture that goes on.
    """

    scene: str
    width: int
    height: int
    fps: int
    frames: int
    seed: int
    motion: str
    period: float
    clock: float
    pose: Pose
    speed: Pose
    version: int = 1

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> State:
        """Read what `to_json` wrote; PictureError for anything else."""
        try:
            data = json.loads(text)
            for name in ("pose", "speed"):
                a, b, c, d = (float(value) for value in data[name])
                data[name] = (a, b, c, d)
            state = cls(**data)
            numbers = (state.clock, state.period, *state.pose, *state.speed)
            fine = all(math.isfinite(v) for v in numbers) and state.period > 0
            if state.version != 1 or not fine or state.motion not in ("low", "high"):
                raise ValueError("unknown version or motion")
        except (ValueError, KeyError, TypeError) as error:
            raise PictureError("The clip's state cannot be read.") from error
        return state


def animate(
    source: Source,
    motion: Motion,
    *,
    width: int,
    height: int,
    seed: int,
    loop: bool = False,
    end: Source | None = None,
    seconds: float = 5.0,
    fps: int = 24,
    progress: Report | None = None,
) -> Clip:
    """Return a clip that begins as `source` is painted at rest.

    low moves light, water, weather and plants; high moves the camera and the subject too. With
    `loop` the last frame leads to the first; with `end` the clip ends at that scene or picture.
    `progress` is called with 0..1; whatever it raises ends the work. Raises PictureError for
    odd sizes and sizes, lengths, rates or motions that are not to be had.
    """
    _check(motion, width, height, seed, seconds, fps)
    if loop and end is not None:
        raise PictureError("A clip can either loop or end at another picture, not both.")
    report = progress or (lambda _: None)
    count = round(seconds * fps)
    with _one_thread():
        share = UNFOLDING / (2 if end is not None else 1)
        setting = _setting(source, width, height, lambda part: report(part * share))
        film = Film(setting, seed, motion == "high", count / fps, loop)
        poses = _poses(film, motion, seed, count, fps)
        last, frames = source, _straight(film, poses, count)
        if end is not None:
            other = _setting(end, width, height, lambda part: report((1 + part) * share))
            frames = _crossed(film, poses, other, motion, seed, count, fps)
            last, poses = end, [REST, REST]
        state = State(
            last.to_json() if isinstance(last, Scene) else "", width, height, fps, count, seed,
            motion, count / fps, 1.0 if end is None else 0.0, poses[-1], _speed(poses, fps),
        )  # fmt: skip
        return _clip(frames, state, report, count)


def extend(
    state: str, video: bytes, motion: Motion, *, seed: int, loop: bool = False,
    seconds: float = EXTENSION, progress: Report | None = None,
) -> Clip:  # fmt: skip
    """Return the clip of `state` and `video` followed by some seconds more, without a jump.

    The earlier part's packets are carried over as they are. With `loop` the new end leads to the
    beginning of the whole. Raises PictureError for a state or a video that cannot be read or do not
    belong together.
    """
    was, known = State.from_json(state), facts(video)
    _check(motion, was.width, was.height, seed, seconds, was.fps)
    if (known.width, known.height, known.frames) != (was.width, was.height, was.frames):
        raise PictureError("The video and the clip's state do not belong together.")
    count = round(seconds * was.fps)
    if was.frames + count > MOST_FRAMES:
        raise PictureError(f"A clip cannot be longer than {MOST_FRAMES // was.fps} seconds.")
    report = progress or (lambda _: None)
    with _one_thread():
        source: Source = Image.fromarray(last_frame(video), "RGB")
        if was.scene:
            source = Scene.from_json(was.scene)
        setting = _setting(source, was.width, was.height, lambda part: report(part * UNFOLDING))
        first = next(decode(video))
        film = Film(setting, was.seed, motion == "high", was.period)
        poses = _onward(film, was, motion, seed, count, loop)
        clocks = _clocks(was, count, loop)
        film.before = Film(setting, was.seed, was.motion == "high", was.period).movers
        frames = _going_on(film, poses, clocks, was.fps)
        if not was.scene and loop:
            other = take_apart(Image.fromarray(first, "RGB"), was.width, was.height)
            frames = _crossed(film, poses, other, motion, seed, count, was.fps)
        now = State(
            was.scene, was.width, was.height, was.fps, was.frames + count, was.seed, motion,
            was.period, clocks[-1], poses[-1], _speed(poses, was.fps),
        )  # fmt: skip
        return _clip(frames, now, report, count, video)


def _check(motion: str, width: int, height: int, seed: int, seconds: float, fps: int) -> None:
    if motion not in ("low", "high"):
        raise PictureError('The motion of a clip must be "low" or "high".')
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise PictureError("A seed must be a whole number.")
    check_size(width, height)
    if width % 2 or height % 2:
        raise PictureError("A clip must be an even number of pixels wide and high.")
    if not (isinstance(fps, int) and 1 <= fps <= 60):
        raise PictureError("A clip must have 1 to 60 frames a second.")
    if not (math.isfinite(seconds) and 2 <= round(seconds * fps) <= MOST_FRAMES):
        raise PictureError(f"A clip must have 2 to {MOST_FRAMES} frames.")


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let OpenCV work in the caller's thread only: painters run side by side in processes."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)
        give_back_memory()


# The clips of one job show one scene under several seeds: it is unfolded once.
_settings: OrderedDict[tuple[str, int, int], Setting] = OrderedDict()
KEPT = 2


def _setting(source: Source, width: int, height: int, report: Report) -> Setting:
    if not isinstance(source, Scene):
        setting = take_apart(source, width, height)
    else:
        key = (source.to_json(), width, height)
        found = _settings.get(key)
        if found is not None:
            setting = found
        elif unfolds(source):
            setting = unfold(source, width, height, report)
        else:
            picture = render(source, width, height, progress=report)
            setting = take_apart(picture, width, height, level=True)
        _settings[key] = setting
        while len(_settings) > KEPT:
            _settings.popitem(last=False)
    report(1.0)
    return setting


def _poses(film: Film, motion: str, seed: int, count: int, fps: int) -> list[Pose]:
    lens = film.setting.lens
    aim = goal(seed, motion, closed=film.closed, aside=film.aside, way=film.way)
    if film.closed:
        return orbit(lens, aim, count)
    start = tuple(0.5 * value * fps / count for value in aim)
    return path(lens, REST, (start[0], start[1], start[2], start[3]), aim, count, fps)


def _onward(film: Film, was: State, motion: str, seed: int, count: int, loop: bool) -> list[Pose]:
    """Return the poses that carry on from a state, with its speed at first."""
    lens = film.setting.lens
    start, speed = was.pose, was.speed
    if not was.scene:
        start = REST
    if loop:
        return path(lens, start, speed, REST, count, was.fps, fixed=True)
    coast = 0.25 * count / was.fps
    rest = [a + v * coast for a, v in zip(start, speed, strict=True)]
    aim = (rest[0], rest[1], rest[2], rest[3])
    if motion == "low":
        return path(lens, start, speed, aim, count, was.fps, settle=0.0)
    a, b, c, d = goal(seed, motion, aside=film.aside, way=film.way * (1 + start[3]))
    near = 0.5 if start[0] > 0.25 else 1.0  # once close, it looks about instead of going closer
    return path(lens, start, speed, (start[0] + a * near, b, c, start[3] + d), count, was.fps)


def _clocks(was: State, count: int, loop: bool) -> list[float]:
    """Return the clock at each frame; a loop hurries it so that it ends with a whole turn."""
    turns = count / was.fps / was.period
    extra = 0.0
    if loop:
        extra = max(1.0, round(was.clock + turns)) - was.clock - turns
        if turns + extra < 0.6 * turns:
            extra += 1.0
    parts = [index / count for index in range(count + 1)]
    return [was.clock + turns * t + extra * t * t * (3 - 2 * t) for t in parts]


def _speed(poses: list[Pose], fps: int) -> Pose:
    a, b = poses[-2], poses[-1]
    return ((b[0] - a[0]) * fps, (b[1] - a[1]) * fps, (b[2] - a[2]) * fps, (b[3] - a[3]) * fps)


def _straight(film: Film, poses: list[Pose], count: int) -> Iterator[Field]:
    for index in range(count):
        yield film.frame(index / count, poses[index])


def _going_on(film: Film, poses: list[Pose], clocks: list[float], fps: int) -> Iterator[Field]:
    for index in range(len(poses) - 1):
        t = min(1.0, index / (EASE * fps))
        yield film.frame(clocks[index], poses[index], t * t * (3 - 2 * t))


def _crossed(
    film: Film, poses: list[Pose], other: Setting, motion: str, seed: int, count: int, fps: int
) -> Iterator[Field]:
    """Yield frames that begin in a film and end with another setting at rest."""
    second = Film(other, seed, motion == "high", film.seconds)
    arrival = _poses(second, motion, seed_of("arrival", seed), count, fps)[:count]
    crossing = Crossing.of(film.frame(0.0), second.frame(0.0), seed)
    for index in range(count):
        t = index / (count - 1)
        part = min(1.0, max(0.0, (t - 0.3) / 0.5))
        first = film.frame(index / count, poses[index]) if part < 1 else None
        then = second.frame(t - 1, arrival[count - 1 - index]) if part > 0 else None
        if first is not None and then is not None:
            yield crossing.mix(first, then, part * part * (3 - 2 * part))
        elif first is not None:
            yield first
        elif then is not None:
            yield then


def _clip(
    frames: Iterator[Field], state: State, report: Report, count: int,
    earlier: bytes | None = None,
) -> Clip:  # fmt: skip
    poster: list[Field] = [next(decode(earlier))] if earlier is not None else []

    def watched() -> Iterator[Field]:
        for index, frame in enumerate(frames):
            if not poster:
                poster.append(frame)
            report(UNFOLDING + (1 - UNFOLDING) * index / count)
            yield frame

    video = encode(watched(), state.width, state.height, state.fps, earlier)
    report(1.0)
    return Clip(
        video, state.width, state.height, state.frames, state.fps, state.to_json(),
        Image.fromarray(poster[0], "RGB"),
    )  # fmt: skip
