"""Mails, users' addresses for them, the webhook addresses that fail, and what was settled when."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

DUE = sa.text("due IS NOT NULL")
PENDING = sa.text("state = 'pending'")
SETTLED = sa.text("settled IS NOT NULL")


def upgrade() -> None:
    op.add_column("users", sa.Column("mail", sa.Text))
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("news", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("due", sa.BigInteger),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("settled", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_mails_user_id"),
    )
    op.create_index("ix_mails_user", "mails", ["user_id", "id"])
    op.create_index("ix_mails_due", "mails", ["due"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_index(
        "ix_mails_pending",
        "mails",
        ["user_id", "about", "id"],
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )
    op.create_table(
        "failing",
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("mailed", sa.BigInteger),
        sa.PrimaryKeyConstraint("user_id", "url", name="pk_failing"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_failing_user_id"),
    )
    op.create_index("ix_failing_last", "failing", ["last"])
    for table in ("deliveries", "mails"):
        op.create_index(
            f"ix_{table}_settled",
            table,
            ["settled", "id"],
            sqlite_where=SETTLED,
            postgresql_where=SETTLED,
        )
