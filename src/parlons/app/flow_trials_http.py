"""Routes of flow versions and trials: what a flow said when, the difference of two, a version kept without being used, one made
live again; a trial of one on a part of the contacts, what it shows, and its end.

A version goes live by the road of every setting (`lay_down`): it is checked as a whole, with what it names, and stands in the
history. Writers say by If-Match which state of the flow they saw; a trial's end needs none, for it happens once.
"""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import BaseModel, Field

from parlons.accounts import audit
from parlons.accounts.http import Administrator, Body, database, now
from parlons.accounts.model import Principal
from parlons.app import flow_versions as versions
from parlons.app.configuration.laying import APPLIED, check_rights
from parlons.kit.clock import to_iso
from parlons.reception import flow_trials as trials
from parlons.reception.flow_trials import Trial
from parlons.reception.flow_trials_figures import figures
from parlons.reception.flow_trials_outcomes import Outcome
from parlons.reception.flow_versions import (
    LONGEST_NOTE,
    Change,
    Version,
    keep_version,
    side_by_side,
    version_of,
    versions_of,
)
from parlons.runtime.db import Tx
from parlons.runtime.events import Audience, Event
from parlons.runtime.http import Once

router = APIRouter(prefix="/flows", tags=["flows"])
Json = dict[str, Any]
IfMatch = Annotated[str | None, Header(description="The etag of the flow that was seen, or *.")]
Number = Annotated[int, Query(ge=1, le=2**31 - 1)]
Place = Annotated[int, Path(ge=1, le=2**31 - 1)]


class FlowTrial(BaseModel):
    id: str
    flow_id: str
    base_version: int
    trial_version: int
    percent: int
    started_at: str
    started_by: str
    ended_at: str | None
    ended_by: str | None
    ending: trials.Ending | None


class FlowState(BaseModel):
    id: str
    name: str
    version: int
    """The live one."""
    etag: str
    trial: FlowTrial | None
    """The one that runs."""


class FlowStates(BaseModel):
    items: list[FlowState]


class FlowVersion(BaseModel):
    version: int
    at: str | None
    author: str
    note: str
    live: bool
    text: str | None = None
    """As a file would have it; of one version only."""


class FlowVersions(BaseModel):
    items: list[FlowVersion]
    next: int | None


class DifferenceLine(BaseModel):
    change: Change
    before: str | None
    after: str | None


class FlowDifference(BaseModel):
    lines: list[DifferenceLine]


class Share(BaseModel):
    """`low` and `high`: the 95 % interval of the share (Wilson)."""

    count: int
    share: float | None
    low: float
    high: float


class TrialSide(BaseModel):
    side: trials.Side
    version: int
    begun: int
    under_way: int
    ended: int
    median_seconds: float | None
    p90_seconds: float | None
    shares: dict[Outcome, Share]


class ShareDifference(BaseModel):
    """Trial less base, with its 95 % interval (Newcombe). `told`: the interval does not hold zero."""

    value: float | None
    low: float
    high: float
    told: bool


class TrialFigures(BaseModel):
    trial: FlowTrial
    sides: list[TrialSide]
    differences: dict[Outcome, ShareDifference]


class FlowTrials(BaseModel):
    items: list[FlowTrial]


class NewVersion(Body):
    text: Annotated[str, Field(max_length=1_000_000)]
    """The flow as YAML or JSON, as `GET /settings/text/flow/NAME` gives it."""
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""


class NewTrial(Body):
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    percent: Annotated[int, Field(ge=1, le=99)]


class TrialEnd(Body):
    how: Literal["to-all", "roll-back"]


