"""Channels, what they may carry at once, and how one is chosen for a job (decisions 8 and 9)."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

from heliograph import errors
from heliograph.command import Account
from heliograph.job import JobType

T = TypeVar("T")

# Quotas of a new channel that names none (decision 9).
QUOTA = 3


def is_own(token: str) -> bool:
    """Whether an account's token is one of our own bot's: those begin with `studio`."""
    return token.startswith("studio")


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One configured account of the bot. `token` says whose: `studio…` is our own bot's."""

    id: str
    user: int
    token: str
    max_jobs: int = 3
    max_image_jobs: int = 3
    max_video_jobs: int = 3
    reply_url: str | None = None
    error: str | None = None

    @property
    def own(self) -> bool:
        """Whether it is one of our own bot's."""
        return is_own(self.token)


class Load(msgspec.Struct, frozen=True):
    """How many typed jobs of a channel are running."""

    images: int = 0
    videos: int = 0

    @property
    def total(self) -> int:
        return self.images + self.videos


class Chooser(Protocol):
    """The part of `random.Random` that choosing needs."""

    def choice(self, seq: Sequence[T], /) -> T: ...


def busy(channel: Channel, load: Load, type: JobType | None) -> errors.ChannelBusy | None:
    """Why the channel has no room for one more job of `type`; None when it has. Untyped jobs
    always have room."""
    if type is None:
        return None
    running, limit = (
        (load.images, channel.max_image_jobs)
        if type is JobType.IMAGE
        else (load.videos, channel.max_video_jobs)
    )
    if running >= limit:
        return errors.ChannelBusy(channel=channel.id, count=running, kind=f"{type.value} jobs")
    if load.total >= channel.max_jobs:
        return errors.ChannelBusy(channel=channel.id, count=load.total, kind="jobs")
    return None


def choose(
    channels: Sequence[Channel],
    loads: Mapping[str, Load],
    type: JobType | None,
    rng: Chooser,
    *,
    named: str | None = None,
) -> Channel:
    """The channel that takes a new job: the named one, else one at random among those with room.

    Raises NoChannels, ChannelNotFound, ChannelError, ChannelBusy, AllChannelsInError or
    AllChannelsBusy, each with the text of decision 9.
    """
    if named is not None:
        return _named(channels, loads, type, named)
    if not channels:
        raise errors.NoChannels
    sound = [channel for channel in channels if channel.error is None]
    if not sound:
        raise errors.AllChannelsInError(count=len(channels))
    free = [channel for channel in sound if not busy(channel, loads.get(channel.id, Load()), type)]
    if not free:
        raise errors.AllChannelsBusy(count=len(channels))
    return rng.choice(free)


def bind(
    channels: Sequence[Channel],
    loads: Mapping[str, Load],
    waiting: Mapping[str, int],
    *,
    named: str | None = None,
) -> Channel:
    """The channel that a job is to wait for: the named one, else the least loaded of the sound
    ones by (running + waiting) / `max_jobs`. `waiting` counts the jobs that do so already.

    Raises what `choose` raises, except that nothing is busy.
    """
    if named is not None:
        return _named(channels, loads, None, named)
    if not channels:
        raise errors.NoChannels
    sound = [channel for channel in channels if channel.error is None]
    if not sound:
        raise errors.AllChannelsInError(count=len(channels))

    def fullness(channel: Channel) -> float:
        busy = loads.get(channel.id, Load()).total + waiting.get(channel.id, 0)
        return busy / channel.max_jobs

    return min(sound, key=fullness)


def _named(
    channels: Sequence[Channel], loads: Mapping[str, Load], type: JobType | None, named: str
) -> Channel:
    for channel in channels:
        if channel.id != named:
            continue
        if channel.error is not None:
            raise errors.ChannelError(channel=channel.id, error=channel.error)
        if full := busy(channel, loads.get(channel.id, Load()), type):
            raise full
        return channel
    raise errors.ChannelNotFound(channel=named)


def configured(channel: Channel, asked: Account, *, fresh: bool) -> Channel:
    """The channel with what was sent; a new one's quotas are min(3, maxJobs) unless sent.

    Raises Invalid for a quota above `maxJobs`.
    """
    most = asked.max_jobs or (QUOTA if fresh else channel.max_jobs)
    quotas = {}
    for name, sent, kept in (
        ("maxImageJobs", asked.max_image_jobs, channel.max_image_jobs),
        ("maxVideoJobs", asked.max_video_jobs, channel.max_video_jobs),
    ):
        if sent is not None and sent > most:
            raise errors.Invalid(f"Parameter {name} must be at most maxJobs, which is {most}")
        # A quota that was not sent follows maxJobs down.
        quotas[name] = sent or min(QUOTA if fresh else kept, most)
    return msgspec.structs.replace(
        channel,
        token=asked.token,
        max_jobs=most,
        max_image_jobs=quotas["maxImageJobs"],
        max_video_jobs=quotas["maxVideoJobs"],
        reply_url=asked.reply_url or channel.reply_url,
    )
