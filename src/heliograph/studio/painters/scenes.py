"""From an order to the scene of one of its cells, in the words of `diorama`.

For worker processes alone, as `easel` is.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from io import BytesIO
from pathlib import Path
from typing import ParamSpec, TypeVar

from PIL import Image

import diorama
from diorama import PictureError, Scene
from heliograph.studio.painters.base import Order, OrderRefused, Origin

P = ParamSpec("P")
R = TypeVar("R")


def refusing(task: Callable[P, R]) -> Callable[P, R]:
    """What the painter says of an order that can't be painted is for the one who ordered."""

    @wraps(task)
    def run(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return task(*arguments, **named)
        except PictureError as error:
            raise OrderRefused(str(error)) from error

    return run


def source(folder: str, n: int = 0) -> bytes:
    """What the order's source `n` holds."""
    return Path(folder, f"source.{n}").read_bytes()


def scene(order: Order, cell: int, folder: str) -> Scene:
    """The scene of a cell. Raises PictureError."""
    seed = order.seeds[cell]
    if order.operation == "blend":
        return diorama.blend(_files(folder, "source", order.sources), order.aspect, seed)
    if order.operation == "imagine" or order.origin is None:
        return _new(order, seed, folder)
    return _of(order, parent(order, order.origin), seed, folder)


def parent(order: Order, origin: Origin) -> Scene:
    """The scene of the picture whose button was pressed; when another painter, or another version
    of this one, made it, its prompt and seed give a scene that stands for it.
    """
    try:
        return Scene.from_json(origin.scene)
    except PictureError:
        return diorama.compose(
            order.prompt,
            seed=origin.seed,
            aspect=origin.aspect or order.aspect,
            parameters=order.parameters,
        )


def readable(texts: Sequence[str]) -> list[Scene]:
    """The scenes, or none of them if one can't be read."""
    try:
        return [Scene.from_json(text) for text in texts]
    except PictureError:
        return []


def _of(order: Order, before: Scene, seed: int, folder: str) -> Scene:
    other = order.prompt if order.prompt and order.prompt != before.prompt else None
    match order.operation:
        case "reframe":
            shape = (
                None if order.pan or order.square or _same_shape(order, before) else order.aspect
            )
            return diorama.reframe(
                before,
                zoom=order.zoom,
                pan=order.pan,
                square=order.square,
                aspect=shape,
                seed=seed,
                prompt=other,
            )
        case "repaint":
            with Image.open(BytesIO(source(folder))) as picture:
                size = picture.size
            return diorama.repaint(before, source(folder, 1), order.prompt, seed, size=size)
        case "remaster":
            return diorama.remaster(before, seed)
        case _:
            return diorama.vary(before, order.strength, seed, prompt=other)


def _same_shape(order: Order, before: Scene) -> bool:
    return order.aspect[0] * before.aspect[1] == order.aspect[1] * before.aspect[0]


def _new(order: Order, seed: int, folder: str) -> Scene:
    pictures = order.sources if order.operation == "imagine" else ()
    return diorama.compose(
        order.prompt,
        seed=seed,
        aspect=order.aspect,
        parameters=order.parameters,
        pictures=_files(folder, "source", pictures),
        references=_files(folder, "reference", order.references),
    )


def _files(folder: str, kind: str, urls: Sequence[str]) -> list[bytes]:
    return [Path(folder, f"{kind}.{n}").read_bytes() for n in range(len(urls))]
