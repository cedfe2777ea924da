"""`heliograph mail`: works on the data folder and its settings, whether or not a server runs."""

from heliograph import wiring
from heliograph.cli import lines
from heliograph.cli.ending import Quit, printable
from heliograph.cli.tokens import told
from heliograph.mail import addresses
from heliograph.settings import Settings

STYLES = {"pending": "yellow", "sent": "green", "failed": "red"}


def listed(settings: Settings, user: int, limit: int) -> None:
    async def act() -> list[tuple[str, str]]:
        async with wiring.offline(settings) as offline:
            if all(one.id != user for one in await offline.people.users()):
                raise Quit(f"there is no user {user}.")
            found = await offline.mails.listed(user, limit)
        return [
            (
                f"{one.id:>5}  {lines.second(one.created)}  {one.state:<7}"
                f"  {one.address}  {one.about}"
                f"{f': {one.error}' if one.error else ''}",
                one.state,
            )
            for one in reversed(found)
        ]

    for line, mark in told(act):
        lines.show(printable(line), mark=mark, style=STYLES[mark])


def trial(settings: Settings, address: str) -> None:
    try:
        to = addresses.address(address)
    except ValueError as fault:
        raise Quit(f"ADDRESS {fault}.") from None

    async def act() -> str | None:
        try:
            return await wiring.try_mail(settings, to)
        except wiring.PostFailed as failed:
            raise Quit(f"{failed}.") from None

    answer = told(act)
    if answer is None:
        raise Quit("mail is not configured: mail.host and mail.sender are needed.")
    print(f"The mail server {settings.mail.host} took the mail: {printable(answer)}")
