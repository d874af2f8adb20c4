"""Routes of the picture of a flow: what kinds of steps there are, what is wrong with a draft, what a contact with it would be.

Nothing here is stored: a draft comes with every question, as a picture or as a text, however little of it there is.
"""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from parlons.accounts import loading
from parlons.accounts.http import Administrator, database, now
from parlons.accounts.opening import all_hours
from parlons.app import flow_builder as builder
from parlons.app.configuration.laying import check_rights
from parlons.app.flow_builder_bodies import DraftBody, Simulation
from parlons.app.flow_versions import state
from parlons.dispatch.configured import configuration
from parlons.flows.drafts import Draft, Names, check_depth
from parlons.flows.simulating import simulate
from parlons.kit.clock import Millis, to_iso
from parlons.reception.flow_rows import FlowShelf, all_flows, library
from parlons.reception.flow_traffic import HOUR, traffic_of
from parlons.runtime.db import Tx

router = APIRouter(prefix="/flows", tags=["flows"])
Json = dict[str, Any]


class StepField(BaseModel):
    """A word of a step: `type` says what it holds, `group` in which part of a form it belongs."""

    name: str
    type: str
    group: Literal["words", "ways", "settings"]
    required: bool
    null: bool
    default: Any = None
    values: list[str] | None = None
    whole: bool | None = None
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    of: "StepField | None" = None
    fields: "list[StepField] | None" = None
    options: "list[StepField] | None" = None
    only_when: dict[str, list[str]] | None = None


class StepKind(BaseModel):
    """`ways` and `words`: where it names steps and where it has words, `*` for every key."""

    kind: str
    category: str
    person: bool
    waits: bool
    ways: list[str]
    words: list[str]
    fields: list[StepField]


class StepKinds(BaseModel):
    """`names`: what exists in this workspace, by type of field."""

    kinds: list[StepKind]
    header: list[StepField]
    names: dict[str, list[str]]


class PictureNode(BaseModel):
    name: str
    kind: str | None
    at: list[int] | None
    title: str
    fields: Json
    raw: Any = None


class PictureEdge(BaseModel):
    from_: Annotated[str, Field(alias="from")]
    path: list[str | int]
    port: str
    to: str
    exists: bool


class FlowPicture(BaseModel):
    header: Json
    nodes: list[PictureNode]
    edges: list[PictureEdge]


class DraftOffer(BaseModel):
    """A change that puts a problem right; which words it has depends on `offer`."""

    offer: Literal["connect", "start", "remove", "unset", "set", "add"]
    step: str | None = None
    path: list[str | int] | None = None
    to: str | None = None
    value: Any = None
    kind: str | None = None


class DraftProblem(BaseModel):
    code: str
    message: str
    remedy: str
    grave: bool
    path: list[str | int]
    step: str | None
    port: str | None
    line: int
    column: int
    offers: list[DraftOffer]


class CheckedDraft(BaseModel):
    picture: FlowPicture | None
    text: str
    valid: bool
    problems: list[DraftProblem]


class SimulatedState(BaseModel):
    """What the contact can do now. `at`: ask, take_message, queue, over, or another thing that is waited for."""

    at: str
    step: str | None
    keys: list[str]
    choices: list[Json]
    queue: str | None
    workflow: str | None
    silence_seconds: float | None
    secret: bool


class SimulatedWay(BaseModel):
    flow: str
    from_: Annotated[str | None, Field(alias="from")]
    to: str | None
    port: str | None
    ports: list[str]


class ToldLine(BaseModel):
    what: Literal["answered", "unanswered", "tried", "verified"]
    label: str
    value: str = ""


class Simulated(BaseModel):
    """`events`: what was heard, asked, done and decided, each with `event`, `seconds`, `at`, `act` and words of its own."""

    begun: bool
    problems: list[DraftProblem]
    events: list[Json]
    path: list[SimulatedWay]
    state: SimulatedState | None
    ended: str | None
    falls: bool
    seconds: float
    cut: bool
    variables: Json
    told: list[ToldLine]


