"""Media by name: each takes (pixels, pixels per world unit, seed) and returns new pixels."""

from __future__ import annotations

from collections.abc import Callable

from diorama.noise import Field

from . import crafts, drawing, painting, photographs, pieces, printing

Medium = Callable[[Field, float, int], Field]
Focused = Callable[[Field, float, int, Field], Field]

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

# Media that work finer where the things are; they take the things' coverage as a fourth argument.
FOCUSED: dict[str, Focused] = {
    "woodblock": printing.woodblock,
    "comic": printing.comic,
    "poster": printing.poster,
    "lowpoly": pieces.lowpoly,
    "glass": pieces.glass,
    "papercut": crafts.papercut,
}
