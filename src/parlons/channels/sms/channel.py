"""Text messages as a channel: one account is one number, short code or name at one carrier (SMPP) or gateway (HTTP).

A message is `Sent` when every part of it was taken. What surely did not leave is tried again by the engine; once a part was
taken, the rest is tried here for a while, and a text that is only partly out is `Unsure`: sending it all again would double
what arrived. What comes in is answered to the carrier when it is committed, never before.
"""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from pydantic import BaseModel

from parlons.channels.calling import ask, named, no_file
from parlons.channels.model import (
    ALL_MEDIA,
    Account,
    Capabilities,
    Event,
    HookAnswer,
    HookRequest,
    Incoming,
    IncomingFile,
    Outgoing,
    Receipt,
    Sent,
    Unknown,
)
from parlons.channels.plugin import (
    Channel,
    Failed,
    Inbox,
    InvalidAccount,
    NotFromProvider,
    Secret,
    Tools,
    TryLater,
    Unsure,
)
from parlons.channels.sms import forms, gateway, outgoing, receipts, senders, shelf
from parlons.channels.sms import pdu as wire
from parlons.channels.sms.segments import JOINED, Segments, segments
from parlons.channels.sms.session import Bind, BindRefused, Ended, Lost, NotBound, Session, open_session
from parlons.channels.sms.settings import Settings
from parlons.customers.model import EXTERNAL, PHONE
from parlons.kit.errors import Unavailable
from parlons.runtime.log import log
from parlons.runtime.safe_http import AddressInvalid, AddressRefused, AnswerTooLarge, NoAnswer, NoConnection

TICK = 30.0
"""Seconds between two looks for parts that have waited too long."""
PATIENCE = (1.0, 2.0, 4.0, 8.0)
"""Seconds between tries of a part whose sisters are out already."""


def open_channel(tools: Tools) -> Channel:
    """The channel of this process."""
    return Sms(tools)


@dataclass(slots=True)
class _Bound:
    """A living bind, and the deliveries whose answers were lost, by sequence number."""

    session: Session
    lost: dict[int, str] = field(default_factory=dict)


