"""Every setting, where it may come from, and its default with the reason for it.

A value is taken from the flags, else from `HELIOGRAPH_*` in the environment (a group and its
setting joined by two underscores), else from a TOML file, else it is the default. Whatever is
wrong in any of these is reported together, each fault under the name that the user wrote.
"""

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic import ValidationError as PydanticFault
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PREFIX = "HELIOGRAPH_"
CONFIG_NAME = "heliograph.toml"
# Read by `load` itself and by the client; in the environment, but no settings of the server.
NOT_SETTINGS = frozenset({"HELIOGRAPH_CONFIG", "HELIOGRAPH_URL"})
FLAGS = {
    "host": "--host",
    "port": "--port",
    "data": "--data",
    "public_url": "--public-url",
    "studio.painter": "--painter",
}
MEGABYTE = 1024 * 1024


class SettingsFault(Exception):
    """Some settings are wrong; `faults` has a sentence for each, none of which shows a secret."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def _no_flag(value: object) -> object:
    # Python counts True as 1, so `port = true` would quietly mean port 1.
    if isinstance(value, bool):
        raise ValueError("should be a number")
    return value


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("should be an http:// or https:// address")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("should be an address alone, without user, query or fragment")
    _ = parts.port  # raises ValueError for a port that is none
    return value.rstrip("/")


def _acceptable_token(value: SecretStr) -> SecretStr:
    secret = value.get_secret_value()
    if len(secret) < 8 or not all("!" <= letter <= "~" for letter in secret):
        raise ValueError("should be at least 8 printable ASCII characters without spaces")
    return value


def _absolute(value: Path) -> Path:
    return value.expanduser().absolute()


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


Whole = Annotated[int, BeforeValidator(_no_flag)]
Seconds = Annotated[float, BeforeValidator(_no_flag), Field(ge=0, allow_inf_nan=False)]
Level = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)]


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Log(_Group):
    """What is logged, to standard error."""

    level: Level = "info"
    """The least level that is logged: debug, info, warning or error. `info` names each job once
    or twice, which a person can still read."""

    format: Literal["auto", "console", "json"] = "auto"
    """`console` is for eyes, `json` (one object a line) for collectors. `auto` takes console when
    standard error is a terminal, since only then a person is looking."""


class Studio(_Group):
    """Our own bot and its painters."""

    painter: Literal["composer", "blank"] = "composer"
    """What the bot paints with. `composer` composes pictures; `blank` makes plain ones at once,
    for load tests, so it is never the default."""

    blank_seconds: Seconds = 0.0
    """How long a `blank` picture takes, with percents and previews on the way. 0 measures the
    server alone."""

    workers: Annotated[Whole, Field(ge=1, le=256)] | None = None
    """Painting processes at most. Unset, one for each processor core: painting is bound by the
    processor, so more would only share it."""

    idle_seconds: Seconds = 20.0
    """A painting process that had no work for so long ends. 20 s keeps it for the next prompt of
    a person at work, and gives the memory back soon after."""

    update_seconds: Annotated[Seconds, Field(gt=0)] = 1.0
    """The time between two percents of one job. The real bot edits its message every 1 to 2 s,
    and clients were written for that pace."""


class Store(_Group):
    """The SQLite files."""

    synchronous: Annotated[Literal["FULL", "NORMAL"], BeforeValidator(_upper)] = "FULL"
    """`FULL`: what a caller was told survives a power cut. `NORMAL` is faster and survives a
    crash of the program only."""


class Limits(_Group):
    """The largest request bodies, in bytes; larger ones are answered 413."""

    json_bytes: Annotated[Whole, Field(ge=1)] = 20 * MEGABYTE
    """A JSON body. 20 MiB holds a mask of a large picture in base64."""

    multipart_bytes: Annotated[Whole, Field(ge=1)] = 64 * MEGABYTE
    """A multipart body. 64 MiB holds five photographs, the most that one blend takes."""


class Settings(BaseSettings):
    """Made by `load`; made directly, it reads neither environment nor files."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    """The address that the server listens on. Loopback, so that nobody else reaches a server that
    was only tried out."""

    port: Annotated[Whole, Field(ge=0, le=65535)] = 8080
    """The port that the server listens on; 0 takes any free one. 8080 needs no privilege and is
    where people look for a local web server."""

    data: Annotated[Path, AfterValidator(_absolute)] = Field(
        default_factory=lambda: default_data(os.environ)
    )
    """The data folder: databases, pictures, the local token. Under the user's own data folder
    (`$XDG_DATA_HOME`, else `~/.local/share`), so that it needs no rights and outlives the clone."""

    token: Annotated[SecretStr, AfterValidator(_acceptable_token)] | None = None
    """An API token to accept from the first start, at least 8 characters. Unset, the first start
    makes one and shows it once, so that no installation shares a known token."""

    public_url: Annotated[str, AfterValidator(_web_address)] | None = None
    """The address under which callers reach this server, for the URLs of pictures. Unset, they
    are built from each request's own host, which is right without a proxy in front."""

    log: Log = Log()
    studio: Studio = Studio()
    database: Store = Store()
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


@dataclass(frozen=True)
class _Layer:
    """One source: values by dotted path, and the names under which the user wrote them."""

    values: dict[str, Any]
    names: dict[str, str]


def variable(path: str) -> str:
    """The environment variable of a setting: `studio.painter` is HELIOGRAPH_STUDIO__PAINTER."""
    return PREFIX + path.upper().replace(".", "__")


