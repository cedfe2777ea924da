"""The store over the data folder, and the keys that seal what it keeps."""

import contextlib
from collections.abc import AsyncIterator

from heliograph import vault
from heliograph.home import Home, HomeFault
from heliograph.mail.base import Addresses
from heliograph.settings import Settings
from heliograph.store.base import StoreFault
from heliograph.store.sqlite import SqliteStore
from heliograph.vault import Vault, VaultFault


@contextlib.asynccontextmanager
async def opened(settings: Settings, home: Home) -> AsyncIterator[SqliteStore]:
    """Raises HomeFault."""
    try:
        store = SqliteStore.open(
            home.database,
            synchronous=settings.database.synchronous,
            addresses=addresses(settings),
            vault=Vault(_keys(settings, home)),
        )
    except (StoreFault, VaultFault) as fault:
        raise HomeFault(str(fault)) from None
    try:
        yield store
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def sealed(settings: Settings, home: Home) -> AsyncIterator[SqliteStore]:
    """What an earlier version kept in the clear is sealed, and a wrong key is found at once. Raises
    HomeFault."""
    async with opened(settings, home) as store:
        await seal(store)
        yield store


async def seal(store: SqliteStore) -> None:
    """Seals with the first key what is sealed otherwise or not at all. Raises HomeFault for a wrong
    key."""
    try:
        await store.seal()
    except VaultFault as fault:
        raise HomeFault(str(fault)) from None


def addresses(settings: Settings) -> Addresses | None:
    """Whom mail may go to; None where mail is not configured."""
    return Addresses(settings.mail.to) if settings.mail.host else None


def _keys(settings: Settings, home: Home) -> list[str]:
    if settings.keys is not None:
        return [key.strip() for key in settings.keys.get_secret_value().split(",")]
    return vault.keys_of(home.keys)
