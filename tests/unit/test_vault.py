"""Tokens at rest."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.vault import Vault, VaultFault, keys_of, new_key, write_keys

texts = st.text(st.characters(codec="utf-8"))


@given(texts)
def test_what_is_sealed_opens_and_does_not_show(text: str) -> None:
    vault = Vault([new_key()])
    sealed = vault.seal(text)
    assert vault.open(sealed) == text
    assert sealed != vault.seal(text)
    assert len(text) < 12 or text not in sealed


def test_a_new_key_opens_what_the_old_one_sealed_and_not_the_other_way() -> None:
    old, new = new_key(), new_key()
    sealed = Vault([old]).seal("token")
    both = Vault([new, old])
    assert both.open(sealed) == "token"
    assert Vault([new]).open(both.seal("token")) == "token"
    with pytest.raises(VaultFault, match="another key") as fault:
        Vault([new]).open(sealed)
    assert sealed not in str(fault.value)


def test_what_was_never_sealed_is_itself() -> None:
    assert Vault([new_key()]).open("studio-2") == "studio-2"


@pytest.mark.parametrize("key", ["", "x", "ü" * 44, "A" * 40])
def test_a_wrong_key_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(VaultFault) as fault:
        Vault([key])
    assert not key or key not in str(fault.value)


def test_a_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    keys = keys_of(path)
    assert keys_of(path) == keys
    assert path.stat().st_mode & 0o777 == 0o600
    write_keys(path, [new_key(), *keys])
    assert keys_of(path)[1:] == keys
    assert [file.name for file in tmp_path.iterdir()] == ["keys"]
