"""Routes of administration: firms, API keys, opening hours. People, roles and the audit: http_people.py."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, Field

from parlons.accounts import account_tokens, commands, keys, opening, queries, schemas
from parlons.accounts.agents import FirmUses
from parlons.accounts.http import Administrator, Agent, Body, KeyKeeper, database, now, page
from parlons.accounts.model import Scope
from parlons.accounts.pace import MOST, USUAL
from parlons.kit.clock import from_datetime
from parlons.kit.ids import FIRM, KEY
from parlons.runtime.asked import ANY, FirmId, row_of

Json = dict[str, Any]
Limit = Annotated[int, Query(ge=1, le=500)]

router = APIRouter(tags=["accounts"])


class FirmBody(Body):
    name: str
    colour: str | None = None
    languages: list[str] = Field(default_factory=lambda: ["en"])


class FirmPatch(Body):
    name: str | None = None
    colour: str | None = None
    languages: list[str] | None = None
    hours_id: str | None = None
    version: int | None = None


class KeyBody(Body):
    name: str
    scopes: list[Scope]
    firm_ids: list[str] | None = None
    queue_ids: list[str] | None = None
    """The queues whose contacts it reaches; null: all queues of its firms."""
    expires_at: AwareDatetime | None = None
    per_minute: int | None = Field(default=USUAL, ge=1, le=MOST)
    """Requests it may make within a minute; null: no limit."""


class TokenBody(Body):
    renew: bool = False
    """Another token: the present one opens nothing any more."""


@router.get("/firms", response_model=schemas.Firms)
async def list_firms(
    request: Request, principal: Agent, after: Annotated[str | None, row_of(FIRM)] = None, limit: Limit = 100
) -> Json:
    """The firms the caller may see."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return page(await queries.firms_of(tx, principal, after=after, limit=limit), limit)


@router.post("/firms", status_code=201, response_model=schemas.Firm)
async def create_firm(body: FirmBody, request: Request, principal: Administrator) -> Json:
    """Add a firm."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await commands.create_firm(
            tx, principal, name=body.name, colour=body.colour, languages=body.languages, now=now(request)
        )


@router.get("/firms/{firm_id}", response_model=schemas.Firm)
async def get_firm(firm_id: str, request: Request, principal: Agent) -> Json:
    """One firm."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await queries.firm(tx, principal, firm_id)


@router.get("/firms/{firm_id}/opening", response_model=schemas.Opening)
async def get_opening(firm_id: str, request: Request, principal: Agent) -> Json:
    """When a firm is open by its usual hours, from 31 days ago until in 14 days: what reply clocks go by."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await queries.firm(tx, principal, firm_id)
        return await opening.opening_of(tx, firm_id, now(request))


@router.patch("/firms/{firm_id}", response_model=schemas.Firm)
async def update_firm(firm_id: str, body: FirmPatch, request: Request, principal: Administrator) -> Json:
    """Change a firm; with `version`, only when nobody changed it meanwhile."""
    changes = body.model_dump(exclude_unset=True, exclude={"version"})
    for field in ("name", "languages"):
        if changes.get(field, ...) is None:
            del changes[field]
    async with database(request).transaction(principal.tenant_id) as tx:
        return await commands.update_firm(tx, principal, firm_id, changes, now=now(request), version=body.version)


@router.delete("/firms/{firm_id}", status_code=204)
async def remove_firm(firm_id: str, request: Request, principal: Administrator) -> None:
    """Remove a firm to which nothing belongs."""
    async with database(request).transaction(principal.tenant_id) as tx:
        uses: FirmUses = request.app.state.firm_uses
        await commands.remove_firm(tx, principal, firm_id, uses=uses, now=now(request))


@router.get("/keys", response_model=schemas.Keys)
async def list_keys(
    request: Request, principal: KeyKeeper, after: Annotated[str | None, row_of(KEY)] = None, limit: Limit = 100
) -> Json:
    """API keys without their secrets."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return page(await queries.keys(tx, principal, after=after, limit=limit), limit)


@router.post("/keys", status_code=201, response_model=schemas.NewKey)
async def create_key(body: KeyBody, request: Request, principal: KeyKeeper) -> Json:
    """Add an API key; its secret is in this answer and never again."""
    expires = None if body.expires_at is None else from_datetime(body.expires_at)
    async with database(request).transaction(principal.tenant_id) as tx:
        wanted = keys.KeyWanted(
            body.name, frozenset(body.scopes), body.firm_ids, body.queue_ids, expires, body.per_minute
        )
        key, secret = await keys.create_key(
            tx, principal, wanted, queues=request.app.state.known_queues, now=now(request)
        )
    return {**key, "secret": secret}


@router.post("/account-token", response_model=schemas.AccountToken)
async def issue_account_token(body: TokenBody, request: Request, principal: KeyKeeper) -> Json:
    """The account's id and token, with which programs of the communications API sign in; made when there is none."""
    async with database(request).transaction(principal.tenant_id) as tx:
        token = await account_tokens.account_token(tx, principal, now=now(request), renew=body.renew)
    return {"account_sid": principal.tenant_id, "auth_token": token}


@router.delete("/keys/{key_id}", status_code=204)
async def revoke_key(key_id: str, request: Request, principal: KeyKeeper) -> None:
    """Revoke an API key at once."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await keys.revoke_key(tx, principal, key_id, now=now(request))


@router.get("/hours", response_model=schemas.HoursPage)
async def list_hours(
    request: Request,
    principal: Agent,
    firm_id: FirmId = None,
    after: Annotated[str | None, row_of(ANY)] = None,
    limit: Limit = 100,
) -> Json:
    """Opening hours with their exceptional days, and whether each is open now."""
    async with database(request).transaction(principal.tenant_id) as tx:
        rows = await opening.list_hours(tx, principal, at=now(request), firm_id=firm_id, after=after, limit=limit)
    return page(rows, limit)
