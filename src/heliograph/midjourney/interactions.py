"""Commands and presses as interaction payloads.

The table is a snapshot, as of May 2024, of the ids and versions by which Discord knows the bot's
commands. Discord refuses a version that has been replaced (400, code 50035), so a caller that has
read the channel's command index passes its own `Command`.
"""

import hashlib
from typing import Any

import msgspec

from heliograph.midjourney import buttons
from heliograph.midjourney.wire import Message, Payload

MIDJOURNEY = "936929561302675456"
NIJI = "1022952195194359889"
APPLICATIONS = (MIDJOURNEY, NIJI)

_COMMAND, _COMPONENT = 2, 3
_CHAT_INPUT, _OF_MESSAGE = 1, 3
_TEXT_OPTION = 3
_EPHEMERAL = 64


class Command(msgspec.Struct, frozen=True):
    """One of the bot's commands as Discord's index names it."""

    name: str
    id: str
    version: str
    application: str = MIDJOURNEY


COMMANDS = {
    name: Command(name, id, version)
    for name, id, version in (
        ("imagine", "938956540159881230", "1237876415471554623"),
        ("blend", "1062880104792997970", "1237876415471554624"),
        ("describe", "1092492867185950852", "1237876415471554625"),
        ("shorten", "1121575372539039774", "1237876415471554626"),
        ("help", "941673664900898876", "1237876415471554629"),
        ("show", "1169435442328911902", "1237876415471554630"),
        ("info", "972289487818334209", "1237876415735660565"),
        ("turbo", "1124132684143271996", "1237876415790055474"),
        ("settings", "1000850743479255081", "1237876415790055475"),
        ("prefer", "984273800587776053", "1237876415790055476"),
    )
}


def nonce(base: str, purpose: str) -> str:
    """A further nonce of a job whose first is `base`: 19 digits, the same whenever asked for."""
    digest = hashlib.blake2b(f"{base} {purpose}".encode(), digest_size=8).digest()
    return f"1{int.from_bytes(digest, 'big') % 10**18:018}"


def _envelope(
    type: int, application: str, channel: str, nonce: str, session: str | None, guild: str | None
) -> Payload:
    payload: Payload = {"type": type, "application_id": application, "channel_id": channel}
    if guild:
        payload["guild_id"] = guild
    if session:
        payload["session_id"] = session
    return payload | {"nonce": nonce}


def _application(message: Message) -> str:
    author: dict[str, Any] = message.get("author") or {}
    return str(message.get("application_id") or author.get("id") or MIDJOURNEY)


def imagine(
    channel: str,
    prompt: str,
    nonce: str,
    *,
    session: str | None = None,
    guild: str | None = None,
    command: Command = COMMANDS["imagine"],
) -> Payload:
    """The imagine command; without `guild` the channel is a direct one with the bot."""
    payload = _envelope(_COMMAND, command.application, channel, nonce, session, guild)
    data = {
        "version": command.version,
        "id": command.id,
        "name": command.name,
        "type": _CHAT_INPUT,
        "options": [{"type": _TEXT_OPTION, "name": "prompt", "value": prompt}],
        "attachments": [],
    }
    return payload | {"analytics_location": "slash_ui", "data": data}


def press(
    message: Message,
    custom_id: str,
    nonce: str,
    *,
    session: str | None = None,
    guild: str | None = None,
) -> Payload:
    """A press of one of the message's buttons, in the message's own channel."""
    guild = guild or message.get("guild_id")
    channel = str(message["channel_id"])
    payload = _envelope(_COMPONENT, _application(message), channel, nonce, session, guild)
    types = {button.custom_id: button.type for button in buttons.offered(message)}
    return payload | {
        "message_id": str(message["id"]),
        "message_flags": (message.get("flags") or 0) & _EPHEMERAL,
        "data": {
            "component_type": types.get(custom_id, buttons.BUTTON),
            "custom_id": custom_id,
        },
    }


def message_command(
    name: str,
    message: Message,
    nonce: str,
    *,
    session: str | None = None,
    guild: str | None = None,
    command: Command | None = None,
) -> Payload:
    """A command of the message's own menu, such as Cancel Job.

    The snapshot holds no ids for these. Our own bot goes by the name; Discord needs `command`.
    """
    guild = guild or message.get("guild_id")
    application = command.application if command else _application(message)
    channel = str(message["channel_id"])
    payload = _envelope(_COMMAND, application, channel, nonce, session, guild)
    data: dict[str, Any] = {"name": name, "type": _OF_MESSAGE, "target_id": str(message["id"])}
    if command:
        data |= {"id": command.id, "version": command.version}
    return payload | {"data": data | {"options": [], "attachments": []}}
