"""Layout: where each thing stands, how large, and what is fixed to what."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .anchors import facing
from .reading import Asked, Reading
from .scene import Light, Thing
from .words import Noun, noun_of_asset

BASE = 0.50
AIRY = {"space", "clouds", "abstract"}
WATERY = {"sea", "skyline"}
MOST = 14


def arrange(
    reading: Reading,
    place: str,
    spec: Mapping[str, Any],
    light: Light,
    horizon: float,
    aspect: tuple[int, int],
    rng: random.Random,
    lettering: str,
) -> tuple[Thing, ...]:
    """Return the things of a scene, the subject first."""
    stage = _Plan(place, spec, light, horizon, aspect[0] / aspect[1], rng)
    stage.rough = "storm" in reading.weather
    asked = [item for item in reading.asked if item.noun][:6]
    if lettering:
        stage.word(lettering)
    elif not asked and spec.get("guests") and place != "abstract":
        guest = noun_of_asset(rng.choice(spec["guests"]))
        if guest:
            asked = [Asked(guest, guest.name, size=0.72)]
    stage.place_all(asked)
    stage.extras()
    return tuple(stage.things[:MOST])


class _Plan:
    """The frame being filled: positions are decided here, one thing after another."""

    def __init__(
        self,
        place: str,
        spec: Mapping[str, Any],
        light: Light,
        horizon: float,
        ratio: float,
        rng: random.Random,
    ) -> None:
        self.place, self.spec, self.light, self.rng = place, spec, light, rng
        self.horizon, self.ratio = horizon, ratio
        self.half = ratio / 2
        self.scale = min(1.0, 0.30 + 0.70 * ratio, ratio * 1.12) * (1.0 if ratio < 1.4 else 1.08)
        self.rough = False
        self.things: list[Thing] = []
        self.shift = (rng.random() - 0.5) * 0.62 * min(self.half, 0.6)

    def word(self, text: str) -> None:
        """Stand a word in the middle of the place."""
        wide = min(self.half * 1.66, 1.05)
        y = self.floor(0.5)
        self.things.append(
            Thing(
                text,
                f"word:{text}",
                0.0,
                round(y, 4),
                round(min(0.26, wide / (0.48 * len(text) + 0.5)), 4),
                0.1,
            )
        )

    def floor(self, near: float) -> float:
        """Return the world y of a foot; near is 0 at the horizon and 1 at the lower edge."""
        return self.horizon + (0.985 - self.horizon) * near

    def place_all(self, asked: list[Asked]) -> None:
        """Place the asked things: roots side by side, then what is related to them."""
        roots = [i for i, item in enumerate(asked) if not self._fixed(asked, i)]
        sizes = {i: self._size(asked[i], len(roots), asked) for i in roots}
        index: dict[int, int] = {}
        for order, i in enumerate(roots):
            item = asked[i]
            first = len(self.things)
            self._root(item, order, len(roots), sizes[i], asked, index)
            index[i] = first
        for i in range(len(asked)):
            if i not in roots:
                self._fix(asked, i, index)

    def _fixed(self, asked: list[Asked], i: int) -> str:
        """Return the anchor by which a thing is fixed to another, or ""."""
        item = asked[i]
        host = asked[item.to].noun if item.to >= 0 else None
        noun = item.noun
        if host is None or noun is None:
            follower = next((o for o in asked if o.to == i and o.noun), None)
            return self._carried(item, follower)
        if item.relation in ("wearing", "in") and set(noun.tags) & {"head", "eyes", "neck"}:
            return "wear" if "living" in host.tags or host.kind == "fantasy" else ""
        if (
            item.relation == "holding"
            and "living" in host.tags
            and noun.size <= 0.45
            and noun.kind != "worn"
        ):
            return "hand"
        if item.relation == "holding" and set(noun.tags) & {"head", "eyes", "neck"}:
            return "wear"
        follower = next((o for o in asked if o.to == i and o.noun), None)
        return self._carried(item, follower)

    def _carried(self, item: Asked, follower: Asked | None) -> str:
        """Return the anchor when a thing is carried by the one named after it."""
        if follower is None or follower.noun is None or item.noun is None or item.count > 1:
            return ""
        host, noun, relation = follower.noun, item.noun, follower.relation
        if "sky" in host.tags or ("flower" in host.tags and relation != "on"):
            return ""
        living = "living" in noun.tags
        if relation == "riding" or (
            relation == "on" and living and ("mount" in host.tags or host.kind == "vehicle")
        ):
            return "back"
        if relation == "in" and "vessel" in host.tags:
            return "inside"
        if relation == "in" and host.kind in ("boat",):
            return "deck"
        if (
            relation == "on"
            and host.kind not in ("plant", "person")
            and noun.size * item.size**1.5 <= host.size * follower.size**1.5 * 1.6
        ):
            return "top"
        return ""

    def _size(self, item: Asked, roots: int, asked: list[Asked]) -> float:
        noun = item.noun
        kinds = [a.noun.size for a in asked if a.noun]
        relative = (noun.size / max(kinds)) ** 0.42 if kinds else 1.0
        base = {1: 0.56, 2: 0.47, 3: 0.40}.get(roots, 0.34)
        if noun.kind == "building":
            base *= 0.84 if roots == 1 else 0.80
        if noun.kind == "plant":
            base *= 1.15
        carries = any(o.noun and self._fixed(asked, k) for k, o in enumerate(asked))
        if roots == 1 and carries:
            base = 0.50 if "vessel" not in noun.tags else 0.56
        jitter = 0.84 + 0.30 * self.rng.random()
        return float(base * relative * item.size**0.6 * self.scale * jitter)

    def _pose(self, noun: Noun, relation: str, aloft: bool = False) -> str:
        pose = noun.pose
        if relation == "over" or aloft:
            return "fly"
        if self.place in AIRY:
            return "fly" if pose != "hang" else "hang"
        if pose in ("float", "swim"):
            if self.place == "underwater":
                return "fly"
            if self.place in WATERY:
                return "float"
            return "stand"
        if self.place in WATERY and pose == "stand":
            return "float"
        return pose

    def _form(self, noun: Noun, dressed: bool) -> tuple[str, str]:
        forms = noun.forms
        if dressed:
            bodied = [form for form in forms if form[1]]
            forms = tuple(bodied) or forms
        return self.rng.choice(forms)

    def _root(
        self,
        item: Asked,
        order: int,
        total: int,
        size: float,
        asked: list[Asked],
        index: dict[int, int],
    ) -> None:
        noun = item.noun
        position = asked.index(item)
        dressed = any(
            o.to == position and self._fixed(asked, k) == "wear" for k, o in enumerate(asked)
        )
        over = next((o.relation for o in asked if o.to == position and o.relation == "over"), "")
        pose = self._pose(noun, over, item.aloft)
        asset, body = self._form(noun, dressed)
        x, y, depth = self._spot(item, order, total, pose, noun, size, over, asked, index)
        room = max(0.0, self.half - 0.52 * size)
        x = max(-room, min(room, x))
        count = min(item.count, 9)
        shrink = {1: 1.0, 2: 0.82, 3: 0.66, 4: 0.60}.get(count, 0.46)
        toward = -1 if x > 0.03 else 1 if x < -0.03 else self.rng.choice((-1, 1))
        looks = facing(asset)
        for k in range(count):
            if k and len(noun.forms) > 2:
                asset, body = noun.forms[(noun.forms.index((asset, body)) + 1) % len(noun.forms)]
            px, py, ps, pd = self._member(k, count, x, y, size * shrink, depth, pose)
            turn = toward if k == 0 or self.rng.random() < 0.75 else -toward
            flip = (looks == "left" and turn > 0) or (looks == "right" and turn < 0)
            if looks == "front":
                flip = self.rng.random() < 0.5
            tilt = 0.0
            if pose == "fly" and noun.kind not in ("building",):
                tilt = (self.rng.random() - 0.5) * (14 if self.place == "space" else 8)
            if pose == "float" and noun.kind == "boat":
                tilt = self._heel()
            self.things.append(
                Thing(
                    noun.name,
                    asset,
                    round(px, 4),
                    round(py, 4),
                    round(ps, 4),
                    round(pd, 4),
                    pose,
                    flip,
                    round(tilt, 2),
                    item.colour,
                    item.material,
                    body,
                )
            )

    def _heel(self) -> float:
        """Return the slant of a boat in degrees: in rough water it never lies level."""
        roll = self.rng.random() * 2 - 1
        return roll * 6 + math.copysign(4, roll) if self.rough else roll * 2

    def _spot(
        self, item: Asked, order: int, total: int, pose: str, noun: Noun, size: float, over: str,
        asked: list[Asked], index: dict[int, int],
    ) -> tuple[float, float, float]:  # fmt: skip
        spread = min(self.half * 0.92, 0.62)
        side = 1 if self.shift >= 0 else -1
        if total == 1:
            x = self.shift
        else:
            lane = (order + 0.5) / total * 2 - 1
            crowd = 1.35 if any(a.count > 1 for a in asked) else 1.0
            x = lane * spread * (0.82 if total > 2 else 0.62) * crowd * side + self.shift * 0.3
        near = 0.70 + 0.19 * self.rng.random()
        depth = 0.12
        if noun.kind == "building":
            near, depth = 0.46 + 0.16 * self.rng.random(), 0.4
        elif noun.kind == "plant":
            near, depth = 0.6, 0.25
        relation = item.relation
        if relation == "behind":
            near, depth = near - 0.22, depth + 0.1
        host = index.get(item.to, -1)
        if relation in ("front", "behind", "under", "around") and host >= 0:
            other = self.things[host]
            x = other.x + (0.16 + 0.06 * self.rng.random()) * side * (
                1 if relation != "under" else 0.4
            )
        if total > 1 and noun.kind not in ("building", "plant"):
            near += 0.04 * (order % 2)
        if pose == "float":
            return x, self.horizon + (1 - self.horizon) * (0.40 + 0.16 * self.rng.random()), 0.12
        if pose == "hang":
            return self._sky_spot(size)
        if pose == "fly":
            middle = (
                0.42
                if item.aloft
                else 0.50
                if total == 1 and not over
                else 0.24 + 0.05 * self.rng.random()
            )
            if over:
                x = -side * (0.08 + 0.10 * self.rng.random()) * min(1.0, self.ratio)
                middle = max(0.22, size * 0.56)
            return x, middle + size / 2, 0.12
        if self.place == "underwater":
            near = 0.72
        return x, self.floor(near), depth

    def _sky_spot(self, size: float) -> tuple[float, float, float]:
        x = (self.rng.random() * 1.2 - 0.6) * self.half
        return x, 0.14 + size * (0.7 + 0.2 * self.rng.random()), 0.5

    def _member(
        self, k: int, count: int, x: float, y: float, size: float, depth: float, pose: str
    ) -> tuple[float, float, float, float]:
        if count == 1:
            return x, y, size, depth
        spread = min(self.half * 1.25, size * 0.62 * (count - 1) + 0.12)
        lane = (k / (count - 1) * 2 - 1) * spread * 0.5
        order = (k * 5) % count / max(count - 1, 1)
        px = x * (0.4 if abs(x) < 0.2 else 0.85) + lane + (self.rng.random() - 0.5) * 0.05
        if pose in ("fly", "hang"):
            return (
                px,
                y + (self.rng.random() - 0.5) * 0.34,
                size * (0.75 + 0.4 * self.rng.random()),
                depth,
            )
        step = (0.11 if pose != "float" else 0.06) * (order - 0.45)
        return px, y + step, size * (0.9 + 0.3 * order), depth + 0.1 * (1 - order)

    def _fix(self, asked: list[Asked], i: int, index: dict[int, int]) -> None:
        item = asked[i]
        anchor = self._fixed(asked, i)
        noun = item.noun
        follower = next((k for k, o in enumerate(asked) if o.to == i and o.noun), -1)
        target = item.to if anchor in ("wear", "hand") else follower
        if target not in index:
            index[target] = index.get(asked[target].to, 0) if target >= 0 else 0
        host = min(index[target], len(self.things) - 1)
        if host < 0:
            return
        base = self.things[host]
        asset, body = self._form(noun, anchor == "wear")
        index[i] = len(self.things)
        size, behind = 1.0, False
        if anchor == "wear":
            anchor = next(tag for tag in ("head", "eyes", "neck") if tag in noun.tags)
        elif anchor == "hand":
            size = 0.42
        elif anchor == "back":
            body = "rider" if body in ("legs", "gown") else body
            size = 0.80 if body == "rider" else min(0.9, max(0.42, 0.62 * noun.size / 0.62))
        elif anchor in ("inside", "deck"):
            flower = "flower" in noun.tags
            size, behind = (1.3 if flower else 0.75), True
            anchor = "inside"
        else:
            size = min(0.9, max(0.3, (noun.size / max(noun.size, 0.3)) * 0.7))
        looks_left = facing(asset) == "left"
        flip = base.flip if looks_left else False
        thing = Thing(
            noun.name, asset, 0.0, 0.0, round(size * item.size**0.6, 4), 0.0, "stand", flip, 0.0,
            item.colour, item.material, body, host, anchor, behind,
        )  # fmt: skip
        for copy in range(min(item.count, 3) if anchor == "inside" else 1):
            shift = 0.0 if item.count == 1 else (copy - 1) * 0.14
            self.things.append(replace(thing, x=shift, tilt=shift * 90))
        if asked.index(item) == 0 or item.to < 0:
            self.things[host] = replace(
                base,
                size=round(
                    base.size
                    * (0.86 if anchor in ("back", "top") else 0.8 if anchor == "inside" else 1),
                    4,
                ),
            )

    def extras(self) -> None:
        """Add what belongs to the place: houses of a village, columns of a ruin."""
        present = {thing.asset for thing in self.things}
        for asset, size, far in self.spec.get("extras", []):
            if asset in present and asset.startswith("1f3f0"):
                continue
            x = (self.rng.random() * 2 - 1) * self.half * 0.95
            if self.things and abs(x - self.things[0].x) < 0.26:
                x = self.things[0].x + (0.34 + 0.2 * self.rng.random()) * (
                    1 if x > self.things[0].x else -1
                )
            y = self.floor(1 - far - 0.2 + 0.08 * self.rng.random())
            self.things.append(
                Thing(
                    "backdrop",
                    asset,
                    round(x, 4),
                    round(y, 4),
                    round(size * self.scale, 4),
                    round(far, 4),
                    "stand",
                    self.rng.random() < 0.5,
                )
            )
