"""Tables of surveys, and rows read as values. Private to this room."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import RowMapping

from parlons.kit.clock import Millis, from_datetime, to_datetime
from parlons.runtime.db import Tx
from parlons.runtime.schema import at_column, metadata, tenant_column, text_column
from parlons.surveys.model import Invitation, Rule, Survey, Words

surveys = sa.Table(
    "surveys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("workspace_id"),
    text_column("firm_id", nullable=True),
    text_column("name"),
    text_column("kind"),
    sa.Column("words", JSONB, nullable=False),
    sa.Column("rule", JSONB, nullable=False),
    sa.UniqueConstraint("workspace_id", "name"),
)

invitations = sa.Table(
    "survey_invitations",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("workspace_id"),
    text_column("survey_id"),
    text_column("survey_name"),
    text_column("kind"),
    sa.Column("words", JSONB, nullable=False),
    text_column("firm_id"),
    sa.Column("conversation_id", sa.Text, sa.ForeignKey("conversations.id"), nullable=False),
    text_column("customer_id"),
    text_column("queue_id", nullable=True),
    text_column("user_id", nullable=True),
    text_column("channel"),
    text_column("language"),
    text_column("how"),
    sa.Column("message_number", sa.Integer, nullable=False, server_default="0"),
    text_column("disposition_id", nullable=True),
    at_column("asked_at"),
    at_column("expires_at"),
    at_column("answered_at", nullable=True),
    at_column("changed_at", nullable=True),
    sa.Column("score", sa.Integer),
    sa.Column("comment", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("conversation_id"),
    sa.Index("ix_survey_invitations_customer", "tenant_id", "customer_id", "asked_at"),
    sa.Index("ix_survey_invitations_asked", "tenant_id", "workspace_id", "asked_at"),
    sa.Index(
        "ix_survey_invitations_answered",
        "tenant_id",
        "workspace_id",
        "answered_at",
        postgresql_where=sa.text("answered_at IS NOT NULL"),
    ),
)
_SAME = ("id", "workspace_id", "survey_id", "survey_name", "kind", "firm_id", "conversation_id", "customer_id", "queue_id",
         "user_id", "channel", "language", "how", "message_number", "disposition_id", "score", "comment")  # fmt: skip
_TIMES = ("asked_at", "expires_at", "answered_at", "changed_at")


def survey_of(row: RowMapping) -> Survey:
    """A row of `surveys` as a value."""
    rule = row["rule"]
    lists = {name: tuple(rule[name]) for name in ("queue_ids", "channels")}
    same = {name: row[name] for name in ("id", "workspace_id", "firm_id", "name", "kind")}
    return Survey(**same, words=words_of(row["words"]), rule=Rule(**{**rule, **lists}))


def words_of(found: dict[str, Any]) -> Words:
    """Words as a row holds them."""
    return Words(found["question"], tuple(found["choices"]), found["comment"], found["thanks"])


def invitation_of(row: RowMapping) -> Invitation:
    """A row of `survey_invitations` as a value."""
    times = {name: from_datetime(row[name]) if row[name] is not None else None for name in _TIMES}
    return Invitation(**{name: row[name] for name in _SAME}, words=words_of(row["words"]), **times)  # type: ignore[arg-type]


def columns(one: Invitation) -> dict[str, Any]:
    """All columns of a new row, without its tenant."""
    times = {name: _at(getattr(one, name)) for name in _TIMES}
    return {**{name: getattr(one, name) for name in _SAME}, "words": one.words.json(), **times}


def _at(value: Millis | None) -> Any:
    return to_datetime(value) if value is not None else None


async def read_invitation(tx: Tx, where: sa.ColumnElement[bool], *, lock: bool = False) -> Invitation | None:
    """The newest of those; `lock` keeps its row until the transaction ends."""
    query = sa.select(invitations).where(invitations.c.tenant_id == tx.tenant_id, where)
    query = query.order_by(invitations.c.asked_at.desc(), invitations.c.id.desc()).limit(1)
    row = await tx.fetch_one(query.with_for_update() if lock else query)
    return invitation_of(row) if row else None
