"""Logging: structlog for our own lines, and the same formatter for those of the libraries.

Secrets are kept out at the place where lines are made: a processor blanks every key that is
named like one, however deep, so that a careless call can't leak a token.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import IO, Any, Literal

import structlog
from structlog.types import Processor

SECRET_WORDS = frozenset({"token", "authorization", "secret", "password", "discord"})
REDACTED = "[redacted]"
# At "info" these tell of each call of our own client, with unguessable addresses of pictures, and
# of each part of the migrator at every start.
TALKATIVE = ("httpx2", "httpcore2", "alembic")
LIBRARIES = ("uvicorn", "uvicorn.error", "uvicorn.access")


def configure(
    level: str = "info",
    format: Literal["auto", "console", "json"] = "auto",
    stream: IO[str] | None = None,
) -> None:
    """Routes structlog, the standard library and uvicorn to `stream` (default: standard error).

    May be called again; the last call holds.
    """
    stream = sys.stderr if stream is None else stream
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(), redact],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(format, stream),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(threshold)
    for name in LIBRARIES:
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = True
        library.setLevel(logging.NOTSET)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """Blanks the values of all keys that are named like a secret (`token`, `api_token` …)."""
    return {key: _safe(key, value) for key, value in event.items()}


def _safe(key: object, value: object) -> object:
    if SECRET_WORDS.intersection(re.split(r"[^a-z]+", str(key).lower())):
        return REDACTED
    if isinstance(value, dict):
        return {inner: _safe(inner, item) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        return [_safe("", item) for item in value]
    return value


def _renderers(format: str, stream: IO[str]) -> list[Processor]:
    if format == "console" or (format == "auto" and stream.isatty()):
        # The default formatter of exceptions prints local variables, secrets among them.
        console = structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
        return [_without_duplicate_colour, console]
    return [
        _without_duplicate_colour,
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def _without_duplicate_colour(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    # uvicorn repeats its message with terminal colours in an extra field.
    event.pop("color_message", None)
    return event
