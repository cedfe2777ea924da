"""The port for hints: "job X moved". Rows are the truth; a lost hint costs a poll interval."""

from collections.abc import Callable
from typing import Literal, Protocol

Kind = Literal["job", "channel", "delivery", "mail", "queue", "lease"]
"""`job`: the job's row or events moved. `channel`: a job of it wants the worker. `delivery`: an
event of the job is to be told to somebody. `mail`: a mail about the channel may be due.
`queue`: a channel may have room for what waits, or something new waits. `lease`: a channel is no
longer to be served."""


class Bus(Protocol):
    def publish(self, kind: Kind, id: str) -> None:
        """Tells every subscriber; never waits and never fails."""

    def subscribe(self, kind: Kind, heard: Callable[[str], None]) -> Callable[[], None]:
        """Calls `heard` with ids of `kind` from now on, until what is returned is called.

        `heard` runs on the event loop and must only take a note. Ids may repeat.
        """
