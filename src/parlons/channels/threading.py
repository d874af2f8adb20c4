"""Which conversation a message belongs to, as far as that can be decided without the database; and the token that says it
outright.

A token is a conversation's id, signed: 36 signs, short enough for a mail address or a link in an SMS. Source: RFC 5321
4.5.3.1.1 (64 signs before the @).
"""

from parlons.conversations.model import CLOSED, Conversation
from parlons.kit.ids import CONVERSATION
from parlons.runtime.signed_ids import signed_ids

HOUR = 3_600_000
REOPENS_MS = 24 * HOUR
"""A message within a day of its closing reopens a customer's conversation; later, it begins a new one."""
ANSWERS_MS = 30 * 24 * HOUR
"""An answer to a message of ours reopens its conversation for so long."""


class Tokens:
    """Makes and reads tokens. One a process."""

    def __init__(self, secret: bytes) -> None:
        """`secret`: the bytes of secret.key."""
        self._ids = signed_ids(secret, "conversation token", CONVERSATION, 6)

    def token_of(self, tenant_id: str, conversation_id: str) -> str:
        """The token of a conversation; the same each time."""
        return self._ids.token(conversation_id, within=_within(tenant_id))

    def conversation_of(self, tenant_id: str, token: str) -> str | None:
        """The conversation a token of this tenant names; None: it is none of ours."""
        return self._ids.id_of(token, within=_within(tenant_id))


def _within(tenant_id: str) -> bytes:
    return tenant_id.encode() + b"\0"


def goes_on(conversation: Conversation, now: int, *, answered: bool) -> bool:
    """Whether a message may still go into it. `answered`: it answers a message of ours, names its thread or bears its token."""
    if conversation.status != CLOSED:
        return True
    return (conversation.closed_at or 0) >= now - (ANSWERS_MS if answered else REOPENS_MS)
