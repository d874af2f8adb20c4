"""A relay as a process of its own, to be killed: moves outbox rows into the journal, batch by batch, for ever.

Run as `python -m tests.runtime.relay DSN WORKSPACE TENANT`. Prints one line a batch.
"""

import asyncio
import random
import sys

from parlons.runtime import journal
from parlons.runtime.db import Database
from parlons.runtime.outbox import take_outbox
from tests.runtime.leasing import take


async def relay(dsn: str, workspace_id: str, tenant_id: str) -> None:
    """Takes the lease as soon as the relay before is dead, then relays."""
    database = await Database.open(dsn, pool_size=2)
    connection = await database.connect_system()
    await connection.execute("SELECT pg_advisory_lock(hashtextextended($1, 1))", workspace_id)
    lease = await take(connection, workspace_id, tenant_id)
    seq = lease.last_seq
    while True:
        async with connection.transaction():
            entries = await take_outbox(connection, workspace_id, random.randint(1, 40))
            await asyncio.sleep(random.random() * 0.01)  # widens the window for a kill between taking and committing
            seq = await journal.append(connection, lease, seq, entries)
        print(seq, flush=True)
        await asyncio.sleep(random.random() * 0.01)


if __name__ == "__main__":
    asyncio.run(relay(*sys.argv[1:4]))
