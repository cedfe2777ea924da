"""What user 1 finds: a channel at the first start, and a way in at every start."""

from heliograph import clock
from heliograph.channel import Channel
from heliograph.errors import Unauthorized
from heliograph.home import Home
from heliograph.service.people import People
from heliograph.settings import Settings
from heliograph.store.base import Store
from heliograph.studio.bot import Bot
from heliograph.studio.link import StudioLink

FIRST_USER = 1
LOCAL = "local command line"
STUDIO_TOKEN = "studio"  # noqa: S105 - the name of our own bot's account, no secret


async def add_channel(store: Store, bot: Bot) -> None:
    """Gives user 1 a channel of our own bot, once: who deletes it does not get it back."""
    link = await StudioLink.open(bot, STUDIO_TOKEN)
    if await store.welcome(FIRST_USER, clock.milliseconds()):
        channel = Channel(id=link.channel, user=FIRST_USER, token=STUDIO_TOKEN)
        await store.add_channel(channel, clock.milliseconds())


async def add_tokens(settings: Settings, home: Home, people: People, *, make: bool) -> str | None:
    """Sees to it that user 1 can come in: with the token of the settings, or with one that is
    made and returned if there is none (and `make`), and from this machine's command line."""
    secret = None
    tokens = await people.tokens(FIRST_USER)
    if settings.token is not None:
        given = settings.token.get_secret_value()
        await people.create_token(FIRST_USER, "from settings", secret=given)
    elif make and all(token.name == LOCAL for token in tokens):
        secret = await people.create_token(FIRST_USER, "first")
        if not tokens:
            home.write_token(secret)
    left = home.read_token()
    try:
        await people.user_of(left or "")
    except Unauthorized:
        home.write_token(await people.create_token(FIRST_USER, LOCAL))
    return secret
