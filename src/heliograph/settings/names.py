"""What settings are called: in the environment, as flags, and in the data folder."""

from collections.abc import Mapping
from pathlib import Path

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
