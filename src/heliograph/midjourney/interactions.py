"""Commands and presses as interaction payloads.

The table is a snapshot, as of May 2024, of the ids and versions by which Discord knows the bot's
commands. Discord refuses a version that has been replaced (400, code 50035), so a caller that has
read the channel's command index passes its own `Command`.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Literal, TypedDict, Unpack

import msgspec

from heliograph.midjourney import buttons
from heliograph.midjourney.wire import Message, Payload

MIDJOURNEY = "936929561302675456"
NIJI = "1022952195194359889"
APPLICATIONS = (MIDJOURNEY, NIJI)

Dimensions = Literal["Square", "Portrait", "Landscape"]

_COMMAND, _COMPONENT, _MODAL = 2, 3, 5
_CHAT_INPUT, _OF_MESSAGE = 1, 3
_SUB_COMMAND, _TEXT_OPTION, _FILE_OPTION = 1, 3, 11
_ROW, _TEXT_INPUT = 1, 4
_EPHEMERAL = 64
_SHAPES: dict[Dimensions, str] = {
    "Portrait": "--ar 2:3",
    "Square": "--ar 1:1",
    "Landscape": "--ar 3:2",
}


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
        ("fast", "972289487818334212", "1237876415735660572"),
        ("relax", "972289487818334213", "1237876415735660573"),
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


class Target(TypedDict, total=False):
    """Where a command goes: without `guild` the channel is a direct one with the bot."""

    session: str | None
    guild: str | None
    command: Command


class File(msgspec.Struct, frozen=True):
    """A picture for a command; `uploaded` is the name that the upload was given."""

    name: str
    uploaded: str


def _option(type: int, name: str, value: object) -> Payload:
    return {"type": type, "name": name, "value": value}


def command(
    name: str,
    channel: str,
    nonce: str,
    *,
    options: Sequence[Payload] = (),
    files: Sequence[File] = (),
    session: str | None = None,
    guild: str | None = None,
    command: Command | None = None,
) -> Payload:
    """A slash command. Those without options (info, settings, fast, relax, turbo) are nothing else.

    The options that are files name their attachment by its place in `files`.
    """
    chosen = command or COMMANDS[name]
    payload = _envelope(_COMMAND, chosen.application, channel, nonce, session, guild)
    data = {
        "version": chosen.version,
        "id": chosen.id,
        "name": chosen.name,
        "type": _CHAT_INPUT,
        "options": list(options),
        "attachments": [
            {"id": str(n), "filename": file.name, "uploaded_filename": file.uploaded}
            for n, file in enumerate(files)
        ],
    }
    return payload | {"analytics_location": "slash_ui", "data": data}


def imagine(channel: str, prompt: str, nonce: str, **target: Unpack[Target]) -> Payload:
    """The imagine command."""
    options = [_option(_TEXT_OPTION, "prompt", prompt)]
    return command("imagine", channel, nonce, options=options, **target)


def blend(
    channel: str,
    files: Sequence[File],
    dimensions: Dimensions,
    nonce: str,
    **target: Unpack[Target],
) -> Payload:
    """The blend command, of two to five pictures."""
    options = [_option(_FILE_OPTION, f"image{n}", n - 1) for n in range(1, len(files) + 1)]
    options.append(_option(_TEXT_OPTION, "dimensions", _SHAPES[dimensions]))
    return command("blend", channel, nonce, options=options, files=files, **target)


def describe(channel: str, picture: File | str, nonce: str, **target: Unpack[Target]) -> Payload:
    """The describe command, of an uploaded picture or of a link to one."""
    if isinstance(picture, str):
        options = [_option(_TEXT_OPTION, "link", picture)]
        return command("describe", channel, nonce, options=options, **target)
    options = [_option(_FILE_OPTION, "image", 0)]
    return command("describe", channel, nonce, options=options, files=[picture], **target)


def show(channel: str, uuid: str, nonce: str, **target: Unpack[Target]) -> Payload:
    """The command that shows a finished job again."""
    options = [_option(_TEXT_OPTION, "job_id", uuid)]
    return command("show", channel, nonce, options=options, **target)


def prefer(channel: str, what: str, nonce: str, **target: Unpack[Target]) -> Payload:
    """A sub-command of prefer: `remix` and `variability` are switched to the other state."""
    options: list[Payload] = [{"type": _SUB_COMMAND, "name": what, "options": []}]
    return command("prefer", channel, nonce, options=options, **target)


def press(
    message: Message,
    custom_id: str,
    nonce: str,
    *,
    values: Sequence[str] | None = None,
    session: str | None = None,
    guild: str | None = None,
) -> Payload:
    """A press of one of the message's buttons, in the message's own channel; a select's choice has
    `values`."""
    guild = guild or message.get("guild_id")
    channel = str(message["channel_id"])
    payload = _envelope(_COMPONENT, _application(message), channel, nonce, session, guild)
    types = {button.custom_id: button.type for button in buttons.offered(message)}
    type = types.get(custom_id, buttons.BUTTON if values is None else buttons.SELECT)
    data: dict[str, Any] = {"component_type": type, "custom_id": custom_id}
    if values is not None:
        data |= {"type": type, "values": list(values)}
    return payload | {
        "message_id": str(message["id"]),
        "message_flags": (message.get("flags") or 0) & _EPHEMERAL,
        "data": data,
    }


def _inputs(components: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        if component.get("type") == _TEXT_INPUT:
            yield component
        # Newer forms wrap an input in a label.
        label = component.get("component")
        yield from _inputs([*(component.get("components") or ()), *([label] if label else ())])


def submit(
    form: dict[str, Any],
    text: str | None,
    nonce: str,
    *,
    session: str | None = None,
    guild: str | None = None,
) -> Payload:
    """The answer to a form (`form` is its INTERACTION_MODAL_CREATE): `text` goes into its first
    input; without one, and in the others, what the form offers stays."""
    guild = guild or form.get("guild_id")
    channel = str(form["channel_id"])
    application = str((form.get("application") or {}).get("id") or MIDJOURNEY)
    rows = []
    for n, field in enumerate(_inputs(form.get("components") or ())):
        value = text if n == 0 and text is not None else field.get("value") or ""
        filled = {"type": _TEXT_INPUT, "custom_id": field["custom_id"], "value": value}
        rows.append({"type": _ROW, "components": [filled]})
    payload = _envelope(_MODAL, application, channel, nonce, session, guild)
    data = {"id": str(form["id"]), "custom_id": form["custom_id"], "components": rows}
    return payload | {"data": data}


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
