"""One-time sign-in links: how a person enters without a password, at first or when it is forgotten.

The link carries its token behind `#`, which browsers do not send to servers, so it stands in no access log.
"""

from datetime import timedelta

import sqlalchemy as sa

from parlons.accounts import audit, store
from parlons.accounts.errors import UserNotFound
from parlons.accounts.model import Principal
from parlons.accounts.tokens import hash_token, new_token
from parlons.kit.clock import Millis, to_datetime
from parlons.runtime.db import Tx

LIFETIME = timedelta(hours=72)


async def issue_link(tx: Tx, principal: Principal, user_id: str, *, now: Millis, lifetime: timedelta = LIFETIME) -> str:
    """The token of a fresh one-time link for this user; raises UserNotFound. Show it once: only its hash is kept."""
    return (await issue_links(tx, principal, [user_id], now=now, lifetime=lifetime))[user_id]


async def issue_links(
    tx: Tx, principal: Principal, user_ids: list[str], *, now: Millis, lifetime: timedelta = LIFETIME
) -> dict[str, str]:
    """A fresh token for each of these users, with one audit row each; raises UserNotFound when one is not there."""
    if not user_ids:
        return {}
    users = await tx.fetch_all(sa.select(store.users.c.id).where(store.users.c.id.in_(user_ids), store.users.c.active))
    if len(users) != len(set(user_ids)):
        raise UserNotFound
    tokens = {user_id: new_token() for user_id in user_ids}
    await tx.execute(
        sa.insert(store.login_links),
        [
            {
                "token_hash": hash_token(token),
                "tenant_id": principal.tenant_id,
                "user_id": user_id,
                "created_by": principal.actor,
                "created_at": to_datetime(now),
                "expires_at": to_datetime(now) + lifetime,
            }
            for user_id, token in tokens.items()
        ],
    )
    await audit.record_many(tx, [audit.row(principal, "link.issued", user_id, {}, now=now) for user_id in tokens])
    return tokens


def link_url(base_url: str, token: str) -> str:
    """What the person opens."""
    return f"{base_url.rstrip('/')}/app/link#{token}"
