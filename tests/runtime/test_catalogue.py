"""Walks PostgreSQL's catalogue: no table of any room lets one tenant touch another's rows, also one nobody told us of.

Rows are made from the types of the columns, by a superuser; then the app role of another tenant tries everything.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from parlons.runtime.schema import APP_ROLE, SYSTEM_ROLE

A, B = "ACaaaa", "ACbbbb"
WITHOUT_TENANT = {
    "alembic_version",  # the revision of the schema: one row, no data of anybody, no rights for either role
}

_TABLES = """
SELECT c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced, c.relispartition AS partition,
       has_table_privilege($1, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') AS app_may,
       has_table_privilege($2, c.oid, 'TRUNCATE, REFERENCES, TRIGGER') AS system_may_more
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'f', 'm') ORDER BY 1
"""
_COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type, a.attnotnull AS required, a.attidentity <> '' AS identity,
       a.attgenerated <> '' AS generated, a.attnum AS number
FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_VALUES = {
    "text": "'x'",
    "character varying": "'x'",
    "bigint": "1",
    "integer": "1",
    "smallint": "1",
    "double precision": "1",
    "real": "1",
    "numeric": "1",
    "boolean": "true",
    "jsonb": "'{}'",
    "json": "'{}'",
    "bytea": "'x'",
    "timestamp with time zone": "clock_timestamp()",
    "date": "current_date",
    "time without time zone": "'12:00'",
    "interval": "'1 day'",
    "uuid": "gen_random_uuid()",
    "inet": "'127.0.0.1'",
    "tsvector": "''",
}
"""A value for each type a column may have; a new type is one line here."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    required: bool
    identity: bool
    generated: bool

    @property
    def value(self) -> str:
        if self.type.endswith("[]"):
            return "'{}'"
        return _VALUES[self.type]


@pytest.fixture
async def login(empty_database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(empty_database)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def intruder(empty_database: str) -> AsyncIterator[asyncpg.Connection]:
    """The app's role, acting for tenant A."""
    connection = await asyncpg.connect(empty_database, server_settings={"role": APP_ROLE, "app.tenant": A})
    try:
        yield connection
    finally:
        await connection.close()


async def tables(login: asyncpg.Connection) -> list[Any]:
    return [row for row in await login.fetch(_TABLES, APP_ROLE, SYSTEM_ROLE) if row["name"] not in WITHOUT_TENANT]


async def columns(login: asyncpg.Connection, table: str) -> list[Column]:
    rows = await login.fetch(_COLUMNS, table)
    return [Column(row["name"], row["type"], row["required"], row["identity"], row["generated"]) for row in rows]


def insert_of(table: str, tenant: str, given: list[Column]) -> str:
    """An INSERT of one row with a value for every column that a person could write."""
    mine = [column for column in given if not column.identity and not column.generated]
    names = ", ".join(f'"{column.name}"' for column in mine)
    values = ", ".join(f"'{tenant}'" if column.name == "tenant_id" else column.value for column in mine)
    return f'INSERT INTO "{table}" ({names}) VALUES ({values})'


async def attempt(connection: asyncpg.Connection, statement: str) -> int:
    """How many rows a statement touched; 0 when PostgreSQL forbade it by row-level security or rights."""
    try:
        async with connection.transaction():
            status: str = await connection.execute(statement)
    except (asyncpg.InsufficientPrivilegeError, asyncpg.CheckViolationError):
        return 0
    return int(status.rpartition(" ")[2])


async def plant(login: asyncpg.Connection, table: str, tenant: str) -> None:
    """One row of `tenant`, whatever the table's keys, checks and triggers: those are not what is tested."""
    await login.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    for row in await login.fetch(
        "SELECT conname FROM pg_constraint WHERE conrelid = $1::regclass AND contype IN ('c', 'f') AND conislocal",
        table,
    ):
        await login.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{row["conname"]}" CASCADE')
    await login.execute(insert_of(table, tenant, await columns(login, table)))


async def test_every_table_is_under_forced_row_security(login: asyncpg.Connection) -> None:
    for table in await tables(login):
        assert table["enabled"], f"{table['name']}: call secure() in its migration"
        assert table["forced"], f"{table['name']}: call secure() in its migration"
        assert not table["system_may_more"], table["name"]
        if table["partition"]:
            assert not table["app_may"], f"{table['name']}: a partition is reached through its parent only"


async def test_every_table_has_its_two_policies_and_no_other(login: asyncpg.Connection) -> None:
    rows = await login.fetch("SELECT tablename, policyname, roles, permissive, qual, with_check FROM pg_policies")
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row["tablename"], {})[row["policyname"]] = row
    for table in await tables(login):
        policies = found.get(table["name"], {})
        assert set(policies) == (set() if table["partition"] else {"tenant", "system"}), table["name"]
        for name, policy in policies.items():
            assert list(policy["roles"]) == [APP_ROLE if name == "tenant" else SYSTEM_ROLE]


