"""`heliograph user`: works on the data folder, whether or not a server runs on it."""

import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from heliograph import wiring
from heliograph.cli.ending import Quit
from heliograph.cli.tokens import told
from heliograph.mail import addresses
from heliograph.settings import Settings
from heliograph.task import Usage

FOR_EVER, UNLIMITED = "never", "none"
USAGE = ("user", "fast", "relaxed", "images", "videos", "failed", "tasks")


class Limited(Protocol):
    """How many v1 tasks a user may have; None is any number."""

    @property
    def fast_jobs(self) -> int | None: ...

    @property
    def relaxed_jobs(self) -> int | None: ...

    @property
    def unfinished(self) -> int | None: ...


def show(settings: Settings) -> None:
    async def act() -> list[str]:
        async with wiring.offline(settings) as offline:
            users = await offline.people.users()
        return [
            f"{user.id:>4}  {_ends(user.subscription_until)}{_limits(user)}{_mail(user.mail)}"
            for user in users
        ]

    for line in told(act):
        print(line)


def change(
    settings: Settings,
    user: int,
    *,
    subscription_until: str | None = None,
    quotas: Mapping[str, str | None],
    mail: str | None = None,
) -> None:
    """Sets what is given. `subscription_until` is a day (its last moment counts, UTC), a moment in
    ISO 8601, or `never`; a quota is a number or `none`, and so is `mail`, else an address."""
    given = {name: _quota(name, text) for name, text in quotas.items() if text is not None}
    if subscription_until is None and mail is None and not given:
        raise Quit("there is nothing to set; `heliograph user set --help` lists what may be.")
    moment = None if subscription_until is None else _moment(subscription_until)
    address = None if mail is None else _address(mail)

    async def act() -> str | None:
        async with wiring.offline(settings) as offline:
            if subscription_until is not None:
                await offline.people.subscribe(user, moment)
            if given:
                await offline.people.set_quotas(user, given)
            if mail is not None:
                await offline.people.set_mail(user, address)
            users = {one.id: one for one in await offline.people.users()}
        if (one := users.get(user)) is None:
            return None
        return f"{_ends(one.subscription_until)}{_limits(one)}{_mail(one.mail)}"

    changed = told(act)
    if changed is None:
        raise Quit(f"there is no user {user}.")
    print(f"User {user}: {changed}", file=sys.stderr)


def usage(settings: Settings, user: int | None, month: str | None) -> None:
    """Prints what each user (or that one) had done of what was asked for in a month, UTC."""
    since, before = _month(month)

    async def act() -> list[Usage]:
        async with wiring.offline(settings) as offline:
            return await offline.people.usage(since, before)

    rows = [one for one in told(act) if user in (None, one.user)]
    if user is not None and not rows:
        raise Quit(f"there is no user {user}.")
    print("".join(f"{name:>9}" for name in USAGE))
    for row in rows:
        print("".join(f"{getattr(row, name):>9}" for name in USAGE))


def _address(text: str) -> str | None:
    if text == UNLIMITED:
        return None
    try:
        return addresses.address(text)
    except ValueError as fault:
        raise Quit(f"--mail {fault}, or {UNLIMITED!r}.") from None


def _mail(address: str | None) -> str:
    return "" if address is None else f"; mail to {address}"


def _month(text: str | None) -> tuple[int, int]:
    """When a month begins and ends, in ms since 1970; this month unless `text` names one."""
    first = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if text is not None:
        try:
            first = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
        except ValueError:
            raise Quit(f"{text!r} is not a month such as 2027-01.") from None
    following = (first + timedelta(days=32)).replace(day=1)
    return int(first.timestamp() * 1000), int(following.timestamp() * 1000)


def _quota(name: str, text: str) -> int | None:
    if text == UNLIMITED:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        option = name.replace("_", "-")
        raise Quit(f"--{option}: {text!r} is neither a whole number nor {UNLIMITED!r}.")
    return int(text)


def _moment(text: str) -> int | None:
    if text == FOR_EVER:
        return None
    try:
        if len(text) == len("2027-01-31"):
            moment = datetime.combine(date.fromisoformat(text), time.max, UTC)
        else:
            moment = datetime.fromisoformat(text)
    except ValueError:
        raise Quit(f"{text!r} is neither a day such as 2027-01-31 nor {FOR_EVER!r}.") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


def _limits(user: Limited) -> str:
    quotas = (
        (user.fast_jobs, "fast tasks a month"),
        (user.relaxed_jobs, "relaxed tasks a month"),
        (user.unfinished, "unfinished tasks at once"),
    )
    return "".join(f"; {most} {what}" for most, what in quotas if most is not None)


def _ends(until: int | None) -> str:
    if until is None:
        return "the subscription has no end"
    day = datetime.fromtimestamp(until / 1000, UTC).strftime("%Y-%m-%d %H:%M")
    return f"the subscription ends {day} UTC"
