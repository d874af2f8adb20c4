"""Our own lints find what they are for, and let the right way pass."""

import ast

import pytest

from tools.lints import sizes, tenants, times

PATH = "src/parlons/customers/thing.py"


@pytest.mark.parametrize(
    "code",
    [
        "datetime.now()",
        "datetime.datetime.now()",
        "datetime.utcnow()",
        "datetime.fromtimestamp(5)",
        "sa.Column('at', sa.DateTime)\nsa.DateTime()",
    ],
)
def test_a_naive_instant_is_found(code: str) -> None:
    assert list(times.naive(PATH, code, ast.parse(code)))


@pytest.mark.parametrize(
    "code", ["datetime.now(UTC)", "datetime.fromtimestamp(5, UTC)", "sa.DateTime(timezone=True)", "now()"]
)
def test_an_aware_instant_passes(code: str) -> None:
    assert not list(times.naive(PATH, code, ast.parse(code)))


@pytest.mark.parametrize(
    ("column", "naked"), [("TIMESTAMP", True), ("timestamptz", False), ("TIMESTAMP WITH TIME ZONE", False)]
)
def test_a_naive_column_of_a_migration_is_found(column: str, naked: bool) -> None:
    code = f"op.execute('CREATE TABLE x (at {column} NOT NULL)')"
    assert bool(list(times.naive("migrations/versions/0001.py", code, ast.parse(code)))) is naked


def test_a_table_without_tenant_is_found() -> None:
    code = "def keys():\n    return [sa.Column('tenant_id')]\n"
    bad, direct, made = (
        "sa.Table('a', m, sa.Column('id'))",
        "Table('b', m, Column('tenant_id'))",
        "Table('c', m, *keys())",
    )
    found = list(tenants.tables(PATH, "", ast.parse(code + "\n".join([bad, direct, made]))))
    assert [one.line for one in found] == [3]


@pytest.mark.parametrize(
    "code", ["tx.conn.commit()", "self._db.system()", "asyncpg.connect(dsn)", "database.connect_system()"]
)
def test_a_way_round_the_tenant_is_found_outside_runtime(code: str) -> None:
    assert list(tenants.transactions(PATH, code, ast.parse(code)))


def test_the_right_way_passes() -> None:
    code = "db.transaction(tenant)\nplatform.system()\nhub.connect(1)"
    assert not list(tenants.transactions(PATH, code, ast.parse(code)))


def test_long_files_and_functions_and_empty_names_are_found() -> None:
    code = "def f():\n" + "    x = 1\n" * 501
    problems = [one.problem for one in sizes.python("src/parlons/x/utils.py", code, ast.parse(code))]
    assert len(problems) == 3
    assert list(sizes.web("web/a.ts", "x\n" * 251))
    assert not list(sizes.web("web/a.ts", "// generated\n" + "x\n" * 251))
