"""The floor that the durable figures are measured on: 1,000 workers, 100 queues, a PostgreSQL of its own with fsync on."""

import asyncio
import contextlib
import json
import os
import random
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from benchmarks.routing_pure import WORKERS, attributes_of, create, expression, one_filter
from parlons.dispatch.dispatch import Dispatch
from parlons.routing import commands as c
from parlons.routing.configuration import Activity, Queue, Settings, Workflow
from parlons.runtime.db import Database
from parlons.runtime.migrate import upgrade
from parlons.runtime.postgres.supervisor import ensure_server, release_server

TENANT = "AC" + "b" * 32
WORKSPACE = "WS" + "b" * 32
QUEUES = 100
OFFLINE, READY = "WA" + "0" * 32, "WA" + "1" * 32


def line(
    name: str, value: float, unit: str, baseline: float | None = None, ratio: float | None = None, note: str = ""
) -> None:
    """Print one figure."""
    shown: dict[str, Any] = {"name": name, "value": round(value, 3), "unit": unit, "baseline": baseline, "ratio": ratio}
    if note:
        shown["note"] = note
    print(json.dumps(shown), flush=True)


@contextlib.asynccontextmanager
async def database() -> AsyncIterator[Database]:
    """A fresh migrated database on a server of its own, or on the one `PARLONS_TEST_DSN` names; durable."""
    given = os.environ.get("PARLONS_TEST_DSN")
    if given:
        await upgrade(given)
        opened = await Database.open(given)
        try:
            yield opened
        finally:
            await opened.close()
        return
    folder = await asyncio.to_thread(_folder)
    server = await asyncio.to_thread(ensure_server, folder / "data", say=lambda _: None)
    try:
        await upgrade(server.dsn)
        opened = await Database.open(server.dsn)
        try:
            yield opened
        finally:
            await opened.close()
    finally:
        await asyncio.to_thread(release_server, server)
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="parlons-bench-"))
    folder.chmod(0o755)
    return folder


def worker_id(number: int) -> str:
    """The id of a worker."""
    return f"WK{number:032x}"


async def configure(dispatch: Dispatch, rng: random.Random, *, workers: int = WORKERS, capacity: int = 1) -> list[int]:
    """Opens the workspace as owner, lays queues, workflows and workers down; returns the queues somebody serves."""
    await dispatch.open(WORKSPACE, TENANT)
    await dispatch.ready(WORKSPACE, as_owner=True)
    queues = tuple(Queue(f"WQ{number:032x}", f"Q{number}", expression(number)) for number in range(QUEUES))
    workflows = tuple(Workflow(f"WW{number:032x}", f"W{number}", one_filter(number)) for number in range(QUEUES))
    activities = (Activity(OFFLINE, "Offline", False), Activity(READY, "Available", True))
    settings = Settings(default_activity_id=OFFLINE)
    await dispatch.send(WORKSPACE, c.Configure(put=(*activities, *queues, *workflows), settings=settings))
    await asyncio.gather(
        *(
            dispatch.send(WORKSPACE, c.PutWorker(worker_id(n), f"w{n}", attributes_of(rng), {"chat": capacity}, READY))
            for n in range(workers)
        )
    )
    state = dispatch.state(WORKSPACE)
    return [number for number in range(QUEUES) if state.queues[f"WQ{number:032x}"].members]


def task(number: int, queue: int, rng: random.Random) -> c.CreateTask:
    """A chat with 120 bytes of attributes for a queue."""
    return create(number, queue, rng.randrange(10))
