"""Restoring: what is refused before anything is changed, and that rows come back alike, also for a plain login."""

import json
import os
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import asyncpg
import pytest

from parlons.accounts.bootstrap import bootstrap
from parlons.app.backup import back_up
from parlons.app.restore import restore
from parlons.app.services import RestoreUnfinished, running
from parlons.app.settings import KEY_FILE, RESTORING, Settings, secret_key
from parlons.runtime import holds, migrate
from parlons.runtime.backup import archive
from parlons.runtime.backup.dump import is_empty
from parlons.runtime.backup.errors import (
    BackupDamaged,
    BackupExists,
    BackupKeyWrong,
    BackupNewer,
    BackupUnreadable,
    NothingToBackUp,
    PlaceNotEmpty,
)
from parlons.runtime.db import Database
from parlons.runtime.files import Files
from parlons.runtime.jobs import enqueue
from parlons.runtime.vault import vault
from tests.conftest import Postgres, StillClock

T = "ACaaaa"
BODY = b"what was kept"


@dataclass(slots=True)
class Case:
    """An installation on `settings`, its backup, and an empty place to restore to."""

    settings: Settings
    backup: Path
    place: Settings

    async def restore(self, backup: Path | None = None, key: Path | None = None) -> Any:
        key = key or self.settings.data / KEY_FILE
        return await restore(self.place, backup or self.backup, key, say=lambda _: None)

    async def refused(self, refusal: type[Exception], backup: Path | None = None, key: Path | None = None) -> str:
        """That it is refused, and that nothing came of it; the message."""
        with pytest.raises(refusal) as caught:
            await self.restore(backup, key)
        assert not self.place.data.exists()
        assert self.place.database_url is not None
        assert await is_empty(self.place.database_url)
        return str(caught.value)


@pytest.fixture
async def case(postgres: Postgres, empty_database: str, tmp_path: Path, clock: StillClock) -> AsyncIterator[Case]:
    settings = Settings(data=tmp_path / "data", database_url=empty_database)
    place = Settings(data=tmp_path / "place", database_url=postgres.at(f"r_{token_hex(6)}"))
    secret_key(settings.data)
    db = await Database.open(empty_database, pool_size=2, clock=clock)
    await bootstrap(db, now=clock())
    async with db.transaction(T) as tx:
        await enqueue(tx, "note", {"n": 1})
        await Files(settings.data / "files").put(tx, T, None, "attachment", "CU1", "a.txt", "text/plain", BODY)
    await db.close()
    backup = tmp_path / "backup"
    await back_up(settings, backup, say=lambda _: None)
    assert place.database_url is not None
    await postgres._run(f"CREATE DATABASE {place.database_url.partition('?')[0].rpartition('/')[2]}")
    yield Case(settings, backup, place)
    vault.unlock(b"the tests' secret key")
    await postgres.drop(place.database_url)


async def rows(dsn: str) -> dict[str, list[str]]:
    """Every row of every table as text, but what a restore adds."""
    connection = await asyncpg.connect(dsn)
    try:
        names = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
            "AND NOT relispartition AND relname <> 'holds' ORDER BY 1"
        )
        return {
            name: sorted(row[0] for row in await connection.fetch(f'SELECT t::text FROM "{name}" t'))
            for (name,) in names
        }
    finally:
        await connection.close()


async def test_what_was_there_is_there(case: Case) -> None:
    done = await case.restore()
    assert await rows(case.place.database_url) == await rows(case.settings.database_url)  # type: ignore[arg-type]
    assert (done.files, done.held) == (1, 1)
    found = [path for path in (case.place.data / "files").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in found] == [BODY]
    assert secret_key(case.place.data) == secret_key(case.settings.data)
    assert not (case.place.data / RESTORING).exists()
    assert (case.place.data / KEY_FILE).stat().st_mode & 0o077 == 0


async def test_the_backup_is_for_its_owner_and_holds_no_key(case: Case) -> None:
    assert case.backup.stat().st_mode & 0o077 == 0
    secret = (case.settings.data / KEY_FILE).read_bytes()
    with zipfile.ZipFile(case.backup) as opened:
        assert KEY_FILE not in opened.namelist()
        assert not any(secret in opened.read(name) for name in opened.namelist())
        assert b"parlons: 1" in opened.read("configuration.yaml")


async def test_numbering_goes_on_where_it_was(case: Case, clock: StillClock) -> None:
    await case.restore()
    db = await Database.open(str(case.place.database_url), pool_size=2, clock=clock)
    try:
        async with db.transaction(T) as tx:
            await enqueue(tx, "note", {"n": 2})
            assert [row["id"] for row in await tx.fetch_all("SELECT id FROM jobs ORDER BY id")] == [1, 2]
    finally:
        await db.close()


