"""The camera: its path through a clip, and where it makes each pixel come from.

A pose is (forward, sideways, up, advance) in units of the frame's height at the subject's distance;
`advance` is how far the subject itself has gone. With the camera moved forward by a and sideways by
b, what has the nearness q and is seen at x was at (x + b q) / (1 + a q) before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diorama.noise import Field, generator

from .depth import MOST

Pose = tuple[float, float, float, float]
REST: Pose = (0.0, 0.0, 0.0, 0.0)
TRIES = 60  # a tall, narrow frame without room round it needs some forty


@dataclass(frozen=True)
class Lens:
    """The frame and the larger set it looks at, in pixels; (vx, vy) is the vanishing point."""

    width: int
    height: int
    margin_x: int
    margin_y: int
    vx: float
    vy: float

    def matrix(self, pose: Pose, near: float) -> Field:
        """Return the (2, 3) matrix from a pixel of the frame to one of the set."""
        scale = 1 / (1 + pose[0] * near)
        x = (pose[1] * near * self.height - self.vx) * scale + self.vx + self.margin_x
        y = (pose[2] * near * self.height - self.vy) * scale + self.vy + self.margin_y
        return np.asarray([[scale, 0, x], [0, scale, y]], np.float64)

    def maps(self, pose: Pose, near: Field) -> tuple[Field, Field]:
        """Return the (x, y) of the set that each pixel of the frame shows; near is a field."""
        scale = 1 / (1 + pose[0] * near)
        columns = np.arange(self.width, dtype=np.float32) - self.vx
        rows = (np.arange(self.height, dtype=np.float32) - self.vy)[:, None]
        x = (near * (pose[1] * self.height) + columns) * scale
        y = (near * (pose[2] * self.height) + rows) * scale
        x += self.vx + self.margin_x
        y += self.vy + self.margin_y
        return np.asarray(x, np.float32), np.asarray(y, np.float32)

    def allowed(self, pose: Pose) -> Pose:
        """Return a pose to strive for: without room round the frame one can only go closer."""
        if self.margin_x:
            return pose
        return (max(abs(pose[0]), 0.08), pose[1], pose[2], pose[3])

    def inside(self, pose: Pose) -> bool:
        """Tell whether the frame shows nothing beyond the set, at any nearness."""
        for near in (0.0, 0.3, 0.7, 1.0, 1.35, MOST):
            matrix = self.matrix(pose, near)
            low = matrix @ np.asarray([0.0, 0.0, 1.0])
            high = matrix @ np.asarray([self.width - 1.0, self.height - 1.0, 1.0])
            right = self.width + 2 * self.margin_x - 1
            bottom = self.height + 2 * self.margin_y - 1
            if min(low) < -0.01 or high[0] > right + 0.01 or high[1] > bottom + 0.01:
                return False
        return True


def goal(
    seed: int, motion: str, *, closed: bool = False, aside: float = 0.0, way: float = 0.0
) -> Pose:
    """Return where the camera is bound for: each seed has its own way of looking.

    `aside` is how far the subject stands from the middle and `way` how far it goes, in heights of
    the frame: the camera tends to bring it to the middle and goes along with it.
    """
    if motion == "low":
        return REST
    rng = generator("camera", seed)
    kind = int(rng.integers(5))
    side = 1.0 if rng.random() < 0.5 else -1.0
    strength = 0.8 + 0.4 * float(rng.random())
    forward, across, up = (
        (0.24, 0.02, 0.0), (0.13, 0.10, 0.0), (0.05, 0.12, -0.01), (-0.09, 0.03, 0.0),
        (0.17, 0.05, -0.03),
    )[kind]  # fmt: skip
    if closed:
        forward, across = abs(forward) * 0.7, max(across, 0.05) * 0.8
    if abs(aside) > 0.05 and rng.random() < 0.8:
        side = 1.0 if aside > 0 else -1.0
    across = across * side * strength + 0.65 * way * (not closed)
    return (forward * strength, across, up * strength, 1.0)


def path(
    lens: Lens,
    start: Pose,
    speed: Pose,
    end: Pose,
    frames: int,
    fps: int,
    *,
    settle: float = 0.8,
    fixed: bool = False,
) -> list[Pose]:
    """Return the poses of `frames` frames and of the one after, from start to end.

    `speed` is the pose's change a second at the start; at the end it is `settle` of the mean one.
    The end (unless it is fixed) and the speed are drawn in until no frame looks beyond the set.
    """
    seconds = frames / fps
    t = np.linspace(0, 1, frames + 1)[:, None]
    target = np.asarray(lens.allowed(end), np.float64)
    origin, pace = np.asarray(start, np.float64), np.asarray(speed, np.float64) * seconds
    poses: list[Pose] = []
    for _ in range(TRIES):
        leave = (target - origin) * settle
        poses = _poses(_hermite(t, origin, pace, target, leave))
        if all(lens.inside(pose) for pose in poses):
            return poses
        if not fixed:
            target = origin + (target - origin) * np.asarray([0.9, 0.82, 0.82, 1.0])
        pace = pace * np.asarray([0.9, 0.8, 0.8, 1.0])
    return poses


def orbit(lens: Lens, reach: Pose, frames: int) -> list[Pose]:
    """Return the poses of a closed round that begins and ends at rest; the last is the first."""
    t = np.linspace(0, 2 * np.pi, frames + 1)[:, None]
    swing = (1 - np.cos(t)) / 2
    wave = np.hstack([swing, np.sin(t) if lens.margin_x else swing, swing, np.sin(t)])
    size = np.asarray(lens.allowed(reach), np.float64)
    poses: list[Pose] = []
    for _ in range(TRIES):
        poses = _poses(wave * size)
        if all(lens.inside(pose) for pose in poses):
            break
        size = size * np.asarray([0.95, 0.82, 0.82, 1.0])
    return poses


def _hermite(t: Field, a: Field, pace: Field, b: Field, leave: Field) -> Field:
    t2, t3 = t * t, t * t * t
    return np.asarray(
        a * (2 * t3 - 3 * t2 + 1) + pace * (t3 - 2 * t2 + t) + b * (3 * t2 - 2 * t3)
        + leave * (t3 - t2)
    )  # fmt: skip


def _poses(rows: Field) -> list[Pose]:
    return [(float(r[0]), float(r[1]), float(r[2]), float(r[3])) for r in rows]
