"""Every setting, where it may come from, and its default with the reason for it.

A value is taken from the flags, else from `HELIOGRAPH_*` in the environment (a group and its
setting joined by two underscores), else from a TOML file, else it is the default. Whatever is
wrong in any of these is reported together, each fault under the name that the user wrote.
"""

from heliograph.settings.model import Settings
from heliograph.settings.sources import SettingsFault, load
from heliograph.settings.table import table

__all__ = ["Settings", "SettingsFault", "load", "table"]
