"""Workers and their task channels."""

from typing import Any

from parlons.compat import shapes_work as shapes
from parlons.compat.call import NAME, TRUE, Call
from parlons.compat.configured import tester
from parlons.compat.errors import ApiError
from parlons.compat.etags import check_match, tagged
from parlons.compat.pages import Page, page_of
from parlons.dispatch.views import worker_mark
from parlons.expr.scopes import Scope
from parlons.kit.ids import WORKER, new_id
from parlons.routing import commands as c
from parlons.routing.state import Worker, WorkerChannel, WorkspaceState

Json = dict[str, Any]
CAPACITY = 1000


async def shown(call: Call, worker_id: str) -> tuple[Json, str]:
    """A worker as he is shown, and his mark."""

    def read(state: WorkspaceState) -> tuple[Json, str] | None:
        found = state.workers.get(worker_id)
        return None if found is None else (shapes.worker(call, state, found), worker_mark(found))

    answer: tuple[Json, str] | None = await call.look(lambda stepper: read(stepper.state))
    if answer is None:
        raise call.missing()
    return answer


async def workers(call: Call) -> Json:
    """The workers, by filters of that API."""
    page, name = Page(call), call.text("FriendlyName")
    activity, activity_sid = call.text("ActivityName"), call.sid("ActivitySid", "WA")
    queue, queue_sid = call.text("TaskQueueName"), call.sid("TaskQueueSid", "WQ")
    wanted = call.text("Available")
    available = None if wanted is None else wanted.lower() in TRUE
    test = tester("TargetWorkersExpression", call.text("TargetWorkersExpression"), Scope.QUEUE)
    by_change, backwards = _ordering(call)
    call.done()

    def chosen(state: WorkspaceState, one: Worker) -> bool:
        doing = state.activities.get(one.activity_id)
        return (
            name in (None, one.name)
            and activity in (None, doing.name if doing is not None else "")
            and activity_sid in (None, one.activity_id)
            and available in (None, one.available)
            and (queue_sid is None or queue_sid in one.queues)
            and (queue is None or any(each.config.name == queue for each in one.queues.values()))
            and (test is None or test(None, one.attributes, one.facts(state)))
        )

    def key(one: Worker) -> list[Any]:
        return [one.activity_since, one.id] if by_change else [one.id]

    def read(state: WorkspaceState) -> Json:
        found = sorted((one for one in state.workers.values() if chosen(state, one)), key=key, reverse=backwards)
        return page_of(call, page, "workers", found, key, lambda one: shapes.worker(call, state, one))

    answer: Json = await call.look(lambda stepper: read(stepper.state))
    return answer


def _ordering(call: Call) -> tuple[bool, bool]:
    text = call.text("Ordering")
    attribute, _, direction = (text or "").partition(":")
    if text and (attribute not in ("DateStatusChanged", "DateCreated") or direction not in ("asc", "desc", "")):
        raise ApiError("Ordering is DateStatusChanged:asc, DateStatusChanged:desc, DateCreated:asc or DateCreated:desc")
    return attribute == "DateStatusChanged", direction == "desc"


async def worker(call: Call) -> Json:
    """One worker."""
    call.done()
    return tagged(call, *await shown(call, call.ids["Sid"]))


async def create_worker(call: Call) -> Json:
    """A new worker, in the activity named or the workspace's usual one, with room for one task on each channel."""
    name, activity = call.needed("FriendlyName", longest=NAME), call.sid("ActivitySid", "WA")
    attributes = call.attributes()
    call.done()
    worker_id = new_id(WORKER, call.clock())
    await call.send(c.PutWorker(worker_id, name, attributes or {}, activity_id=activity))
    return tagged(call, *await shown(call, worker_id))


async def change_worker(call: Call) -> Json:
    """Changes a worker: his name, his attributes, what he is doing."""
    worker_id = call.ids["Sid"]
    _, mark = await shown(call, worker_id)
    check_match(call, worker_id, mark)
    name, activity = call.text("FriendlyName", longest=NAME), call.sid("ActivitySid", "WA")
    attributes, reject = call.attributes(), call.truth("RejectPendingReservations") or False
    call.done()

    def read(state: WorkspaceState) -> c.PutWorker:
        one = state.workers[worker_id]
        if activity is not None and activity not in state.activities:
            raise ApiError(f"There is no Activity {activity} in this Workspace")
        given = one.attributes if attributes is None else attributes
        return c.PutWorker(worker_id, name or one.name, given, firm_ids=one.firm_ids)

    if name:
        await call.send(await call.look(lambda stepper: read(stepper.state)))
    else:
        await call.look(lambda stepper: read(stepper.state))
        if attributes is not None:
            await call.send(c.SetWorkerAttributes(worker_id, attributes))
    if activity is not None:
        await call.send(c.SetActivity(worker_id, activity, reject))
    return tagged(call, *await shown(call, worker_id))


async def remove_worker(call: Call) -> None:
    """Takes a worker away who holds nothing."""
    worker_id = call.ids["Sid"]
    _, mark = await shown(call, worker_id)
    check_match(call, worker_id, mark)
    call.done()
    await call.send(c.RemoveWorker(worker_id))


# -- his task channels ---------------------------------------------------------------------------------------------------------


def _own(call: Call, state: WorkspaceState) -> tuple[Worker, WorkerChannel] | None:
    """The worker and his channel in the path: by its id, the task channel's id or its unique name."""
    one, wanted = state.workers.get(call.ids["WorkerSid"]), call.ids["Sid"]
    for own in one.channels.values() if one is not None else ():
        config = own.channel.config
        if one is not None and wanted in (shapes.worker_channel_sid(one.id, config.id), config.id, config.unique_name):
            return one, own
    return None


async def worker_channels(call: Call) -> Json:
    """A worker's room on each task channel."""
    page = Page(call)
    call.done()

    def read(state: WorkspaceState) -> Json | None:
        one = state.workers.get(call.ids["WorkerSid"])
        if one is None:
            return None
        owned = sorted(one.channels.values(), key=lambda own: own.channel.name)
        return page_of(
            call,
            page,
            "channels",
            owned,
            lambda own: [own.channel.name],
            lambda own: shapes.worker_channel(call, one, own),
        )

    answer: Json | None = await call.look(lambda stepper: read(stepper.state))
    if answer is None:
        raise call.missing()
    return answer


async def worker_channel(call: Call) -> Json:
    """A worker's room on one task channel."""
    call.done()

    def read(state: WorkspaceState) -> Json | None:
        found = _own(call, state)
        return None if found is None else shapes.worker_channel(call, *found)

    answer: Json | None = await call.look(lambda stepper: read(stepper.state))
    if answer is None:
        raise call.missing()
    return answer


async def change_worker_channel(call: Call) -> Json:
    """Another capacity, or open or closed for offers."""
    capacity, available = call.number("Capacity", 0, CAPACITY), call.truth("Available")
    call.done()

    def read(state: WorkspaceState) -> str | None:
        found = _own(call, state)
        return None if found is None else found[1].channel.name

    name: str | None = await call.look(lambda stepper: read(stepper.state))
    if name is None:
        raise call.missing()
    await call.send(c.SetChannel(call.ids["WorkerSid"], name, capacity, available))
    return await worker_channel(call)
