"""By which ways a conversation can go on, and whether a letter may go by one: `conversations.letters.Letters` of this product.

A way is an account of the conversation's firm and an address of its customer that the account reaches. What it cannot carry
is refused before anything is kept, with the limit in the refusal, so that nothing an agent wrote is cut or lost on its way.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from parlons.channels.accounts import Accounts, UnknownAccount
from parlons.channels.email import rich
from parlons.channels.model import Account, Capabilities, Template
from parlons.channels.outgoing import known_addresses, silent, window_of
from parlons.channels.plugin import AnswersPrivately, Channel, HasTemplates, NotSent, ShowsTyping, capabilities_at
from parlons.channels.store import received
from parlons.channels.webchat.channel import CAPABILITIES as WEBCHAT_CAPABILITIES
from parlons.channels.webchat.model import CHANNEL as WEBCHAT
from parlons.conversations import commands as conversations
from parlons.conversations import deliveries, queries
from parlons.conversations.letters import Letter, Prepared
from parlons.conversations.model import VOICE, Conversation, Leg, Way
from parlons.customers import consent
from parlons.customers import queries as customers
from parlons.customers.model import EMAIL, InvalidAddress, normal
from parlons.kit.clock import Millis, to_iso
from parlons.kit.errors import Conflict, Invalid, TooLarge, Unavailable
from parlons.runtime.db import Database, Tx
from parlons.runtime.log import log
from parlons.runtime.schema import files

TEMPLATES_MS = 10 * 60_000
TYPING_EVERY_MS = 3_000
Json = dict[str, Any]


class NotThisWay(Invalid):
    """The customer cannot be reached this way."""

    code = "not-this-way"


class ChannelCannot(Invalid):
    """This channel cannot carry that."""

    code = "channel-cannot"


class TextTooLongForChannel(TooLarge):
    """This text is longer than the channel takes; send it in parts."""

    code = "text-too-long-for-channel"


class WindowClosed(Conflict):
    """The customer wrote too long ago for free text on this channel; choose a template, or another channel."""

    code = "reply-window-closed"


class TemplatesAway(Unavailable):
    """The provider does not tell its templates now; try again."""

    code = "templates-away"


class OptedOut(Conflict):
    """The customer asked for no more messages at this address."""

    code = "opted-out"


class AnsweredInPrivate(Conflict):
    """What was said there in public has its one private answer; the customer has to write before the next."""

    code = "answered-in-private"


@dataclass(frozen=True, slots=True)
class Reach:
    """One way, as far as it is known."""

    way: Way
    account: Account | None
    capabilities: Capabilities
    open_until: int | None = None
    """Milliseconds; None: always, 0: closed."""
    refusal: str | None = None


@dataclass(slots=True)
class Ways:
    """Implements `Letters`."""

    db: Database
    channels: dict[str, Channel]
    accounts: Accounts
    _typed: dict[str, int] = field(default_factory=dict)
    _known: dict[tuple[str, int], tuple[int, Sequence[Template]]] = field(default_factory=dict)
    """Templates by account and its version, with the time they were asked for."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def of(self, tx: Tx, conversation: Conversation) -> list[Reach]:
        """Every way of a conversation, the present one first, then by channel."""
        legs = await queries.legs_of(tx, conversation.id)
        found: dict[tuple[str, str | None, str | None], Reach] = {}
        for leg in reversed(legs):
            if leg.channel == WEBCHAT:
                found.setdefault(
                    (WEBCHAT, None, None), Reach(Way(WEBCHAT, None, leg.address), None, WEBCHAT_CAPABILITIES)
                )
        known = await known_addresses(tx, conversation.customer_id)
        for account in await self.accounts.of_tenant(conversation_tenant(tx), conversation.firm_id):
            for address in await self._addresses(tx, conversation, account, known, legs):
                reach = await self._reach(tx, conversation, account, address)
                if reach is not None:
                    found[reach.way.channel, account.id, address] = reach
        present = await conversations.present_way(tx, conversation)
        key = (present.channel, present.account_id, present.address if present.account_id else None)
        first = [found.pop(key)] if key in found else []
        return [*first, *found.values()]

    async def to_customer(self, tx: Tx, customer_id: str, firm_id: str) -> list[Reach]:
        """By which ways somebody may write to this customer first; the channel he prefers comes first."""
        found = []
        customer = await customers.customer(tx, customer_id)
        wish = customer.preferred_channel if customer is not None else None
        known = await known_addresses(tx, customer_id)
        for account in await self.accounts.of_tenant(conversation_tenant(tx), firm_id):
            channel = self.channels[account.channel]
            able = channel.capabilities(account)
            reached = {channel.reach(account, kind, value): (kind, value) for kind, value in reversed(known)}
            for address, (kind, value) in reversed(reached.items()):
                if address is None or not (able.sends and able.starts):
                    continue
                out = await consent.opted_out(tx, firm_id=firm_id, kind=kind, value=value)
                until = window_of(able.reply_window, None)
                way = Way(account.channel, account.id, address)
                found.append(Reach(way, account, able, until, "opted-out" if out else None))
        return sorted(found, key=lambda one: one.way.channel != wish)

    async def prepare(self, tx: Tx, conversation: Conversation, letter: Letter) -> Prepared:
        """The way of a letter; the conversation goes on by it."""
        reach = await self._chosen(tx, conversation, letter)
        follow = conversations.write_beside if conversation.channel == VOICE else conversations.go_on
        if reach is None or reach.account is None:
            _check_plain(letter)
            if letter.channel == WEBCHAT and reach is not None and conversation.channel != WEBCHAT:
                await follow(tx, conversation.id, reach.way)
            return Prepared(reach.way.channel if reach else None)
        if reach.refusal is not None:
            raise OptedOut if reach.refusal == "opted-out" else AnsweredInPrivate
        content = await self._content(tx, conversation, reach, letter)
        text = await self._template_text(reach, letter)
        if letter.html and reach.capabilities.rich:
            page = rich.written(letter.html, letter.attachment_ids)
            text = page.text
            content |= {"html": page.html} | ({"inline": page.inline} if page.inline else {})
        await follow(tx, conversation.id, reach.way)
        return Prepared(reach.way.channel, text, content)

    async def moved(self, tx: Tx, message_ids: Sequence[str], *, from_id: str, into_id: str) -> None:
        """What the provider calls these messages names the other conversation from now on."""
        mine = (received.c.tenant_id == tx.tenant_id, received.c.conversation_id == from_id)
        moving = received.update().where(*mine, received.c.message_id.in_(list(message_ids)))
        await tx.execute(moving.values(conversation_id=into_id))

    def typing(self, conversation: Conversation) -> None:
        """Shown to the customer at most every few seconds; a failure is forgotten."""
        channel: object = self.channels.get(conversation.channel)
        now = self.db.clock()
        if conversation.account_id is None or not isinstance(channel, ShowsTyping):
            return
        if now - self._typed.get(conversation.id, 0) < TYPING_EVERY_MS:
            return
        if len(self._typed) > 10_000:
            self._typed.clear()
        self._typed[conversation.id] = now
        task = asyncio.get_running_loop().create_task(self._show_typing(channel, conversation))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def templates(self, account_id: str, tenant_id: str) -> Sequence[Template]:
        """The approved texts of an account, asked anew; raises UnknownAccount and TemplatesAway."""
        account = await self._account(account_id, tenant_id)
        channel: object = self.channels[account.channel]
        if not isinstance(channel, HasTemplates):
            return ()
        try:
            found = await channel.templates(account)
        except NotSent as error:
            raise TemplatesAway(reason=error.code) from None
        if len(self._known) > 1_000:
            self._known.clear()
        self._known[account.id, account.version] = (self.db.clock(), found)
        return found

    async def _templates(self, account: Account) -> Sequence[Template]:
        """Those an agent has just chosen from: the provider is not asked while a transaction is open, unless he must be."""
        at, found = self._known.get((account.id, account.version), (0, ()))
        if at and self.db.clock() - at < TEMPLATES_MS:
            return found
        return await self.templates(account.id, account.tenant_id)

    async def _account(self, account_id: str, tenant_id: str) -> Account:
        account = await self.accounts.by_id(account_id)
        if account is None or account.tenant_id != tenant_id:
            raise UnknownAccount
        return account

    async def _show_typing(self, channel: ShowsTyping, conversation: Conversation) -> None:
        try:
            account = await self.accounts.by_id(conversation.account_id or "")
            async with self.db.transaction(account.tenant_id if account else "-") as tx:
                way = await conversations.present_way(tx, conversation)
            if account is not None and way.address is not None:
                async with asyncio.timeout(5):
                    await channel.show_typing(account, way.address)
        except Exception as error:
            log.info("channel.typing_not_shown", channel=conversation.channel, error=type(error).__name__)

    async def _addresses(
        self, tx: Tx, conversation: Conversation, account: Account, known: list[tuple[str, str]], legs: list[Leg]
    ) -> list[str]:
        """How this account writes to the customer: where he wrote from, whatever else of his it reaches, and in private what he
        last said in public."""
        channel = self.channels[account.channel]
        came = [leg.address for leg in reversed(legs) if leg.account_id == account.id and leg.address]
        his = [channel.reach(account, kind, value) for kind, value in known]
        if came and isinstance(channel, AnswersPrivately):
            last = await queries.last_by_account(tx, conversation.id, account.id)
            private = channel.private_to(account, (last.content or {}).get("data", {})) if last else None
            came = [*(one for one in came if not channel.is_private(one)), *([private] if private else [])]
        return list(dict.fromkeys([*came, *(one for one in his if one)]))

    async def _reach(self, tx: Tx, conversation: Conversation, account: Account, address: str) -> Reach | None:
        channel = self.channels[account.channel]
        capabilities = capabilities_at(channel, account, address)
        # Where he wrote in another matter he can be answered in this one: providers know people, not our conversations. What was
        # said in public is answered there only.
        here = conversation.id if capabilities.once else None
        last = await queries.last_of_customer_by_account(tx, conversation.customer_id, account.id, conversation_id=here)
        if not capabilities.sends or (last is None and not capabilities.starts and not capabilities.templates):
            return None
        refusal = "opted-out" if await silent(tx, channel, account, conversation, address) else None
        if capabilities.once and await deliveries.went_to(tx, account.id, address):
            refusal = "answered-in-private"
        until = window_of(capabilities.reply_window, last.at if last else None)
        return Reach(Way(account.channel, account.id, address), account, capabilities, until, refusal)

    async def _chosen(self, tx: Tx, conversation: Conversation, letter: Letter) -> Reach | None:
        if letter.channel is None and conversation.account_id is None:
            return None
        ways = await self.of(tx, conversation)
        if letter.channel is None:
            present = await conversations.present_way(tx, conversation)
            found = [one for one in ways if one.way == present]
        elif letter.account_id is None:
            found = [one for one in ways if one.way.channel == letter.channel and one.account is None]
        else:
            found = [
                one
                for one in ways
                if one.way.account_id == letter.account_id and (letter.to is None or one.way.address == letter.to)
            ]
        if not found:
            raise NotThisWay
        return found[0]

    async def _content(self, tx: Tx, conversation: Conversation, reach: Reach, letter: Letter) -> Json:
        able, account = reach.capabilities, reach.account
        assert account is not None
        if letter.template is None and reach.open_until is not None and reach.open_until <= tx.now:
            raise WindowClosed
        if letter.template is not None and not able.templates:
            raise ChannelCannot(what="template")
        if able.text is not None and len(letter.text) > able.text:
            raise TextTooLongForChannel(limit=able.text, length=len(letter.text))
        if letter.subject and not able.subject:
            raise ChannelCannot(what="subject")
        if (letter.cc or letter.bcc) and not able.copies:
            raise ChannelCannot(what="copies")
        await _check_files(tx, able, letter.attachment_ids)
        subject = letter.subject if letter.subject is not None else conversation.subject
        content: Json = {
            "account_id": account.id,
            "to": reach.way.address,
            "subject": subject.strip()[:500] if able.subject else "",
            "cc": _mail_addresses(letter.cc),
            "bcc": _mail_addresses(letter.bcc),
            "template": letter.template,
            "public": able.public,
        }
        return {name: value for name, value in content.items() if value}

    async def _template_text(self, reach: Reach, letter: Letter) -> str | None:
        """The words of a template with its values, for the timeline."""
        if letter.template is None or reach.account is None:
            return None
        for one in await self._templates(reach.account):
            if (one.name, one.language) == (letter.template["name"], letter.template["language"]):
                return _filled(one, letter.template["values"])
        raise ChannelCannot("There is no such template.", what="template")


