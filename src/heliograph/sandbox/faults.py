"""Trouble to order. A fault waits until its moment comes, happens as often as it was asked for, and
is gone. Everything random comes from the sandbox's seed.
"""

import inspect
from collections.abc import Callable, Collection, Sequence
from random import Random
from typing import Any, TypeVar

import msgspec

from heliograph.sandbox.answers import ROUTES
from heliograph.sandbox.kinds import KINDS, NAMES, Chance, Fault, NoticeFault
from heliograph.sandbox.notices import NOTICES

AnyFault = TypeVar("AnyFault", bound=Fault)


class FaultInvalid(Exception):
    """What was posted is no fault; the text names what is wrong."""


def read(data: object, users: Collection[str]) -> list[Fault]:
    """The faults of a JSON object, or of a list of them; `users` are those that they may strike.
    Raises FaultInvalid."""
    objects = data if isinstance(data, list) else [data]
    return [_fault(name, value, users) for one in objects for name, value in _fields(one)]


def described() -> dict[str, Any]:
    """All kinds: what they do, and their options with what these are unless told otherwise."""
    return {
        name: {
            "does": inspect.cleandoc(kind.__doc__ or ""),
            "options": msgspec.to_builtins(kind()),
        }
        for name, kind in KINDS.items()
    } | {"notices": sorted(NOTICES)}


class Faults:
    """Those that wait for their moment."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._waiting: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        self._waiting.append(fault)

    def clear(self) -> None:
        self._waiting.clear()

    def waiting(self) -> list[dict[str, Any]]:
        return [{NAMES[type(fault)]: msgspec.to_builtins(fault)} for fault in self._waiting]

    def take(
        self, kind: type[AnyFault], user: str, fits: Callable[[AnyFault], bool] = lambda fault: True
    ) -> AnyFault | None:
        """The fault that happens now to that account, if one does; `fits` may look at its
        options."""
        for fault in self._waiting:
            if isinstance(fault, kind) and _for(fault, user) and fits(fault):
                self._spend(fault)
                return fault
        return self._by_chance(kind, user, fits)

    def _by_chance(
        self, kind: type[AnyFault], user: str, fits: Callable[[AnyFault], bool]
    ) -> AnyFault | None:
        for chance in self._waiting:
            if isinstance(chance, Chance) and NAMES[kind] in chance.kinds and _for(chance, user):
                fault = kind()
                if fits(fault) and self._rng.random() < chance.rate:
                    return fault
        return None

    def _spend(self, fault: Any) -> None:
        fault.times -= 1
        if not fault.times:
            # Not by equality: two that are alike are two.
            self._waiting = [one for one in self._waiting if one is not fault]


def _for(fault: Any, user: str) -> bool:
    return fault.user in ("", user)


def _fields(data: object) -> list[tuple[str, object]]:
    if not isinstance(data, dict) or not data:
        raise FaultInvalid('A fault is a JSON object such as {"drop": 1}')
    return list(data.items())


def _fault(name: str, value: object, users: Collection[str]) -> Fault:
    kind = KINDS.get(name)
    if kind is None:
        raise FaultInvalid(f"There is no fault {name!r}; there are {', '.join(KINDS)}")
    first = kind.__struct_encode_fields__[0]
    options = value if isinstance(value, dict) else {} if value is True else {first: value}
    try:
        fault = msgspec.convert(options, kind)
    except msgspec.ValidationError as error:
        raise FaultInvalid(f"Fault {name}: {error}") from None
    _check(name, fault, users)
    return fault


def _check(name: str, fault: Any, users: Collection[str]) -> None:
    """What the types don't say."""
    if (user := getattr(fault, "user", "")) and user not in users:
        raise FaultInvalid(
            f"Fault {name}: there is no user {user!r}; GET /__accounts tells who there is"
        )
    if (route := getattr(fault, "route", "")) and route not in ROUTES:
        known = ", ".join(ROUTES)
        raise FaultInvalid(f"Fault {name}: there is no route {route!r}; there are {known}")
    if isinstance(fault, NoticeFault) and fault.name not in NOTICES:
        known = ", ".join(sorted(NOTICES))
        raise FaultInvalid(f"Fault {name}: there is no notice {fault.name!r}; there are {known}")
    if isinstance(fault, Chance) and (unknown := _not_for_chance(fault.kinds)):
        raise FaultInvalid(f"Fault {name}: {unknown!r} is no kind that can happen by chance")


# Those happen when they are posted, or need to be told more.
_AT_ONCE = ("silent", "close", "reconnect", "rotate", "expire_links", "enable", "notice", "random")


def _not_for_chance(kinds: Sequence[str]) -> str:
    return next((kind for kind in kinds if kind in _AT_ONCE or kind not in KINDS), "")
