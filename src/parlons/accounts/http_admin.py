"""Routes of administration: users, firms, API keys, audit, opening hours."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, Field

from parlons.accounts import commands, opening, queries, schemas
from parlons.accounts.agents import FirmUses, SyncAgent
from parlons.accounts.http import Administrator, Agent, Body, Supervisor, base_url, database, now
from parlons.accounts.links import issue_link, link_url
from parlons.accounts.model import Role, Scope
from parlons.kit.clock import from_datetime

Json = dict[str, Any]
Limit = Annotated[int, Query(ge=1, le=500)]

router = APIRouter(tags=["accounts"])


class UserBody(Body):
    email: str | None = None
    name: str | None = None
    role: Role | None = None
    firm_ids: list[str] | None = None
    locale: str | None = None
    attributes: Json | None = None
    channels: dict[str, Annotated[int, Field(ge=0, le=1000)]] | None = None

    def change(self) -> commands.UserChange:
        """What the command takes; `firm_ids: null` that was written gives the rights to all firms."""
        return commands.UserChange(
            email=self.email,
            name=self.name,
            role=self.role,
            firm_ids=None if self.firm_ids is None else tuple(self.firm_ids),
            all_firms="firm_ids" in self.model_fields_set and self.firm_ids is None,
            locale=self.locale,
            active=getattr(self, "active", None),
            attributes=self.attributes,
            channels=self.channels,
        )


class UserPatch(UserBody):
    active: bool | None = None
    version: int | None = None


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
    expires_at: AwareDatetime | None = None


def page(items: list[Json], limit: int) -> Json:
    """A page of a list; `next` is the cursor of the one after it, or null."""
    return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}


def _sync(request: Request) -> SyncAgent:
    sync: SyncAgent = request.app.state.sync_agent
    return sync


@router.get("/users", response_model=schemas.Users)
async def list_users(request: Request, principal: Supervisor, after: str | None = None, limit: Limit = 100) -> Json:
    """The users who share a firm with the caller."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return page(await queries.users(tx, principal, after=after, limit=limit), limit)


@router.post("/users", status_code=201, response_model=schemas.NewUser)
async def create_user(body: UserBody, request: Request, principal: Administrator) -> Json:
    """Add a user; the answer carries the one-time link to hand to the person."""
    at = now(request)
    async with database(request).transaction(principal.tenant_id) as tx:
        user = await commands.create_user(tx, principal, body.change(), sync=_sync(request), now=at)
        token = await issue_link(tx, principal, user["id"], now=at)
    return {**user, "link": link_url(base_url(request), token)}


@router.get("/users/{user_id}", response_model=schemas.User)
async def get_user(user_id: str, request: Request, principal: Supervisor) -> Json:
    """One user."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await queries.user(tx, principal, user_id)


@router.patch("/users/{user_id}", response_model=schemas.User)
async def update_user(user_id: str, body: UserPatch, request: Request, principal: Administrator) -> Json:
    """Change a user; with `version`, only when nobody changed him meanwhile."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await commands.update_user(
            tx, principal, user_id, body.change(), sync=_sync(request), now=now(request), version=body.version
        )


@router.delete("/users/{user_id}", status_code=204)
async def deactivate_user(user_id: str, request: Request, principal: Administrator) -> None:
    """Deactivate a user: sessions end and the worker goes; what he wrote stays."""
    gone = commands.UserChange(active=False)
    async with database(request).transaction(principal.tenant_id) as tx:
        await commands.update_user(tx, principal, user_id, gone, sync=_sync(request), now=now(request))


@router.post("/users/{user_id}/link", status_code=201, response_model=schemas.Link)
async def create_link(user_id: str, request: Request, principal: Administrator) -> Json:
    """A one-time sign-in link for a user."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await queries.user(tx, principal, user_id)
        token = await issue_link(tx, principal, user_id, now=now(request))
    return {"link": link_url(base_url(request), token)}


@router.get("/firms", response_model=schemas.Firms)
async def list_firms(request: Request, principal: Agent, after: str | None = None, limit: Limit = 100) -> Json:
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
async def list_keys(request: Request, principal: Administrator, after: str | None = None, limit: Limit = 100) -> Json:
    """API keys without their secrets."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return page(await queries.keys(tx, after=after, limit=limit), limit)


@router.post("/keys", status_code=201, response_model=schemas.NewKey)
async def create_key(body: KeyBody, request: Request, principal: Administrator) -> Json:
    """Add an API key; its secret is in this answer and never again."""
    expires = None if body.expires_at is None else from_datetime(body.expires_at)
    async with database(request).transaction(principal.tenant_id) as tx:
        key, secret = await commands.create_key(
            tx,
            principal,
            name=body.name,
            scopes=frozenset(body.scopes),
            firm_ids=body.firm_ids,
            expires_at=expires,
            now=now(request),
        )
    return {**key, "secret": secret}


@router.delete("/keys/{key_id}", status_code=204)
async def revoke_key(key_id: str, request: Request, principal: Administrator) -> None:
    """Revoke an API key at once."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await commands.revoke_key(tx, principal, key_id, now=now(request))


@router.get("/audit", response_model=schemas.AuditRows)
async def list_audit(
    request: Request,
    principal: Administrator,
    before: str | None = None,
    object_id: str | None = None,
    limit: Limit = 100,
) -> Json:
    """Administrative acts, newest first."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return page(await queries.audit_rows(tx, principal, before=before, object_id=object_id, limit=limit), limit)


@router.get("/hours", response_model=schemas.HoursPage)
async def list_hours(
    request: Request, principal: Agent, firm_id: str | None = None, after: str | None = None, limit: Limit = 100
) -> Json:
    """Opening hours with their exceptional days, and whether each is open now."""
    async with database(request).transaction(principal.tenant_id) as tx:
        rows = await opening.list_hours(tx, principal, at=now(request), firm_id=firm_id, after=after, limit=limit)
    return page(rows, limit)
