"""Files: with their row, erased with their owner, orphans swept, names harmless."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from parlons.runtime.db import Database
from parlons.runtime.files import FileMissing, Files, safe_name
from parlons.runtime.jobs import Worker
from parlons.runtime.maintenance import Retention, maintain
from tests.conftest import StillClock

T, B = "ACaaaa", "ACbbbb"


async def store(database: Database, files: Files, owner: str = "IM1", keep_days: int | None = None) -> str:
    async with database.transaction(T) as tx:
        return await files.put(
            tx, T, "FI1", "attachment", owner, "../photo.png", "image/png", b"bytes", keep_days=keep_days
        )


def stored(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if path.is_file()]


async def test_a_file_comes_back_to_its_tenant_only(database: Database, tmp_path: Path) -> None:
    files = Files(tmp_path)
    file_id = await store(database, files)
    async with database.transaction(T) as tx:
        found, body = await files.open(tx, file_id)
    assert (body, found.name, found.size, found.cls) == (b"bytes", "photo.png", 5, "attachment")
    async with database.transaction(B) as tx:
        with pytest.raises(FileMissing):
            await files.find(tx, file_id)


async def test_a_file_goes_with_its_owner(database: Database, tmp_path: Path) -> None:
    files = Files(tmp_path)
    await store(database, files, "IM1")
    kept = await store(database, files, "FLtemp")
    async with database.transaction(T) as tx:
        await files.give_to(tx, [kept], "IM2")
        assert await files.delete_of(tx, ["IM1", "FLtemp"]) == 1
    await Worker(database, files.handlers()).run_due()
    assert [path.name for path in stored(tmp_path)] == [kept]


async def test_bytes_of_a_failed_transaction_are_swept_but_not_at_once(database: Database, tmp_path: Path) -> None:
    files = Files(tmp_path)
    try:
        async with database.transaction(T) as tx:
            await files.put(tx, T, None, "attachment", "IM1", "x", "text/plain", b"lost")
            raise KeyError
    except KeyError:
        pass
    kept = await store(database, files)
    assert await files.sweep(database, now=datetime.now(UTC)) == 0
    assert await files.sweep(database, now=datetime.now(UTC) + timedelta(hours=25)) == 1
    assert [path.name for path in stored(tmp_path)] == [kept]


async def test_retention_by_the_files_own_time(database: Database, tmp_path: Path, clock: StillClock) -> None:
    files = Files(tmp_path)
    await store(database, files, keep_days=2)
    with structlog.testing.capture_logs() as logs:
        await maintain(database, files, Retention(journal_days=3))
    assert logs == [], "no step failed"
    assert len(stored(tmp_path)) == 1
    clock.advance(2 * 86_400_000 + 1)
    await maintain(database, files, Retention(journal_days=3))
    await Worker(database, files.handlers()).run_due()
    assert stored(tmp_path) == []


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\a.png", "a.png"),
        ("facture\u202egnp.exe", "facturegnp.exe"),
        ('a"b\r\nSet-Cookie: x', "abSet-Cookie: x"),
        ("..", "file"),
        ("é" * 300 + ".pdf", "é" * 196 + ".pdf"),
    ],
)
def test_names_are_harmless(given: str, clean: str) -> None:
    assert safe_name(given) == clean
