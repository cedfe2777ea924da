"""Reads interactions, as Discord's clients post them, into what is asked of the bot.

What Discord itself would refuse is refused here, with its status and codes. Commands go by name:
ids and versions change with every release of the real bot, and any of them is taken.
"""

import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from heliograph.midjourney.wire import Payload, WireRefused
from heliograph.studio.messages import BOT
from heliograph.studio.tickets import Account, Mode

LONGEST_NONCE = 25
# What `upload` gave out: a key that nobody guesses, and the file's name.
_UPLOADED = re.compile(r"[0-9a-f]{32}/[A-Za-z0-9_-]{1,80}\.[a-z]{3,4}")
_PICTURE = re.compile(r"image[1-5]")


class Imagine(msgspec.Struct, frozen=True):
    """`/imagine`."""

    prompt: str


class Describe(msgspec.Struct, frozen=True):
    """`/describe` of an uploaded file, or of a link."""

    uploaded: str = ""
    link: str = ""


class Blend(msgspec.Struct, frozen=True):
    """`/blend`; `dimensions` are an option's text, such as "--ar 2:3", or empty."""

    uploaded: tuple[str, ...]
    dimensions: str = ""


class Show(msgspec.Struct, frozen=True):
    """`/show` a finished job."""

    job: str


class Info(msgspec.Struct, frozen=True):
    """`/info`."""


class OpenPanel(msgspec.Struct, frozen=True):
    """`/settings`."""


class Switch(msgspec.Struct, frozen=True):
    """`/fast`, `/relax` or `/turbo`."""

    mode: Mode


class Prefer(msgspec.Struct, frozen=True):
    """`/prefer`; `value` is the new suffix."""

    what: Literal["remix", "variability", "suffix"]
    value: str = ""


class PressButton(msgspec.Struct, frozen=True):
    """A press on a component, or a choice of `values` from a menu."""

    message: str
    custom_id: str
    values: tuple[str, ...] = ()


class SubmitForm(msgspec.Struct, frozen=True):
    """A form that a press opened, filled in; `texts` are the values of its inputs by custom_id."""

    form: str
    custom_id: str
    texts: dict[str, str]


class CancelJob(msgspec.Struct, frozen=True):
    """The command "Cancel Job" of a message's menu."""

    message: str


Ask = (
    Imagine
    | Describe
    | Blend
    | Show
    | Info
    | OpenPanel
    | Switch
    | Prefer
    | PressButton
    | SubmitForm
    | CancelJob
)


class _Option(msgspec.Struct):
    name: str
    value: Any = None
    options: "list[_Option] | None" = None


class _Attachment(msgspec.Struct):
    id: Any
    uploaded_filename: str | None = None


class _Component(msgspec.Struct):
    custom_id: str = ""
    value: str | None = None
    components: "list[_Component] | None" = None
    component: "_Component | None" = None


class _Data(msgspec.Struct):
    name: str = ""
    type: int = 1
    options: list[_Option] | None = None
    attachments: list[_Attachment] | None = None
    target_id: str = ""
    id: str | int = ""
    custom_id: str = ""
    values: list[str] | None = None
    components: list[_Component] | None = None


class _Interaction(msgspec.Struct):
    type: int
    channel_id: str
    data: _Data
    application_id: str
    nonce: str | int | None = None
    message_id: str = ""


def read(payload: Payload, account: Account) -> tuple[str, Ask]:
    """The nonce (or nothing) and what is asked. Raises WireRefused."""
    try:
        interaction = msgspec.convert(payload, _Interaction)
    except msgspec.ValidationError as error:
        raise _invalid("BASE_TYPE", str(error)) from error
    if interaction.application_id != BOT:
        raise refused(10002, "Unknown Application")
    if interaction.channel_id != account.channel:
        raise refused(10003, "Unknown Channel")
    nonce = "" if interaction.nonce is None else str(interaction.nonce)
    if len(nonce) > LONGEST_NONCE:
        raise _invalid("NONCE_TYPE_TOO_LONG", f"Nonce is longer than {LONGEST_NONCE}")
    return nonce, _ask(interaction)


