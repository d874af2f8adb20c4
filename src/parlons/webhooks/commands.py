"""Writers of webhooks: made, changed, removed, their secrets, what is sent again, and what is planned to be sent.

Whoever plans or sends locks in one order: job, webhook, deliveries. A change is told in the journal, so the reader of the
journal knows from which entry on it holds.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from parlons.accounts import audit
from parlons.accounts.commands import check_firms, check_name, write_unique
from parlons.accounts.model import Principal
from parlons.kit.clock import to_datetime, to_iso
from parlons.kit.errors import Conflict
from parlons.kit.ids import WEBHOOK, WEBHOOK_MESSAGE
from parlons.runtime.db import Tx
from parlons.runtime.events import Audience, Event
from parlons.runtime.jobs import hasten
from parlons.webhooks import queries
from parlons.webhooks.kinds import KINDS, TEST
from parlons.webhooks.model import DeliveryNotFound, UnknownEvents, Wanted, Webhook, WebhookNameTaken, WebhookOff
from parlons.webhooks.signing import new_secret
from parlons.webhooks.store import deliveries, messages, wanted_columns, webhooks

Json = dict[str, Any]
JOB = "webhook"
"""One a webhook: it sends what is due, and plans itself anew while something waits."""
CHANGED = "webhook.changed"
"""Told to nobody's screen: it is for those who read the journal."""
BOTH_VALID = 24 * 3_600_000
"""Milliseconds in which the secret before the present one signs too."""


async def create(tx: Tx, principal: Principal, wanted: Wanted) -> tuple[Json, str]:
    """A new webhook, which is told of what happens from now on, and its secret, shown this once.

    The address was checked by the caller. Raises WebhookNameTaken, UnknownEvents, FirmNotYours."""
    wanted = await _checked(tx, principal, wanted)
    one = fresh(tx, principal.workspace_id, wanted)
    await write_unique(tx, webhooks.insert().values(row_of(tx, one)), WebhookNameTaken)
    await _record(tx, principal, "created", one, {}, wanted_columns(wanted))
    tell_changed(tx, one.workspace_id, one.id)
    return queries.shown(one, tx.now), one.secret


def fresh(tx: Tx, workspace_id: str, wanted: Wanted, webhook_id: str | None = None) -> Webhook:
    """One that is not stored yet, with a secret of its own."""
    return Webhook(
        id=webhook_id or tx.new_id(WEBHOOK),
        workspace_id=workspace_id,
        wanted=wanted,
        secret=new_secret(),
        old_secret=None,
        old_secret_until=None,
        failures=0,
        failing_since=None,
        rests_until=None,
        disabled_why="",
        created_at=tx.now,
        version=1,
    )


def row_of(tx: Tx, one: Webhook) -> Json:
    """The columns of a fresh one."""
    mine = {"id": one.id, "tenant_id": tx.tenant_id, "workspace_id": one.workspace_id, "secret": one.secret}
    return {**mine, **wanted_columns(one.wanted), "created_at": to_datetime(one.created_at)}


async def update(tx: Tx, principal: Principal, webhook_id: str, changes: Json, *, version: int | None = None) -> Json:
    """Set any of what an administrator decides; switched on, it is forgiven what failed before. Raises Conflict for `version`."""
    before = await queries.found(tx, principal, webhook_id, lock=True)
    if version is not None and before.version != version:
        raise Conflict(version=before.version)
    wanted = await _checked(tx, principal, replace(before.wanted, **changes))
    await put(tx, before, wanted)
    await _record(tx, principal, "updated", before, wanted_columns(before.wanted), wanted_columns(wanted))
    return queries.shown(await queries.found(tx, principal, webhook_id), tx.now)


async def put(tx: Tx, before: Webhook, wanted: Wanted) -> None:
    """It is so from now on; what is checked, checked."""
    values: Json = {**wanted_columns(wanted), "version": before.version + 1}
    if wanted.active and (not before.wanted.active or wanted.url != before.wanted.url):
        values |= {"failures": 0, "failing_since": None, "rests_until": None, "disabled_at": None, "disabled_why": ""}
    await write_unique(tx, _one(tx, before.id).values(values), WebhookNameTaken)
    if not wanted.active:
        await drop_waiting(tx, before.id, "switched-off")
    tell_changed(tx, before.workspace_id, before.id)


async def remove(tx: Tx, principal: Principal, webhook_id: str) -> None:
    """It is gone with its log, and told of nothing any more."""
    before = await queries.found(tx, principal, webhook_id, lock=True)
    await tx.execute(webhooks.delete().where(webhooks.c.tenant_id == tx.tenant_id, webhooks.c.id == webhook_id))
    await _record(tx, principal, "removed", before, wanted_columns(before.wanted), {})
    tell_changed(tx, before.workspace_id, webhook_id)


async def rotate(tx: Tx, principal: Principal, webhook_id: str) -> tuple[Json, str]:
    """A new secret, shown this once; the one before signs too for a day, any older one no more."""
    before = await queries.found(tx, principal, webhook_id, lock=True)
    secret = new_secret()
    await renew(tx, before, secret)
    await audit.record(tx, principal, "webhook.secret-rotated", webhook_id, now=tx.now, firm_id=before.wanted.firm_id)
    return queries.shown(await queries.found(tx, principal, webhook_id), tx.now), secret


