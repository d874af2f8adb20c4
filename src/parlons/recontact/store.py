"""Tables of those who left and of the rules, and rows read as values. Private to this room."""

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import RowMapping

from parlons.kit.clock import from_datetime, to_datetime
from parlons.recontact.model import WAITING, Leaver, Rule
from parlons.runtime.db import Tx
from parlons.runtime.schema import at_column, metadata, tenant_column, text_column

rules = sa.Table(
    "recontact_rules",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("workspace_id"),
    text_column("firm_id", nullable=True),
    text_column("name"),
    sa.Column("rule", JSONB, nullable=False),
    sa.UniqueConstraint("workspace_id", "name"),
)

leavers = sa.Table(
    "leavers",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("workspace_id"),
    text_column("firm_id"),
    text_column("queue_id", nullable=True),
    text_column("conversation_id"),
    sa.Column("task_id", sa.Text, nullable=False, unique=True),
    text_column("customer_id"),
    text_column("channel"),
    text_column("reason"),
    sa.Column("waited_ms", sa.BigInteger, nullable=False),
    at_column("left_at"),
    text_column("known_user_id", nullable=True),
    text_column("state"),
    sa.Column("code", sa.Text, nullable=False, server_default=""),
    text_column("rule_id", nullable=True),
    sa.Column("rule_name", sa.Text, nullable=False, server_default=""),
    at_column("due_at", nullable=True),
    text_column("single_id", nullable=True),
    text_column("callback_task_id", nullable=True),
    text_column("by_user_id", nullable=True),
    at_column("settled_at", nullable=True),
    sa.Index("ix_leavers_left", "tenant_id", "workspace_id", "left_at"),
    sa.Index("ix_leavers_customer", "tenant_id", "customer_id", "settled_at"),
    sa.Index("ix_leavers_waiting", "tenant_id", "workspace_id", "id", postgresql_where=sa.text("state = 'waiting'")),
)
_OWN = ("id", "workspace_id", "firm_id", "name")
_TIMES = ("left_at", "due_at", "settled_at")


def rule_of(row: RowMapping) -> Rule:
    """A row of `recontact_rules` as a value."""
    kept = row["rule"]
    lists = {name: tuple(kept[name]) for name in ("queue_ids", "reasons", "values")}
    return Rule(**{name: row[name] for name in _OWN}, **{**kept, **lists})


def rule_columns(one: Rule) -> dict[str, Any]:
    """All columns of a rule, without its tenant."""
    kept = {name: value for name, value in asdict(one).items() if name not in _OWN}
    return {**{name: getattr(one, name) for name in _OWN}, "rule": kept}


def leaver_of(row: RowMapping) -> Leaver:
    """A row of `leavers` as a value."""
    values = {name: row[name] for name in Leaver.__dataclass_fields__}
    times = {name: from_datetime(row[name]) if row[name] is not None else None for name in _TIMES}
    return Leaver(**{**values, **times})


def leaver_columns(one: Leaver) -> dict[str, Any]:
    """All columns of a new row, without its tenant."""
    values = {name: getattr(one, name) for name in Leaver.__dataclass_fields__}
    return {**values, **{name: to_datetime(values[name]) if values[name] is not None else None for name in _TIMES}}


async def read_leavers(
    tx: Tx, where: sa.ColumnElement[bool], *, limit: int | None = None, lock: bool = False
) -> list[Leaver]:
    """Those, the last who left first."""
    query = sa.select(leavers).where(leavers.c.tenant_id == tx.tenant_id, where).order_by(leavers.c.id.desc())
    query = query.limit(limit) if limit is not None else query
    return [leaver_of(row) for row in await tx.fetch_all(query.with_for_update() if lock else query)]


async def change(tx: Tx, leaver_id: str, **values: Any) -> None:
    """Changes one row."""
    mine = (leavers.c.tenant_id == tx.tenant_id, leavers.c.id == leaver_id)
    await tx.execute(leavers.update().where(*mine).values(**values))


async def settle(tx: Tx, leaver_id: str, state: str, code: str = "", **values: Any) -> None:
    """He stands so from now on."""
    ended = {"settled_at": None if state == WAITING else to_datetime(tx.now)}
    await change(tx, leaver_id, state=state, code=code, **ended, **values)
