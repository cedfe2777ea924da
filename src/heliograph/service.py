"""The one door to the product for http, console and cli: submit, read, cancel, accounts, tokens."""

import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any, Protocol

import msgspec

from heliograph import command, errors, job
from heliograph.bus.base import Bus
from heliograph.calm import Calm
from heliograph.channel import Channel, configured
from heliograph.draft import JobDraft
from heliograph.job import JOB_EXPIRY_DAYS, Child, Job, JobType, Status
from heliograph.mail import addresses
from heliograph.midjourney import buttons, prompt
from heliograph.store.base import How, Store, Token, User
from heliograph.task import Usage
from heliograph.uploads import Inbox, Uploads
from heliograph.webhooks import signing
from heliograph.webhooks.base import Attempt, Deliveries, Delivery, State

# How long a token that another process revoked may still be honoured.
TOKEN_MEMORY_SECONDS = 1.0
DAY_MS = 86_400_000
QUEUE_MOST = 1_000
SEED = "seed"
REGION, CUSTOM_ZOOM = "Vary (Region)", "Custom Zoom"


def milliseconds() -> int:
    """The wall clock in ms since 1970, UTC."""
    return time.time_ns() // 1_000_000


def token_hash(token: str) -> str:
    """What is stored of a token. Tokens are random, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


Discover = Callable[[str], Awaitable[str]]
"""The channel of an account's token. Raises Invalid or Unauthorized, with a sentence."""


class Rehearsal(Protocol):
    """Our own bot's switch for raising challenges, by channel."""

    async def challenge(self, channel: str, kind: command.ChallengeKind) -> None: ...

    async def resolve(self, channel: str) -> None: ...


class Submitted(msgspec.Struct, frozen=True):
    """A job, and how it came: what may be had once is answered with what is there, and so is a
    command that is sent again with its key."""

    job: Job
    how: How = "new"