async def test_old_days_get_their_partitions(case: Case, postgres: Postgres, tmp_path: Path) -> None:
    dsn = str(case.settings.database_url)
    connection = await asyncpg.connect(dsn)
    await migrate.make_partition_named(connection, "journal", "journal_20250102")
    await connection.execute("INSERT INTO journal VALUES ('ACx', 'WSx', 1, 1, 1, '2025-01-02 10:00+00', 'x')")
    await connection.close()
    await back_up(case.settings, tmp_path / "second", say=lambda _: None)
    await case.restore(tmp_path / "second")
    connection = await asyncpg.connect(case.place.database_url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM journal_20250102") == 1
    finally:
        await connection.close()


async def test_a_plain_login_backs_up_and_restores(case: Case, postgres: Postgres, tmp_path: Path) -> None:
    """Row-level security holds for an owner who is no superuser: nothing must be missing for that."""
    login = f"plain_{token_hex(4)}"
    await postgres._run(f"CREATE ROLE {login} LOGIN CREATEROLE; GRANT parlons_app, parlons_system TO {login}")
    head, _, query = str(case.place.database_url).partition("?")
    name = head.rpartition("/")[2]
    await postgres._run(f"ALTER DATABASE {name} OWNER TO {login}")
    plain = f"postgresql://{login}@/{name}?{query}"
    again = postgres.at(f"r_{token_hex(6)}")
    second = again.partition("?")[0].rpartition("/")[2]
    await postgres._run(f"CREATE DATABASE {second} OWNER {login}")
    try:
        case.place = Settings(data=case.place.data, database_url=plain)
        await case.restore()
        await back_up(case.place, tmp_path / "second", say=lambda _: None)
        third = Settings(data=tmp_path / "third", database_url=f"postgresql://{login}@/{second}?{query}")
        await restore(third, tmp_path / "second", case.settings.data / KEY_FILE, say=lambda _: None)
        assert await rows(again) == await rows(str(case.settings.database_url))
        connection = await asyncpg.connect(again)
        unforced = (
            "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relrowsecurity AND NOT relforcerowsecurity"
        )
        assert await connection.fetchval(unforced) == 0
        await connection.close()
    finally:
        await postgres.drop(again)
        await postgres.drop(str(case.place.database_url))
        await postgres._run(f"DROP ROLE {login}")


# -- refused, and nothing changed --------------------------------------------------------------------------------------


async def test_a_folder_that_is_not_empty(case: Case) -> None:
    case.place.data.mkdir()
    (case.place.data / "operator.key").write_text("somebody's")
    with pytest.raises(PlaceNotEmpty, match=r"operator\.key"):
        await case.restore()
    assert [entry.name for entry in case.place.data.iterdir()] == ["operator.key"]


async def test_a_database_that_is_not_empty(case: Case) -> None:
    case.place = Settings(data=case.place.data, database_url=case.settings.database_url)
    before = await rows(str(case.settings.database_url))
    with pytest.raises(PlaceNotEmpty, match="database is not empty"):
        await case.restore()
    assert await rows(str(case.settings.database_url)) == before
    assert not case.place.data.exists()


async def test_a_restore_that_did_not_finish_is_neither_served_nor_restored_into(case: Case) -> None:
    case.place.data.mkdir()
    (case.place.data / RESTORING).touch()
    with pytest.raises(PlaceNotEmpty, match="did not finish"):
        await case.restore()
    with pytest.raises(RestoreUnfinished):
        async with running(case.place, say=lambda _: None):
            raise AssertionError("it serves half a restore")


async def test_a_failure_on_the_way_leaves_the_mark(case: Case, tmp_path: Path) -> None:
    """A manifest that is signed but names a table nobody has: known only once the schema is there."""
    bad = remade(case, lambda manifest, _: manifest["tables"].update({"nobody": {"columns": [], "rows": 0}}))
    with pytest.raises(BackupDamaged, match="nobody"):
        await case.restore(bad)
    assert (case.place.data / RESTORING).exists()
    with pytest.raises(RestoreUnfinished):
        async with running(case.place, say=lambda _: None):
            raise AssertionError("it serves half a restore")


async def test_a_newer_revision(case: Case) -> None:
    newer = remade(case, lambda _, about: about.update({"revision": "9999_later", "parlons": "9.9"}))
    assert "9.9" in await case.refused(BackupNewer, newer)


async def test_a_newer_form(case: Case) -> None:
    newer = remade(case, lambda _, about: about.update({"format": archive.FORMAT + 1, "parlons": "9.9"}))
    assert "9.9" in await case.refused(BackupNewer, newer)


@pytest.mark.parametrize(
    ("text", "says"), [("ab" * 32, "was made with"), ("no key at all", "is no key"), ("", "is empty"), (None, "needed")]
)
async def test_a_wrong_key(case: Case, tmp_path: Path, text: str | None, says: str) -> None:
    key = tmp_path / "other.key"
    if text is not None:
        key.write_text(text)
    assert says in await case.refused(BackupKeyWrong, key=key)


def flipped(body: bytes) -> bytes:
    middle = body.index(BODY) + 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]


