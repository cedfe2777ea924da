"""The bot's settings, as its panel, its `/info` and its short answers tell them.

Each answer tells a part: the panel all of them, `/info` and the modes the speed, `/prefer` the one
setting that it switched. An answer that can't be read tells none.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from heliograph.midjourney import buttons
from heliograph.midjourney.parameters import InvalidPrompt
from heliograph.midjourney.prompt import parameters
from heliograph.midjourney.wire import Message

Settings = dict[str, str | int | bool]

_PREFIX = "MJ::Settings::"
_VERSION = f"{_PREFIX}VersionSelector"
_STYLIZE = f"{_PREFIX}Stylization::"
_ON = 3

# Where the panel once had a pair of buttons, the first means yes and the second no.
_SWITCHES = {
    "raw": ("Style::raw", None),
    "personalization": ("PersonalizedStyle", None),
    "public": ("PrivateMode::off", "PrivateMode::on"),
    "remix": ("RemixMode", None),
    "variability": ("HighVariabilityMode::1", "HighVariabilityMode::0"),
    "turbo": ("TurboMode", None),
    "fast": ("FastMode", None),
    "relax": ("RelaxMode", None),
}
# The panel of 2023 spelt fast as the absence of relax.
_OLD_SPEEDS = {"fast": "RelaxMode::off", "relax": "RelaxMode::on"}
_SUFFIX = re.compile(r"suffix:\s*`([^`]*)`", re.IGNORECASE)
_JOB_MODE = re.compile(r"\*\*Job Mode\*\*\s*:\s*(fast|relax|turbo)", re.IGNORECASE)
_SPEEDS = ("turbo", "fast", "relax")
_MODE_REPLIES = {
    "fast": ("done! note that once you exhaust your fast hours",),
    "relax": ("done! your jobs now do not consume fast-hours",),
    "turbo": ("**turbo mode enabled", "turbo mode enabled"),
}
_SWITCHED = re.compile(r"\b(remix|variability|variation) mode turned (on|off)\b", re.IGNORECASE)
_SUBTLE = re.compile(r"\s*(?:subtle|low) ", re.IGNORECASE)


def _speed(mode: str) -> Settings:
    return {speed: speed == mode for speed in _SPEEDS}


def _version(message: Message) -> str | None:
    for component in buttons.components(message):
        if component.get("custom_id") == _VERSION:
            options: Iterable[dict[str, Any]] = component.get("options") or ()
            chosen = (option.get("value") for option in options if option.get("default"))
            return str(next(chosen, "default"))
    return None


def _stylize(styles: dict[str, int], suffix: str) -> int | None:
    for custom_id, style in styles.items():
        value = custom_id.removeprefix(_STYLIZE)
        if value != custom_id and style == _ON and value.isdecimal():
            return int(value)
    # A value of the caller's own has no button.
    try:
        return parameters(suffix).stylize
    except InvalidPrompt:
        return None


def _state(styles: dict[str, int], yes: str, no: str | None) -> bool | None:
    if (style := styles.get(_PREFIX + yes)) is not None:
        return style == _ON
    if no is not None and (style := styles.get(_PREFIX + no)) is not None:
        return style != _ON
    return None


def _panel(message: Message) -> Settings:
    styles = {button.custom_id: button.style for button in buttons.offered(message)}
    if (version := _version(message)) is None:
        return {}
    found = _SUFFIX.search(message.get("content") or "")
    suffix = found[1].strip() if found else ""
    told: dict[str, str | int | bool | None] = {"version": version}
    told["stylize"] = _stylize(styles, suffix)
    for name, (yes, no) in _SWITCHES.items():
        state = _state(styles, yes, no)
        if state is None and name in _OLD_SPEEDS:
            state = _state(styles, _OLD_SPEEDS[name], None)
        told[name] = state
    told["suffix"] = suffix
    return {name: value for name, value in told.items() if value is not None}


def _info(message: Message) -> Settings:
    texts = [embed.get("description") or "" for embed in message.get("embeds") or ()]
    found = _JOB_MODE.search("\n".join([*texts, message.get("content") or ""]))
    return _speed(found[1].lower()) if found else {}


def _mode(message: Message) -> Settings:
    text = (message.get("content") or "").lower()
    for speed, beginnings in _MODE_REPLIES.items():
        if text.startswith(beginnings):
            return _speed(speed)
    return {}


def _switched(message: Message) -> Settings:
    text = message.get("content") or ""
    if not (found := _SWITCHED.search(text)):
        return {}
    name = "remix" if found[1].lower() == "remix" else "variability"
    on = found[2].lower() == "on"
    # "Subtle … turned on" is what switches the strong one off.
    return {name: on != bool(_SUBTLE.match(text))}


_READERS: dict[str, Callable[[Message], Settings]] = {
    "settings": _panel,
    "info": _info,
    "fast": _mode,
    "relax": _mode,
    "turbo": _mode,
    "remix": _switched,
    "variability": _switched,
}


def read(message: Message, verb: str) -> Settings:
    """What the answer to a settings verb tells, under the API's names; nothing for other verbs.

    `version` is the selected value ("7", "niji 6", "default"), `stylize` the number in effect,
    `suffix` the text put behind prompts, without blanks around it.
    """
    reader = _READERS.get(verb)
    return reader(message) if reader else {}
