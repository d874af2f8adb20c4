"""Drafts of the configuration: what a person has typed and not yet put to work, one for each thing, kept by the server.

A draft is nobody else's, says nothing to the router and holds no secret. Putting it to work is an ordinary change, checked as
every other; that change ends the draft.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.accounts.model import Principal
from parlons.app.configuration.check import Thing
from parlons.app.configuration.store import drafts
from parlons.app.configuration.wanted import SECRETS
from parlons.kit.clock import to_datetime
from parlons.kit.errors import Forbidden
from parlons.runtime.db import Tx

Json = dict[str, Any]


async def put_draft(tx: Tx, principal: Principal, kind: str, name: str, thing: Thing, etag: str | None) -> None:
    """Keep it; `etag`: the version it began from, None for a thing that is to be new."""
    values = {"thing": _bare(kind, thing), "etag": etag, "at": to_datetime(tx.now)}
    statement = insert(drafts).values(
        tenant_id=principal.tenant_id,
        workspace_id=principal.workspace_id,
        user_id=_person(principal),
        kind=kind,
        name=name,
        **values,
    )
    keys = ["workspace_id", "user_id", "kind", "name"]
    await tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))


async def all_drafts(tx: Tx, principal: Principal) -> list[Json]:
    """One's own, by kind and name."""
    columns = (drafts.c.kind, drafts.c.name, drafts.c.thing, drafts.c.etag, drafts.c.at)
    query = sa.select(*columns).where(_own(principal)).order_by(drafts.c.kind, drafts.c.name)
    return [dict(row) for row in await tx.fetch_all(query)]


async def drop_draft(tx: Tx, principal: Principal, kind: str, name: str) -> None:
    """It is gone, or was not there."""
    await tx.execute(sa.delete(drafts).where(_own(principal), drafts.c.kind == kind, drafts.c.name == name))


def _own(principal: Principal) -> sa.ColumnElement[bool]:
    return sa.and_(
        drafts.c.tenant_id == principal.tenant_id,
        drafts.c.workspace_id == principal.workspace_id,
        drafts.c.user_id == _person(principal),
    )


def _person(principal: Principal) -> str:
    if principal.user_id is None:
        raise Forbidden("Drafts belong to people; a key changes the configuration at once.")
    return principal.user_id


def _bare(kind: str, thing: Thing) -> Thing:
    if kind == "user" and isinstance(thing.get("phone"), dict):
        thing = {**thing, "phone": {word: each for word, each in thing["phone"].items() if word != "password"}}
    return {word: value for word, value in thing.items() if word != SECRETS.get(kind)}
