"""The groups of commands that look after the server; what they do is in other modules here."""

from typing import Annotated, Literal

import typer

from heliograph.cli.options import Config, Data, Secret, Server, ending

token = typer.Typer(help="Makes, lists and revokes API tokens.", no_args_is_help=True)
keys = typer.Typer(help="The keys that seal stored account tokens.", no_args_is_help=True)
user = typer.Typer(
    help="Lists users, sets what they may do, reports what they did.", no_args_is_help=True
)
webhooks = typer.Typer(
    help="Shows webhook deliveries, replays them, tells their secret.",
    no_args_is_help=True,
)
mail = typer.Typer(
    help="Lists the mails to a user, and sends one to try it out.", no_args_is_help=True
)
studio = typer.Typer(
    help="Raises trouble on a channel of the own bot, for trying out.",
    no_args_is_help=True,
)

UserNumber = Annotated[
    int,
    typer.Option("--user", min=1, metavar="ID", help="Whose; a new number makes a user."),
]
Whose = Annotated[int, typer.Option("--user", min=1, metavar="ID", help="Whose.")]
Delivery = Annotated[int, typer.Argument(metavar="ID", help="Its number in the list.")]
Channel = Annotated[str, typer.Argument(metavar="CHANNEL", help="The channel's id.")]


@token.command("create")
def create(
    name: Annotated[str, typer.Option(help="What the token is for, to know it again.")] = "",
    user: UserNumber = 1,
    data: Data = None,
    config: Config = None,
) -> None:
    """Make a token and print it; it can't be shown again."""
    with ending():
        from heliograph.cli import tokens

        tokens.create(tokens.settings(data, config), user, name)


@token.command("list")
def show(user: UserNumber = 1, data: Data = None, config: Config = None) -> None:
    """List the tokens: number, when made, how it ends, whether it is revoked, name."""
    with ending():
        from heliograph.cli import tokens

        tokens.show(tokens.settings(data, config), user)


@token.command("revoke")
def revoke(
    number: Annotated[int, typer.Argument(metavar="ID", help="Its number in the list.")],
    user: UserNumber = 1,
    data: Data = None,
    config: Config = None,
) -> None:
    """Make a token worthless within a second, also for a server that is running."""
    with ending():
        from heliograph.cli import tokens

        tokens.revoke(tokens.settings(data, config), user, number)


@user.command("list")
def users(data: Data = None, config: Config = None) -> None:
    """List the users and when their subscriptions end."""
    with ending():
        from heliograph.cli import tokens, users

        users.show(tokens.settings(data, config))


@user.command("set")
def set_user(
    number: Annotated[int, typer.Argument(metavar="ID", help="The user's number.")] = 1,
    subscription_until: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="Last day, such as 2027-01-31 (UTC); never: no end."),
    ] = None,
    fast_jobs: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Fast tasks a month, over the v1 API; none: any."),
    ] = None,
    relaxed_jobs: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Relaxed tasks a month; none: any.")
    ] = None,
    unfinished: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Unfinished tasks at once [10]; none: any number."),
    ] = None,
    mail: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Where mails go; none: where the settings say."),
    ] = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Set a user's subscription, quotas and mail address.

    Once the subscription has ended, submissions are answered with 402.
    """
    with ending():
        from heliograph.cli import tokens, users

        quotas = {
            "fast_jobs": fast_jobs,
            "relaxed_jobs": relaxed_jobs,
            "unfinished": unfinished,
        }
        users.change(
            tokens.settings(data, config),
            number,
            subscription_until=subscription_until,
            quotas=quotas,
            mail=mail,
        )


@user.command("usage")
def usage(
    number: Annotated[
        int | None, typer.Option("--user", min=1, metavar="ID", help="This user alone.")
    ] = None,
    month: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="A month, UTC [this one].")
    ] = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Report what was asked for in a month, by user: image and video jobs, v1 tasks."""
    with ending():
        from heliograph.cli import tokens, users

        users.usage(tokens.settings(data, config), number, month)


@keys.command("rotate")
def rotate_keys(data: Data = None, config: Config = None) -> None:
    """Seal the stored account tokens with a new key; no server may run on the folder."""
    with ending():
        from heliograph.cli import keys, tokens

        keys.rotate(tokens.settings(data, config))


@webhooks.command("list")
def listed(
    state: Annotated[
        Literal["pending", "delivered", "failed"] | None,
        typer.Option(help="Only those in this state."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="NUMBER", help="At most so many.")] = 50,
    user: Whose = 1,
    data: Data = None,
    config: Config = None,
) -> None:
    """List deliveries, the newest last.

    A line each: number, when made (UTC), state, attempts, event, URL, job.
    """
    with ending():
        from heliograph.cli import deliveries, tokens

        deliveries.listed(tokens.settings(data, config), user, state, limit)


@webhooks.command("show")
def show_delivery(
    number: Delivery, user: Whose = 1, data: Data = None, config: Config = None
) -> None:
    """Show a delivery with every attempt and what the receiver answered."""
    with ending():
        from heliograph.cli import deliveries, tokens

        deliveries.show(tokens.settings(data, config), user, number)


@webhooks.command("replay")
def replay(number: Delivery, user: Whose = 1, data: Data = None, config: Config = None) -> None:
    """Make a delivery again; a running server does so within 5 seconds."""
    with ending():
        from heliograph.cli import deliveries, tokens

        deliveries.replay(tokens.settings(data, config), user, number)


@webhooks.command("secret")
def secret(
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Make a new one; the old one signs for a day more.")
    ] = False,
    user: Whose = 1,
    data: Data = None,
    config: Config = None,
) -> None:
    """Print the secret that signs the webhooks (whsec_…)."""
    with ending():
        from heliograph.cli import deliveries, tokens

        deliveries.secret(tokens.settings(data, config), user, rotate=rotate)


@mail.command("list")
def mails(
    limit: Annotated[int, typer.Option(min=1, metavar="NUMBER", help="At most so many.")] = 50,
    user: Whose = 1,
    data: Data = None,
    config: Config = None,
) -> None:
    """List a user's mails, the newest last.

    A line each: number, when written (UTC), state, address, what about, and the last error.
    """
    with ending():
        from heliograph.cli import mails, tokens

        mails.listed(tokens.settings(data, config), user, limit)


@mail.command("test")
def try_mail(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Whom to send it to.")],
    data: Data = None,
    config: Config = None,
) -> None:
    """Send a mail now, and print what the mail server says.

    It is tried once, with the settings that this command finds.
    """
    with ending():
        from heliograph.cli import mails, tokens

        mails.trial(tokens.settings(data, config), address)


@studio.command("challenge")
def challenge(
    channel: Channel,
    kind: Annotated[
        Literal["moderation", "challenge"],
        typer.Option(help="A pending moderation message, or a challenge."),
    ] = "moderation",
    server: Server = None,
    token: Secret = None,
    data: Data = None,
) -> None:
    """Have the bot answer a channel with trouble until resolved.

    The next job there ends with code 596, and the channel takes no more until it is reset.
    """
    with ending():
        from heliograph.cli import connect, trouble

        trouble.challenge(connect.link(server, token, data), channel, kind)


@studio.command("resolve")
def resolve(
    channel: Channel,
    reset: Annotated[
        bool, typer.Option("--reset", help="Open the channel for jobs again as well.")
    ] = False,
    server: Server = None,
    token: Secret = None,
    data: Data = None,
) -> None:
    """End what `challenge` began, as a person would upstream."""
    with ending():
        from heliograph.cli import connect, trouble

        trouble.resolve(connect.link(server, token, data), channel, reset=reset)
