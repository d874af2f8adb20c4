"""What a room tells the world: `Event`, and `Audience`, which says whose screens may have it.

An event is published inside the transaction that made it true (`Tx.publish`) and reaches the journal after its commit.
`data` holds ids, times and states; a text or a personal value goes into `private` under a `private_key` (message, task or
customer id), because the journal stays for ever and a side table can be emptied. Readers get both, merged.
"""

from dataclasses import dataclass, field
from typing import Any

import msgspec


class Audience(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Whose screens may have an event. The parts add up: each names further recipients inside the workspace."""

    firm_id: str | None = None
    """Supervisors see the rows of their firms only; None: no firm in particular."""
    user_ids: tuple[str, ...] = ()
    """These users, whatever their role."""
    conversation_id: str | None = None
    """Everybody who has this conversation open or assigned."""
    supervisors: bool = True
    """Supervisors and administrators who may see `firm_id`."""
    everyone: bool = False
    """All people of the workspace who may see `firm_id`."""
    visitor: bool = False
    """The customer's own page too, when it watches `conversation_id`."""
    firms: tuple[str, ...] = ()
    """Further firms besides `firm_id`: who sees one of them sees it."""
    queue_id: str | None = None
    """Of a contact: supervisors bound to queues hear of those only; empty: of one that is in no queue; None: no contact."""
    left_queue_id: str | None = None
    """The queue it has just left: who is bound to that one, and not to `queue_id`, is told that it is gone."""
    figures: bool = False
    """Also those who may see the figures of the firm and queue, though not the work of others."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that became true with the commit of the transaction it is published in."""

    workspace_id: str
    type: str
    data: dict[str, Any]
    firm_id: str | None = None
    private: dict[str, Any] | None = None
    private_key: str | None = None
    audience: Audience = field(default_factory=Audience)


def merge(data: dict[str, Any], private: dict[str, Any]) -> dict[str, Any]:
    """`data` with the values of `private` laid over it; objects are merged key by key, all else is replaced."""
    merged = dict(data)
    for key, value in private.items():
        mine = merged.get(key)
        merged[key] = merge(mine, value) if isinstance(mine, dict) and isinstance(value, dict) else value
    return merged
