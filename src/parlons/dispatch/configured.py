"""What a workspace is configured with, whole, as the last commit left it: for export, comparison and checks before a change.

Read from the projections, so any process may ask. What open work still uses is asked here too; the router itself decides
again when the change reaches it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import RowMapping

from parlons.routing.configuration import DEFAULT_CHANNELS, Activity, Queue, TaskChannel, Workflow
from parlons.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class ConfiguredWorker:
    """A worker as he was put."""

    id: str
    name: str
    attributes: dict[str, Any]
    channels: dict[str, int]
    firm_ids: tuple[str, ...]
    activity_id: str


@dataclass(slots=True)
class Configuration:
    """Everything a workspace is configured with, by id; task channels by unique name."""

    activities: dict[str, Activity] = field(default_factory=dict)
    task_channels: dict[str, TaskChannel] = field(default_factory=dict)
    queues: dict[str, Queue] = field(default_factory=dict)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    workers: dict[str, ConfiguredWorker] = field(default_factory=dict)


async def configuration(tx: Tx, workspace_id: str) -> Configuration:
    """The configuration as of the last commit, the five standard task channels included."""
    found = Configuration(task_channels={channel.unique_name: channel for channel in DEFAULT_CHANNELS})
    for data in await _rows(tx, "activities", workspace_id):
        activity = msgspec.convert(data, Activity)
        found.activities[activity.id] = activity
    for data in await _rows(tx, "task_channels", workspace_id):
        channel = msgspec.convert(data, TaskChannel)
        found.task_channels[channel.unique_name] = channel
    for data in await _rows(tx, "queues", workspace_id):
        queue = msgspec.convert(data, Queue)
        found.queues[queue.id] = queue
    for data in await _rows(tx, "workflows", workspace_id):
        workflow = msgspec.convert(data, Workflow)
        found.workflows[workflow.id] = workflow
    for row in await tx.fetch_all(_select("workers", "id, name, data"), {"workspace": workspace_id}):
        found.workers[row["id"]] = _worker(row)
    return found


async def workers_named(tx: Tx, workspace_id: str, worker_id: str, name: str) -> dict[str, ConfiguredWorker]:
    """The worker with this id and those with this name, by id."""
    query = _select("workers", "id, name, data", "AND (id = :id OR name = :name)")
    rows = await tx.fetch_all(query, {"workspace": workspace_id, "id": worker_id, "name": name})
    return {row["id"]: _worker(row) for row in rows}


def _worker(row: RowMapping) -> ConfiguredWorker:
    data = row["data"]
    return ConfiguredWorker(
        row["id"], row["name"], data["attributes"], data["channels"], tuple(data["firm_ids"]), data["activity_id"]
    )


async def configuration_waits(tx: Tx, workspace_id: str) -> bool:
    """Whether a change of the configuration is still on the road: what `configuration` says will soon be otherwise."""
    return bool(
        await tx.scalar(
            "SELECT 1 FROM commands WHERE workspace_id = :workspace AND state = 'new' "
            "AND body->>'command' IN ('configure', 'put_worker', 'remove_worker') LIMIT 1",
            {"workspace": workspace_id},
        )
    )


async def used_by_open_tasks(
    tx: Tx,
    workspace_id: str,
    *,
    queue_ids: Sequence[str] = (),
    workflow_ids: Sequence[str] = (),
    worker_ids: Sequence[str] = (),
) -> dict[str, int]:
    """How many tasks wait in each queue or follow each workflow, and are held by each worker; what nothing uses is left out."""
    rows = await tx.fetch_all(
        "SELECT used, count(*) AS tasks FROM ("
        "  SELECT unnest(ARRAY[queue_id, workflow_id]) AS used FROM tasks"
        "  WHERE workspace_id = :workspace AND status IN ('pending', 'reserved')"
        "  UNION ALL SELECT worker_id FROM tasks WHERE workspace_id = :workspace AND ended_at IS NULL"
        "  UNION ALL SELECT worker_id FROM reservations"
        "  WHERE workspace_id = :workspace AND ended_at IS NULL AND status = 'pending'"
        ") AS uses WHERE used = ANY(:ids) GROUP BY used",
        {"workspace": workspace_id, "ids": [*queue_ids, *workflow_ids, *worker_ids]},
    )
    return {row["used"]: row["tasks"] for row in rows}


async def work_waits(tx: Tx, workspace_id: str) -> bool:
    """Whether any task looks for somebody: one that waits, or whose offer is out."""
    query = "SELECT 1 FROM tasks WHERE workspace_id = :workspace AND status IN ('pending', 'reserved') LIMIT 1"
    return await tx.scalar(query, {"workspace": workspace_id}) is not None


async def names_of_firm(tx: Tx, firm_id: str) -> list[str]:
    """Which kinds of configured things a firm has, in any workspace: `queues`, `workflows`."""
    found = []
    for table in ("queues", "workflows"):
        query = f"SELECT 1 FROM {table} WHERE firm_id = :firm AND NOT removed LIMIT 1"  # noqa: S608  (names of our own)
        if await tx.scalar(query, {"firm": firm_id}) is not None:
            found.append(table)
    return found


async def _rows(tx: Tx, table: str, workspace_id: str) -> list[dict[str, Any]]:
    rows = await tx.fetch_all(_select(table, "data"), {"workspace": workspace_id})
    return [row["data"] for row in rows]


def _select(table: str, columns: str, also: str = "") -> str:
    return f"SELECT {columns} FROM {table} WHERE workspace_id = :workspace AND NOT removed {also} ORDER BY id"  # noqa: S608  (names of our own)
