"""Where values come from: flags, the environment, a file; and every fault of any of them."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError as PydanticFault

from heliograph.settings.kinds import absolute
from heliograph.settings.model import Settings, leaves
from heliograph.settings.names import (
    CONFIG_NAME,
    FLAGS,
    NOT_SETTINGS,
    PREFIX,
    default_data,
    variable,
)


class SettingsFault(Exception):
    """Some settings are wrong; `faults` has a sentence for each, none of which shows a secret."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class _Layer:
    """One source: values by dotted path, and the names under which the user wrote them."""

    values: dict[str, Any]
    names: dict[str, str]


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
    return absolute(data) / CONFIG_NAME, False


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
    known = {path for path, _ in leaves()}
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
    if isinstance(moved, str) and absolute(Path(moved)) != folder:
        yield f"{layer.names['data']}: a file in the data folder can't name another one"


def _build(layers: list[_Layer], faults: list[str]) -> Settings | None:
    known = {path for path, _ in leaves()}
    try:
        return Settings.layered(*(_nested(layer, known) for layer in layers))
    except PydanticFault as error:
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            path = next(p for p in _paths(fault["loc"]) if p in known)
            # A setting that another one needs may be written nowhere.
            name = next((layer.names[path] for layer in layers if path in layer.names), path)
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
