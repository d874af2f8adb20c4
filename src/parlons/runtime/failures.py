"""What a failing database means to the caller: a stable refusal, never a driver's exception.

`database-unavailable`: stopped, restarting, unreachable, out of connections. The transaction was rolled back, or its commit
is unknown: a caller that repeats with the same idempotency key is safe. `disk-full`: PostgreSQL could not write.
Source: PostgreSQL 15 manual, appendix A (classes 08, 53, 57P).
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from parlons.kit.errors import Invalid, Unavailable

DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""What asyncpg raises when the database fails; InternalClientError when the connection's end had been read just before."""


class DatabaseUnavailable(Unavailable):
    """The database does not answer at the moment; nothing half done was kept. Try again."""

    code = "database-unavailable"


class DiskFull(Unavailable):
    """The disk of the database is full; nothing was stored. Free some space, then try again."""

    code = "disk-full"
    status = 507


class Overloaded(Unavailable):
    """Too many callers want the same rows at once; nothing was stored. Try again."""

    code = "overloaded"


class UnstorableText(Invalid):
    """A text holds NUL, a sign that no database keeps."""

    code = "unstorable-text"


def refusal_of(error: BaseException) -> Unavailable | None:
    """The refusal that tells what `error` means, or None when it is not the database's failing."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, Unavailable):
            return cause
        found = _by_state(getattr(cause, "sqlstate", None)) or _by_type(cause)
        if found is not None:
            return found
        cause = cause.orig if isinstance(cause, DBAPIError) and cause.orig is not None else cause.__cause__
    return None


def _unstorable(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if getattr(cause, "sqlstate", None) in ("22021", "22P05"):  # from a text, from a text within jsonb
            return True
        cause = cause.__cause__
    return False


def _by_state(state: object) -> Unavailable | None:
    if not isinstance(state, str):
        return None
    if state in ("53100", "58030"):
        return DiskFull()
    if state[:2] == "08" or state[:3] == "57P" or state in ("53300", "53200"):
        return DatabaseUnavailable()
    if state in ("55P03", "40P01", "40001", "57014"):
        return Overloaded()
    return None


def _by_type(error: BaseException) -> Unavailable | None:
    if isinstance(error, PoolTimeout):
        return Overloaded()
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return DatabaseUnavailable()
    if isinstance(error, asyncpg.InternalClientError):
        # The driver's state machine after a connection broke in the middle of an operation.
        return DatabaseUnavailable()
    if isinstance(error, asyncpg.InterfaceError):
        closed = "closed" in str(error) or "released" in str(error)
        return DatabaseUnavailable() if closed else None
    if isinstance(error, ConnectionError | FileNotFoundError | asyncio.IncompleteReadError):
        return DatabaseUnavailable()
    return None


@contextmanager
def database_failures() -> Iterator[None]:
    """Turns what the driver raises inside into the refusal it means; everything else passes."""
    try:
        yield
    except (DBAPIError, PoolTimeout, *DRIVER_ERRORS) as error:
        refusal = refusal_of(error)
        if refusal is not None:
            raise refusal from error
        if _unstorable(error):
            raise UnstorableText from error
        raise