async def renew(tx: Tx, before: Webhook, secret: str) -> None:
    """Another secret; the one before signs too for a day."""
    until = to_datetime(tx.now + BOTH_VALID)
    values = {"secret": secret, "old_secret": before.secret, "old_secret_until": until}
    await tx.execute(_one(tx, before.id).values(**values, version=webhooks.c.version + 1))


async def send_test(tx: Tx, principal: Principal, webhook_id: str) -> str:
    """Plans a message of the kind `webhook.test`, whatever the webhook asks for; its id. Raises WebhookOff."""
    one = await _on(tx, principal, webhook_id)
    message_id = tx.new_id(WEBHOOK_MESSAGE)
    body = body_of(TEST, tx.now, {"webhook_id": one.id, "name": one.wanted.name})
    await plan(tx, message_id, one.workspace_id, TEST, body, [one])
    return message_id


async def send_again(
    tx: Tx, principal: Principal, webhook_id: str, *, message_ids: Collection[str] = (), failed_since: int | None = None
) -> int:
    """Sends these again, or all that failed since then; with a fresh set of attempts each. How many they are.

    Raises WebhookOff, and DeliveryNotFound when one of `message_ids` is not there."""
    await _hasten(tx, await _on(tx, principal, webhook_id), tx.now)
    table = deliveries
    which: sa.ColumnElement[bool] = table.c.message_id.in_(list(message_ids))
    if failed_since is not None:
        since = sa.select(messages.c.id).where(messages.c.created_at >= to_datetime(failed_since))
        which = sa.and_(table.c.state == "failed", table.c.message_id.in_(since))
    await tx.execute(_one(tx, webhook_id).values(rests_until=None))
    again = {"state": "waiting", "attempts": 0, "next_at": to_datetime(tx.now), "error": ""}
    mine = (table.c.tenant_id == tx.tenant_id, table.c.webhook_id == webhook_id)
    count = (await tx.execute(table.update().where(*mine, which).values(again))).rowcount
    if failed_since is None and count != len(set(message_ids)):
        raise DeliveryNotFound
    return int(count)


def body_of(kind: str, at: int, data: Json, **more: Any) -> str:
    """The body of a message: what its signature is made of, kept and sent as it is."""
    return json.dumps({"type": kind, "timestamp": to_iso(at), **more, "data": data}, separators=(",", ":"))


_PLAN = sa.text(
    "INSERT INTO webhook_deliveries (tenant_id, webhook_id, message_id, next_at) "
    "SELECT :tenant, unnest(CAST(:webhooks AS text[])), :message, :at"
)


async def plan(tx: Tx, message_id: str, workspace_id: str, kind: str, body: str, to: Sequence[Webhook]) -> None:
    """The message stands, and is on its way to each of these as soon as this commits."""
    at = to_datetime(tx.now)
    row = {"id": message_id, "workspace_id": workspace_id, "type": kind, "body": body, "created_at": at}
    await tx.execute(messages.insert().values(tenant_id=tx.tenant_id, **row))
    ids = {"tenant": tx.tenant_id, "webhooks": [each.id for each in to], "message": message_id, "at": at}
    await hasten(tx, JOB, {each.id: ({"webhook_id": each.id}, max(tx.now, each.rests_until or 0)) for each in to})
    await tx.execute(_PLAN, ids)


async def drop_waiting(tx: Tx, webhook_id: str, why: str) -> None:
    """What waits is not sent; it stays in the log, to be sent again on request."""
    mine = (
        deliveries.c.tenant_id == tx.tenant_id,
        deliveries.c.webhook_id == webhook_id,
        deliveries.c.state == "waiting",
    )
    await tx.execute(deliveries.update().where(*mine).values(state="failed", error=why))


async def begin(tx: Tx, webhook_id: str, seq: int) -> None:
    """The journal has come to where it was made: it is told of what comes after."""
    await tx.execute(_one(tx, webhook_id).where(webhooks.c.since_seq.is_(None)).values(since_seq=seq))


def tell_changed(tx: Tx, workspace_id: str, webhook_id: str) -> None:
    """The reader of the journal looks anew which webhooks there are."""
    tx.publish(Event(workspace_id, CHANGED, {"webhook_id": webhook_id}, audience=Audience(supervisors=False)))


async def _on(tx: Tx, principal: Principal, webhook_id: str) -> Webhook:
    one = await queries.found(tx, principal, webhook_id)
    if not one.wanted.active:
        raise WebhookOff
    return one


async def _hasten(tx: Tx, one: Webhook, at: int) -> None:
    await hasten(tx, JOB, {one.id: ({"webhook_id": one.id}, at)})


def _one(tx: Tx, webhook_id: str) -> sa.Update:
    return webhooks.update().where(webhooks.c.tenant_id == tx.tenant_id, webhooks.c.id == webhook_id)


async def _checked(tx: Tx, principal: Principal, wanted: Wanted) -> Wanted:
    await check_firms(tx, principal, None if wanted.firm_id is None else [wanted.firm_id])
    if unknown := sorted(set(wanted.events) - KINDS.keys()):
        raise UnknownEvents(events=unknown)
    return replace(wanted, name=check_name(wanted.name), events=tuple(sorted(set(wanted.events))))


async def _record(tx: Tx, principal: Principal, act: str, one: Webhook, before: Json, after: Json) -> None:
    firm_id = one.wanted.firm_id
    await audit.record(tx, principal, f"webhook.{act}", one.id, now=tx.now, before=before, after=after, firm_id=firm_id)
