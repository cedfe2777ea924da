"""The scene: everything a picture is made from, as frozen values that survive JSON.

A scene says what stands where, in which place, light, weather and style. It holds no pixels. All
positions are world coordinates of the base frame (see `canvas`), so a scene is the same picture at
every size.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

VERSION = 3
FARTHEST = 4096.0  # world units; a patch lies within
READABLE = (1, 2, 3)  # 1 did not keep `no` and `chaos`, 2 knew no patches and lenses


class PictureError(ValueError):
    """The picture cannot be painted; the message is a sentence for the user."""


@dataclass(frozen=True)
class Light:
    """Colours as "#rrggbb"; azimuth is the light's world x, elevation its height over the horizon.

    `key` and `fill` are strengths of direct and ambient light, `stars` 0..1, `haze` a colour and
    `mist` how soon the distance fades into it (0..1).
    """

    time: str
    zenith: str
    middle: str
    horizon: str
    sun: str
    ambient: str
    haze: str
    azimuth: float
    elevation: float
    key: float
    fill: float
    stars: float
    mist: float
    moon: bool


@dataclass(frozen=True)
class Thing:
    """One object. (x, y) is the foot point, size its height, both in world units.

    `trait` is what it is like (relations.toml: old, glowing, broken).
    `asset` names a cut-out or a generated form ("form:..."); `body` what completes it (see
    `figures`); `pose` is stand, fly, float, swim, hang or portrait. A thing with `host` >= 0 is
    fixed to that thing's `anchor` and takes its place from there; x and y are then offsets in
    units of the host's height and size is relative to the host's.
    """

    name: str
    asset: str
    x: float
    y: float
    size: float
    depth: float = 0.0
    pose: str = "stand"
    flip: bool = False
    tilt: float = 0.0
    tint: str = ""
    material: str = ""
    body: str = ""
    host: int = -1
    anchor: str = ""
    behind: bool = False
    trait: str = ""


@dataclass(frozen=True)
class Grade:
    """The tones of another picture: colours as "#rrggbb", CIE lightness and its deviation (0..100).

    `weight` 0..1 is how strongly they are taken over; see `grading`.
    """

    shadow: str
    middle: str
    light: str
    level: float
    contrast: float
    weight: float

    @property
    def tones(self) -> tuple[str, str, str]:
        return self.shadow, self.middle, self.light


@dataclass(frozen=True)
class Patch:
    """A part of the picture that is painted from a scene of its own (see `patches`).

    `window` is (left, top, width, height) in world units. An empty `mask` means a frame: the
    earlier picture, kept as it was; `beyond` is then the seed of the clouds outside of it (0: as
    the sky goes on). Otherwise `mask` is the text of `masks.pack`, laid over the window; the
    patch's scene shows where it is white.
    """

    scene: Scene
    window: tuple[float, float, float, float]
    mask: str = ""
    beyond: int = 0


@dataclass(frozen=True)
class Scene:
    """A whole picture, ready to render. `aspect` is width to height, `camera` (x, y, zoom).

    `no` and `chaos` are the parameters it was composed with: a variation must heed them too.
    `frame` is the width of the first frame in world units (0: that of `aspect`), to which all
    that is not drawn in world coordinates keeps. `detail` above 0 is the finer painting of a
    remaster. `touch` is the seed of small details apart from all else (0: that of `seed`).
    """

    prompt: str
    seed: int
    aspect: tuple[int, int]
    place: str
    variant: int
    horizon: float
    weather: tuple[str, ...]
    style: str
    light: Light
    palette: tuple[str, ...]
    things: tuple[Thing, ...]
    subject: str = ""
    lettering: str = ""
    camera: tuple[float, float, float] = (0.0, 0.5, 1.0)
    stylize: int = 100
    weird: int = 0
    raw: bool = False
    tile: bool = False
    no: str = ""
    chaos: int = 0
    frame: float = 0.0
    detail: int = 0
    touch: int = 0
    patches: tuple[Patch, ...] = ()
    grade: Grade | None = None
    lens: tuple[str, ...] = ()
    motif: str = ""
    version: int = VERSION

    def to_json(self) -> str:
        """Return the scene as JSON text; equal scenes give equal text."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Scene:
        """Read what `to_json` wrote, now or in an older version.

        Raises PictureError when the text is no scene or comes from a version not known here.
        """
        try:
            data = json.loads(text)
            if data["version"] not in READABLE:
                raise PictureError("This picture was made by another version of the painter.")
            return _scene(data)
        except PictureError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise PictureError("The stored scene of this picture cannot be read.") from error


def _only(kind: type, data: dict[str, Any]) -> dict[str, Any]:
    known = {item.name for item in fields(kind)}
    if set(data) - known:
        raise ValueError("unknown fields")
    return data


def _scene(data: dict[str, Any]) -> Scene:
    values = dict(_only(Scene, data), version=VERSION)
    values["aspect"] = (int(data["aspect"][0]), int(data["aspect"][1]))
    values["camera"] = tuple(float(v) for v in data["camera"])
    for name in ("weather", "palette"):
        values[name] = tuple(data[name])
    values["lens"] = tuple(data.get("lens", ()))
    values["light"] = Light(**_only(Light, data["light"]))
    values["things"] = tuple(Thing(**_only(Thing, item)) for item in data["things"])
    values["patches"] = tuple(_patch(item) for item in data.get("patches", ()))
    if data.get("grade"):
        values["grade"] = Grade(**_only(Grade, data["grade"]))
    return Scene(**values)


def _patch(data: dict[str, Any]) -> Patch:
    left, top, width, height = (float(value) for value in data["window"])
    window = (left, top, width, height)
    if not (0 < width <= FARTHEST and 0 < height <= FARTHEST):
        raise ValueError("window")
    if not (abs(left) <= FARTHEST and abs(top) <= FARTHEST):
        raise ValueError("window")
    beyond = int(data.get("beyond", 0))
    return Patch(_scene(data["scene"]), window, str(data.get("mask", "")), beyond)
