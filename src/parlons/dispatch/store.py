"""The tables of dispatch, private to it: projections which the owner's group commit keeps, one upsert per changed object.

They answer what the router has forgotten (finished tasks) and what other processes ask; the router itself never reads
them, it starts from snapshot and journal. Attributes of tasks stand in `journal_private`, keyed by task, so that erasure
finds all of them in one place.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from parlons.runtime.schema import metadata


def _at(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, *, nullable: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


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
    _text("firm_id"),
    _text("conversation_id"),
    _text("channel", nullable=False),
    _text("status", nullable=False),
    sa.Column("priority", sa.BigInteger, nullable=False),
    _text("workflow_id"),
    _text("queue_id"),
    _text("worker_id"),
    _text("reservation_id"),
    _at("created_at", nullable=False),
    _at("virtual_start_at", nullable=False),
    _at("entered_queue_at"),
    _at("ended_at"),
    _text("reason"),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Index("ix_tasks_conversation_id", "conversation_id", postgresql_where=sa.text("conversation_id IS NOT NULL")),
    postgresql_with={"fillfactor": "70"},
)

reservations = sa.Table(
    "reservations",
    metadata,
    *_keys(),
    _text("task_id", nullable=False),
    _text("worker_id", nullable=False),
    _text("queue_id"),
    _text("firm_id"),
    _text("status", nullable=False),
    _at("created_at", nullable=False),
    _at("expires_at"),
    _at("accepted_at"),
    _at("ended_at"),
    _text("reason"),
    sa.Column("seq", sa.BigInteger, nullable=False, comment="journal sequence of its creation"),
    sa.Column("decision", JSONB, nullable=False, comment="why: rule, step, queue, order keys of the first three"),
    sa.Index("ix_reservations_task_id", "workspace_id", "task_id"),
    postgresql_with={"fillfactor": "70"},
)


def _configured(name: str) -> sa.Table:
    """Workers and what an administrator sets: small, whole, read by other processes and by history."""
    return sa.Table(
        name,
        metadata,
        *_keys(),
        _text("firm_id"),
        _text("name", nullable=False),
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
