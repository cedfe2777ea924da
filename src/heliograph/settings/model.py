"""All settings, as one frozen value."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from heliograph.settings.groups import (
    Discord,
    Group,
    Jobs,
    Keep,
    Limits,
    Log,
    Mail,
    Midjourney,
    Outgoing,
    Queue,
    Store,
    Streams,
    Studio,
    Webhooks,
)
from heliograph.settings.kinds import Whole, absolute, acceptable_token, web_address
from heliograph.settings.names import default_data


class Settings(BaseSettings):
    """Made by `load`; made directly, it reads neither environment nor files."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    """The address that the server listens on. Loopback, so that nobody else reaches a server that
    was only tried out."""

    port: Annotated[Whole, Field(ge=0, le=65535)] = 8080
    """The port that the server listens on; 0 takes any free one. 8080 needs no privilege and is
    where people look for a local web server."""

    data: Annotated[Path, AfterValidator(absolute)] = Field(
        default_factory=lambda: default_data(os.environ)
    )
    """The data folder: databases, pictures, the local token. Under the user's own data folder
    (`$XDG_DATA_HOME`, else `~/.local/share`), so that it needs no rights and outlives the clone."""

    token: Annotated[SecretStr, AfterValidator(acceptable_token)] | None = None
    """An API token to accept from the first start, at least 8 characters. Unset, the first start
    makes one and shows it once, so that no installation shares a known token."""

    keys: SecretStr | None = None
    """The keys that seal stored account tokens, separated by commas: the first seals, all of them
    open. Unset, they are in the file `keys` in the data folder, which the first start makes,
    readable by its owner alone; set them to keep keys and data apart."""

    public_url: Annotated[str, AfterValidator(web_address)] | None = None
    """The address under which callers reach this server, for the URLs of pictures. Unset, they
    are built from each request's own host, which is right without a proxy in front."""

    log: Log = Log()
    studio: Studio = Studio()
    database: Store = Store()
    jobs: Jobs = Jobs()
    discord: Discord = Discord()
    midjourney: Midjourney = Midjourney()
    outgoing: Outgoing = Outgoing()
    webhooks: Webhooks = Webhooks()
    mail: Mail = Mail()
    queue: Queue = Queue()
    streams: Streams = Streams()
    keep: Keep = Keep()
    limits: Limits = Limits()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # The library's own environment source can't say which variable a fault came from.
        return (init_settings,)

    @classmethod
    def layered(cls, *layers: dict[str, Any]) -> "Settings":
        """From nested values, the first layer that has one wins. Raises pydantic's fault."""
        make: Callable[..., Settings] = cls
        return make(_build_sources=(tuple(InitSettingsSource(cls, layer) for layer in layers), {}))


def leaves() -> Iterator[tuple[str, Any]]:
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Group):
            yield from ((f"{name}.{inner}", leaf) for inner, leaf in kind.model_fields.items())
        else:
            yield name, field
