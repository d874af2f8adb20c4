"""Webhooks as a configuration lays them down: all of a workspace, put, removed. What is wanted was checked by the caller."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from parlons.accounts.commands import write_unique
from parlons.runtime.db import Tx
from parlons.webhooks import queries
from parlons.webhooks.commands import fresh, put, renew, row_of, tell_changed
from parlons.webhooks.model import Wanted, Webhook, WebhookNameTaken, WebhookSecretUnfit
from parlons.webhooks.signing import PREFIX
from parlons.webhooks.store import webhook_of, webhooks

SHORTEST, LONGEST = 24, 64
"""Bytes of a secret. Source: Standard Webhooks 1.0.0."""


async def all_webhooks(tx: Tx, workspace_id: str) -> list[Webhook]:
    """By name."""
    mine = (webhooks.c.tenant_id == tx.tenant_id, webhooks.c.workspace_id == workspace_id)
    return [webhook_of(row) for row in await tx.fetch_all(sa.select(webhooks).where(*mine).order_by(webhooks.c.name))]


async def put_webhook(tx: Tx, workspace_id: str, webhook_id: str, wanted: Wanted, secret: str | None) -> None:
    """It is so from now on. `secret`: another one, the one before signs too for a day; None: it stays, or one is made.

    Raises WebhookSecretUnfit."""
    if secret is not None:
        check_secret(secret)
    before = await queries.by_id(tx, webhook_id, lock=True)
    if before is None:
        made = fresh(tx, workspace_id, wanted, webhook_id)
        row = row_of(tx, made if secret is None else replace(made, secret=secret))
        await write_unique(tx, webhooks.insert().values(row), WebhookNameTaken)
        tell_changed(tx, workspace_id, webhook_id)
        return
    await put(tx, before, wanted)
    if secret not in (None, before.secret):
        await renew(tx, before, secret)


async def remove_webhooks(tx: Tx, workspace_id: str, webhook_ids: Sequence[str]) -> None:
    """They are gone with their logs."""
    if webhook_ids:
        mine = (webhooks.c.tenant_id == tx.tenant_id, webhooks.c.id.in_(list(webhook_ids)))
        await tx.execute(webhooks.delete().where(*mine))
    for each in webhook_ids:
        tell_changed(tx, workspace_id, each)


def check_secret(text: str) -> None:
    """Raises WebhookSecretUnfit for what verifiers would not take."""
    try:
        size = len(base64.b64decode(text.removeprefix(PREFIX), validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if not text.startswith(PREFIX) or not SHORTEST <= size <= LONGEST:
        raise WebhookSecretUnfit
