"""`heliograph keys`: works on the data folder while no server does."""

import asyncio
import sqlite3
import sys

from heliograph import wiring
from heliograph.cli.ending import Quit
from heliograph.home import HomeFault
from heliograph.settings import Settings


def rotate(settings: Settings) -> None:
    try:
        asyncio.run(wiring.rotate_keys(settings))
    except HomeFault as fault:
        raise Quit(str(fault)) from None
    except (sqlite3.Error, OSError) as error:
        raise Quit(f"the keys could not be changed: {error}.") from error
    print("All account tokens are sealed with a new key.", file=sys.stderr)
