"""From the last version to this one: a database that v0.1.0 wrote is served by this code, and what it decided is still explained.

The dump was made of a practice centre of v0.1.0 at work, by `pg_dump --inserts --no-owner`, as its documents say; the key is
that centre's own, of nobody else.
"""

import gzip
import shutil
from pathlib import Path

import asyncpg
import pytest

from parlons.app.settings import KEY_FILE
from parlons.runtime import migrate
from parlons.testing.people import Desk, Operator, Visitor
from parlons.testing.processes import Running, data_folder
from tests.chaos.comparing import Stored, faults, stored
from tests.system.test_backup import database, parlons

OLD = Path(__file__).parent / "v0.1.0"
REVISION = "0011_join_links"


async def _lay_down(data: Path) -> dict[str, int]:
    """The old database in a new folder; how many rows each table had."""
    async with database(data) as dsn:
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute("CREATE ROLE parlons_app NOLOGIN; CREATE ROLE parlons_system NOLOGIN")
            await connection.execute(gzip.decompress((OLD / "dump.sql.gz").read_bytes()).decode())
            await connection.execute("SET search_path = public")
            assert await migrate.current(connection) == REVISION
            counts = await _counts(connection)
        finally:
            await connection.close()
    shutil.copy(OLD / KEY_FILE, data / KEY_FILE)
    return counts


async def _counts(connection: asyncpg.Connection) -> dict[str, int]:
    names = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
        "AND NOT relispartition"
    )
    return {name: await connection.fetchval(f'SELECT count(*) FROM "{name}"') for (name,) in names}


async def test_a_database_of_v0_1_0_is_brought_up_to_date_and_served(tmp_path: Path) -> None:
    with data_folder() as data:
        before = await _lay_down(data)
        async with database(data) as dsn:
            await migrate.upgrade(dsn)
            now = await stored(dsn)
            connection = await asyncpg.connect(dsn)
            after = await _counts(connection)
            await connection.close()
        lost = {name: (count, after[name]) for name, count in before.items() if after[name] < count}
        assert lost == {}
        assert faults([], now) == []
        with Running(data) as server:
            await _it_goes_on(server, now)


async def _it_goes_on(server: Running, now: Stored) -> None:
    async with Operator([server.url], server.operator_key()) as operator:
        chosen = next(row["id"] for row in now.reservations if row["status"] == "completed")
        why = await operator.get(f"/reservations/{chosen}/why")
        assert why["complete"]
        assert why["chosen_worker_id"] in {one["worker_id"] for one in why["candidates"]}
        links = await operator.links()
    ada = next(email for email in sorted(links) if "@practice." in email)
    async with Desk([server.url], links[ada]) as desk, Visitor([server.url], "delmas") as visitor:
        await desk.become("Available")
        await visitor.write("Bonjour, nouvelle version")
        await visitor.hears("Bonjour, nouvelle version")


async def test_a_backup_made_before_the_update_restores_into_the_new_version(tmp_path: Path) -> None:
    """The new code backs the old database up as it is; restored, it is brought up to date."""
    with data_folder() as data, data_folder() as place:
        await _lay_down(data)
        code, said = await parlons("backup", tmp_path / "b", "--data", data)
        assert code == 0, said
        code, said = await parlons("restore", tmp_path / "b", "--key", OLD / KEY_FILE, "--data", place)
        assert code == 0, said
        async with database(place) as dsn:
            connection = await asyncpg.connect(dsn)
            assert await migrate.current(connection) == migrate.head()
            await connection.close()
            assert faults([], await stored(dsn)) == []


async def test_a_database_of_a_newer_version_is_not_touched(empty_database: str) -> None:
    connection = await asyncpg.connect(empty_database)
    try:
        await connection.execute("UPDATE alembic_version SET version_num = '9999_later'")
        with pytest.raises(migrate.DatabaseNewer):
            await migrate.upgrade(empty_database)
        assert await migrate.current(connection) == "9999_later"
    finally:
        await connection.close()
