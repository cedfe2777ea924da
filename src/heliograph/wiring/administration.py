"""What is done to a data folder without a server."""

import contextlib
from collections.abc import AsyncIterator

import msgspec

from heliograph import clock, vault
from heliograph.bus.local import LocalBus
from heliograph.home import Home
from heliograph.mail.base import Outbox
from heliograph.mail.letters import trial
from heliograph.mail.post import composed
from heliograph.service.people import People
from heliograph.service.webhooks import Webhooks
from heliograph.settings import Settings
from heliograph.store.deliveries import SqliteDeliveries
from heliograph.store.mails import SqliteOutbox
from heliograph.wiring import stores, telling


class Offline(msgspec.Struct, frozen=True):
    """The doors that are open without a server."""

    people: People
    webhooks: Webhooks
    mails: Outbox


@contextlib.asynccontextmanager
async def offline(settings: Settings) -> AsyncIterator[Offline]:
    """Over the data folder, whether or not a server runs on it. Raises HomeFault."""
    home = Home(settings.data)
    home.create()
    async with stores.opened(settings, home) as store:
        deliveries = SqliteDeliveries(store.database, stores.addresses(settings))
        mails = SqliteOutbox(store.database)
        yield Offline(People(store), Webhooks(deliveries, LocalBus()), mails)


async def try_mail(settings: Settings, address: str) -> str | None:
    """Sends a mail there at once; returns what the mail server said when it took it, None where
    mail is not configured. Raises PostFailed, and HomeFault."""
    post, sender = telling.post(settings), settings.mail.sender
    if post is None or sender is None:
        return None
    message = composed(trial(), sender, to=address, at=clock.milliseconds(), id="trial")
    return await post.send(message)


async def rotate_keys(settings: Settings) -> None:
    """Seals all account tokens with a new key, and forgets the old ones. With keys of the settings:
    with the first of them. Raises HomeFault, also while a server runs on the folder."""
    home = Home(settings.data)
    with home.lock():
        if settings.keys is None:
            # Whatever happens in between, a key that opens is in the file.
            vault.write_keys(home.keys, [vault.new_key(), *vault.keys_of(home.keys)])
        async with stores.opened(settings, home) as store:
            await stores.seal(store)
        if settings.keys is None:
            vault.write_keys(home.keys, vault.keys_of(home.keys)[:1])
