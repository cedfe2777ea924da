"""What reaches the log, in which form, and that no secret does."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from heliograph import logs


@pytest.fixture(autouse=True)
def _untouched() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_lines_and_the_libraries_look_alike() -> None:
    stream = io.StringIO()
    logs.configure("info", "json", stream)
    structlog.get_logger("heliograph").info("job ended", job="j1")
    logging.getLogger("uvicorn.error").warning("late by %d s", 3, extra={"color_message": "x"})
    ours, theirs = lines(stream)
    assert {**ours, "timestamp": ""} == {
        "event": "job ended",
        "job": "j1",
        "level": "info",
        "logger": "heliograph",
        "timestamp": "",
    }
    assert (theirs["event"], theirs["level"]) == ("late by 3 s", "warning")
    assert theirs.keys() == ours.keys() - {"job"}


def test_secrets_are_blanked_however_deep() -> None:
    stream = io.StringIO()
    logs.configure("info", "json", stream)
    secret = "hush-hush"
    structlog.get_logger().info(
        "sent",
        token=secret,
        api_token=secret,
        headers={"Authorization": secret, "accept": "all"},
        accounts=[{"discord": secret, "channel": "7"}],
    )
    logging.getLogger("other").info("sent", extra={"password": secret})
    assert secret not in stream.getvalue()
    first, _ = lines(stream)
    assert first["headers"] == {"Authorization": "[redacted]", "accept": "all"}
    assert first["accounts"] == [{"discord": "[redacted]", "channel": "7"}]


def test_the_level_holds_for_all() -> None:
    stream = io.StringIO()
    logs.configure("warning", "json", stream)
    structlog.get_logger().info("no")
    logging.getLogger("uvicorn.error").info("no")
    structlog.get_logger().error("yes")
    assert [line["event"] for line in lines(stream)] == ["yes"]


@pytest.mark.parametrize("name", logs.TALKATIVE)
def test_talkative_libraries_say_only_what_is_wrong(name: str) -> None:
    stream = io.StringIO()
    logs.configure("info", "json", stream)
    logging.getLogger(f"{name}.part").info("no")
    logging.getLogger(f"{name}.part").warning("yes")
    assert [line["event"] for line in lines(stream)] == ["yes"]


@pytest.mark.parametrize("format", ["json", "console"])
def test_a_traceback_shows_no_variables(format: Any) -> None:
    stream = io.StringIO()
    logs.configure("info", format, stream)
    hidden = "hush-" + "hush"
    try:
        raise ValueError(f"{len(hidden)} letters")
    except ValueError:
        structlog.get_logger().exception("failed")
    assert "ValueError: 9 letters" in stream.getvalue()
    assert hidden not in stream.getvalue()


def test_auto_is_json_unless_a_person_looks() -> None:
    stream = io.StringIO()
    logs.configure("info", "auto", stream)
    structlog.get_logger().info("hello")
    assert lines(stream)[0]["event"] == "hello"
