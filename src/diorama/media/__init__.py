"""Media by name: each returns new pixels, given the picture's pixels, how many there are to a world
unit, a seed, and the cover of the things (0..1), which many media work finer than the ground."""

from __future__ import annotations

from collections.abc import Callable

from diorama.noise import Field

from . import crafts, drawing, painting, photographs, pieces, printing

Medium = Callable[[Field, float, int, Field], Field]

MEDIA: dict[str, Medium] = {
    "oil": painting.oil,
    "watercolor": painting.watercolor,
    "ink": drawing.ink,
    "woodblock": printing.woodblock,
    "pencil": drawing.pencil,
    "crayon": painting.crayon,
    "pixel": pieces.pixel,
    "lowpoly": pieces.lowpoly,
    "glass": pieces.glass,
    "comic": printing.comic,
    "anime": drawing.anime,
    "poster": printing.poster,
    "pointillism": painting.pointillism,
    "noir": photographs.noir,
    "sepia": photographs.sepia,
    "blueprint": drawing.blueprint,
    "glitch": photographs.glitch,
    "papercut": crafts.papercut,
    "stitch": crafts.stitch,
    "risograph": crafts.risograph,
    "chalk": crafts.chalk,
}
