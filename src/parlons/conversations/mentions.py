"""Whom a note may name: people of its firm and queue. Naming somebody lets him read it, never beyond his firms and queues."""

from collections.abc import Sequence

from parlons.accounts import queries as accounts
from parlons.conversations.model import Conversation
from parlons.kit.errors import Invalid
from parlons.runtime.db import Tx


class CannotBeNamed(Invalid):
    """Only colleagues who work for this firm and queue can be named in a note."""

    code = "cannot-be-named"


async def colleagues(tx: Tx, conversation: Conversation) -> dict[str, str]:
    """Names by user id."""
    known = (await accounts.users_by_worker(tx)).values()
    firm, queue = conversation.firm_id, conversation.queue_id
    return {
        one["id"]: one["name"]
        for one in known
        if (one["firm_ids"] is None or firm in one["firm_ids"])
        and (one["queue_ids"] is None or queue is None or queue in one["queue_ids"])
    }


async def check_mentions(tx: Tx, conversation: Conversation, user_ids: Sequence[str]) -> None:
    """Raise CannotBeNamed unless all of them may see this firm's rows."""
    if user_ids and not set(user_ids) <= (await colleagues(tx, conversation)).keys():
        raise CannotBeNamed
