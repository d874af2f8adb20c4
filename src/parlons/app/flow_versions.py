"""Versions of flows beside the configuration: the state somebody saw, a text checked as if it went live, a version made live."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from parlons.accounts.http import database, now
from parlons.accounts.model import Principal
from parlons.app.configuration.check import Thing, defaults
from parlons.app.configuration.current import read_current
from parlons.app.configuration.flows import source_of
from parlons.app.configuration.laying import lay_down
from parlons.app.configuration.refusals import VersionMissing
from parlons.app.configuration.text import Fault, InvalidConfigurationFile
from parlons.app.configuration.wanted import Wanted, of_fields, read_thing, seen_etag
from parlons.flows.picture import without_places
from parlons.kit.marked import read
from parlons.reception.flow_rows import FlowRow, UnknownFlow, all_flows, locked_flow
from parlons.reception.flow_trials import Trial, trials_running
from parlons.reception.flow_versions import version_of
from parlons.runtime.conditional import ChangedMeanwhile
from parlons.runtime.db import Tx

Json = dict[str, Any]
Guard = Callable[[Tx], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class State:
    """A flow as it stands: what is live, and what is tried."""

    row: FlowRow
    trial: Trial | None

    @property
    def etag(self) -> str:
        """Changes whenever another version goes live, and when a trial begins or ends."""
        return f"{self.row.version}.{self.trial.id if self.trial is not None else '-'}"


async def states(tx: Tx, workspace_id: str) -> list[State]:
    """Every flow of a workspace, by name."""
    rows = await all_flows(tx, workspace_id)
    running = await trials_running(tx, [row.id for row in rows])
    return [State(row, running.get(row.id)) for row in rows]


async def state(tx: Tx, principal: Principal, flow_id: str, *, lock: bool = False) -> State:
    """One flow of the principal's workspace; raises UnknownFlow. `lock`: nobody else changes it until `tx` ends."""
    row = await locked_flow(tx, flow_id, lock=lock)
    if row is None or row.workspace_id != principal.workspace_id:
        raise UnknownFlow(flow_id=flow_id)
    return State(row, (await trials_running(tx, [flow_id])).get(flow_id))


def check_seen(there: State, if_match: str | None) -> None:
    """Raise VersionMissing or ChangedMeanwhile unless the caller saw what is there."""
    seen = seen_etag(if_match)
    if seen is None:
        raise VersionMissing(etag=there.etag)
    if seen not in ("*", there.etag):
        raise ChangedMeanwhile(kind="flow", name=there.row.name, etag=there.etag)


@dataclass(frozen=True, slots=True)
class Checked:
    """What would be stored of a text."""

    source: Json
    layout: Json
    text: str | None
    """As it was written; None: it is to be written anew, for it is called otherwise or says more than a flow does."""


async def checked(request: Request, principal: Principal, flow_id: str, text: str) -> Checked:
    """A text as it would be stored, if it went live now; raises InvalidConfigurationFile with its faults."""
    data = read(text, InvalidConfigurationFile).data
    told = data
    data = data[0] if isinstance(data, list) and len(data) == 1 else data
    if not isinstance(data, dict):
        raise InvalidConfigurationFile([Fault(1, 1, "", "this is no flow", "Begin with `name:`.")])
    wanted, name = await _wanted(request, principal, flow_id, data)
    try:
        applied = await lay_down(
            database(request), request.app.state.dispatch, principal, wanted, now=now(request), dry_run=True
        )
    except InvalidConfigurationFile as error:
        raise of_fields(error, wanted) from None
    as_it_is = told is data and data.get("name") == name and "firm" not in data
    source, layout = without_places(source_of(applied.plan.after["flow"][name]))
    return Checked(source, layout, text if as_it_is else None)


async def check_version(request: Request, principal: Principal, flow_id: str, version: int) -> None:
    """Raise unless this version could go live now: what it names may be gone since it was written."""
    async with database(request).transaction(principal.tenant_id) as tx:
        text = (await version_of(tx, flow_id, version)).text
    await checked(request, principal, flow_id, text)


async def make_live(request: Request, principal: Principal, flow_id: str, version: int, guard: Guard) -> None:
    """This version answers everybody from now on; `guard` raises, in the same transaction, when that is not wanted any more."""
    async with database(request).transaction(principal.tenant_id) as tx:
        text = (await version_of(tx, flow_id, version)).text
    wanted, _ = await _wanted(request, principal, flow_id, read(text).data)
    wanted.guard = guard
    try:
        await lay_down(database(request), request.app.state.dispatch, principal, wanted, now=now(request))
    except InvalidConfigurationFile as error:
        raise of_fields(error, wanted) from None


async def _wanted(request: Request, principal: Principal, flow_id: str, source: Json) -> tuple[Wanted, str]:
    """The flow with this text, whole: what the text does not say is as in a new one. Its name and firm stay."""
    async with database(request).transaction(principal.tenant_id) as tx:
        row = (await state(tx, principal, flow_id)).row
        there = (await read_current(tx, principal.workspace_id)).things["flow"][row.name]
    thing: Thing = {**defaults("flow"), **source, "name": row.name, "firm": there["firm"]}
    wanted = read_thing("flow", row.name, thing)
    wanted.watch = False
    return wanted, row.name
