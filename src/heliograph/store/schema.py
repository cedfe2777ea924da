"""The tables, as SQLAlchemy metadata: what Alembic compares a migrated database with.

Times are milliseconds since 1970, UTC, as integers. JSON is text: the core decodes it itself.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

RUNNING = text("status IN ('created', 'started', 'progress')")

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("created", BigInteger, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("hint", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("revoked", BigInteger),
)

channels = Table(
    "channels",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("token", Text, nullable=False),
    Column("max_jobs", Integer, nullable=False),
    Column("max_image_jobs", Integer, nullable=False),
    Column("max_video_jobs", Integer, nullable=False),
    Column("reply_url", Text),
    Column("error", Text),
    Column("created", BigInteger, nullable=False),
    # How many typed jobs are running: written in the transaction that begins or ends one.
    Column("images", Integer, nullable=False, server_default=text("0")),
    Column("videos", Integer, nullable=False, server_default=text("0")),
    Column("lease_owner", Text),
    Column("lease_until", BigInteger),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    # A job outlives its channel, so this is no foreign key.
    Column("channel", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("type", Text),
    Column("nonce", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger),
    Column("request", Text, nullable=False),
    Column("response", Text),
    Column("error", Text),
    Column("details", Text),
    Column("code", Integer),
    Column("seq", Integer, nullable=False),
    Column("percent", Integer, nullable=False),
    Column("sent", BigInteger),
    Column("interaction", Text),
    Column("message", Text),
    Column("uuid", Text),
    # The nonce first: nonces grow, so that new rows share a page.
    Index("ix_jobs_nonce", "nonce", "channel", unique=True),
    Index(
        "ix_jobs_running",
        "channel",
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    ),
)

events = Table(
    "events",
    metadata,
    Column("job", ForeignKey("jobs.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("updated", BigInteger),
    Column("response", Text),
    Column("error", Text),
    Column("details", Text),
    Column("code", Integer),
)
