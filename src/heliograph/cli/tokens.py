"""`heliograph token`: works on the data folder, whether or not a server runs on it."""

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from heliograph import wiring
from heliograph.cli.ending import Quit, of_settings
from heliograph.home import HomeFault
from heliograph.settings import Settings, SettingsFault, load

T = TypeVar("T")


def settings(data: Path | None, config: Path | None) -> Settings:
    try:
        return load({"data": data}, config=config)
    except SettingsFault as fault:
        raise of_settings(fault) from None


def create(settings: Settings, user: int, name: str) -> None:
    async def act() -> str:
        async with wiring.offline(settings) as offline:
            return await offline.people.create_token(user, name)

    secret = told(act)
    print("This token is shown only now:", file=sys.stderr)
    print(secret)


def show(settings: Settings, user: int) -> None:
    async def act() -> list[str]:
        async with wiring.offline(settings) as offline:
            tokens = await offline.people.tokens(user)
        return [
            f"{token.id:>4}  {_day(token.created)}  …{token.hint}"
            f"  {f'revoked {_day(token.revoked)}' if token.revoked else 'valid':<24}  {token.name}"
            for token in tokens
        ]

    for line in told(act):
        print(line.rstrip())


def revoke(settings: Settings, user: int, number: int) -> None:
    async def act() -> bool:
        async with wiring.offline(settings) as offline:
            return await offline.people.revoke_token(user, number)

    if not told(act):
        raise Quit(f"there is no valid token with the number {number}.")
    print(f"Token {number} is revoked.", file=sys.stderr)


def told(act: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What `act` returns; raises Quit when the data folder can't be used."""
    try:
        return asyncio.run(act())
    except HomeFault as fault:
        raise Quit(str(fault)) from None
    except sqlite3.Error as error:
        raise Quit(f"the database can't be used: {error}.") from error


def _day(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M")