async def test_every_row_names_its_tenant(login: asyncpg.Connection) -> None:
    for table in await tables(login):
        mine = {column.name: column for column in await columns(login, table["name"])}
        assert "tenant_id" in mine, (
            f"{table['name']} has no tenant_id; list it in WITHOUT_TENANT with the reason, or add one"
        )
        assert mine["tenant_id"].required, table["name"]


async def test_the_roles_have_no_way_round(login: asyncpg.Connection) -> None:
    for role in (APP_ROLE, SYSTEM_ROLE):
        row = await login.fetchrow("SELECT * FROM pg_roles WHERE rolname = $1", role)
        powers = ("rolsuper", "rolbypassrls", "rolcanlogin", "rolcreaterole", "rolcreatedb")
        assert [power for power in powers if row[power]] == [], role
    assert not await login.fetchval("SELECT pg_has_role($1, $2, 'MEMBER')", APP_ROLE, SYSTEM_ROLE)


async def test_functions_do_not_act_for_their_owner(login: asyncpg.Connection) -> None:
    """A SECURITY DEFINER function would go round the policies."""
    assert (
        await login.fetch("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef") == []
    )


async def test_one_tenant_touches_nothing_of_another_in_any_table(
    login: asyncpg.Connection, intruder: asyncpg.Connection
) -> None:
    names = [table["name"] for table in await tables(login) if not table["partition"]]
    assert len(names) >= 10
    for name in names:
        given = await columns(login, name)
        await plant(login, name, B)
        assert await attempt(intruder, f'SELECT * FROM "{name}"') == 0, f"{name}: read"
        assert await attempt(intruder, f'UPDATE "{name}" SET tenant_id = tenant_id') == 0, f"{name}: update"
        assert await attempt(intruder, f"UPDATE \"{name}\" SET tenant_id = '{A}'") == 0, f"{name}: taken over"
        assert await attempt(intruder, f'DELETE FROM "{name}"') == 0, f"{name}: delete"
        assert await login.fetchval(f'DELETE FROM "{name}" RETURNING tenant_id') == B, name
        assert await attempt(intruder, insert_of(name, B, given)) == 0, f"{name}: insert"
        assert await attempt(intruder, insert_of(name, A, given)) == 1, f"{name}: its own tenant's rows must be allowed"
        assert await attempt(intruder, f"UPDATE \"{name}\" SET tenant_id = '{B}'") == 0, f"{name}: given away"
        assert await login.fetchval(f'DELETE FROM "{name}" RETURNING tenant_id') == A, name


async def test_without_a_tenant_nothing_is_seen(login: asyncpg.Connection, empty_database: str) -> None:
    nobody = await asyncpg.connect(empty_database, server_settings={"role": APP_ROLE})
    try:
        for table in await tables(login):
            if not table["partition"]:
                await plant(login, table["name"], B)
                assert await attempt(nobody, f'SELECT * FROM "{table["name"]}"') == 0, table["name"]
    finally:
        await nobody.close()


async def test_a_new_table_without_protection_would_be_noticed(login: asyncpg.Connection) -> None:
    """The walk finds what nobody named."""
    await login.execute("CREATE TABLE novelty (tenant_id text NOT NULL, secret text)")
    bare = [table["name"] for table in await tables(login) if not (table["enabled"] and table["forced"])]
    assert bare == ["novelty"]
