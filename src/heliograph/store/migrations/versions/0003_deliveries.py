"""Webhook targets, deliveries, attempts, signing secrets; keys for sending twice safely."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

DUE = sa.text("due IS NOT NULL")
PRUNABLE = sa.text("status IN ('created', 'started', 'progress')")
PENDING = sa.text("state = 'pending'")


def upgrade() -> None:
    op.add_column(
        "jobs", sa.Column("watched", sa.Integer, server_default=sa.text("0"), nullable=False)
    )
    op.create_table(
        "targets",
        sa.Column("id", sa.Integer),
        # Null for what has no job yet.
        sa.Column("job", sa.Text),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("ref", sa.Text),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_targets"),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_targets_job"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_targets_user_id"),
    )
    op.create_index("ix_targets_job", "targets", ["job"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer),
        sa.Column("target", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("job", sa.Text),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("first", sa.BigInteger),
        sa.Column("due", sa.BigInteger),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("settled", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(["target"], ["targets.id"], name="fk_deliveries_target"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_deliveries_user_id"),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_deliveries_job"),
    )
    op.create_index("ix_deliveries_user", "deliveries", ["user_id", "id"])
    partial = (
        ("ix_deliveries_due", ["host", "due"], DUE),
        ("ix_deliveries_job", ["job"], DUE),
        ("ix_deliveries_pending", ["target", "id"], PENDING),
    )
    for name, columns, where in partial:
        op.create_index(name, "deliveries", columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "attempts",
        sa.Column("delivery", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("ms", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("delivery", "number", name="pk_attempts"),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.id"], name="fk_attempts_delivery"),
    )
    op.create_table(
        "signing_secrets",
        sa.Column("id", sa.Integer),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_signing_secrets"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_signing_secrets_user_id"),
    )
    op.create_index("ix_signing_secrets_user_id", "signing_secrets", ["user_id"])
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("job", sa.Text),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_idempotency_keys"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_idempotency_keys_user_id"),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_idempotency_keys_job"),
    )
    op.create_index("ix_idempotency_keys_created", "idempotency_keys", ["created"])
    op.create_index(
        "ix_events_prunable", "events", ["at"], sqlite_where=PRUNABLE, postgresql_where=PRUNABLE
    )
