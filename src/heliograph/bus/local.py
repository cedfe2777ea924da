"""Hints within one process."""

from collections.abc import Callable

from heliograph.bus.base import Kind


class LocalBus:
    """`heliograph.bus.base.Bus` for one event loop."""

    def __init__(self) -> None:
        self._subscribers: dict[Kind, list[Callable[[str], None]]] = {
            "job": [],
            "channel": [],
            "delivery": [],
            "mail": [],
            "queue": [],
            "lease": [],
        }

    def publish(self, kind: Kind, id: str) -> None:
        for heard in self._subscribers[kind]:
            heard(id)

    def subscribe(self, kind: Kind, heard: Callable[[str], None]) -> Callable[[], None]:
        # A new list each time, so that one may leave while `publish` goes through the old one.
        self._subscribers[kind] = [*self._subscribers[kind], heard]
        return lambda: self._leave(kind, heard)

    def _leave(self, kind: Kind, heard: Callable[[str], None]) -> None:
        self._subscribers[kind] = [other for other in self._subscribers[kind] if other != heard]
