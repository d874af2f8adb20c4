"""A company's own panels at the desk: pages of theirs in a frame, told by a signed token whom the agent serves.

The token is a JSON Web Token (RFC 7519) with HS256 under the panel's own key; it names ids only and lasts five minutes. What the
page may say to the desk is decided by the desk (web/apps/desk/src/systems/panels.ts).
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.accounts.model import Principal
from parlons.crm.records import popped
from parlons.crm.store import panels
from parlons.customers.model import Customer
from parlons.runtime.db import Tx

LASTS = 300
"""Seconds of a token."""
SIGNING = "signing"


@dataclass(frozen=True, slots=True)
class PanelRow:
    """A configured panel."""

    id: str
    workspace_id: str
    firm_id: str | None
    """None: of all firms."""
    name: str
    active: bool
    url: str
    """Liquid; what is put in is percent-encoded."""
    height: int
    secrets: dict[str, str] = field(default_factory=dict)
    """Opened; `signing` alone."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A panel beside one conversation."""

    row: PanelRow
    url: str
    token: str
    """Empty without a key."""
    context: dict[str, Any]


async def all_panels(tx: Tx, workspace_id: str) -> list[PanelRow]:
    """Every panel of a workspace, in order of their names."""
    return await _read(tx, panels.c.workspace_id == workspace_id)


async def put_panel(tx: Tx, wanted: PanelRow) -> None:
    """It is so from now on; a key that is not given stays."""
    known = await _read(tx, panels.c.id == wanted.id)
    secrets = {**(known[0].secrets if known else {}), **wanted.secrets}
    values = {**asdict(replace(wanted, secrets={})), "secrets": orjson.dumps(secrets).decode()}
    statement = insert(panels).values(tenant_id=tx.tenant_id, **values)
    del values["id"]
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


async def remove_panels(tx: Tx, panel_ids: Sequence[str]) -> None:
    """They are shown no more."""
    if panel_ids:
        here = sa.and_(panels.c.tenant_id == tx.tenant_id, panels.c.id.in_(list(panel_ids)))
        await tx.execute(panels.delete().where(here))


async def beside(
    tx: Tx, principal: Principal, customer: Customer, conversation_id: str | None, issuer: str
) -> list[Shown]:
    """The panels of his firm, each with what it is told. `issuer`: the address of the desk."""
    firm = sa.or_(panels.c.firm_id.is_(None), panels.c.firm_id == customer.firm_id)
    context = {
        "customer_id": customer.id,
        "conversation_id": conversation_id,
        "user_id": principal.user_id,
        "firm_id": customer.firm_id,
    }
    shown = []
    for row in await _read(tx, panels.c.active, firm, panels.c.workspace_id == principal.workspace_id):
        now = tx.now // 1000
        claims = {
            **context,
            "iss": issuer,
            "aud": origin_of(row.url),
            "sub": principal.user_id,
            "iat": now,
            "exp": now + LASTS,
        }
        token = signed(claims, row.secrets[SIGNING]) if SIGNING in row.secrets else ""
        shown.append(Shown(row, popped(row.url, customer), token, context))
    return shown


async def origins(tx: Tx) -> list[str]:
    """The origins of all panels: those that the desk's page may frame. A system transaction."""
    rows = await tx.fetch_all(sa.select(panels.c.url).where(panels.c.active).distinct())
    return sorted({origin_of(row["url"]) for row in rows})


def origin_of(url: str) -> str:
    """Scheme, host and port of an address; no variable stands in them."""
    parts = urlsplit(url.partition("{")[0])
    return f"{parts.scheme}://{parts.netloc}"


def signed(claims: dict[str, Any], key: str) -> str:
    """A JSON Web Token with HS256."""
    told = b".".join(_text(orjson.dumps(each)) for each in ({"alg": "HS256", "typ": "JWT"}, claims))
    return b".".join((told, _text(hmac.new(key.encode(), told, hashlib.sha256).digest()))).decode()


def _text(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


async def _read(tx: Tx, *where: sa.ColumnElement[bool]) -> list[PanelRow]:
    query = sa.select(panels).where(panels.c.tenant_id == tx.tenant_id, *where).order_by(panels.c.name)
    names = [name for name in PanelRow.__dataclass_fields__ if name != "secrets"]
    return [
        PanelRow(**{name: row[name] for name in names}, secrets=orjson.loads(row["secrets"]))
        for row in await tx.fetch_all(query)
    ]
