"""Progress: how far a picture has come, told in small steps that never go back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

Report = Callable[[float], None]


@dataclass
class Progress:
    """Turns the parts (0..1) of the phase at hand into parts of the whole picture.

    A place may be built from another one, so a part that lies behind is passed over. Whatever
    `report` raises ends the painting.
    """

    report: Report
    low: float = 0.0
    high: float = 0.0
    last: float = -1.0

    def phase(self, share: float) -> None:
        """End the phase at hand and begin one that takes a share of the whole time."""
        self.reached(1.0)
        self.low, self.high = self.high, min(1.0, self.high + share)

    def reached(self, part: float) -> None:
        """Tell that a part of the phase at hand is done."""
        value = self.low + (self.high - self.low) * part
        if value > self.last:
            self.last = value
            self.report(value)

    def shared(self, count: int) -> Iterator[Progress]:
        """Yield the progress of each of `count` equal parts, one after another, of what is left."""
        low = max(self.last, 0.0)
        for index in range(count):
            start = low + (1 - low) * index / count
            yield Progress(self._part(start, (1 - low) / count))

    def _part(self, start: float, share: float) -> Report:
        def report(value: float) -> None:
            self.low, self.high = start, start + share
            self.reached(value)

        return report
