"""Film: the frames of a setting, each from its layers, a clock and a pose of the camera."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from diorama.noise import Field, fbm, seed_of

from . import acting, light, particles
from .camera import REST, Lens, Pose
from .flows import Drift, Waving, copies
from .layers import Layer
from .laying import EDGE, into, lay, lay_in_box, lay_swaying, remap, shift, warped
from .sway import Sway
from .unfolding import Setting


@dataclass
class Film:
    """Prepares all that moves in a setting; `frame` may then be asked in any order.

    `seconds` is the length of one turn of the clock; `closed` keeps walkers in their place.
    """

    setting: Setting
    seed: int
    lively: bool
    seconds: float = 5.0
    closed: bool = False
    movers: dict[int, Any] = field(default_factory=dict)
    before: dict[int, acting.Act] = field(default_factory=dict)
    flames: dict[int, tuple[float, Field]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        setting = self.setting
        self.unit = setting.frame.unit
        for index, layer in enumerate(setting.layers):
            self.movers[index] = self._mover(index, layer)
            power = light.flame_of(layer.thing, setting.night) if layer.thing else 0.0
            if power:
                self.flames[index] = (power, light.glow_of(layer.image))
        stage = setting.stage
        self.showers = particles.showers(stage, setting.frame) if stage else []
        foggy = stage is not None and not stage.inside and "fog" in stage.scene.weather
        self.fog = light.Fog.of(stage, setting.frame) if stage and foggy else None
        daylit = float(setting.ground.max()) > 0.05
        seed = seed_of("shade", self.seed)
        self.shade = light.wander(setting.frame, setting.ground, seed, 0.16) if daylit else None
        bolts = any(layer.role == "bolt" for layer in setting.layers)
        self.lightning = light.Lightning.of(self.seed, self.seconds) if bolts else None

    @property
    def aside(self) -> float:
        """How far the subject stands from the frame's middle, in heights of the frame."""
        lens = self.setting.lens
        return (lens.vx - lens.width / 2) / lens.height

    @property
    def way(self) -> float:
        """How far the largest figure goes for an advance of 1, in heights of the frame."""
        layers = self.setting.layers
        paces = [
            (layer.tall, self.movers[index].pace)
            for index, layer in enumerate(layers)
            if layer.role == "thing"
        ]
        return float(max(paces, default=(0.0, 0.0))[1] * self.unit / self.setting.lens.height)

    def _mover(self, index: int, layer: Layer) -> Any:
        """Return what moves a layer, by its role."""
        setting, seed = self.setting, seed_of("layer", self.seed, index)
        painter = setting.depth.painter
        if layer.role == "thing" and layer.thing is not None:
            act = acting.act_of(layer.thing, setting.storm, self.lively, self.seed)
            return acting.kept_in(act, layer.thing, setting.frame)
        if layer.role == "clouds":
            return Drift.of(layer, self.unit, seed, 1 if _styled(setting) else 2)
        if layer.role == "growth":
            return Sway.of(layer, self.unit, seed, 0.011 + 0.01 * setting.storm, 2)
        if layer.role == "front" and painter != "clouds":
            stiff = painter in ("cave", "skyline", "room", "studio") or _drift(setting)
            return None if stiff else Sway.of(layer, self.unit, seed, 0.12, 2)
        if layer.role == "sky" and setting.stage and setting.stage.light.stars > 0.05:
            return light.Twinkle.of(layer.image, seed, 0.9)
        if layer.role == "place":
            return self._ground(layer, seed)
        return None

    def _ground(self, layer: Layer, seed: int) -> Any:
        setting = self.setting
        if setting.water is not None and float(setting.water.max()) > 0.05:
            near = np.asarray(layer.near)
            stage = setting.stage
            flow = float(stage.spec.get("flow", 1.0)) if stage else 1.0
            return Waving.of(setting.frame, setting.water, near, setting.storm, seed, flow)
        painter = setting.depth.painter
        if setting.stirred is not None:
            return _Swirl.leaves(setting.stirred, self.unit, seed)
        if painter == "space":
            return light.Twinkle.of(layer.image, seed, 0.9, 14)
        if painter == "street" and setting.night:
            return light.Twinkle.of(layer.image, seed, 0.35, 26, 14)
        if painter in ("underwater", "abstract"):
            return _Swirl.of(setting.lens, seed, painter)
        return None

    def frame(self, clock: float, pose: Pose = REST, blend: float = 1.0) -> Field:
        """Return the frame of bytes (h, w, 3) at a clock (in turns) seen from a pose.

        `blend` < 1 mixes what the figures did `before` with what they do now.
        """
        lens = self.setting.lens
        picture = np.zeros((lens.height, lens.width, 3), np.uint8)
        for index, layer in enumerate(self.setting.layers):
            self._lay(picture, index, layer, clock, pose, blend)
        if self.lightning is not None:
            dark = 0.84 + 0.16 * self.lightning.at(clock % 1.0)
            cv2.convertScaleAbs(picture, picture, dark, 0)
        if self.shade is not None:
            self.shade.apply(picture, clock)
        if self.fog is not None:
            self.fog.apply(picture, clock)
        for shower in self.showers:
            shower(picture, clock)
        if self.setting.mat is not None:
            lay(picture, self.setting.mat)
        return picture

    def _lay(
        self, picture: Field, index: int, layer: Layer, clock: float, pose: Pose, blend: float
    ) -> None:
        mover, lens = self.movers[index], self.setting.lens
        if layer.role == "thing":
            self._lay_thing(picture, index, layer, clock, pose, blend)
        elif layer.role in ("aurora", "bolt"):
            self._lay_light(picture, layer, clock, pose)
        elif isinstance(mover, Drift):
            image = mover.at(clock)
            move = lens.matrix(pose, float(layer.near))
            move = into(move, layer.left, layer.top, mover.step)
            lay(picture, warped(image, move, lens))
        elif isinstance(mover, Sway):
            lay_swaying(picture, layer, mover.bend(clock), lens.matrix(pose, float(layer.near)))
        elif isinstance(layer.near, float):
            self._lay_flat(picture, layer, mover, clock, pose)
        else:
            self._lay_ground(picture, layer, mover, clock, pose)

    def _lay_flat(self, picture: Field, layer: Layer, mover: Any, clock: float, pose: Pose) -> None:
        near = float(layer.near)
        move = self.setting.lens.matrix(pose, near)
        if isinstance(mover, light.Twinkle):
            picture[:] = warped(mover.at(clock), move, self.setting.lens, edge=EDGE)
            return
        lay_in_box(picture, layer.image, into(move, layer.left, layer.top))

    def _lay_thing(
        self, picture: Field, index: int, layer: Layer, clock: float, pose: Pose, blend: float
    ) -> None:
        act = self.movers[index]
        advance = pose[3]
        if self.closed and (act.hop > 0 or act.turns > 8):
            advance = 0.0
        body = acting.matrix(act, layer, clock, advance, self.unit)
        if blend < 1 and index in self.before:
            old = acting.matrix(self.before[index], layer, clock, advance, self.unit)
            body = old + (body - old) * blend
        view = np.vstack([self.setting.lens.matrix(pose, float(layer.near)), [0, 0, 1]])
        move = (np.linalg.inv(body) @ view)[:2]
        move = into(move, layer.left, layer.top)
        image = layer.image
        power, glow = self.flames.get(index, (0.0, None))
        box = lay_in_box(picture, image, move)
        if glow is not None and box is not None:
            gain = (light.flicker(clock, self.seed + index) - 1) * power
            x0, y0, x1, y1 = box
            part = picture[y0:y1, x0:x1]
            lit = cv2.warpAffine(glow, shift(move, x0, y0), (x1 - x0, y1 - y0),
                                 flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)  # fmt: skip
            change = cv2.addWeighted(part, 1.0, lit, gain, 0)
            part[:] = change

    def _lay_light(self, picture: Field, layer: Layer, clock: float, pose: Pose) -> None:
        image = layer.image
        gain = 1.0
        if layer.role == "bolt" and self.lightning is not None:
            gain = self.lightning.at(clock % 1.0)
        elif layer.role == "aurora":
            image = _curtain(image, clock, self.unit, self.seed)
        move = into(self.setting.lens.matrix(pose, float(layer.near)), layer.left, layer.top)
        seen = cv2.cvtColor(warped(image, move, self.setting.lens), cv2.COLOR_RGBA2RGB)
        cv2.addWeighted(picture, 1.0, seen, gain, 0, dst=picture)

    def _lay_ground(
        self, picture: Field, layer: Layer, mover: Any, clock: float, pose: Pose
    ) -> None:
        x, y = self.setting.lens.maps(pose, np.asarray(layer.near))
        x -= layer.left
        y -= layer.top
        image = layer.image
        if isinstance(mover, light.Twinkle):
            image = np.dstack([mover.at(clock), image[..., 3]])
        if isinstance(mover, _Swirl):
            mover.stir(x, y, clock)
        if not isinstance(mover, Waving):
            lay(picture, remap(image, x, y))
            return
        dx, dy = mover.ripple(clock)
        top = mover.top
        x[top:] -= dx
        y[top:] -= dy
        (far, weight), (other, rest) = copies(clock, 2)
        still = y[top:].copy()
        y[top:] = still - mover.reach * far
        seen = remap(image, x, y)
        if rest > 0.004:
            second = remap(image, np.ascontiguousarray(x[top:]), still - mover.reach * other)
            seen[top:] = cv2.addWeighted(seen[top:], weight, second, rest, 0)
        lay(picture, seen)


