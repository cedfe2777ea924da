"""A shell to run the program in."""

import os
import signal
from pathlib import Path

import pytest

from tests.e2e.shell import Shell

# A shell's background jobs are deaf to Ctrl-C, and so would be the programs that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    folder = tmp_path / "somewhere"
    folder.mkdir()
    environ = {
        **kept,
        "HOME": str(tmp_path),
        "HELIOGRAPH_DATA": str(tmp_path / "data"),
        "HELIOGRAPH_STUDIO__PAINTER": "blank",
    }
    return Shell(folder, environ)
