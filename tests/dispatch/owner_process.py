"""A process that owns a workspace until it is killed: `python -m tests.dispatch.owner_process DSN`; says `owner`."""

import asyncio
import sys

from parlons.dispatch.dispatch import Dispatch
from parlons.runtime.db import Database
from tests.dispatch import floor


async def own(dsn: str) -> None:
    """Owns for ever."""
    dispatch = Dispatch(await Database.open(dsn, pool_size=4), name="process")
    await floor.prepare(dispatch, floor.worker(1, "sales", capacity=5))
    print("owner", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(own(sys.argv[1]))
