"""PostgreSQL stopped, killed, without space: a clear refusal, nothing half written, recovery without a restart of ours."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from parlons.kit.errors import Unavailable
from parlons.runtime import journal
from parlons.runtime.db import Database
from parlons.runtime.events import Event
from parlons.runtime.failures import DatabaseUnavailable, DiskFull
from parlons.runtime.files import Files
from parlons.runtime.migrate import upgrade
from parlons.runtime.outbox import take_outbox
from parlons.runtime.postgres.supervisor import Server, ensure_server, release_server, revive_server
from parlons.runtime.readers import Follower, Tail
from tests.runtime.leasing import take
from tests.runtime.postgres.scene import IS_ROOT, kill, open_folder, say
from tests.runtime.postgres.test_full_disk import small_disk

T, W = "ACaaaa", "WSaaaa"


@dataclass(frozen=True, slots=True)
class Place:
    server: Server
    database: Database


async def opened(folder: Path) -> Place:
    """Durable: what was accepted must outlive a kill."""
    server = ensure_server(folder / "data", say=say)
    await upgrade(server.dsn)
    return Place(server, await Database.open(server.dsn, pool_size=4))


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    """A server of this test's own, to be killed."""
    with open_folder() as folder:
        made = await opened(folder)
        try:
            yield made
        finally:
            await made.database.close()
            release_server(made.server)


async def publish(database: Database, number: int, *, size: int = 10) -> None:
    async with database.transaction(T) as tx:
        tx.publish(Event(W, "thing.done", {"n": number, "filler": secrets.token_hex(size)}))


async def publish_until_refused(database: Database, accepted: list[int]) -> None:
    while True:
        await publish(database, len(accepted), size=200_000)
        accepted.append(len(accepted))


async def numbers(database: Database) -> list[int]:
    async with database.system() as tx:
        return [int(row["n"]) for row in await tx.fetch_all("SELECT data->>'n' n FROM outbox ORDER BY id")]


async def test_while_the_server_is_gone_every_request_says_so_and_then_all_is_well(place: Place) -> None:
    database = place.database
    await asyncio.gather(*(publish(database, number) for number in range(4)))
    kill(place.server)
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable) as refused:
            await publish(database, 99)
        assert (refused.value.code, refused.value.status) == ("database-unavailable", 503)
    revive_server(place.server, say=say)
    await asyncio.gather(*(publish(database, number) for number in range(4, 8)))
    assert sorted(await numbers(database)) == list(range(8))


async def test_connections_that_died_in_the_pool_cost_no_request(place: Place) -> None:
    """The server was restarted while nobody asked: the first request afterwards succeeds."""
    database = place.database
    await asyncio.gather(*(publish(database, number) for number in range(4)))
    kill(place.server)
    revive_server(place.server, say=say)
    await asyncio.gather(*(publish(database, number) for number in range(4, 8)))
    assert sorted(await numbers(database)) == list(range(8))


async def test_a_transaction_whose_connection_dies_leaves_nothing(place: Place) -> None:
    database = place.database

    async def interrupted() -> None:
        async with database.transaction(T) as tx:
            tx.publish(Event(W, "thing.done", {"n": 1}))
            await tx.execute(
                "INSERT INTO readers (name, workspace_id, tenant_id, seq) VALUES ('r', 'WS', :t, 1)", {"t": T}
            )
            pid = await tx.scalar("SELECT pg_backend_pid()")
            login = await asyncpg.connect(database.dsn)
            await login.execute("SELECT pg_terminate_backend($1)", pid)
            await login.close()

    with pytest.raises(DatabaseUnavailable):
        await interrupted()
    assert await numbers(database) == []
    async with database.system() as tx:
        assert await tx.scalar("SELECT count(*) FROM readers") == 0


async def test_followers_and_wake_ups_come_back_by_themselves(place: Place) -> None:
    database = place.database
    tail = Tail(database, W)
    batches = aiter(Follower(tail, 0))
    await asyncio.wait_for(database.signals.connected.wait(), 60)
    kill(place.server)
    pending = asyncio.ensure_future(anext(batches))
    revive_server(place.server, say=say)
    await publish(database, 1)
    connection = await database.connect_system()
    lease = await take(connection, W, T)
    async with connection.transaction():
        await journal.append(connection, lease, 0, await take_outbox(connection, W, 10))
    await connection.close()
    assert [entry.data["n"] for entry in await asyncio.wait_for(pending, 60)] == [1]
    await asyncio.wait_for(database.signals.connected.wait(), 60)
    tail.close()


@pytest.mark.skipif(not IS_ROOT, reason="needs root: mounts a small tmpfs")
async def test_a_full_disk_refuses_and_keeps_what_was_accepted(tmp_path: Path) -> None:
    """Writes until nothing more fits; what was accepted is there once, after space was made; what was refused is not."""
    with open_folder() as folder, small_disk(folder / "disk", 160) as disk:
        place = await opened(disk)
        database = place.database
        accepted: list[int] = []
        try:
            with pytest.raises(Unavailable) as refused:
                await publish_until_refused(database, accepted)
            assert refused.value.code in ("disk-full", "database-unavailable")
            assert accepted
            more = await asyncio.create_subprocess_exec("mount", "-o", "remount,size=600m", str(disk))
            assert await more.wait() == 0
            revive_server(place.server, say=say)
            async with asyncio.timeout(60):
                while not await _answers(database):  # noqa: ASYNC110  (a recovering server sends no notice)
                    await asyncio.sleep(0.05)
            await publish(database, -1)
            assert await numbers(database) == [*accepted, -1]
        finally:
            await database.close()
            release_server(place.server)


async def _answers(database: Database) -> bool:
    try:
        await numbers(database)
    except Unavailable:
        return False
    return True


@pytest.mark.skipif(not IS_ROOT, reason="needs root: mounts a small tmpfs")
async def test_a_full_disk_of_files_refuses_the_file_and_its_row(database: Database, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        files = Files(disk)

        async def store() -> None:
            async with database.transaction(T) as tx:
                await files.put(tx, T, None, "attachment", "IM1", "x", "text/plain", b"x" * 2_000_000)

        with pytest.raises(DiskFull) as refused:
            await store()
        assert refused.value.status == 507
        async with database.system() as tx:
            assert await tx.scalar("SELECT count(*) FROM files") == 0
