"""The command line as a person meets it: the real program in a process of its own."""

import contextlib
import json
import os
import pty
import re
import signal
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from heliograph import __version__
from heliograph.client import ApiError, Client
from tests.e2e.shell import PROGRAM, SECONDS, Shell, drain, line_of

pytestmark = pytest.mark.timeout(120)


def test_the_version_is_one_line(shell: Shell) -> None:
    done = shell.run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"heliograph {__version__}\n", "")


def test_a_prompt_becomes_five_files(shell: Shell) -> None:
    done = shell.run("imagine", "a cat in a hat --ar 16:9", HELIOGRAPH_STUDIO__BLANK_SECONDS="2.5")
    assert done.returncode == 0, done.stderr
    paths = [Path(line) for line in done.stdout.splitlines()]
    stem = paths[0].stem
    assert [path.name for path in paths] == [
        f"{stem}.png",
        *(f"{stem}_{number}.jpeg" for number in (1, 2, 3, 4)),
    ]
    assert {path.parent for path in paths} == {Path("pictures")}
    heads = [(shell.folder / path).read_bytes()[:3] for path in paths]
    assert heads == [b"\x89PN", *[b"\xff\xd8\xff"] * 4]
    stages = [re.split(r"[ ,]", line)[0] for line in done.stderr.splitlines()]
    assert stages[0] == "starting"
    assert stages[-1] == "saving"
    assert "painting" in stages
    assert "(fast)" in done.stderr
    assert len(os.listdir(shell.folder / "pictures")) == 5


def test_json_is_the_finished_job_and_nothing_else(shell: Shell) -> None:
    done = shell.run("imagine", "a cat in a hat", "--json", "--out", "here/below")
    job = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert (job["status"], job["request"]["prompt"]) == ("completed", "a cat in a hat")
    assert len(job["files"]) == 5
    assert all((shell.folder / file).parent.name == "below" for file in job["files"])


def test_a_refused_prompt_ends_with_the_bot_s_words(shell: Shell) -> None:
    done = shell.run("imagine", "a cat --bogus 3")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "heliograph: failed: " in done.stderr
    assert "bogus" in done.stderr.partition("failed: ")[2]
    assert os.listdir(shell.folder / "pictures") == []


