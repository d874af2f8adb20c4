"""Taking what a channel understood: once, in order, each event in a transaction of its own that also asks for an agent.

The order of decisions for a message: known already? -> whose conversation (token, answer to one of ours, the provider's
thread, the customer's present one) -> which customer (an address he proved leads to him, a claim never does) -> a word that
asks for silence? -> kept, with its files -> reception. A process that dies anywhere leaves either nothing of a message or
all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from parlons.channels import content, fetching, words
from parlons.channels.accounts import Accounts
from parlons.channels.model import Account, Elsewhere, Event, Incoming, Read, Receipt, Sender, Typing, Unknown
from parlons.channels.plugin import Channel
from parlons.channels.store import BECAME, RECEIVED, received
from parlons.channels.threading import Tokens, goes_on
from parlons.conversations import commands as conversations
from parlons.conversations import deliveries, queries
from parlons.conversations.attachments import MAX_BYTES, UPLOAD, check_file
from parlons.conversations.http_messages import tell_typing
from parlons.conversations.messages import add_message, tell_customer
from parlons.conversations.model import Author, Conversation, Message, Way
from parlons.conversations.rules import MAX_ATTACHMENTS, MAX_TEXT
from parlons.customers import commands as customers
from parlons.customers import consent
from parlons.customers import queries as customer_queries
from parlons.customers.model import EXTERNAL, MAX_NAME, Customer, InvalidAddress, normal
from parlons.dispatch.contacts import Contact, ContactHandler
from parlons.kit.clock import Millis, to_datetime
from parlons.kit.errors import NotFound, Refusal, Unavailable
from parlons.runtime.db import Database, Tx
from parlons.runtime.files import Files
from parlons.runtime.hub import Hub
from parlons.runtime.log import log
from parlons.runtime.metrics import CHANNEL_EVENTS

NO_ENTRY_POINT = "no-entry-point"
"""Reception's refusal when nothing answers an address: the message is kept and stands in the list of those not served."""


@dataclass(slots=True)
class Receiver:
    """What taking needs of a process."""

    db: Database
    channels: dict[str, Channel]
    accounts: Accounts
    handler: ContactHandler
    files: Files
    tokens: Tokens
    hub: Hub | None = None

    async def take_all(self, account: Account, events: Sequence[Event]) -> None:
        """Take events in their order; one that is refused holds up no other. Raises Unavailable: nothing after it was taken."""
        for each in events:
            channel, event = (each.channel, each.event) if isinstance(each, Elsewhere) else (account.channel, each)
            mine = self.accounts.sibling(account, event.to, channel) if event.to else account
            if mine is None:
                CHANNEL_EVENTS.labels(account.channel, "stray").inc()
                continue
            try:
                await self.take(mine, event)
                CHANNEL_EVENTS.labels(account.channel, type(event).__name__.lower()).inc()
            except Unavailable:
                raise
            except Refusal as refusal:
                log.warning("channel.refused", channel=account.channel, account_id=mine.id, code=refusal.code)
                CHANNEL_EVENTS.labels(account.channel, "refused").inc()

    async def take(self, account: Account, event: Event) -> Message | None:
        """Take one event; the message it became, if it is new and one."""
        match event:
            case Typing():
                await self._typing(account, event)
                return None
            case Unknown():
                if event.sender is None:
                    log.info("channel.unknown", channel=account.channel, kind=event.kind[:40])
                    return None
                event = Incoming(event.id, event.sender, kind=event.kind[:40] or "unknown")
        async with self.db.transaction(account.tenant_id) as tx:
            match event:
                case Receipt():
                    await deliveries.heard(
                        tx, account.id, event.provider_id, event.state, code=event.code, reason=event.reason,
                        cost=event.cost,
                    )  # fmt: skip
                case Read():
                    found = await queries.on_way(tx, account.id, event.address)
                    if found is not None:
                        at = event.at if event.provider_id is None else None
                        await deliveries.read_until(tx, account.id, found.id, provider_id=event.provider_id, at=at)
                case Incoming():
                    return await _Taking(self, tx, account, event).message()
        return None

    async def _typing(self, account: Account, event: Typing) -> None:
        if self.hub is None:
            return
        async with self.db.transaction(account.tenant_id) as tx:
            found = await queries.on_way(tx, account.id, event.address)
        if found is not None:
            tell_typing(self.hub, found, kind="customer", author_id=None, name="")


