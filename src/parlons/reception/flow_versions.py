"""Versions of a flow: every text it ever had, once, with who wrote it, when and why; one of them is live."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

import sqlalchemy as sa

from parlons.flows.picture import with_places, without_places
from parlons.kit.clock import Millis, from_datetime, to_datetime
from parlons.kit.errors import NotFound
from parlons.kit.marked import read, write
from parlons.kit.patching import patched
from parlons.reception.store import flow_versions
from parlons.runtime.db import Tx

LONGEST_NOTE = 300
Json = dict[str, Any]
Change = Literal["same", "changed", "added", "removed"]
_CLOSELY = 250_000
"""Pairs of lines up to which every one is looked at. Ten times as many lines that repeat themselves, as the steps of a flow do,
would take a hundred times as long."""


class UnknownVersion(NotFound):
    """There is no such version of this flow."""

    code = "unknown-version"


@dataclass(frozen=True, slots=True)
class Version:
    """One text of a flow."""

    version: int
    source: dict[str, Any]
    at: Millis | None
    """None: from before this was written down."""
    author: str
    note: str
    text: str
    """As people wrote it: with comments, and the places of boxes."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of two texts side by side; None: there is none on that side."""

    change: Change
    before: str | None
    after: str | None


async def keep_version(
    tx: Tx, flow_id: str, source: Json, *, layout: Json | None = None, text: str | None = None, live: int | None = None,
    author: str, note: str = "",
) -> int:  # fmt: skip
    """The number of the version that does this: the one there is, else a new one. Where boxes stand makes no version.

    `text` says the same with comments. None: nobody wrote one; where only words differ from the version `live`, its comments
    stay. The flow's row is locked by `tx`."""
    c, places = flow_versions.c, layout or {}
    mine = (c.tenant_id == tx.tenant_id, c.flow_id == flow_id)
    same = sa.select(c.version, c.text).where(*mine, c.source == sa.cast(source, c.source.type))
    known = await tx.fetch_one(same.order_by(c.version.desc()).limit(1))
    if known is not None:
        words = text or _moved(known["text"], places) or write(with_places(source, places))
        if words != known["text"]:
            this = (*mine, c.version == known["version"])
            await tx.execute(flow_versions.update().where(*this).values(text=words))
        return int(known["version"])
    if text is None and live is not None:
        text = _changed(await version_of(tx, flow_id, live), with_places(source, places))
    number = int(await tx.scalar(sa.select(sa.func.coalesce(sa.func.max(c.version), 0)).where(*mine))) + 1
    values = {"flow_id": flow_id, "version": number, "tenant_id": tx.tenant_id, "source": source}
    about = {
        "at": to_datetime(tx.now),
        "author": author,
        "note": note,
        "text": text or write(with_places(source, places)),
    }
    await tx.execute(flow_versions.insert().values(**values, **about))
    return number


def _changed(version: Version, after: Json) -> str | None:
    """The text of a version with other words in it; None: more is other. What it leaves out because it is usual stays out."""
    before, said = version.source, read(version.text).data
    return patched(
        version.text, {word: each for word, each in after.items() if word in said or before.get(word) != each}
    )


def _moved(text: str | None, layout: Json) -> str | None:
    """A text with its boxes at these places; None: it says of other boxes where they stand."""
    if text is None:
        return None
    bare, there = without_places(read(text).data)
    return text if there == layout else patched(text, with_places(bare, layout))


async def versions_of(tx: Tx, flow_id: str, *, before: int | None = None, limit: int = 50) -> list[Version]:
    """The versions of a flow, the latest first."""
    query = sa.select(flow_versions).where(*_mine(tx, flow_id))
    if before is not None:
        query = query.where(flow_versions.c.version < before)
    rows = await tx.fetch_all(query.order_by(flow_versions.c.version.desc()).limit(limit))
    return [_version(row) for row in rows]


async def version_of(tx: Tx, flow_id: str, version: int) -> Version:
    """One version; raises UnknownVersion."""
    row = await tx.fetch_one(sa.select(flow_versions).where(*_mine(tx, flow_id), flow_versions.c.version == version))
    if row is None:
        raise UnknownVersion(flow_id=flow_id, version=version)
    return _version(row)


def side_by_side(before: str, after: str) -> list[Line]:
    """Every line of two texts, those that belong together in one row."""
    old, new = before.splitlines(), after.splitlines()
    if len(old) * len(new) <= _CLOSELY:
        return list(_closely(old, new))
    found: list[Line] = []
    first = begin = 0
    for last, end in [*_unique_in_both(old, new), (len(old), len(new))]:
        left, right = old[first:last], new[begin:end]
        found += (_closely if len(left) * len(right) <= _CLOSELY else _paired)(left, right)
        found += [Line("same", line, line) for line in old[last : last + 1]]
        first, begin = last + 1, end + 1
    return found


def _closely(old: list[str], new: list[str]) -> Iterator[Line]:
    for tag, first, last, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (Line("same", line, line) for line in old[first:last])
        else:
            yield from _paired(old[first:last], new[begin:end])


def _paired(left: list[str], right: list[str]) -> Iterator[Line]:
    """One after the other, as they stand."""
    both = min(len(left), len(right))
    for one, other in zip(left, right, strict=False):
        yield Line("same" if one == other else "changed", one, other)
    yield from (Line("removed", line, None) for line in left[both:])
    yield from (Line("added", None, line) for line in right[both:])


def _unique_in_both(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The places of lines that stand once in each text, as many as come in the same order (patience diff, B. Cohen): between them
    little is left to be compared."""
    once = {line for line, count in Counter(old).items() if count == 1}
    once &= {line for line, count in Counter(new).items() if count == 1}
    places = {line: place for place, line in enumerate(new) if line in once}
    pairs = [(place, places[line]) for place, line in enumerate(old) if line in once]
    # Of the runs of each length that one which ends first in `new`: where, and with which pair; and what comes before each pair.
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, there) in enumerate(pairs):
        length = bisect_left(ends, there)
        ends[length : length + 1] = [there]
        last[length : length + 1] = [number]
        before.append(last[length - 1] if length else -1)
    found, number = [], last[-1] if last else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _mine(tx: Tx, flow_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return flow_versions.c.tenant_id == tx.tenant_id, flow_versions.c.flow_id == flow_id


def _version(row: sa.RowMapping) -> Version:
    at = None if row["at"] is None else from_datetime(row["at"])
    text = row["text"] or write(row["source"])
    return Version(row["version"], row["source"], at, row["author"], row["note"], text)
