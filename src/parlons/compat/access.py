"""Access tokens: what a program signs with its key so that a browser may act as one worker for a while. Verified, never kept.

A JWT (HS256) as the clients' own libraries make them: `iss` is the key, `sub` the account, `grants.task_router` the workspace,
the worker and the role. Whoever holds one acts for the key, within the grant and the key's scopes."""

from dataclasses import dataclass, replace
from typing import Any

import jwt

from parlons.accounts.account_tokens import signing_key
from parlons.accounts.model import Principal
from parlons.compat.checks import check_whole
from parlons.compat.errors import ApiError
from parlons.kit.clock import Millis
from parlons.kit.errors import Unauthenticated
from parlons.runtime.db import Database

TYPE = "twilio-fpa;v=1"
LONGEST = 24 * 3600
"""Seconds a token may be in force from now on."""
MALFORMED, HEADER, ISSUER, EXPIRED, EARLY, GRANTS, SIGNATURE, TOO_LONG = (
    20101, 20102, 20103, 20104, 20105, 20106, 20107, 20157,
)  # fmt: skip
WORKER, SUPERVISOR = "worker", "supervisor"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a verified token allows."""

    principal: Principal
    """The key's; of the workspace granted."""
    worker_id: str
    role: str
    expires_at: Millis

    @property
    def workspace_id(self) -> str:
        """The workspace granted."""
        return self.principal.workspace_id


async def grant_of(db: Database, token: str, now: Millis) -> Grant:
    """The grant of a token; raises ApiError: 401 with the code that says what is wrong with it, 403 for a key bound to less
    than the account."""
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        raise _refused("Invalid Access Token", MALFORMED) from None
    if header.get("alg") != "HS256" or header.get("cty") != TYPE:
        raise _refused("Invalid Access Token header", HEADER)
    issuer = claims.get("iss")
    try:
        if not isinstance(issuer, str) or "\0" in issuer:
            raise Unauthenticated
        principal, secret = await signing_key(db, issuer, now)
    except Unauthenticated:
        raise _refused("Invalid Access Token issuer or subject", ISSUER) from None
    try:
        jwt.PyJWS().decode(token, secret, algorithms=["HS256"])  # times follow: each failure has a code of its own
    except jwt.PyJWTError:
        raise _refused("Access Token signature validation failed", SIGNATURE) from None
    if claims.get("sub") != principal.tenant_id:
        raise _refused("Invalid Access Token issuer or subject", ISSUER)
    return _granted(principal, claims, _in_force(claims, now))


def _in_force(claims: dict[str, Any], now: Millis) -> Millis:
    ends, begins = _millis(claims.get("exp")), _millis(claims.get("nbf", 0))
    if ends <= now:
        raise _refused("Access Token expired", EXPIRED)
    if begins > now:
        raise _refused("Access Token not yet valid", EARLY)
    if ends > now + LONGEST * 1000 + 1000:
        raise _refused("Expiration time of the Access Token exceeds 24 hours", TOO_LONG)
    return ends


def _millis(seconds: object) -> Millis:
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise _refused("Invalid Access Token", MALFORMED)
    return Millis(seconds * 1000)


def _granted(principal: Principal, claims: dict[str, Any], expires_at: Millis) -> Grant:
    grants = claims.get("grants")
    given = grants.get("task_router") if isinstance(grants, dict) else None
    found = given if isinstance(given, dict) else {}
    workspace_id, worker_id, role = (found.get(name) for name in ("workspace_sid", "worker_sid", "role"))
    if not isinstance(workspace_id, str) or not isinstance(worker_id, str) or role not in (WORKER, SUPERVISOR):
        raise _refused("Invalid Access Token grants", GRANTS)
    check_whole(principal)
    return Grant(replace(principal, workspace_id=workspace_id), worker_id, role, expires_at)


def _refused(message: str, code: int) -> ApiError:
    return ApiError(message, 401, code)