def refused(code: int, message: str, status: int = 400) -> WireRefused:
    """Discord's refusal of a call: it was not taken."""
    return WireRefused(status, {"code": code, "message": message})


def not_offered() -> WireRefused:
    """For a press on what the message does not have."""
    return _invalid("COMPONENT_VALIDATION_FAILED", "Component validation failed")


def _ask(interaction: _Interaction) -> Ask:
    data = interaction.data
    match interaction.type, data.type:
        case (3, _) if data.custom_id:
            return PressButton(interaction.message_id, data.custom_id, tuple(data.values or ()))
        case (5, _) if data.custom_id:
            return SubmitForm(str(data.id), data.custom_id, _texts(data.components or ()))
        case (2, 1):
            return _command(data)
        case (2, 3) if data.name == "Cancel Job":
            return CancelJob(data.target_id)
        case _:
            raise _unknown()


def _command(data: _Data) -> Ask:
    match data.name:
        case "imagine":
            return Imagine(_text(data.options, "prompt"))
        case "describe":
            return _describe(data)
        case "blend":
            return _blend(data)
        case "show":
            return Show(_text(data.options, "job_id"))
        case "info":
            return Info()
        case "settings":
            return OpenPanel()
        case "fast" | "relax" | "turbo":
            return Switch(data.name)
        case "prefer" if data.options:
            return _prefer(data.options[0])
        case _:
            raise _unknown()


def _describe(data: _Data) -> Describe:
    for option in data.options or ():
        if option.name == "image":
            return Describe(uploaded=_uploaded(data, option))
    return Describe(link=_text(data.options, "link"))


def _blend(data: _Data) -> Blend:
    pictures = sorted(
        (option for option in data.options or () if _PICTURE.fullmatch(option.name)),
        key=lambda option: option.name,
    )
    if len(pictures) < 2:
        raise _missing("image2" if pictures else "image1")
    dimensions = _optional(data.options, "dimensions")
    return Blend(tuple(_uploaded(data, picture) for picture in pictures), dimensions)


def _prefer(option: _Option) -> Prefer:
    match option.name:
        case "remix" | "variability":
            return Prefer(option.name)
        case "suffix":
            return Prefer("suffix", _optional(option.options, "new_value"))
        case _:
            raise _unknown()


def _uploaded(data: _Data, option: _Option) -> str:
    """The key of the file that an option names by the id of one of the attachments."""
    for attachment in data.attachments or ():
        # Clients number them by digits, text, or the clock.
        if str(attachment.id) == str(option.value):
            uploaded = attachment.uploaded_filename or ""
            if _UPLOADED.fullmatch(uploaded):
                return uploaded
            raise no_upload()
    raise _missing(option.name)


def no_upload() -> WireRefused:
    """For an `uploaded_filename` that `upload` never gave out."""
    return refused(50146, "Uploaded file not found.")


def _texts(components: Sequence[_Component]) -> dict[str, str]:
    found: dict[str, str] = {}
    waiting = list(components)
    while waiting:
        component = waiting.pop()
        waiting += component.components or ()
        if component.component:
            waiting.append(component.component)
        if component.custom_id:
            found[component.custom_id] = component.value or ""
    return found


def _text(options: Sequence[_Option] | None, name: str) -> str:
    for option in options or ():
        if option.name == name and isinstance(option.value, str):
            return option.value
    raise _missing(name)


def _optional(options: Sequence[_Option] | None, name: str) -> str:
    for option in options or ():
        if option.name == name and option.value is not None:
            return str(option.value)
    return ""


def _missing(name: str) -> WireRefused:
    return _invalid("APPLICATION_COMMAND_OPTIONS_MISSING", f"The option {name} is required")


def _unknown() -> WireRefused:
    return _invalid("INTERACTION_APPLICATION_COMMAND_INVALID", "Unknown command")


def _invalid(code: str, message: str) -> WireRefused:
    error = {"data": {"_errors": [{"code": code, "message": message}]}}
    return WireRefused(400, {"code": 50035, "message": "Invalid Form Body", "errors": error})
