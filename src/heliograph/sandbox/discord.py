"""Discord's own objects as its libraries read them: users, channels, guilds, READY. Pure."""

from typing import Any

from heliograph.sandbox.people import Person
from heliograph.studio.ids import iso
from heliograph.studio.messages import BOT
from heliograph.studio.tickets import Account

Json = dict[str, Any]

DIRECT, TEXT = 1, 0
SINCE = 1_700_000_000.0
# A member's permissions: everything.
EVERYTHING = str(2**53 - 1)

_PLAIN: Json = {
    "avatar": None,
    "avatar_decoration_data": None,
    "banner": None,
    "accent_color": None,
    "banner_color": None,
    "clan": None,
    "collectibles": None,
    "global_name": None,
    "primary_guild": None,
    "public_flags": 0,
}


def user(account: Account) -> Json:
    return _PLAIN | {"id": account.user, "username": account.username, "discriminator": "0"}


def bot_user() -> Json:
    return _PLAIN | {
        "id": BOT,
        "username": "Midjourney Bot",
        "discriminator": "9282",
        "public_flags": 589824,
        "avatar": "b9c7b4c65e3c66f246b9a6741bd3cbe5",
        "bot": True,
    }


def me(person: Person) -> Json:
    """The account as it sees itself."""
    return user(person.direct) | {
        "email": f"{person.direct.username}@example.invalid",
        "verified": True,
        "mfa_enabled": False,
        "locale": "en-US",
        "flags": 0,
        "premium": False,
        "premium_type": 0,
        "purchased_flags": 0,
        "nsfw_allowed": True,
        "phone": None,
        "bio": "",
        "pronouns": "",
        "desktop": True,
        "mobile": False,
    }


def profile(of: Json, guilds: list[str]) -> Json:
    """The profile of a user."""
    bare = {"bio": "", "accent_color": None, "pronouns": ""}
    return {
        "user": of | {"bio": ""},
        "user_profile": bare,
        "connected_accounts": [],
        "badges": [],
        "guild_badges": [],
        "premium_type": None,
        "premium_since": None,
        "premium_guild_since": None,
        "mutual_guilds": [{"id": guild, "nick": None} for guild in guilds],
        "mutual_friends": [],
        "mutual_friends_count": 0,
    }


def channel(account: Account, last: str | None = None) -> Json:
    """The channel in which an account meets the bot; `last` is the newest message in it."""
    if account.guild:
        return _guild_channel(account, last) | {"guild_id": account.guild}
    return {
        "id": account.channel,
        "type": DIRECT,
        "flags": 0,
        "last_message_id": last,
        "recipient_ids": [BOT],
        "recipients": [bot_user()],
        "is_spam": False,
    }


def guild(person: Person, last: str | None = None) -> Json:
    """A whole guild: roles, channels, members."""
    inside = person.inside
    core = _guild_properties(inside)
    return core | {
        "properties": core,
        "data_mode": "full",
        "joined_at": iso(SINCE),
        "large": False,
        "lazy": True,
        "unavailable": False,
        "member_count": 2,
        "members": [member(inside) | {"user": user(inside)}, member(inside) | {"user": bot_user()}],
        "channels": [_guild_channel(inside, last)],
        "threads": [],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "application_command_counts": {"1": 12, "2": 0, "3": 3},
        "version": 1,
    }


def member(account: Account) -> Json:
    """What a guild adds to a user, without the user."""
    return {
        "roles": [],
        "nick": None,
        "avatar": None,
        "banner": None,
        "premium_since": None,
        "joined_at": iso(SINCE),
        "communication_disabled_until": None,
        "pending": False,
        "deaf": False,
        "mute": False,
        "flags": 0,
    }


def ready(person: Person, session: str, gateway: str, last: dict[str, str | None]) -> Json:
    """READY; `last` holds the newest message by channel."""
    return {
        "v": 9,
        "user": me(person),
        "users": [bot_user()],
        "session_id": session,
        "session_type": "normal",
        "resume_gateway_url": gateway,
        "private_channels": [channel(person.direct, last.get(person.direct.channel))],
        "guilds": [guild(person, last.get(person.inside.channel))],
        "merged_members": [[member(person.inside) | {"user_id": person.user}]],
        "relationships": [],
        "presences": [],
        "read_state": {"version": 1, "partial": False, "entries": []},
        "user_guild_settings": {"version": 1, "partial": False, "entries": []},
        "user_settings": {"locale": "en-US", "status": "online", "theme": "dark"},
        "user_settings_proto": "",
        "application": {"id": BOT, "flags": 0},
        "connected_accounts": [],
        "experiments": [],
        "guild_experiments": [],
        "tutorial": None,
        "notes": {},
        "sessions": [],
        "consents": {"personalization": {"consented": False}},
        "country_code": "US",
        "geo_ordered_rtc_regions": [],
        "analytics_token": "",
        "auth_session_id_hash": "",
        "static_client_session_id": session,
        "api_code_version": 1,
        "friend_suggestion_count": 0,
        "resource_channels": [],
        "shard": [0, 1],
    }


def ready_supplemental(person: Person) -> Json:
    return {
        "merged_presences": {"guilds": [[]], "friends": []},
        "merged_members": [[member(person.inside) | {"user_id": BOT}]],
        "guilds": [{"id": person.guild, "voice_states": []}],
        "lazy_private_channels": [],
        "disclose": [],
    }


def placed(message: Json, account: Account) -> Json:
    """A message event as the gateway sends it: in guilds it says which, and what its author is."""
    if not account.guild:
        return message
    inside: Json = {"guild_id": account.guild}
    if "author" in message:
        inside["member"] = member(account)
    if reference := message.get("message_reference"):
        inside["message_reference"] = reference | {"guild_id": account.guild}
    return message | inside


def _guild_channel(account: Account, last: str | None) -> Json:
    return {
        "id": account.channel,
        "type": TEXT,
        "name": "pictures",
        "position": 0,
        "flags": 0,
        "parent_id": None,
        "topic": None,
        "nsfw": False,
        "rate_limit_per_user": 0,
        "last_message_id": last,
        "last_pin_timestamp": None,
        "permission_overwrites": [],
    }


def _guild_properties(account: Account) -> Json:
    everyone = {
        "id": account.guild,
        "name": "@everyone",
        "permissions": EVERYTHING,
        "position": 0,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
        "description": None,
    }
    return {
        "id": account.guild,
        "name": f"Guild of {account.username}",
        "owner_id": account.user,
        "icon": None,
        "banner": None,
        "splash": None,
        "discovery_splash": None,
        "description": None,
        "roles": [everyone],
        "emojis": [],
        "stickers": [],
        "features": [],
        "region": "deprecated",
        "preferred_locale": "en-US",
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw": False,
        "nsfw_level": 0,
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "application_id": None,
        "vanity_url_code": None,
        "max_members": 500000,
        "max_video_channel_users": 25,
        "premium_progress_bar_enabled": False,
    }
