"""What is offered under each kind of message, and that a press on it is understood."""

from typing import Any

import pytest

from heliograph.midjourney import buttons
from heliograph.studio import components, rows
from heliograph.studio.components import Button
from heliograph.studio.painters.base import Order
from heliograph.studio.tickets import Account, Interaction, Ticket

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
# In the order of a recorded message.
SINGLE = [
    *("Upscale (Subtle)", "Upscale (Creative)", "Vary (Subtle)", "Vary (Strong)", "Vary (Region)"),
    *("Zoom Out 2x", "Zoom Out 1.5x", "Custom Zoom", "⬅️", "➡️", "⬆️", "⬇️"),
    *("Animate (High motion)", "Animate (Low motion)"),
]
# Every label of the API's page.
LABELS = {
    *(f"{letter}{n}" for letter in "UV" for n in range(1, 5)),
    *("Make Variations", "Vary (Strong)", "Vary (Subtle)", "Vary (Region)"),
    *("Zoom Out 1.5x", "Zoom Out 2x", "Custom Zoom", "⬅️", "➡️", "⬆️", "⬇️"),
    *("Upscale (2x)", "Upscale (4x)", "Upscale (Subtle)", "Upscale (Creative)"),
    *("Redo Upscale (2x)", "Redo Upscale (4x)"),
    *("Redo Upscale (Subtle)", "Redo Upscale (Creative)"),
    *("Animate (Low motion)", "Animate (High motion)"),
    *("Extend (Low motion)", "Extend (High motion)", "🔄", "Make Square", "Remaster"),
}


def ticket(action: Any, **order: Any) -> Ticket:
    base = {"operation": "imagine", "prompt": "", "aspect": (1, 1), "seeds": (1, 2, 3, 4)}
    return Ticket(
        UUID, Account("1", "2", "n"), Interaction("3"), "4", 0.0, action, "fast", "",
        Order(**base | order), image=2,
    )  # fmt: skip


def offered(action: str, **order: Any) -> dict[str, Any]:
    return {"components": rows.final(ticket(action, **order), "/media/a/b.png")}


def labels(action: str, **order: Any) -> list[str]:
    return buttons.labels(offered(action, **order))


def test_a_recorded_single() -> None:
    assert labels("upsample") == SINGLE
    message = offered("upsample")
    ids = {button.label: button.custom_id for button in buttons.offered(message)}
    assert ids["Upscale (Subtle)"] == f"MJ::JOB::upsample_v7_2x_subtle::1::{UUID}::SOLO"
    assert ids["Zoom Out 1.5x"] == f"MJ::Outpaint::75::1::{UUID}::SOLO"
    assert ids["❤️"] == f"MJ::BOOKMARK::{UUID}"
    assert message["components"][-1]["components"][-1] == {
        "type": 2, "style": 5, "label": "Web", "url": "/media/a/b.png", "id": 21,
    }  # fmt: skip


def test_rows_are_numbered_through_and_fit_into_discord() -> None:
    for action in ("imagine", "upsample", "upscale", "clip", "describe"):
        out = offered(action, aspect=(3, 2))["components"]
        numbers = [n for row in out for n in (row["id"], *(b["id"] for b in row["components"]))]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(out) <= 5
        assert all(1 <= len(row["components"]) <= 5 for row in out)


def test_shapes_decide_what_is_offered() -> None:
    assert "Make Square" not in labels("upsample")
    assert "Make Square" in labels("upsample", aspect=(3, 2))
    long = labels("upsample", aspect=(4, 1))
    assert {"⬅️", "➡️"}.isdisjoint(long)
    assert {"⬆️", "⬇️"} <= set(long)


@pytest.mark.parametrize(
    ("parameters", "first", "id"),
    [
        ({"version": "6.1"}, "Upscale (Subtle)", "upsample_v6r1_2x_subtle"),
        ({"version": "6"}, "Upscale (Subtle)", "upsample_v6_2x_subtle"),
        ({"niji": "6"}, "Upscale (Subtle)", "upsample_v6_2x_subtle"),
        ({"version": "5.2"}, "Upscale (2x)", "upsample_v5_2x"),
        ({"niji": "5"}, "Upscale (2x)", "upsample_v5_2x"),
        ({"version": "4"}, "Make Variations", "variation"),
        ({"niji": "4"}, "Make Variations", "variation"),
        ({"version": "1"}, "Make Variations", "variation"),
    ],
)
def test_models_offer_what_they_know(parameters: dict[str, str], first: str, id: str) -> None:
    button = buttons.offered(offered("upsample", parameters=parameters))[0]
    assert (button.label, button.custom_id) == (first, f"MJ::JOB::{id}::1::{UUID}::SOLO")


