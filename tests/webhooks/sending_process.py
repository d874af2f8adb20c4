"""A process that only delivers, to be killed: `python -m tests.webhooks.sending_process DSN`. Says `ready`."""

import asyncio
import sys

from parlons.app.webhooks import tell_switched_off
from parlons.runtime.db import Database
from parlons.runtime.jobs import Worker
from parlons.runtime.log import configure_logs
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.runtime.vault import vault
from parlons.webhooks.delivering import Deliverer


async def main(dsn: str) -> None:
    """For ever."""
    vault.unlock(b"the tests' secret key")
    db = await Database.open(dsn, pool_size=4)
    async with SafeHttp(allowed(["127.0.0.1"])) as http:
        print("ready", flush=True)
        await Worker(db, Deliverer(db, http, tell_switched_off).handlers()).run()


if __name__ == "__main__":
    configure_logs(level="warning")
    asyncio.run(main(sys.argv[1]))
