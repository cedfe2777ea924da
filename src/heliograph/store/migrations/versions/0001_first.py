"""Users, tokens, channels, jobs, events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

RUNNING = sa.text("status IN ('created', 'started', 'progress')")


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, autoincrement=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("revoked", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_tokens_user_id"),
        sa.UniqueConstraint("hash", name="uq_tokens_hash"),
    )
    op.create_index("ix_tokens_user_id", "tokens", ["user_id"])
    op.create_table(
        "channels",
        sa.Column("id", sa.Text),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("max_jobs", sa.Integer, nullable=False),
        sa.Column("max_image_jobs", sa.Integer, nullable=False),
        sa.Column("max_video_jobs", sa.Integer, nullable=False),
        sa.Column("reply_url", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("images", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("videos", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("lease_owner", sa.Text),
        sa.Column("lease_until", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_channels"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_channels_user_id"),
    )
    op.create_index("ix_channels_user_id", "channels", ["user_id"])
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("verb", sa.Text, nullable=False),
        sa.Column("type", sa.Text),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("response", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("details", sa.Text),
        sa.Column("code", sa.Integer),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("percent", sa.Integer, nullable=False),
        sa.Column("sent", sa.BigInteger),
        sa.Column("interaction", sa.Text),
        sa.Column("message", sa.Text),
        sa.Column("uuid", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_jobs_user_id"),
    )
    op.create_index("ix_jobs_nonce", "jobs", ["nonce", "channel"], unique=True)
    op.create_index(
        "ix_jobs_running",
        "jobs",
        ["channel"],
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )
    op.create_table(
        "events",
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("updated", sa.BigInteger),
        sa.Column("response", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("details", sa.Text),
        sa.Column("code", sa.Integer),
        sa.PrimaryKeyConstraint("job", "seq", name="pk_events"),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_events_job"),
    )