def default_data(environ: Mapping[str, str]) -> Path:
    """The user's own data folder; a relative XDG_DATA_HOME doesn't count, says its standard."""
    base = Path(environ.get("XDG_DATA_HOME", ""))
    if not base.is_absolute():
        home = environ.get("HOME")
        base = (Path(home) if home else Path.home()) / ".local" / "share"
    return base / "heliograph"


def load(
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    config: Path | None = None,
) -> Settings:
    """The settings from `flags` (dotted paths; None is unset), `environ` (default: the
    process's), and the TOML file `config`.

    Raises SettingsFault with every fault of every source.
    """
    environ = os.environ if environ is None else environ
    faults: list[str] = []
    upper = [_from_flags(flags or {}), _from_environment(environ)]
    path, needed = _config_file(config, environ, upper)
    filed = _from_file(path, needed, faults)
    layers = [*upper, filed]
    faults += [fault for layer in layers for fault in _strangers(layer)]
    if not needed:
        faults += _moved_data(filed, path.parent)
    settings = _build([*layers, _Layer({"data": str(default_data(environ))}, {})], faults)
    if faults or settings is None:
        raise SettingsFault(faults)
    return settings


def _from_flags(flags: Mapping[str, Any]) -> _Layer:
    given = {path: value for path, value in flags.items() if value is not None}
    return _Layer(given, {path: FLAGS.get(path, f"--{path}") for path in given})


def _from_environment(environ: Mapping[str, str]) -> _Layer:
    # An empty variable is how compose files and unit files spell "not set".
    names = {
        name.removeprefix(PREFIX).lower().replace("__", "."): name
        for name in sorted(environ)
        if name.startswith(PREFIX) and name not in NOT_SETTINGS and environ[name]
    }
    return _Layer({path: environ[name] for path, name in names.items()}, names)


def _config_file(
    config: Path | None, environ: Mapping[str, str], upper: list[_Layer]
) -> tuple[Path, bool]:
    """The TOML file, and whether the user named it (then it must be there)."""
    if config is not None:
        return config.expanduser(), True
    if environ.get("HELIOGRAPH_CONFIG"):
        return Path(environ["HELIOGRAPH_CONFIG"]).expanduser(), True
    named = (layer.values["data"] for layer in upper if "data" in layer.values)
    data = Path(next(named, default_data(environ)))
    return _absolute(data) / CONFIG_NAME, False


def _from_file(path: Path, needed: bool, faults: list[str]) -> _Layer:
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        if needed:
            faults.append(f"{path}: there is no such settings file")
        return _Layer({}, {})
    except OSError as error:
        faults.append(f"{path}: can't be read: {error.strerror}")
        return _Layer({}, {})
    except UnicodeDecodeError:
        faults.append(f"{path}: is not UTF-8 text")
        return _Layer({}, {})
    except tomllib.TOMLDecodeError as error:
        faults.append(f"{path}: is not TOML: {error}")
        return _Layer({}, {})
    values = dict(_leaves(tree))
    return _Layer(values, {name: f"{name} in {path}" for name in values})


def _leaves(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _strangers(layer: _Layer) -> Iterator[str]:
    known = {path for path, _ in _fields()}
    groups = {path.partition(".")[0] for path in known if "." in path}
    for path, name in layer.names.items():
        if path in known:
            continue
        if path in groups:
            yield f"{name}: is a group of settings, not a setting"
            continue
        near = get_close_matches(path, known, n=1)
        right = [variable(other) if name.startswith(PREFIX) else other for other in near]
        hint = f" (perhaps {right[0]} was meant)" if right else ""
        yield f"{name}: there is no such setting{hint}"


def _moved_data(layer: _Layer, folder: Path) -> Iterator[str]:
    moved = layer.values.get("data")
    if isinstance(moved, str) and _absolute(Path(moved)) != folder:
        yield f"{layer.names['data']}: a file in the data folder can't name another one"


def _build(layers: list[_Layer], faults: list[str]) -> Settings | None:
    known = {path for path, _ in _fields()}
    try:
        return Settings.layered(*(_nested(layer, known) for layer in layers))
    except PydanticFault as error:
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            path = next(p for p in _paths(fault["loc"]) if p in known)
            name = next(layer.names[path] for layer in layers if path in layer.names)
            faults.append(f"{name}: {_plain(fault['msg'])}")
        return None


def _paths(loc: tuple[int | str, ...]) -> Iterator[str]:
    # A union adds its members' names below the setting's own path.
    for end in range(len(loc), 0, -1):
        yield ".".join(str(part) for part in loc[:end])


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ").removeprefix("Input ")


def _nested(layer: _Layer, known: set[str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, value in layer.values.items():
        if path in known:
            group, dot, name = path.rpartition(".")
            (tree.setdefault(group, {}) if dot else tree)[name] = value
    return tree


def _fields() -> Iterator[tuple[str, Any]]:
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, _Group):
            yield from ((f"{name}.{inner}", leaf) for inner, leaf in kind.model_fields.items())
        else:
            yield name, field


def table() -> str:
    """All settings as a Markdown table, for the README and for the test that holds it to this."""
    head = ("Setting", "Environment", "Flag", "Default", "What it does, and why this default")
    rows = [head, tuple("---" for _ in head)]
    for path, field in _fields():
        flag = f"`{FLAGS[path]}`" if path in FLAGS else ""
        text = " ".join((field.description or "").split())
        rows.append((f"`{path}`", f"`{variable(path)}`", flag, _shown(path, field.default), text))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _shown(path: str, default: object) -> str:
    if path == "data":
        return "`~/.local/share/heliograph`"
    return "unset" if default is None else f"`{default}`"
