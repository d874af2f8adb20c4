"""A connection to the servers' database that reads JSON as the product does, and when everything has come to rest."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
import msgspec


@contextlib.asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """As superuser."""
    connection = await asyncpg.connect(dsn, timeout=30)
    try:
        for name in ("json", "jsonb"):
            await connection.set_type_codec(
                name,
                schema="pg_catalog",
                encoder=lambda value: msgspec.json.encode(value).decode(),
                decoder=msgspec.json.decode,
            )
        yield connection
    finally:
        await connection.close()


_ON_THE_ROAD = "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM commands WHERE state = 'new')"
_PLACES = "SELECT (SELECT max(last_seq) FROM leases), (SELECT sum(seq) FROM readers)"


async def settled(dsn: str, *, seconds: float = 60.0) -> None:
    """Returns when no command and no event is on the road and journal and readers have stopped. Raises TimeoutError."""
    async with asyncio.timeout(seconds), connected(dsn) as connection:
        before = None
        while True:
            left, places = await connection.fetchval(_ON_THE_ROAD), await connection.fetchrow(_PLACES)
            if left == 0 and places == before:
                return
            before = places
            await asyncio.sleep(0.6)
