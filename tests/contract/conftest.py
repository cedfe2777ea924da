"""A migrated store for each test: migrated once, and copied."""

import shutil
from pathlib import Path

import pytest

from heliograph.store import migrate


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store with today's schema. Alembic takes longer than most tests do."""
    path = tmp_path_factory.mktemp("migrated") / "store.db"
    migrate.upgrade(path)
    return path


@pytest.fixture
def fresh(migrated: Path, tmp_path: Path) -> Path:
    """A copy of it, this test's own."""
    path = tmp_path / "store.db"
    shutil.copy(migrated, path)
    return path
