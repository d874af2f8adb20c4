"""Held work: what a restored installation must not do by itself, since the one it was copied from may have done it already.

A hold is laid by the restore, before anything serves, and stands until the operator releases it; while it stands the job
worker claims nothing (`jobs._CLAIM`), and whatever is delivered or sent in bulk is a job. Who releases may discard kinds of
jobs first: those which the old installation has certainly carried out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from parlons.kit.clock import to_datetime
from parlons.runtime.db import Tx
from parlons.runtime.jobs import WAKE
from parlons.runtime.schema import NO_TENANT, holds, jobs


@dataclass(frozen=True, slots=True)
class HeldKind:
    """Jobs of one kind that wait."""

    kind: str
    count: int
    due: int
    """How many of them would run at once."""
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that stands."""

    since: datetime
    backup: dict[str, Any]
    """What the backup said of itself: version, time, key."""
    kinds: tuple[HeldKind, ...]


async def held(tx: Tx) -> Hold | None:
    """What is held, None when nothing is. `tx`: a system transaction."""
    row = await tx.fetch_one(sa.select(holds).where(holds.c.released_at.is_(None)))
    if row is None:
        return None
    due = sa.func.count().filter(jobs.c.run_at <= to_datetime(tx.now))
    waiting = (
        sa.select(
            jobs.c.kind, sa.func.count().label("count"), due.label("due"), sa.func.min(jobs.c.run_at).label("oldest")
        )
        .where(jobs.c.state != "failed")
        .group_by(jobs.c.kind)
        .order_by(jobs.c.kind)
    )
    kinds = tuple(HeldKind(**one) for one in await tx.fetch_all(waiting))
    return Hold(row["since"], row["backup"], kinds)


async def hold(tx: Tx, backup: dict[str, Any]) -> None:
    """Holds all jobs from the commit on. A hold that came with the backup is replaced."""
    await tx.execute(sa.delete(holds).where(holds.c.released_at.is_(None)))
    await tx.execute(sa.insert(holds).values(tenant_id=NO_TENANT, since=to_datetime(tx.now), backup=backup))


async def release(tx: Tx, *, discard: Sequence[str] = ()) -> dict[str, int] | None:
    """Lets the held jobs run; those of the kinds in `discard` go first. Returns how many went, by kind; None: nothing was held.

    A job that was taken up before the backup counts as waiting again."""
    ended = sa.update(holds).where(holds.c.released_at.is_(None)).values(released_at=to_datetime(tx.now))
    if await tx.fetch_one(ended.returning(holds.c.id)) is None:
        return None
    gone: dict[str, int] = {}
    for kind in dict.fromkeys(discard):
        left = sa.delete(jobs).where(jobs.c.kind == kind, jobs.c.state != "failed").returning(jobs.c.id)
        gone[kind] = len(await tx.fetch_all(left))
    tx.wake(WAKE)
    return gone