class TrafficEdge(BaseModel):
    """`from` none: the beginning; `to` none: the end."""

    from_: Annotated[str | None, Field(alias="from")]
    to: str | None
    count: int


class FlowTraffic(BaseModel):
    """`here`: contacts under way that stand at a step now."""

    flow_id: str
    version: int
    since: str
    until: str
    edges: list[TrafficEdge]
    here: dict[str, int]


@router.get("/step-kinds", response_model=StepKinds, response_model_exclude_unset=True)
async def list_step_kinds(request: Request, principal: Administrator) -> Json:
    """Every kind of step with its fields, and the names that fields may name."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        names = await _known(tx, principal.workspace_id)
        named = {
            "queue": sorted(names.queues or ()),
            "workflow": sorted(names.workflows or ()),
            "flow": sorted(names.flows or ()),
            "hours": sorted({each.name for each in await all_hours(tx)}),
            "firm": sorted(firm.name for firm in await loading.all_firms(tx)),
        }
    return {"kinds": builder.kinds(), "header": builder.HEADER, "names": named}


@router.post("/check", response_model=CheckedDraft, response_model_exclude_unset=True)
async def check_draft(body: DraftBody, request: Request, principal: Administrator) -> Json:
    """What is wrong with a draft, what would put it right, and both forms of it."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        names = await _known(tx, principal.workspace_id)

    def work() -> Json:
        return builder.checked(_draft(body, names), names)

    return await asyncio.to_thread(work)


@router.post("/simulate", response_model=Simulated, response_model_exclude_unset=True)
async def simulate_draft(body: Simulation, request: Request, principal: Administrator) -> Json:
    """What a contact that did all this would have heard and where it would be now."""
    check_rights(principal)
    for part in (body.variables, body.http, body.customer):
        check_depth(part)
    async with database(request).transaction(principal.tenant_id) as tx:
        names = await _known(tx, principal.workspace_id)
        draft = await asyncio.to_thread(_draft, body, names)
        others = await library(tx, FlowShelf(), principal.workspace_id, draft.flow, ())

    def work() -> Json:
        problems = builder.problems(draft, names, offers=False)
        if draft.flow.start not in draft.flow.steps:
            return {"begun": False, "problems": problems, **builder.NOTHING}
        return {"begun": True, "problems": problems, **builder.story(simulate(
            draft.flow, body.deeds(), library=others, **body.about()
        ))}  # fmt: skip

    return await asyncio.to_thread(work)


@router.get("/{flow_id}/traffic", response_model=FlowTraffic)
async def read_traffic(
    flow_id: str,
    request: Request,
    principal: Administrator,
    hours: Annotated[int, Query(ge=1, le=24 * 7)] = 24,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Json:
    """How many contacts took each way of a version (none named: the live one) in the last hours, and how many stand where now.
    Counts are written every few seconds, by the hour in which they were made."""
    check_rights(principal)
    until = now(request)
    since = Millis(until - hours * HOUR)
    async with database(request).transaction(principal.tenant_id) as tx:
        live = (await state(tx, principal, flow_id)).row.version
        number = version or live
        seen = await traffic_of(tx, flow_id, number, since)
    edges = [{"from": came, "to": to, "count": count} for (came, to), count in seen.ways.items()]
    return {"flow_id": flow_id, "version": number, "since": to_iso(since - since % HOUR), "until": to_iso(until),
            "edges": edges, "here": seen.here}  # fmt: skip


def _draft(body: DraftBody, names: Names) -> Draft:
    return builder.draft(body.picture.value() if body.picture is not None else None, body.text, names)


async def _known(tx: Tx, workspace_id: str) -> Names:
    """What a flow of this workspace may name."""
    router_things = await configuration(tx, workspace_id)
    return Names(
        flows={row.name for row in await all_flows(tx, workspace_id)},
        queues={queue.name for queue in router_things.queues.values()},
        workflows={workflow.name for workflow in router_things.workflows.values()},
    )
