"""Polish: how far a picture is taken from a plain record to a styled one, by `--stylize`."""

from __future__ import annotations

import numpy as np

from .canvas import blur, rgb, vec
from .noise import Field, smoothstep
from .scene import Scene
from .strokes import kuwahara

USUAL = 100


def polish(pixels: Field, scene: Scene, unit: float) -> None:
    """Style the pixels in place: plainer below 100, richer up to 1000; raw stays plain."""
    if scene.raw:
        light = (pixels @ vec((0.3, 0.59, 0.11)))[..., None]
        pixels += (light - pixels) * 0.12
        return
    if scene.stylize < USUAL:
        light = (pixels @ vec((0.3, 0.59, 0.11)))[..., None]
        plain = 1 - scene.stylize / USUAL
        pixels += (light - pixels) * (0.32 * plain)
        pixels += (0.46 - pixels) * (0.10 * plain)
        return
    amount = (scene.stylize - USUAL) / (1000 - USUAL)
    if amount <= 0:
        return
    smooth = kuwahara(np.clip(pixels, 0, 1.2), max(2, round(0.010 * unit * amount)))
    pixels += (smooth - pixels) * (0.75 * amount)
    light = np.clip(pixels @ vec((0.3, 0.59, 0.11)), 0, 1)
    deep, bright = _poles(scene)
    low = (smoothstep(0.55, 0.0, light) * 0.30 * amount)[..., None]
    high = (smoothstep(0.45, 1.0, light) * 0.26 * amount)[..., None]
    pixels += deep * low * 0.55 - pixels * low * 0.35
    pixels += (bright - 0.5) * high * 0.8
    glow = blur(np.clip(pixels - 0.55, 0, 1), 0.045 * unit)
    pixels += glow * (0.55 * amount)


def _poles(scene: Scene) -> tuple[Field, Field]:
    """Return the darkest and the lightest colour of the scene's palette, made vivid."""
    tones = sorted((vec(rgb(code)) for code in scene.palette), key=lambda tone: float(tone.sum()))
    if not tones:
        return vec((0.1, 0.1, 0.4)), vec((1.0, 0.8, 0.5))
    deep, bright = tones[0], tones[-1]
    return deep + (deep - deep.mean()) * 0.8, bright + (bright - bright.mean()) * 1.2