@router.get("", response_model=FlowStates)
async def list_flows(request: Request, principal: Administrator) -> Json:
    """Every flow, with the version that is live and the trial that runs."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        return {"items": [_state(one) for one in await versions.states(tx, principal.workspace_id)]}


@router.get("/{flow_id}", response_model=FlowState)
async def read_flow(flow_id: str, request: Request, response: Response, principal: Administrator) -> Json:
    """One flow, with the version that is live and the trial that runs."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        found = _state(await versions.state(tx, principal, flow_id))
    response.headers["ETag"] = f'"{found["etag"]}"'
    return found


@router.get("/{flow_id}/versions", response_model=FlowVersions)
async def list_versions(
    flow_id: str,
    request: Request,
    principal: Administrator,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Json:
    """Every text this flow had, the latest first; `before`: the last number of the page before."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        here = await versions.state(tx, principal, flow_id)
        found = await versions_of(tx, flow_id, before=before, limit=limit + 1)
    items = [_version(one, here.row.version) for one in found[:limit]]
    return {"items": items, "next": items[-1]["version"] if len(found) > limit else None}


@router.get("/{flow_id}/versions/{version}", response_model=FlowVersion)
async def read_version(flow_id: str, version: Place, request: Request, principal: Administrator) -> Json:
    """One text this flow had."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        here = await versions.state(tx, principal, flow_id)
        found = await version_of(tx, flow_id, version)
    return {**_version(found, here.row.version), "text": found.text}


@router.get("/{flow_id}/difference", response_model=FlowDifference)
async def compare_versions(
    flow_id: str, before: Number, after: Number, request: Request, principal: Administrator
) -> Json:
    """Two versions line by line, side by side."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        await versions.state(tx, principal, flow_id)
        old, new = await version_of(tx, flow_id, before), await version_of(tx, flow_id, after)
    lines = await asyncio.to_thread(side_by_side, old.text, new.text)
    return {"lines": [{"change": each.change, "before": each.before, "after": each.after} for each in lines]}


@router.post("/{flow_id}/versions", response_model=FlowVersion, status_code=201)
async def add_version(
    flow_id: str, body: NewVersion, once: Once, request: Request, principal: Administrator
) -> Response:
    """Keep a text as a version without using it: it can be tried. Checked as if it went live. A text there is already keeps
    its number."""
    check_rights(principal)
    found = await versions.checked(request, principal, flow_id, body.text)

    async def act(tx: Tx) -> Json:
        here = await versions.state(tx, principal, flow_id, lock=True)
        number = await keep_version(
            tx, flow_id, found.source, layout=found.layout, text=found.text, live=here.row.version,
            author=principal.name, note=body.note,
        )  # fmt: skip
        return _version(await version_of(tx, flow_id, number), here.row.version)

    return await once.run(database(request), principal.tenant_id, principal.actor, act, status=201)


@router.post("/{flow_id}/versions/{version}/publish", response_model=FlowState)
async def publish_version(
    flow_id: str, version: Place, request: Request, principal: Administrator, if_match: IfMatch = None
) -> Json:
    """Back to this version: from now on it answers everybody. A trial that runs ends with that."""
    check_rights(principal)

    async def guard(tx: Tx) -> None:
        versions.check_seen(await versions.state(tx, principal, flow_id, lock=True), if_match)

    await versions.make_live(request, principal, flow_id, version, guard)
    return await _now(request, principal, flow_id)


@router.get("/{flow_id}/trials", response_model=FlowTrials)
async def list_trials(flow_id: str, request: Request, principal: Administrator) -> Json:
    """The trials of a flow, the latest first."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        await versions.state(tx, principal, flow_id)
        return {"items": [_trial(one) for one in await trials.trials_of(tx, flow_id)]}


@router.get("/{flow_id}/trials/{trial_id}", response_model=TrialFigures)
async def read_trial(flow_id: str, trial_id: str, request: Request, principal: Administrator) -> Json:
    """Both sides of a trial as they stand now."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        await versions.state(tx, principal, flow_id)
        trial = await trials.trial_by_id(tx, flow_id, trial_id)
        return {"trial": _trial(trial), **await figures(tx, trial)}


@router.post("/{flow_id}/trials", response_model=FlowTrial, status_code=201)
async def start_trial(
    flow_id: str, body: NewTrial, once: Once, request: Request, principal: Administrator, if_match: IfMatch = None
) -> Response:
    """Give a version to a part of the customers; each stays on his side. Contacts under way end as they began."""
    check_rights(principal)
    await versions.check_version(request, principal, flow_id, body.version)

    async def act(tx: Tx) -> Json:
        versions.check_seen(await versions.state(tx, principal, flow_id, lock=True), if_match)
        trial = await trials.start_trial(tx, flow_id, body.version, body.percent, by=principal.name)
        after = {"version": body.version, "percent": body.percent}
        await audit.record(tx, principal, "flow.trial_started", flow_id, now=now(request), after=after)
        _tell(tx, principal)
        return _trial(trial)

    return await once.run(database(request), principal.tenant_id, principal.actor, act, status=201)


@router.post("/{flow_id}/trials/{trial_id}/end", response_model=FlowState)
async def end_trial(flow_id: str, trial_id: str, body: TrialEnd, request: Request, principal: Administrator) -> Json:
    """End a trial: its version answers everybody (`to-all`), or nobody (`roll-back`). Said twice it is done once; who says the
    other is refused (trial-over)."""
    check_rights(principal)
    try:
        await (_to_all if body.how == "to-all" else _roll_back)(request, principal, flow_id, trial_id)
    except trials.TrialOver as over:
        if over.details["ending"] != ("to-all" if body.how == "to-all" else "rolled-back"):
            raise
    return await _now(request, principal, flow_id)


async def _to_all(request: Request, principal: Principal, flow_id: str, trial_id: str) -> None:
    async with database(request).transaction(principal.tenant_id) as tx:
        await versions.state(tx, principal, flow_id)
        version = (await trials.still_runs(tx, flow_id, trial_id)).trial_version

    async def guard(tx: Tx) -> None:
        await trials.still_runs(tx, flow_id, trial_id)

    await versions.make_live(request, principal, flow_id, version, guard)


async def _roll_back(request: Request, principal: Principal, flow_id: str, trial_id: str) -> None:
    async with database(request).transaction(principal.tenant_id) as tx:
        await versions.state(tx, principal, flow_id)
        trial = await trials.still_runs(tx, flow_id, trial_id)
        await trials.end_trial(tx, trial, "rolled-back", by=principal.name)
        after = {"version": trial.trial_version}
        await audit.record(tx, principal, "flow.trial_rolled_back", flow_id, now=now(request), after=after)
        _tell(tx, principal)


async def _now(request: Request, principal: Principal, flow_id: str) -> Json:
    async with database(request).transaction(principal.tenant_id) as tx:
        return _state(await versions.state(tx, principal, flow_id))


def _tell(tx: Tx, principal: Principal) -> None:
    """Every process forgets what it remembered of flows, and screens read anew."""
    data = {"changed": {"flow": 1}, "users": {}}
    tx.publish(Event(principal.workspace_id, APPLIED, data, audience=Audience(everyone=True)))


def _state(one: versions.State) -> Json:
    row = one.row
    trial = None if one.trial is None else _trial(one.trial)
    return {"id": row.id, "name": row.name, "version": row.version, "etag": one.etag, "trial": trial}


def _trial(one: Trial) -> Json:
    same = ("id", "flow_id", "base_version", "trial_version", "percent", "started_by", "ended_by", "ending")
    ended = None if one.ended_at is None else to_iso(one.ended_at)
    return {**{name: getattr(one, name) for name in same}, "started_at": to_iso(one.started_at), "ended_at": ended}


def _version(one: Version, live: int) -> Json:
    at = None if one.at is None else to_iso(one.at)
    return {"version": one.version, "at": at, "author": one.author, "note": one.note, "live": one.version == live}
