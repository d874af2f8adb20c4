"""The stage of the rounds: two servers on one data folder, each with a clock of its own, and their PostgreSQL.

As root the folder lies on a small disk in memory (tmpfs) that can be full; else the rounds with a full disk are left out.
"""

import asyncio
import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import httpx

from parlons.app.process import text_of
from parlons.runtime.failures import DRIVER_ERRORS
from parlons.testing.clocks import SharedClock
from parlons.testing.people import Operator
from parlons.testing.processes import OwnPostgres, Running, data_folder

DISK = "1g"
"""Largest size of the small disk; it takes memory only for what is written."""
PATIENCE = 60.0


class Scene:
    """Two servers, of which one owns the router."""

    def __init__(self, data: Path, disk: Path | None) -> None:
        self.data, self.disk = data, disk
        self.postgres = OwnPostgres(data)
        clocks = [data.parent / name for name in ("clock-a", "clock-b")]
        self.clocks = [SharedClock(path) for path in clocks]
        self.servers = [
            Running(data, play=play, clock=clock) for play, clock in zip(("demo", "serve"), clocks, strict=True)
        ]  # type: ignore[arg-type]
        self.urls = [server.url for server in self.servers]

    async def owner(self) -> Running:
        """The server that owns the router now; waits until there is one."""
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(*DRIVER_ERRORS, AssertionError):
                    connection = await asyncpg.connect(self.postgres.dsn, timeout=5)
                    try:
                        name = await connection.fetchval("SELECT owner FROM leases")
                    finally:
                        await connection.close()
                    for server in self.servers:
                        if server.alive and name and name.endswith(f":{server.pid}"):
                            return server
                await asyncio.sleep(0.1)

    async def standby(self) -> Running:
        """The other one."""
        owner = await self.owner()
        return next(server for server in self.servers if server is not owner)

    async def restart(self, server: Running) -> None:
        """Starts a server that was killed, on its port; it comes back as `serve`."""
        server.play = "serve"
        await asyncio.to_thread(server.start)

    async def healthy(self) -> None:
        """Returns when both servers say they are ready."""
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(timeout=5) as client:
            for server in self.servers:
                while True:
                    with contextlib.suppress(httpx.HTTPError):
                        if (await client.get(f"{server.url}/health/ready")).status_code == 200:
                            break
                    await asyncio.sleep(0.1)

    def said(self) -> str:
        """The last words of both servers, for a failure's report."""
        return "\n".join(f"-- {server.url}:\n" + "\n".join(server.said[-30:]) for server in self.servers)


@contextlib.asynccontextmanager
async def scene() -> AsyncIterator[Scene]:
    """Both servers, running, with the practice centre; everything is gone afterwards."""
    with small_disk() as disk, data_folder(disk) as data:
        stage = Scene(data, disk)
        try:
            for server in stage.servers:
                await asyncio.to_thread(server.start)
            await _let_both_shops_in(stage)
            yield stage
        finally:
            stage.postgres.resume()
            for server in reversed(stage.servers):
                if server.alive:
                    await asyncio.to_thread(server.end)


async def _let_both_shops_in(stage: Scene) -> None:
    """A practice customer whose server is gone goes on with the other one, from the same page."""
    origins = ", ".join(f'"{url}"' for url in stage.urls)
    text = re.sub(r"(?m)^(  - key: \w+\n)", rf"\1    origins: [{origins}]\n", text_of("demo.yaml"))
    async with Operator(stage.urls, stage.servers[0].operator_key()) as operator:
        await operator.apply(text)


@contextlib.contextmanager
def small_disk() -> Iterator[Path | None]:
    """A disk in memory that can be full; None when this user may not mount one."""
    if os.geteuid() != 0:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="parlons-chaos-"))
    folder.chmod(0o755)
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0755", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def fill(disk: Path) -> None:
    """The disk has no free block any more."""
    used = os.statvfs(disk)
    kilobytes = (used.f_blocks - used.f_bfree) * used.f_frsize // 1024 + 64
    subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", str(disk)], check=True)


def free(disk: Path) -> None:
    """The disk has room again."""
    subprocess.run(["mount", "-o", f"remount,size={DISK}", str(disk)], check=True)