@pytest.mark.parametrize(
    ("broken", "refusal"),
    [
        (flipped, BackupDamaged),
        (lambda body: body[: len(body) // 2], BackupDamaged),
        (lambda body: body[:-40], BackupDamaged),
        (lambda _: b"", BackupUnreadable),
        (lambda _: b"a letter", BackupUnreadable),
    ],
    ids=["one bit", "half", "no end", "empty", "another file"],
)
async def test_a_damaged_file(
    case: Case, tmp_path: Path, broken: Callable[[bytes], bytes], refusal: type[Exception]
) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(broken(case.backup.read_bytes()))
    await case.refused(refusal, bad)


async def test_another_zip(case: Case, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("hello.txt", "hello")
    await case.refused(BackupUnreadable, tmp_path / "other.zip")


async def test_a_changed_list(case: Case) -> None:
    await case.refused(BackupDamaged, remade(case, lambda manifest, _: manifest.update(erased=["x"]), sign=False))


async def test_a_member_that_is_missing_or_too_many(case: Case) -> None:
    await case.refused(BackupDamaged, remade(case, lambda manifest, _: None, leave=lambda name: "files/" in name))
    await case.refused(BackupDamaged, remade(case, lambda manifest, _: None, more={"files/unasked": b"x"}))


async def test_a_path_that_leads_out(case: Case) -> None:
    bad = remade(
        case,
        lambda manifest, _: manifest["members"].update({"files/../../out": {"size": 1, "sha256": ""}}),
        more={"files/../../out": b"x"},
    )
    assert "leads out" in await case.refused(BackupDamaged, bad)


async def test_no_file_of_that_name(case: Case, tmp_path: Path) -> None:
    await case.refused(BackupUnreadable, tmp_path / "nowhere")


async def test_a_backup_never_replaces_a_file(case: Case) -> None:
    before = case.backup.read_bytes()
    with pytest.raises(BackupExists):
        await back_up(case.settings, case.backup, say=lambda _: None)
    assert case.backup.read_bytes() == before


async def test_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(NothingToBackUp):
        await back_up(Settings(data=tmp_path / "nowhere"), tmp_path / "b", say=lambda _: None)
    assert [*os.scandir(tmp_path)] == []


async def test_a_missing_file_is_said_and_the_rest_is_kept(case: Case, tmp_path: Path) -> None:
    [path] = [path for path in (case.settings.data / "files").rglob("*") if path.is_file()]
    path.unlink()
    done = await back_up(case.settings, tmp_path / "second", say=lambda _: None)
    assert done.damaged == [str(path.relative_to(case.settings.data / "files"))]
    assert (await case.restore(tmp_path / "second")).files == 0


async def test_the_hold_stands_until_it_is_released(case: Case, clock: StillClock) -> None:
    await case.restore()
    db = await Database.open(str(case.place.database_url), pool_size=2, clock=clock)
    try:
        async with db.system() as tx:
            hold = await holds.held(tx)
        assert hold is not None
        assert [(kind.kind, kind.count) for kind in hold.kinds] == [("note", 1)]
        assert hold.backup["key"] == archive.key_name(secret_key(case.place.data))
    finally:
        await db.close()


def remade(
    case: Case,
    change: Callable[[dict[str, Any], dict[str, Any]], None],
    *,
    sign: bool = True,
    leave: Callable[[str], bool] = lambda _: False,
    more: dict[str, bytes] | None = None,
) -> Path:
    """The backup with another list or another beginning; `sign`: as its maker would have signed it."""
    path = case.backup.with_name(f"remade-{token_hex(4)}")
    with zipfile.ZipFile(case.backup) as old, zipfile.ZipFile(path, "w") as new:
        bodies = {name: old.read(name) for name in old.namelist()}
        manifest, about = json.loads(bodies[archive.MANIFEST]), json.loads(bodies[archive.ABOUT])
        change(manifest, about)
        bodies[archive.ABOUT] = json.dumps(about).encode()
        manifest["members"][archive.ABOUT] = archive.seal_of(bodies[archive.ABOUT])
        bodies[archive.MANIFEST] = json.dumps(manifest).encode()
        if sign:
            bodies[archive.MAC] = archive.mac(secret_key(case.settings.data), bodies[archive.MANIFEST]).encode()
        for name, body in {**bodies, **(more or {})}.items():
            if not leave(name):
                new.writestr(name, body)
    return path
