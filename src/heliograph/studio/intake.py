"""Reads interactions, as Discord's clients post them, into what is asked of the bot.

What Discord itself would refuse is refused here, with its status and codes. Commands go by name:
ids and versions change with every release of the real bot, and any of them is taken.
"""

from typing import Any

import msgspec

from heliograph.midjourney.wire import Payload, WireRefused
from heliograph.studio.messages import BOT
from heliograph.studio.tickets import Account

LONGEST_NONCE = 25


class Imagine(msgspec.Struct, frozen=True):
    """`/imagine`."""

    prompt: str


class PressButton(msgspec.Struct, frozen=True):
    """A press on a component."""

    message: str
    custom_id: str


class CancelJob(msgspec.Struct, frozen=True):
    """The command "Cancel Job" of a message's menu."""

    message: str


Ask = Imagine | PressButton | CancelJob


class _Option(msgspec.Struct):
    name: str
    value: Any = None


class _Data(msgspec.Struct):
    name: str = ""
    type: int = 1
    options: list[_Option] = []
    target_id: str = ""
    custom_id: str = ""


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


def refused(code: int, message: str) -> WireRefused:
    """Discord's refusal of an interaction: it was not taken."""
    return WireRefused(400, {"code": code, "message": message})


def not_offered() -> WireRefused:
    """For a press on what the message does not have."""
    return _invalid("COMPONENT_VALIDATION_FAILED", "Component validation failed")


def _ask(interaction: _Interaction) -> Ask:
    data = interaction.data
    match interaction.type, data.type, data.name:
        case (3, _, _) if data.custom_id:
            return PressButton(interaction.message_id, data.custom_id)
        case (2, 1, "imagine"):
            return Imagine(_prompt(data))
        case (2, 3, "Cancel Job"):
            return CancelJob(data.target_id)
        case _:
            raise _invalid("INTERACTION_APPLICATION_COMMAND_INVALID", "Unknown command")


def _prompt(data: _Data) -> str:
    for option in data.options:
        if option.name == "prompt" and isinstance(option.value, str):
            return option.value
    raise _invalid("APPLICATION_COMMAND_OPTIONS_MISSING", "The option prompt is required")


def _invalid(code: str, message: str) -> WireRefused:
    error = {"data": {"_errors": [{"code": code, "message": message}]}}
    return WireRefused(400, {"code": 50035, "message": "Invalid Form Body", "errors": error})