def test_a_refused_prompt_in_json(shell: Shell) -> None:
    done = shell.run("imagine", "a cat --bogus 3", "--json")
    job = json.loads(done.stdout)
    assert (done.returncode, job["status"], job["files"]) == (1, "failed", [])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Missing"),
        (("",), "the prompt is empty"),
        ((" \t\n",), "the prompt is empty"),
        (("x" * 5001,), "longer than 5000"),
        (("a", "b"), "unexpected extra argument"),
        (("a", "--bogus"), "No such option"),
        (("a", "--server", "ftp://a"), "is not an http:// or https:// URL"),
        (("a", "--server", "http://"), "is not an http:// or https:// URL"),
        (("a", "--server", "http://a:b"), "is not a URL"),
        (("a", "--token", "tök"), "printable ASCII"),
    ],
)
def test_bad_usage_ends_with_2(shell: Shell, words: tuple[str, ...], sentence: str) -> None:
    done = shell.run("imagine", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not shell.home.path.exists()


def test_a_prompt_that_is_no_text_is_bad_usage(shell: Shell) -> None:
    done = shell.run("imagine", os.fsdecode(b"a \xff"))
    assert done.returncode == 2
    assert "is not UTF-8 text" in done.stderr


@pytest.mark.parametrize("command", [("imagine", "x"), ("serve",), ("token", "list")])
def test_all_wrong_settings_are_told_at_once(shell: Shell, command: tuple[str, ...]) -> None:
    done = shell.run(*command, HELIOGRAPH_PORT="many", HELIOGRAPH_TOKEN="no", HELIOGRAPH_PRT="1")
    assert done.returncode == 2
    names = [line.strip().partition(":")[0] for line in done.stderr.splitlines()[1:]]
    assert sorted(names) == ["HELIOGRAPH_PORT", "HELIOGRAPH_PRT", "HELIOGRAPH_TOKEN"]


def test_the_flags_of_serve_are_named_as_flags(shell: Shell) -> None:
    done = shell.run("serve", "--port", "x", "--painter", "oil", "--public-url", "a")
    names = [line.strip().partition(":")[0] for line in done.stderr.splitlines()[1:]]
    assert (done.returncode, sorted(names)) == (2, ["--painter", "--port", "--public-url"])


def test_a_place_that_can_not_be_written_costs_no_job(shell: Shell) -> None:
    (shell.folder / "pictures").write_text("a file")
    done = shell.run("imagine", "x")
    assert done.returncode == 1
    assert "heliograph: the folder pictures can't be made: File exists." in done.stderr
    assert not shell.home.path.exists()


def test_a_data_folder_that_can_not_be_made(shell: Shell) -> None:
    shell.home.path.write_text("a file")
    for command in (("imagine", "x"), ("serve", "--port", "0"), ("token", "list")):
        done = shell.run(*command)
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith("heliograph: The data folder ")


def test_nobody_at_the_named_server(shell: Shell) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = shell.run("imagine", "x", "--server", url)
    assert done.returncode == 1
    assert f"heliograph: No connection to {url}" in done.stderr


def test_the_first_start_shows_a_token_once(shell: Shell) -> None:
    with shell.serve() as served:
        shown = line_of(served.process.stdout, "shown only now").split()[-1]
        with Client(served.url, shown) as client:
            assert len(client.accounts()) == 1
    assert shell.home.token_file.stat().st_mode & 0o777 == 0o600
    with shell.serve() as served:
        served.process.send_signal(signal.SIGTERM)
        out, _ = served.process.communicate(timeout=10)
        assert out == ""


def test_a_token_from_the_settings_is_accepted_and_not_shown(shell: Shell) -> None:
    with shell.serve(HELIOGRAPH_TOKEN="of-my-own") as served:
        with Client(served.url, "of-my-own") as client:
            assert len(client.accounts()) == 1
        served.process.send_signal(signal.SIGTERM)
        out, _ = served.process.communicate(timeout=10)
        assert "of-my-own" not in out


def test_the_running_server_is_used(shell: Shell) -> None:
    with shell.serve() as served:
        done = shell.run("imagine", "x", "--json", HELIOGRAPH_STUDIO__PAINTER="")
        job = json.loads(done.stdout)
        assert job["response"]["attachments"][0]["url"].startswith(served.url + "/")


def test_a_named_server_wants_its_token(shell: Shell) -> None:
    with shell.serve(HELIOGRAPH_TOKEN="of-my-own") as served:
        named = ("imagine", "x", "--server", served.url)
        refused = shell.run(*named)
        assert refused.returncode == 1
        assert "does not know this token; give it one with --token" in refused.stderr
        assert shell.run(*named, "--token", "of-my-own").returncode == 0
        outside = {"HELIOGRAPH_URL": served.url, "HELIOGRAPH_TOKEN": "of-my-own"}
        assert shell.run("imagine", "x", "--data", "elsewhere", **outside).returncode == 0
        assert not (shell.folder / "elsewhere").exists()


def test_a_folder_has_one_server(shell: Shell) -> None:
    with shell.serve() as served:
        second = shell.run("serve", "--port", "0")
        assert second.returncode == 1
        assert f"already served by another process, at {served.url}." in second.stderr


def test_a_port_has_one_server(shell: Shell, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = shell.run("serve", "--port", port)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"heliograph: port {port} of 127.0.0.1 is in use;"
        " choose another with --port, or 0 for any free one."
    )


def test_a_host_that_is_not_here(shell: Shell) -> None:
    done = shell.run("serve", "--host", "192.0.2.1", "--port", "0")
    assert done.returncode == 1
    assert "heliograph: can't serve on port 0 of 192.0.2.1" in done.stderr


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("token", "list"), ("imagine", "x")])
def test_a_broken_database_is_told(shell: Shell, command: tuple[str, ...]) -> None:
    shell.home.create()
    shell.home.database.write_bytes(b"no database at all" * 100)
    done = shell.run(*command)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("heliograph: ")
    assert "file is not a database" in done.stderr


def test_sigint_ends_the_server_as_well(shell: Shell) -> None:
    with shell.serve() as served:
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(10) == 0


def test_tokens_come_and_go_while_the_server_runs(shell: Shell) -> None:
    with shell.serve() as served:
        made = shell.run("token", "create", "--name", "for the wall")
        secret = made.stdout.strip()
        assert "shown only now" in made.stderr
        with Client(served.url, secret) as client:
            client.jobs()
            listed = shell.run("token", "list").stdout.splitlines()
            [line] = [line for line in listed if line.endswith("for the wall")]
            assert "valid" in line
            assert secret not in line
            assert secret[-3:] in line
            number = line.split()[0]
            assert shell.run("token", "revoke", number).returncode == 0
            with pytest.raises(ApiError) as caught:
                wait_for_refusal(client)
            assert caught.value.status == 401
        again = shell.run("token", "revoke", number)
        assert again.returncode == 1
        assert f"no valid token with the number {number}" in again.stderr
        assert "revoked" in shell.run("token", "list").stdout


