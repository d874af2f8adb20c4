"""What a failing database means to the caller: a stable refusal, never a driver's exception.

`database-unavailable`: stopped, restarting, unreachable, out of connections. The transaction was rolled back, or its commit
is unknown: a caller that repeats with the same idempotency key is safe. `disk-full`: PostgreSQL could not write.
Source: PostgreSQL 15 manual, appendix A (classes 08, 53, 57P).
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from orjson import JSONEncodeError
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from parlons.kit.errors import Invalid, Unavailable

DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""What asyncpg raises when the database fails; InternalClientError when the connection's end had been read just before."""


_NO_TEXT, _NO_NUMBER = ("22021", "22P05"), "22003"
"""PostgreSQL's states of a text, a text within jsonb, and a number that it does not hold."""


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
    """A text holds NUL or half a sign, which no database keeps."""

    code = "unstorable-text"


class UnstorableNumber(Invalid):
    """A number is too large to be kept."""

    code = "unstorable-number"


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


def _unstorable(error: BaseException) -> Invalid | None:
    """The refusal of a value that was sent and that no column holds; JSON's encoder tells what it met in words only."""
    cause: BaseException | None = error
    while cause is not None:
        state, words = getattr(cause, "sqlstate", None), str(cause)
        if state in _NO_TEXT or isinstance(cause, UnicodeEncodeError) or words.startswith("str is not valid UTF-8"):
            return UnstorableText()
        if state == _NO_NUMBER or isinstance(cause, OverflowError) or words.startswith("Integer exceeds 64-bit range"):
            return UnstorableNumber()
        cause = cause.__cause__
    return None


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
    except (StatementError, PoolTimeout, JSONEncodeError, *DRIVER_ERRORS) as error:
        refusal = refusal_of(error)
        if refusal is not None:
            raise refusal from error
        if (unstorable := _unstorable(error)) is not None:
            raise unstorable from error
        raise
