"""One line for each thing: coloured and cut to its width in a terminal, whole anywhere else."""

import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text


def show(text: str, *, mark: str = "", style: str = "") -> None:
    """Prints the line; in a terminal the first `mark` in it has the `style`."""
    console = Console(file=sys.stdout)
    if not console.is_terminal:
        print(text, flush=True)
        return
    line = Text(text)
    if mark and (start := text.find(mark)) >= 0:
        line.stylize(style, start, start + len(mark))
    console.print(line, no_wrap=True, overflow="ellipsis", highlight=False)


def second(milliseconds: int) -> str:
    """A moment (ms since 1970) as people read it, to the second, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
