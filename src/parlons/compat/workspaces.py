"""Workspaces: each is one of the tenant's, with a router of its own. The desk's own is shown, worked in, and not reconfigured."""

import contextlib
from dataclasses import replace
from typing import Any

import msgspec

from parlons.accounts import workspaces as accounts
from parlons.accounts.workspaces import Workspace
from parlons.compat import shapes_configured as shapes
from parlons.compat.call import NAME, Call
from parlons.compat.configured import ORDERS, addresses
from parlons.compat.errors import ApiError
from parlons.compat.notes import NOTHING, forget_all, note, notes_of
from parlons.compat.pages import Page
from parlons.compat.shapes_events import KINDS
from parlons.compat.shapes_work import DELETED
from parlons.compat.telling import WORKSPACE_GONE
from parlons.dispatch.dispatch import UnknownWorkspace
from parlons.kit.errors import Refusal
from parlons.kit.ids import ACTIVITY, QUEUE, WORKFLOW, new_id
from parlons.routing import commands as c
from parlons.routing.configuration import Activity, Item, Queue, Settings, Workflow
from parlons.runtime.jobs import enqueue

Json = dict[str, Any]
LONGEST_FILTER = 4096
SURELY_LEFT_MS = 60_000
"""After so long no process has a seat at a workspace that was removed."""
TEMPLATES = ("NONE", "FIFO")
FIRST_ACTIVITIES = (("Offline", False), ("Available", True), ("Unavailable", False))
"""What a new workspace has; the first is given to new workers and to those who let an offer time out."""


def _at(call: Call, workspace_id: str) -> Call:
    return replace(call, principal=replace(call.principal, workspace_id=workspace_id))


async def seated(call: Call, workspace_id: str) -> None:
    """A seat at the workspace in this process, whoever made it where. The caller has found it among the tenant's."""
    await call.dispatch.open(workspace_id, call.account)
    await call.dispatch.ready(workspace_id)


async def check_own(call: Call) -> bool:
    """Whether the call's workspace is the desk's; raises when it is not the tenant's at all. Takes a seat at it."""
    async with call.db.transaction(call.account) as tx:
        found = next((each for each in await accounts.workspaces(tx) if each.id == call.workspace_id), None)
    if found is None:
        raise call.missing()
    await seated(call, found.id)
    return found.is_default


async def _shown(call: Call, found: Workspace) -> Json:
    here = _at(call, found.id)
    await seated(here, found.id)
    async with call.db.transaction(call.account) as tx:
        noted = (await notes_of(tx, found.id)).get(found.id, NOTHING)
    settings, activities = await here.look(lambda stepper: (stepper.state.settings, dict(stepper.state.activities)))
    return shapes.workspace(here, found, settings, activities, noted)


async def workspaces(call: Call) -> Json:
    """The workspaces of the account."""
    page, name = Page(call), call.text("FriendlyName")
    call.done()
    async with call.db.transaction(call.account) as tx:
        items = [each for each in await accounts.workspaces(tx) if name in (None, each.name)]
    cut, before, after = page.cut(items, lambda each: [each.id])
    shown = [await _shown(call, each) for each in cut]
    first, last = ([cut[0].id], [cut[-1].id]) if cut else (None, None)
    return page.answer("workspaces", shown, first, last, before, after)


async def workspace(call: Call) -> Json:
    """One workspace."""
    call.done()
    async with call.db.transaction(call.account) as tx:
        found = next((each for each in await accounts.workspaces(tx) if each.id == call.workspace_id), None)
    if found is None:  # removed a moment ago; its seat here is left within seconds
        raise call.missing()
    return await _shown(call, found)


def _settings(call: Call, before: Settings) -> Settings:
    order, many = call.one_of("PrioritizeQueueOrder", ORDERS), call.truth("MultiTaskEnabled")
    changes: Json = {"prioritize_queue_order": order, "multi_task": many}
    return msgspec.structs.replace(before, **{name: value for name, value in changes.items() if value is not None})


