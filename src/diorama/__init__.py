"""Diorama: a painter that composes pictures from a prompt, on the CPU, the same every time.

`compose` reads a prompt into a `Scene`, `render` paints a scene, `vary` makes another scene of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .scene import PictureError, Scene

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from PIL.Image import Image

    from .clips import Clip

__all__ = [
    "Clip",
    "PictureError",
    "Scene",
    "animate",
    "animation",
    "blend",
    "compose",
    "describe",
    "extend",
    "frame_in",
    "mark",
    "read_picture",
    "recognise",
    "reframe",
    "remaster",
    "render",
    "repaint",
    "repaint_picture",
    "upscale",
    "vary",
]


def compose(
    prompt: str,
    *,
    seed: int,
    aspect: tuple[int, int] = (1, 1),
    parameters: Mapping[str, object] | None = None,
    pictures: Sequence[bytes] = (),
    references: Sequence[bytes] = (),
) -> Scene:
    """Return the scene for a prompt; see `diorama.composing.compose`.

    `pictures` are files used as image prompts and `references` as style references; see
    `diorama.guiding.guided`.
    """
    if not (pictures or references):
        from .composing import compose as run

        return run(prompt, seed=seed, aspect=aspect, parameters=parameters)
    from .guiding import guided

    return guided(
        prompt, seed=seed, aspect=aspect, parameters=parameters or {},
        pictures=pictures, references=references,
    )  # fmt: skip


def blend(
    pictures: Sequence[bytes], aspect: tuple[int, int], seed: int, *, prompt: str = ""
) -> Scene:
    """Return the scene that marries 2 to 5 picture files; see `diorama.blending.blend`."""
    from .blending import blend as run

    return run(pictures, aspect, seed, prompt=prompt)


def describe(picture: bytes) -> tuple[str, str, str, str]:
    """Return four prompts for a picture file; see `diorama.describing.describe`."""
    from .describing import describe as run

    return run(picture)


def read_picture(data: bytes) -> Image:
    """Return the picture in a file as RGB; see `diorama.uploads.read_picture`."""
    from .uploads import read_picture as run

    return run(data)


def mark(file: bytes, scenes: Sequence[Scene]) -> bytes:
    """Return the picture file with its scenes written into it; see `diorama.marks.mark`."""
    from .marks import mark as run

    return run(file, scenes)


def recognise(file: bytes) -> tuple[Scene, ...]:
    """Return the scenes that `mark` wrote into a file, or (); see `diorama.marks.recognise`."""
    from .marks import recognise as run

    return run(file)


def render(
    scene: Scene, width: int, height: int, *, progress: Callable[[float], None] | None = None
) -> Image:
    """Paint a scene as an RGB picture; see `diorama.rendering.render`."""
    from .rendering import render as run

    return run(scene, width, height, progress=progress)


def vary(
    scene: Scene, strength: Literal["strong", "subtle"], seed: int, *, prompt: str | None = None
) -> Scene:
    """Return a variation of a scene; see `diorama.composing.vary`."""
    from .composing import vary as run

    return run(scene, strength, seed, prompt=prompt)


def reframe(
    scene: Scene,
    *,
    zoom: float = 1.0,
    pan: Literal["left", "right", "up", "down"] | None = None,
    square: bool = False,
    aspect: tuple[int, int] | None = None,
    seed: int | None = None,
    prompt: str | None = None,
) -> Scene:
    """Return the scene seen wider, its old picture inside; see `diorama.reframing.reframe`."""
    from .reframing import reframe as run

    return run(scene, zoom=zoom, pan=pan, square=square, aspect=aspect, seed=seed, prompt=prompt)


def frame_in(scene: Scene, width: int, height: int) -> tuple[int, int, int, int] | None:
    """Return the old picture's box in a reframed one; see `diorama.reframing.frame_in`."""
    from .reframing import frame_in as run

    return run(scene, width, height)


def repaint(
    scene: Scene, mask: bytes, prompt: str, seed: int, *, size: tuple[int, int] | None = None
) -> Scene:
    """Return the scene painted anew under a mask; see `diorama.repainting.repaint`."""
    from .repainting import repaint as run

    return run(scene, mask, prompt, seed, size=size)


def repaint_picture(
    picture: Image,
    mask: bytes,
    prompt: str,
    seed: int,
    *,
    progress: Callable[[float], None] | None = None,
) -> Image:
    """Return a picture painted anew under a mask; see `diorama.repainting.repaint_picture`."""
    from .repainting import repaint_picture as run

    return run(picture, mask, prompt, seed, progress=progress)


def remaster(scene: Scene, seed: int) -> Scene:
    """Return the scene with more detail and finish; see `diorama.remastering.remaster`."""
    from .remastering import remaster as run

    return run(scene, seed)


def upscale(
    picture: Image,
    factor: int,
    mode: Literal["subtle", "creative"],
    *,
    seed: int = 0,
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Image:
    """Return a picture two or four times as large; see `diorama.upscaling.upscale`."""
    from .upscaling import upscale as run

    return run(picture, factor, mode, seed=seed, threads=threads, progress=progress)


def animate(
    source: Scene | Image,
    motion: Literal["low", "high"],
    *,
    width: int,
    height: int,
    seed: int,
    loop: bool = False,
    end: Scene | Image | None = None,
    seconds: float = 5.0,
    fps: int = 24,
    progress: Callable[[float], None] | None = None,
) -> Clip:
    """Return a film of some seconds from a scene or picture; see `diorama.animating.animate`."""
    from .animating import animate as run

    return run(
        source,
        motion,
        width=width,
        height=height,
        seed=seed,
        loop=loop,
        end=end,
        seconds=seconds,
        fps=fps,
        progress=progress,
    )


def extend(
    state: str,
    video: bytes,
    motion: Literal["low", "high"],
    *,
    seed: int,
    loop: bool = False,
    seconds: float = 4.0,
    progress: Callable[[float], None] | None = None,
) -> Clip:
    """Return a clip with more seconds after its end; see `diorama.animating.extend`."""
    from .animating import extend as run

    return run(state, video, motion, seed=seed, loop=loop, seconds=seconds, progress=progress)


def animation(
    clips: Sequence[Clip] | Sequence[bytes],
    *,
    side: int = 624,
    fps: int = 12,
    progress: Callable[[float], None] | None = None,
) -> bytes:
    """Return one to four clips as an animated WebP; see `diorama.clips.animation`."""
    from .clips import animation as run

    return run(clips, side=side, fps=fps, progress=progress)


def __getattr__(name: str) -> object:
    if name == "Clip":
        from .clips import Clip

        return Clip
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
