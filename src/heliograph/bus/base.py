"""The port for hints: "job X moved". Rows are the truth; a lost hint costs a poll interval."""

from collections.abc import AsyncIterator
from typing import Literal, Protocol

import msgspec


class Hint(msgspec.Struct, frozen=True):
    """`job`: the job's row or events moved. `channel`: a job of it wants the worker."""

    kind: Literal["job", "channel"]
    id: str


class Bus(Protocol):
    def publish(self, hint: Hint) -> None:
        """Tells every listener; never waits and never fails."""

    def listen(self, kind: Literal["job", "channel"]) -> AsyncIterator[str]:
        """Ids of `kind` from this call on; repeats that nobody has taken yet are merged."""