class Sms:
    """See the module."""

    name: ClassVar[str] = "sms"
    settings: ClassVar[type[BaseModel]] = Settings
    secrets: ClassVar[tuple[Secret, ...]] = (Secret("password"), Secret("token", required=False))

    def __init__(self, tools: Tools) -> None:
        self._http, self._clock = tools.http, tools.clock
        self._bound: dict[str, _Bound] = {}
        self._known: dict[str, tuple[str, str]] = {}
        self._reference = secrets.randbelow(256)

    def address(self, text: str) -> str:
        """`+33612345678`, `36180` or `Delmas`."""
        cleaned = senders.cleaned(text)
        try:
            senders.kind_of(cleaned)
        except senders.InvalidSender as refusal:
            raise InvalidAccount(refusal.message, field="address") from None
        return cleaned

    def capabilities(self, account: Account) -> Capabilities:
        """Text, counted in segments; files where the gateway carries them."""
        settings: Settings = account.settings
        most = settings.most_parts * JOINED["gsm7"]
        plain = Capabilities(text=most, segments=True, delivered=settings.receipts, paid=True)
        if not settings.media:
            return plain
        return replace(plain, media=ALL_MEDIA, media_bytes=forms.FILE_BYTES, files=forms.FILES)

    def reach(self, account: Account, kind: str, value: str) -> str | None:
        """Numbers, and short codes that wrote to us."""
        if kind == PHONE:
            return value
        code = value.removeprefix("sms:")
        return code if kind == EXTERNAL and value.startswith("sms:") and code.isdecimal() else None

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """One text, in as many parts as it takes."""
        settings: Settings = account.settings
        made = segments(message.text, simplify=settings.plain_marks)
        if len(made.parts) > settings.most_parts:
            raise Failed("text-too-long", f"{len(made.parts)} parts of {settings.most_parts}")
        if settings.transport == "form":
            headers, body = forms.call(account, message, made.text)
            await self._call(account, headers, body)
            return Sent((gateway.own_id(message.key),), parts=len(made.parts))
        if settings.transport == "http":
            await self._by_gateway(account, made, message)
            return Sent((gateway.own_id(message.key),), parts=len(made.parts))
        bound = self._bound.get(account.id)
        if bound is None or not bound.session.bound:
            raise TryLater("provider-unreachable")
        self._reference += 1
        source = settings.sender or account.address
        packets = outgoing.packets(made, source, message.to, self._reference, settings)
        ids = []
        for number, packet in enumerate(packets, 1):
            last = number == len(packets)
            ids.append(await _one(bound, packet, message.key if last else None, begun=number > 1))
        known = tuple(receipts.known_id(each, settings.answer_ids) for each in ids if each)
        return Sent(known, parts=len(made.parts))

    async def run(self, account: Account, inbox: Inbox) -> None:
        """Keep the bind; a gateway calls us and needs none."""
        self._known[account.id] = (account.tenant_id, account.address)
        if account.settings.transport != "smpp":
            inbox.connected()
            await asyncio.get_running_loop().create_future()
        try:
            session = await open_session(_bind(account))
        except (OSError, TimeoutError, Lost):
            inbox.connected(problem="provider-unreachable")
            raise
        except BindRefused as refused:
            inbox.connected(problem="token-refused" if refused.status in (0x0D, 0x0E, 0x0F) else "refused-by-provider")
            raise
        bound = self._bound[account.id] = _Bound(session)
        inbox.connected()
        try:
            await self._receive(account, inbox, bound)
        finally:
            del self._bound[account.id]
            await session.close()

    def verify(self, account: Account, request: HookRequest) -> None:
        """Only gateways call, with the account's token."""
        if account.settings.transport == "smpp":
            raise NotFromProvider
        gateway.verify(account, request)

    def answer(self, account: Account, request: HookRequest) -> HookAnswer | None:
        """There are no calls but messages and receipts."""
        return None

    def parse(self, account: Account, request: HookRequest) -> Sequence[Event]:
        """A message or a receipt."""
        return (
            forms.parse(account, request) if account.settings.transport == "form" else gateway.parse(account, request)
        )

    def accepted(self, account: Account, request: HookRequest) -> HookAnswer:
        """Nothing: a gateway may send what it is answered to the customer."""
        return HookAnswer()

    async def fetch(self, account: Account, file: IncomingFile) -> IncomingFile:
        """A file of an MMS, from the address that came with it."""
        url = str(file.ref)
        headers = forms.headers_for(account, url)
        answer = await ask(self._http, "GET", url, no_file, headers=headers, largest=2 * forms.FILE_BYTES)
        kind = answer.headers.get("content-type", "").partition(";")[0].strip() or file.content_type
        return replace(file, body=answer.content, content_type=kind, name=named(file.name, kind))

    async def _by_gateway(self, account: Account, made: Segments, message: Outgoing) -> None:
        await self._call(account, *gateway.call(account, made, message.to, message.key))

    async def _call(self, account: Account, headers: dict[str, str], body: bytes) -> None:
        try:
            url = account.settings.url
            gateway.taken(await self._http.request("POST", url, headers=headers, body=body, timeout_seconds=20.0))
        except NoConnection as refusal:
            raise TryLater("provider-unreachable") from refusal
        except (AddressInvalid, AddressRefused) as refusal:
            raise Failed(refusal.code) from refusal
        except (NoAnswer, AnswerTooLarge) as refusal:
            raise Unsure("provider-silent") from refusal

    async def _receive(self, account: Account, inbox: Inbox, bound: _Bound) -> None:
        kept = shelf.Shelf.read(await inbox.position(), self._clock())
        while True:
            if kept.full(self._clock()):
                kept = kept.renewed(self._clock())
                await inbox.take((), position=kept.written())
            try:
                arrived = await bound.session.arrived(TICK)
            except Ended:
                inbox.connected(problem="provider-unreachable")
                raise
            after, events = self._read(account, kept, arrived, bound)
            requests = [pdu for pdu in arrived if not pdu.command & wire.RESPONSE]
            try:
                if after is not kept or events:
                    await inbox.take(events, position=None if after is kept else after.written())
            except Unavailable as refusal:
                log.warning("sms.not_taken", code=refusal.code, many=len(requests))
                for pdu in requests:
                    bound.session.answer(pdu, wire.TRY_AGAIN)
                continue
            kept = after
            for pdu in requests:
                bound.session.answer(pdu)

    def _read(
        self, account: Account, kept: shelf.Shelf, arrived: list[wire.Pdu], bound: _Bound
    ) -> tuple[shelf.Shelf, list[Event]]:
        now, events = self._clock(), list[Event]()
        for pdu in arrived:
            if pdu.command & wire.RESPONSE:
                key = bound.lost.pop(pdu.sequence, None)
                if key is not None and pdu.status == wire.OK:
                    events.append(Receipt(key.partition("-")[0], "sent"))
                continue
            try:
                kept, found = shelf.arrive(kept, wire.message_of(pdu), account.settings, now)
            except wire.BrokenPdu as broken:
                log.warning("sms.broken_message", why=str(broken))
                found = [Unknown(f"broken.{now}.{pdu.sequence}", "broken-message")]
            events += found
        kept, late = shelf.overdue(kept, account.settings, now)
        return kept, [self._addressed(account, event) for event in events + late]

    def _addressed(self, account: Account, event: Event) -> Event:
        """A carrier may hand in by one bind what was written to another of our numbers. To a number that is nobody's here (a
        carrier's own spelling of it) it is written to this one."""
        mine = isinstance(event, Incoming) and (account.tenant_id, event.to) in self._known.values()
        return replace(event, to=None) if isinstance(event, Incoming) and not mine else event


async def _one(bound: _Bound, packet: wire.ShortMessage, key: str | None, *, begun: bool) -> str:
    """The carrier's id of one part. `begun`: parts before it are out; `key`: of the delivery, when it is the last one."""
    for pause in (*PATIENCE, None):
        try:
            answer = await bound.session.submit(packet)
        except NotBound:
            raise Unsure("partly-sent") if begun else TryLater("provider-unreachable") from None
        except Lost as lost:
            if key is not None:
                bound.lost[lost.sequence] = key
            raise Unsure("provider-silent") from None
        verdict, code = outgoing.verdict(answer.status)
        if verdict == "taken":
            return wire.message_id(answer)
        if verdict == "never":
            raise Failed("partly-sent" if begun else code, f"status 0x{answer.status:02x}")
        if not begun:
            raise TryLater(code, f"status 0x{answer.status:02x}")
        if pause is not None:
            await asyncio.sleep(pause)
    raise Unsure("partly-sent")


def _bind(account: Account) -> Bind:
    settings: Settings = account.settings
    return Bind(
        settings.host,
        settings.port,
        settings.system_id,
        account.secrets.get("password", ""),
        settings.system_type,
        settings.tls,
        settings.window,
        settings.enquire_seconds,
    )
