"""Transactions: two pools, one per role, and what belongs to a transaction: its events and its after-commit wake-ups.

    async with db.transaction(tenant_id) as tx:          # role parlons_app: sees rows of this tenant only
        await tx.execute(sa.insert(customers), {...})
        tx.publish(Event(...))                            # told to the world only if this commits

Commits at the end, rolls back on any exception; rooms never call commit(). A stopped database answers as
`failures.DatabaseUnavailable`, a full disk as `failures.DiskFull`; the pools mend themselves. `system()` is for journal,
jobs, leases and look-ups by key across tenants, never to serve a request's data.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
import sqlalchemy as sa
from sqlalchemy import CursorResult, Executable, RowMapping
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from parlons.kit.clock import Clock, wall_clock
from parlons.kit.ids import new_id
from parlons.runtime import outbox
from parlons.runtime.events import Event
from parlons.runtime.failures import DatabaseUnavailable, database_failures, refusal_of
from parlons.runtime.log import log
from parlons.runtime.schema import APP_ROLE, SYSTEM_ROLE, TENANT_SETTING
from parlons.runtime.signals import Signals

Params = Mapping[str, Any] | Sequence[Mapping[str, Any]]

_SETTINGS = {
    "application_name": "parlons",
    "timezone": "UTC",
    "jit": "off",
    "lock_timeout": "10000",
    "statement_timeout": "30000",
    "idle_in_transaction_session_timeout": "60000",
}
_SET_TENANT = sa.text(f"SELECT set_config('{TENANT_SETTING}', :tenant, true)")
_BEGIN = sa.text("SELECT 1")


class Tx:
    """One transaction of one role. Made by `Database.transaction` and `Database.system` only."""

    def __init__(self, conn: AsyncConnection, tenant_id: str | None, clock: Clock) -> None:
        self.conn = conn
        self.tenant_id = tenant_id
        """None in a system transaction."""
        self.now = clock()
        """Milliseconds at which this transaction began."""
        self._events: list[tuple[str, Event]] = []
        self._after: list[Callable[[], None]] = []
        self._woken: set[str] = set()
        self.kept: dict[Any, Any] = {}
        """What a room has read in this transaction and holds locked, or made itself, by a key of its own: it need not be read
        again. Who writes it keeps the new value here, or removes it."""

    def new_id(self, prefix: str) -> str:
        """A fresh id at this transaction's time."""
        return new_id(prefix, self.now)

    async def execute(self, statement: Executable | str, params: Params | None = None) -> CursorResult[Any]:
        """Runs a statement; a text may name parameters as `:name`."""
        prepared = sa.text(statement) if isinstance(statement, str) else statement
        result = await self.conn.execute(prepared, params)
        return result

    async def fetch_all(self, statement: Executable | str, params: Params | None = None) -> list[RowMapping]:
        """All rows."""
        return list((await self.execute(statement, params)).mappings().all())

    async def fetch_one(self, statement: Executable | str, params: Params | None = None) -> RowMapping | None:
        """The first row, or None."""
        return (await self.execute(statement, params)).mappings().first()

    async def scalar(self, statement: Executable | str, params: Params | None = None) -> Any:
        """The first column of the first row, or None."""
        return (await self.execute(statement, params)).scalar()

    async def raw(self) -> asyncpg.Connection:
        """The driver's connection inside this transaction, for journal and jobs. Its jsonb parameters are texts."""
        driver = (await self.conn.get_raw_connection()).driver_connection
        assert driver is not None
        return driver  # type: ignore[no-any-return]

    def publish(self, event: Event, *, tenant_id: str | None = None) -> None:
        """Tells the world `event` once this transaction has committed. `tenant_id` is needed in system transactions."""
        owner = self.tenant_id or tenant_id
        if owner is None:
            raise ValueError("an event of a system transaction must name its tenant")
        self._events.append((owner, event))

    def wake(self, workspace_id: str) -> None:
        """Tells the owner of `workspace_id`, after the commit, that something waits for it (outbox or command rows)."""
        self._woken.add(workspace_id)

    def after_commit(self, act: Callable[[], None]) -> None:
        """Calls `act` after the commit. It may be lost when the process dies: for wake-ups, never for effects."""
        self._after.append(act)

    async def _flush(self) -> set[str]:
        """Writes the outbox rows: the last statement before COMMIT, so that causally ordered commits have ordered ids."""
        for tenant_id in dict.fromkeys(owner for owner, _ in self._events):
            mine = [event for owner, event in self._events if owner == tenant_id]
            await outbox.write(self.conn, tenant_id, mine, self.now)
        return self._woken | {event.workspace_id for _, event in self._events}

    def _committed(self) -> None:
        for act in self._after:
            try:
                act()
            except Exception:
                log.exception("after_commit.failed")


