"""What the bot does at a slash command."""

from urllib.parse import urlsplit

import msgspec

from heliograph.midjourney import prompt as prompts
from heliograph.midjourney.prompt import InvalidPrompt
from heliograph.studio import intake, messages, orders, panel, replies
from heliograph.studio.files import MEDIA, Files
from heliograph.studio.ids import Ids
from heliograph.studio.memory import encode
from heliograph.studio.moderation import Moderation
from heliograph.studio.preferences import Settings
from heliograph.studio.reception import Reception
from heliograph.studio.tickets import Account, Interaction, Message

Command = (
    intake.Imagine
    | intake.Describe
    | intake.Blend
    | intake.Show
    | intake.Info
    | intake.OpenPanel
    | intake.Switch
    | intake.Prefer
)

# The panel that shows it is a message, which Discord lets have 2000.
LONGEST_SUFFIX = 1000


class Commands:
    """Answers the commands of all accounts."""

    def __init__(self, reception: Reception, files: Files, moderation: Moderation) -> None:
        self._reception = reception
        self._files = files
        self._moderation = moderation

    async def heed(self, account: Account, nonce: str, ask: Command) -> None:
        """Takes a command. Raises WireRefused when it does not."""
        interaction = self._reception.interaction(nonce, name=name_of(ask))
        match ask:
            case intake.Imagine():
                await self.imagine(account, interaction, ask.prompt)
            case intake.Describe():
                await self._describe(account, interaction, ask)
            case intake.Blend():
                await self._blend(account, interaction, ask)
            case intake.Show():
                await self._show(account, interaction, ask.job)
            case intake.Info():
                await self._info(account, interaction)
            case intake.OpenPanel():
                await self._reception.tell(account, interaction, panel.shown)
            case intake.Switch():
                await self._switch(account, interaction, ask)
            case intake.Prefer():
                await self._prefer(account, interaction, ask)

    async def imagine(self, account: Account, interaction: Interaction, text: str) -> None:
        """Paints a prompt, or says why not."""
        if word := self._moderation.banned(text):
            await self._reception.ban(account, interaction, word, text)
            return
        try:
            ticket = orders.imagine(account, interaction, text, *self._context(account))
        except InvalidPrompt as invalid:
            await self._reception.invalid(account, interaction, invalid, text)
        else:
            await self._reception.job(ticket)

    async def _describe(
        self, account: Account, interaction: Interaction, ask: intake.Describe
    ) -> None:
        try:
            picture = await self._kept(ask.uploaded) if ask.uploaded else _link(ask.link)
            ticket = orders.describe(account, interaction, picture, *self._context(account))
        except InvalidPrompt as invalid:
            await self._reception.invalid(
                account, interaction, invalid, ask.link, command="describe"
            )
        else:
            await self._reception.job(ticket)

    async def _blend(self, account: Account, interaction: Interaction, ask: intake.Blend) -> None:
        pictures = [await self._kept(key) for key in ask.uploaded]
        try:
            ticket = orders.blend(
                account, interaction, pictures, ask.dimensions, *self._context(account)
            )
        except InvalidPrompt as invalid:
            await self._reception.invalid(
                account, interaction, invalid, ask.dimensions, command="blend"
            )
        else:
            await self._reception.job(ticket)

    async def _show(self, account: Account, interaction: Interaction, uuid: str) -> None:
        """Says `Displaying...`, then shows the job's message again, as a job's final message."""
        reception = self._reception
        before = await reception.memory.shown(account, uuid.strip())
        if before is None:
            unknown = InvalidPrompt("Invalid request", f"There is no finished job `{uuid[:60]}`.")
            await reception.invalid(account, interaction, unknown, uuid, command="show")
            return
        ack, id, now = reception.ids.snowflake(), reception.ids.snowflake(), reception.clock()
        first = messages.displaying(account, interaction, id=ack, now=now)
        last = messages.shown_again(account, before, ack, id=id, now=now)
        # As with every job, the history knows the final message by the command's nonce.
        stored = encode(last | {"nonce": interaction.nonce})
        if await reception.memory.take(account, interaction, says=[(id, stored)]):
            said = [
                ("MESSAGE_CREATE", encode(first)),
                ("MESSAGE_CREATE", encode(last | {"nonce": reception.ids.nonce()})),
                ("MESSAGE_DELETE", encode({"id": ack, "channel_id": account.channel})),
            ]
            reception.later(account, interaction, said)

    async def _info(self, account: Account, interaction: Interaction) -> None:
        reception = self._reception
        usage = await reception.memory.usage(account)
        queued = await reception.memory.queued_by(account)
        id, now = reception.ids.snowflake(), reception.clock()

        def say(settings: Settings) -> Message:
            embed = replies.info(account, settings, usage, queued, id=id, now=now)
            return {"embeds": [embed], "components": replies.info_rows()}

        await reception.tell(account, interaction, say)

    async def _switch(self, account: Account, interaction: Interaction, ask: intake.Switch) -> None:
        await self._reception.tell(
            account,
            interaction,
            lambda settings: {"content": replies.SWITCHED[settings.mode]},
            lambda settings: msgspec.structs.replace(settings, mode=ask.mode),
        )

    async def _prefer(self, account: Account, interaction: Interaction, ask: intake.Prefer) -> None:
        # The panel quotes it between backticks.
        value = " ".join(ask.value.replace("`", "'").split())
        try:
            _check_suffix(value)
        except InvalidPrompt as invalid:
            await self._reception.invalid(
                account, interaction, invalid, value, command="prefer suffix"
            )
            return

        def change(settings: Settings) -> Settings:
            match ask.what:
                case "remix":
                    return msgspec.structs.replace(settings, remix=not settings.remix)
                case "variability":
                    strong = not settings.strong_variations
                    return msgspec.structs.replace(settings, strong_variations=strong)
                case "suffix":
                    return msgspec.structs.replace(settings, suffix=value)

        await self._reception.tell(
            account,
            interaction,
            lambda settings: {"content": replies.preferred(ask.what, settings)},
            change,
        )

    def _context(self, account: Account) -> tuple[Settings, Ids, float]:
        reception = self._reception
        return reception.settings[account.user], reception.ids, reception.clock()

    async def _kept(self, uploaded: str) -> str:
        """The URL of an uploaded file. Raises WireRefused when there is none."""
        try:
            await self._files.fetch(uploaded)
        except FileNotFoundError as error:
            raise intake.no_upload() from error
        return f"{MEDIA}/{uploaded}"


def name_of(ask: Command) -> str:
    """What Discord calls the command, with its sub-command."""
    match ask:
        case intake.OpenPanel():
            return "settings"
        case intake.Switch():
            return ask.mode
        case intake.Prefer():
            return f"prefer {ask.what}"
        case _:
            return type(ask).__name__.lower()


def _check_suffix(value: str) -> None:
    """Raises InvalidPrompt for what can't follow every prompt."""
    if len(value) > LONGEST_SUFFIX:
        raise InvalidPrompt("Invalid parameter", f"A suffix has {LONGEST_SUFFIX} letters at most")
    prompts.parameters(value)


def _link(link: str) -> str:
    """A link to a picture. Raises InvalidPrompt for what is none."""
    invalid = InvalidPrompt("Invalid link", "Invalid link! Invalid URL format")
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        raise invalid from None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise invalid
    return link.strip()
