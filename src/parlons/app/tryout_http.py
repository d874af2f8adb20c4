"""Trying routing before it serves: whom a queue's expression or a workflow, as it stands in an editor, would ask now.

The workflow comes in the words of the configuration file, as the screens that edit it have it; nothing is changed or kept.
"""

from typing import Any

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from parlons.accounts.http import Supervisor
from parlons.accounts.model import Principal
from parlons.app.configuration.model import WorkflowPart
from parlons.app.configuration.workflow import to_router
from parlons.dispatch import queries
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.stepper import Stepper
from parlons.kit.errors import Invalid, NotFound
from parlons.routing.tryout import Asked, try_queue, try_workflow

router = APIRouter(tags=["configuration"])
Json = dict[str, Any]


class UnknownTaskChannel(NotFound):
    """No task channel has this name."""

    code = "unknown-task-channel"


class UnknownQueueName(Invalid):
    """A queue that the workflow names does not exist; make it first."""

    code = "unknown-queue-name"


class Body(BaseModel):
    """Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class TryQueue(Body):
    """A queue's expression; with a task channel, `ready` asks for room there."""

    workers: str = Field(max_length=4096)
    channel: str | None = Field(None, max_length=64)


class TryWorkflow(Body):
    """A workflow and a task it would lead."""

    workflow: WorkflowPart
    attributes: Json = Field(default_factory=dict)
    channel: str = Field("chat", max_length=64)


class AskedWorker(BaseModel):
    """A worker who belongs there; `ready`: would be offered it now."""

    worker_id: str
    ready: bool


class TriedQueue(BaseModel):
    """Everybody the expression holds for, the longest unoccupied first."""

    workers: list[AskedWorker]


class PassedFilter(BaseModel):
    """A filter that does not match, and the parts of it that are false."""

    filter: int
    false: list[str]


class TriedStep(BaseModel):
    """One target, and whom it asks: the first first. `skipped`: its skip_if holds, as nobody is ready."""

    queue_id: str
    seconds: int | None
    priority: int | None
    skipped: bool
    workers: list[AskedWorker]


class TriedWorkflow(BaseModel):
    """`filter`: the first that matches; -1: the default queue; null: nothing, the task would be canceled."""

    filter: int | None
    passed: list[PassedFilter]
    steps: list[TriedStep]


@router.post("/queues/try", response_model=TriedQueue)
async def queue(body: TryQueue, request: Request, principal: Supervisor) -> Json:
    """Who would serve a queue with this expression, now."""

    def look(stepper: Stepper) -> Json:
        _check_channel(stepper, body.channel)
        asked = try_queue(stepper.state, body.workers, body.channel)
        return {"workers": _seen(asked, _visible(stepper, request, principal))}

    return await _read(request, principal, look)


@router.post("/workflows/try", response_model=TriedWorkflow)
async def workflow(body: TryWorkflow, request: Request, principal: Supervisor) -> Json:
    """Which rule a task with these attributes would meet, and whom its steps would ask, now."""

    def look(stepper: Stepper) -> Json:
        _check_channel(stepper, body.channel)
        ids = {
            one.config.name: one.config.id
            for one in stepper.state.queues.values()
            if principal.sees(one.config.firm_id)
        }

        def queue_id(name: str) -> str:
            if name not in ids:
                raise UnknownQueueName(f"there is no queue {name}", queue=name)
            return ids[name]

        configuration = to_router(body.workflow.model_dump(), queue_id)
        found = try_workflow(stepper.state, configuration, body.attributes, body.channel)
        seen = _visible(stepper, request, principal)
        steps = [msgspec.to_builtins(step) | {"workers": _seen(step.asked, seen)} for step in found.steps]
        return {"filter": found.filter, "passed": msgspec.to_builtins(found.passed), "steps": steps}

    return await _read(request, principal, look)


async def _read(request: Request, principal: Principal, look: Any) -> Json:
    dispatch: Dispatch = request.app.state.dispatch
    _, found = await dispatch.committed(principal.workspace_id, look)
    answer: Json = found
    return answer


def _check_channel(stepper: Stepper, channel: str | None) -> None:
    if channel is not None and channel not in stepper.state.channels:
        raise UnknownTaskChannel(channel=channel)


def _visible(stepper: Stepper, request: Request, principal: Principal) -> set[str]:
    return {each["id"] for each in queries.workers(stepper, request.app.state.dispatch.users, principal)}


def _seen(asked: "tuple[Asked, ...] | list[Asked]", visible: set[str]) -> list[Json]:
    return [{"worker_id": each.worker_id, "ready": each.ready} for each in asked if each.worker_id in visible]
