"""Access tokens: those that the clients' library makes are taken, every other is refused with its own code."""

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import TaskRouterGrant

from parlons.accounts.bootstrap import Installation, bootstrap
from parlons.accounts.keys import KeyWanted, create_key, revoke_key
from parlons.accounts.model import Scope
from parlons.compat.access import grant_of
from parlons.compat.errors import ApiError
from parlons.runtime.db import Database
from tests.conftest import StillClock

WORKSPACE, WORKER = "WS" + "1" * 32, "WK" + "1" * 32
HEADER = {"typ": "JWT", "alg": "HS256", "cty": "twilio-fpa;v=1"}
Json = dict[str, Any]


async def _key(database: Database, clock: StillClock, **more: Any) -> tuple[Installation, str, str]:
    installation = await bootstrap(database, now=clock())
    wanted = KeyWanted("Programs", frozenset({Scope.WRITE}), **more)
    async with database.transaction(installation.tenant_id) as tx:
        key, secret = await create_key(tx, installation.principal, wanted, queues=lambda _: None, now=clock())
    return installation, key["id"], secret


def _claims(account: str, key: str, now: int) -> Json:
    grant = {"workspace_sid": WORKSPACE, "worker_sid": WORKER, "role": "worker"}
    grants = {"identity": "ada", "task_router": grant}
    return {"jti": f"{key}-1", "grants": grants, "iat": now, "exp": now + 3600, "iss": key, "sub": account}


async def test_what_the_clients_library_makes_is_taken(database: Database, clock: StillClock) -> None:
    installation, key, secret = await _key(database, clock)
    now = clock() // 1000
    made = AccessToken(installation.tenant_id, key, secret, identity="ada", nbf=now, valid_until=now + 3600)
    made.add_grant(TaskRouterGrant(workspace_sid=WORKSPACE, worker_sid=WORKER, role="worker"))
    found = await grant_of(database, made.to_jwt(), clock())
    assert (found.workspace_id, found.worker_id, found.role) == (WORKSPACE, WORKER, "worker")
    assert (found.principal.tenant_id, found.principal.key_id) == (installation.tenant_id, key)
    assert found.expires_at == clock() // 1000 * 1000 + 3_600_000
    async with database.transaction(installation.tenant_id) as tx:
        await revoke_key(tx, installation.principal, key, now=clock())
    with pytest.raises(ApiError) as revoked:
        await grant_of(database, made.to_jwt(), clock())
    assert (revoked.value.status, revoked.value.code) == (401, 20103)


def _without(claims: Json, name: str) -> Json:
    return {key: value for key, value in claims.items() if key != name}


def _granted(claims: Json, grant: Any) -> Json:
    return {**claims, "grants": {"identity": "ada", "task_router": grant}}


WRONG: list[tuple[int, Callable[[Json], Json]]] = [
    (20101, lambda claims: _without(claims, "exp")),
    (20101, lambda claims: {**claims, "exp": "soon"}),
    (20101, lambda claims: {**claims, "nbf": True}),
    (20103, lambda claims: {**claims, "iss": "SK" + "0" * 32}),
    (20103, lambda claims: _without(claims, "iss")),
    (20103, lambda claims: {**claims, "sub": "AC" + "0" * 32}),
    (20104, lambda claims: {**claims, "exp": claims["iat"]}),
    (20105, lambda claims: {**claims, "nbf": claims["iat"] + 60}),
    (20106, lambda claims: {**claims, "grants": []}),
    (20106, lambda claims: _granted(claims, None)),
    (20106, lambda claims: _granted(claims, {"workspace_sid": WORKSPACE, "worker_sid": WORKER, "role": "owner"})),
    (20106, lambda claims: _granted(claims, {"workspace_sid": WORKSPACE, "worker_sid": 7, "role": "worker"})),
    (20157, lambda claims: {**claims, "exp": claims["iat"] + 25 * 3600}),
]


async def test_every_other_token_is_refused_with_its_code(database: Database, clock: StillClock) -> None:
    installation, key, secret = await _key(database, clock)
    good = _claims(installation.tenant_id, key, clock() // 1000)
    tokens = [(code, jwt.encode(change(good), secret, headers=HEADER)) for code, change in WRONG]
    tokens += [
        (20101, "not.a.token"),
        (20101, ""),
        (20102, jwt.encode(good, secret, headers={**HEADER, "cty": "plain"})),
        (20102, jwt.encode(good, 2 * secret, algorithm="HS384", headers={"cty": HEADER["cty"]})),
        (20102, jwt.encode(good, None, algorithm="none", headers={"cty": HEADER["cty"]})),
        (20107, jwt.encode(good, "another secret that is long enough, too", headers=HEADER)),
        (20107, jwt.encode(good, secret, headers=HEADER)[:-4] + "AAAA"),
    ]
    found = []
    for code, token in tokens:
        with pytest.raises(ApiError) as refused:
            await grant_of(database, token, clock())
        found.append((code, refused.value.code, refused.value.status))
    assert found == [(code, code, 401) for code, _ in tokens]


async def test_a_key_of_less_than_the_account_lends_nothing(database: Database, clock: StillClock) -> None:
    installation, key, secret = await _key(database, clock, queue_ids=[])
    token = jwt.encode(_claims(installation.tenant_id, key, clock() // 1000), secret, headers=HEADER)
    with pytest.raises(ApiError) as refused:
        await grant_of(database, token, clock())
    assert refused.value.status == 403
