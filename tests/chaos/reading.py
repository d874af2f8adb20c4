"""A connection to the servers' database that reads JSON as the product does."""

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
