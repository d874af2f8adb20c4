"""Webhooks and what they were sent, as the API has them; and as those who send need them."""

from typing import Any

import sqlalchemy as sa

from parlons.accounts.model import Principal
from parlons.kit.clock import Millis, from_datetime, to_datetime, to_iso
from parlons.kit.pages import InvalidCursor
from parlons.runtime.db import Tx
from parlons.webhooks.model import DeliveryNotFound, Due, Webhook, WebhookNotFound
from parlons.webhooks.store import deliveries, messages, webhook_of, webhooks

Json = dict[str, Any]


async def found(tx: Tx, principal: Principal, webhook_id: str, *, lock: bool = False) -> Webhook:
    """One of the caller's workspace and firms; raises WebhookNotFound."""
    query = sa.select(webhooks).where(_visible(tx, principal), webhooks.c.id == webhook_id)
    row = await tx.fetch_one(query.with_for_update(key_share=True) if lock else query)
    if row is None:
        raise WebhookNotFound
    return webhook_of(row)


async def listed(tx: Tx, principal: Principal) -> list[Json]:
    """All that the caller may change, by name."""
    query = sa.select(webhooks).where(_visible(tx, principal)).order_by(webhooks.c.name)
    return [shown(webhook_of(row), tx.now) for row in await tx.fetch_all(query)]


def shown(one: Webhook, now: int) -> Json:
    """As the API has it: never a secret."""
    until = one.old_secret_until
    return {
        "id": one.id,
        "name": one.wanted.name,
        "url": one.wanted.url,
        "firm_id": one.wanted.firm_id,
        "events": list(one.wanted.events),
        "active": one.wanted.active,
        "state": _state(one),
        "failing_since": to_iso(one.failing_since) if one.failing_since is not None else None,
        "old_secret_until": to_iso(until) if until is not None and until > now else None,
        "created_at": to_iso(one.created_at),
        "version": one.version,
    }


def _state(one: Webhook) -> str:
    if not one.wanted.active:
        return one.disabled_why or "off"
    return "working" if one.failing_since is None else "not-answering"


async def log_of(tx: Tx, one: Webhook, *, states: list[str], after: str | None, limit: int) -> list[Json]:
    """What it was sent or is to be sent, the newest first; `after`: the last one of the page before."""
    table = deliveries
    query = (
        sa.select(table, messages.c.type, messages.c.created_at)
        .join(messages, messages.c.id == table.c.message_id)
        .where(table.c.tenant_id == tx.tenant_id, table.c.webhook_id == one.id)
        .order_by(table.c.n.desc())
        .limit(limit)
    )
    if states:
        query = query.where(table.c.state.in_(states))
    if after is not None:
        same = (table.c.webhook_id == one.id, table.c.message_id == after)
        place = await tx.scalar(sa.select(table.c.n).where(*same))
        if place is None:
            raise InvalidCursor
        query = query.where(table.c.n < place)
    return [_delivery(row) for row in await tx.fetch_all(query)]


def _delivery(row: Any) -> Json:
    waits, attempted = row["state"] == "waiting", row["attempted_at"]
    return {
        "id": row["message_id"],
        "type": row["type"],
        "state": row["state"],
        "attempts": row["attempts"],
        "status": row["status"],
        "error": row["error"],
        "duration_ms": row["duration_ms"],
        "created_at": to_iso(from_datetime(row["created_at"])),
        "attempted_at": to_iso(from_datetime(attempted)) if attempted is not None else None,
        "next_at": to_iso(from_datetime(row["next_at"])) if waits else None,
    }


async def body_of(tx: Tx, one: Webhook, message_id: str) -> str:
    """What was sent; raises DeliveryNotFound."""
    query = sa.select(messages.c.body).join(deliveries, deliveries.c.message_id == messages.c.id)
    mine = (deliveries.c.tenant_id == tx.tenant_id, deliveries.c.webhook_id == one.id)
    body: str | None = await tx.scalar(query.where(*mine, deliveries.c.message_id == message_id))
    if body is None:
        raise DeliveryNotFound
    return body


async def told(tx: Tx, workspace_id: str) -> list[Webhook]:
    """Those of a workspace that are told of what happens now."""
    mine = (webhooks.c.tenant_id == tx.tenant_id, webhooks.c.workspace_id == workspace_id, webhooks.c.active)
    query = sa.select(webhooks).where(*mine, webhooks.c.since_seq.is_not(None)).order_by(webhooks.c.id)
    return [webhook_of(row) for row in await tx.fetch_all(query)]


async def by_id(tx: Tx, webhook_id: str, *, lock: bool = False) -> Webhook | None:
    """For the product itself; None: it is gone."""
    query = sa.select(webhooks).where(webhooks.c.tenant_id == tx.tenant_id, webhooks.c.id == webhook_id)
    row = await tx.fetch_one(query.with_for_update(key_share=True) if lock else query)
    return None if row is None else webhook_of(row)


async def due(tx: Tx, webhook_id: str, many: int) -> list[Due]:
    """What is to be sent now, in the order in which it happened."""
    query = (
        sa.select(deliveries.c.message_id, messages.c.body, deliveries.c.attempts)
        .join(messages, messages.c.id == deliveries.c.message_id)
        .where(_waiting(tx, webhook_id), deliveries.c.next_at <= to_datetime(tx.now))
        .order_by(deliveries.c.n)
        .limit(many)
    )
    return [Due(row["message_id"], row["body"], row["attempts"]) for row in await tx.fetch_all(query)]


async def next_due(tx: Tx, webhook_id: str) -> Millis | None:
    """When the next one is to be sent; None: none waits."""
    at = await tx.scalar(sa.select(sa.func.min(deliveries.c.next_at)).where(_waiting(tx, webhook_id)))
    return None if at is None else from_datetime(at)


def _waiting(tx: Tx, webhook_id: str) -> sa.ColumnElement[bool]:
    table = deliveries
    return sa.and_(
        table.c.tenant_id == tx.tenant_id,
        table.c.webhook_id == webhook_id,
        table.c.state == sa.literal_column("'waiting'"),
    )


def _visible(tx: Tx, principal: Principal) -> sa.ColumnElement[bool]:
    mine = sa.and_(webhooks.c.tenant_id == tx.tenant_id, webhooks.c.workspace_id == principal.workspace_id)
    if principal.firm_ids is None:
        return mine
    return sa.and_(mine, webhooks.c.firm_id.in_(sorted(principal.firm_ids)))
