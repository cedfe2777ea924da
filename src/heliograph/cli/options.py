"""What several commands share: their options, and how they end."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from heliograph.cli.ending import INTERRUPTED, Quit


@contextmanager
def ending() -> Iterator[None]:
    """A Quit becomes its sentence and status, Ctrl-C a status."""
    try:
        yield
    except Quit as quit:
        print(f"heliograph: {quit.sentence}", file=sys.stderr)
        raise typer.Exit(quit.status) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def http_url(url: str | None) -> str | None:
    """As it is. Raises BadParameter for what is no http:// or https:// URL."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError for a port that is none
    except ValueError:
        raise typer.BadParameter(f"{url!r} is not a URL") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise typer.BadParameter(f"{url!r} is not an http:// or https:// URL")
    return url


def ascii_token(secret: str | None) -> str | None:
    if secret is not None and not (secret and all("!" <= letter <= "~" for letter in secret)):
        raise typer.BadParameter("a token is printable ASCII without spaces")
    return secret


Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="The data folder (HELIOGRAPH_DATA)."),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="A settings file (HELIOGRAPH_CONFIG)."),
]
Server = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        callback=http_url,
        envvar="HELIOGRAPH_URL",
        help="The server to use. Without it: the one that serves the data folder, else one"
        " that this command starts for itself.",
    ),
]
RunningServer = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        callback=http_url,
        envvar="HELIOGRAPH_URL",
        help="The server to use. Without it: the one that serves the data folder.",
    ),
]
Secret = Annotated[
    str | None,
    typer.Option(
        "--token",
        metavar="TOKEN",
        callback=ascii_token,
        help="The API token for that server (HELIOGRAPH_TOKEN). A local one needs none.",
    ),
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print the finished job as JSON, and nothing else.")
]
Open = Annotated[bool, typer.Option("--open", help="Show the first file with the system's viewer.")]
