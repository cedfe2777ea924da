"""The panel of `/settings`: what it shows of an account's settings, and what its controls change.

Labels, emoji and order are those of the recorded panel.
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from heliograph.studio.preferences import NIJI, Settings
from heliograph.studio.tickets import Message

Row = dict[str, Any]
Change = Callable[[Settings], Settings]

ON, OFF = 3, 2
BUTTON, MENU, ROW = 2, 3, 1
PREFIX = "MJ::Settings::"
VERSION_MENU = f"{PREFIX}VersionSelector"
DEFAULT = Settings()

_KEYCAPS = {n: f"{n}\ufe0f\u20e3" for n in "1234567"}
_NIJI_EMOJI = {"6": "🌈", "5": "🍎", "4": "🌈"}
# The values of the menu after "default", in its order.
VERSIONS = (
    *("7", "6.1", "6", "niji 6", "5.2", "5.1", "niji 5", "5", "niji 4"),
    *("4", "3", "2", "1"),
)
_STYLIZATIONS = ((50, "low"), (100, "med"), (250, "high"), (750, "very high"))


def shown(settings: Settings) -> Message:
    """The panel's part of a message."""
    content = f"Adjust your settings here. Current suffix: `{settings.shown}`"
    return {"content": content, "components": rows(settings)}


def rows(settings: Settings) -> list[Row]:
    """The menu of versions, then three rows of buttons."""
    controls = [[_versions(settings)], _styles(settings), _modes(settings), _speeds(settings)]
    out: list[Row] = []
    number = 0
    for members in controls:
        number += 1
        row: Row = {"type": ROW, "id": number, "components": []}
        for control in members:
            number += 1
            row["components"].append({**control, "id": number})
        out.append(row)
    return out


def change(custom_id: str, values: Sequence[str] = ()) -> Change | None:
    """What a control does to the settings; None for what is no control of the panel."""
    if custom_id == VERSION_MENU:
        return _choose(values)
    name, *rest = custom_id.removeprefix(PREFIX).split("::")
    if not custom_id.startswith(PREFIX):
        return None
    return _CHANGES.get((name, *rest))


def _choose(values: Sequence[str]) -> Change | None:
    if len(values) != 1 or values[0] not in ("default", *VERSIONS):
        return None
    version = DEFAULT.version if values[0] == "default" else values[0]
    return lambda settings: replace(settings, version=version)


def _set(**values: Any) -> Change:
    return lambda settings: replace(settings, **values)


def _toggle(field: str) -> Change:
    return lambda settings: replace(settings, **{field: not getattr(settings, field)})


_CHANGES: dict[tuple[str, ...], Change] = {
    ("Style", "raw"): _toggle("raw"),
    **{("Stylization", str(n)): _set(stylize=n) for n, _ in _STYLIZATIONS},
    ("PersonalizedStyle",): _toggle("personalized"),
    # The only button of its kind, so it must lead both ways.
    ("PrivateMode", "off"): _toggle("stealth"),
    ("RemixMode",): _toggle("remix"),
    ("HighVariabilityMode", "1"): _set(strong_variations=True),
    ("HighVariabilityMode", "0"): _set(strong_variations=False),
    ("TurboMode",): _set(mode="turbo"),
    ("FastMode",): _set(mode="fast"),
    ("RelaxMode",): _set(mode="relax"),
    ("ResetSettings",): lambda _: DEFAULT,
}


def _versions(settings: Settings) -> Row:
    options: list[Row] = [
        {
            "value": "default",
            "label": f"Use the default model (V{DEFAULT.version})",
            "description": "(default)",
        }
    ]
    for version in VERSIONS:
        option: Row = {"value": version, **_model(version)}
        if version == settings.version:
            option["default"] = True
        options.append(option)
    return {
        "type": MENU,
        "placeholder": "Select a version",
        "options": options,
        "min_values": 1,
        "max_values": 1,
        "custom_id": VERSION_MENU,
    }


def _model(version: str) -> Row:
    if version.startswith(NIJI):
        number = version.removeprefix(NIJI)
        return {"label": f"Niji Model V{number}", "emoji": {"name": _NIJI_EMOJI[number]}}
    # 7 is called V7 by the real panel, 6 and 5 are called V6.0 and V5.0.
    spelt = f"{version}.0" if version in ("6", "5") else version
    return {"label": f"Midjourney Model V{spelt}", "emoji": {"name": _KEYCAPS[version[0]]}}


def _styles(settings: Settings) -> list[Row]:
    return [
        _button("RAW Mode", "🔧", "Style::raw", settings.raw),
        *(
            _button(f"Stylize {how}", "🖌️", f"Stylization::{n}", settings.stylize == n)
            for n, how in _STYLIZATIONS
        ),
    ]


def _modes(settings: Settings) -> list[Row]:
    strong = settings.strong_variations
    return [
        _button("Personalization", "🙋", "PersonalizedStyle", settings.personalized),
        _button("Public mode", "🧍", "PrivateMode::off", not settings.stealth),
        _button("Remix mode", "🎛️", "RemixMode", settings.remix),
        _button("Strong Variation Mode", "🎨", "HighVariabilityMode::1", strong),
        _button("Subtle Variation Mode", "🎨", "HighVariabilityMode::0", not strong),
    ]


def _speeds(settings: Settings) -> list[Row]:
    return [
        _button("Turbo mode", "⚡", "TurboMode", settings.mode == "turbo"),
        _button("Fast mode", "🐇", "FastMode", settings.mode == "fast"),
        _button("Relax mode", "🐢", "RelaxMode", settings.mode == "relax"),
        _button("Reset Settings", None, "ResetSettings", False),
    ]


def _button(label: str, emoji: str | None, name: str, on: bool) -> Row:
    button: Row = {"type": BUTTON, "style": ON if on else OFF, "label": label}
    if emoji:
        button["emoji"] = {"name": emoji}
    return button | {"custom_id": PREFIX + name}
