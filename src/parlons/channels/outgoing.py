"""One message made ready for its channel: text, files with their bytes, what it answers, the token by which its answer
comes back.

Whether it may be sent at all is looked at once more, in the moment before: an address that has asked for silence meanwhile,
a window that has closed, a conversation that was erased.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from parlons.channels import content, sending_on
from parlons.channels.model import Account, Outgoing, OutgoingFile
from parlons.channels.plugin import AnswersPrivately, Channel, capabilities_at
from parlons.channels.public_files import PublicFiles
from parlons.channels.store import CAME_IN, received
from parlons.channels.threading import Tokens
from parlons.channels.words import CODES
from parlons.conversations import deliveries, queries
from parlons.conversations.deliveries import Claimed
from parlons.conversations.hiding import as_sent
from parlons.conversations.model import Attachment, Conversation, Message
from parlons.customers import consent
from parlons.customers import queries as customers
from parlons.customers.model import EMAIL, EXTERNAL, PHONE
from parlons.kit.clock import from_datetime
from parlons.kit.errors import Unavailable
from parlons.runtime.db import Database, Tx
from parlons.runtime.files import FileMissing, Files
from parlons.runtime.prepared import Row

REFERENCES = 20


class Refused(Exception):
    """This message may not be sent any more."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Packing:
    """What making ready needs of a process."""

    db: Database
    channels: dict[str, Channel]
    files: Files
    tokens: Tokens
    public_files: PublicFiles | None = None

    async def pack(self, account: Account, one: Claimed) -> Outgoing:
        """The message as its channel gets it; raises Refused."""
        async with self.db.transaction(one.tenant_id) as tx:
            return await self._pack(tx, account, one)

    async def pack_all(self, account: Account, many: Sequence[Claimed]) -> dict[str, Outgoing | Exception]:
        """Several of an account in one transaction, by id; for those that cannot go, why not."""
        found: dict[str, Outgoing | Exception] = {}
        try:
            async with self.db.transaction(account.tenant_id) as tx:
                for one in many:
                    try:
                        found[one.id] = await self._pack(tx, account, one)
                    except Refused as refused:
                        found[one.id] = refused
            return found
        except Unavailable as error:
            return {one.id: error for one in many}
        except Exception:
            return {one.id: await self._pack_alone(account, one) for one in many}

    async def _pack_alone(self, account: Account, one: Claimed) -> Outgoing | Exception:
        """One of those that could not be made ready together: the others do not pay for it."""
        try:
            return await self.pack(account, one)
        except Exception as error:
            return error

    async def _pack(self, tx: Tx, account: Account, one: Claimed) -> Outgoing:
        message = await queries.message(tx, one.message_id)
        conversation = await queries.conversation(tx, one.conversation_id)
        if message is None or conversation is None or not one.address:
            raise Refused("erased")
        await self._check(tx, account, conversation, message, one.address)
        files = await self._files(tx, message)
        text = as_sent(message)
        if on := (message.content or {}).get("sent_on"):
            able = self.channels[account.channel].capabilities(account)
            below, more = await sending_on.along(tx, on, able.files - len(files))
            text = "\n\n".join(filter(None, [text, below]))
            files += await self._opened(tx, more, {})
        alone = conversation.message_count == 1 and conversation.thread_id is None
        last = await queries.last_by_account(tx, conversation.id, account.id) if not alone else None
        history = await self._history(tx, account, conversation.id) if not alone else ()
        thread = await self._thread(tx, account, last) if last else None
        carried = message.content or {}
        key = one.id if one.rounds == 1 else f"{one.id}-{one.rounds}"
        return Outgoing(
            key=key,
            message_id=message.id,
            conversation_id=conversation.id,
            to=one.address,
            text=text,
            language=conversation.language,
            subject=carried.get("subject", "") or conversation.subject,
            html=carried.get("html", ""),
            files=files,
            buttons=content.buttons_of(carried),
            template=content.template_of(carried),
            cc=tuple(carried.get("cc", ())),
            bcc=tuple(carried.get("bcc", ())),
            reply_to=history,
            thread=thread,
            token=self.tokens.token_of(one.tenant_id, conversation.id),
            author=message.author.name,
            automatic=message.author.kind != "agent",
            unsubscribe=carried.get("unsubscribe", ""),
            public=capabilities_at(self.channels[account.channel], account, one.address).public,
            last_in=(last.content or {}).get("data", {}) if last else {},
            attempt=one.tries,
        )

    async def _check(
        self, tx: Tx, account: Account, conversation: Conversation, message: Message, address: str
    ) -> None:
        if message.notice and message.notice.get("code") in CODES.values():
            return
        if message.author.kind != "agent" and capabilities_at(self.channels[account.channel], account, address).public:
            raise Refused("people-only-in-public")
        if await silent(tx, self.channels[account.channel], account, conversation, address):
            raise Refused("opted-out")

    async def _history(self, tx: Tx, account: Account, conversation_id: str) -> tuple[str, ...]:
        """Provider ids of what was said here, newest first."""
        asked: Row = {"conversation": conversation_id, "account": account.id, "many": REFERENCES}
        came = [
            (from_datetime(row["at"]), row["provider_id"])
            for row in await tx.run(CAME_IN, tenant=tx.tenant_id, **asked)
        ]
        left = await deliveries.sent_ids(tx, conversation_id, account.id, REFERENCES)
        return tuple(provider_id for _, provider_id in sorted([*came, *left], reverse=True)[:REFERENCES])

    async def _thread(self, tx: Tx, account: Account, last: Message) -> str | None:
        mine = (received.c.tenant_id == tx.tenant_id, received.c.account_id == account.id)
        found: str | None = await tx.scalar(sa.select(received.c.thread).where(*mine, received.c.message_id == last.id))
        return found

    async def _files(self, tx: Tx, message: Message) -> tuple[OutgoingFile, ...]:
        inline = {file_id: cid for cid, file_id in (message.content or {}).get("inline", {}).items()}
        return await self._opened(tx, message.attachments, inline)

    async def _opened(
        self, tx: Tx, attachments: Sequence[Attachment], inline: Mapping[str, str]
    ) -> tuple[OutgoingFile, ...]:
        found = []
        for each in attachments:
            try:
                _, body = await self.files.open(tx, each.id)
            except FileMissing:
                raise Refused("file-not-found") from None
            url = self.public_files.address(tx.tenant_id or "", each.id, tx.now) if self.public_files else ""
            found.append(OutgoingFile(each.id, each.name, each.content_type, body, inline.get(each.id), url))
        return tuple(found)


async def silent(tx: Tx, channel: Channel, account: Account, conversation: Conversation, address: str) -> bool:
    """Whether the owner of this address asked for silence; a private answer to public words is silenced by any account of his."""
    private = isinstance(channel, AnswersPrivately) and channel.is_private(address)
    for kind, value in await known_addresses(tx, conversation.customer_id):
        his = kind == EXTERNAL if private else channel.reach(account, kind, value) == address
        if his and await consent.opted_out(tx, firm_id=conversation.firm_id, kind=kind, value=value):
            return True
    return False


async def known_addresses(tx: Tx, customer_id: str) -> list[tuple[str, str]]:
    """Kind and value of every address of a customer that a channel could reach."""
    customer = await customers.customer(tx, customer_id)
    if customer is None or customer.erased_at is not None:
        return []
    return [(one.kind, one.value) for one in customer.addresses if one.kind in (EMAIL, PHONE, EXTERNAL)]


def window_of(window: timedelta | None, last_at: int | None) -> int | None:
    """Until when free text may be sent, in milliseconds; 0: not any more, None: always."""
    if window is None:
        return None
    return 0 if last_at is None else last_at + int(window.total_seconds() * 1000)
