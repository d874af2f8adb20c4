"""The waiting places of one pool, in order. Tasks come mostly in the order of their places, so a level (one priority)
is a queue: putting a task in and taking the first out cost the same however many wait. A task that comes with an
earlier start is put between the others."""

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Iterator

from parlons.routing.state import NOTHING, Entry


class Places:
    """Entries sorted; the head is always a task that waits, others may have ended."""

    __slots__ = ("ended", "firsts", "levels", "total")

    def __init__(self) -> None:
        self.levels: dict[int, deque[Entry]] = {}
        self.firsts: list[int] = []
        """The levels that have entries, the first one first."""
        self.total = 0
        self.ended = 0
        """Entries that do not count any more."""

    def __len__(self) -> int:
        return self.total - self.ended

    def __iter__(self) -> Iterator[Entry]:
        """Those that count, in order."""
        for first in self.firsts:
            for entry in self.levels[first]:
                if entry[2].entry is entry:
                    yield entry

    @property
    def head(self) -> Entry:
        """The first, or NOTHING."""
        return self.levels[self.firsts[0]][0] if self.firsts else NOTHING

    def put(self, entry: Entry) -> None:
        """Put an entry to its place."""
        level = self.levels.get(entry[0])
        self.total += 1
        if level is None:
            self.levels[entry[0]] = deque((entry,))
            insort(self.firsts, entry[0])
        elif level[-1] < entry:
            level.append(entry)
        elif entry < level[0]:
            level.appendleft(entry)
        else:
            level.insert(bisect_right(level, entry), entry)

    def take(self, entry: Entry) -> Entry:
        """Take an entry out whose task has let go of it already; returns the head then."""
        level = self.levels[self.firsts[0]]
        if level[0] is entry:
            level.popleft()
            self.total -= 1
            if not level or (self.ended and level[0][2].entry is not level[0]):
                return self._next_head()
            return level[0]
        self.ended += 1
        if self.ended > 32 and self.ended * 2 > self.total:
            self.rebuild(list(self))
        return self.head

    def _next_head(self) -> Entry:
        while self.firsts:
            level = self.levels[self.firsts[0]]
            while level and level[0][2].entry is not level[0]:
                level.popleft()
                self.total -= 1
                self.ended -= 1
            if level:
                return level[0]
            del self.levels[self.firsts.pop(0)]
        return NOTHING

    def rebuild(self, entries: list[Entry]) -> None:
        """Hold these, and nothing else."""
        self.levels, self.firsts, self.total, self.ended = {}, [], 0, 0
        for entry in sorted(entries):
            self.put(entry)
