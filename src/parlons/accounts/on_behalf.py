"""A program drives the phone of a person: a key with the scope `phone` names the user in `On-Behalf-Of`.

    @router.post("/calls/{call_id}/hold")
    async def hold(call_id: str, principal: Acting): ...

Routes that take `Acting` see that user, who has the rights to serve and no others, whatever his role: what he could do with his
own calls at his desk, within the firms of the key. Each such act leaves an audit row that names key and user. Routes that do
not take it know the key only, to which the scope gives nothing.
"""

from dataclasses import replace
from typing import Annotated

import sqlalchemy as sa
from fastapi import Depends, Header, Request

from parlons.accounts import audit, store
from parlons.accounts.errors import UserNotFound
from parlons.accounts.http import caller, database, require
from parlons.accounts.model import SAFE_METHODS, Principal, Role, Scope
from parlons.accounts.queries import shares_firm
from parlons.accounts.rights import Right
from parlons.accounts.sessions import principal_of_user
from parlons.kit.errors import Forbidden
from parlons.runtime.db import Tx

SERVING = frozenset({Right.SERVE, Right.FETCH})
_himself = require(Role.AGENT)


async def acting(
    request: Request,
    on_behalf_of: Annotated[
        str | None, Header(max_length=64, description="The user for whom a key with the scope `phone` acts.")
    ] = None,
) -> Principal:
    """Who acts: the caller, or the user a key names; raises Forbidden, UserNotFound."""
    if on_behalf_of is None:
        return await _himself(request)
    key = await caller(request)
    if Scope.PHONE not in key.scopes:
        raise Forbidden("This needs an API key with the scope phone.", scope=Scope.PHONE.value)
    async with database(request).transaction(key.tenant_id) as tx:
        person = await _person(tx, key, on_behalf_of)
        if request.method not in SAFE_METHODS:
            person.check_right(Right.SERVE)
            after = {"act": request.scope["route"].name, **request.path_params}
            await audit.record(tx, key, "phone.driven", on_behalf_of, now=tx.now, after=after)
    return person


Acting = Annotated[Principal, Depends(acting)]


async def _person(tx: Tx, key: Principal, user_id: str) -> Principal:
    """The user, as far as the key reaches; raises UserNotFound."""
    users = store.users
    row = await tx.fetch_one(sa.select(users, store.own_rights).where(users.c.id == user_id, users.c.active))
    if row is None or not shares_firm(key, row["firm_ids"]):
        raise UserNotFound
    found = principal_of_user(row)
    firms = key.firm_ids if found.firm_ids is None else found.firm_ids & (key.firm_ids or found.firm_ids)
    return replace(found, role=Role.AGENT, given=found.rights & SERVING, firm_ids=firms)
