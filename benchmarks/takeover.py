"""How long the router is away when its owner dies: from the kill to the first new reservation received by a desk socket.

Two server processes on one database, both under load, a desk socket at each. Eight times the owner is killed with -9 and a
new standby started; besides, the owner is stopped twice (SIGSTOP) until its lease has ended and then let go on. Afterwards
the ledger of acknowledged tasks is compared with the database, and the journal is replayed from its beginning.

`python -m benchmarks.takeover [--quick]`
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import uvloop
from websockets.asyncio.client import unix_connect
from websockets.exceptions import ConnectionClosed

from benchmarks import floor
from benchmarks.floor import WORKSPACE, line
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.replay import catch_up, opened
from parlons.routing.snapshot import state_digest
from parlons.runtime.db import Database

KILLS, STOPS = 8, 2
STOPPED = 30.0


@dataclass
class Seen:
    """What the desks and the processes said."""

    received: dict[int, float] = field(default_factory=dict)
    """When the first desk got the reservation of each sequence."""
    acknowledged: set[str] = field(default_factory=set)


class Node:
    """One server process and the desk socket at it."""

    def __init__(self, name: str, folder: Path, seen: Seen) -> None:
        self.name = name
        self._socket = str(folder / f"{name}.sock")
        self._seen = seen
        self._tasks: list[asyncio.Task[None]] = []
        self.process: asyncio.subprocess.Process | None = None

    async def start(self, dsn: str) -> None:
        """Returns when it serves."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.takeover_node",
            dsn,
            self.name,
            self._socket,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        ready = asyncio.Event()
        self._tasks = [asyncio.create_task(self._listen(ready))]
        await ready.wait()
        self._tasks.append(asyncio.create_task(self._desk()))

    def signal(self, what: signal.Signals) -> None:
        """Sends a signal."""
        assert self.process is not None
        self.process.send_signal(what)

    async def end(self) -> None:
        """Kills it and lets go."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self, ready: asyncio.Event) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        async for text in self.process.stdout:
            word, _, rest = text.decode().strip().partition(" ")
            if word == "ready":
                ready.set()
            elif word == "ack":
                self._seen.acknowledged.add(rest)

    async def _desk(self) -> None:
        while True:
            try:
                async with unix_connect(self._socket, "ws://desk/socket", max_size=None) as socket:
                    await socket.send('{"type":"register","cursor":null}')
                    async for text in socket:
                        now = time.perf_counter()
                        frame = json.loads(text)
                        if frame.get("event") == "reservation.created":
                            self._seen.received.setdefault(frame["seq"], now)
                        elif frame["type"] == "ping":
                            await socket.send('{"type":"pong"}')
            except (OSError, ConnectionClosed):
                await asyncio.sleep(0.05)


async def owner_of(connection: asyncpg.Connection) -> tuple[str, int]:
    """Who owns the workspace, and under which epoch."""
    row = await connection.fetchrow("SELECT owner, epoch FROM leases WHERE workspace_id = $1", WORKSPACE)
    return row["owner"], row["epoch"]


async def away(connection: asyncpg.Connection, epoch: int, begun: float, seen: Seen) -> float:
    """Seconds from `begun` until a desk received the first reservation that a later epoch than `epoch` made."""
    first = (
        "SELECT min(r.seq) FROM reservations r WHERE r.workspace_id = $1 AND r.seq > "
        "(SELECT max(last_seq) FROM journal WHERE workspace_id = $1 AND epoch <= $2)"
    )
    while time.perf_counter() - begun < 60:
        if (await owner_of(connection))[1] > epoch:
            seq = await connection.fetchval(first, WORKSPACE, epoch)
            if seq is not None and seq in seen.received:
                return seen.received[seq] - begun
        await asyncio.sleep(0.005)
    raise TimeoutError("nobody took over within a minute")


async def measure(quick: bool) -> None:
    """Kill, stop, compare, print."""
    kills, stops, stopped = (2, 1, 4.0) if quick else (KILLS, STOPS, STOPPED)
    async with floor.database() as db:
        setup = Dispatch(db, name="setup")
        await floor.configure(setup, random.Random(1), workers=200, capacity=50)
        await setup.close()
        connection, seen = await db.connect_system(), Seen()
        with tempfile.TemporaryDirectory() as folder:
            nodes = [Node(f"n{number}", Path(folder), seen) for number in range(2 + kills)]
            spare = nodes[2:]
            running = {node.name: node for node in nodes[:2]}
            for node in running.values():
                await node.start(db.dsn)
            await asyncio.sleep(2)
            killed = [await _kill(db, connection, running, spare, seen) for _ in range(kills)]
            outbid = [await _stop(connection, running, seen, stopped) for _ in range(stops)]
            for node in running.values():
                await node.end()
        await _report(db, connection, seen, killed, outbid)
        await connection.close()


async def _kill(
    db: Database, connection: asyncpg.Connection, running: dict[str, Node], spare: list[Node], seen: Seen
) -> float:
    owner, epoch = await owner_of(connection)
    begun = time.perf_counter()
    running[owner].signal(signal.SIGKILL)
    spent = await away(connection, epoch, begun, seen)
    await running.pop(owner).end()
    fresh = spare.pop()
    await fresh.start(db.dsn)
    running[fresh.name] = fresh
    await asyncio.sleep(1.5)
    return spent


async def _stop(connection: asyncpg.Connection, running: dict[str, Node], seen: Seen, stopped: float) -> float:
    owner, epoch = await owner_of(connection)
    begun = time.perf_counter()
    running[owner].signal(signal.SIGSTOP)
    spent = await away(connection, epoch, begun, seen)
    await asyncio.sleep(max(0.0, stopped - spent))
    running[owner].signal(signal.SIGCONT)
    await asyncio.sleep(2)
    return spent


async def _report(
    db: Database, connection: asyncpg.Connection, seen: Seen, killed: list[float], outbid: list[float]
) -> None:
    tasks = {row["id"] for row in await connection.fetch("SELECT id FROM tasks WHERE workspace_id = $1", WORKSPACE)}
    doubled = await connection.fetchval(
        "SELECT count(*) FROM (SELECT task_id FROM reservations WHERE accepted_at IS NOT NULL "
        "GROUP BY task_id HAVING count(*) > 1) AS twice"
    )
    entries = await connection.fetchrow(
        "SELECT count(*) FILTER (WHERE first_seq <> before + 1) AS gaps, count(*) FILTER (WHERE epoch < earlier) AS late FROM ("
        "SELECT first_seq, epoch, lag(last_seq, 1, 0::bigint) OVER (ORDER BY last_seq) AS before, "
        "lag(epoch, 1, 0::bigint) OVER (ORDER BY last_seq) AS earlier FROM journal WHERE workspace_id = $1) AS rows",
        WORKSPACE,
    )
    shown = ", ".join(f"{one:.2f}" for one in killed)
    line("takeover.max_s", max(killed), "s", None, None, f"kill -9 of the owner: {shown}")
    line("takeover.stopped_max_s", max(outbid), "s", None, None, f"SIGSTOP of the owner, {len(outbid)} times")
    line("takeover.lost", len(seen.acknowledged - tasks), "tasks", None, None, f"{len(seen.acknowledged)} acknowledged")
    line("takeover.duplicates", doubled + entries["gaps"] + entries["late"], "tasks or rows out of order")
    replay = await opened(connection, WORKSPACE)
    await catch_up(connection, replay)
    await connection.execute("DELETE FROM snapshots WHERE workspace_id = $1", WORKSPACE)
    whole = await opened(connection, WORKSPACE)
    await catch_up(connection, whole)
    same = state_digest(whole.stepper.state) == state_digest(replay.stepper.state) and not whole.mismatches
    line("takeover.replay_identical", float(same), "1 = yes", None, None, f"{whole.seq:,} entries")


def main() -> None:
    """Measure and print."""
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    uvloop.run(measure("--quick" in sys.argv))


if __name__ == "__main__":
    main()