async def _callbacks(call: Call) -> Json:
    """Where events go, and which: a list of types separated by commas, empty for all."""
    found = await addresses(call, event_callback_url="EventCallbackUrl")
    wanted = call.text("EventsFilter", longest=LONGEST_FILTER)
    if wanted is None:
        return found
    strange = {each.strip() for each in wanted.split(",") if each.strip()} - KINDS
    if strange:
        raise ApiError(f"EventsFilter names no event: {sorted(strange)[0][:NAME]}")
    return {**found, "events_filter": wanted}


async def create_workspace(call: Call) -> Json:
    """A new workspace with its activities; with the template FIFO a queue for all and a workflow into it besides."""
    name = call.needed("FriendlyName", longest=NAME)
    template = call.one_of("Template", TEMPLATES) or "NONE"
    settings, noted = _settings(call, Settings()), await _callbacks(call)
    call.done()
    now = call.clock()
    activities = [Activity(new_id(ACTIVITY, now), each, available) for each, available in FIRST_ACTIVITIES]
    settings = msgspec.structs.replace(
        settings, default_activity_id=activities[0].id, timeout_activity_id=activities[0].id
    )
    async with call.db.transaction(call.account) as tx:
        workspace_id = await accounts.create_workspace(tx, call.principal, name, now=now)
    here = _at(call, workspace_id)
    await seated(here, workspace_id)
    await here.send(c.Configure(put=(*activities, *_template(template, now)), settings=settings))
    if noted:
        await note(here, workspace_id, noted)
    return await workspace(here)


def _template(name: str, now: int) -> tuple[Item, ...]:
    if name != "FIFO":
        return ()
    queue = Queue(new_id(QUEUE, now), "Sample Queue")
    routing = {"task_routing": {"filters": [], "default_filter": {"queue": queue.id}}}
    return (queue, Workflow(new_id(WORKFLOW, now), "Default Fifo Workflow", routing))


async def change_workspace(call: Call) -> Json:
    """Changes a workspace."""
    settings: Settings = await call.look(lambda stepper: stepper.state.settings)
    name, noted = call.text("FriendlyName", longest=NAME), await _callbacks(call)
    changed = _settings(call, settings)
    usual, late = call.sid("DefaultActivitySid", "WA"), call.sid("TimeoutActivitySid", "WA")
    changed = msgspec.structs.replace(
        changed,
        default_activity_id=usual or changed.default_activity_id,
        timeout_activity_id=late or changed.timeout_activity_id,
    )
    call.done()
    if changed != settings:
        await call.send(c.Configure(settings=changed))
    if name:
        async with call.db.transaction(call.account) as tx:
            await accounts.rename_workspace(tx, call.principal, call.workspace_id, name, now=call.clock())
    await note(call, call.workspace_id, noted)
    return await workspace(call)


async def remove_workspace(call: Call) -> None:
    """Takes a workspace away with all that is in it: open tasks end, then nothing of it is left. From the removal on every
    process leaves its seat, so nothing is asked of the router after it."""
    call.done()
    open_tasks = await call.look(lambda stepper: [(each.id, each.status) for each in stepper.state.tasks.values()])
    for task_id, status in open_tasks:
        if status in ("pending", "reserved"):
            with contextlib.suppress(Refusal):  # one that ended meanwhile
                await call.send(c.CancelTask(task_id, DELETED))
    async with call.db.transaction(call.account) as tx:
        await accounts.remove_workspace(tx, call.principal, call.workspace_id, now=call.clock())
        # Should this process die before the rest is done, another one does it.
        await enqueue(tx, WORKSPACE_GONE, {"workspace_id": call.workspace_id}, run_at=tx.now + SURELY_LEFT_MS)
    await call.dispatch.leave(call.workspace_id)
    await forget_all(call.db, call.account, call.workspace_id)


async def served(call: Call) -> None:
    """Raises when the workspace is not one that this process can serve for the caller."""
    try:
        seat = call.dispatch.seat(call.workspace_id)
    except UnknownWorkspace:
        await check_own(call)
        return
    if seat.tenant_id != call.account:
        raise call.missing()
    if seat.stepper is None:
        await call.dispatch.ready(call.workspace_id)
