"""Transactions: two pools, one per role, and what belongs to a transaction: its events and its after-commit wake-ups.

    async with db.transaction(tenant_id) as tx:          # role parlons_app: sees rows of this tenant only
        await tx.execute(sa.insert(customers), {...})
        tx.publish(Event(...))                            # told to the world only if this commits

Commits at the end, rolls back on any exception; rooms never call commit(). A stopped database answers as
`failures.DatabaseUnavailable`, a full disk as `failures.DiskFull`; the pools mend themselves. `system()` is for journal,
jobs, leases and look-ups by key across tenants, never to serve a request's data.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

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
from parlons.runtime.prepared import Prepared, Row, together
from parlons.runtime.remembered import Remembered
from parlons.runtime.schema import APP_ROLE, SYSTEM_ROLE, TENANT_SETTING
from parlons.runtime.signals import Signals

T = TypeVar("T")
Params = Mapping[str, Any] | Sequence[Mapping[str, Any]]

_SETTINGS = {
    "application_name": "parlons",
    "timezone": "UTC",
    "jit": "off",
    "standard_conforming_strings": "on",
    "lock_timeout": "10000",
    "statement_timeout": "30000",
    "idle_in_transaction_session_timeout": "60000",
}
_ALONE = Prepared(
    sa.select(
        sa.func.pg_advisory_xact_lock(
            sa.func.hashtextextended(sa.bindparam("key", type_=sa.Text), sa.literal_column("0"))
        )
        .cast(sa.Text)
        .label("held")
    )
)


class Tx:
    """One transaction of one role. Made by `Database.transaction` and `Database.system` only."""

    def __init__(
        self, conn: AsyncConnection, tenant_id: str | None, clock: Clock, remembered: Remembered | None = None
    ) -> None:
        self.conn = conn
        self._remembered = remembered
        self._driver: asyncpg.Connection | None = None
        self._later: dict[Any, tuple[Prepared, Row]] = {}
        self.tenant_id = tenant_id
        """None in a system transaction."""
        self.now = clock()
        """Milliseconds at which this transaction began."""
        self._events: list[tuple[str, Event]] = []
        self._after: list[Callable[[], None]] = []
        self._woken: set[str] = set()
        self.kept: dict[Any, Any] = {}
        """What a room has read in this transaction, or made itself, by a key of its own: it need not be read again. Who writes it
        keeps the new value here, or removes it; what a decision needs unchanged is read locked before it is kept."""

    def new_id(self, prefix: str) -> str:
        """A fresh id at this transaction's time."""
        return new_id(prefix, self.now)

    async def execute(self, statement: Executable | str, params: Params | None = None) -> CursorResult[Any]:
        """Runs a statement; a text may name parameters as `:name`."""
        if self._later:
            await self._write()
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
        if self._later:
            await self._write()
        return await self._connection()

    async def run(self, statement: Prepared, *, apart: bool = False, **values: Any) -> list[Row]:
        """Runs a prepared statement; its rows. `apart`: it has nothing to do with what `later` keeps back, which stays back."""
        if self._later and not apart:
            await self._write()
        made = statement.made(self.conn.dialect)
        async with self._driven() as driver:
            return made.rows(await driver.fetch(made.text, *made.values(values)))

    async def run_each(self, statement: Prepared, rows: Sequence[Row]) -> None:
        """Runs a prepared write once for each row, in one round trip."""
        if self._later:
            await self._write()
        made = statement.made(self.conn.dialect)
        async with self._driven() as driver:
            await driver.executemany(made.text, [made.values(row) for row in rows])

    def later(self, statement: Prepared, row: Row, *, key: Any = None) -> None:
        """Writes together with other rows, in one statement, before whatever this transaction reads next, at the latest at its
        end; no two of them may concern the same row, and none may be kept back when a savepoint begins. A refusal of the database
        (a unique key) comes then, not here. `key`: by which `unwritten` finds the row meanwhile."""
        self._later[statement, key if key is not None else object()] = (statement, row)

    def unwritten(self, statement: Prepared, key: Any) -> Row | None:
        """A row that `later` still keeps back: whoever changes it need not write it twice."""
        known = self._later.get((statement, key))
        return None if known is None else known[1]

    async def alone(self, key: str) -> None:
        """Holds back other transactions that ask for the same key until this one ends."""
        await self.run(_ALONE, apart=True, key=key)

    async def remembered(self, key: tuple[Any, ...], read: Callable[[], Awaitable[T]]) -> T:
        """Something of the configuration: from this process's memory, else what `read` gives. `key` begins with its kind."""
        if self._remembered is None:
            return await read()
        return await self._remembered.value((self.tenant_id, *key), read)

    async def _connection(self) -> asyncpg.Connection:
        if self._driver is None:
            self._driver = await _driver(self.conn)
        return self._driver

    @asynccontextmanager
    async def _driven(self) -> AsyncIterator[asyncpg.Connection]:
        """The driver's connection; one that died while it was used leaves the pool."""
        driver = await self._connection()
        try:
            yield driver
        except BaseException:
            if driver.is_closed():
                await self.conn.invalidate()
            raise

    async def _write(self) -> None:
        """What was kept back, in one statement."""
        kept, self._later = list(self._later.values()), {}
        made = [(statement.made(self.conn.dialect), row) for statement, row in kept]
        values = [value for statement, row in made for value in statement.values(row)]
        async with self._driven() as driver:
            await driver.execute(together([statement for statement, _ in made]), *values)

    def publish(self, event: Event, *, tenant_id: str | None = None) -> None:
        """Tells the world `event` once this transaction has committed. `tenant_id` is needed in system transactions."""
        owner = self.tenant_id or tenant_id
        if owner is None:
            raise ValueError("an event of a system transaction must name its tenant")
        self._events.append((owner, event))

    def retell(self, change: Callable[[Event], Event]) -> None:
        """Tells what this transaction has published so far otherwise: what nobody may read is taken out before it is told."""
        self._events = [(owner, change(event)) for owner, event in self._events]

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
            self.later(outbox.WRITE, outbox.rows(mine, tenant_id, self.now))
        if self._later:
            await self._write()
        return self._woken | {event.workspace_id for _, event in self._events}

    def _committed(self) -> None:
        if self._remembered is not None and self._events:
            self._remembered.heard(event for _, event in self._events)
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
        self.remembered: Remembered | None = None
        """Given by who sees to it that it forgets in time; see `runtime.remembered`."""
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

    async def recall(self, key: tuple[Any, ...], read: Callable[[], Awaitable[T]]) -> T:
        """As `Tx.remembered`, for what is looked up before its tenant is known."""
        return await read() if self.remembered is None else await self.remembered.value((None, *key), read)

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
                tx = Tx(connection, tenant_id, self.clock, self.remembered)
                yield tx
                told = await tx._flush()
                async with tx._driven() as driver:
                    await driver.execute("COMMIT")
            finally:
                await _give_back(connection)
        for workspace_id in told:
            self.signals.poke(workspace_id)
        tx._committed()

    async def _checked_out(self, role: str, tenant_id: str | None) -> AsyncConnection:
        """A connection in a begun transaction. One that died in the pool is replaced here, before anything was written."""
        begin = "BEGIN"
        if tenant_id is not None:
            begin += f"; SELECT set_config('{TENANT_SETTING}', {quoted(tenant_id)}, true)"
        for attempt in (1, 2, 3):
            connection = await self._engines[role].connect()
            try:
                # One round trip, and none of SQLAlchemy's own beginning: every request pays it.
                await (await _driver(connection)).execute(begin)
                return connection
            except asyncio.CancelledError:
                await connection.invalidate()  # whether it has begun is unknown: nobody may go on in it
                raise
            except BaseException as error:
                await _give_back(connection)
                if attempt == 3 or not isinstance(refusal_of(error), DatabaseUnavailable):
                    raise
                await self._engines[role].dispose()  # those that wait in the pool are as old as this one
        raise DatabaseUnavailable


async def _driver(connection: AsyncConnection) -> asyncpg.Connection:
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, asyncpg.Connection)
    return driver


def quoted(text: str) -> str:
    """`text` as a literal of SQL: for what cannot be a parameter."""
    if "\x00" in text:
        raise ValueError("PostgreSQL's texts hold no NUL")
    return "'" + text.replace("'", "''") + "'"


async def _give_back(connection: AsyncConnection) -> None:
    """Rolls back what was not committed; a connection that cannot even do that leaves the pool."""
    try:
        if not connection.invalidated:
            driver = await _driver(connection)
            if driver.is_in_transaction():
                await driver.execute("ROLLBACK")
        await connection.close()
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
        await connection.invalidate()
    except BaseException:  # who gave it back was cancelled meanwhile
        await connection.invalidate()
        raise


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
        isolation_level="AUTOCOMMIT",  # `Database` begins and ends transactions itself
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
