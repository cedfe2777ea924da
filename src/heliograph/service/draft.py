"""A job that looks for a channel: what `store.admit` is given, by the rules of `channel`."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import msgspec

from heliograph import errors, job
from heliograph.channel import Channel, Load, bind, choose
from heliograph.job import Job, JobType
from heliograph.midjourney import prompt


class JobDraft(msgspec.Struct, frozen=True, kw_only=True):
    """`heliograph.store.base.Draft` by the rules of `heliograph.channel`.

    `sole`: without a named channel, the only one there is (decision 9).
    """

    user: int
    verb: str
    type: JobType | None
    request: dict[str, Any]
    named: str | None
    now: Callable[[], int]
    rng: Random
    sole: bool = False
    once: tuple[str, str] | None = None
    key: tuple[str, str] | None = None
    parent: str | None = None
    inputs: dict[str, Any] = {}
    queue: int | None = None

    @property
    def relaxed(self) -> bool | None:
        speed = prompt.speed(str(self.request.get("prompt") or ""))
        return None if speed is None else speed == "relax"

    def bind(
        self, channels: Sequence[Channel], loads: Mapping[str, Load], waiting: Mapping[str, int]
    ) -> Channel:
        return bind(channels, loads, waiting, named=self.named)

    def choose(self, channels: Sequence[Channel], loads: Mapping[str, Load]) -> Channel:
        if self.sole and self.named is None and len(channels) > 1:
            raise errors.ChannelRequired(count=len(channels))
        return choose(channels, loads, self.type, self.rng, named=self.named)

    def job(self, channel: str) -> Job:
        return job.new(
            now=self.now(),
            digits=self.rng.randrange(10**6),
            user=self.user,
            channel=channel,
            verb=self.verb,
            type=self.type,
            request=self.request,
            parent=self.parent,
            once=self.once[1] if self.once else None,
            inputs=self.inputs,
        )