def test_an_upscale_can_be_done_again() -> None:
    assert labels("upscale")[:2] == ["Redo Upscale (Subtle)", "Redo Upscale (Creative)"]
    assert labels("upscale")[2:] == SINGLE[2:]


def test_clips() -> None:
    assert labels("animate", operation="animate") == ["U1", "U2", "U3", "U4", "🔄"]
    assert labels("animate", operation="animate", seeds=(1, 2)) == ["U1", "U2", "🔄"]
    assert labels("imagine", operation="animate") == ["U1", "U2", "U3", "U4", "🔄"]
    assert labels("clip") == ["Extend (High motion)", "Extend (Low motion)"]
    found = buttons.offered(offered("clip"))[0].custom_id
    assert found == f"MJ::JOB::animate_high_extend::2::{UUID}"


def test_a_description_offers_its_prompts() -> None:
    ids = [button.custom_id for button in buttons.offered(offered("describe"))]
    assert ids == [
        *(f"MJ::Job::PicReader::{n}" for n in range(1, 5)),
        "MJ::Picread::Retry",
        "MJ::Job::PicReader::all",
    ]
    assert labels("describe") == []


def test_every_label_of_the_page_is_reached_and_every_press_is_understood() -> None:
    found: set[str] = set()
    for version in ("7", "6.1", "6", "5.2", "3"):
        for action, operation in (
            ("imagine", "imagine"),
            ("upsample", "single"),
            ("upscale", "upscale"),
            ("animate", "animate"),
            ("clip", "single"),
            ("describe", "describe"),
        ):
            parameters = {"version": version}
            message = offered(action, aspect=(3, 2), operation=operation, parameters=parameters)
            found |= set(buttons.labels(message))
            for button in buttons.offered(message):
                press = components.read(button.custom_id)
                assert press, button.custom_id
                assert press.uuid in (UUID, "")
    assert found == LABELS


@pytest.mark.parametrize(
    ("custom_id", "button"),
    [
        (f"MJ::JOB::upsample::3::{UUID}", Button("upsample", UUID, 3)),
        (f"MJ::JOB::variation::1::{UUID}::SOLO", Button("variation", UUID, 1)),
        (f"MJ::Outpaint::50::1::{UUID}::SOLO", Button("zoom", UUID, 1, zoom=2.0)),
        (f"MJ::Outpaint::100::1::{UUID}::SOLO", Button("square", UUID, 1)),
        (f"MJ::CustomZoom::{UUID}", Button("custom_zoom", UUID, 1)),
        (f"MJ::JOB::pan_up::1::{UUID}::SOLO", Button("pan", UUID, 1, pan="up")),
        (
            f"MJ::JOB::upsample_v6r1_2x_creative::1::{UUID}::SOLO",
            Button("upscale", UUID, 1, strength="strong"),
        ),
        (f"MJ::JOB::upsample_v5_4x::1::{UUID}::SOLO", Button("upscale", UUID, 1, factor=4)),
        (f"MJ::JOB::animate_high::1::{UUID}::SOLO", Button("animate", UUID, 1, motion="high")),
        (f"MJ::JOB::animate_low_extend::4::{UUID}", Button("extend", UUID, 4)),
        (f"MJ::JOB::video_virtual_upscale::2::{UUID}", Button("clip", UUID, 2)),
        ("MJ::Job::PicReader::3", Button("picread", image=3)),
        (f"MJ::JOB::upsample::5::{UUID}", None),
        (f"MJ::JOB::animate_low_extend::4::{UUID}::SOLO", None),
        (f"MJ::JOB::animate_low::1::{UUID}", None),
        (f"MJ::JOB::upsample_v9_2x_subtle::1::{UUID}::SOLO", None),
        (f"MJ::JOB::pan_left::2::{UUID}::SOLO", None),
        (f"MJ::Outpaint::60::1::{UUID}::SOLO", None),
        ("nonsense", None),
    ],
)
def test_presses(custom_id: str, button: Button | None) -> None:
    assert components.read(custom_id) == button