def _filled(template: Template, values: Sequence[str]) -> str:
    if len(values) != template.values or not all(value.strip() for value in values):
        raise ChannelCannot("This template takes other values.", what="template", values=template.values)
    text = template.text
    for number, value in enumerate(values, 1):
        text = text.replace(f"{{{{{number}}}}}", value)
    return text


def _check_plain(letter: Letter) -> None:
    """Those who watch a page are sent text and files."""
    for what in ("subject", "cc", "bcc", "template"):
        if getattr(letter, what):
            raise ChannelCannot(what=what)


async def _check_files(tx: Tx, able: Capabilities, file_ids: Sequence[str]) -> None:
    if not file_ids:
        return
    if len(file_ids) > able.files or not able.media:
        raise ChannelCannot(
            "This channel takes fewer files, or none.", what="files", limit=able.files if able.media else 0
        )
    query = sa.select(files.c.size, files.c.content_type).where(files.c.tenant_id == tx.tenant_id)
    for row in await tx.fetch_all(query.where(files.c.id.in_(list(file_ids)))):
        if not takes(able, row["content_type"]):
            raise ChannelCannot("This channel does not take this kind of file.", what="file-type")
        if row["size"] > able.media_bytes:
            raise TextTooLongForChannel("This file is larger than the channel takes.", limit=able.media_bytes)


