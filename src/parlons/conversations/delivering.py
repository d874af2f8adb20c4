"""How far a message on its way out has come, and what a later word of it means. Pure.

Receipts come late, twice and in any order; a state only goes on, never back. A failure ends the way unless the message turns out
to have arrived. Of a message that left in several parts the slowest part counts, and one failed part makes it failed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from parlons.kit.clock import Millis, to_iso

DeliveryState = Literal["queued", "sending", "sent", "delivered", "read", "failed", "unsure"]
QUEUED: DeliveryState = "queued"
SENDING: DeliveryState = "sending"
SENT: DeliveryState = "sent"
DELIVERED: DeliveryState = "delivered"
READ: DeliveryState = "read"
FAILED: DeliveryState = "failed"
UNSURE: DeliveryState = "unsure"
"""It may have left and may not have; a person decides whether to send again, unless a receipt settles it."""
_RANK: dict[str, int] = {QUEUED: 0, SENDING: 1, UNSURE: 2, SENT: 3, FAILED: 4, DELIVERED: 5, READ: 6}
AGAIN = frozenset({FAILED, UNSURE})
"""States after which a person may send again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What screens know of a message's way out."""

    id: str
    account_id: str
    state: DeliveryState
    at: Millis
    """Since when it is so."""
    code: str = ""
    """Why it failed or waits."""
    reason: str = ""
    """The provider's own words."""
    parts: int = 1
    cost: str = ""
    until: Millis | None = None
    """While it waits after a failed try: until when it is tried again by itself."""

    def json(self) -> dict[str, Any]:
        """As the API shows it and as it stands beside the message."""
        return {
            "id": self.id,
            "account_id": self.account_id,
            "state": self.state,
            "at": to_iso(self.at),
            "code": self.code,
            "reason": self.reason,
            "parts": self.parts,
            "cost": self.cost,
            "until": to_iso(self.until) if self.until is not None else None,
        }


def goes_on(before: str, after: str) -> bool:
    """Whether a message in state `before` is in `after` once this is heard of it."""
    return _RANK[after] > _RANK[before]


def of_parts(states: Sequence[str]) -> str:
    """The state of a message from those of its parts; there is at least one."""
    return FAILED if FAILED in states else min(states, key=_RANK.__getitem__)
