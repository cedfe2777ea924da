"""What an account has chosen with `/settings`, `/prefer` and the mode commands."""

from functools import lru_cache

import msgspec

from heliograph.midjourney import prompt
from heliograph.midjourney.prompt import Parameters, Prompt
from heliograph.studio.tickets import Mode

NIJI = "niji "


class Settings(msgspec.Struct, frozen=True):
    """The defaults are those of a new account.

    `version` is a value of the panel's menu, such as "7" or "niji 6". `suffix` is the account's
    own, in `/prefer suffix`: checked parameters that follow those of the panel.
    """

    version: str = "7"
    stylize: int = 250
    mode: Mode = "fast"
    strong_variations: bool = True
    raw: bool = False
    personalized: bool = False
    stealth: bool = False
    remix: bool = False
    suffix: str = ""

    @property
    def parameters(self) -> Parameters:
        """What holds wherever a prompt says nothing itself."""
        return _parameters(self)

    @property
    def shown(self) -> str:
        """The suffix as the panel shows it: ` --v 7 --s 250`, with its leading blank."""
        niji = self.version.startswith(NIJI)
        words = [
            f"--{self.version}" if niji else f"--v {self.version}",
            f"--s {self.stylize}",
            "--p" if self.personalized else "",
            "--raw" if self.raw else "",
            self.suffix,
        ]
        return "".join(f" {word}" for word in words if word)


# Every prompt asks for them; an account has the same for days.
@lru_cache(maxsize=256)
def _parameters(settings: Settings) -> Parameters:
    niji = settings.version.startswith(NIJI)
    chosen = Parameters(
        version=None if niji else settings.version,
        niji=settings.version.removeprefix(NIJI) if niji else None,
        stylize=settings.stylize,
        personalize=settings.personalized,
        raw=settings.raw,
        visibility="stealth" if settings.stealth else None,
    )
    return prompt.effective(Prompt("", parameters=prompt.parameters(settings.suffix)), chosen)
