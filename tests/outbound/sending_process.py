"""A process that only feeds and sends, to be killed: `python -m tests.outbound.sending_process DSN FOLDER`. Says `ready`."""

import asyncio
import sys
from pathlib import Path

from parlons.channels.post import open_post
from parlons.outbound.feeding import Outbound
from parlons.outbound.leaving import Leaving
from parlons.reception.handler import Reception
from parlons.runtime.db import Database
from parlons.runtime.files import Files
from parlons.runtime.log import configure_logs
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.runtime.vault import vault

SECRET = b"s" * 32


async def main(dsn: str, folder: Path) -> None:
    """For ever."""
    vault.unlock(b"the tests' secret key")
    db = await Database.open(dsn, pool_size=6)
    async with SafeHttp(allowed(["127.0.0.0/8"])) as http, asyncio.TaskGroup() as group:
        url = "https://desk.example"
        post = open_post(db, http=http, files=Files(folder), handler=Reception(), secret=SECRET, public_url=url)
        group.create_task(post.owner.run())
        group.create_task(Outbound(db, post, Leaving(SECRET, url)).run())
        print("ready", flush=True)


if __name__ == "__main__":
    configure_logs(level="warning")
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
