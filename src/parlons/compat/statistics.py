"""Statistics of the workspace, its queues, workflows and workers: as it is, over a period, and both."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from parlons.compat.call import Call, check_sid
from parlons.compat.errors import ApiError
from parlons.compat.figures import Period, activity_counts, present
from parlons.compat.pages import Page
from parlons.dispatch.history import transitions_between
from parlons.routing.state import Worker, WorkspaceState
from parlons.routing.statistics import WORKSPACE, Subject

Json = dict[str, Any]
MINUTE = 60_000
USUAL, LONGEST = 15, 31 * 24 * 60
"""Minutes."""
SPLITS = 20
BULK = 200
"""Queues in one bulk request."""


@dataclass(frozen=True, slots=True)
class _Asked:
    start: int
    end: int
    channel: str | None
    split: tuple[int, ...] = ()


async def channel_of(call: Call) -> str | None:
    """The task channel asked for, by its unique name; by its id as well."""
    wanted = call.text("TaskChannel")
    if not wanted:
        return None
    names: dict[str, str] = await call.look(
        lambda stepper: {each.config.id: each.name for each in stepper.state.channels.values()}
    )
    if wanted not in names.values() and wanted not in names:
        raise ApiError(f"There is no TaskChannel {wanted[:64]} in this Workspace")
    return names.get(wanted, wanted)


async def _asked(call: Call, *, split: bool = False) -> _Asked:
    now = call.clock()
    minutes = call.number("Minutes", 1, LONGEST)
    start, end = call.date("StartDate"), call.date("EndDate")
    if minutes is not None and start is not None:
        raise ApiError("Minutes and StartDate exclude each other")
    until = end if end is not None else now + 1
    since = start if start is not None else until - (minutes or USUAL) * MINUTE
    if not 0 <= until - since <= LONGEST * MINUTE:
        raise ApiError("StartDate is before EndDate, by 31 days at most")
    limits = (call.text("SplitByWaitTime") or "") if split else ""
    parts = [part.strip() for part in limits.split(",") if part.strip()]
    if len(parts) > SPLITS or not all(part.isascii() and part.isdigit() and len(part) < 9 for part in parts):
        raise ApiError("SplitByWaitTime is a list of whole seconds, such as 5,10")
    return _Asked(since, until, await channel_of(call), tuple(int(part) for part in parts))


async def _period(call: Call, asked: _Asked) -> Period:
    found = Period(asked.start, asked.end)
    async for told in transitions_between(call.db, call.workspace_id, asked.start, asked.end):
        found.add(told, asked.channel)
    return found


def _subject(call: Call) -> tuple[Subject, Json]:
    """What the path asks about, and the field that names it."""
    if "TaskQueueSid" in call.ids:
        return ("queue", call.ids["TaskQueueSid"]), {"task_queue_sid": call.ids["TaskQueueSid"]}
    if "WorkflowSid" in call.ids:
        return ("workflow", call.ids["WorkflowSid"]), {"workflow_sid": call.ids["WorkflowSid"]}
    return ("workspace", WORKSPACE), {}


async def _exists(call: Call, subject: Subject) -> None:
    kind, name = subject
    known = await call.look(
        lambda stepper: (
            kind == "workspace" or name in (stepper.state.queues if kind == "queue" else stepper.state.workflows)
        )
    )
    if not known:
        raise call.missing()


def _signed(call: Call, named: Json, shown: Json) -> Json:
    url = f"{call.base}{call.path}"
    return {"account_sid": call.account, "workspace_sid": call.workspace_id, "url": url, **named, **shown}


async def cumulative(call: Call) -> Json:
    """Of the workspace, a queue or a workflow, over a period."""
    asked, (subject, named) = await _asked(call, split=True), _subject(call)
    call.done()
    await _exists(call, subject)
    return _signed(call, named, (await _period(call, asked)).tasks(subject, asked.split))


async def real_time(call: Call) -> Json:
    """Of the workspace, a queue or a workflow, as it is."""
    channel, (subject, named) = await channel_of(call), _subject(call)
    call.done()
    await _exists(call, subject)
    shown = await call.look(lambda stepper: present(stepper.state, call.clock(), subject, channel))
    return _signed(call, named, shown)


async def statistics(call: Call) -> Json:
    """Of the workspace, a queue or a workflow, both."""
    asked, (subject, named) = await _asked(call, split=True), _subject(call)
    call.done()
    await _exists(call, subject)
    over = (await _period(call, asked)).tasks(subject, asked.split)
    now = await call.look(lambda stepper: present(stepper.state, call.clock(), subject, asked.channel))
    return _signed(call, named, {"cumulative": over, "realtime": now})


async def queues_statistics(call: Call) -> Json:
    """Of each queue, both, a page at a time."""
    page, name, asked = Page(call), call.text("FriendlyName"), await _asked(call, split=True)
    call.done()
    period = await _period(call, asked)

    def read(state: WorkspaceState) -> Json:
        found = sorted(each.config.id for each in state.queues.values() if name in (None, each.config.name))
        cut, before, after = page.cut(found, lambda each: [each])
        shown = [
            {
                "account_sid": call.account,
                "workspace_sid": call.workspace_id,
                "task_queue_sid": each,
                "cumulative": period.tasks(("queue", each), asked.split),
                "realtime": present(state, call.clock(), ("queue", each), asked.channel),
            }
            for each in cut
        ]
        first, last = ([cut[0]], [cut[-1]]) if cut else (None, None)
        return page.answer("task_queues_statistics", shown, first, last, before, after)

    answer: Json = await call.look(lambda stepper: read(stepper.state))
    return answer


async def bulk(call: Call) -> Json:
    """Of several queues as they are: `{"TaskQueueSids": [...], "TaskChannel": ...}`; without ids of all."""
    body = {} if call.json is None else call.json
    call.done()
    if not isinstance(body, dict) or not body.keys() <= {"TaskQueueSids", "TaskChannel"}:
        raise ApiError("The body is a JSON object with TaskQueueSids and TaskChannel")
    wanted = body.get("TaskQueueSids")
    if wanted is not None and (not isinstance(wanted, list) or len(wanted) > BULK):
        raise ApiError(f"TaskQueueSids is a list of at most {BULK} ids")
    named = [check_sid("TaskQueueSids", str(each), "WQ") for each in wanted or ()]
    call.given = {"TaskChannel": [str(body["TaskChannel"])]} if body.get("TaskChannel") else {}
    channel = await channel_of(call)

    def read(state: WorkspaceState) -> list[Json]:
        chosen = [each for each in named if each in state.queues] if wanted is not None else sorted(state.queues)[:BULK]
        return [{"task_queue_sid": each, **present(state, call.clock(), ("queue", each), channel)} for each in chosen]

    found = await call.look(lambda stepper: read(stepper.state))
    return _signed(call, {}, {"task_queue_data": found, "task_queue_response_count": len(found)})


# -- workers -------------------------------------------------------------------------------------------------------------------


def _chosen(call: Call) -> Callable[[WorkspaceState], list[Worker]]:
    queue, queue_name, name = call.sid("TaskQueueSid", "WQ"), call.text("TaskQueueName"), call.text("FriendlyName")

    def chosen(state: WorkspaceState) -> list[Worker]:
        return [
            one
            for one in state.workers.values()
            if name in (None, one.name)
            and (queue is None or queue in one.queues)
            and (queue_name is None or any(each.config.name == queue_name for each in one.queues.values()))
        ]

    return chosen


async def _workers_over(
    call: Call, asked: _Asked, chosen: Callable[[WorkspaceState], list[Worker]]
) -> tuple[Json, Json]:
    """Over the period and as it is, of some workers."""
    period = await _period(call, asked)

    def read(state: WorkspaceState) -> tuple[Json, Json]:
        found = chosen(state)
        period.still(found, call.clock())
        over = period.reservations(*(("worker", one.id) for one in found))
        over["activity_durations"] = period.durations(state, {one.id for one in found})
        return over, activity_counts(state, found)

    both: tuple[Json, Json] = await call.look(lambda stepper: read(stepper.state))
    return both


async def workers_statistics(call: Call) -> Json:
    """Of workers, both."""
    chosen, asked = _chosen(call), await _asked(call)
    call.done()
    over, now = await _workers_over(call, asked, chosen)
    return _signed(call, {}, {"cumulative": over, "realtime": now})


async def workers_cumulative(call: Call) -> Json:
    """Of all workers, over a period."""
    asked = await _asked(call)
    call.done()
    over, _ = await _workers_over(call, asked, lambda state: list(state.workers.values()))
    return _signed(call, {}, over)


async def workers_real_time(call: Call) -> Json:
    """How many workers are doing what; a task channel changes nothing in that, but has to exist."""
    if await channel_of(call) is not None:
        call.answered["X-Ignored-Parameters"] = "TaskChannel"
    call.done()
    shown = await call.look(lambda stepper: activity_counts(stepper.state, list(stepper.state.workers.values())))
    return _signed(call, {}, shown)


async def worker_statistics(call: Call) -> Json:
    """Of one worker, over a period."""
    worker_id, asked = call.ids["WorkerSid"], await _asked(call)
    call.done()
    if not await call.look(lambda stepper: worker_id in stepper.state.workers):
        raise call.missing()
    over, _ = await _workers_over(
        call, asked, lambda state: [one for one in state.workers.values() if one.id == worker_id]
    )
    return _signed(call, {"worker_sid": worker_id}, {"cumulative": over})
