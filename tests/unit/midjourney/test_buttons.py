"""What recorded messages offer."""

from typing import Any

from heliograph.midjourney import buttons

U = "5f2a1826-7bb0-42c2-b441-98a48a39e760"
GRID = ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]
SINGLE = [
    "Upscale (Subtle)", "Upscale (Creative)", "Vary (Subtle)", "Vary (Strong)", "Vary (Region)",
    "Zoom Out 2x", "Zoom Out 1.5x", "Custom Zoom", "⬅️", "➡️", "⬆️", "⬇️",
    "Animate (High motion)", "Animate (Low motion)",
]  # fmt: skip


def row(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(components)}


def button(custom_id: str, **fields: Any) -> dict[str, Any]:
    return {"type": 2, "style": 2, "custom_id": custom_id} | fields


def test_labels_of_recorded_messages(live: list[dict[str, Any]]) -> None:
    assert buttons.labels(live[0]) == []
    assert buttons.labels(live[12]) == GRID
    assert buttons.labels(live[18]) == SINGLE
    assert buttons.labels(live[27]) == []
    assert buttons.labels(live[44]) == ["U1", "U2", "U3", "U4", "🔄"]


def test_cancel_is_offered_apart(live: list[dict[str, Any]]) -> None:
    uuid = "9a5aa072-26f3-4902-a2e2-f76f2db12270"
    assert buttons.cancel(live[27]) == f"MJ::CancelJob::ByJobid::{uuid}"
    assert buttons.cancel(live[12]) is None
    assert buttons.find(live[27], "Cancel Job") is None


def test_pressed_buttons_are_seen_by_their_style(live: list[dict[str, Any]]) -> None:
    pressed = [b.label for b in buttons.offered(live[26]) if b.style == 1]
    assert pressed == ["Animate (High motion)"]


def test_finds_by_label_with_or_without_variation_selector(live: list[dict[str, Any]]) -> None:
    for label in ("⬅️", "⬅"):
        found = buttons.find(live[18], label)
        assert found is not None
        assert found.custom_id.startswith("MJ::JOB::pan_left::1::")
    assert buttons.find(live[18], "❤️") is None
    assert buttons.find(live[18], "U1") is None


def test_rows_emoji_and_what_is_not_the_pages() -> None:
    message = {
        "components": [
            row(
                button(f"MJ::JOB::reroll::0::{U}::SOLO", emoji={"name": "🔄"}),
                button(f"MJ::JOB::shiny_new::1::{U}::SOLO", label="", emoji={"name": "✨"}),
                button(f"MJ::JOB::upsample::1::{U}", label="U1", disabled=True),
                {"type": 2, "style": 5, "label": "Web", "url": f"https://x.test/{U}"},
            ),
            row(button(f"MJ::BOOKMARK::{U}", emoji={"name": "❤️"})),
            row(button("MJ::Job::PicReader::1", emoji={"name": "1️⃣"}), button("MJ::Picread::Retry")),
            row({"type": 3, "custom_id": "MJ::Settings::VersionSelector", "placeholder": "Select"}),
            row(button("MJ::Moderation::Acknowledge", label="Acknowledge")),
        ]
    }
    assert buttons.labels(message) == ["🔄", "✨"]
    offered = {b.label: b for b in buttons.offered(message)}
    assert set(offered) == {"🔄", "✨", "U1", "❤️", "1️⃣", "Select", "Acknowledge"}
    assert offered["Select"].type == 3
    assert buttons.find(message, "U1") is None


def test_a_message_without_components_offers_nothing() -> None:
    for message in ({}, {"components": None}, {"components": [{"type": 1, "components": []}]}):
        assert buttons.offered(message) == []


PAGE = {
    "U1": "upsample::1::{}",
    "V4": "variation::4::{}",
    "Make Variations": "variation::1::{}::SOLO",
    "Vary (Strong)": "high_variation::1::{}::SOLO",
    "Vary (Subtle)": "low_variation::1::{}::SOLO",
    "Upscale (2x)": "upsample_v5_2x::1::{}::SOLO",
    "Upscale (4x)": "upsample_v5_4x::1::{}::SOLO",
    "Upscale (Subtle)": "upsample_v7_2x_subtle::1::{}::SOLO",
    "Upscale (Creative)": "upsample_v7_2x_creative::1::{}::SOLO",
    "Redo Upscale (2x)": "upsample_v5_2x::1::{}::SOLO",
    "Redo Upscale (4x)": "upsample_v5_4x::1::{}::SOLO",
    "Redo Upscale (Subtle)": "upsample_v6r1_2x_subtle::1::{}::SOLO",
    "Redo Upscale (Creative)": "upsample_v6r1_2x_creative::1::{}::SOLO",
    "Animate (Low motion)": "animate_low::1::{}::SOLO",
    "Animate (High motion)": "animate_high::1::{}::SOLO",
    "Extend (Low motion)": "animate_low_extend::2::{}",
    "Extend (High motion)": "animate_high_extend::2::{}",
    "Remaster": "remaster::1::{}::SOLO",
    "🔄": "reroll::0::{}::SOLO",
    "⬅️": "pan_left::1::{}::SOLO",
    "➡️": "pan_right::1::{}::SOLO",
    "⬆️": "pan_up::1::{}::SOLO",
    "⬇️": "pan_down::1::{}::SOLO",
}
OTHERS = {
    "Vary (Region)": "MJ::Inpaint::1::{}::SOLO",
    "Zoom Out 2x": "MJ::Outpaint::50::1::{}::SOLO",
    "Zoom Out 1.5x": "MJ::Outpaint::75::1::{}::SOLO",
    "Make Square": "MJ::Outpaint::100::1::{}::SOLO",
    "Custom Zoom": "MJ::CustomZoom::{}",
}


def test_every_label_of_the_page_is_found() -> None:
    ids = {label: f"MJ::JOB::{id.format(U)}" for label, id in PAGE.items()}
    ids |= {label: id.format(U) for label, id in OTHERS.items()}
    message = {"components": [row(*(button(id, label=label) for label, id in ids.items()))]}
    assert buttons.labels(message) == list(ids)
    for label, id in ids.items():
        found = buttons.find(message, label)
        assert found is not None
        assert found.custom_id == id


def test_which_presses_make_clips() -> None:
    clips = [label for label in [*PAGE, *OTHERS] if buttons.is_video(label)]
    assert clips == [label for label in PAGE if label.startswith(("Animate", "Extend"))]
    assert not buttons.is_video("Animated")


def test_what_is_pressed_once() -> None:
    assert {"U1", "U2", "U3", "U4"} == buttons.ONCE
