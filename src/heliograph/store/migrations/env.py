"""Alembic's entry point: one connection, one transaction, the metadata of `store.schema`."""

from alembic import context
from sqlalchemy import create_engine, pool

from heliograph.store.schema import metadata


def run() -> None:
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise RuntimeError("no database URL")
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
