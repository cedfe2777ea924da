"""The payloads that Discord takes."""

from collections.abc import Callable
from typing import Any

import pytest

from heliograph.midjourney import buttons, interactions


def test_imagine() -> None:
    assert interactions.imagine("5", "a cat", "77") == {
        "type": 2,
        "application_id": "936929561302675456",
        "channel_id": "5",
        "nonce": "77",
        "analytics_location": "slash_ui",
        "data": {
            "version": "1237876415471554623",
            "id": "938956540159881230",
            "name": "imagine",
            "type": 1,
            "options": [{"type": 3, "name": "prompt", "value": "a cat"}],
            "attachments": [],
        },
    }


def test_imagine_in_a_guild_with_a_newer_command() -> None:
    newer = interactions.Command("imagine", "1", "2", application=interactions.NIJI)
    payload = interactions.imagine("5", "x", "7", session="s", guild="9", command=newer)
    assert (payload["guild_id"], payload["session_id"]) == ("9", "s")
    assert payload["application_id"] == interactions.NIJI
    assert (payload["data"]["id"], payload["data"]["version"]) == ("1", "2")


def test_press(live: list[dict[str, Any]]) -> None:
    found = buttons.find(live[12], "V3")
    assert found is not None
    payload = interactions.press(live[12], found.custom_id, "77")
    assert payload == {
        "type": 3,
        "application_id": "936929561302675456",
        "channel_id": live[12]["channel_id"],
        "nonce": "77",
        "message_id": live[12]["id"],
        "message_flags": 0,
        "data": {"component_type": 2, "custom_id": found.custom_id},
    }


def test_press_on_an_ephemeral_message_of_a_guild() -> None:
    message = {"id": "3", "channel_id": "5", "guild_id": "9", "flags": 192, "application_id": "8"}
    payload = interactions.press(message, "MJ::x", "7")
    assert (payload["message_flags"], payload["guild_id"], payload["application_id"]) == (
        64,
        "9",
        "8",
    )


def test_message_command() -> None:
    message = {"id": "3", "channel_id": "5"}
    payload = interactions.message_command("Cancel Job", message, "7")
    assert payload["type"] == 2
    assert payload["data"] == {
        "name": "Cancel Job", "type": 3, "target_id": "3", "options": [], "attachments": [],
    }  # fmt: skip
    known = interactions.Command("Cancel Job", "11", "12")
    data = interactions.message_command("Cancel Job", message, "7", command=known)["data"]
    assert (data["id"], data["version"]) == ("11", "12")


def test_further_nonces_are_steady_and_apart() -> None:
    first = interactions.nonce("1025181909456319196", "cancel")
    assert first == interactions.nonce("1025181909456319196", "cancel")
    assert first.isdigit()
    assert len(first) == 19
    assert first != interactions.nonce("1025181909456319196", "show")
    assert first != interactions.nonce("1025181909456319197", "cancel")


def data(payload: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = payload["data"]
    return found


def test_blend() -> None:
    files = [interactions.File(f"{n}.png", f"up/{n}.png") for n in range(2)]
    sent = data(interactions.blend("5", files, "Portrait", "7"))
    assert sent["id"] == "1062880104792997970"
    assert sent["options"] == [
        {"type": 11, "name": "image1", "value": 0},
        {"type": 11, "name": "image2", "value": 1},
        {"type": 3, "name": "dimensions", "value": "--ar 2:3"},
    ]
    assert sent["attachments"] == [
        {"id": "0", "filename": "0.png", "uploaded_filename": "up/0.png"},
        {"id": "1", "filename": "1.png", "uploaded_filename": "up/1.png"},
    ]


def test_describe_by_file_and_by_link() -> None:
    sent = data(interactions.describe("5", interactions.File("a.png", "up/a.png"), "7"))
    assert sent["options"] == [{"type": 11, "name": "image", "value": 0}]
    assert [file["uploaded_filename"] for file in sent["attachments"]] == ["up/a.png"]
    sent = data(interactions.describe("5", "https://a.test/b.png", "7"))
    assert sent["options"] == [{"type": 3, "name": "link", "value": "https://a.test/b.png"}]
    assert sent["attachments"] == []


def test_show_and_prefer() -> None:
    assert data(interactions.show("5", "u", "7"))["options"] == [
        {"type": 3, "name": "job_id", "value": "u"}
    ]
    sent = data(interactions.prefer("5", "remix", "7"))
    assert sent["options"] == [{"type": 1, "name": "remix", "options": []}]


@pytest.mark.parametrize(
    ("name", "id", "version"),
    [
        ("info", "972289487818334209", "1237876415735660565"),
        ("fast", "972289487818334212", "1237876415735660572"),
        ("relax", "972289487818334213", "1237876415735660573"),
        ("turbo", "1124132684143271996", "1237876415790055474"),
        ("settings", "1000850743479255081", "1237876415790055475"),
    ],
)
def test_commands_without_options(name: str, id: str, version: str) -> None:
    sent = data(interactions.command(name, "5", "7"))
    assert (sent["name"], sent["id"], sent["version"]) == (name, id, version)
    assert sent["options"] == []
    newer = interactions.Command(name, "1", "2")
    sent = data(interactions.command(name, "5", "7", command=newer))
    assert (sent["id"], sent["version"]) == ("1", "2")


def test_a_choice_from_a_menu(recorded: Callable[[str], list[dict[str, Any]]]) -> None:
    panel = recorded("settings")[-1]
    payload = interactions.press(panel, "MJ::Settings::VersionSelector", "7", values=["6.1"])
    assert payload["message_flags"] == 64
    assert payload["data"] == {
        "component_type": 3,
        "custom_id": "MJ::Settings::VersionSelector",
        "type": 3,
        "values": ["6.1"],
    }


FORM = {
    "id": "90",
    "channel_id": "5",
    "custom_id": "MJ::RemixModal::u::1::1",
    "application": {"id": "936929561302675456"},
    "components": [
        {
            "type": 1,
            "components": [
                {"type": 4, "custom_id": "MJ::RemixModal::new_prompt", "value": "as it was"}
            ],
        },
        {"type": 18, "component": {"type": 4, "custom_id": "other"}},
    ],
}


@pytest.mark.parametrize(("text", "value"), [("a dog", "a dog"), (None, "as it was"), ("", "")])
def test_a_form_keeps_what_it_offers_unless_told_otherwise(text: str | None, value: str) -> None:
    payload = interactions.submit(FORM, text, "7", guild="9")
    assert (payload["type"], payload["nonce"], payload["guild_id"]) == (5, "7", "9")
    assert payload["application_id"] == interactions.MIDJOURNEY
    filled = {"type": 4, "custom_id": "MJ::RemixModal::new_prompt", "value": value}
    other = {"type": 4, "custom_id": "other", "value": ""}
    assert payload["data"] == {
        "id": "90",
        "custom_id": "MJ::RemixModal::u::1::1",
        "components": [
            {"type": 1, "components": [filled]},
            {"type": 1, "components": [other]},
        ],
    }
