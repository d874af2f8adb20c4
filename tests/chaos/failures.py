"""What goes wrong in a round, and how it is mended. Each ends with both servers told to run again; none waits for them."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable

import asyncpg

from parlons.runtime.failures import DRIVER_ERRORS
from tests.chaos.scene import Scene, fill, free

Failure = Callable[[Scene, random.Random], Awaitable[str]]
"""Carries the failure out; returns what was done, for the report."""
HOUR = 3_600_000


async def owner_killed(stage: Scene, chance: random.Random) -> str:
    """kill -9 of the server that owns the router."""
    owner = await stage.owner()
    await asyncio.to_thread(owner.kill)
    await asyncio.sleep(chance.uniform(0, 1.5))
    await stage.restart(owner)
    return owner.url


async def standby_killed(stage: Scene, chance: random.Random) -> str:
    """kill -9 of the other one."""
    standby = await stage.standby()
    await asyncio.to_thread(standby.kill)
    await asyncio.sleep(chance.uniform(0, 1.5))
    await stage.restart(standby)
    return standby.url


async def both_killed(stage: Scene, chance: random.Random) -> str:
    """kill -9 of both at once."""
    for server in stage.servers:
        await asyncio.to_thread(server.kill)
    order = chance.sample(stage.servers, 2)
    for server in order:
        await stage.restart(server)
    return ", ".join(server.url for server in order)


async def owner_ended(stage: Scene, chance: random.Random) -> str:
    """SIGTERM of the owner: it puts its work away and goes."""
    owner = await stage.owner()
    code = await asyncio.to_thread(owner.end)
    assert code == 0, f"SIGTERM ended with {code}"
    await stage.restart(owner)
    return owner.url


async def owner_suspended(stage: Scene, chance: random.Random) -> str:
    """SIGSTOP of the owner for longer than its lease, then SIGCONT: its late batch must change nothing."""
    owner, seconds = await stage.owner(), chance.uniform(0.3, 3.5)
    owner.suspend()
    await asyncio.sleep(seconds)
    owner.resume()
    return f"{owner.url} for {seconds:.1f} s"


async def standby_suspended(stage: Scene, chance: random.Random) -> str:
    """SIGSTOP of the standby, then SIGCONT."""
    standby, seconds = await stage.standby(), chance.uniform(0.3, 3)
    standby.suspend()
    await asyncio.sleep(seconds)
    standby.resume()
    return f"{standby.url} for {seconds:.1f} s"


async def postgres_killed(stage: Scene, chance: random.Random) -> str:
    """kill -9 of PostgreSQL; the servers start it again."""
    await asyncio.to_thread(stage.postgres.kill)
    return ""


async def postgres_suspended(stage: Scene, chance: random.Random) -> str:
    """SIGSTOP of the whole PostgreSQL, then SIGCONT."""
    seconds = chance.uniform(0.5, 3)
    stage.postgres.suspend()
    await asyncio.sleep(seconds)
    stage.postgres.resume()
    return f"for {seconds:.1f} s"


async def postgres_stopped(stage: Scene, chance: random.Random) -> str:
    """PostgreSQL stopped as an administrator does, kept down for a while, and started again by the servers."""
    seconds = chance.uniform(0, 2)
    down = stage.postgres.held_down()
    await asyncio.to_thread(down.__enter__)
    await asyncio.sleep(seconds)
    down.__exit__(None, None, None)
    return f"for {seconds:.1f} s"


async def disk_full(stage: Scene, chance: random.Random) -> str:
    """The disk of database and files has no room; then it has."""
    assert stage.disk is not None
    seconds = chance.uniform(0.5, 2)
    fill(stage.disk)
    try:
        async with asyncio.timeout(60):
            await _until_it_is_felt(stage)
        await asyncio.sleep(seconds)
    finally:
        free(stage.disk)
    return f"for {seconds:.1f} s"


async def _until_it_is_felt(stage: Scene) -> None:
    """Write-ahead log is set aside in whole files: new ones are asked for until there is no room for one."""
    with contextlib.suppress(*DRIVER_ERRORS, AssertionError):
        connection = await asyncpg.connect(stage.postgres.dsn, timeout=5)
        try:
            while True:
                await connection.execute("SELECT pg_switch_wal()")
                await connection.execute("SELECT pg_logical_emit_message(false, 'chaos', 'full')")
        finally:
            with contextlib.suppress(*DRIVER_ERRORS):
                await connection.close(timeout=1)


async def clock_jumped(stage: Scene, chance: random.Random) -> str:
    """The clock of one server, or of both, is set forward or back by up to an hour."""
    clocks = chance.choice([stage.clocks[:1], stage.clocks[1:], stage.clocks])
    jump = chance.choice([-1, 1]) * chance.choice([700, 40_000, HOUR // 4, HOUR])
    for clock in clocks:
        # They never drift apart for good: sessions and links would end.
        clock.jump(jump if abs(clock.offset + jump) <= 2 * HOUR else -clock.offset)
    return f"by {jump / 1000:+.1f} s, clocks now {[clock.offset // 1000 for clock in stage.clocks]} s"


ALL: dict[str, Failure] = {
    failure.__name__: failure
    for failure in (
        owner_killed,
        owner_suspended,
        postgres_killed,
        postgres_stopped,
        disk_full,
        clock_jumped,
        standby_killed,
        standby_suspended,
        postgres_suspended,
        both_killed,
        owner_ended,
    )
}


def possible(stage: Scene) -> list[str]:
    """The failures this machine and user can be given."""
    return [name for name in ALL if name != "disk_full" or stage.disk is not None]
