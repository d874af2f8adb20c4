"""Fixtures for every room: a real PostgreSQL, a fresh migrated database for each test, a clock that stands still.

One server for all workers of a run, in a temporary folder (or `PARLONS_TEST_DSN`, a server where databases may be made).
Its template is migrated once; each test's database is a copy of it, so nothing leaks between tests.
"""

import asyncio
import contextlib
import functools
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import asyncpg
import pytest
from hypothesis import settings

from parlons.kit.clock import Millis
from parlons.runtime.db import Database
from parlons.runtime.migrate import upgrade
from parlons.runtime.postgres.supervisor import ensure_server, release_server
from parlons.runtime.vault import vault
from parlons.testing.processes import data_folder

TEMPLATE = "parlons_template"
vault.unlock(b"the tests' secret key")
settings.register_profile(
    "parlons", deadline=None
)  # tests assert work done, never seconds: a machine under load is slow
settings.load_profile("parlons")
NOON = Millis(1_790_000_000_000)
FOLDER = "PARLONS_TEST_FOLDER"
"""Where the workers of a run find the folder of their server."""
LONGEST = 300
"""Seconds of one test: what waits for ever fails, and says where."""


_folder = contextlib.ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Who leads the run makes the folder of its server: not among pytest's own, which the next session that begins, by hand
    or by a test, shuts to all but the present user, and so to the database's."""
    if not hasattr(config, "workerinput"):
        os.environ[FOLDER] = str(_folder.enter_context(data_folder()))


def pytest_unconfigure() -> None:
    """With the server, should a killed worker have left it."""
    _folder.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """No test waits without end for a browser, a peer or a child."""
    for item in items:
        if isinstance(item, pytest.Function) and asyncio.iscoroutinefunction(item.obj):
            item.obj = _bounded(item.obj)


def _bounded(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    @functools.wraps(test)
    async def bounded(*args: Any, **values: Any) -> None:
        async with asyncio.timeout(LONGEST):
            await test(*args, **values)

    return bounded


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server with a migrated template."""

    dsn: str

    def at(self, name: str) -> str:
        """The dsn of another database of this server."""
        head, _, query = self.dsn.partition("?")
        return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")

    async def create(self) -> str:
        """A fresh migrated database; returns its dsn."""
        name = f"t_{token_hex(6)}"
        await self._run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        return self.at(name)

    async def drop(self, dsn: str) -> None:
        """Forgets a database made by `create`."""
        name = dsn.partition("?")[0].rpartition("/")[2]
        await self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self.at("postgres"), timeout=30)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


class StillClock:
    """A clock that moves only when told."""

    def __init__(self, now: int = NOON) -> None:
        self.now = now

    def __call__(self) -> Millis:
        return Millis(self.now)

    def advance(self, milliseconds: int) -> None:
        """Moves on."""
        self.now += milliseconds


async def _prepare(server: Postgres) -> None:
    """The template is made by whoever comes first."""
    connection = await asyncpg.connect(server.at("postgres"), timeout=30)
    try:
        await connection.execute("SELECT pg_advisory_lock(7)")
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", TEMPLATE):
            building = f"b_{token_hex(6)}"
            await connection.execute(f"CREATE DATABASE {building}")
            await upgrade(server.at(building))
            await connection.execute(f"ALTER DATABASE {building} RENAME TO {TEMPLATE}")
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of this run."""
    outside = os.environ.get("PARLONS_TEST_DSN")
    if outside:
        server = Postgres(outside)
        asyncio.run(_prepare(server))
        yield server
        return
    running = ensure_server(Path(os.environ[FOLDER]), say=lambda _: None, for_tests=True)
    try:
        server = Postgres(running.dsn)
        asyncio.run(_prepare(server))
        yield server
    finally:
        release_server(running)


@pytest.fixture
async def empty_database(postgres: Postgres) -> AsyncIterator[str]:
    """The dsn of a fresh migrated database, for tests that open it themselves or from other processes."""
    dsn = await postgres.create()
    try:
        yield dsn
    finally:
        await postgres.drop(dsn)


@pytest.fixture
def clock() -> StillClock:
    """Stands at a fixed instant of 2026; `clock.advance(ms)` moves it."""
    return StillClock()


@pytest.fixture
async def database(empty_database: str, clock: StillClock) -> AsyncIterator[Database]:
    """An open `Database` on a fresh migrated database, with the test's clock."""
    opened = await Database.open(empty_database, pool_size=8, clock=clock)
    try:
        yield opened
    finally:
        await opened.close()
