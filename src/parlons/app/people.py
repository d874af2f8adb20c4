"""Keeps each process in step with who is who: the user behind each worker, sockets whose rights have ended, who was erased.

Every process follows the journal for it, because the change may have come in at another one.
"""

from collections.abc import Awaitable, Callable

from parlons.accounts import queries, sessions
from parlons.app.configuration import laying
from parlons.dispatch.dispatch import Dispatch
from parlons.runtime import journal
from parlons.runtime.hub import Hub
from parlons.runtime.journal import Entry
from parlons.runtime.readers import Follower
from parlons.runtime.remembered import Remembered


async def know_users(dispatch: Dispatch, tenant_id: str) -> None:
    """Which user stands behind which worker: what audiences of events need."""
    async with dispatch.db.transaction(tenant_id) as tx:
        known = await queries.users_by_worker(tx)
    dispatch.users.update({worker_id: user["id"] for worker_id, user in known.items()})


def people_of(dispatch: Dispatch, hub: Hub, tenant_id: str, workspace_id: str) -> Callable[[], Awaitable[None]]:
    """What to keep running for a workspace, for ever."""
    tail = dispatch.tail(workspace_id)

    async def follow() -> None:
        async with dispatch.db.system() as tx:
            seq = await journal.last_seq(await tx.raw(), workspace_id)
        await know_users(dispatch, tenant_id)  # after the position: who came before it is in no entry that follows
        async for entries in Follower(tail, seq):
            for entry in entries:
                if entry.kind == "event":
                    _take_in(dispatch, hub, workspace_id, entry)

    return follow


def remember_configuration(dispatch: Dispatch) -> None:
    """From now on this process reads configuration and keys once; the commit that changes them, here or elsewhere, makes it
    forget."""
    remembered = dispatch.db.remembered = Remembered(dispatch.clock, laying.APPLIED, sessions.KEY_REVOKED)
    dispatch.watch(lambda _workspace_id, entries, _batch, _base: remembered.heard(entries))


def _take_in(dispatch: Dispatch, hub: Hub, workspace_id: str, entry: Entry) -> None:
    match entry.type:
        case sessions.RIGHTS_CHANGED:
            hub.drop(workspace_id, entry.data["user_id"])
        case laying.APPLIED:
            dispatch.users.update(entry.data["users"])
        case "customer.erased":  # what memory still has of him is read from the database instead, where it is gone
            gone = [entry.data["customer"]["id"]]
            for tail in (dispatch.tail(workspace_id), dispatch.screens(workspace_id)):
                tail.forget(gone)
        case "user.updated":
            user = entry.data["user"]
            if user["worker_id"] is not None:
                dispatch.users[user["worker_id"]] = user["id"]
