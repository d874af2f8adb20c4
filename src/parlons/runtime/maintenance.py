"""Housekeeping of one installation: partitions ahead, retention, old keys and outcomes, orphaned files.

Every step may run at any time, in several processes at once, and be repeated; one that fails is logged and tried in the
next round. What is kept how long is the operator's decision (`Retention`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from parlons.kit.clock import to_datetime
from parlons.kit.errors import Refusal
from parlons.runtime import snapshots
from parlons.runtime.db import Database
from parlons.runtime.failures import database_failures
from parlons.runtime.files import Files
from parlons.runtime.http import forget_keys
from parlons.runtime.log import log
from parlons.runtime.migrate import keep_partitions
from parlons.runtime.road import forget_commands

EVERY = 3600.0


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept."""

    journal_days: int | None = None
    """None: for ever. Snapshots go with the journal."""
    command_days: int = 7


Step = Callable[[Database], Awaitable[None]]


async def maintain(db: Database, files: Files, retention: Retention, also: Sequence[Step] = ()) -> None:
    """One round. `also`: what rooms have to tidy up."""
    now = to_datetime(db.clock())

    async def partitions() -> None:
        with database_failures():
            connection = await asyncpg.connect(db.dsn, timeout=10)
            try:
                await keep_partitions(connection, now=now, keep_days=retention.journal_days)
            finally:
                await connection.close()

    async def rows() -> None:
        async with db.system() as tx:
            await forget_keys(tx)
            raw = await tx.raw()
            await forget_commands(raw, days=retention.command_days)
            oldest = "SELECT workspace_id, min(first_seq) seq FROM journal GROUP BY workspace_id"
            for workspace_id, seq in await raw.fetch(oldest) if retention.journal_days is not None else []:
                await snapshots.forget_snapshots(raw, workspace_id, seq)

    async def due() -> None:
        await files.delete_due(db)

    async def orphans() -> None:
        await files.sweep(db, now=now)

    steps: list[Callable[[], Awaitable[None]]] = [partitions, rows, due, orphans]
    named = [(step.__name__, step) for step in steps] + [(each.__name__, partial(each, db)) for each in also]
    for name, step in named:
        try:
            await step()
        except (Refusal, SQLAlchemyError, asyncpg.PostgresError, OSError):
            log.exception("maintenance.failed", step=name)


async def keep_house(db: Database, files: Files, retention: Retention, also: Sequence[Step] = ()) -> None:
    """Rounds for ever, one an hour."""
    while True:
        await maintain(db, files, retention, also)
        await asyncio.sleep(EVERY)
