"""What may be asked of the server, parsed from loosely typed fields or refused by field name."""

import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from heliograph.errors import Invalid

PROMPT_LENGTH = 5_000
REPLY_LENGTH = 1_024
# A channel is a Discord snowflake: at most 20 digits today. The room is for whatever comes.
CHANNEL_LENGTH = 64

# Half a surrogate pair can't be sent on, and databases refuse NUL.
NO_TEXT = re.compile("[\x00\ud800-\udfff]")
BOOLEANS = frozenset({"stream"})

ReplyLevel = Literal["all", "standard", "minimal"]
REPLY_LEVELS: tuple[ReplyLevel, ...] = ("all", "standard", "minimal")


class Imagine(msgspec.Struct, frozen=True, kw_only=True):
    """Paint a prompt."""

    prompt: str
    stream: bool = True
    channel: str | None = None
    reply_url: str | None = None
    reply_ref: str | None = None
    reply_level: ReplyLevel | None = None

    @property
    def echo(self) -> dict[str, Any]:
        """The job's `request`: what the caller sent (decision 2); `stream` only when false."""
        fields = {
            "channel": self.channel,
            "replyUrl": self.reply_url,
            "replyRef": self.reply_ref,
            "replyLevel": self.reply_level,
            "stream": False if not self.stream else None,
            "prompt": self.prompt,
        }
        return {key: value for key, value in fields.items() if value is not None}


def imagine(fields: Mapping[str, Any]) -> Imagine:
    """Reads the body of `POST /jobs/imagine`. Raises Invalid naming the field at fault.

    Unknown fields are ignored; null and "" count as absent (decision 12; forms send "").
    """
    return Imagine(
        prompt=_prompt(fields),
        stream=_boolean(fields, "stream", default=True),
        channel=_text(fields, "channel", CHANNEL_LENGTH),
        reply_url=_url(fields, "replyUrl", REPLY_LENGTH),
        reply_ref=_text(fields, "replyRef", REPLY_LENGTH),
        reply_level=_reply_level(fields),
    )


def typed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a form, where all values are text, with booleans read as such."""
    spelled = {"true": True, "false": False}
    return {
        name: spelled.get(value, value) if name in BOOLEANS and isinstance(value, str) else value
        for name, value in fields.items()
    }


def _prompt(fields: Mapping[str, Any]) -> str:
    prompt = _text(fields, "prompt", PROMPT_LENGTH)
    if prompt is None or not prompt.strip():
        raise Invalid("Parameter prompt is required")
    return prompt


def _text(fields: Mapping[str, Any], name: str, longest: int) -> str | None:
    value = fields.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Invalid(f"Parameter {name} must be a string")
    if len(value) > longest:
        raise Invalid(f"Parameter {name} must be at most {longest} characters long")
    if NO_TEXT.search(value):
        raise Invalid(f"Parameter {name} contains characters that are not valid text")
    return value


def _boolean(fields: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = fields.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, bool):
        return value
    raise Invalid(f"Parameter {name} must be true or false")


def _url(fields: Mapping[str, Any], name: str, longest: int) -> str | None:
    value = _text(fields, name, longest)
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or any(character.isspace() for character in value):
        raise Invalid(f"Parameter {name} must be an http or https URL")
    return value


def _reply_level(fields: Mapping[str, Any]) -> ReplyLevel | None:
    value = _text(fields, "replyLevel", 16)
    for level in REPLY_LEVELS:
        if value == level:
            return level
    if value is None:
        return None
    raise Invalid(f"Parameter replyLevel must be one of {', '.join(REPLY_LEVELS)}")
