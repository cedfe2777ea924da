"""Settings, as the bot's answers tell them."""

from collections.abc import Callable
from typing import Any

import pytest

from heliograph.midjourney import panel

Recorded = Callable[[str], list[dict[str, Any]]]
PAGES = ["settings", "info", "fast", "relax", "turbo", "remix", "variability"]


@pytest.mark.parametrize("verb", PAGES)
def test_recorded_answers(recorded: Recorded, verb: str) -> None:
    loading, final = recorded(verb)
    assert panel.read(loading, verb) == {}
    assert panel.read(final | {"content": final["content"]}, verb) == final["settings"]


def test_info_is_read_from_its_embed(recorded: Recorded) -> None:
    final = recorded("info")[-1] | {"content": ""}
    assert panel.read(final, "info") == {"fast": False, "relax": True, "turbo": False}


def test_other_verbs_tell_no_settings(recorded: Recorded) -> None:
    assert panel.read(recorded("settings")[-1], "imagine") == {}


def altered(message: dict[str, Any], **styles: int) -> dict[str, Any]:
    """The panel with the styles of some buttons changed, by the end of their custom_ids."""

    def turned(component: dict[str, Any]) -> dict[str, Any]:
        if inner := component.get("components"):
            return component | {"components": [turned(each) for each in inner]}
        name = component["custom_id"].split("::", 2)[2].replace("::", "_")
        return component | ({"style": styles[name]} if name in styles else {})

    return message | {"components": [turned(row) for row in message["components"]]}


def test_every_switch_of_the_panel(recorded: Recorded) -> None:
    final = recorded("settings")[-1]
    changed = altered(
        final,
        Style_raw=3,
        PersonalizedStyle=3,
        PrivateMode_off=2,
        RemixMode=2,
        HighVariabilityMode_1=2,
        HighVariabilityMode_0=3,
        TurboMode=3,
        RelaxMode=2,
        Stylization_250=2,
        Stylization_750=3,
    )
    assert panel.read(changed, "settings") == final["settings"] | {
        "raw": True,
        "personalization": True,
        "public": False,
        "remix": False,
        "variability": False,
        "turbo": True,
        "relax": False,
        "stylize": 750,
    }


def menu(*options: dict[str, Any]) -> dict[str, Any]:
    selector = {"type": 3, "custom_id": "MJ::Settings::VersionSelector", "options": list(options)}
    return {"type": 1, "components": [selector]}


def switch(name: str, style: int) -> dict[str, Any]:
    return {"type": 2, "style": style, "label": "x", "custom_id": f"MJ::Settings::{name}"}


@pytest.mark.parametrize(
    ("options", "version"),
    [
        ([{"value": "niji 6", "default": True}], "niji 6"),
        ([{"value": "default", "default": True}, {"value": "7"}], "default"),
        ([{"value": "7"}], "default"),
    ],
)
def test_the_version_is_the_chosen_value(options: list[dict[str, Any]], version: str) -> None:
    assert panel.read({"components": [menu(*options)]}, "settings")["version"] == version


def test_a_stylization_of_the_callers_own_stands_in_the_suffix_only() -> None:
    message = {"content": "Current suffix: ` --s 333 --raw `", "components": [menu()]}
    found = panel.read(message, "settings")
    assert (found["stylize"], found["suffix"]) == (333, "--s 333 --raw")
    unreadable = panel.read(message | {"content": "Current suffix: `--wat`"}, "settings")
    assert unreadable == {"version": "default", "suffix": "--wat"}


def test_the_panel_of_2023() -> None:
    row = [switch("RelaxMode::on", 2), switch("RelaxMode::off", 3), switch("PrivateMode::on", 3)]
    found = panel.read({"components": [menu(), *row]}, "settings")
    assert (found["fast"], found["relax"], found["public"]) == (True, False, False)
    assert found["suffix"] == ""


@pytest.mark.parametrize(
    ("verb", "text", "settings"),
    [
        ("remix", "Remix mode turned off! …", {"remix": False}),
        ("variability", "Strong variability mode turned off! …", {"variability": False}),
        ("variability", "Subtle variability mode turned on! …", {"variability": False}),
        ("info", "**Job Mode**    :  Turbo", {"fast": False, "relax": False, "turbo": True}),
        ("fast", "Something else", {}),
        ("remix", "Something else", {}),
        ("info", "Something else", {}),
        ("settings", "Something else", {}),
    ],
)
def test_answers_in_words(verb: str, text: str, settings: dict[str, bool]) -> None:
    assert panel.read({"content": text}, verb) == settings
