"""The first start of an installation: one tenant with its workspace, its default firm and an administrator to invite."""

from dataclasses import dataclass

import sqlalchemy as sa

from parlons.accounts import store
from parlons.accounts.links import issue_link
from parlons.accounts.model import Principal, Role, system_principal
from parlons.kit.clock import Millis, to_datetime
from parlons.kit.ids import FIRM, TENANT, USER, WORKSPACE, new_id
from parlons.runtime.db import Database, Tx

ADMINISTRATOR = "admin@parlons.local"
_LOCK = 0x61636373


@dataclass(frozen=True, slots=True)
class Installation:
    """The tenant of this installation."""

    tenant_id: str
    workspace_id: str
    firm_id: str
    created: bool
    """Whether this call made it: the caller then gives it its default activities and channels."""
    invitation: str | None
    """Token of a one-time link for the administrator, as long as no administrator has ever signed in."""

    @property
    def principal(self) -> Principal:
        """Acts for the product itself."""
        return system_principal(self.tenant_id, self.workspace_id)


async def bootstrap(
    db: Database, *, now: Millis, name: str = "Parlons", language: str = "en", email: str = ADMINISTRATOR
) -> Installation:
    """Make the first tenant when there is none; safe to call at every start and by several processes at once."""
    async with db.system() as tx:
        await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        found = await _installation(tx) or await _create(tx, now=now, name=name, language=language, email=email)
        return await _with_invitation(tx, found, now)


async def installation(db: Database) -> Installation | None:
    """The oldest tenant with its default workspace and firm, or None before the first start."""
    async with db.system() as tx:
        return await _installation(tx)


async def _installation(tx: Tx) -> Installation | None:
    row = await tx.fetch_one(
        sa.select(
            store.tenants.c.tenant_id, store.workspaces.c.id.label("workspace_id"), store.firms.c.id.label("firm_id")
        )
        .join(
            store.workspaces,
            sa.and_(store.workspaces.c.tenant_id == store.tenants.c.tenant_id, store.workspaces.c.is_default),
        )
        .join(store.firms, sa.and_(store.firms.c.tenant_id == store.tenants.c.tenant_id, store.firms.c.is_default))
        .order_by(store.tenants.c.tenant_id)
        .limit(1)
    )
    return None if row is None else Installation(row["tenant_id"], row["workspace_id"], row["firm_id"], False, None)


async def _create(tx: Tx, *, now: Millis, name: str, language: str, email: str) -> Installation:
    tenant_id, workspace_id, firm_id = new_id(TENANT, now), new_id(WORKSPACE, now), new_id(FIRM, now)
    at = to_datetime(now)
    mine = {"tenant_id": tenant_id, "created_at": at}
    await tx.execute(sa.insert(store.tenants).values(**mine, name=name))
    await tx.execute(sa.insert(store.workspaces).values(**mine, id=workspace_id, name=name, is_default=True))
    languages = list(dict.fromkeys([language, "en", "fr"]))
    await tx.execute(sa.insert(store.firms).values(**mine, id=firm_id, name=name, languages=languages, is_default=True))
    await tx.execute(
        sa.insert(store.users).values(
            **mine,
            id=new_id(USER, now),
            workspace_id=workspace_id,
            email=email,
            name="Administrator",
            role=Role.ADMINISTRATOR.value,
            locale=language,
        )
    )
    return Installation(tenant_id, workspace_id, firm_id, True, None)


async def _with_invitation(tx: Tx, found: Installation, now: Millis) -> Installation:
    users = store.users
    administrators = (
        (users.c.tenant_id == found.tenant_id) & (users.c.role == Role.ADMINISTRATOR.value) & users.c.active
    )
    if (
        await tx.scalar(sa.select(users.c.id).where(administrators, users.c.signed_in_at.is_not(None)).limit(1))
        is not None
    ):
        return found
    user_id = await tx.scalar(sa.select(users.c.id).where(administrators).order_by(users.c.id).limit(1))
    if user_id is None:
        return found
    # A link of an earlier start that nobody used is void: one door at a time.
    await tx.execute(sa.delete(store.login_links).where(store.login_links.c.user_id == user_id))
    token = await issue_link(tx, found.principal, user_id, now=now)
    return Installation(found.tenant_id, found.workspace_id, found.firm_id, found.created, token)
