"""Places: each painter paints what is behind the things, and what is in front of them."""

from __future__ import annotations

from collections.abc import Callable

from diorama.stage import Stage

from . import (
    abstract,
    cave,
    heavens,
    indoors,
    isometric,
    kitchen,
    land,
    library,
    overhead,
    pattern,
    street,
    town,
    underwater,
    water,
    woods,
)

Painter = tuple[Callable[[Stage], None], Callable[[Stage], None]]

PAINTERS: dict[str, Painter] = {
    "land": (land.back, land.front),
    "sea": (water.sea, water.sea_front),
    "beach": (water.beach, water.beach_front),
    "underwater": (underwater.back, underwater.front),
    "woods": (woods.back, woods.front),
    "jungle": (woods.jungle, woods.jungle_front),
    "street": (street.street, street.street_front),
    "skyline": (town.skyline, town.skyline_front),
    "room": (indoors.room, indoors.front),
    "studio": (indoors.studio, indoors.front),
    "kitchen": (kitchen.back, indoors.front),
    "library": (library.back, indoors.front),
    "cave": (cave.back, cave.front),
    "space": (heavens.space, heavens.front),
    "clouds": (heavens.clouds, heavens.clouds_front),
    "abstract": (abstract.back, abstract.front),
    "overhead": (overhead.back, overhead.front),
    "pattern": (pattern.back, pattern.front),
    "isometric": (isometric.back, isometric.front),
}
