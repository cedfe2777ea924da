"""The commands and their options; what they do is in the other modules of this package."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from heliograph import __version__
from heliograph.cli.ending import INTERRUPTED, Quit

PROMPT_LENGTH = 5000

app = typer.Typer(
    help="Pictures from prompts: a server of your own, and a command that uses it.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Plain text reads the same in a terminal, in a log and in a bug report.
    rich_markup_mode=None,
)
token = typer.Typer(help="Makes, lists and revokes API tokens.", no_args_is_help=True)
app.add_typer(token, name="token")

Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="The data folder (HELIOGRAPH_DATA)."),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="A settings file (HELIOGRAPH_CONFIG)."),
]


@contextmanager
def _ending() -> Iterator[None]:
    try:
        yield
    except Quit as quit:
        print(f"heliograph: {quit.sentence}", file=sys.stderr)
        raise typer.Exit(quit.status) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def _version(wanted: bool) -> None:
    if wanted:
        print(f"heliograph {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


def _prompt(text: str) -> str:
    if not text.strip():
        raise typer.BadParameter("the prompt is empty")
    if len(text) > PROMPT_LENGTH:
        raise typer.BadParameter(f"the prompt is longer than {PROMPT_LENGTH} characters")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise typer.BadParameter("the prompt is not UTF-8 text")
    return text


def _server(url: str | None) -> str | None:
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


def _ascii(secret: str | None) -> str | None:
    if secret is not None and not (secret and all("!" <= letter <= "~" for letter in secret)):
        raise typer.BadParameter("a token is printable ASCII without spaces")
    return secret


@app.command(no_args_is_help=False)
def imagine(
    prompt: Annotated[str, typer.Argument(callback=_prompt, help="What to paint, in quotes.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the pictures go.")
    ] = Path("pictures"),
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the finished job as JSON, and nothing else.")
    ] = False,
    open_grid: Annotated[
        bool, typer.Option("--open", help="Show the grid with the system's viewer.")
    ] = False,
    server: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            callback=_server,
            envvar="HELIOGRAPH_URL",
            help="The server to use. Without it: the one that serves the data folder, else one"
            " that this command starts for itself.",
        ),
    ] = None,
    secret: Annotated[
        str | None,
        typer.Option(
            "--token",
            metavar="TOKEN",
            callback=_ascii,
            help="The API token for that server (HELIOGRAPH_TOKEN). A local one needs none.",
        ),
    ] = None,
    data: Data = None,
) -> None:
    """Paint a prompt: a grid and its four pictures.

    Progress goes to standard error, the pictures' paths to standard output. Ctrl-C cancels the
    job. Exits with 0 when the pictures are there, 1 when the job failed or was moderated.
    """
    with _ending():
        from heliograph.cli import connect, imagine

        link = connect.link(server, secret, data)
        status = imagine.run(prompt, link, out=out, as_json=as_json, open_grid=open_grid)
    raise typer.Exit(status)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Listen on this address [127.0.0.1].")] = None,
    port: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Listen on this port; 0: any [8080].")
    ] = None,
    data: Data = None,
    config: Config = None,
    public_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where callers reach this server, behind a proxy."),
    ] = None,
    painter: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="composer, or blank for load tests [composer]."),
    ] = None,
) -> None:
    """Run the server until SIGTERM or Ctrl-C.

    More settings come from HELIOGRAPH_* in the environment and from a TOML file; the README lists
    them.
    """
    with _ending():
        from heliograph.cli import serve

        flags = {
            "host": host,
            "port": port,
            "data": data,
            "public_url": public_url,
            "studio.painter": painter,
        }
        serve.run(flags, config)


@token.command("create")
def create(
    name: Annotated[str, typer.Option(help="What the token is for, to know it again.")] = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Make a token and print it; it can't be shown again."""
    with _ending():
        from heliograph.cli import tokens

        tokens.create(tokens.settings(data, config), name)


@token.command("list")
def show(data: Data = None, config: Config = None) -> None:
    """List the tokens: number, when made, how it ends, whether it is revoked, name."""
    with _ending():
        from heliograph.cli import tokens

        tokens.show(tokens.settings(data, config))


@token.command("revoke")
def revoke(
    number: Annotated[int, typer.Argument(metavar="ID", help="Its number in the list.")],
    data: Data = None,
    config: Config = None,
) -> None:
    """Make a token worthless within a second, also for a server that is running."""
    with _ending():
        from heliograph.cli import tokens

        tokens.revoke(tokens.settings(data, config), number)