class Database:
    """The pools of one process. Open one, pass it on, close it last."""

    def __init__(self, dsn: str, engines: Mapping[str, AsyncEngine], clock: Clock) -> None:
        self.dsn = dsn
        self.clock = clock
        self._engines = engines
        self.signals = Signals(self.connect_system)

    @classmethod
    async def open(cls, dsn: str, *, pool_size: int = 10, clock: Clock = wall_clock) -> "Database":
        """Opens both pools and checks that the database answers. `pool_size`: connections of the app role at most."""
        plain = plain_dsn(dsn)
        database = cls(
            plain,
            {
                APP_ROLE: _engine(plain, APP_ROLE, pool_size),
                SYSTEM_ROLE: _engine(plain, SYSTEM_ROLE, max(4, pool_size // 2)),
            },
            clock,
        )
        try:
            async with database.system() as tx:
                await tx.scalar("SELECT 1")
        except BaseException:
            await database.close()
            raise
        return database

    @asynccontextmanager
    async def transaction(self, tenant_id: str) -> AsyncIterator[Tx]:
        """A transaction of the app role which sees and writes rows of `tenant_id` only."""
        if not tenant_id:
            raise ValueError("a transaction needs a tenant")
        async with self._begin(APP_ROLE, tenant_id) as tx:
            yield tx

    @asynccontextmanager
    async def system(self) -> AsyncIterator[Tx]:
        """A transaction of the system role, across tenants."""
        async with self._begin(SYSTEM_ROLE, None) as tx:
            yield tx

    async def connect_system(self) -> asyncpg.Connection:
        """A connection of its own, system role, jsonb as Python objects: for the owner's group commit. Close it yourself."""
        with database_failures():
            connection = await asyncpg.connect(
                self.dsn, timeout=10, server_settings={**_SETTINGS, "role": SYSTEM_ROLE, "statement_timeout": "120000"}
            )
            await _json_codec(connection)
            return connection

    async def close(self) -> None:
        """Closes every connection."""
        await self.signals.close()
        for engine in self._engines.values():
            await engine.dispose()

    @asynccontextmanager
    async def _begin(self, role: str, tenant_id: str | None) -> AsyncIterator[Tx]:
        with database_failures():
            connection = await self._checked_out(role, tenant_id)
            try:
                tx = Tx(connection, tenant_id, self.clock)
                yield tx
                told = await tx._flush()
                await connection.commit()
            finally:
                await _give_back(connection)
        for workspace_id in told:
            self.signals.poke(workspace_id)
        tx._committed()

    async def _checked_out(self, role: str, tenant_id: str | None) -> AsyncConnection:
        """A connection in a begun transaction. One that died in the pool is replaced here, before anything was written."""
        for attempt in (1, 2, 3):
            connection = await self._engines[role].connect()
            try:
                if tenant_id is None:
                    await connection.execute(_BEGIN)
                else:
                    await connection.execute(_SET_TENANT, {"tenant": tenant_id})
                return connection
            except BaseException as error:
                await _give_back(connection)
                if attempt == 3 or not isinstance(refusal_of(error), DatabaseUnavailable):
                    raise
                if isinstance(error, DBAPIError) and not error.connection_invalidated:
                    await self._engines[role].dispose()
        raise DatabaseUnavailable


async def _give_back(connection: AsyncConnection) -> None:
    """Rolls back what was not committed; a connection that cannot even do that leaves the pool."""
    try:
        await connection.close()
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
        await connection.invalidate()


def plain_dsn(dsn: str) -> str:
    """`dsn` as libpq and asyncpg write it, without a driver's name in the scheme."""
    scheme, separator, rest = dsn.partition("://")
    if not separator or scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise ValueError("a database URL begins with postgresql://")
    return f"postgresql://{rest}"


def _engine(dsn: str, role: str, size: int) -> AsyncEngine:
    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(dsn, timeout=10, server_settings={**_SETTINGS, "role": role})

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=size,
        max_overflow=0,
        pool_timeout=10,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        hide_parameters=True,  # an error's text is logged: it holds no values, which may be personal
    )


async def _json_codec(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda value: orjson.loads(memoryview(value)[1:]),
    )
