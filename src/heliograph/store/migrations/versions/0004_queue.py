"""The queue, the v1 API's tasks, and quotas."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TASKED = sa.text("task IS NOT NULL")
DUE = sa.text("due IS NOT NULL AND task IS NOT NULL")
UNFINISHED = sa.text("ended IS NULL")


def upgrade() -> None:
    op.add_column("users", sa.Column("fast_jobs", sa.Integer))
    op.add_column("users", sa.Column("relaxed_jobs", sa.Integer))
    op.add_column("users", sa.Column("unfinished", sa.Integer, server_default=sa.text("10")))
    for name in ("slot", "relaxed"):
        op.add_column(
            "jobs", sa.Column(name, sa.Integer, server_default=sa.text("0"), nullable=False)
        )
    # Until now, every typed job took a slot when it was made.
    op.execute("UPDATE jobs SET slot = 1 WHERE type IS NOT NULL")
    for table in ("jobs", "targets", "deliveries", "idempotency_keys"):
        op.add_column(table, sa.Column("task", sa.Text))
    op.create_index(
        "ix_jobs_task",
        "jobs",
        ["task"],
        unique=True,
        sqlite_where=TASKED,
        postgresql_where=TASKED,
    )
    op.create_index(
        "ix_deliveries_task", "deliveries", ["task"], sqlite_where=DUE, postgresql_where=DUE
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.Text),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("hook_url", sa.Text),
        sa.Column("timeout", sa.Integer, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("deadline", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger),
        sa.Column("fail_reason", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_tasks_user_id"),
    )
    op.create_index("ix_tasks_month", "tasks", ["user_id", "mode", "created"])
    for index, of in (("ix_tasks_unfinished", "user_id"), ("ix_tasks_deadline", "deadline")):
        op.create_index(index, "tasks", [of], sqlite_where=UNFINISHED, postgresql_where=UNFINISHED)
    op.create_table(
        "queue",
        sa.Column("id", sa.Integer),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("job", sa.Text),
        sa.Column("task", sa.Text),
        sa.Column("channel", sa.Text),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("relaxed", sa.Integer, nullable=False),
        sa.Column("enqueued", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_queue"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_queue_user_id"),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_queue_job"),
        sa.ForeignKeyConstraint(["task"], ["tasks.id"], name="fk_queue_task"),
        sa.UniqueConstraint("job", name="uq_queue_job"),
        sa.UniqueConstraint("task", name="uq_queue_task"),
    )
    op.create_index("ix_queue_groups", "queue", ["user_id", "channel", "type", "relaxed"])
