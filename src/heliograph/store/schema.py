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
CHILD = text("parent IS NOT NULL")
# A child that failed may be made again.
ONCE = text("once IS NOT NULL AND status NOT IN ('failed', 'moderated')")
TASKED = text("task IS NOT NULL")
PRUNABLE = text("status IN ('created', 'started', 'progress')")

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("created", BigInteger, nullable=False),
    # Null: for ever. An operator sells time by setting it.
    Column("subscription_until", BigInteger),
    # When the first start gave the user a channel; it does so once.
    Column("welcomed", BigInteger),
    # How many v1 tasks a month, and unfinished at once; null: any number.
    Column("fast_jobs", Integer),
    Column("relaxed_jobs", Integer),
    Column("unfinished", Integer, server_default=text("10")),
    # Where mails to the user go; null: where the settings say.
    Column("mail", Text),
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
    # A deleted channel keeps its row, for the jobs that still run on it.
    Column("deleted", BigInteger),
    # The speed of jobs that name none, as far as the bot's answers told.
    Column("relaxed", Integer, nullable=False, server_default=text("0")),
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
    Column("parent", Text),
    Column("once", Text),
    Column("inputs", Text),
    # Some address wants to be told of its events: spares the look for the others.
    Column("watched", Integer, nullable=False, server_default=text("0")),
    # 1: counted in its channel's `images` or `videos`. A typed job that waits in the queue is not.
    Column("slot", Integer, nullable=False, server_default=text("0")),
    # The speed, as asked or by the channel's setting when it was made.
    Column("relaxed", Integer, nullable=False, server_default=text("0")),
    # The v1 task that it is done for.
    Column("task", Text),
    # The nonce first: nonces grow, so that new rows share a page.
    Index("ix_jobs_nonce", "nonce", "channel", unique=True),
    Index(
        "ix_jobs_running",
        "channel",
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    ),
    Index("ix_jobs_parent", "parent", sqlite_where=CHILD, postgresql_where=CHILD),
    Index("ix_jobs_once", "parent", "once", unique=True, sqlite_where=ONCE, postgresql_where=ONCE),
    Index("ix_jobs_task", "task", unique=True, sqlite_where=TASKED, postgresql_where=TASKED),
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
    # In the order of time, for pruning: the last event of a job is not looked at again.
    Index("ix_events_prunable", "at", sqlite_where=PRUNABLE, postgresql_where=PRUNABLE),
)

targets = Table(
    "targets",
    metadata,
    Column("id", Integer, primary_key=True),
    # Null for a task that never had a job.
    Column("job", ForeignKey("jobs.id"), index=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    # The shape of the body: "job" is the job object, "task" the v1 API's envelope.
    Column("kind", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("ref", Text),
    Column("created", BigInteger, nullable=False),
    # The v1 task, for the kind "task".
    Column("task", Text),
)

DUE = text("due IS NOT NULL")
TASK_DUE = text("due IS NOT NULL AND task IS NOT NULL")
PENDING = text("state = 'pending'")
SETTLED = text("settled IS NOT NULL")

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("target", ForeignKey("targets.id"), nullable=False),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("host", Text, nullable=False),
    Column("job", ForeignKey("jobs.id")),
    Column("seq", Integer, nullable=False),
    Column("event", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    # When the first attempt failed.
    Column("first", BigInteger),
    # When it is attempted next; null also while another of its target is before it.
    Column("due", BigInteger),
    Column("created", BigInteger, nullable=False),
    Column("settled", BigInteger),
    Column("task", Text),
    Index("ix_deliveries_user", "user_id", "id"),
    Index("ix_deliveries_due", "host", "due", sqlite_where=DUE, postgresql_where=DUE),
    Index("ix_deliveries_job", "job", sqlite_where=DUE, postgresql_where=DUE),
    Index("ix_deliveries_task", "task", sqlite_where=TASK_DUE, postgresql_where=TASK_DUE),
    Index("ix_deliveries_pending", "target", "id", sqlite_where=PENDING, postgresql_where=PENDING),
    Index("ix_deliveries_settled", "settled", "id", sqlite_where=SETTLED, postgresql_where=SETTLED),
)

attempts = Table(
    "attempts",
    metadata,
    Column("delivery", ForeignKey("deliveries.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("ms", Integer, nullable=False),
    Column("status", Integer),
    Column("answer", Text, nullable=False),
    Column("error", Text),
)

signing_secrets = Table(
    "signing_secrets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("secret", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    # Of what was asked with it.
    Column("digest", Text, nullable=False),
    # What it stands for: one of the two.
    Column("job", ForeignKey("jobs.id")),
    Column("created", BigInteger, nullable=False, index=True),
    Column("task", Text),
)

UNFINISHED = text("ended IS NULL")

tasks = Table(
    "tasks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("prompt", Text, nullable=False),
    # How it runs: a speed that the prompt names goes before the mode that was sent.
    Column("mode", Text, nullable=False),
    Column("hook_url", Text),
    # Seconds, as sent; `deadline` is the moment.
    Column("timeout", Integer, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("ended", BigInteger),
    # Only of a task that never had a job: a job says itself why it failed.
    Column("fail_reason", Text),
    Index("ix_tasks_month", "user_id", "mode", "created"),
    Index("ix_tasks_unfinished", "user_id", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
    Index("ix_tasks_deadline", "deadline", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
)

# A row is there while something waits: a job that was made already, bound to its channel, or a
# task, which gets its job when it leaves. In the order of `id`.
queue = Table(
    "queue",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("job", ForeignKey("jobs.id"), unique=True),
    Column("task", ForeignKey("tasks.id"), unique=True),
    # Null: any of the user's.
    Column("channel", Text),
    Column("type", Text, nullable=False),
    Column("relaxed", Integer, nullable=False),
    Column("enqueued", BigInteger, nullable=False),
    Index("ix_queue_groups", "user_id", "channel", "type", "relaxed"),
)

mails = Table(
    "mails",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("address", Text, nullable=False),
    # The channel or the webhook address: mails about one thing go out one after another.
    Column("about", Text, nullable=False),
    # What happened, as JSON; the words are made when it is sent.
    Column("news", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    # What came of the last attempt.
    Column("error", Text),
    # When it is attempted next; null also while another about the same thing is before it.
    Column("due", BigInteger),
    Column("created", BigInteger, nullable=False),
    Column("settled", BigInteger),
    Index("ix_mails_user", "user_id", "id"),
    Index(
        "ix_mails_due",
        "due",
        sqlite_where=text("due IS NOT NULL"),
        postgresql_where=text("due IS NOT NULL"),
    ),
    Index(
        "ix_mails_pending",
        "user_id",
        "about",
        "id",
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    ),
    Index("ix_mails_settled", "settled", "id", sqlite_where=SETTLED, postgresql_where=SETTLED),
)

# Webhook addresses, without their query, whose last delivery was not heard.
failing = Table(
    "failing",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("url", Text, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False, index=True),
    # When the user was told, once an outage.
    Column("mailed", BigInteger),
)
