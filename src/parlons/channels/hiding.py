"""What was said under our posts, hidden from everybody but who wrote it and his friends, or shown again.

The provider is called while no transaction is open; only when he has done it does the message say so.
"""

from parlons.channels.plugin import HidesPublic, NotSent, Unsure
from parlons.channels.post import Post
from parlons.conversations.messages import complete_message
from parlons.conversations.model import Message
from parlons.kit.errors import Conflict, Unavailable
from parlons.runtime.db import Database


class CannotHide(Conflict):
    """This message cannot be hidden: only what others wrote in public under our posts can."""

    code = "cannot-hide"


class NotHidden(Unavailable):
    """The service did not do it; try again."""

    code = "not-hidden"


async def set_hidden(db: Database, post: Post, message: Message, tenant_id: str, *, hidden: bool) -> Message:
    """Hides a public message, or shows it again; the same twice does no harm. Raises CannotHide and NotHidden."""
    content = message.content or {}
    account = await post.accounts.by_id(str(content.get("account_id") or ""))
    channel: object = post.channels.get(account.channel) if account is not None else None
    mine = account is not None and account.tenant_id == tenant_id and message.direction == "in"
    if not mine or not content.get("public") or not isinstance(channel, HidesPublic):
        raise CannotHide
    assert account is not None
    try:
        await channel.hide(account, content.get("data") or {}, hidden=hidden)
    except (NotSent, Unsure) as error:
        raise NotHidden(reason=error.code) from None
    async with db.transaction(tenant_id) as tx:
        changed = await complete_message(tx, message.id, {**content, "hidden": hidden})
    if changed is None:
        raise CannotHide
    return changed
