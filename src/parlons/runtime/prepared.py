"""Statements of the busiest paths: compiled once by SQLAlchemy, run by the driver, writes of one step sent together.

A statement that is built anew and goes through SQLAlchemy costs a process ten times what the driver alone needs. Rooms
declare theirs beside their tables:

    NEW_LEG = insertion(legs, "id", "tenant_id", "conversation_id", "channel", "address", "started_at")
    await tx.run(BY_NUMBER, number=number)              # rows as dicts, at once
    tx.later(NEW_LEG, row, key=row["id"])               # with the writes after it, before whatever is read next

`Tx.later` decides when; here is only how. Statements with lists (`IN`) cannot be prepared: use `= ANY`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.engine import Dialect

_PLACE = re.compile(r"\$(\d+)")
_MOST_TOGETHER = 500
"""Combinations of writes remembered."""
Row = dict[str, Any]


class Prepared:
    """One statement and its parameters by name. Compiled when it is first run."""

    def __init__(self, statement: Any, *, columns: Sequence[str] | None = None) -> None:
        """`columns`: of an INSERT or UPDATE, those which rows give, where the statement does not name them itself."""
        self._statement, self._columns = statement, columns
        self._compiled: Any = None
        self.text = ""
        self._in: list[tuple[str, Any]] = []
        self._out: list[tuple[str, Any]] = []

    def made(self, dialect: Dialect) -> "Prepared":
        """The same, compiled."""
        if self._compiled is None:
            compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)
            processors = compiled._bind_processors
            self.text = str(compiled)
            self._in = [(name, processors.get(name)) for name in compiled.positiontup]
            self._fixed = dict(compiled.construct_params(_check=False))
            self._out = [
                (column.keyname, column.type._cached_result_processor(dialect, None))
                for column in compiled._result_columns
            ]
            self._compiled = compiled
        return self

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The driver's parameters."""
        fixed = self._fixed
        return [
            value if process is None else process(value)
            for name, process in self._in
            for value in (given[name] if name in given else fixed[name],)
        ]

    def rows(self, records: Sequence[asyncpg.Record]) -> list[Row]:
        """What the driver gave, as the columns' types say."""
        return [
            {
                name: value if process is None or value is None else process(value)
                for (name, process), value in zip(self._out, record.values(), strict=True)
            }
            for record in records
        ]


def insertion(table: sa.Table, *columns: str) -> Prepared:
    """A new row with these columns; none named: all of them."""
    return Prepared(sa.insert(table).inline(), columns=columns or [column.name for column in table.c])


_together: dict[tuple[int, ...], str] = {}


def together(statements: Sequence[Prepared]) -> str:
    """One statement that does all of these, none of which sees what another does: each in a WITH of its own."""
    if len(statements) == 1:
        return statements[0].text
    key = tuple(id(one) for one in statements)
    known = _together.get(key)
    if known is None:
        if len(_together) >= _MOST_TOGETHER:
            _together.clear()
        known = _together[key] = _joined(statements)
    return known


def _joined(statements: Sequence[Prepared]) -> str:
    texts, count = [], 0
    for one in statements:
        shift = count
        texts.append(_PLACE.sub(lambda place: f"${int(place.group(1)) + shift}", one.text))  # noqa: B023
        count += len(one._in)
    parts = ", ".join(f"w{number} AS ({text})" for number, text in enumerate(texts[:-1]))
    return f"WITH {parts} {texts[-1]}"
