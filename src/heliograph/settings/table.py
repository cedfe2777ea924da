"""The settings as a table, for the README and for the test that holds it to this."""

import json

from heliograph.settings.model import leaves
from heliograph.settings.names import FLAGS, variable


def table() -> str:
    """All settings as a Markdown table, for the README and for the test that holds it to this."""
    head = ("Setting", "Environment", "Flag", "Default", "What it does, and why this default")
    rows = [head, tuple("---" for _ in head)]
    for path, field in leaves():
        flag = f"`{FLAGS[path]}`" if path in FLAGS else ""
        text = " ".join((field.description or "").split())
        rows.append((f"`{path}`", f"`{variable(path)}`", flag, _shown(path, field.default), text))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _shown(path: str, default: object) -> str:
    if path == "data":
        return "`~/.local/share/heliograph`"
    if isinstance(default, tuple):
        return f"`{json.dumps(default)}`"
    return "unset" if default is None else f"`{default}`"
