"""The list of what happened in a workspace, read from its journal, oldest first."""

from typing import Any

from parlons.accounts import workspaces as accounts
from parlons.compat import shapes_events as shapes
from parlons.compat.call import Call
from parlons.compat.errors import ApiError
from parlons.compat.pages import Page
from parlons.compat.shapes_events import Happened, Names
from parlons.compat.statistics import LONGEST, MINUTE, USUAL, channel_of
from parlons.dispatch import history, queries
from parlons.routing import transitions as t

Json = dict[str, Any]
_FILTERS = {
    "TaskSid": ("task_id", "WT"),
    "WorkerSid": ("worker_id", "WK"),
    "ReservationSid": ("reservation_id", "WR"),
    "TaskQueueSid": ("queue_id", "WQ"),
    "WorkflowSid": ("workflow_id", "WW"),
}
READ = 100_000
"""Entries of the journal that are looked through for one page."""


async def names_of(call: Call) -> Names:
    """What ids are called in the call's workspace."""
    async with call.db.transaction(call.account) as tx:
        name = (await accounts.workspace(tx, call.workspace_id)).name
        kinds = ("workers", "queues", "workflows", "activities")
        found = {kind: await queries.names(tx, call.workspace_id, kind) for kind in kinds}
    channels = await call.look(lambda stepper: {each.name: each.config.id for each in stepper.state.channels.values()})
    return Names(name, **found, channels=channels)


async def _shown(call: Call, happened: list[Happened]) -> list[Json]:
    names = await names_of(call)
    tasks = sorted({one.told.task_id for one in happened if isinstance(one.told, t._OfTask)})
    async with call.db.transaction(call.account) as tx:
        attributes = await history.attributes_of(tx, call.workspace_id, tasks)
    return [shapes.event(call, one, names, attributes) for one in happened]


async def events(call: Call) -> Json:
    """The events of a period, by filters of that API."""
    page, kind, sid = Page(call), call.text("EventType"), call.sid("Sid", "EV")
    wanted = {field: call.sid(name, prefix) for name, (field, prefix) in _FILTERS.items()}
    since, until = _period(call)
    channel = await channel_of(call)
    call.done()
    found: list[Happened] = []
    looked, actor = 0, None
    async for entry in history.entries_since(call.db, call.workspace_id, since):
        looked += 1
        if looked > READ:
            raise ApiError("The period holds too many events: ask for a shorter one")
        if entry.kind == "command":
            actor = entry.data.get("actor")
        if entry.kind != "transition" or not since <= entry.at <= until:
            continue
        one = Happened(entry.seq, t.from_wire(entry.data), actor)
        named = shapes.kind_of(one.told)
        if (
            named is not None
            and kind in (None, named)
            and all(value in (None, one.about(field)) for field, value in wanted.items())
            and channel in (None, getattr(one.told, "channel", None))
            and sid in (None, shapes.sid_of(call, one))
        ):
            found.append(one)
    cut, before, after = page.cut(found, lambda one: [one.seq])
    first, last = ([cut[0].seq], [cut[-1].seq]) if cut else (None, None)
    return page.answer("events", await _shown(call, cut), first, last, before, after)


def _period(call: Call) -> tuple[int, int]:
    minutes, now = call.number("Minutes", 1, LONGEST), call.clock()
    start, end = call.date("StartDate"), call.date("EndDate")
    if minutes is not None and start is not None:
        raise ApiError("Minutes and StartDate exclude each other")
    until = now if end is None else end + 999
    return (until - (minutes or USUAL) * MINUTE if start is None else start), until


async def event(call: Call) -> Json:
    """One event, found by the end of its id."""
    call.done()
    sid = call.ids["Sid"]
    found = await history.entry_at(call.db, call.workspace_id, int(sid[-12:], 16))
    if found is None or found[0].kind != "transition":
        raise call.missing()
    one = Happened(found[0].seq, t.from_wire(found[0].data), found[1])
    if shapes.kind_of(one.told) is None or shapes.sid_of(call, one) != sid:
        raise call.missing()
    return (await _shown(call, [one]))[0]
