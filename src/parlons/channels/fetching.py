"""Files that a message only names: fetched from the provider after the message is shown and routed, and then put beside it.

A file that does not come is tried again like any job; when it surely never will, the message says so. What is kept is decided as
for every file (`conversations.attachments`).
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from parlons.channels import content
from parlons.channels.accounts import Accounts
from parlons.channels.model import IncomingFile
from parlons.channels.plugin import Channel, Failed, FetchesFiles, NotSent, TryLater
from parlons.conversations import queries
from parlons.conversations.attachments import RECEIVED, UPLOAD, check_file
from parlons.conversations.messages import complete_message
from parlons.conversations.model import Message
from parlons.kit.errors import Refusal
from parlons.runtime.db import Database, Tx
from parlons.runtime.files import Files
from parlons.runtime.jobs import ATTEMPTS, Handler, Job, enqueue

FETCH = "channels.fetch"


async def plan(tx: Tx, account_id: str, message_id: str, index: int) -> None:
    """Fetch the file at `index` of the message's content as soon as this transaction has committed."""
    payload = {"account_id": account_id, "message_id": message_id, "index": index}
    await enqueue(tx, FETCH, payload, dedupe_key=f"{message_id}:{index}", order_key=f"{FETCH}:{message_id}")


def handlers(db: Database, channels: Mapping[str, Channel], accounts: Accounts, files: Files) -> dict[str, Handler]:
    """What the job worker needs."""
    return {FETCH: partial(_fetch, db, channels, accounts, files)}


async def _fetch(
    db: Database, channels: Mapping[str, Channel], accounts: Accounts, files: Files, tx: Tx, job: Job
) -> None:
    account = await accounts.by_id(job.payload["account_id"])
    async with db.transaction(job.tenant_id) as look:
        message = await queries.message(look, job.payload["message_id"])
    entry = _entry(message, job.payload["index"])
    if message is None or entry is None:
        return
    channel: object = channels.get(account.channel) if account is not None else None
    named = IncomingFile(
        entry["name"],
        entry.get("content_type") or "",
        None,
        entry.get("ref"),
        entry.get("size"),
        entry.get("inline_id"),
    )
    try:
        if account is None or not isinstance(channel, FetchesFiles):
            raise Failed("account-removed")
        got = await channel.fetch(account, named)
        if got.body is None:
            raise Failed("no-content")
        name, kind = check_file(got.name, got.body, allowed=RECEIVED)
    except TryLater as error:
        if job.attempt < ATTEMPTS:
            raise
        await _lost(tx, message, job.payload["index"], error.code)
        return
    except NotSent as error:
        await _lost(tx, message, job.payload["index"], error.code)
        return
    except Refusal as refusal:
        change = content.file_refused(named.name, named.size, refusal.code)
        await complete_message(tx, message.id, _with(message, job.payload["index"], change))
        return
    conversation = await queries.conversation(tx, message.conversation_id)
    if conversation is None:
        return
    file_id = await files.put(
        tx, job.tenant_id, conversation.firm_id, UPLOAD, conversation.customer_id, name, kind, got.body
    )
    after = _with(message, job.payload["index"], None)
    if named.inline_id:
        after["inline"] = {**after.get("inline", {}), named.inline_id: file_id}
    await complete_message(tx, message.id, after, attach=file_id)


async def _lost(tx: Tx, message: Message, index: int, code: str) -> None:
    entry = {**(message.content or {})["files"][index], "state": content.LOST, "code": code}
    entry.pop("ref", None)
    await complete_message(tx, message.id, _with(message, index, entry))


def _entry(message: Message | None, index: int) -> dict[str, Any] | None:
    files = ((message.content if message else None) or {}).get("files", [])
    found = files[index] if index < len(files) else None
    return found if found and found["state"] == content.COMING else None


def _with(message: Message, index: int, entry: dict[str, Any] | None) -> dict[str, Any]:
    """The content with another entry in its place; None: an attachment now. Places stay, later jobs name theirs."""
    files = list((message.content or {})["files"])
    files[index] = entry if entry is not None else {"name": files[index]["name"], "state": "kept"}
    return {**(message.content or {}), "files": files}
