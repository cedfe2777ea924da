"""Reads loosely typed fields, as JSON bodies and forms bring them, or refuses them by name.

Null and "" count as absent everywhere: forms send empty strings for what was not filled in.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from heliograph.errors import Invalid

WHOLE = re.compile(r"-?\d{1,18}")

Fields = Mapping[str, Any]
T = TypeVar("T", bound=str)


class Upload(msgspec.Struct, frozen=True):
    """A file of a multipart body, whole; `field` is the part's name."""

    field: str
    filename: str
    content_type: str
    data: bytes


def text(fields: Fields, name: str, longest: int) -> str | None:
    """Raises Invalid for what is no text or longer than `longest` characters."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Invalid(f"Parameter {name} must be a string")
    if len(value) > longest:
        raise Invalid(f"Parameter {name} must be at most {longest} characters long")
    if not _sound(value):
        raise Invalid(f"Parameter {name} contains characters that are not valid text")
    return value


def _sound(text: str) -> bool:
    """Databases refuse NUL, and half a surrogate pair can't be sent on."""
    try:
        return "\0" not in text and (text.isascii() or bool(text.encode()))
    except UnicodeEncodeError:
        return False


def boolean(fields: Fields, name: str, *, default: bool) -> bool:
    """Raises Invalid for anything but true and false."""
    value = fields.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, bool):
        return value
    raise Invalid(f"Parameter {name} must be true or false")


def whole(fields: Fields, name: str, least: int, most: int) -> int | None:
    """Raises Invalid for what is no whole number from `least` to `most`."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    # JSON has one kind of number: 3.0 is the whole number 3.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Invalid(f"Parameter {name} must be a whole number")
    if not least <= value <= most:
        raise Invalid(f"Parameter {name} must be between {least} and {most}")
    return value


def texts(fields: Fields, name: str, most: int) -> tuple[str, ...] | None:
    """Raises Invalid for what is no list of 1 to `most` strings."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Invalid(f"Parameter {name} must be a list of strings")
    if not 1 <= len(value) <= most:
        raise Invalid(f"Parameter {name} must have 1 to {most} items")
    if not all(map(_sound, value)):
        raise Invalid(f"Parameter {name} contains characters that are not valid text")
    return tuple(value)


def url(fields: Fields, name: str, longest: int) -> str | None:
    """Raises Invalid for what is no http or https URL."""
    value = text(fields, name, longest)
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


def choice(fields: Fields, name: str, choices: tuple[T, ...]) -> T | None:
    """Raises Invalid, naming the choices, for what is none of them."""
    value = text(fields, name, 64)
    if value is None:
        return None
    for one in choices:
        if value == one:
            return one
    raise Invalid(f"Parameter {name} must be one of {', '.join(choices)}")


def upload(fields: Fields, name: str, most_bytes: int) -> Upload | None:
    """Raises Invalid for what is no file, an empty one, or one of more than `most_bytes`."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, Upload):
        raise Invalid(f"Parameter {name} must be a file sent as multipart/form-data")
    if not value.data:
        raise Invalid(f"Parameter {name} is an empty file")
    if len(value.data) > most_bytes:
        raise Invalid(f"Parameter {name} must be at most {most_bytes // 1024**2} MB")
    return value


def typed(fields: Fields, booleans: frozenset[str], numbers: frozenset[str]) -> dict[str, Any]:
    """The fields of a form, where all values are text, with those two kinds read as such."""
    return {name: _typed(name, value, booleans, numbers) for name, value in fields.items()}


def _typed(name: str, value: Any, booleans: frozenset[str], numbers: frozenset[str]) -> Any:
    if not isinstance(value, str):
        return value
    if name in booleans:
        return {"true": True, "false": False}.get(value, value)
    if name in numbers and WHOLE.fullmatch(value):
        return int(value)
    return value
