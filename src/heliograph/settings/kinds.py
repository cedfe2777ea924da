"""The kinds of values that settings have, and what is wrong with one."""

import json
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
)


def no_flag(value: object) -> object:
    # Python counts True as 1, so `port = true` would quietly mean port 1.
    if isinstance(value, bool):
        raise ValueError("should be a number")
    return value


def web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("should be an http:// or https:// address")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("should be an address alone, without user, query or fragment")
    _ = parts.port  # raises ValueError for a port that is none
    return value.rstrip("/")


def socket_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"ws", "wss"} or not parts.hostname:
        raise ValueError("should be a ws:// or wss:// address")
    _ = parts.port  # raises ValueError for a port that is none
    return value.rstrip("/")


def acceptable_token(value: SecretStr) -> SecretStr:
    secret = value.get_secret_value()
    if len(secret) < 8 or not all("!" <= letter <= "~" for letter in secret):
        raise ValueError("should be at least 8 printable ASCII characters without spaces")
    return value


def absolute(value: Path) -> Path:
    return value.expanduser().absolute()


def lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def json_list(value: object) -> object:
    # The environment and flags bring a list as text.
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError("should be a JSON list") from None


Whole = Annotated[int, BeforeValidator(no_flag)]
Seconds = Annotated[float, BeforeValidator(no_flag), Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[Seconds, Field(gt=0)]
Level = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(lower)]
