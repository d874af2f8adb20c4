"""The audit: one row for every administrative act, with its author and what changed. Append-only, also for the database roles.

A row says before and after of each changed field. Secrets never come here; names and addresses of staff may, as they are
what was changed. Customers' values do not.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from parlons.accounts import store
from parlons.accounts.model import Principal
from parlons.kit.clock import Millis, to_datetime
from parlons.kit.ids import AUDIT, new_id
from parlons.runtime.db import Tx

SECRET_FIELDS = frozenset({"password_hash", "secret_hash", "token_hash"})


async def record(
    tx: Tx,
    principal: Principal,
    action: str,
    object_id: str,
    *,
    now: Millis,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    firm_id: str | None = None,
) -> None:
    """Keep that `principal` did `action` (`user.created`) to `object_id`; an act that changed nothing leaves no row."""
    diff = difference(before or {}, after or {})
    if before is not None and after is not None and not diff:
        return
    await tx.execute(sa.insert(store.audit), [row(principal, action, object_id, diff, now=now, firm_id=firm_id)])


async def record_many(tx: Tx, rows: list[dict[str, Any]]) -> None:
    """Keep many rows made by `row` with one statement: for a configuration applied as a whole."""
    if rows:
        await tx.execute(sa.insert(store.audit), rows)


def row(
    principal: Principal,
    action: str,
    object_id: str,
    diff: Mapping[str, Any],
    *,
    now: Millis,
    firm_id: str | None = None,
) -> dict[str, Any]:
    """One audit row."""
    return {
        "id": new_id(AUDIT, now),
        "tenant_id": principal.tenant_id,
        "at": to_datetime(now),
        "actor": principal.actor,
        "action": action,
        "object_id": object_id,
        "firm_id": firm_id,
        "diff": dict(diff),
    }


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """`{field: [before, after]}` of all fields that differ, secrets left out."""
    fields = [field for field in {**before, **after} if field not in SECRET_FIELDS]
    return {field: [before.get(field), after.get(field)] for field in fields if before.get(field) != after.get(field)}
