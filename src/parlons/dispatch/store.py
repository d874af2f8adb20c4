"""The tables of dispatch, private to it: projections which the owner's group commit keeps, one upsert per changed object.

They answer what the router has forgotten (finished tasks) and what other processes ask; the router itself never reads
them, it starts from snapshot and journal. Attributes of tasks stand in `journal_private`, keyed by task, so that erasure
finds all of them in one place.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from parlons.runtime.schema import at_column, metadata, text_column


def _keys() -> list[sa.Column[str]]:
    return [
        sa.Column("workspace_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("tenant_id", sa.Text, nullable=False),
    ]


tasks = sa.Table(
    "tasks",
    metadata,
    *_keys(),
    text_column("firm_id", nullable=True),
    text_column("conversation_id", nullable=True),
    text_column("channel"),
    text_column("status"),
    sa.Column("priority", sa.BigInteger, nullable=False),
    text_column("workflow_id", nullable=True),
    text_column("queue_id", nullable=True),
    text_column("worker_id", nullable=True),
    text_column("reservation_id", nullable=True),
    at_column("created_at"),
    at_column("virtual_start_at"),
    at_column("entered_queue_at", nullable=True),
    at_column("ended_at", nullable=True),
    text_column("reason", nullable=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Index("ix_tasks_conversation_id", "conversation_id", postgresql_where=sa.text("conversation_id IS NOT NULL")),
    postgresql_with={"fillfactor": "70"},
)

reservations = sa.Table(
    "reservations",
    metadata,
    *_keys(),
    text_column("task_id"),
    text_column("worker_id"),
    text_column("queue_id", nullable=True),
    text_column("firm_id", nullable=True),
    text_column("status"),
    at_column("created_at"),
    at_column("expires_at", nullable=True),
    at_column("accepted_at", nullable=True),
    at_column("ended_at", nullable=True),
    text_column("reason", nullable=True),
    sa.Column("seq", sa.BigInteger, nullable=False, comment="journal sequence of its creation"),
    sa.Column("decision", JSONB, nullable=False, comment="why: rule, step, queue, order keys of the first three"),
    sa.Index("ix_reservations_task_id", "workspace_id", "task_id"),
    sa.Index("ix_reservations_worker", "workspace_id", "worker_id", "created_at"),
    postgresql_with={"fillfactor": "70"},
)


def _configured(name: str) -> sa.Table:
    """Workers and what an administrator sets: small, whole, read by other processes and by history."""
    return sa.Table(
        name,
        metadata,
        *_keys(),
        text_column("firm_id", nullable=True),
        text_column("name"),
        sa.Column("data", JSONB, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False, server_default=sa.false()),
    )


workers = _configured("workers")
queues = _configured("queues")
workflows = _configured("workflows")
activities = _configured("activities")
task_channels = _configured("task_channels")

CONFIGURED = ("workers", "queues", "workflows", "activities", "task_channels")
TABLES = ("tasks", "reservations", *CONFIGURED)
