"""`heliograph webhooks`: works on the data folder, whether or not a server runs on it."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from heliograph import wiring
from heliograph.cli import lines
from heliograph.cli.ending import Quit, printable
from heliograph.cli.tokens import told
from heliograph.errors import DeliveryNotFound
from heliograph.home import Home
from heliograph.service.webhooks import Webhooks
from heliograph.settings import Settings

State = Literal["pending", "delivered", "failed"]

STYLES = {"pending": "yellow", "delivered": "green", "failed": "red"}


def listed(settings: Settings, user: int, state: State | None, limit: int) -> None:
    async def act() -> list[tuple[str, str]]:
        async with _webhooks(settings, user) as webhooks:
            found = await webhooks.deliveries(user, state=state, limit=limit)
        return [
            (
                f"{one.id:>5}  {lines.second(one.created)}  {one.state:<9}  {one.attempts:>2}"
                f"  {_name(one.event):<9}  {one.url}  {one.job or one.task or ''}",
                one.state,
            )
            for one in reversed(found)
        ]

    for line, mark in told(act):
        lines.show(printable(line), mark=mark, style=STYLES[mark])


def show(settings: Settings, user: int, number: int) -> None:
    async def act() -> list[str]:
        async with _webhooks(settings, user) as webhooks:
            try:
                one, attempts = await webhooks.delivery(user, number)
            except DeliveryNotFound:
                raise _unknown(number) from None
        due = "" if one.due is None else f", due {lines.second(one.due)}"
        return [
            f"event     {_name(one.event)} ({one.seq})",
            f"job       {one.job or one.task or ''}",
            f"url       {one.url}",
            f"created   {lines.second(one.created)}",
            f"state     {one.state}{due}",
            f"attempts  {len(attempts)}",
            *(
                f"  {lines.second(each.at)}  {each.ms:>6} ms  {each.status or '-':>3}"
                f"  {_first_line(each.error or each.answer)}"
                for each in attempts
            ),
        ]

    for line in told(act):
        print(printable(line).rstrip())


def replay(settings: Settings, user: int, number: int) -> None:
    async def act() -> str:
        async with _webhooks(settings, user) as webhooks:
            try:
                return (await webhooks.replay(user, number)).url
            except DeliveryNotFound:
                raise _unknown(number) from None

    url = told(act)
    when = "within 5 s" if Home(settings.data).served() else "when a server runs"
    print(f"Delivery {number} is made again {when}, to {printable(url)}.", file=sys.stderr)


def secret(settings: Settings, user: int, *, rotate: bool) -> None:
    async def act() -> list[str]:
        async with _webhooks(settings, user) as webhooks:
            return await (webhooks.rotate_secret if rotate else webhooks.secrets)(user)

    newest, *older = told(act)
    if older:
        count = "One older secret signs" if len(older) == 1 else f"{len(older)} older secrets sign"
        print(f"{count} too, for a day from its replacement on.", file=sys.stderr)
    print(newest)


@asynccontextmanager
async def _webhooks(settings: Settings, user: int) -> AsyncIterator[Webhooks]:
    """For a user that there is. Raises Quit."""
    async with wiring.offline(settings) as offline:
        if all(one.id != user for one in await offline.people.users()):
            raise Quit(f"there is no user {user}.")
        yield offline.webhooks


def _unknown(number: int) -> Quit:
    return Quit(f"there is no delivery with the number {number}.")


def _name(event: str) -> str:
    return event.removeprefix("midjourney_")


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "")