class _Taking:
    """One message, in one transaction."""

    def __init__(self, receiver: Receiver, tx: Tx, account: Account, event: Incoming) -> None:
        self.receiver, self.tx, self.account = receiver, tx, account
        self.event = replace(event, sender=usable(account, event.sender))
        self.capabilities = receiver.channels[account.channel].capabilities(account)

    async def message(self) -> Message | None:
        """Kept once; None when it was taken before."""
        if not await self._first_time():
            return None
        conversation, customer, fresh = await self._conversation()
        read = not (self.capabilities.subject or self.event.public)
        asked = words.asked(self.event.text, sms=self.capabilities.segments) if read else None
        message = await self._keep(conversation, customer)
        self._note(conversation.id, message.id)
        if asked is not None:
            await self._obey(asked, conversation, message, fresh=fresh)
        elif not self.event.automatic:
            await self._ask(conversation, message)
        elif fresh and self.event.public:
            # Something nobody here had read was taken back: kept, and work for nobody.
            await conversations.close(self.tx, conversation.id, by="system")
        return message

    async def _first_time(self) -> bool:
        if await self._noted():
            return True
        if not self.event.variant:
            return False
        same = _of(self.tx, self.account.id, received.c.provider_id == self.event.id[:500])
        if await self.tx.scalar(sa.select(received.c.variant).where(same)) in ("", self.event.variant):
            return False
        self.event = replace(self.event, id=f"{self.event.id[:400]}#{self.event.variant}")
        return await self._noted()

    async def _noted(self) -> bool:
        rows = await self.tx.run(
            RECEIVED, tenant_id=self.tx.tenant_id, account_id=self.account.id, provider_id=self.event.id[:500],
            thread=self.event.thread, variant=self.event.variant, at=to_datetime(self.tx.now),
        )  # fmt: skip
        return bool(rows)

    def _note(self, conversation_id: str, message_id: str) -> None:
        of = {"of_tenant": self.tx.tenant_id, "of_account": self.account.id, "of_id": self.event.id[:500]}
        self.tx.later(BECAME, {**of, "became_conversation": conversation_id, "became_message": message_id})

    async def _conversation(self) -> tuple[Conversation, Customer | None, bool]:
        """Where it goes, whose that is, and whether it began with this message."""
        tx, account, sender = self.tx, self.account, self.event.sender
        way = Way(account.channel, account.id, sender.address)
        answered = await self._answered()
        if answered is not None:
            customer = await customer_queries.customer(tx, answered.customer_id)
            if customer is not None and customer.erased_at is None:
                his = any((one.kind, one.value) == (sender.kind, sender.value) for one in customer.addresses)
                if his or not self.event.public:  # In public, what a stranger puts under it is a matter of his own.
                    if his or answered.account_id != account.id:
                        answered = await conversations.go_on(tx, answered.id, way)
                    return answered, customer, False
        customer = await customers.find_or_create_by_address(
            tx, workspace_id=account.workspace_id, firm_id=account.firm_id, kind=sender.kind, value=sender.value,
            verified=sender.verified, name=sender.name[:MAX_NAME], language=sender.language,
        )  # fmt: skip
        if sender.verified and sender.name.strip() and not customer.name and customer.erased_at is None:
            customer = await customers.update_customer(tx, customer.id, name=sender.name[:MAX_NAME])
        present = None if self.capabilities.subject else await self._present(customer.id)
        if present is not None:
            return await conversations.go_on(tx, present.id, way), customer, False
        opened = await conversations.open_conversation(
            tx, workspace_id=account.workspace_id, firm_id=account.firm_id, customer_id=customer.id,
            channel=account.channel, address=sender.address, account_id=account.id, language=await self._language(customer),
            subject=self.event.subject,
        )  # fmt: skip
        return opened, customer, True

    async def _answered(self) -> Conversation | None:
        """The conversation it names: by a token, by what it answers, by the provider's thread."""
        tx, account, event = self.tx, self.account, self.event
        named: list[str] = []
        if event.token:
            found = self.receiver.tokens.conversation_of(account.tenant_id, event.token)
            named += [found] if found else []
        if event.reply_to:
            found = await deliveries.conversation_of(tx, account.id, event.reply_to[:50])
            named += [found] if found else []
            if not event.public:
                named += await self._of_received(received.c.provider_id.in_(event.reply_to[:50]))
        if event.thread:
            named += await self._of_received(received.c.thread == event.thread)
        for one in named:
            known = await queries.conversation(tx, one)
            if known is not None and known.firm_id == account.firm_id and goes_on(known, tx.now, answered=True):
                return known
        return None

    async def _of_received(self, where: sa.ColumnElement[bool]) -> list[str]:
        query = sa.select(received.c.conversation_id).where(_of(self.tx, self.account.id, where))
        query = query.where(received.c.conversation_id.is_not(None)).order_by(received.c.at.desc()).limit(1)
        found: str | None = await self.tx.scalar(query)
        return [found] if found else []

    async def _present(self, customer_id: str) -> Conversation | None:
        """The matter he is in: what he last wrote or was written in, unless it is over. A provider's thread is a matter of
        its own."""
        if self.event.thread or customers.is_new(self.tx, customer_id):
            return None
        latest = await queries.latest_of_customer(self.tx, customer_id, self.account.firm_id)
        return latest if latest is not None and goes_on(latest, self.tx.now, answered=False) else None

    async def _language(self, customer: Customer) -> str:
        known = self.event.language or self.event.sender.language or customer.language
        if known:
            return known[:2].lower()
        try:
            entry = await self.receiver.handler.entry(
                self.tx, channel=self.account.channel, address=self.account.address, firm_id=self.account.firm_id,
                at=Millis(self.tx.now),
            )  # fmt: skip
        except NotFound:
            return "en"
        return entry.language

    async def _keep(self, conversation: Conversation, customer: Customer | None) -> Message:
        event, sender = self.event, self.event.sender
        attached, inline, others = await self._files(conversation)
        name = sender.name[:MAX_NAME] or (customer.name if customer else "")
        message = await add_message(
            self.tx,
            conversation.id,
            direction="in",
            author=Author("customer", conversation.customer_id, name),
            text=event.text.replace("\x00", "").strip()[:MAX_TEXT],
            attachment_ids=attached,
            channel=self.account.channel,
            content=content.of_incoming(event, self.account.id, others, inline),
        )
        for index, each in enumerate(others):
            if each["state"] == content.COMING:
                await fetching.plan(self.tx, self.account.id, message.id, index)
        return message

    async def _files(self, conversation: Conversation) -> tuple[list[str], dict[str, str], list[dict[str, Any]]]:
        """Ids of those kept, pictures inside the HTML by content id, and what is to come or refused."""
        attached: list[str] = []
        inline: dict[str, str] = {}
        others: list[dict[str, Any]] = []
        given = list(self.event.files)
        text = self.event.text.replace("\x00", "").strip()
        if len(text) > MAX_TEXT:
            whole = text.encode("utf-8", "replace")
            if len(whole) <= MAX_BYTES:
                attached.append(await self._put(conversation, "message.txt", "text/plain", whole))
        for file in given:
            if file.body is None:
                others.append(content.file_to_come(file))
                continue
            try:
                name, kind = check_file(file.name, file.body)
            except Refusal as refusal:
                others.append(content.file_refused(file.name, len(file.body), refusal.code))
                continue
            if len(attached) >= MAX_ATTACHMENTS:
                others.append(content.file_refused(file.name, len(file.body), "too-many-files"))
                continue
            file_id = await self._put(conversation, name, kind, file.body)
            attached.append(file_id)
            if file.inline_id:
                inline[file.inline_id[:200]] = file_id
        return attached, inline, others

    async def _put(self, conversation: Conversation, name: str, kind: str, body: bytes) -> str:
        return await self.receiver.files.put(
            self.tx, self.account.tenant_id, conversation.firm_id, UPLOAD, conversation.customer_id, name, kind, body
        )

    async def _obey(self, asked: words.Asked, conversation: Conversation, message: Message, *, fresh: bool) -> None:
        """He asked for silence, or took it back: noted with its proof, answered once, routed to nobody."""
        tx, sender = self.tx, self.event.sender
        language = asked.language or conversation.language
        where = {"firm_id": conversation.firm_id, "kind": sender.kind, "value": sender.value}
        if asked.wish == "out":
            changed = await consent.opt_out(
                tx, **where, customer_id=conversation.customer_id, channel=self.account.channel, word=asked.word,
                message_id=message.id,
            )  # fmt: skip
        else:
            changed = asked.wish == "help" or await consent.opt_in(tx, **where)
        if changed:
            code = words.CODES[asked.wish]
            await tell_customer(tx, conversation.id, words.answer(code, language), {"code": code}, key=message.id)
        if fresh:
            await conversations.close(tx, conversation.id, by="system")

    async def _ask(self, conversation: Conversation, message: Message) -> None:
        account, event = self.account, self.event
        attributes = {**event.attributes, "account": account.key, "verified": event.sender.verified}
        if event.subject:
            attributes["subject"] = event.subject
        if event.button:
            attributes["button"] = event.button
        contact = Contact(
            tenant_id=account.tenant_id,
            workspace_id=account.workspace_id,
            channel=account.channel,
            address=account.address,
            customer_id=conversation.customer_id,
            conversation_id=conversation.id,
            at=Millis(self.tx.now),
            key=message.id,
            firm_id=account.firm_id,
            language=event.language,
            attributes=attributes,
        )
        try:
            await self.receiver.handler.new_contact(self.tx, contact)
        except NotFound as refusal:
            if refusal.code != NO_ENTRY_POINT:
                raise
            if conversation.assigned_user_id is not None and conversation.live:
                return  # It came to an address nobody answers, into a conversation that somebody has: he reads it.
            await conversations.set_not_served(self.tx, conversation.id, NO_ENTRY_POINT)


def usable(account: Account, sender: Sender) -> Sender:
    """The sender with an address that can be kept: one that is none of its kind is an external one of this channel, and proves
    nothing."""
    try:
        return replace(sender, value=normal(sender.kind, sender.value))
    except InvalidAddress:
        value = f"{account.channel}:{sender.value or sender.address or 'unknown'}"[:320].replace("\x00", "")
        return replace(sender, kind=EXTERNAL, value=value, verified=sender.verified and bool(sender.value))


def _of(tx: Tx, account_id: str, where: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.and_(received.c.tenant_id == tx.tenant_id, received.c.account_id == account_id, where)
