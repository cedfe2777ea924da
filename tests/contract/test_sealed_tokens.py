"""Account tokens in the store's file: sealed, whoever looks into it."""

from pathlib import Path

import pytest

from heliograph.channel import Channel
from heliograph.store.sqlite import SqliteStore
from heliograph.vault import Vault, VaultFault, new_key

NOW = 1_761_329_465_501
SECRET = "MTI.a-discord-token-that-nobody-may-see"


async def opened(path: Path, vault: Vault | None) -> SqliteStore:
    return SqliteStore.open(path / "store.db", vault=vault)


def bytes_of(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.glob("store.db*"))


async def test_a_token_is_sealed_on_disk_and_itself_in_the_program(tmp_path: Path) -> None:
    store = await opened(tmp_path, Vault([new_key()]))
    channel = Channel(id="1", user=1, token=SECRET)
    await store.add_channel(channel, NOW)
    await store.update_channel(channel)
    assert await store.channels(1) == await store.claim("a", NOW, NOW) == [channel]
    assert await store.channel("1") == channel
    await store.close()
    assert SECRET.encode() not in bytes_of(tmp_path)


async def test_what_lay_in_the_clear_is_sealed_and_keys_replace_each_other(tmp_path: Path) -> None:
    store = await opened(tmp_path, None)
    channel = Channel(id="1", user=1, token=SECRET)
    await store.add_channel(channel, NOW)
    await store.close()
    old, new = new_key(), new_key()
    for keys in ([old], [new, old], [new]):
        store = await opened(tmp_path, Vault(keys))
        await store.seal()
        assert await store.channel("1") == channel
        await store.close()
    store = await opened(tmp_path, Vault([old]))
    with pytest.raises(VaultFault):
        await store.seal()
    await store.close()