def takes(able: Capabilities, content_type: str) -> bool:
    """Whether a channel takes files of this type."""
    group = f"{content_type.partition('/')[0]}/*"
    return bool(able.media & {"*/*", group, content_type})


def _mail_addresses(given: Sequence[str]) -> list[str]:
    try:
        return list(dict.fromkeys(normal(EMAIL, one) for one in given))
    except InvalidAddress as refusal:
        raise ChannelCannot(refusal.message, what="copies") from None


def conversation_tenant(tx: Tx) -> str:
    """The tenant of this transaction."""
    assert tx.tenant_id is not None
    return tx.tenant_id


def way_json(reach: Reach) -> Json:
    """A way as the desk reads it."""
    return {
        "channel": reach.way.channel,
        "account_id": reach.way.account_id,
        "from": reach.account.address if reach.account else "",
        "to": (reach.way.address or "") if reach.account else "",
        "capabilities": capabilities_json(reach.capabilities),
        "open_until": to_iso(Millis(reach.open_until)) if reach.open_until is not None else None,
        "refusal": reach.refusal,
    }


def capabilities_json(able: Capabilities) -> Json:
    """Capabilities as the desk reads them."""
    window = able.reply_window
    return {
        "text": able.text,
        "segments": able.segments,
        "rich": able.rich,
        "subject": able.subject,
        "copies": able.copies,
        "buttons": able.buttons,
        "media": sorted(able.media),
        "media_bytes": able.media_bytes,
        "files": able.files,
        "typing": able.typing,
        "read": able.read,
        "delivered": able.delivered,
        "reply_window_seconds": int(window.total_seconds()) if window else None,
        "templates": able.templates,
        "starts": able.starts,
        "public": able.public,
        "once": able.once,
        "paid": able.paid,
    }
