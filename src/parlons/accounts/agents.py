"""The three calls this room makes upwards, handed in by app, because accounts lies below the rooms they concern.

Whoever serves customers has a worker in the workspace's router: which one, accounts decides; how the router learns of it, app
decides (it submits router commands in the same transaction). A firm is removed only when no room has rows of it. And who is
bound to queues is bound to some that are there.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from parlons.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class Agent:
    """What the router shall know of a user who serves customers."""

    workspace_id: str
    user_id: str
    worker_id: str
    name: str
    firm_ids: tuple[str, ...] | None
    """None: all firms."""
    active: bool
    """False: the worker is to be removed."""
    attributes: dict[str, Any] | None = None
    """Skills, levels, languages; None: as they are."""
    channels: dict[str, int] | None = None
    """Capacity by task channel; None: as they are."""


SyncAgent = Callable[[Tx, Agent], Awaitable[None]]
"""Carries an agent to the router inside the caller's transaction."""

FirmUses = Callable[[Tx, str], Awaitable[list[str]]]
"""What other rooms still have of a firm, in words: `queues`, `conversations`. Empty: it may go."""

KnownQueues = Callable[[Tx, str], Awaitable[Mapping[str, str | None]]]
"""The queues of a workspace, each with its firm (None: of all firms)."""
