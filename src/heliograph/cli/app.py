"""The commands and their options; what they do is in the other modules of this package."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from heliograph import __version__
from heliograph.cli import groups
from heliograph.cli.options import (
    AsJson,
    Config,
    Data,
    Open,
    Out,
    RunningServer,
    Secret,
    Server,
    ending,
    http_url,
)

PROMPT_LENGTH = 5000

app = typer.Typer(
    help="Pictures from prompts: a server of your own, and a command that uses it.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Plain text reads the same in a terminal, in a log and in a bug report.
    rich_markup_mode=None,
)
app.add_typer(groups.token, name="token")
app.add_typer(groups.keys, name="keys")
app.add_typer(groups.user, name="user")
app.add_typer(groups.webhooks, name="webhooks")
app.add_typer(groups.mail, name="mail")
app.add_typer(groups.studio, name="studio")


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


@app.command(no_args_is_help=False)
def imagine(
    prompt: Annotated[str, typer.Argument(callback=_prompt, help="What to paint, in quotes.")],
    out: Out = Path("pictures"),
    as_json: AsJson = False,
    show: Open = False,
    server: Server = None,
    secret: Secret = None,
    data: Data = None,
) -> None:
    """Paint a prompt: a grid and its four pictures.

    Progress goes to standard error, the pictures' paths to standard output. Ctrl-C cancels the
    job. Exits with 0 when the pictures are there, 1 when the job failed or was moderated.
    """
    with ending():
        from heliograph.cli import connect, job

        link = connect.link(server, secret, data)
        status = job.run(prompt, link, out=out, as_json=as_json, show=show)
    raise typer.Exit(status)


@app.command(no_args_is_help=False)
def press(
    parent: Annotated[str, typer.Argument(metavar="JOB", help="The id of a finished job.")],
    label: Annotated[
        str, typer.Argument(metavar="BUTTON", help="Its label, such as U1 or 'Zoom Out 2x'.")
    ],
    prompt: Annotated[
        str | None, typer.Option(metavar="TEXT", help="For Custom Zoom, and in remix mode.")
    ] = None,
    mask: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="For Vary (Region): a PNG or WebP of the picture's size, white where to paint.",
        ),
    ] = None,
    out: Out = Path("pictures"),
    as_json: AsJson = False,
    show: Open = False,
    server: Server = None,
    secret: Secret = None,
    data: Data = None,
) -> None:
    """Press a button of a finished job and fetch what it makes.

    `imagine --json` shows a job's id as `jobid`, and its buttons as `response.buttons`. Output,
    Ctrl-C and exit status are those of `imagine`.
    """
    with ending():
        from heliograph.cli import connect, job
        from heliograph.client import Button

        link = connect.link(server, secret, data)
        pressed = Button(parent, label, prompt, mask)
        status = job.run(pressed, link, out=out, as_json=as_json, show=show)
    raise typer.Exit(status)


@app.command()
def listen(
    forward_to: Annotated[
        str,
        typer.Option(metavar="URL", callback=http_url, help="Where your program takes webhooks."),
    ],
    server: RunningServer = None,
    secret: Secret = None,
    data: Data = None,
) -> None:
    """Forward events to a program of yours as webhooks, until Ctrl-C.

    For development: jobs need no replyUrl, and a call that fails is not made again. A line is
    printed for each: time, event, the answer's status, milliseconds, job.
    """
    with ending():
        from heliograph.cli import connect, listen

        listen.run(forward_to, connect.link(server, secret, data, embeds=False))


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
    with ending():
        from heliograph.cli import serve

        flags = {
            "host": host,
            "port": port,
            "data": data,
            "public_url": public_url,
            "studio.painter": painter,
        }
        serve.run(flags, config)


@app.command()
def sandbox(
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="NUMBER", help="Listen here; 0: any port.")
    ] = 9000,
    host: Annotated[str, typer.Option(help="Listen on this address.")] = "127.0.0.1",
    accounts: Annotated[int, typer.Option(min=1, max=1000, metavar="NUMBER")] = 2,
    seed: Annotated[
        int, typer.Option(min=0, metavar="NUMBER", help="Of accounts, jobs and random faults.")
    ] = 0,
    painter: Annotated[Literal["blank", "composer"], typer.Option(help="Who paints.")] = "blank",
    seconds: Annotated[
        float, typer.Option(min=0, help="How long a blank picture takes, with percents.")
    ] = 2.0,
    heartbeat: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="The gateway's heartbeat interval.")
    ] = 41.25,
    concurrent: Annotated[
        int | None,
        typer.Option(min=1, metavar="NUMBER", help="Jobs of an account at once; 10 more wait."),
    ] = None,
    website: Annotated[
        bool, typer.Option("--website", help="Send grids as WebP with a link to the website.")
    ] = False,
    faults: Annotated[
        Path | None,
        typer.Option(metavar="FILE", exists=True, dir_okay=False, help="Faults, as JSON."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", file_okay=False, help="Keep everything here [nowhere]."),
    ] = None,
) -> None:
    """Run a stand-in for Discord with the bot behind it, until SIGTERM or Ctrl-C.

    For testing clients: REST, gateway and CDN on one port, with faults on demand.
    docs/sandbox.md shows how.
    """
    with ending():
        from heliograph.cli import sandbox

        settings = {
            "host": host,
            "port": port,
            "accounts": accounts,
            "seed": seed,
            "heartbeat_seconds": heartbeat,
            "concurrent": concurrent,
            "website_finals": website,
        }
        sandbox.run(settings, painter=painter, seconds=seconds, data=data, faults=faults)
