"""Deadlines. All timers run a fixed duration from `now`, and `now` never goes back: so timers of one duration end in
the order in which they were started, a lane is a queue, and starting one costs an append. Ties between lanes: what
was started first (the longer duration)."""

from collections import deque
from heapq import heappop, heappush, heapreplace
from typing import Protocol


class Timer(Protocol):
    """Something that ends at `deadline` (ms) unless it is over before."""

    @property
    def deadline(self) -> int:
        """Milliseconds."""

    @property
    def running(self) -> bool:
        """False: it will not fire any more."""


class Lane:
    """All timers of one duration, the oldest first."""

    __slots__ = ("ended", "timers")

    def __init__(self) -> None:
        self.timers: deque[Timer] = deque()
        self.ended = 0
        """About how many of them will not fire: above half, they are swept out, so what is finished leaves memory."""


class Timers:
    """All lanes, and a heap of when the head of each is due."""

    __slots__ = ("heads", "lanes")

    def __init__(self) -> None:
        self.lanes: dict[int, Lane] = {}
        self.heads: list[tuple[int, int]] = []

    def start(self, duration: int, timer: Timer) -> None:
        """Start `timer`, which ends `duration` ms from now."""
        lane = self.lanes.get(duration)
        if lane is None:
            lane = self.lanes[duration] = Lane()
            heappush(self.heads, (timer.deadline, -duration))
        lane.timers.append(timer)

    def stopped(self, duration: int) -> None:
        """Some timer of this duration will not fire any more."""
        lane = self.lanes.get(duration)
        if lane is None:
            return
        lane.ended = ended = lane.ended + 1
        if ended > 256 and ended * 2 > len(lane.timers):
            lane.timers = deque(timer for timer in lane.timers if timer.running)
            lane.ended = 0

    def next_deadline(self) -> int | None:
        """When the first running timer ends."""
        heads = self.heads
        while heads:
            due, key = heads[0]
            timers = self.lanes[-key].timers
            while timers and not timers[0].running:
                timers.popleft()
            if not timers:
                heappop(heads)
                del self.lanes[-key]
            elif timers[0].deadline != due:
                heapreplace(heads, (timers[0].deadline, key))
            else:
                return due
        return None

    def take_due(self, now: int) -> Timer | None:
        """The first timer that has ended by `now`, taken out; None when there is none."""
        due = self.next_deadline()
        if due is None or due > now:
            return None
        return self.lanes[-self.heads[0][1]].timers.popleft()

    def running(self) -> list[tuple[int, list[Timer]]]:
        """All running timers by duration, each lane in order."""
        found = [
            (duration, [timer for timer in lane.timers if timer.running])
            for duration, lane in sorted(self.lanes.items())
        ]
        return [(duration, timers) for duration, timers in found if timers]
