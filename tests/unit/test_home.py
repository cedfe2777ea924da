"""The data folder: who holds it, what it says to local programs, and how it fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from heliograph.home import AlreadyServed, Home, HomeFault


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "deep" / "data")


def test_it_is_made_for_its_owner_only(home: Home) -> None:
    home.create()
    assert home.path.stat().st_mode & 0o777 == 0o700
    assert home.media.is_dir()
    assert home.work.is_dir()


def test_making_it_twice_keeps_what_is_there(home: Home) -> None:
    home.create()
    home.database.write_text("kept")
    home.create()
    assert home.database.read_text() == "kept"


def test_a_file_in_its_place_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(HomeFault, match=r"^The data folder .* can't be made: File exists\.$"):
        Home(tmp_path / "data").create()
    with pytest.raises(HomeFault, match=r"can't be made: Not a directory\.$"):
        Home(tmp_path / "data" / "below").create()


def test_one_server_holds_it_at_a_time(home: Home) -> None:
    with home.lock():
        home.advertise("http://127.0.0.1:5")
        with pytest.raises(AlreadyServed, match=r"already served .* at http://127.0.0.1:5\.$") as e:
            Home(home.path).lock().__enter__()
        assert e.value.url == "http://127.0.0.1:5"
    with Home(home.path).lock():
        pass


def test_the_url_is_trusted_only_while_the_lock_is_held(home: Home) -> None:
    assert home.running() is None
    with home.lock():
        assert home.served()
        assert home.running() is None
        home.advertise("http://127.0.0.1:5")
        assert Home(home.path).running() == "http://127.0.0.1:5"
    assert home.running() is None
    assert not home.served()


KILLED = """
import os, signal, sys
from pathlib import Path
from heliograph.home import Home
home = Home(Path(sys.argv[1]))
with home.lock():
    home.advertise("http://127.0.0.1:6")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_server_leaves_nothing_that_is_believed(home: Home) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(home.path)], check=False)
    assert (home.path / "server.json").exists()
    assert home.running() is None
    with home.lock():
        # The new holder has not said where it is; the old one's word must not stand for it.
        assert home.running() is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"url": 3}'])
def test_a_broken_advertisement_says_nothing(home: Home, text: str) -> None:
    with home.lock():
        (home.path / "server.json").write_text(text)
        assert home.running() is None


def test_the_token_is_for_its_owner_only_and_replaced_whole(home: Home) -> None:
    home.create()
    assert home.read_token() is None
    home.write_token("first-token")
    home.token_file.chmod(0o644)
    home.write_token("second-token")
    assert home.read_token() == "second-token"
    assert home.token_file.stat().st_mode & 0o777 == 0o600
    assert sorted(os.listdir(home.path)) == ["cli-token", "media", "work"]


def test_a_token_that_can_not_be_read_is_told(home: Home) -> None:
    home.create()
    home.token_file.mkdir()
    with pytest.raises(HomeFault, match=r"cli-token can't be read"):
        home.read_token()
