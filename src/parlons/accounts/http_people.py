"""Routes about people: who is there, invitations, roles, and the audit of what was done."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, Field

from parlons.accounts import audit, audit_log, own_roles, people, queries, schemas
from parlons.accounts.agents import KnownQueues, SyncAgent
from parlons.accounts.http import Actor, Auditor, Body, PeopleKeeper, base_url, caller, database, now, page
from parlons.accounts.links import issue_link, link_url
from parlons.accounts.model import Principal
from parlons.accounts.rights import Right
from parlons.kit.ids import AUDIT, USER
from parlons.runtime.asked import row_of
from parlons.runtime.http import answers_file

Json = dict[str, Any]
Limit = Annotated[int, Query(ge=1, le=500)]
Ids = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=1000)]

router = APIRouter(tags=["accounts"])


class UserBody(Body):
    email: str | None = None
    name: str | None = None
    role: str | None = None
    firm_ids: Ids | None = None
    queue_ids: Ids | None = None
    locale: str | None = None
    attributes: Json | None = None
    channels: dict[str, Annotated[int, Field(ge=0, le=1000)]] | None = None

    def change(self) -> people.UserChange:
        """What the command takes; `null` that was written for firms or queues gives the rights to all of them."""
        given = self.model_fields_set
        return people.UserChange(
            email=self.email,
            name=self.name,
            role=self.role,
            firm_ids=None if self.firm_ids is None else tuple(self.firm_ids),
            all_firms="firm_ids" in given and self.firm_ids is None,
            queue_ids=None if self.queue_ids is None else tuple(self.queue_ids),
            all_queues="queue_ids" in given and self.queue_ids is None,
            locale=self.locale,
            active=getattr(self, "active", None),
            attributes=self.attributes,
            channels=self.channels,
        )


class UserPatch(UserBody):
    active: bool | None = None
    version: int | None = None


class RoleBody(Body):
    name: str
    rights: list[Right]


class RolePatch(Body):
    name: str | None = None
    rights: list[Right] | None = None
    version: int | None = None


def _sync(request: Request) -> SyncAgent:
    sync: SyncAgent = request.app.state.sync_agent
    return sync


def _queues(request: Request) -> KnownQueues:
    queues: KnownQueues = request.app.state.known_queues
    return queues


async def _colleague(request: Request) -> Principal:
    """Whoever steers people's work or invites them knows who is there; somebody from outside does not."""
    found = await caller(request)
    rights = (Right.PEOPLE, Right.PLAN, Right.AUDIT, Right.COACH, *((Right.READ,) if found.key_id is not None else ()))

    def knows(one: Principal) -> bool:
        return any(one.may_do(right, request.method) for right in rights)

    if not knows(found):
        raise found.without_right(Right.PEOPLE, knows)
    return found


Colleague = Annotated[Principal, Depends(_colleague)]


@router.get("/users", response_model=schemas.Users)
async def list_users(
    request: Request,
    principal: Colleague,
    after: Annotated[str | None, row_of(USER)] = None,
    limit: Limit = 100,
    q: Annotated[str, Query(max_length=200)] = "",
    role: Annotated[str | None, Query(max_length=64)] = None,
    active: bool | None = None,
) -> Json:
    """The users who share a firm with the caller; `q`: words of name or address."""
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await queries.users(tx, principal, after=after, limit=limit, text=q, role=role, active=active)
    return page(found, limit)


@router.post("/users", status_code=201, response_model=schemas.NewUser)
async def create_user(body: UserBody, request: Request, principal: PeopleKeeper) -> Json:
    """Add a user; the answer carries the one-time link to hand to the person, shown this once."""
    at = now(request)
    async with database(request).transaction(principal.tenant_id) as tx:
        user = await people.create_user(
            tx, principal, body.change(), sync=_sync(request), queues=_queues(request), now=at
        )
        token = await issue_link(tx, principal, user["id"], now=at)
    return {**user, "link": link_url(base_url(request), token)}


@router.get("/users/{user_id}", response_model=schemas.ListedUser)
async def get_user(user_id: str, request: Request, principal: Colleague) -> Json:
    """One user."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await queries.user(tx, principal, user_id)


@router.patch("/users/{user_id}", response_model=schemas.User)
async def update_user(user_id: str, body: UserPatch, request: Request, principal: PeopleKeeper) -> Json:
    """Change a user; with `version`, only when nobody changed him meanwhile."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await people.update_user(
            tx,
            principal,
            user_id,
            body.change(),
            sync=_sync(request),
            queues=_queues(request),
            now=now(request),
            version=body.version,
        )