class Service:
    """What a user may do. Every method takes the user, and shows nothing of another's.

    `refuses` says why a URL may not be called, as far as that is known without calling it.
    """

    def __init__(
        self,
        store: Store,
        bus: Bus,
        calm: Calm,
        *,
        inbox: Inbox,
        discover: Discover,
        deliveries: Deliveries,
        refuses: Callable[[str], str | None] = lambda url: None,
        rehearsal: Rehearsal | None = None,
        queue_most: int = QUEUE_MOST,
        now: Callable[[], int] = milliseconds,
        rng: Random | None = None,
    ) -> None:
        self.now = now
        self._store = store
        self._bus = bus
        self._calm = calm
        self._uploads = Uploads(inbox)
        self._discover = discover
        self._deliveries = deliveries
        self._refuses = refuses
        self._rehearsal = rehearsal
        self._queue_most = queue_most
        self._rng = rng or Random()
        self._users: dict[str, tuple[float, User]] = {}

    async def user_of(self, token: str, *, subscribed: bool = False) -> int:
        """Raises Unauthorized for a token that is unknown or revoked, and, where the user must be
        `subscribed`, NotSubscribed once the subscription has run out."""
        user = await self._user(token_hash(token))
        until = user.subscription_until
        if subscribed and until is not None and until <= self.now():
            raise errors.NotSubscribed
        return user.id

    async def imagine(self, user: int, asked: command.Imagine) -> Submitted:
        """Creates the job on a channel with room. Raises what `channel.choose` raises."""
        type = JobType.VIDEO if prompt.is_video(asked.prompt) else JobType.IMAGE
        return await self._admit(user, "imagine", type, asked)

    async def button(self, user: int, asked: command.Button) -> Submitted:
        """Presses a button of a finished job, in that job's channel; U1 to U4 once a job.

        Raises ParentNotFound, ParentExpired, Invalid, and what `channel.choose` raises.
        """
        parent = await self._parent(user, asked.job)
        _must_be_complete(parent, "")
        message = parent.response or {}
        found = buttons.find(message, asked.button)
        if found is None:
            raise errors.Invalid(_not_offered(asked.button, buttons.labels(message)))
        label = found.label
        inputs: dict[str, Any] = {
            "message": message,
            "custom_id": found.custom_id,
            "label": label,
            "prompt": asked.prompt,
        }
        if label == REGION:
            inputs["mask"] = await self._uploads.mask(message, asked.mask)
        elif label == CUSTOM_ZOOM and not (asked.prompt or "").strip():
            raise errors.Invalid(f"Parameter prompt is required for {CUSTOM_ZOOM}")
        video = parent.type is JobType.VIDEO or buttons.is_video(label)
        return await self._admit(
            user,
            "button",
            JobType.VIDEO if video else JobType.IMAGE,
            asked,
            parent=parent,
            once=label if label in buttons.ONCE else None,
            inputs=inputs,
        )

    async def seed(self, user: int, asked: command.Seed) -> Submitted:
        """Asks for a finished job's seed, once. Raises as `button` does."""
        parent = await self._parent(user, asked.job)
        _must_be_complete(parent, " to get seed")
        if parent.type is not JobType.IMAGE:
            kind = f'"{parent.type.value}"' if parent.type else "not set"
            raise errors.Invalid(f'Parent job type is {kind}, must be "image" to get seed')
        if not parent.uuid or not (parent.response or {}).get("id"):
            raise errors.Invalid("Parent job has no message to get the seed of")
        inputs = {"message": parent.response, "uuid": parent.uuid}
        return await self._admit(user, "seed", None, asked, parent=parent, once=SEED, inputs=inputs)

    async def blend(self, user: int, asked: command.Blend) -> Submitted:
        """Creates the job on a channel with room. Raises Invalid and what `choose` raises."""
        inputs = {
            "images": await self._uploads.images(asked.images),
            "dimensions": asked.dimensions or "Square",
        }
        return await self._admit(user, "blend", JobType.IMAGE, asked, inputs=inputs)

    async def describe(self, user: int, asked: command.Describe) -> Submitted:
        """Creates the job on a sound channel. Raises Invalid and what `choose` raises."""
        inputs = {"images": await self._uploads.images([asked.image])}
        return await self._admit(user, "describe", None, asked, inputs=inputs)

    async def setting(self, user: int, asked: command.Setting) -> Submitted:
        """Creates the job on the named or the only channel. Raises ChannelRequired and others."""
        return await self._admit(user, asked.verb, None, asked, sole=True)

    async def job(self, user: int, id: str) -> Job:
        """Raises JobNotFound, also for another user's job, and JobExpired after 62 days."""
        found = await self._store.job(id)
        if found is None or found.user != user:
            raise errors.JobNotFound
        if self.now() - found.created > JOB_EXPIRY_DAYS * DAY_MS:
            raise errors.JobExpired(job=id)
        return found

    async def children(self, parent: Job) -> list[Child]:
        """The jobs that were made from a finished image or video job, oldest first."""
        if parent.status is not Status.COMPLETED or parent.type is None:
            return []
        return await self._store.children(parent.id)

    async def running(self, user: int) -> list[Job]:
        return await self._store.running(user)

    async def cancel(self, user: int, id: str) -> Job:
        """Ends a running job (decision 23). Raises JobNotFound, JobExpired or JobEnded."""
        found = await self.job(user, id)
        ended = await self._store.apply(job.cancel(found, self.now()))
        if ended is None:
            # It ended between the reading and the writing: say how.
            now_ended = await self.job(user, id)
            raise errors.JobEnded(state=now_ended.status.value)
        self._bus.publish("job", id)
        self._bus.publish("channel", ended.channel)
        self._bus.publish("queue", ended.channel)
        if ended.watched:
            self._bus.publish("delivery", id)
        return ended

    async def channels(self, user: int) -> list[Channel]:
        return await self._store.channels(user)

    async def channel(self, user: int, id: str) -> Channel:
        """Raises ChannelNotFound, also for another user's channel."""
        found = await self._store.channel(id)
        if found is None or found.user != user:
            raise errors.ChannelNotFound(channel=id)
        return found

    async def configure(self, user: int, asked: command.Account) -> tuple[Channel, bool]:
        """Adds the account's channel, or sets what was sent of a known one; says whether it is new.

        Raises Invalid, also for another user's account, and what `discover` raises.
        """
        self._check_url(asked.reply_url)
        id = await self._discover(asked.token)
        known = await self._store.channel(id)
        if known is None:
            made = configured(Channel(id=id, user=user, token=asked.token), asked, fresh=True)
            if await self._store.add_channel(made, self.now()):
                self._bus.publish("channel", id)
                self._bus.publish("queue", id)
                return made, True
            known = await self._store.channel(id)
        if known is None or known.user != user:
            raise errors.Invalid("This account is configured by another user")
        changed = configured(known, asked, fresh=False)
        await self._store.update_channel(changed)
        self._bus.publish("queue", id)
        return changed, False

    async def delete_channel(self, user: int, id: str) -> None:
        """Its running jobs go on; those that wait for it fail. Raises ChannelNotFound."""
        if not await self._store.delete_channel(user, id, self.now()):
            raise errors.ChannelNotFound(channel=id)
        self._bus.publish("queue", id)
        self._bus.publish("lease", id)

    async def reset_channel(self, user: int, id: str) -> None:
        """Opens a channel that was in error. Raises ChannelNotFound."""
        await self.channel(user, id)
        if await self._store.open_channel(id, self.now()):
            self._bus.publish("mail", id)
        self._bus.publish("queue", id)

    async def challenge(self, user: int, id: str, kind: command.ChallengeKind) -> None:
        """Has our own bot raise a challenge, until `resolve`. Raises ChannelNotFound, and Invalid
        for another upstream's channel."""
        await (await self._own(user, id)).challenge(id, kind)

    async def resolve(self, user: int, id: str) -> None:
        """Ends what `challenge` began; the channel stays in error until it is reset."""
        await (await self._own(user, id)).resolve(id)

    async def deliveries(
        self, user: int, *, state: State | None = None, limit: int = 100
    ) -> list[Delivery]:
        """The user's webhook deliveries, newest first."""
        return await self._deliveries.listed(user, state=state, limit=limit)

    async def delivery(self, user: int, id: int) -> tuple[Delivery, list[Attempt]]:
        """One delivery with its attempts. Raises DeliveryNotFound."""
        found = await self._deliveries.show(user, id)
        if found is None:
            raise errors.DeliveryNotFound
        return found

    async def replay(self, user: int, id: int) -> Delivery:
        """Has a delivery made again, at once. Raises DeliveryNotFound."""
        found = await self._deliveries.replay(user, id, self.now())
        if found is None:
            raise errors.DeliveryNotFound
        self._bus.publish("delivery", found.job or found.task or "")
        return found

    async def signing_secrets(self, user: int) -> list[str]:
        """The secrets by which the user's webhooks are signed, newest first."""
        return await self._deliveries.secrets(user, self.now())

    async def rotate_secret(self, user: int) -> list[str]:
        """Adds a secret; the ones before it go on signing for a day."""
        now = self.now()
        await self._deliveries.rotate(user, signing.new_secret(), now, now + DAY_MS)
        return await self.signing_secrets(user)

    async def users(self) -> list[User]:
        return await self._store.users()

    async def subscribe(self, user: int, until: int | None) -> bool:
        """Sets when a user's subscription ends, in ms since 1970; False for an unknown user."""
        self._users.clear()
        return await self._store.set_subscription(user, until)

    async def set_quotas(self, user: int, quotas: Mapping[str, int | None]) -> bool:
        """Sets those of `fast_jobs`, `relaxed_jobs` (v1 tasks a month) and `unfinished` (at once)
        that are given; None is any number. False for an unknown user."""
        return await self._store.set_quotas(user, quotas)

    async def usage(self, since: int, before: int) -> list[Usage]:
        """What each user had done of what was asked for between the two moments (ms)."""
        return await self._store.usage(since, before)

    async def set_mail(self, user: int, address: str | None) -> bool:
        """Sets where mails to a user go; None: where the settings say. False for an unknown user.
        Raises Invalid."""
        try:
            checked = address and addresses.address(address)
        except ValueError as fault:
            raise errors.Invalid(f"{address!r} {fault}") from None
        return await self._store.set_mail(user, checked)

    async def create_token(self, user: int, name: str, *, secret: str | None = None) -> str:
        """Makes a token and returns its secret, which can't be read again.

        With `secret` that text becomes a token; one that exists already stays as it is.
        """
        secret = secret or f"hg_{secrets.token_urlsafe(24)}"
        await self._store.add_token(user, name, token_hash(secret), secret[-3:], self.now())
        return secret

    async def tokens(self, user: int) -> list[Token]:
        return await self._store.tokens(user)

    async def revoke_token(self, user: int, id: int) -> bool:
        """False when the user has no such token, or it has been revoked before."""
        self._users.clear()
        return await self._store.revoke_token(user, id, self.now())

    async def _own(self, user: int, id: str) -> Rehearsal:
        channel = await self.channel(user, id)
        if self._rehearsal is None or not channel.own:
            raise errors.Invalid(f"Channel {id} is not one of our own bot's")
        return self._rehearsal

    def _check_url(self, url: str | None) -> None:
        if url is not None and (why := self._refuses(url)):
            raise errors.Invalid(f"Parameter replyUrl can't be called: {why}")

    async def _user(self, hashed: str) -> User:
        known = self._users.get(hashed)
        if known is not None and time.monotonic() - known[0] < TOKEN_MEMORY_SECONDS:
            return known[1]
        self._users.pop(hashed, None)
        user = await self._store.user_of(hashed)
        if user is None:
            raise errors.Unauthorized
        self._users[hashed] = (time.monotonic(), user)
        return user

    async def _parent(self, user: int, id: str) -> Job:
        try:
            return await self.job(user, id)
        except errors.JobNotFound:
            raise errors.ParentNotFound from None
        except errors.JobExpired:
            raise errors.ParentExpired from None

    async def _admit(
        self,
        user: int,
        verb: str,
        type: JobType | None,
        asked: command.Command,
        *,
        sole: bool = False,
        parent: Job | None = None,
        once: str | None = None,
        inputs: dict[str, Any] | None = None,
    ) -> Submitted:
        draft = JobDraft(
            user=user,
            verb=verb,
            type=type,
            request=asked.echo,
            named=parent.channel if parent else asked.channel,
            now=self.now,
            rng=self._rng,
            sole=sole,
            once=(parent.id, once) if parent and once else None,
            key=(asked.key, f"{verb} {asked.digest}") if asked.key else None,
            parent=parent.id if parent else None,
            inputs=inputs or {},
            queue=self._queue_most if asked.queue else None,
        )
        try:
            self._check_url(asked.reply_url)
            with self._calm.disturbed():
                admitted, how = await self._store.admit(user, draft)
        except BaseException:
            await self._uploads.drop(draft.inputs)
            raise
        if how == "new":
            self._bus.publish("channel", admitted.channel)
        else:
            await self._uploads.drop(draft.inputs)
        if admitted.watched:
            self._bus.publish("delivery", admitted.id)
        return Submitted(admitted, how)


def _must_be_complete(parent: Job, purpose: str) -> None:
    if parent.status is not Status.COMPLETED:
        state = parent.status.value
        raise errors.Invalid(f'Parent job status is "{state}", must be "completed"{purpose}')


def _not_offered(label: str, labels: list[str]) -> str:
    if not labels:
        return f"Button {label} is not available: the parent job offers no buttons"
    return f"Button {label} is not available. Available buttons: {', '.join(labels)}"
