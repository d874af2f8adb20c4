"""Secrets at rest: what a dump shows, and what a wrong key or a moved value gives."""

import pytest
import sqlalchemy as sa

from parlons.runtime.db import Database
from parlons.runtime.vault import PREFIX, Sealed, SealedWithAnotherKey, Vault


def opened(secret: bytes) -> Vault:
    vault = Vault()
    vault.unlock(secret)
    return vault


def test_a_sealed_text_opens_and_never_looks_the_same() -> None:
    vault = opened(b"one key")
    first, second = vault.seal("hunter2 é", "trunks.password"), vault.seal("hunter2 é", "trunks.password")
    assert first != second
    assert "hunter2" not in first
    assert vault.open(first, "trunks.password") == vault.open(second, "trunks.password") == "hunter2 é"


def test_another_key_or_another_column_does_not_open_it() -> None:
    stored = opened(b"one key").seal("hunter2", "trunks.password")
    with pytest.raises(SealedWithAnotherKey):
        opened(b"another key").open(stored, "trunks.password")
    with pytest.raises(SealedWithAnotherKey):
        opened(b"one key").open(stored, "phones.password")


def test_a_changed_byte_does_not_open() -> None:
    vault = opened(b"one key")
    stored = vault.seal("hunter2", "trunks.password")
    other = "A" if stored[-3] != "A" else "B"
    with pytest.raises(SealedWithAnotherKey):
        vault.open(stored[:-3] + other + stored[-2:], "trunks.password")


def test_a_row_from_before_is_read_as_it_is() -> None:
    assert opened(b"one key").open("plain", "widgets.identity_secret") == "plain"


def test_a_locked_vault_says_so() -> None:
    with pytest.raises(RuntimeError, match="locked"):
        Vault().seal("x", "y")


async def test_the_database_holds_the_sealed_text_only(database: Database) -> None:
    table = sa.Table("kept", sa.MetaData(), sa.Column("word", Sealed("kept.word")), prefixes=["TEMPORARY"])
    async with database.system() as tx:
        await tx.execute("CREATE TEMPORARY TABLE kept (word text)")
        await tx.execute(table.insert().values(word="open sesame"))
        await tx.execute(table.insert().values(word=""))
        raw = [row["word"] for row in await tx.fetch_all("SELECT word FROM kept")]
        assert raw[0].startswith(PREFIX)
        assert "sesame" not in raw[0]
        assert raw[1] == ""
        assert [row["word"] for row in await tx.fetch_all(sa.select(table))] == ["open sesame", ""]