def wait_for_refusal(client: Client) -> None:
    # A server may remember a token for a second.
    waiting = threading.Event()
    for _ in range(30):
        client.jobs()
        waiting.wait(0.1)


def test_ctrl_c_cancels_the_job(shell: Shell) -> None:
    with shell.serve(HELIOGRAPH_STUDIO__BLANK_SECONDS="60") as served:
        with shell.start("imagine", "x") as process:
            line_of(process.stderr, "painting")
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=SECONDS)
        assert (process.returncode, out) == (130, "")
        assert "the job is cancelled" in err
        assert "Traceback" not in err
        with Client(served.url, shell.home.read_token()) as client:
            assert client.jobs()["total"] == 0
    assert shell.jobs() == ["failed"]


def test_ctrl_c_ends_the_embedded_server_too(shell: Shell) -> None:
    with shell.start("imagine", "x", HELIOGRAPH_STUDIO__BLANK_SECONDS="60") as process:
        line_of(process.stderr, "painting")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert not shell.home.served()
    assert shell.jobs() == ["failed"]


def test_sigterm_leaves_the_job_to_the_next_server(shell: Shell) -> None:
    with shell.start("imagine", "x", HELIOGRAPH_STUDIO__BLANK_SECONDS="60") as process:
        line_of(process.stderr, "painting")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=SECONDS)
    assert process.returncode == 143
    assert not shell.home.served()
    assert shell.jobs() == ["progress"]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_job_outlives_the_server_that_it_was_given_to(shell: Shell, end: signal.Signals) -> None:
    seconds = {"HELIOGRAPH_STUDIO__BLANK_SECONDS": "4"}
    with shell.start("serve", "--port", "0", **seconds) as server:
        drain(server.stderr)
        line_of(server.stdout, "serves at")
        with shell.start("imagine", "x", **seconds) as process:
            line_of(process.stderr, "painting")
            server.send_signal(end)
            out, err = process.communicate(timeout=SECONDS)
        assert process.returncode == 0, err
        assert len(out.splitlines()) == 5
        server.wait(10)
    assert shell.jobs() == ["completed"]


def test_two_commands_share_one_embedded_server(shell: Shell) -> None:
    seconds = {"HELIOGRAPH_STUDIO__BLANK_SECONDS": "1.5"}
    with (
        shell.start("imagine", "one", "--json", **seconds) as first,
        shell.start("imagine", "two", "--json", **seconds) as second,
    ):
        outcomes = [process.communicate(timeout=SECONDS) for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], outcomes
    prompts = [json.loads(out)["request"]["prompt"] for out, _ in outcomes]
    assert prompts == ["one", "two"]
    assert shell.jobs() == ["completed", "completed"]


def test_open_shows_the_grid(shell: Shell, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    shown = tmp_path / "shown"
    os.mkfifo(shown)
    viewer = programs / "xdg-open"
    viewer.write_text(f'#!/bin/sh\nprintf "%s" "$1" >"{shown}"\n')
    viewer.chmod(0o755)
    done = shell.run("imagine", "x", "--open", PATH=f"{programs}:/bin:/usr/bin")
    assert shown.read_text() == done.stdout.splitlines()[0]


def test_open_without_a_viewer_is_a_note(shell: Shell, tmp_path: Path) -> None:
    done = shell.run("imagine", "x", "--open", PATH=str(tmp_path))
    assert done.returncode == 0
    assert "there is no viewer here" in done.stderr


def test_a_terminal_gets_a_bar(shell: Shell) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, "imagine", "a cat"],
        cwd=shell.folder,
        env={**shell.environ, "TERM": "xterm", "HELIOGRAPH_STUDIO__BLANK_SECONDS": "2.5"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    with contextlib.suppress(OSError):  # the end of a terminal's other side
        while chunk := os.read(ours, 4096):
            seen += chunk
    os.close(ours)
    out, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, seen
    assert len(out.splitlines()) == 5
    text = seen.decode()
    assert "painting" in text
    assert "fast" in text
    assert re.search(r"\b[1-9]\d?%", text)
    assert re.search(r"0:00:0\d", text)
