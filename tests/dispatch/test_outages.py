"""PostgreSQL killed and back, the disk full, the owner killed with -9 between command row and task: nothing accepted is lost
or doubled, and everybody is told."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from parlons.dispatch.dispatch import Dispatch, submit
from parlons.kit.errors import Unavailable
from parlons.routing.snapshot import state_digest
from parlons.runtime.db import Database
from parlons.runtime.migrate import upgrade
from parlons.runtime.postgres.supervisor import ensure_server, release_server, revive_server
from tests.dispatch import floor
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.runtime.postgres.scene import IS_ROOT, kill, open_folder, say
from tests.runtime.postgres.test_full_disk import small_disk


async def test_postgresql_is_killed_and_comes_back() -> None:
    with open_folder() as folder:
        server = ensure_server(folder / "data", say=say)
        await upgrade(server.dsn)
        database = await Database.open(server.dsn, pool_size=4)
        dispatch = Dispatch(database)
        await floor.prepare(dispatch, floor.worker(1, "sales"))
        await dispatch.send(WORKSPACE, floor.task(1))
        _, before = await dispatch.committed(WORKSPACE, lambda stepper: state_digest(stepper.state))
        kill(server)
        with pytest.raises(Unavailable) as refused:
            await dispatch.send(WORKSPACE, floor.task(2))
        assert refused.value.status == 503
        revive_server(server, say=say)
        await dispatch.ready(WORKSPACE, as_owner=True)
        _, after = await dispatch.committed(WORKSPACE, lambda stepper: state_digest(stepper.state))
        assert after == before
        await dispatch.send(WORKSPACE, floor.task(3))
        assert list(dispatch.state(WORKSPACE).tasks) == [floor.task_id(1), floor.task_id(3)]
        await dispatch.close()
        await database.close()
        release_server(server)


async def test_the_owner_is_killed_between_the_row_and_its_task(empty_database: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.dispatch.owner_process", empty_database, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    while (await process.stdout.readline()).strip() != b"owner":
        pass
    process.send_signal(signal.SIGSTOP)
    database = await Database.open(empty_database, pool_size=4)
    async with database.transaction(TENANT) as tx:
        await submit(tx, WORKSPACE, floor.task(1), key="message-1")
    process.send_signal(signal.SIGKILL)
    await process.wait()
    dispatch = Dispatch(database, name="next")
    await dispatch.open(WORKSPACE, TENANT)
    await dispatch.ready(WORKSPACE, as_owner=True)
    outcome = await dispatch.send(WORKSPACE, floor.task(1), key="message-1")
    assert floor.offer_of(outcome).worker_id == floor.worker_id(1)
    async with database.transaction(TENANT) as tx:
        assert await tx.scalar("SELECT count(*) FROM tasks") == 1
        assert await tx.scalar("SELECT count(*) FROM reservations") == 1
    await dispatch.close()
    await database.close()


@pytest.mark.skipif(not IS_ROOT, reason="needs root: mounts a small tmpfs")
async def test_a_full_disk_refuses_and_what_was_acknowledged_stays() -> None:
    with open_folder() as folder, small_disk(folder / "disk", 160) as disk:
        server = ensure_server(disk / "data", say=say)
        await upgrade(server.dsn)
        database = await Database.open(server.dsn, pool_size=4)
        dispatch = Dispatch(database)
        await floor.prepare(dispatch)
        acknowledged: list[str] = []
        filler = disk / "data" / "filler"
        try:
            _fill(filler)
            with pytest.raises(Unavailable):
                await _create_until_refused(dispatch, acknowledged)
            filler.unlink()
            revive_server(server, say=say)
            await dispatch.ready(WORKSPACE, as_owner=True)
            assert set(dispatch.state(WORKSPACE).tasks) >= set(acknowledged)
            outcome = await dispatch.send(WORKSPACE, floor.task(30_000))
            assert outcome.seq
        finally:
            await dispatch.close()
            await database.close()
            release_server(server)


async def _create_until_refused(dispatch: Dispatch, acknowledged: list[str]) -> None:
    for number in range(1, 20_000):
        await dispatch.send(WORKSPACE, floor.task(number, attributes={"text": "a" * 3000}))
        acknowledged.append(floor.task_id(number))


def _fill(file: Path) -> None:
    """Leaves no room on the disk."""
    with file.open("wb") as target:
        try:
            while True:
                target.write(b"\0" * 65_536)
                target.flush()
        except OSError:
            pass
