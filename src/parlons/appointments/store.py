"""Tables of appointments, and rows read as values. Private to this room."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import RowMapping

from parlons.appointments.model import STANDING, Appointment
from parlons.kit.clock import from_datetime, to_datetime
from parlons.runtime.db import Tx
from parlons.runtime.schema import at_column, metadata, tenant_column, text_column

settings = sa.Table(
    "appointment_settings",
    metadata,
    sa.Column("firm_id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("workspace_id"),
    sa.Column("settings", JSONB, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

appointments = sa.Table(
    "appointments",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("workspace_id"),
    text_column("firm_id"),
    text_column("customer_id"),
    at_column("starts_at"),
    at_column("ends_at"),
    text_column("zone"),
    sa.Column("seat", sa.Integer, nullable=False),
    text_column("state"),
    sa.Column("about", sa.Text, nullable=False, server_default=""),
    sa.Column("reminders", JSONB, nullable=False, server_default="[]"),
    text_column("made_by"),
    text_column("made_by_id", nullable=True),
    at_column("made_at"),
    at_column("changed_at"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index(
        "uq_appointments_seat",
        "tenant_id",
        "firm_id",
        "starts_at",
        "seat",
        unique=True,
        postgresql_where=sa.text("state IN ('booked', 'changed')"),
    ),
    sa.Index("ix_appointments_firm", "tenant_id", "firm_id", "starts_at"),
    sa.Index("ix_appointments_customer", "tenant_id", "customer_id", "starts_at"),
)
standing = appointments.c.state.in_(STANDING)
_SAME = ("id", "workspace_id", "firm_id", "customer_id", "zone", "seat", "state", "about", "reminders", "made_by",
         "made_by_id", "version")  # fmt: skip
_TIMES = ("starts_at", "ends_at", "made_at", "changed_at")


def appointment_of(row: RowMapping) -> Appointment:
    """A row as a value."""
    times = {name: from_datetime(row[name]) for name in _TIMES}
    return Appointment(**{name: row[name] for name in _SAME}, **times)  # type: ignore[arg-type]


def columns(one: Appointment) -> dict[str, Any]:
    """All columns of a row, without its tenant."""
    return {
        **{name: getattr(one, name) for name in _SAME},
        "reminders": list(one.reminders),
        **{name: to_datetime(getattr(one, name)) for name in _TIMES},
    }


async def read_appointments(
    tx: Tx, *where: sa.ColumnElement[bool], limit: int | None = None, lock: bool = False
) -> list[Appointment]:
    """Appointments in the order of their times; `lock` keeps their rows until the transaction ends."""
    query = sa.select(appointments).where(appointments.c.tenant_id == tx.tenant_id, *where)
    query = query.order_by(appointments.c.starts_at, appointments.c.id).limit(limit)
    return [appointment_of(row) for row in await tx.fetch_all(query.with_for_update() if lock else query)]
