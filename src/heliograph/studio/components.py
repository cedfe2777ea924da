"""What a press on one of the bot's buttons means, read from the `custom_id`, never from a label.

What is offered where stands in `rows`.
"""

import re
from typing import Literal, cast

import msgspec

from heliograph.midjourney import buttons
from heliograph.studio.painters.base import Direction, Motion, Strength
from heliograph.studio.tickets import Message

Press = Literal[
    "upsample",
    "variation",
    "reroll",
    "low_variation",
    "high_variation",
    "region",
    "zoom",
    "square",
    "custom_zoom",
    "pan",
    "upscale",
    "remaster",
    "animate",
    "extend",
    "clip",
    "picread",
    "picread_all",
    "picread_retry",
    "bookmark",
    "cancel",
]
"""`variation` is V1 to V4 and Make Variations, `clip` U1 to U4 under clips, `picread` one of the
four prompts of a description."""

PRIMARY = 1
ZOOMS = {"50": 2.0, "75": 1.5}

_UPSCALE = re.compile(r"upsample_v(?:7|6|6r1)_2x_(subtle|creative)|upsample_v5_([24])x")
_PAN = re.compile(r"pan_(left|right|up|down)")
_ANIMATE = re.compile(r"animate_(low|high)(_extend)?")


class Button(msgspec.Struct, frozen=True):
    """A press on a button of job `uuid`; `image` counts from 1, and is 0 where none is meant.

    Buttons of a description name no job: their `uuid` is empty.
    """

    press: Press
    uuid: str = ""
    image: int = 0
    strength: Strength = "subtle"
    pan: Direction | None = None
    zoom: float = 1.0
    factor: int = 2
    motion: Motion = "low"


def offered(message: Message, custom_id: str) -> bool:
    """Whether the message has such a button."""
    return any(button.custom_id == custom_id for button in buttons.offered(message))


def pressed(message: Message, custom_id: str) -> None:
    """Colours that button of the message as one that has been used."""
    for row in message["components"]:
        for button in row["components"]:
            if button.get("custom_id") == custom_id:
                button["style"] = PRIMARY


def cancel_id(uuid: str) -> str:
    return f"MJ::CancelJob::ByJobid::{uuid}"


def read(custom_id: str) -> Button | None:
    """What a press on this means; None for what is not one of ours."""
    match custom_id.split("::"):
        case ["MJ", "CancelJob", "ByJobid", uuid]:
            return Button("cancel", uuid)
        case ["MJ", "BOOKMARK", uuid]:
            return Button("bookmark", uuid)
        case ["MJ", "CustomZoom", uuid]:
            return Button("custom_zoom", uuid, 1)
        case ["MJ", "Inpaint", "1", uuid, "SOLO"]:
            return Button("region", uuid, 1)
        case ["MJ", "Outpaint", share, "1", uuid, "SOLO"] if share in ZOOMS:
            return Button("zoom", uuid, 1, zoom=ZOOMS[share])
        case ["MJ", "Outpaint", "100", "1", uuid, "SOLO"]:
            return Button("square", uuid, 1)
        case ["MJ", "Picread", "Retry"]:
            return Button("picread_retry")
        case ["MJ", "Job", "PicReader", "all"]:
            return Button("picread_all")
        case ["MJ", "Job", "PicReader", ("1" | "2" | "3" | "4") as n]:
            return Button("picread", image=int(n))
        case ["MJ", "JOB", name, number, uuid, *rest] if rest in ([], ["SOLO"]):
            return _of_job(name, number, uuid, solo=bool(rest))
        case _:
            return None


def _of_job(name: str, number: str, uuid: str, *, solo: bool) -> Button | None:
    match name, number, solo:
        case "reroll", "0", True:
            return Button("reroll", uuid)
        case "upsample" | "variation", "1" | "2" | "3" | "4", False:
            return Button(cast(Press, name), uuid, int(number))
        case "video_virtual_upscale", "1" | "2" | "3" | "4", False:
            return Button("clip", uuid, int(number))
        case "low_variation" | "high_variation" | "variation" | "remaster", "1", True:
            return Button(cast(Press, name), uuid, 1)
        case _:
            return _shaped(name, number, uuid, solo=solo)


def _shaped(name: str, number: str, uuid: str, *, solo: bool) -> Button | None:
    """The presses whose names say how much, where to, or how fast."""
    if (found := _ANIMATE.fullmatch(name)) and bool(found[2]) != solo and number in "1234":
        kind: Press = "extend" if found[2] else "animate"
        return Button(kind, uuid, int(number), motion=cast(Motion, found[1]))
    if number != "1" or not solo:
        return None
    if found := _PAN.fullmatch(name):
        return Button("pan", uuid, 1, pan=cast(Direction, found[1]))
    if found := _UPSCALE.fullmatch(name):
        strength: Strength = "strong" if found[1] == "creative" else "subtle"
        return Button("upscale", uuid, 1, strength=strength, factor=int(found[2] or 2))
    return None
