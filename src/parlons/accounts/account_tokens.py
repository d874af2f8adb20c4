"""The account's own token, and callers who sign in by name and secret (HTTP Basic): the account by it, a key by its secret.

The token is kept sealed, not only as a hash: what is sent to addresses of the account is signed with it, as the clients that
verify it expect. It opens everything of its tenant, so only who may do everything sees it. So is a key's secret: programs
sign access tokens with it, which are verified here and never stored.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from hmac import compare_digest

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.accounts import audit, store
from parlons.accounts.model import Principal, Role, Scope
from parlons.accounts.rights import ALL, Right
from parlons.accounts.sessions import principal_of_key, principal_of_key_row, tell_key_revoked
from parlons.accounts.tokens import hash_token, new_token
from parlons.kit.clock import Millis, to_datetime
from parlons.kit.errors import Forbidden, Unauthenticated
from parlons.kit.ids import KEY, TENANT
from parlons.runtime.db import Database, Tx


async def account_token(tx: Tx, principal: Principal, *, now: Millis, renew: bool = False) -> str:
    """The token of the caller's account, made when there is none; `renew`: another one, the old one opens nothing any more.

    Raises Forbidden unless the caller may do everything, everywhere."""
    everything = ALL - {Right.SERVE, Right.FETCH}
    whole = principal.rights >= everything and principal.firm_ids is None and principal.queue_ids is None
    if not whole or (principal.key_id is not None and Scope.CONFIGURE not in principal.scopes):
        raise Forbidden("The account's token opens everything: only who may do everything sees it.")
    table = store.account_tokens
    known: str | None = await tx.scalar(sa.select(table.c.token).where(table.c.tenant_id == principal.tenant_id))
    if known is not None and not renew:
        return known
    token = new_token()
    row = {
        "tenant_id": principal.tenant_id,
        "token_hash": hash_token(token),
        "token": token,
        "created_at": to_datetime(now),
    }
    kept = insert(table).values(row)
    if renew:
        changed = {name: kept.excluded[name] for name in ("token_hash", "token", "created_at")}
        await tx.execute(kept.on_conflict_do_update(index_elements=["tenant_id"], set_=changed))
        tell_key_revoked(tx, principal.workspace_id, principal.tenant_id)
    else:
        await tx.execute(kept.on_conflict_do_nothing())
    await audit.record(tx, principal, "account-token.created", principal.tenant_id, now=now)
    stored: str = await tx.scalar(sa.select(table.c.token).where(table.c.tenant_id == principal.tenant_id))
    return stored


async def signing_token(tx: Tx, tenant_id: str) -> str | None:
    """What calls to the account's addresses are signed with; None: nobody has asked for the token yet."""
    table = store.account_tokens
    found: str | None = await tx.scalar(sa.select(table.c.token).where(table.c.tenant_id == tenant_id))
    return found


async def principal_of_basic(db: Database, header: str, now: Millis) -> Principal:
    """The caller behind `Basic base64(name:secret)`: name is the account's id or a key's. Raises Unauthenticated."""
    name, secret = _pair(header)
    if name.startswith(KEY):
        principal = await principal_of_key(db, secret, now)
        if principal.key_id != name:
            raise Unauthenticated
        return principal
    if not name.startswith(TENANT):
        raise Unauthenticated
    digest = hash_token(secret)
    account = await db.recall(("account token", digest), lambda: _account_of(db, digest))
    if account.tenant_id != name:
        raise Unauthenticated
    return account


async def _account_of(db: Database, digest: bytes) -> Principal:
    """Whom an account's token stands for."""
    async with db.system() as tx:
        found = await tx.fetch_one(_ACCOUNT, {"token_hash": digest})
    if found is None or not compare_digest(found["token_hash"], digest):
        raise Unauthenticated
    return Principal(
        tenant_id=found["tenant_id"],
        workspace_id=found["workspace_id"],
        role=Role.ADMINISTRATOR,
        key_id=found["tenant_id"],
        scopes=frozenset(Scope),
        given=ALL,
        name="Account",
    )


async def signing_key(db: Database, key_id: str, now: Millis) -> tuple[Principal, str]:
    """Who a key stands for, and the secret that access tokens of it are signed with. Raises Unauthenticated, also for a key
    from before secrets were kept: it signs in, its tokens are not verified."""
    keys, secrets = store.api_keys, store.key_secrets
    async with db.system() as tx:
        found = await tx.fetch_one(
            sa.select(keys, secrets.c.secret)
            .join(secrets, secrets.c.key_id == keys.c.id)
            .where(
                keys.c.id == key_id,
                keys.c.revoked_at.is_(None),
                sa.or_(keys.c.expires_at.is_(None), keys.c.expires_at > to_datetime(now)),
            )
        )
    if found is None:
        raise Unauthenticated
    return principal_of_key_row(found), found["secret"]


_ACCOUNT = (
    sa.select(
        store.account_tokens.c.tenant_id, store.account_tokens.c.token_hash, store.workspaces.c.id.label("workspace_id")
    )
    .join(
        store.workspaces,
        sa.and_(store.workspaces.c.tenant_id == store.account_tokens.c.tenant_id, store.workspaces.c.is_default),
    )
    .where(store.account_tokens.c.token_hash == sa.bindparam("token_hash"))
)


def _pair(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    try:
        name, colon, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (NotBase64, ValueError):
        raise Unauthenticated from None
    if scheme.lower() != "basic" or not colon:
        raise Unauthenticated
    return name, secret
