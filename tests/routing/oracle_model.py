"""What the oracle remembers: workers are hands, tasks are jobs, reservations are holds."""

from dataclasses import dataclass, field
from typing import Any


class Refused(Exception):
    """The oracle would not do it."""


@dataclass(eq=False)
class Hold:
    number: int
    task: "Job"
    worker: "Hand"
    made: int
    ends: int
    status: str = "pending"


@dataclass(eq=False)
class Hand:
    id: str
    name: str
    attributes: dict[str, Any]
    activity: str
    rooms: dict[str, list[Any]]
    """Channel: [capacity, open]."""
    reachable: bool = True
    rank: int = 0
    aside: bool = False
    """His turn has not come yet."""
    holds: list[Hold] = field(default_factory=list)


@dataclass(eq=False)
class Job:
    id: str
    attributes: dict[str, Any]
    channel: str
    priority: int
    base: int | None
    start: int
    made: int
    ttl: int
    workflow: str | None
    direct: tuple[str, str] | None = None
    ignore: bool = False
    status: str = "pending"
    queue: str | None = None
    spot: tuple[int, int] | None = None
    """Filter (-1: default) and target in the workflow."""
    known: str | None = None
    placed: bool = False
    stale: bool = False
    leaves: int | None = None
    life: int = 0
    holds: list[Hold] = field(default_factory=list)
    moves: int = 0
    quiet: dict[str, int] = field(default_factory=dict)
    transfer: dict[str, Any] | None = None

    @property
    def looking(self) -> bool:
        return self.status in ("pending", "reserved") or (self.status == "assigned" and self.transfer is not None)
