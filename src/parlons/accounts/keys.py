"""API keys: made, and revoked at once. A key reaches no further than who made it: rights, firms, queues.

Its scopes say what it may do (`model.rights_of_scopes`); its firms and queues say where, as those of a person do.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from parlons.accounts import audit, queries, store
from parlons.accounts.agents import KnownQueues
from parlons.accounts.commands import check_firms, check_name
from parlons.accounts.errors import InvalidAccount, KeyNotFound
from parlons.accounts.model import Principal, Scope, rights_of_scopes
from parlons.accounts.people import check_covers, check_queues
from parlons.accounts.queries import Json
from parlons.accounts.rights import Right
from parlons.accounts.sessions import tell_key_revoked
from parlons.accounts.tokens import KEY_PREFIX, SHOWN, hash_token, new_token
from parlons.kit.clock import Millis, to_datetime
from parlons.kit.ids import KEY, new_id
from parlons.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class KeyWanted:
    """What a key is to be."""

    name: str
    scopes: frozenset[Scope]
    firm_ids: list[str] | None = None
    """None: every firm."""
    queue_ids: list[str] | None = None
    """None: every queue of its firms."""
    expires_at: Millis | None = None
    per_minute: int | None = None
    """Requests; None: no limit."""


async def create_key(
    tx: Tx, principal: Principal, wanted: KeyWanted, *, queues: KnownQueues, now: Millis
) -> tuple[Json, str]:
    """A new API key and its secret, which is shown this once; raises InvalidAccount, BeyondYourRights."""
    if not wanted.scopes:
        raise InvalidAccount("A key needs at least one scope.", field="scopes")
    name = check_name(wanted.name)
    await check_firms(tx, principal, wanted.firm_ids)
    await check_queues(tx, principal, wanted.queue_ids, queues)
    rights = rights_of_scopes(wanted.scopes)
    if Scope.PHONE in wanted.scopes:
        rights |= {Right.STEER}  # whoever makes it could act on the work of these people himself
        if wanted.queue_ids is not None:
            raise InvalidAccount("A key that drives phones is bound to firms, not to queues.", field="queue_ids")
    check_covers(principal, rights, wanted.firm_ids, wanted.queue_ids)
    secret, key_id = new_token(KEY_PREFIX), new_id(KEY, now)
    row = {
        "id": key_id,
        "tenant_id": principal.tenant_id,
        "workspace_id": principal.workspace_id,
        "name": name,
        "prefix": secret[:SHOWN],
        "secret_hash": hash_token(secret),
        "scopes": sorted(scope.value for scope in wanted.scopes),
        "firm_ids": wanted.firm_ids,
        "queue_ids": wanted.queue_ids,
        "per_minute": wanted.per_minute,
        "created_by": principal.actor,
        "created_at": to_datetime(now),
        "expires_at": None if wanted.expires_at is None else to_datetime(wanted.expires_at),
    }
    await tx.execute(sa.insert(store.api_keys).values(row))
    sealed = {"key_id": key_id, "tenant_id": principal.tenant_id, "secret": secret}
    await tx.execute(sa.insert(store.key_secrets).values(sealed))
    after = {field: row[field] for field in ("name", "prefix", "scopes", "firm_ids", "queue_ids", "per_minute")}
    await audit.record(tx, principal, "key.created", key_id, now=now, after=after)
    return await queries.key(tx, key_id), secret


async def revoke_key(tx: Tx, principal: Principal, key_id: str, *, now: Millis) -> None:
    """The key opens nothing any more; a second time changes nothing. Raises KeyNotFound, also for one that reaches further."""
    keys = store.api_keys
    within = queries.covers(principal, keys.c.firm_ids, keys.c.queue_ids)
    if await tx.scalar(sa.select(keys.c.id).where(keys.c.id == key_id, within)) is None:
        raise KeyNotFound
    await tx.execute(
        sa.update(keys).where(keys.c.id == key_id, keys.c.revoked_at.is_(None)).values(revoked_at=to_datetime(now))
    )
    await tx.execute(sa.delete(store.key_secrets).where(store.key_secrets.c.key_id == key_id))
    tell_key_revoked(tx, principal.workspace_id, key_id)
    await audit.record(tx, principal, "key.revoked", key_id, now=now)
