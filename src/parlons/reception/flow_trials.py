"""A trial: one version of a flow answers a part of the contacts that begin with it, the live version the others.

A customer stays on his side as long as the trial runs: the side is a hash of the trial and of him, so nobody has to remember
it. One trial of a flow runs at a time. Whoever starts, ends or overtakes one locks the flow's row first, then the trial's: of
two who end it at the same moment the second is refused, and is told how it ended.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from parlons.kit.clock import Millis, from_datetime, to_datetime
from parlons.kit.errors import Conflict, Invalid, NotFound
from parlons.reception.flow_versions import UnknownVersion, version_of
from parlons.reception.store import flow_trials, flows
from parlons.runtime.db import Tx

TRIAL = "FT"
"""Prefix of a trial's id."""
Side = Literal["base", "trial"]
Ending = Literal["to-all", "rolled-back", "replaced"]
"""`replaced`: meanwhile another text went live, or the flow was removed."""
_PARTS = 10_000


class UnknownTrial(NotFound):
    """There is no such trial of this flow."""

    code = "unknown-trial"


class TrialRuns(Conflict):
    """A trial of this flow runs already; end it first."""

    code = "trial-runs"


class TrialOver(Conflict):
    """This trial is over already; the details say how it ended and by whom."""

    code = "trial-over"


class NothingToTry(Invalid):
    """This version is the one that answers everybody: there is nothing to try."""

    code = "nothing-to-try"


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial as it is stored."""

    id: str
    workspace_id: str
    flow_id: str
    base_version: int
    trial_version: int
    percent: int
    started_at: Millis
    started_by: str
    ended_at: Millis | None = None
    ended_by: str | None = None
    ending: Ending | None = None

    def version(self, side: Side) -> int:
        """Which version answers on this side."""
        return self.trial_version if side == "trial" else self.base_version


def side_of(trial_id: str, customer: str, percent: int) -> Side:
    """On which side a customer is, always the same; `percent` of all customers are on the side of the trial."""
    digest = hashlib.blake2b(f"{trial_id}\n{customer}".encode(), digest_size=8).digest()
    return "trial" if int.from_bytes(digest) % _PARTS < percent * (_PARTS // 100) else "base"


async def start_trial(tx: Tx, flow_id: str, version: int, percent: int, *, by: str) -> Trial:
    """From now on `version` answers `percent` of the customers. Raises UnknownVersion, NothingToTry, TrialRuns."""
    await version_of(tx, flow_id, version)
    flow = await tx.fetch_one(_flow(tx, flow_id))
    if flow is None:
        raise UnknownVersion(flow_id=flow_id, version=version)
    if version == flow["version"]:
        raise NothingToTry(version=version)
    if await running_trial(tx, flow_id) is not None:
        raise TrialRuns
    trial = Trial(
        tx.new_id(TRIAL), flow["workspace_id"], flow_id, flow["version"], version, percent, Millis(tx.now), by
    )
    values = {name: getattr(trial, name) for name in ("id", "workspace_id", "flow_id", "base_version", "trial_version",
              "percent", "started_by")}  # fmt: skip
    await tx.execute(flow_trials.insert().values(tenant_id=tx.tenant_id, started_at=to_datetime(tx.now), **values))
    return trial


async def running_trial(tx: Tx, flow_id: str) -> Trial | None:
    """The trial of a flow that runs, locked."""
    return await _one(tx, flow_trials.c.flow_id == flow_id, flow_trials.c.ended_at.is_(None))


async def still_runs(tx: Tx, flow_id: str, trial_id: str) -> Trial:
    """This trial and its flow, locked; raises UnknownTrial, TrialOver."""
    await tx.fetch_one(_flow(tx, flow_id))
    trial = await _one(tx, flow_trials.c.flow_id == flow_id, flow_trials.c.id == trial_id)
    if trial is None:
        raise UnknownTrial(trial_id=trial_id)
    if trial.ended_at is not None:
        raise TrialOver(ending=trial.ending, by=trial.ended_by)
    return trial


async def end_trial(tx: Tx, trial: Trial, ending: Ending, *, by: str) -> None:
    """It is over; `trial` is locked by `tx`."""
    here = (flow_trials.c.tenant_id == tx.tenant_id, flow_trials.c.id == trial.id)
    values = {"ended_at": to_datetime(tx.now), "ended_by": by, "ending": ending}
    await tx.execute(flow_trials.update().where(*here).values(**values))


async def went_live(tx: Tx, flow_id: str, version: int | None, *, by: str) -> None:
    """A version of the flow, or (None) no flow at all, is what everybody gets now: a trial that ran is over."""
    trial = await running_trial(tx, flow_id)
    if trial is not None:
        await end_trial(tx, trial, "to-all" if version == trial.trial_version else "replaced", by=by)


async def trials_of(tx: Tx, flow_id: str, *, limit: int = 50) -> list[Trial]:
    """Every trial of a flow, the latest first."""
    here = (flow_trials.c.tenant_id == tx.tenant_id, flow_trials.c.flow_id == flow_id)
    rows = await tx.fetch_all(sa.select(flow_trials).where(*here).order_by(flow_trials.c.id.desc()).limit(limit))
    return [trial_of(row) for row in rows]


async def trial_by_id(tx: Tx, flow_id: str, trial_id: str) -> Trial:
    """One trial; raises UnknownTrial."""
    here = (flow_trials.c.tenant_id == tx.tenant_id, flow_trials.c.flow_id == flow_id, flow_trials.c.id == trial_id)
    row = await tx.fetch_one(sa.select(flow_trials).where(*here))
    if row is None:
        raise UnknownTrial(trial_id=trial_id)
    return trial_of(row)


async def trials_running(tx: Tx, flow_ids: Sequence[str]) -> dict[str, Trial]:
    """The trials of these flows that run, by flow."""
    here = (flow_trials.c.tenant_id == tx.tenant_id, flow_trials.c.flow_id.in_(flow_ids))
    rows = await tx.fetch_all(sa.select(flow_trials).where(*here, flow_trials.c.ended_at.is_(None)))
    return {row["flow_id"]: trial_of(row) for row in rows}


def trial_of(row: RowMapping) -> Trial:
    """A row of `flow_trials` as a value."""
    same = {name: row[name] for name in Trial.__dataclass_fields__ if not name.endswith("_at")}
    ended = None if row["ended_at"] is None else from_datetime(row["ended_at"])
    return Trial(started_at=from_datetime(row["started_at"]), ended_at=ended, **same)


async def _one(tx: Tx, *where: sa.ColumnElement[bool]) -> Trial | None:
    query = sa.select(flow_trials).where(flow_trials.c.tenant_id == tx.tenant_id, *where)
    row = await tx.fetch_one(query.with_for_update())
    return None if row is None else trial_of(row)


def _flow(tx: Tx, flow_id: str) -> sa.Select[Any]:
    return sa.select(flows).where(flows.c.tenant_id == tx.tenant_id, flows.c.id == flow_id).with_for_update()
