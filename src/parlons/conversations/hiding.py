"""Words that nobody may read. A customer's, such as a PIN: hidden in the transaction that brought them in, so that they are
neither kept nor told to anybody. Ours to him, such as a code: kept sealed until his channel is given them.
"""

from dataclasses import replace

from parlons.conversations.model import Message
from parlons.conversations.rows import message_by_id
from parlons.conversations.store import messages
from parlons.runtime.db import Tx
from parlons.runtime.events import Event
from parlons.runtime.vault import vault

HIDDEN = "••••••"
SEALED = "sealed"
"""Of a message's content: what stands behind `HIDDEN` in its text, for the customer alone."""
_SEAL = "messages.sealed"
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


async def seal_text(tx: Tx, message_id: str, words: str) -> None:
    """`words` stand behind `HIDDEN` in this message of ours; `tx` is the transaction that made it."""
    message = await message_by_id(tx, message_id)
    if message is None:
        return
    content = {**(message.content or {}), SEALED: vault.seal(words, _SEAL)}
    here = (messages.c.tenant_id == tx.tenant_id, messages.c.id == message_id)
    await tx.execute(messages.update().where(*here).values(content=content))
    tx.kept[Message, message_id] = replace(message, content=content)


def as_sent(message: Message) -> str:
    """The text as its reader gets it."""
    sealed = (message.content or {}).get(SEALED)
    return message.text.replace(HIDDEN, vault.open(sealed, _SEAL)) if sealed else message.text


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