@dataclass(frozen=True)
class _Swirl:
    """A slow stirring: refraction under water, ribbons that flow, leaves in the air."""

    dx: Field
    dy: Field
    phase: Field

    @classmethod
    def of(cls, lens: Lens, seed: int, painter: str) -> _Swirl:
        size = (0.014 if painter == "abstract" else 0.0026) * lens.height
        scale = 0.16 if painter == "abstract" else 0.3
        y, x = np.mgrid[0 : lens.height, 0 : lens.width].astype(np.float32) / lens.height
        fields = [fbm(x * scale + 0.3 * k, y * scale, (seed + k) & 0xFFFF, gain=0.3)
                  for k in range(3)]  # fmt: skip
        return cls(fields[0] * size * 2, fields[1] * size * 2, fields[2] * 6)

    @classmethod
    def leaves(cls, power: Field, unit: float, seed: int) -> _Swirl:
        """Return the stirring of leaves or cloth: `power` world units at each pixel."""
        y, x = np.mgrid[0 : power.shape[0], 0 : power.shape[1]].astype(np.float32) / unit
        phase = 9 * fbm(x * 0.35, y * 0.2, seed & 0xFFFF, gain=0.4) + 4 * x
        reach = np.asarray(power * unit, np.float32)
        return cls(reach, 0.3 * reach, np.asarray(phase, np.float32))

    def stir(self, x: Field, y: Field, clock: float) -> None:
        """Move the maps of a frame, in place; at rest at clock 0."""
        angle = np.float32(2 * np.pi * 2 * clock)
        wave = np.sin(angle + self.phase) - np.sin(self.phase)
        x += self.dx * wave
        y += self.dy * wave


