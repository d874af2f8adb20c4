"""A customer's words that nobody may read, such as a PIN: hidden in the transaction that brought them in, so that they are
neither kept nor told to anybody. Who hides them has read them before.
"""

from dataclasses import replace

from parlons.conversations.model import Message
from parlons.conversations.rows import message_by_id
from parlons.conversations.store import messages
from parlons.runtime.db import Tx
from parlons.runtime.events import Event

HIDDEN = "••••••"
_WORDS = frozenset({"html", "folded", "subject", "button"})
"""What a channel carries beside the text that may say the same."""


async def hide_text(tx: Tx, message_id: str) -> None:
    """`tx` is the transaction in which the message came in."""
    message = await message_by_id(tx, message_id)
    if message is None or message.author.kind != "customer":
        return
    content = {name: value for name, value in (message.content or {}).items() if name not in _WORDS} or None
    here = (messages.c.tenant_id == tx.tenant_id, messages.c.id == message_id)
    await tx.execute(messages.update().where(*here).values(text=HIDDEN, content=content))
    tx.kept[Message, message_id] = replace(message, text=HIDDEN, content=content)
    tx.retell(lambda event: _hidden(event, message))


def _hidden(event: Event, message: Message) -> Event:
    """The event without these words: the message itself, and lists that show it as the last one."""
    if not event.private:
        return event
    private = dict(event.private)
    if event.data.get("message", {}).get("id") == message.id:
        told = {name: value for name, value in private["message"].items() if name != "content"}
        private["message"] = {**told, "text": HIDDEN}
    if (event.data.get("conversation", {}).get("last_message") or {}).get("id") == message.id:
        shown = private["conversation"]
        private["conversation"] = {**shown, "last_message": {**shown["last_message"], "text": HIDDEN}}
    return replace(event, private=private)
