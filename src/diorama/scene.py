"""The scene: everything a picture is made from, as frozen values that survive JSON.

A scene says what stands where, in which place, light, weather and style. It holds no pixels. All
positions are world coordinates of the base frame (see `canvas`), so a scene is the same picture at
every size.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

VERSION = 2
READABLE = (1, 2)  # version 1 did not keep `no` and `chaos`


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


@dataclass(frozen=True)
class Scene:
    """A whole picture, ready to render. `aspect` is width to height, `camera` (x, y, zoom).

    `no` and `chaos` are the parameters it was composed with: a variation must heed them too.
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
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise PictureError("The stored scene of this picture cannot be read.") from error

    def with_seed(self, seed: int) -> Scene:
        """Return the same scene under another seed: only textures change."""
        return replace(self, seed=seed)


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
    values["light"] = Light(**_only(Light, data["light"]))
    values["things"] = tuple(Thing(**_only(Thing, item)) for item in data["things"])
    return Scene(**values)
