"""Jobs whose end is in sight, though nothing has said yet what it is.

A job that was stopped may be told why in the next message. One whose progress message was deleted
has a final message as a rule; if none comes, it may have been missed, which the history tells, or
else moderators took the job back.
"""

from typing import Literal

from heliograph import job as jobs
from heliograph.job import Change, Job

Ending = Literal["stopped", "deleted"]
# So long after the deletion the final message is looked for in the history.
LOOK_MS = 5_000
# How long the reason, or the final message, is waited for.
GRACE_MS: dict[Ending, int] = {"stopped": 5_000, "deleted": 60_000}


class Endings:
    """By job id, since when; times in ms."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[Ending, int]] = {}
        self._looked: set[str] = set()

    def near(self, id: str, ending: Ending, now: int) -> None:
        self._since[id] = (ending, now)

    def clear(self, id: str) -> None:
        """There is news of the job, or it has ended."""
        self._since.pop(id, None)
        self._looked.discard(id)

    def unseen(self, now: int) -> list[str]:
        """The jobs whose final message should be looked for; each is told once."""
        unseen = [
            id
            for id, (ending, since) in self._since.items()
            if ending == "deleted" and now - since >= LOOK_MS and id not in self._looked
        ]
        self._looked.update(unseen)
        return unseen

    def due(self, now: int) -> list[tuple[str, Ending]]:
        """The jobs that were waited for long enough."""
        return [
            (id, ending)
            for id, (ending, since) in self._since.items()
            if now - since >= GRACE_MS[ending]
        ]


def end(job: Job, ending: Ending, now: int) -> Change:
    if ending == "stopped":
        return jobs.fail(job, now, "The job was stopped upstream", code=499)
    return jobs.moderate(
        job,
        now,
        "The upstream took the job back",
        "Its message was deleted and no result followed, as happens to moderated jobs",
        None,
    )
