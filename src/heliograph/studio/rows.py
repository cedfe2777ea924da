"""The buttons that the bot offers under its messages, in rows as the real bot has them.

Every final message ends with a link. The real bot's leads to the job's page on its website, which
a job of ours does not have; ours leads to the picture.
"""

from typing import Any

from heliograph.studio import sizes
from heliograph.studio.components import cancel_id
from heliograph.studio.models import Family, family
from heliograph.studio.painters.base import Direction
from heliograph.studio.tickets import Ticket

Row = dict[str, Any]

SECONDARY, DANGER, LINK = 2, 4, 5
REROLL, VARY, BRUSH, LENS, REEL, HEART = "🔄", "🪄", "🖌️", "🔍", "🎞️", "❤️"
ARROWS: dict[Direction, str] = {"left": "⬅️", "right": "➡️", "up": "⬆️", "down": "⬇️"}
DIGITS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣")


def final(ticket: Ticket, link: str) -> list[Row]:
    """What is offered under a finished job; `link` is the URL of what it shows."""
    match ticket.action, ticket.order.operation:
        case "describe", _:
            return described()
        case "clip", _:
            return clip(ticket.uuid, ticket.image, link)
        case _, "animate" | "extend":
            return clips(ticket.uuid, len(ticket.order.seeds), link)
        case "upsample" | "upscale", _:
            return single(ticket, link)
        case _:
            return grid(ticket.uuid, link)


def grid(uuid: str, link: str) -> list[Row]:
    """U1 to U4 and 🔄, then V1 to V4."""
    upscales = [_button(f"U{n}", f"MJ::JOB::upsample::{n}::{uuid}") for n in range(1, 5)]
    variations = [_button(f"V{n}", f"MJ::JOB::variation::{n}::{uuid}") for n in range(1, 5)]
    return _rows([*upscales, _reroll(uuid)], [*variations, _link("", link)])


def clips(uuid: str, count: int, link: str) -> list[Row]:
    """U1 to U4 and 🔄, for as many clips as there are."""
    upscales = [
        _button(f"U{n}", f"MJ::JOB::video_virtual_upscale::{n}::{uuid}")
        for n in range(1, count + 1)
    ]
    return _rows([*upscales, _reroll(uuid)], [_link("", link)])


def clip(uuid: str, slot: int, link: str) -> list[Row]:
    """For one clip, that came from `slot` of its grid."""
    return _rows(
        [
            *(
                _button(
                    f"Extend ({motion.title()} motion)",
                    f"MJ::JOB::animate_{motion}_extend::{slot}::{uuid}",
                    emoji=REEL,
                )
                for motion in ("high", "low")
            ),
            _link("Web", link),
        ]
    )


def single(ticket: Ticket, link: str) -> list[Row]:
    """For one picture: what its model version knows, and its shape allows."""
    uuid, model = ticket.uuid, family(ticket.order.parameters)
    last = [_button(None, f"MJ::BOOKMARK::{uuid}", emoji=HEART), _link("Web", link)]
    if model == "old":
        return _rows(
            [
                _solo("Make Variations", "variation", uuid, VARY),
                _solo("Remaster", "remaster", uuid, VARY),
            ],
            last,
        )
    return _rows(
        _upscales(uuid, model, redo=ticket.action == "upscale"),
        _variations(uuid),
        _zooms(ticket),
        _pans(ticket),
        [*_animations(uuid), *last],
    )


def described() -> list[Row]:
    """For the four prompts of a description."""
    prompts = [
        _button(None, f"MJ::Job::PicReader::{n}", emoji=digit) for n, digit in enumerate(DIGITS, 1)
    ]
    retry = _button(None, "MJ::Picread::Retry", emoji=REROLL)
    return _rows([*prompts, retry], [_button("Imagine all", "MJ::Job::PicReader::all", emoji="🎉")])


def cancel(uuid: str) -> list[Row]:
    return _rows([_button("Cancel Job", cancel_id(uuid), style=DANGER)])


def _upscales(uuid: str, model: Family, *, redo: bool) -> list[Row]:
    again = "Redo " if redo else ""
    if model == "v5":
        kinds = {"2x": "upsample_v5_2x", "4x": "upsample_v5_4x"}
    else:
        kinds = {how: f"upsample_{model}_2x_{how.lower()}" for how in ("Subtle", "Creative")}
    return [
        _solo(f"{again}Upscale ({how})", name, uuid, "upscale_1") for how, name in kinds.items()
    ]


def _variations(uuid: str) -> list[Row]:
    return [
        _solo("Vary (Subtle)", "low_variation", uuid, VARY),
        _solo("Vary (Strong)", "high_variation", uuid, VARY),
        _button("Vary (Region)", f"MJ::Inpaint::1::{uuid}::SOLO", emoji=BRUSH),
    ]


def _zooms(ticket: Ticket) -> list[Row]:
    uuid, (width, height) = ticket.uuid, ticket.order.aspect
    zooms = [("Zoom Out 2x", f"MJ::Outpaint::50::1::{uuid}::SOLO")]
    zooms += [("Zoom Out 1.5x", f"MJ::Outpaint::75::1::{uuid}::SOLO")]
    zooms += [("Custom Zoom", f"MJ::CustomZoom::{uuid}")]
    if width != height:
        zooms += [("Make Square", f"MJ::Outpaint::100::1::{uuid}::SOLO")]
    return [_button(label, custom_id, emoji=LENS) for label, custom_id in zooms]


def _pans(ticket: Ticket) -> list[Row]:
    """The ways in which the picture may still grow."""
    return [
        _solo(None, f"pan_{way}", ticket.uuid, arrow)
        for way, arrow in ARROWS.items()
        if sizes.fits(sizes.panned(ticket.order.aspect, way))
    ]


def _animations(uuid: str) -> list[Row]:
    return [
        _solo(f"Animate ({motion.title()} motion)", f"animate_{motion}", uuid, REEL)
        for motion in ("high", "low")
    ]


def _reroll(uuid: str) -> Row:
    return _solo(None, "reroll", uuid, REROLL, number=0)


def _solo(label: str | None, name: str, uuid: str, emoji: str, *, number: int = 1) -> Row:
    return _button(label, f"MJ::JOB::{name}::{number}::{uuid}::SOLO", emoji=emoji)


def _button(
    label: str | None, custom_id: str, *, style: int = SECONDARY, emoji: str | None = None
) -> Row:
    button: Row = {"type": 2, "style": style, "custom_id": custom_id}
    if label is not None:
        button["label"] = label
    if emoji is not None:
        button["emoji"] = {"name": emoji}
    return button


def _link(label: str, url: str) -> Row:
    return {"type": 2, "style": LINK, "label": label, "url": url}


def _rows(*rows: list[Row]) -> list[Row]:
    """Numbered through as newer messages are: each row, then its buttons."""
    out: list[Row] = []
    number = 0
    for members in filter(None, rows):
        number += 1
        row: Row = {"type": 1, "id": number, "components": []}
        for button in members:
            number += 1
            row["components"].append({**button, "id": number})
        out.append(row)
    return out
