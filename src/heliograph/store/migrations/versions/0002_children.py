"""Children and what a parent does once, deleted channels, subscriptions."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

CHILD = sa.text("parent IS NOT NULL")
ONCE = sa.text("once IS NOT NULL AND status NOT IN ('failed', 'moderated')")


def upgrade() -> None:
    op.add_column("users", sa.Column("subscription_until", sa.BigInteger))
    op.add_column("users", sa.Column("welcomed", sa.BigInteger))
    # Until now, whoever had a channel had the one of the first start.
    op.execute("UPDATE users SET welcomed = created WHERE id IN (SELECT user_id FROM channels)")
    op.add_column("channels", sa.Column("deleted", sa.BigInteger))
    op.add_column(
        "channels",
        sa.Column("relaxed", sa.Integer, server_default=sa.text("0"), nullable=False),
    )
    for name in ("parent", "once", "inputs"):
        op.add_column("jobs", sa.Column(name, sa.Text))
    op.create_index(
        "ix_jobs_parent", "jobs", ["parent"], sqlite_where=CHILD, postgresql_where=CHILD
    )
    op.create_index(
        "ix_jobs_once",
        "jobs",
        ["parent", "once"],
        unique=True,
        sqlite_where=ONCE,
        postgresql_where=ONCE,
    )
