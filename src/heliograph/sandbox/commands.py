"""The bot's commands as Discord's index lists them, and the versions under which it takes them.

Ids and versions are those of May 2024, which most clients were written against. Any version is
taken until `rotate` is called: from then on the current one alone, which only the index tells.
"""

from typing import Any

from heliograph.midjourney.interactions import COMMANDS
from heliograph.midjourney.wire import Payload, WireRefused
from heliograph.sandbox import discord
from heliograph.studio.messages import BOT

INDEX_VERSION = 1240021480897511445
TEXT, FILE, SUB_COMMAND = 3, 11, 1
CHAT_INPUT, OF_MESSAGE = 1, 3

Json = dict[str, Any]

# Those that the bot has and our driver has no use for, and the commands of a message's menu.
_MORE = (
    ("tune", "1121575372539039775", "1237876415471554627", CHAT_INPUT),
    ("Cancel Job", "973464184983101440", "1237876415471554631", OF_MESSAGE),
)


def _option(kind: int, name: str, description: str, **more: Any) -> Json:
    return {"type": kind, "name": name, "description": description} | more


def _picture(number: int) -> Json:
    needed = {"required": True} if number <= 2 else {}
    return _option(FILE, f"image{number}", f"Image {number} of the blend", **needed)


_SHAPES = {"Portrait": "--ar 2:3", "Square": "--ar 1:1", "Landscape": "--ar 3:2"}
_OPTIONS: dict[str, list[Json]] = {
    "imagine": [_option(TEXT, "prompt", "The prompt to imagine", required=True)],
    "describe": [
        _option(FILE, "image", "The image to describe"),
        _option(TEXT, "link", "A link to the image to describe"),
    ],
    "blend": [
        *(_picture(number) for number in (1, 2)),
        _option(
            TEXT,
            "dimensions",
            "The shape of the picture",
            choices=[{"name": name, "value": value} for name, value in _SHAPES.items()],
        ),
        *(_picture(number) for number in (3, 4, 5)),
    ],
    "show": [_option(TEXT, "job_id", "The job to show", required=True)],
    "shorten": [_option(TEXT, "prompt", "The prompt to shorten", required=True)],
    "prefer": [
        _option(SUB_COMMAND, "remix", "Switch remix mode", options=[]),
        _option(SUB_COMMAND, "variability", "Switch strong variability", options=[]),
        _option(
            SUB_COMMAND,
            "suffix",
            "Put a suffix on every prompt",
            options=[_option(TEXT, "new_value", "The suffix")],
        ),
    ],
}


class Commands:
    """The index, whose versions can be made to grow."""

    def __init__(self) -> None:
        self._turns = 0

    def rotate(self) -> None:
        """All commands get a new version, and no older one is taken any more."""
        self._turns += 1

    def index(self) -> Json:
        listed = [(c.name, c.id, c.version, CHAT_INPUT) for c in COMMANDS.values()]
        application = discord.bot_user()
        return {
            "applications": [
                {
                    "id": BOT,
                    "name": "Midjourney Bot",
                    "icon": None,
                    "description": "",
                    "flags": 27828224,
                    "bot": application,
                    "command_counts": {"1": len(COMMANDS) + 1, "2": 0, "3": 1},
                }
            ],
            "application_commands": [self._listed(*row) for row in (*listed, *_MORE)],
            "version": str(INDEX_VERSION + self._turns),
        }

    def search(self, query: str, kind: int, limit: int) -> Json:
        """The answer of the older way to find a command, by the beginning of its name."""
        index = self.index()
        found = [
            command
            for command in index["application_commands"]
            if command["type"] == kind and command["name"].lower().startswith(query.lower())
        ]
        cursor = {"previous": None, "next": None, "repaired": False}
        return index | {"application_commands": found[:limit], "cursor": cursor}

    def check(self, payload: Payload) -> None:
        """Raises WireRefused for a command in a version that has been replaced."""
        data = payload.get("data")
        if not self._turns or payload.get("type") != 2 or not isinstance(data, dict):
            return
        for command in self.index()["application_commands"]:
            if (
                command["name"] == data.get("name")
                and str(data.get("version")) != command["version"]
            ):
                raise _outdated()

    def _listed(self, name: str, id: str, version: str, kind: int) -> Json:
        return {
            "id": id,
            "application_id": BOT,
            "version": str(int(version) + self._turns),
            "type": kind,
            "name": name,
            "description": "" if kind == OF_MESSAGE else f"The bot's {name}",
            "description_default": "" if kind == OF_MESSAGE else f"The bot's {name}",
            "dm_permission": True,
            "contexts": [0, 1, 2],
            "integration_types": [0, 1],
            "default_member_permissions": None,
            "nsfw": False,
            "global_popularity_rank": 1,
            "options": _OPTIONS.get(name, []),
        }


def _outdated() -> WireRefused:
    error = {
        "code": "INTERACTION_APPLICATION_COMMAND_INVALID_VERSION",
        "message": "This command is outdated, please try again in a few minutes",
    }
    body = {"code": 50035, "message": "Invalid Form Body", "errors": {"data": {"_errors": [error]}}}
    return WireRefused(400, body)
