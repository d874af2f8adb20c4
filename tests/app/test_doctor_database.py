"""What the doctor says of database, jobs, key and backups: each finding by what was seen, and seen on a real database."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

import asyncpg
import pytest

from parlons.accounts.bootstrap import bootstrap
from parlons.app.backup import back_up
from parlons.app.doctor_database import FILES, Database, Seen, judge, look
from parlons.app.doctor_voice import public_silent
from parlons.app.settings import KEY_FILE, LAST_BACKUP, OPERATOR_KEY, RESTORING, Settings, secret_key
from parlons.runtime import db as runtime
from parlons.runtime import holds
from parlons.runtime.jobs import enqueue
from parlons.runtime.postgres.checks import check_port
from parlons.runtime.vault import vault
from parlons.testing.processes import free_port
from tests.app.conftest import Centre
from tests.conftest import Postgres, StillClock

NOW = datetime(2026, 11, 22, tzinfo=UTC)
STORED = Database(version="18.1", revision="0015_operations")
WELL = Seen(data=Path("/data"), database=STORED, last_backup=NOW - timedelta(days=1), now=NOW)


def with_database(**change: object) -> Seen:
    return replace(WELL, database=replace(STORED, **change))  # type: ignore[arg-type]


def test_nothing_to_say_when_all_is_well() -> None:
    assert judge(WELL) == ([], [])
    assert judge(replace(WELL, database=None, last_backup=None)) == ([], [])


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (replace(WELL, restoring=True), "restore-unfinished"),
        (replace(WELL, key_missing=True), "key-missing"),
        (replace(WELL, ours=False, database=Database(refused="no route to host")), "database-silent"),
        (with_database(version="14.2", too_old=True), "database-old"),
        (with_database(newer="9999_later"), "database-newer"),
        (with_database(may_begin=False), "database-roles"),
        (with_database(key_fits=False), "key-wrong"),
        (with_database(clock_off=-90.0), "clock-wrong"),
        (with_database(held_since=NOW, waiting=3, late=timedelta(hours=1)), "work-held"),
        (with_database(late=timedelta(hours=1)), "jobs-late"),
        (with_database(failed=(("mail.send", 2),)), "jobs-failed"),
        (with_database(away=(("Shop", NOW, 3),)), "customer-system-away"),
    ],
)
def test_wrong(seen: Seen, code: str) -> None:
    wrong, notes = judge(seen)
    assert [one.code for one in wrong] == [code]
    assert all(one.wrong.endswith(".") and one.mend.endswith(".") for one in wrong)
    assert notes == []


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (replace(WELL, last_backup=None), "backup-old"),
        (replace(WELL, last_backup=NOW - timedelta(days=8)), "backup-old"),
        (replace(WELL, files=FILES - 1), "few-open-files"),
    ],
)
def test_worth_knowing(seen: Seen, code: str) -> None:
    wrong, notes = judge(seen)
    assert (wrong, [one.code for one in notes]) == ([], [code])
    assert all(one.wrong.endswith(".") and one.mend.endswith(".") for one in notes)


# -- seen for real -----------------------------------------------------------------------------------------------------


@pytest.fixture
async def place(empty_database: str, tmp_path: Path, clock: StillClock) -> AsyncIterator[Settings]:
    """An installation that has begun."""
    settings = Settings(data=tmp_path / "data", database_url=empty_database)
    vault.unlock(secret_key(settings.data))
    db = await runtime.Database.open(empty_database, pool_size=2, clock=clock)
    await bootstrap(db, now=clock())
    await db.close()
    yield settings
    vault.unlock(b"the tests' secret key")


async def codes(settings: Settings) -> set[str]:
    wrong, notes = judge(await look(settings, settings.database_url))
    return {one.code for one in wrong + notes} - {"few-open-files"}


async def run(settings: Settings, statement: str) -> None:
    connection = await asyncpg.connect(settings.database_url)
    await connection.execute(statement)
    await connection.close()


async def test_a_backup_ends_the_note(place: Settings, tmp_path: Path) -> None:
    assert await codes(place) == {"backup-old"}
    await back_up(place, tmp_path / "b", say=lambda _: None)
    assert await codes(place) == set()
    (place.data / LAST_BACKUP).write_text(json.dumps({"taken_at": "2020-01-01T00:00:00+00:00"}))
    assert await codes(place) == {"backup-old"}


async def test_jobs_are_seen_late_given_up_and_held(place: Settings, clock: StillClock) -> None:
    db = await runtime.Database.open(str(place.database_url), pool_size=2, clock=clock)
    async with db.transaction("ACaaaa") as tx:
        await enqueue(tx, "mail", {}, run_at=1_000)
    assert await codes(place) == {"backup-old", "jobs-late"}
    async with db.system() as tx:
        await holds.hold(tx, {})
    assert await codes(place) == {"backup-old", "work-held"}
    async with db.system() as tx:
        await holds.release(tx)
        await tx.execute("UPDATE jobs SET state = 'failed'")
    assert await codes(place) == {"backup-old", "jobs-failed"}
    await db.close()


async def test_the_key_is_tried_on_what_is_sealed(place: Settings) -> None:
    sealed = vault.seal("hunter2", "trunks.password")
    await run(place, f"INSERT INTO trunks VALUES ('TR1', 'ACa', 'carrier', '{{}}', '{sealed}')")
    assert await codes(place) == {"backup-old"}
    (place.data / KEY_FILE).write_text(token_hex(32))
    assert await codes(place) == {"backup-old", "key-wrong"}
    (place.data / KEY_FILE).unlink()
    (place.data / OPERATOR_KEY).touch()
    (place.data / RESTORING).touch()
    assert await codes(place) == {"backup-old", "key-missing", "restore-unfinished"}


async def test_a_newer_database(place: Settings) -> None:
    await run(place, "UPDATE alembic_version SET version_num = '9999_later'")
    assert await codes(place) == {"database-newer"}


async def test_a_login_without_the_roles(postgres: Postgres, tmp_path: Path) -> None:
    login, name = f"poor_{token_hex(4)}", f"r_{token_hex(4)}"
    await postgres._run(f"CREATE ROLE {login} LOGIN")
    await postgres._run(f"CREATE DATABASE {name} OWNER {login}")
    try:
        url = postgres.at(name).replace("//postgres@", f"//{login}@")
        assert await codes(Settings(data=tmp_path, database_url=url)) == {"database-roles"}
    finally:
        await postgres.drop(postgres.at(name))
        await postgres._run(f"DROP ROLE {login}")


async def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database_url=f"postgresql://x@127.0.0.1:{free_port()}/x")
    wrong, _ = judge(await look(settings, settings.database_url))
    assert [one.code for one in wrong] == ["database-silent"]
    assert "DATABASE_URL" in wrong[0].mend


def test_the_address_people_use_is_tried(shared: Centre) -> None:
    assert public_silent(Settings(data=shared.data)) == []
    assert public_silent(Settings(data=shared.data, public_url=shared.server.url)) == []
    nobody = Settings(data=shared.data, public_url=f"http://127.0.0.1:{free_port()}")
    assert [one.code for one in public_silent(nobody)] == ["public-url-silent"]


def test_a_port_one_may_not_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """As root nothing is forbidden: the system's no is played."""

    def no(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("socket.socket.bind", no)
    assert [one.code for one in check_port(443)] == ["port-forbidden"]


# -- all of them -------------------------------------------------------------------------------------------------------

ROOT = Path(__file__).parents[2]


def said_in_code() -> set[str]:
    """Every code that a finding of the doctor bears, read from the code."""
    app = [*(ROOT / "src/parlons/app").glob("doctor*.py"), ROOT / "src/parlons/runtime/postgres/checks.py"]
    findings = {code for path in app for code in re.findall(r'Finding\(\s*"([a-z-]+)"', path.read_text())}
    errors = (ROOT / "src/parlons/runtime/postgres/errors.py").read_text()
    return findings | set(re.findall(r'code = "((?:data-folder|postgres-missing|postgres-version)[a-z-]*)"', errors))


def test_each_trouble_is_written_up_and_tested() -> None:
    codes = said_in_code()
    assert len(codes) >= 20
    written = set(re.findall(r"^\| `([a-z-]+)` \|", (ROOT / "docs/reference/doctor.md").read_text(), re.MULTILINE))
    assert written == codes
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert {code for code in codes if f'"{code}"' not in tests} == set()
