"""What a database is asked: each statement of its connections, however it is sent, by transaction. For tests of work done."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from parlons.runtime.db import Database
from parlons.runtime.schema import APP_ROLE

_ENDS = ("COMMIT", "ROLLBACK")


@dataclass(slots=True)
class Asked:
    """Statements in order; a transaction's are those between its BEGIN and its COMMIT, both left out."""

    transactions: list[list[str]] = field(default_factory=list)
    """Those that ended, each with what was asked in it."""
    _open: dict[int, list[str]] = field(default_factory=dict)

    def with_a(self, words: str) -> list[list[str]]:
        """The transactions in which a statement has these words."""
        return [one for one in self.transactions if any(words in text for text in one)]

    def clear(self) -> None:
        """Forgets what has ended so far."""
        self.transactions.clear()

    def _heard(self, connection: int, query: str) -> None:
        text = " ".join(query.split())
        if text.startswith("BEGIN"):
            self._open[connection] = []
        elif text.startswith(_ENDS):
            self.transactions.append(self._open.pop(connection, []))
        else:
            self._open.setdefault(connection, []).append(text)


@contextlib.contextmanager
def statements(database: Database, role: str = APP_ROLE) -> Iterator[Asked]:
    """Listens to a role's connections. Begin before those that are out of the pool are of interest."""
    asked, engine = Asked(), database._engines[role].sync_engine

    def out(dbapi: Any, *_more: Any) -> None:
        driver = dbapi.driver_connection
        number = id(driver)

        def logged(record: Any) -> None:
            asked._heard(number, record.query)

        driver.add_query_logger(logged)
        loggers.append((driver, logged))

    def back(dbapi: Any, *_more: Any) -> None:
        for driver, logged in [one for one in loggers if one[0] is dbapi.driver_connection]:
            driver.remove_query_logger(logged)
            loggers.remove((driver, logged))

    def through_sqlalchemy(
        connection: Any, _cursor: Any, statement: str, _params: Any, _context: Any, many: bool
    ) -> None:
        if not many:  # the driver's loggers hear of many at once, and of what went past SQLAlchemy
            asked._heard(id(connection.connection.dbapi_connection.driver_connection), statement)

    loggers: list[tuple[Any, Any]] = []
    sa.event.listen(engine, "before_cursor_execute", through_sqlalchemy)
    sa.event.listen(engine, "checkout", out)
    sa.event.listen(engine, "checkin", back)
    try:
        yield asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", through_sqlalchemy)
        sa.event.remove(engine, "checkout", out)
        sa.event.remove(engine, "checkin", back)
