"""`./heliograph` in a fresh copy of the checkout: set-up from nothing, and what can be missing."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from heliograph import __version__

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ["heliograph", "pyproject.toml", "requirements", "src", "README.md", "LICENSE"]
TOOLS = ["cat", "cksum", "dirname", "head", "mkdir", "readlink", "rm", "rmdir", "sleep", "tail"]
SHELL = "#!/bin/sh\n"

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "a checkout"
    root.mkdir()
    for name in [*NEEDED, "ASSETS.md"]:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy2(source, root / name)
    return root


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder for PATH with a shell's tools and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        where = shutil.which(tool)
        assert where is not None
        (folder / tool).symlink_to(where)
    return folder


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(SHELL + script)
    path.chmod(0o755)
    return path


def run(checkout: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "heliograph", *words], env=environ, capture_output=True, text=True, check=False
    )


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr.splitlines()[-1]


def test_set_up_from_nothing(checkout: Path, tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHON"}
    # By a link, from a folder with a file that is called like a library.
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "typer.py").write_text("raise SystemExit('the wrong typer')")
    (elsewhere / "link").symlink_to("../a checkout/heliograph")

    def start(*words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["./link", *words],
            cwd=elsewhere,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    # A set-up killed half-way leaves its lock and half an environment behind.
    with start("--version") as killed:
        while not (checkout / ".venv" / "bin" / "pip").exists():
            assert killed.poll() is None
            time.sleep(0.05)
        os.killpg(killed.pid, signal.SIGKILL)
    assert (checkout / ".venv" / "heliograph.lock").is_dir()

    # Two at once: one sets up, the other waits, both run.
    pair = [start("--version"), start("--version")]
    outcomes = [process.communicate() for process in pair]
    assert [process.returncode for process in pair] == [0, 0], outcomes
    assert {out for out, _ in outcomes} == {f"heliograph {__version__}\n"}
    assert sorted(err.partition(" ")[0] for _, err in outcomes) == ["Another", "Setting"]
    assert all(len(err.splitlines()) == 1 for _, err in outcomes)

    # From now on it is silent and quick, and the commands work.
    with start("imagine", "--help") as process:
        out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert out.startswith("Usage: heliograph imagine")

    # The project is editable, so what `git pull` brings takes effect at once.
    version = checkout / "src" / "heliograph" / "__init__.py"
    version.write_text(version.read_text().replace(__version__, "9.9.9"))
    with start("--version") as process:
        assert process.communicate() == ("heliograph 9.9.9\n", "")

    # A changed lock is installed, once.
    lock = checkout / "requirements" / "runtime.txt"
    lock.write_text(lock.read_text() + "\n# changed\n")
    for expected in (1, 0):
        with start("--version") as process:
            assert len(process.communicate()[1].splitlines()) == expected


def test_no_python_is_told_with_the_command(checkout: Path, bare: Path) -> None:
    assert sentence(run(checkout, PATH=str(bare))) == (
        "heliograph: Python 3.11 or newer is needed and was not found; on Debian or Ubuntu,"
        " 'apt-get install python3 python3-venv' (as root) installs it."
    )


def test_an_old_python_is_none(checkout: Path, bare: Path) -> None:
    program(bare, "python3", "exit 1\n")
    assert "Python 3.11 or newer is needed" in sentence(run(checkout, PATH=str(bare)))


@pytest.mark.parametrize(
    ("name", "package"), [("python3", "python3-venv"), ("python3.12", "python3.12-venv")]
)
def test_a_python_without_venv_is_told_with_the_package(
    checkout: Path, bare: Path, name: str, package: str
) -> None:
    program(bare, name, 'case "$2" in *ensurepip*) exit 1 ;; esac\n')
    assert sentence(run(checkout, PATH=str(bare))) == (
        f"heliograph: {name} can't make virtual environments; on Debian or Ubuntu,"
        f" 'apt-get install {package}' (as root) adds what is missing."
    )


def test_a_wrong_python_is_told_by_its_name(checkout: Path, bare: Path) -> None:
    done = run(checkout, PATH=str(bare), PYTHON="/nowhere/python3")
    assert sentence(done) == (
        "heliograph: PYTHON names /nowhere/python3, which is not a working Python 3.11 or newer."
    )


# A Python whose environments have a pip that fails, and that counts how often it was asked.
BROKEN = """
if [ "$1" = -m ]; then
    echo made >>"$0.calls"
    mkdir -p "$3/bin"
    echo '#!/bin/sh' >"$3/bin/python"
    echo 'echo "pip: no matching distribution"; exit 1' >>"$3/bin/python"
    chmod +x "$3/bin/python"
fi
"""


def test_a_failed_set_up_says_where_its_words_are_and_is_redone(
    checkout: Path, bare: Path, tmp_path: Path
) -> None:
    (bare / "chmod").symlink_to(shutil.which("chmod") or "")
    python = program(tmp_path, "broken python", BROKEN)
    log = checkout / ".venv" / "heliograph.log"
    for calls in (1, 2):
        done = run(checkout, "--version", PATH=str(bare), PYTHON=str(python))
        assert sentence(done) == (
            f"heliograph: the set-up failed; what was said is in {log},"
            " and the last of it was: pip: no matching distribution"
        )
        assert len((tmp_path / "broken python.calls").read_text().splitlines()) == calls
    assert not (checkout / ".venv" / "heliograph.lock").exists()


def test_a_wrong_set_up_is_usage(checkout: Path, bare: Path) -> None:
    assert run(checkout, "--set-up", "all", PATH=str(bare)).returncode == 2
