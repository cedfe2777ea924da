"""Diorama: a painter that composes pictures from a prompt, on the CPU, the same every time.

`compose` reads a prompt into a `Scene`, `render` paints a scene, `vary` makes another scene of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .scene import PictureError, Scene

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from PIL.Image import Image

__all__ = ["PictureError", "Scene", "compose", "render", "vary"]


def compose(
    prompt: str,
    *,
    seed: int,
    aspect: tuple[int, int] = (1, 1),
    parameters: Mapping[str, object] | None = None,
) -> Scene:
    """Return the scene for a prompt; see `diorama.composing.compose`."""
    from .composing import compose as run

    return run(prompt, seed=seed, aspect=aspect, parameters=parameters)


def render(
    scene: Scene, width: int, height: int, *, progress: Callable[[float], None] | None = None
) -> Image:
    """Paint a scene as an RGB picture; see `diorama.rendering.render`."""
    from .rendering import render as run

    return run(scene, width, height, progress=progress)


def vary(scene: Scene, strength: Literal["strong", "subtle"], seed: int) -> Scene:
    """Return a variation of a scene; see `diorama.composing.vary`."""
    from .composing import vary as run

    return run(scene, strength, seed)
