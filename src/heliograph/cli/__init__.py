"""The command line. Only what `--version` needs is imported before the arguments are known."""

import sys

from heliograph import __version__


def main() -> None:
    """The program: parses the arguments, runs the command, exits with its status."""
    if sys.argv[1:] == ["--version"]:
        print(f"heliograph {__version__}")
        return
    try:
        from heliograph.cli.app import app

        app(prog_name="heliograph")
    except KeyboardInterrupt:
        sys.exit(130)
