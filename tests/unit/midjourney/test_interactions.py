"""The payloads that Discord takes."""

from typing import Any

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
