"""Flows as data: put by configuration, kept in every version a contact may still be in, loaded with those they lead to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.flows.code import Coded
from parlons.flows.model import Flow
from parlons.flows.running import Definition
from parlons.flows.steps.reaching_people import Transfer
from parlons.flows.text import flow_of
from parlons.flows.vocabulary import STANDARD, Vocabulary
from parlons.kit.errors import NotFound
from parlons.reception.flow_trials import Trial, trial_of, went_live
from parlons.reception.flow_versions import keep_version
from parlons.reception.store import flow_drafts, flow_trials, flow_versions, flows
from parlons.runtime.db import Tx

MOST_FLOWS = 200
"""Flows that one may lead to."""
_REMEMBERED = 500


class UnknownFlow(NotFound):
    """There is no such flow, or its code is not installed here."""

    code = "unknown-flow"


@dataclass(frozen=True, slots=True)
class FlowRow:
    """A flow as it is stored."""

    id: str
    workspace_id: str
    name: str
    source: dict[str, Any]
    """As `flows.text.data_of` writes it; of a Python flow `{"name", "python", "fallback"}`. Without the places of boxes."""
    firm_id: str | None = None
    version: int = 1
    """The live one."""
    trial: Trial | None = None
    """What runs beside it, where it was asked for."""
    layout: dict[str, Any] = field(default_factory=dict)
    """Places of boxes, by step."""


@dataclass(slots=True)
class FlowShelf:
    """Flows read and parsed once by this process; a version never changes."""

    codes: Mapping[str, Coded] = field(default_factory=dict)
    """Python flows by name."""
    vocabulary: Vocabulary = STANDARD
    _read: dict[str, Definition] = field(default_factory=dict)

    def known(self, key: str) -> Definition | None:
        """What was read before: a version never changes."""
        return self._read.get(key)

    def made(self, source: Mapping[str, Any], key: str) -> Definition:
        """The definition of a source; raises UnknownFlow."""
        known = self._read.get(key)
        if known is None:
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            known = self._read[key] = self.read(source, key)
        return known

    def read(self, source: Mapping[str, Any], key: str) -> Definition:
        """The same, not remembered: of a flow made for one contact."""
        if "python" in source:
            code = self.codes.get(source["python"])
            if code is None:
                raise UnknownFlow(python=source["python"])
            return replace(code, id=key, fallback=source.get("fallback") or code.fallback)
        flow, problems = flow_of(dict(source), self.vocabulary, flow_id=key)
        if flow is None:
            raise UnknownFlow(f"A stored flow cannot be read: {problems[0].message}.")
        return flow


async def put_flows(tx: Tx, rows: Sequence[FlowRow], *, author: str = "") -> None:
    """Make these flows so: a source that differs is live from now on, as a new version or as the one that had it. A trial of
    the flow ends with that. Contacts under way stay in the version they began with."""
    for row in rows:
        before = await tx.fetch_one(_mine(tx).where(flows.c.id == row.id).with_for_update())
        live = None if before is None else before["version"]
        version = await keep_version(tx, row.id, row.source, layout=row.layout, live=live, author=author)
        if version != live:
            await went_live(tx, row.id, version, by=author)
        same = {"name": row.name, "firm_id": row.firm_id, "source": row.source, "layout": row.layout}
        values = {**same, "version": version}
        statement = insert(flows).values(id=row.id, tenant_id=tx.tenant_id, workspace_id=row.workspace_id, **values)
        await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


async def remove_flows(tx: Tx, ids: Sequence[str], *, author: str = "") -> None:
    """Nothing names these any more; contacts under way go on in their version, trials and drafts of them are over."""
    for flow_id in ids:
        await went_live(tx, flow_id, None, by=author)
    await tx.execute(
        flow_drafts.delete().where(flow_drafts.c.tenant_id == tx.tenant_id, flow_drafts.c.flow_id.in_(ids))
    )
    await tx.execute(flows.delete().where(flows.c.tenant_id == tx.tenant_id, flows.c.id.in_(list(ids))))


async def all_flows(tx: Tx, workspace_id: str) -> list[FlowRow]:
    """Every flow of a workspace, by name."""
    rows = await tx.fetch_all(_mine(tx).where(flows.c.workspace_id == workspace_id).order_by(flows.c.name))
    return [_row(row) for row in rows]


async def locked_flow(tx: Tx, flow_id: str, *, lock: bool = True) -> FlowRow | None:
    """The present version of a flow as it is stored now; with `lock` nobody else changes it until `tx` ends."""
    query = _mine(tx).where(flows.c.id == flow_id)
    row = await tx.fetch_one(query.with_for_update() if lock else query)
    return None if row is None else _row(row)


async def flow_by_id(tx: Tx, flow_id: str) -> FlowRow | None:
    """The present version of a flow, with the trial that runs beside it."""

    async def read() -> FlowRow | None:
        row = await tx.fetch_one(_mine(tx).where(flows.c.id == flow_id))
        if row is None:
            return None
        here = (flow_trials.c.flow_id == flow_id, flow_trials.c.ended_at.is_(None))
        trial = await tx.fetch_one(sa.select(flow_trials).where(flow_trials.c.tenant_id == tx.tenant_id, *here))
        return replace(_row(row), trial=None if trial is None else trial_of(trial))

    return await tx.remembered(("flow", flow_id), read)


async def definition(tx: Tx, shelf: FlowShelf, flow_id: str, version: int) -> Definition:
    """One version of a flow; raises UnknownFlow."""
    known = shelf.known(f"{flow_id}:{version}")
    if known is not None:
        return known
    here = (flow_versions.c.flow_id == flow_id, flow_versions.c.version == version)
    source = await tx.scalar(sa.select(flow_versions.c.source).where(flow_versions.c.tenant_id == tx.tenant_id, *here))
    if source is None:
        raise UnknownFlow(flow_id=flow_id)
    return shelf.made(source, f"{flow_id}:{version}")


async def library(
    tx: Tx, shelf: FlowShelf, workspace_id: str, first: Definition, keys: Iterable[str]
) -> dict[str, Flow]:
    """The flows `first` may lead to, by name in their present version; and those of `keys`, where the contact is."""
    found: dict[str, Flow] = {}
    for key in keys:
        flow_id, _, version = key.rpartition(":")
        if flow_id and version.isdecimal() and key != first.key:
            known = await definition(tx, shelf, flow_id, int(version))
            if isinstance(known, Flow):
                found[key] = known
    todo = [flow for flow in (first, *found.values()) if isinstance(flow, Flow)]
    while todo and len(found) < MOST_FLOWS:
        for name in _named(todo.pop()):
            if name in found:
                continue
            row = await _flow_named(tx, workspace_id, name)
            if row is None or "python" in row.source:
                continue
            other = shelf.made(row.source, f"{row.id}:{row.version}")
            if isinstance(other, Flow):
                found[name] = found[other.key] = other
                todo.append(other)
    return found


async def _flow_named(tx: Tx, workspace_id: str, name: str) -> FlowRow | None:
    async def read() -> FlowRow | None:
        row = await tx.fetch_one(_mine(tx).where(flows.c.workspace_id == workspace_id, flows.c.name == name))
        return None if row is None else _row(row)

    return await tx.remembered(("flow named", workspace_id, name), read)


def _named(flow: Flow) -> list[str]:
    return [step.flow for step in flow.steps.values() if isinstance(step, Transfer) and step.flow is not None]


def _mine(tx: Tx) -> sa.Select[Any]:
    return sa.select(flows).where(flows.c.tenant_id == tx.tenant_id)


def _row(row: sa.RowMapping) -> FlowRow:
    return FlowRow(
        row["id"], row["workspace_id"], row["name"], row["source"], row["firm_id"], row["version"], layout=row["layout"]
    )