def _styled(setting: Setting) -> bool:
    from diorama.styles import has_medium

    return setting.stage is not None and has_medium(setting.stage.scene)


def _drift(setting: Setting) -> bool:
    """Tell whether the front is a bank of snow or sand, which does not sway."""
    stage = setting.stage
    if stage is None:
        return True
    kind = str(stage.spec.get("front", ""))
    return stage.snow or kind == "drift" or setting.depth.painter in ("sea", "beach")


def _curtain(image: Field, clock: float, unit: float, seed: int) -> Field:
    """Return the aurora with its curtains waving."""
    height, width = image.shape[:2]
    x = np.arange(width, dtype=np.float32)[None, :]
    y = np.arange(height, dtype=np.float32)[:, None]
    phase = x / unit * 7 + y / unit * 2 + (seed % 7)
    angle = np.float32(4 * np.pi * clock)
    wave = np.sin(phase + angle) - np.sin(phase)
    slow = np.sin(phase * 0.37 + angle / 2) - np.sin(phase * 0.37)
    dx = np.asarray(x + unit * (0.010 * wave + 0.022 * slow), np.float32)
    dy = np.asarray(y + unit * 0.012 * slow, np.float32)
    gain = 1 + 0.22 * (np.sin(phase * 0.6 - angle) - np.sin(phase * 0.6))
    moved = cv2.remap(image, dx, dy, cv2.INTER_LINEAR, borderMode=EDGE)
    return np.asarray(np.clip(moved * gain[..., None], 0, 255), np.uint8)