@router.delete("/users/{user_id}", status_code=204)
async def deactivate_user(user_id: str, request: Request, principal: PeopleKeeper) -> None:
    """Deactivate a user: sessions end and the worker goes; what he wrote stays."""
    gone = people.UserChange(active=False)
    async with database(request).transaction(principal.tenant_id) as tx:
        await people.update_user(
            tx, principal, user_id, gone, sync=_sync(request), queues=_queues(request), now=now(request)
        )


@router.post("/users/{user_id}/link", status_code=201, response_model=schemas.Link)
async def create_link(user_id: str, request: Request, principal: PeopleKeeper) -> Json:
    """A one-time sign-in link for a user, in place of the one before; shown this once."""
    async with database(request).transaction(principal.tenant_id) as tx:
        token = await people.invite(tx, principal, user_id, now=now(request))
    return {"link": link_url(base_url(request), token)}


@router.delete("/users/{user_id}/link", status_code=204)
async def revoke_link(user_id: str, request: Request, principal: PeopleKeeper) -> None:
    """The link that was not used yet opens nothing any more."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await people.revoke_link(tx, principal, user_id, now=now(request))


@router.post("/users/{user_id}/reset", status_code=201, response_model=schemas.Link)
async def reset_user(user_id: str, request: Request, principal: PeopleKeeper) -> Json:
    """End the user's sessions, forget the password; the answer carries the one-time link that lets the person in."""
    async with database(request).transaction(principal.tenant_id) as tx:
        token = await people.reset(tx, principal, user_id, now=now(request))
    return {"link": link_url(base_url(request), token)}


@router.get("/roles", response_model=schemas.Roles)
async def list_roles(request: Request, principal: Colleague) -> Json:
    """The roles with their rights: the presets, then the tenant's own."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return {"items": await own_roles.roles(tx), "next": None}


@router.post("/roles", status_code=201, response_model=schemas.OwnRole)
async def create_role(body: RoleBody, request: Request, principal: PeopleKeeper) -> Json:
    """Add a role of one's own."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await own_roles.create_role(tx, principal, name=body.name, rights=body.rights, now=now(request))


@router.patch("/roles/{role_id}", response_model=schemas.OwnRole)
async def update_role(role_id: str, body: RolePatch, request: Request, principal: PeopleKeeper) -> Json:
    """Rename a role or change its rights, for everybody who has it; with `version`, only when nobody changed it meanwhile."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await own_roles.update_role(
            tx,
            principal,
            role_id,
            name=body.name,
            rights=body.rights,
            version=body.version,
            sync=_sync(request),
            now=now(request),
        )


@router.delete("/roles/{role_id}", status_code=204)
async def remove_role(role_id: str, request: Request, principal: PeopleKeeper) -> None:
    """Remove a role that nobody has."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await own_roles.remove_role(tx, principal, role_id, now=now(request))


def _filter(
    actor: Actor = None,
    action: Annotated[str | None, Query(pattern="^[a-z_-]{1,40}([.][a-z_-]{1,40})?$")] = None,
    object_id: Annotated[str | None, Query(pattern="^[0-9A-Za-z_-]{1,64}$")] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> audit_log.Filter:
    return audit_log.Filter(actor, action, object_id, since, until)


Wanted = Annotated[audit_log.Filter, Depends(_filter)]


@router.get("/audit", response_model=schemas.AuditRows)
async def list_audit(
    request: Request,
    principal: Auditor,
    wanted: Wanted,
    before: Annotated[str | None, row_of(AUDIT)] = None,
    limit: Limit = 100,
) -> Json:
    """Administrative acts, newest first. `action`: one, such as `user.updated`, or all of a kind, such as `user`."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return page(await audit_log.audit_rows(tx, principal, wanted, before=before, limit=limit), limit)


@router.get("/audit.csv", response_class=Response, responses=answers_file("text/csv"))
async def export_audit(request: Request, principal: Auditor, wanted: Wanted) -> Response:
    """The same rows as CSV, the newest 100,000; the export itself is written down too."""
    async with database(request).transaction(principal.tenant_id) as tx:
        text = await audit_log.audit_csv(tx, principal, wanted)
        await audit.record(tx, principal, "audit.exported", principal.actor, now=now(request))
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"', "Cache-Control": "no-store"}
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)
