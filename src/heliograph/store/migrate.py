"""Brings a store's schema up to date with Alembic, which is only loaded when there is work."""

import fcntl
import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from heliograph.store.base import StoreFault

HEAD = "0005"
MIGRATIONS = Path(__file__).with_name("migrations")


def upgrade(path: Path) -> None:
    """Upgrades the SQLite file (made if absent) to `HEAD`; quick when it is there already.

    Raises StoreFault for a file that a newer version has written.
    """
    if _revision(path) == HEAD:
        return
    # A first start and a command may come at once; whoever is second finds the work done.
    path.touch(mode=0o600, exist_ok=True)
    with open(path.with_suffix(".migrating"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        revision = _revision(path)
        if revision != HEAD:
            _migrate(path, revision)


def _migrate(path: Path, revision: str | None) -> None:
    # Alembic and SQLAlchemy cost 30 MB and half a second: only on the starts that need them.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    # Its informational lines are about plugins and dialects: nothing for who runs a server.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{path}".replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise StoreFault(
            f"{path} was written by a newer version of Heliograph (schema {revision})."
        )
    command.upgrade(config, HEAD)


def _revision(path: Path) -> str | None:
    if not path.exists():
        return None
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        table = connection.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
        ).fetchone()
        if table is None:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else str(row[0])
