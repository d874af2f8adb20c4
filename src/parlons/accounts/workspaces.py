"""The workspaces of a tenant: one is the desk's, made with the tenant; others are made by programs and have routing only."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from parlons.accounts import audit, store
from parlons.accounts.errors import TooManyWorkspaces, WorkspaceFixed, WorkspaceNotFound
from parlons.accounts.model import Principal
from parlons.kit.clock import Millis, to_datetime
from parlons.kit.ids import WORKSPACE, new_id
from parlons.runtime.db import Tx
from parlons.runtime.events import Audience, Event

WORKSPACE_REMOVED = "workspace.removed"
"""The event after which no process has a seat there."""
MOST = 20
"""Workspaces of a tenant: each has a router of its own with its connection to the database."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """One routing world of a tenant."""

    id: str
    name: str
    is_default: bool
    """The desk's own."""
    created_at: datetime


async def workspaces(tx: Tx) -> list[Workspace]:
    """All of this tenant, oldest first."""
    table = store.workspaces
    columns = (table.c.id, table.c.name, table.c.is_default, table.c.created_at)
    rows = await tx.fetch_all(sa.select(*columns).order_by(table.c.created_at, table.c.id))
    return [Workspace(row["id"], row["name"], row["is_default"], row["created_at"]) for row in rows]


async def workspace(tx: Tx, workspace_id: str) -> Workspace:
    """One of this tenant; raises WorkspaceNotFound."""
    for found in await workspaces(tx):
        if found.id == workspace_id:
            return found
    raise WorkspaceNotFound(workspace_id=workspace_id)


async def create_workspace(tx: Tx, principal: Principal, name: str, *, now: Millis) -> str:
    """A new one, still without any activity; its id. Raises TooManyWorkspaces."""
    await tx.alone(f"workspaces {principal.tenant_id}")
    if len(await workspaces(tx)) >= MOST:
        raise TooManyWorkspaces(limit=MOST)
    workspace_id = new_id(WORKSPACE, now)
    row = {"id": workspace_id, "tenant_id": principal.tenant_id, "name": name, "created_at": to_datetime(now)}
    await tx.execute(sa.insert(store.workspaces).values(row))
    await audit.record(tx, principal, "workspace.created", workspace_id, now=now, after={"name": name})
    return workspace_id


async def rename_workspace(tx: Tx, principal: Principal, workspace_id: str, name: str, *, now: Millis) -> None:
    """Another name; raises WorkspaceNotFound, or WorkspaceFixed for the desk's own."""
    before = await workspace(tx, workspace_id)
    if before.is_default:
        raise WorkspaceFixed
    await tx.execute(sa.update(store.workspaces).where(store.workspaces.c.id == workspace_id).values(name=name))
    old, new = {"name": before.name}, {"name": name}
    await audit.record(tx, principal, "workspace.updated", workspace_id, now=now, before=old, after=new)


async def remove_workspace(tx: Tx, principal: Principal, workspace_id: str, *, now: Millis) -> None:
    """Takes it away, the row; its router is dispatch's: the desk's workspace tells every process. Raises as `rename_workspace`
    does."""
    before = await workspace(tx, workspace_id)
    if before.is_default:
        raise WorkspaceFixed
    await tx.execute(sa.delete(store.workspaces).where(store.workspaces.c.id == workspace_id))
    (desk,) = [each.id for each in await workspaces(tx) if each.is_default]
    tx.publish(Event(desk, WORKSPACE_REMOVED, {"id": workspace_id}, audience=Audience(supervisors=False)))
    await audit.record(tx, principal, "workspace.removed", workspace_id, now=now, before={"name": before.name})
