"""The buttons under the bot's messages: what is offered, and what a press on one means.

Only what this bot can do is offered; a press is read from the `custom_id`, never from a label.
"""

from typing import Any, Literal

import msgspec

from heliograph.midjourney import buttons
from heliograph.studio.tickets import Message

Row = dict[str, Any]
Press = Literal["upsample", "variation", "reroll", "low_variation", "high_variation", "cancel"]

SECONDARY, PRIMARY, DANGER = 2, 1, 4
REROLL, VARY = "🔄", "🪄"


class Button(msgspec.Struct, frozen=True):
    """A press on a button of job `uuid`; `image` counts from 1, and is 0 where none is meant."""

    press: Press
    uuid: str
    image: int = 0


def grid_rows(uuid: str) -> list[Row]:
    """U1 to U4 and 🔄, then V1 to V4."""
    upscales = [_button(f"U{n}", f"MJ::JOB::upsample::{n}::{uuid}") for n in range(1, 5)]
    reroll = _button(None, f"MJ::JOB::reroll::0::{uuid}::SOLO", emoji=REROLL)
    variations = [_button(f"V{n}", f"MJ::JOB::variation::{n}::{uuid}") for n in range(1, 5)]
    return _rows([*upscales, reroll], variations)


def single_rows(uuid: str) -> list[Row]:
    return _rows(
        [
            _button("Vary (Subtle)", f"MJ::JOB::low_variation::1::{uuid}::SOLO", emoji=VARY),
            _button("Vary (Strong)", f"MJ::JOB::high_variation::1::{uuid}::SOLO", emoji=VARY),
        ]
    )


def cancel_rows(uuid: str) -> list[Row]:
    return _rows([_button("Cancel Job", cancel_id(uuid), style=DANGER)])


def cancel_id(uuid: str) -> str:
    return f"MJ::CancelJob::ByJobid::{uuid}"


def offered(message: Message, custom_id: str) -> bool:
    """Whether the message has such a button."""
    return any(button.custom_id == custom_id for button in buttons.offered(message))


def pressed(message: Message, custom_id: str) -> None:
    """Colours that button of the message as one that has been used."""
    for row in message["components"]:
        for button in row["components"]:
            if button.get("custom_id") == custom_id:
                button["style"] = PRIMARY


def read(custom_id: str) -> Button | None:
    """What a press on this means; None for what is not one of ours."""
    match custom_id.split("::"):
        case ["MJ", "CancelJob", "ByJobid", uuid]:
            return Button("cancel", uuid)
        case ["MJ", "JOB", "reroll", "0", uuid, "SOLO"]:
            return Button("reroll", uuid)
        case ["MJ", "JOB", "upsample" | "variation" as press, ("1" | "2" | "3" | "4") as n, uuid]:
            return Button(press, uuid, int(n))
        case ["MJ", "JOB", "low_variation" | "high_variation" as press, "1", uuid, "SOLO"]:
            return Button(press, uuid, 1)
        case _:
            return None


def _button(
    label: str | None, custom_id: str, *, style: int = SECONDARY, emoji: str | None = None
) -> Row:
    button: Row = {"type": 2, "style": style, "custom_id": custom_id}
    if label is not None:
        button["label"] = label
    if emoji is not None:
        button["emoji"] = {"name": emoji}
    return button


def _rows(*rows: list[Row]) -> list[Row]:
    """Numbered through as newer messages are: each row, then its buttons."""
    out: list[Row] = []
    number = 0
    for members in rows:
        number += 1
        row: Row = {"type": 1, "id": number, "components": []}
        for button in members:
            number += 1
            row["components"].append({**button, "id": number})
        out.append(row)
    return out
