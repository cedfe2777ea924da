"""What the bot says to commands that paint nothing, letter by letter as the real bot does."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from uuid import UUID

from heliograph.studio.ids import iso_month
from heliograph.studio.memory import Queued, Usage
from heliograph.studio.preferences import Settings
from heliograph.studio.tickets import Account, Message, Mode

STORE = "https://www.midjourney.com/account"
FEED = "https://www.midjourney.com/imagine"

SWITCHED: Mapping[str, str] = {
    "fast": "Done! Note that once you exhaust your fast hours, you can purchase more on the"
    f" website: <{STORE}>. To conserve your fast hours, use `/relax` to switch back to relax mode.",
    "relax": "Done! Your jobs now do not consume fast-hours, but might take a little longer."
    " You can always switch back with `/fast`",
    "turbo": "**Turbo mode enabled!** Your jobs will cost around 2x more than on `/fast` mode."
    " Note that once you exhaust your fast hours, you can always purchase more on the website:"
    f" <{STORE}>. To conserve your fast hours, use `/relax` to switch back to relax mode.",
}
PREFERRED: Mapping[tuple[str, bool], str] = {
    ("remix", True): "Remix mode turned on! Clicking the variation buttons will now give you a"
    " chance to edit your prompt! You can always turn this off by running `/prefer remix` again.",
    ("remix", False): "Remix mode turned off! You can always turn this on by running"
    " `/prefer remix` again.",
    ("variability", True): "Strong variability mode turned on! Clicking the variation buttons will"
    " now make your variations stronger! You can always turn this off by running"
    " `/prefer variability` again.",
    ("variability", False): "Strong variability mode turned off! Clicking the variation buttons"
    " will now make your variations subtler! You can always turn this on by running"
    " `/prefer variability` again.",
}
MODES: Mapping[Mode, str] = {"fast": "Fast", "relax": "Relaxed", "turbo": "Turbo"}
# The fast hours of the plan that clients know best. Painting goes on when they are used up: the
# processor is the user's own, and has no shop to send anybody to.
PLAN, FAST_HOURS = "Standard", 15.0
TURBO_COST = 2.0
HOUR = 3600.0


def preferred(what: str, settings: Settings) -> str:
    """The answer to `/prefer`."""
    match what:
        case "remix":
            return PREFERRED["remix", settings.remix]
        case "variability":
            return PREFERRED["variability", settings.strong_variations]
        case _:
            return _suffix(settings)


def _suffix(settings: Settings) -> str:
    if settings.suffix:
        return f"Your custom suffix was set to: `{settings.suffix}`"
    return "Your custom suffix was removed."


def info(
    account: Account,
    settings: Settings,
    usage: Sequence[Usage],
    queued: Sequence[Queued],
    *,
    id: str,
    now: float,
) -> Message:
    """The embed of `/info`."""
    return {
        "type": "rich",
        "title": f"Your info - {account.username}",
        "id": id,
        "description": "\n".join(_facts(account, settings, usage, queued, now)),
        "content_scan_version": 0,
        "color": 0,
    }


def info_rows() -> list[Message]:
    link = {"type": 2, "style": 5, "label": "Go to your feed", "url": FEED, "id": 2}
    return [{"type": 1, "id": 1, "components": [link]}]


def _facts(
    account: Account,
    settings: Settings,
    usage: Sequence[Usage],
    queued: Sequence[Queued],
    now: float,
) -> list[str]:
    def images(*modes: Mode) -> int:
        return sum(used.images for used in usage if used.mode in modes)

    left = max(0.0, FAST_HOURS - fast_hours(usage, iso_month(now)))
    waiting = [job for job in queued if not job.running]
    relaxed = sum(job.mode == "relax" for job in waiting)
    running = len(queued) - len(waiting)
    return [
        f"**User ID**: {user_uuid(account)}",
        f"**Subscription**: {PLAN} (Active monthly, renews next on <t:{next_month(now)}>)",
        f"**Job Mode**: {MODES[settings.mode]}",
        f"**Visibility Mode**: {'Stealth' if settings.stealth else 'Public'}",
        f"**Fast Time Remaining**: {left:.2f}/{FAST_HOURS} hours ({left / FAST_HOURS:.2%})",
        "**Ranking Count**: 0",
        f"**Lifetime Usage**: {images('fast', 'turbo', 'relax')} images",
        f"**Fast Usage**: {images('fast')} images",
        f"**Turbo Usage**: {images('turbo')} images",
        f"**Relaxed Usage**: {images('relax')} images",
        "",
        f"**Queued Jobs (fast)**: {len(waiting) - relaxed}",
        f"**Queued Jobs (relax)**: {relaxed}",
        f"**Running Jobs**: {running or 'None'}",
    ]


def fast_hours(usage: Sequence[Usage], month: str) -> float:
    """What the month has used of the plan's fast hours; turbo counts twice."""
    costs: dict[Mode, float] = {"fast": 1.0, "turbo": TURBO_COST, "relax": 0.0}
    spent = sum(used.seconds * costs[used.mode] for used in usage if used.month == month)
    return spent / HOUR


def next_month(now: float) -> int:
    """When the next month begins, in seconds since 1970."""
    today = datetime.fromtimestamp(now, UTC)
    year, month = divmod(today.year * 12 + today.month, 12)
    return int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp())


def user_uuid(account: Account) -> str:
    """The account's id on the bot's own side, which is a uuid."""
    digest = blake2b(account.user.encode(), digest_size=16, person=b"studio user").digest()
    return str(UUID(bytes=digest, version=4))
